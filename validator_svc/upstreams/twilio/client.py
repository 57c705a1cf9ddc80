"""A client of Twilio Lookup v2: one number a request, with an account's or an API key's SID and secret."""

from contextlib import AbstractAsyncContextManager

from aiohttp import encode_basic_auth

from validator_svc.numbering.facts import RequestType
from validator_svc.upstreams.one_number import Account, opened
from validator_svc.upstreams.protocol import Upstream
from validator_svc.upstreams.twilio.mapping import LINE_STATUS, LINE_TYPE, NAME, TELLS, reader
from validator_svc.upstreams.twilio.settings import Settings


def connected(settings: Settings) -> AbstractAsyncContextManager[Upstream]:
    """The account of the settings, whose secret is set."""
    assert settings.secret is not None
    price, price_line_status = settings.price, settings.price_line_status
    account = Account(
        name=NAME,
        headers={"Authorization": encode_basic_auth(settings.sid, settings.secret.get_secret_value())},
        limits=settings.limits(1),
        timeout_s=settings.timeout,
        prices={"analysis": price, "validation": price + (price_line_status or 0)},
        tells={
            "analysis": TELLS,
            "validation": TELLS if price_line_status is None else TELLS | {"reachable"},
        },
    )
    # Whether the number can be reached now is a validation's business only.
    of_validation = LINE_TYPE if price_line_status is None else f"{LINE_TYPE},{LINE_STATUS}"
    fields = {"analysis": LINE_TYPE, "validation": of_validation}

    def url_of(request_type: RequestType, digits: str) -> str:
        return f"{settings.base}/v2/PhoneNumbers/%2B{digits}?Fields={fields[request_type]}"

    return opened(account, url_of, reader(price, price_line_status))
