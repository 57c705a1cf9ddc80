"""The settings of the account at Wavix."""

from decimal import Decimal

from pydantic import Field, SecretStr

from validator_svc.upstreams.account_settings import AccountSettings


class Settings(AccountSettings, supplier="wavix"):
    """Lists go at once or by jobs."""

    url: str = Field("https://api.wavix.com", description="base URL of its API")
    appid: SecretStr | None = Field(None, description="key of the account; unset: not asked")
    timeout: float = Field(60.0, gt=0, description="seconds that it gets for one answer")
    job_timeout: float = Field(900.0, gt=0, description="seconds that it gets for an asynchronous request")
    sync_max: int = Field(100, ge=0, le=1_000, description="numbers in one synchronous request to it")
    price_analysis: Decimal = Field(
        Decimal("0.005"), ge=0, description="USD that it charges for an analysis, for estimates"
    )
    price_validation: Decimal = Field(
        Decimal("0.01"), ge=0, description="USD that it charges for a validation, for estimates"
    )
