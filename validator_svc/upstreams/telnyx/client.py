"""A client of Telnyx number lookup: one number a request, with a bearer key."""

from contextlib import AbstractAsyncContextManager

from validator_svc.config import Settings, variable
from validator_svc.upstreams.one_number import Account, opened
from validator_svc.upstreams.protocol import Limits, Upstream
from validator_svc.upstreams.telnyx.mapping import NAME, reader


def connected(settings: Settings) -> AbstractAsyncContextManager[Upstream]:
    """The account of the settings, whose key is set."""
    assert settings.telnyx_key is not None
    account = Account(
        name=NAME,
        key_setting=variable("telnyx_key"),
        headers={"Authorization": f"Bearer {settings.telnyx_key.get_secret_value()}"},
        limits=Limits(1, settings.telnyx_rate, settings.telnyx_concurrency, settings.telnyx_probe),
        timeout_s=settings.telnyx_timeout,
        price=settings.telnyx_price,
    )
    base = settings.telnyx_url.rstrip("/")
    return opened(
        account, lambda digits: f"{base}/v2/number_lookup/%2B{digits}?type=carrier", reader(account.price)
    )
