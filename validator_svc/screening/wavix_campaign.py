"""Wavix, a call of the campaign builder: `POST /v1/voice-campaigns`, after the reference of the Wavix API."""

from typing import Annotated

from pydantic import AfterValidator, Field

from validator_svc.screening.system import System
from validator_svc.screening.values import Caller, CallRequest, Destination
from validator_svc.screening.wavix import refusal


def call_flow(value: int | str) -> int | str:
    """Raise ValueError for what names no call flow."""
    if not str(value).strip() or (isinstance(value, int) and value < 0):
        raise ValueError
    return value


CallFlow = Annotated[int | str, AfterValidator(call_flow), Field(description="the id of a call flow")]


class VoiceCampaign(CallRequest):
    """One call."""

    contact: Destination
    caller_id: Caller
    callflow_id: CallFlow


class WavixCampaign(CallRequest):
    """All of it is within one object."""

    voice_campaign: VoiceCampaign = Field(description="an object with contact, caller_id and callflow_id")


SYSTEM = System(
    "wavix-campaign",
    WavixCampaign,
    paths=r"v1/voice-campaigns?|v1/voice_campaigns?",
    has_plus=False,
    refusal=refusal,
)
