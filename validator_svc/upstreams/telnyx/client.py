"""A client of Telnyx number lookup: one number a request, with a bearer key."""

from contextlib import AbstractAsyncContextManager

from validator_svc.numbering.facts import RequestType
from validator_svc.upstreams.one_number import Account, opened
from validator_svc.upstreams.protocol import Upstream
from validator_svc.upstreams.telnyx.mapping import NAME, TELLS, reader
from validator_svc.upstreams.telnyx.settings import Settings


def connected(settings: Settings) -> AbstractAsyncContextManager[Upstream]:
    """The account of the settings, whose key is set."""
    assert settings.key is not None
    account = Account(
        name=NAME,
        headers={"Authorization": f"Bearer {settings.key.get_secret_value()}"},
        limits=settings.limits(1),
        timeout_s=settings.timeout,
        prices={"analysis": settings.price, "validation": settings.price},
        tells={"analysis": TELLS, "validation": TELLS},
    )

    def url_of(request_type: RequestType, digits: str) -> str:
        return f"{settings.base}/v2/number_lookup/%2B{digits}?type=carrier"

    return opened(account, url_of, reader(settings.price))
