"""The settings of the account at Telnyx."""

from decimal import Decimal

from pydantic import Field, SecretStr

from validator_svc.upstreams.account_settings import AccountSettings


class Settings(AccountSettings, supplier="telnyx"):
    """A bearer key."""

    url: str = Field("https://api.telnyx.com", description="base URL of its API")
    key: SecretStr | None = Field(None, description="key of the account; unset: not asked")
    price: Decimal = Field(Decimal("0.0025"), ge=0, description="USD that it charges for a number")
