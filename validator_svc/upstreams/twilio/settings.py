"""The settings of the account at Twilio."""

from decimal import Decimal

from pydantic import Field, SecretStr

from validator_svc.upstreams.account_settings import AccountSettings


class Settings(AccountSettings, supplier="twilio"):
    """The account's, or an API key's, SID and secret."""

    url: str = Field("https://lookups.twilio.com", description="base URL of its API")
    sid: str = Field("", description="SID of the account, or of its API key")
    secret: SecretStr | None = Field(
        None, description="auth token of the account, or secret of its API key; unset: not asked"
    )
    price: Decimal = Field(Decimal("0.008"), ge=0, description="USD that it charges for a number")
    price_line_status: Decimal | None = Field(
        None,
        ge=0,
        description="USD that it charges for `line_status`, for approved accounts; unset: not asked for, and"
        " `reachable` not told",
    )
