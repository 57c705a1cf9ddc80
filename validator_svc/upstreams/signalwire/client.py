"""A client of SignalWire phone number lookup: one number a request, with a project's id and token."""

from contextlib import AbstractAsyncContextManager

from aiohttp import encode_basic_auth

from validator_svc.numbering.facts import RequestType
from validator_svc.upstreams.one_number import Account, opened
from validator_svc.upstreams.protocol import Upstream
from validator_svc.upstreams.signalwire.mapping import NAME, TELLS, reader
from validator_svc.upstreams.signalwire.settings import Settings


def connected(settings: Settings) -> AbstractAsyncContextManager[Upstream]:
    """The account of the settings, whose token is set."""
    assert settings.token is not None
    account = Account(
        name=NAME,
        headers={"Authorization": encode_basic_auth(settings.project, settings.token.get_secret_value())},
        limits=settings.limits(1),
        timeout_s=settings.timeout,
        prices={"analysis": settings.price, "validation": settings.price},
        tells={"analysis": TELLS, "validation": TELLS},
    )

    def url_of(request_type: RequestType, digits: str) -> str:
        return f"{settings.base}/api/relay/rest/lookup/phone_number/%2B{digits}?include=carrier"

    return opened(account, url_of, reader(settings.price))
