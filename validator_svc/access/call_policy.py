"""What requests to telecom systems may ask for: the service's default, and what a key has of its own."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal

import orjson
import phonenumbers
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from validator_svc.numbering.facts import LINE_TYPES

MOST_LISTED = 1_000


def country(code: str) -> str:
    """An ISO code in capitals. Raises ValueError."""
    if code.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError
    return code.upper()


def line_type(name: str) -> str:
    """One of the line types. Raises ValueError."""
    if name not in LINE_TYPES:
        raise ValueError
    return name


def amount(value: object) -> object:
    """An amount of money as JSON has it, a string or a number, without what a float would make of it."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


HOURS = r"^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
Countries = Annotated[
    tuple[Annotated[str, AfterValidator(country)], ...],
    Field(max_length=MOST_LISTED, description="ISO 3166-1 alpha-2 codes, such as ID"),
]
Prefixes = Annotated[
    tuple[Annotated[str, Field(pattern=r"^\+?[1-9][0-9]{0,14}$")], ...],
    Field(max_length=MOST_LISTED, description="prefixes of international numbers, such as +4490"),
]
Types = Annotated[
    tuple[Annotated[str, AfterValidator(line_type)], ...],
    Field(max_length=MOST_LISTED, description=f"some of {', '.join(LINE_TYPES)}"),
]
Callers = Annotated[
    tuple[Annotated[str, Field(pattern=r"^[!-~][ -~]{0,249}$")], ...],
    Field(max_length=MOST_LISTED, description="numbers in E.164, such as +6281234567000, or senders"),
]
Price = Annotated[
    Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=9)],
    BeforeValidator(amount),
    Field(description="an amount of USD, such as 0.05"),
]
Flag = Annotated[bool, Field(strict=True, description="true or false")]


class CallPolicy(BaseModel):
    """What is refused. Lists that are empty refuse nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    refuse_invalid: Flag = True
    refuse_unallocated: Flag = True
    refuse_risky: Flag = True
    refuse_unreachable: Flag = False
    allow_countries: Countries = ()
    deny_countries: Countries = ()
    allow_prefixes: Prefixes = ()
    deny_prefixes: Prefixes = ()
    allow_types: Types = ()
    deny_types: Types = ()
    max_price_per_minute: Price | None = None
    calling_hours: Annotated[str, Field(pattern=HOURS, description="hours such as 08:00-21:00")] | None = None
    calling_hours_severity: Annotated[Literal["error", "warning"], Field(description="error or warning")] = (
        "error"
    )
    own_numbers: Callers = ()


NO_LIMITS = CallPolicy()
"""The default of the default."""


def checked(values: Mapping[str, Any]) -> CallPolicy:
    """The policy of these fields. Raises ValueError naming the one that cannot be used."""
    try:
        return CallPolicy.model_validate(values)
    except ValidationError as invalid:
        name = str(next(iter(invalid.errors(include_input=False, include_url=False)[0]["loc"]), ""))[:40]
    if name not in CallPolicy.model_fields:
        known = ", ".join(CallPolicy.model_fields)
        raise ValueError(f"{name if name.isidentifier() else 'a name'}: is not known; known: {known}")
    raise ValueError(f"{name}: expected {expected_of(name)}")


def expected_of(name: str) -> str:
    """What is expected of a field, in words."""
    return descriptions()[name]


@lru_cache(maxsize=1)
def descriptions() -> dict[str, str]:
    """What is expected of each field."""
    schema = CallPolicy.model_json_schema()["properties"]
    return {name: described(each) for name, each in schema.items()}


def described(schema: Mapping[str, Any]) -> str:
    """The description of a schema, or of the first of several that has one."""
    inner = (each.get("description", "") for each in schema.get("anyOf", ()))
    return str(schema.get("description") or next(filter(None, inner), ""))


def parsed(text: str | None) -> dict[str, Any]:
    """The fields of a policy in JSON, checked; none for no text. Raises ValueError."""
    if not text:
        return {}
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError:
        values = None
    if not isinstance(values, dict):
        raise ValueError('expected a JSON object, such as {"deny_countries": ["CU"]}')
    checked(values)
    return values
