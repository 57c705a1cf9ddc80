"""Creating a VoiceCall record, after the public reference of the API that has it."""

from typing import Annotated, Literal

from pydantic import Field

from validator_svc.screening.system import System
from validator_svc.screening.values import Caller, CallRequest, Destination, Named, Uuid

STATUSES = (
    "INCOMING_CALL, ANSWERED_BY_STAFF, MISSED, ANSWERED_BY_CALLS_PROVIDER, MISSED_CALL_HANDLED"
    " or VOICEMAIL_RECEIVED"
)
Status = Annotated[
    Literal[
        "INCOMING_CALL",
        "ANSWERED_BY_STAFF",
        "MISSED",
        "ANSWERED_BY_CALLS_PROVIDER",
        "MISSED_CALL_HANDLED",
        "VOICEMAIL_RECEIVED",
    ],
    Field(description=STATUSES),
]
Direction = Annotated[Literal["INBOUND", "OUTBOUND"], Field(description="INBOUND or OUTBOUND")]
Provider = Annotated[Literal["VONAGE"], Field(description="VONAGE")]
Price = Annotated[
    str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,12})?$", description='a decimal as a string, "0" when free')
]


class VoiceCall(CallRequest):
    """All of it is required; what is one of several words is case-sensitive."""

    from_number: Caller
    to_number: Destination
    staff_uid: Uuid
    client_uid: Uuid
    business_uid: Uuid
    direction: Direction
    status: Status
    price_rate: Price
    provider: Provider
    source_uid: Named
    external_uid: Named


SYSTEM = System("voicecall", VoiceCall, paths=r"(?:v[0-9]/)?(?:voice-?calls?|VoiceCalls?)")
