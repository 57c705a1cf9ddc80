"""SignalWire, placing a call: `POST /Accounts/{AccountSid}/Calls`, a form. Twilio's is alike.

After the reference of SignalWire's Compatibility API, "Create a Call".
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from validator_svc.screening.finding import Finding, error
from validator_svc.screening.system import Body, Refusal, System
from validator_svc.screening.traits import Origin
from validator_svc.screening.values import (
    Caller,
    CallerOrSip,
    CallRequest,
    DestinationOrSip,
    Named,
    Text,
    Url,
    between,
)

Method = Annotated[Literal["GET", "POST"], Field(description="GET or POST")]
Flag = Annotated[Literal["true", "false"], Field(description="true or false")]
Detection = Annotated[
    Literal["Enable", "DetectMessageEnd", "none"], Field(description="Enable, DetectMessageEnd or none")
]
Channels = Annotated[Literal["mono", "dual"], Field(description="mono or dual")]
Track = Annotated[Literal["inbound", "outbound", "both"], Field(description="inbound, outbound or both")]
Trimming = Annotated[Literal["trim-silence", "do-not-trim"], Field(description="trim-silence or do-not-trim")]
Event = Literal["initiated", "ringing", "answered", "completed"]
Events = Annotated[
    list[Event],
    Field(min_length=1, max_length=20, description="some of initiated, ringing, answered, completed"),
]
Price = Annotated[
    str,
    Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,4})?$", description="USD with at most 4 decimals, such as 0.05"),
]
Digits = Annotated[str, Field(pattern=r"^[0-9#*w]+$", description="digits, #, * and w (half a second)")]
Silence = Annotated[str, AfterValidator(between(2_000, 10_000)), Field(description="2000 to 10000 ms")]
Speech = Annotated[str, AfterValidator(between(1_000, 6_000)), Field(description="1000 to 6000 ms")]
SpeechEnd = Annotated[str, AfterValidator(between(500, 5_000)), Field(description="500 to 5000 ms")]
Words = Annotated[str, AfterValidator(between(1, 100)), Field(description="1 to 100")]
Ringing = Annotated[str, AfterValidator(between(0, 600)), Field(description="0 to 600 seconds")]
Waiting = Annotated[
    str, AfterValidator(between(0, 86_400)), Field(description="a whole number of seconds, 0 to 86400")
]
MORE_INFO = "https://developer.signalwire.com/compatibility-api/rest/create-a-call"


def field_name(name: str) -> str:
    """`from_` as the form has it: `From`."""
    return to_pascal(name.strip("_"))


class SignalWireCall(CallRequest):
    """The fields of the form; all of them are texts."""

    model_config = ConfigDict(alias_generator=field_name)

    from_: CallerOrSip
    to: DestinationOrSip
    caller_id: Caller | None = None
    url: Url | None = None
    application_sid: Named | None = None
    method: Method | None = None
    fallback_url: Url | None = None
    fallback_method: Method | None = None
    status_callback: Url | None = None
    status_callback_method: Method | None = None
    status_callback_event: Events | None = None
    recording_status_callback: Url | None = None
    recording_status_callback_method: Method | None = None
    async_amd: Flag | None = None
    async_amd_partial_results: Flag | None = None
    async_amd_status_callback: Url | None = None
    async_amd_status_callback_method: Method | None = None
    machine_detection: Detection | None = None
    machine_detection_timeout: Waiting | None = None
    machine_detection_silence_timeout: Silence | None = None
    machine_detection_speech_threshold: Speech | None = None
    machine_detection_speech_end_threshold: SpeechEnd | None = None
    machine_words_threshold: Words | None = None
    max_price_per_minute: Price | None = None
    record: Flag | None = None
    recording_channels: Channels | None = None
    recording_track: Track | None = None
    send_digits: Digits | None = None
    timeout: Ringing | None = None
    trim: Trimming | None = None
    sip_auth_username: Text | None = None
    sip_auth_password: Text | None = None


def has_instructions(body: Body, numbers: Mapping[str, Origin]) -> Iterator[Finding]:
    """What is to be done with the call is either at a URL or with an application."""
    if "Url" not in body and "ApplicationSid" not in body:
        yield error("Url", "missing", "expected Url or ApplicationSid, neither was given")


def refusal(findings: list[Finding]) -> Refusal:
    """As SignalWire says no."""
    errors = [{"code": each.code, "message": each.message, "more_info": MORE_INFO} for each in findings]
    return Refusal(400, {"errors": errors})


SYSTEM = System(
    "signalwire-call",
    SignalWireCall,
    paths=r"(?:2010-04-01/)?Accounts/[\w-]{1,64}/Calls(?:\.json)?",
    rules=(has_instructions,),
    is_form=True,
    refusal=refusal,
    credentials="basic",
)
