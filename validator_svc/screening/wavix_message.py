"""Wavix, sending a message: `POST /v2/messages`, after the public reference of the Wavix API."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from validator_svc.screening.finding import Finding, error
from validator_svc.screening.system import Body, System
from validator_svc.screening.traits import Origin
from validator_svc.screening.values import CallRequest, Destination, PublicUrl, Seconds, Sender, Text, Url
from validator_svc.screening.wavix import refusal

MMS_COUNTRIES = ("US", "CA")
Media = Annotated[
    list[PublicUrl], Field(min_length=1, max_length=100, description="a list of public http or https URLs")
]


class MessageBody(CallRequest):
    """With media it is an MMS."""

    text: Text | None = None
    media: Media | None = None


class WavixMessage(CallRequest):
    """`from` is a number, or the name of a sender."""

    from_: Sender = Field(alias="from")
    to: Destination
    message_body: MessageBody = Field(MessageBody(), description="an object with text and media")
    callback_url: Url | None = None
    validity: Seconds | None = None
    tag: Text | None = None


def mms_stays_home(body: Body, numbers: Mapping[str, Origin]) -> Iterator[Finding]:
    """MMS go to numbers of the United States and Canada only."""
    content, to = body.get("message_body"), numbers.get("to")
    has_media = isinstance(content, dict) and content.get("media") is not None
    if has_media and to is not None and to.reason is None and to.country not in MMS_COUNTRIES:
        yield error(
            "to", "mms_destination", "expected a US or CA number, as message_body.media makes it an MMS"
        )


SYSTEM = System(
    "wavix-message", WavixMessage, paths=r"v[23]/messages", rules=(mms_stays_home,), refusal=refusal
)
