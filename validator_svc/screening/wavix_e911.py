"""Wavix, validating or registering the address of a number for emergency calls (E911).

After the public reference of the Wavix API.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from validator_svc.screening.finding import Finding, error, warning
from validator_svc.screening.system import Body, System
from validator_svc.screening.traits import Origin
from validator_svc.screening.values import Caller, CallRequest, Named, Text
from validator_svc.screening.wavix import refusal

E911_COUNTRIES = ("US", "CA")
PlusFour = Annotated[str, Field(pattern=r"^[0-9]{4}$", description="4 digits")]


class Address(CallRequest):
    """Where help is sent to."""

    street_number: Named
    street: Named
    city: Named
    state: Named
    zip_code: Named
    zip_plus_four: PlusFour | None = None
    location: Text | None = None


class WavixE911(CallRequest):
    """The number is one of the account's."""

    phone_number: Caller
    address: Address = Field(description="an object with street_number, street, city, state and zip_code")
    name: Text | None = None


def is_american(body: Body, numbers: Mapping[str, Origin]) -> Iterator[Finding]:
    """911 is the number for emergencies of the United States and Canada."""
    number = numbers.get("phone_number")
    if number is not None and number.reason is None and number.country not in E911_COUNTRIES:
        yield error("phone_number", "country_not_allowed", "expected a US or CA number")


def can_be_registered(body: Body, numbers: Mapping[str, Origin]) -> Iterator[Finding]:
    """An address can be validated without what it takes to register it."""
    address = body.get("address")
    if isinstance(address, dict) and address.get("zip_plus_four") is None:
        yield warning("address.zip_plus_four", "needed_to_register", "is needed to register the address")


SYSTEM = System(
    "wavix-e911",
    WavixE911,
    paths=r"v1/e911(?:-[\w-]{1,32})?(?:/validate(?:-[\w-]{1,16})?)?",
    rules=(is_american, can_be_registered),
    has_plus=False,
    refusal=refusal,
)
