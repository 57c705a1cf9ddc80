"""Wavix, placing a call: `POST /v1/calls`, after the public reference of the Wavix API."""

from pydantic import Field

from validator_svc.screening.system import System
from validator_svc.screening.values import Caller, CallRequest, Destination, Flag, Seconds, Text, Url
from validator_svc.screening.wavix import refusal


class WavixCall(CallRequest):
    """`from` is an active or verified number of the account."""

    from_: Caller = Field(alias="from")
    to: Destination
    callback_url: Url | None = None
    recording: Flag | None = None
    voicemail_detection: Flag | None = None
    tag: Text | None = None
    timeout: Seconds | None = None


SYSTEM = System("wavix-call", WavixCall, paths=r"v1/calls", refusal=refusal)
