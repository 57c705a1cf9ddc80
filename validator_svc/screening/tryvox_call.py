"""TryVox, placing a call: `POST /v1/voice/accounts/{auth_id}/calls`, after the reference of its Voice API."""

from typing import Annotated, Literal

from pydantic import Field

from validator_svc.screening.system import System
from validator_svc.screening.values import Caller, CallRequest, Destination, PublicUrl, Seconds, Url

Method = Annotated[Literal["GET", "POST"], Field(description="GET or POST")]
Detection = Annotated[Literal["Enable", "Disable"], Field(description="Enable or Disable")]


class TryVoxCall(CallRequest):
    """`from` is owned by the account."""

    from_: Caller = Field(alias="from")
    to: Destination
    answer_url: PublicUrl
    answer_method: Method | None = None
    ring_url: Url | None = None
    hangup_url: Url | None = None
    fallback_url: Url | None = None
    ring_timeout: Seconds | None = None
    time_limit: Seconds | None = None
    machine_detection: Detection | None = None


SYSTEM = System("tryvox-call", TryVoxCall, paths=r"v1/voice/accounts/[\w-]{1,64}/calls", credentials="basic")
