"""The settings of the project at SignalWire."""

from decimal import Decimal

from pydantic import Field, SecretStr

from validator_svc.upstreams.account_settings import AccountSettings


class Settings(AccountSettings, supplier="signalwire"):
    """A project's id and token."""

    url: str = Field(
        "https://example.signalwire.com",
        description="base URL of its API; the first part is your space's name",
    )
    project: str = Field("", description="id of the project")
    token: SecretStr | None = Field(None, description="API token of the project; unset: not asked")
    price: Decimal = Field(Decimal("0.0025"), ge=0, description="USD that it charges for a number")
