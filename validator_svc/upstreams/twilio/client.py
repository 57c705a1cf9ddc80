"""A client of Twilio Lookup v2: one number a request, with an account's or an API key's SID and secret."""

from contextlib import AbstractAsyncContextManager

from aiohttp import encode_basic_auth

from validator_svc.config import Settings, variable
from validator_svc.upstreams.one_number import Account, opened
from validator_svc.upstreams.protocol import Limits, Upstream
from validator_svc.upstreams.twilio.mapping import LINE_TYPE, NAME, reader


def connected(settings: Settings) -> AbstractAsyncContextManager[Upstream]:
    """The account of the settings, whose secret is set."""
    assert settings.twilio_secret is not None
    secret = settings.twilio_secret.get_secret_value()
    account = Account(
        name=NAME,
        key_setting=variable("twilio_secret"),
        headers={"Authorization": encode_basic_auth(settings.twilio_sid, secret)},
        limits=Limits(1, settings.twilio_rate, settings.twilio_concurrency, settings.twilio_probe),
        timeout_s=settings.twilio_timeout,
        price=settings.twilio_price,
    )
    base = f"{settings.twilio_url.rstrip('/')}/v2/PhoneNumbers"
    return opened(
        account,
        lambda digits: f"{base}/%2B{digits}?Fields={LINE_TYPE}",
        reader(account.price),
    )
