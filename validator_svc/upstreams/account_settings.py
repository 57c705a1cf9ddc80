"""What is set of an account at any supplier; each supplier's own settings are in its folder."""

from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from validator_svc.upstreams.protocol import Limits


class AccountSettings(BaseSettings):
    """Read from variables that begin with the supplier's name: `VALIDATOR_NAME_URL` and so on."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    url: str = Field("", description="base URL of its API")
    rate: float = Field(5.0, gt=0, description="requests a second to it, of all replicas")
    concurrency: int = Field(10, ge=1, description="requests to it at the same time")
    timeout: float = Field(30.0, gt=0, description="seconds that it gets for one answer")
    probe: float = Field(
        60.0, gt=0, description="seconds between attempts while it refuses the key or has no funds"
    )

    def __init_subclass__(cls, supplier: str = "", **more: Any) -> None:
        """`supplier`: its name, in lower case."""
        cls.model_config = cls.model_config | {"env_prefix": f"VALIDATOR_{supplier.upper()}_"}
        super().__init_subclass__(**more)

    @property
    def base(self) -> str:
        """The URL, to which paths are added."""
        return self.url.rstrip("/")

    def limits(self, numbers_per_request: int) -> Limits:
        """How the supplier may be asked."""
        return Limits(numbers_per_request, self.rate, self.concurrency, self.probe)
