"""A client of SignalWire phone number lookup: one number a request, with a project's id and token."""

from contextlib import AbstractAsyncContextManager

from aiohttp import encode_basic_auth

from validator_svc.config import Settings, variable
from validator_svc.upstreams.one_number import Account, opened
from validator_svc.upstreams.protocol import Limits, Upstream
from validator_svc.upstreams.signalwire.mapping import NAME, reader


def connected(settings: Settings) -> AbstractAsyncContextManager[Upstream]:
    """The account of the settings, whose token is set."""
    assert settings.signalwire_token is not None
    token = settings.signalwire_token.get_secret_value()
    account = Account(
        name=NAME,
        key_setting=variable("signalwire_token"),
        headers={"Authorization": encode_basic_auth(settings.signalwire_project, token)},
        limits=Limits(
            1, settings.signalwire_rate, settings.signalwire_concurrency, settings.signalwire_probe
        ),
        timeout_s=settings.signalwire_timeout,
        price=settings.signalwire_price,
    )
    base = f"{settings.signalwire_url.rstrip('/')}/api/relay/rest/lookup/phone_number"
    return opened(account, lambda digits: f"{base}/%2B{digits}?include=carrier", reader(account.price))
