"""The values that requests are made of: each with what is expected of it, in words that a finding says."""

import ipaddress
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from validator_svc import networks
from validator_svc.kernel.interface import ValueKind

MAX_URL = 2_048
MAX_TEXT = 250
"""Characters of a phone number."""

Role = Literal["caller", "destination"]
Other = Literal["sip", "sender"]

# Names that lead to the machine itself or its neighbours.
PRIVATE_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
IN_URL = re.compile(r"[!-~]+")
ORIGIN = re.compile(r"[^/?#]*(?://[^/?#]*)?")


class Phone(NamedTuple):
    """Marks a field that holds a phone number."""

    role: Role
    """Who calls, or is called."""
    others: tuple[Other, ...] = ()
    """What may stand in its place: a SIP address, the name of a sender of messages."""


class Open(NamedTuple):
    """Marks a field in which any value of that kind is fine: whatever it is, nothing is found."""

    kind: ValueKind


class CallRequest(BaseModel):
    """The body of a request. What is not named here is passed on, with a warning."""

    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True, frozen=True)


def host_of(url: str) -> str | None:
    """The host of an http or https URL in lower case; None for what is no such URL."""
    if len(url) > MAX_URL or not IN_URL.fullmatch(url):
        return None
    origin = ORIGIN.match(url)
    return host_in(origin[0]) if origin else None


@lru_cache(maxsize=4_096)
def host_in(origin: str) -> str | None:
    """The same of a URL of which nothing follows behind the host and its port."""
    try:
        parts = urlsplit(origin)
        host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:
        return None
    return host or None


def http_url(url: str) -> str:
    """Raise ValueError for what is no http or https URL."""
    if host_of(url) is None:
        raise ValueError
    return url


def public_url(url: str) -> str:
    """Raise ValueError for what is no URL, or leads to an address that is not of the public internet."""
    if not is_public(host_of(url) or ""):
        raise ValueError
    return url


def is_public(host: str) -> bool:
    """Whether a host may be public; of a name it shows only when it is looked up."""
    try:
        return networks.is_public(ipaddress.ip_address(host))
    except ValueError:
        name = host.rstrip(".")
        # Nothing ends in digits but addresses, also such as are written to be overlooked: 0x7f.1.
        return "." in name and not name.endswith(PRIVATE_NAMES) and not name.rpartition(".")[2][:1].isdigit()


def between(least: int, most: int) -> Callable[[str], str]:
    """Raises ValueError for what is no whole number from `least` to `most`."""

    def check(text: str) -> str:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            raise ValueError
        return text

    return check


def not_blank(text: str) -> str:
    """Raise ValueError for spaces only."""
    if not text.strip():
        raise ValueError
    return text


PHONE = Field(
    min_length=1, max_length=MAX_TEXT, description="a phone number in E.164, such as +6281234567000"
)
PHONE_OR_SIP = Field(
    min_length=1,
    max_length=MAX_TEXT,
    description="a phone number in E.164, or a SIP address such as sip:user@example.com",
)
Caller = Annotated[str, Phone("caller"), PHONE]
Destination = Annotated[str, Phone("destination"), PHONE]
CallerOrSip = Annotated[str, Phone("caller", ("sip",)), PHONE_OR_SIP]
DestinationOrSip = Annotated[str, Phone("destination", ("sip",)), PHONE_OR_SIP]
Sender = Annotated[
    str,
    Phone("caller", ("sender",)),
    Field(
        min_length=1,
        max_length=MAX_TEXT,
        description="a number, or a sender of at most 11 characters with a letter",
    ),
]
Url = Annotated[str, AfterValidator(http_url), Open("url"), Field(description="an http or https URL")]
PublicUrl = Annotated[
    str, AfterValidator(public_url), Open("url"), Field(description="a public http or https URL")
]
Text = Annotated[str, Open("text"), Field(description="a text")]
Named = Annotated[
    str, AfterValidator(not_blank), Open("named"), Field(description="a text that is not blank")
]
Seconds = Annotated[int, Field(ge=0, le=86_400, description="a whole number of seconds, 0 to 86400")]
Flag = Annotated[bool, Field(description="true or false")]
Uuid = Annotated[
    str,
    Open("uuid"),
    Field(
        pattern=r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
        description="a UUID, such as 123e4567-e89b-12d3-a456-426614174000",
    ),
]
