"""The fields of a key that its administrator sets: checked, by the names that they have on the wire."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from validator_svc.access import call_policy
from validator_svc.networks import EXPECTED as NETWORK_EXPECTED
from validator_svc.networks import network
from validator_svc.numbering.facts import REQUEST_TYPES

MAX_NAME = 200
MAX_NETWORKS = 100
MOST = 10**12
USD = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


class FieldError(Exception):
    """A field that cannot be used; the message names it and what was expected."""


def checked(given: Mapping[str, object]) -> dict[str, Any]:
    """The fields as they are kept; null takes a limit away. Raises FieldError. Names must be known."""
    return {name: CHECKS[name](name, value) for name, value in given.items()}


def name_of(name: str, value: object) -> str:
    """What people call the key."""
    if not isinstance(value, str) or not 0 < len(value.strip()) <= MAX_NAME or not value.isprintable():
        raise FieldError(f"{name}: expected a printable text of 1 to {MAX_NAME} characters")
    return value.strip()


def flag_of(name: str, value: object) -> bool:
    """Whether it is so."""
    if not isinstance(value, bool):
        raise FieldError(f"{name}: expected true or false")
    return value


def networks_of(name: str, value: object) -> tuple[str, ...]:
    """The networks that the key can be used from."""
    items = listed(name, value, "networks")
    if len(items) > MAX_NETWORKS:
        raise FieldError(f"{name}: expected at most {MAX_NETWORKS} networks")
    try:
        return tuple(str(network(each)) for each in items)
    except ValueError:
        raise FieldError(f"{name}: {NETWORK_EXPECTED}") from None


def types_of(name: str, value: object) -> tuple[str, ...]:
    """The request types that the key can be used for."""
    items = listed(name, value, "request types")
    if any(each not in REQUEST_TYPES for each in items):
        raise FieldError(f"{name}: expected some of {', '.join(REQUEST_TYPES)}")
    return tuple(dict.fromkeys(items))


def listed(name: str, value: object, what: str) -> list[str]:
    """A list of texts; null is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise FieldError(f"{name}: expected an array of {what}, each a string")
    return value


def rate_of(name: str, value: object) -> float | None:
    """Requests a second."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.001 <= value <= 1_000_000:
        raise FieldError(f"{name}: expected a number from 0.001 to 1000000, or null for no limit")
    return float(value)


def policy_of(name: str, value: object) -> dict[str, Any] | None:
    """What the key's requests to telecom systems may ask for, where it differs from the service's policy."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise FieldError(f"{name}: expected an object, or null for the policy of the service")
    try:
        call_policy.checked(value)
    except ValueError as error:
        raise FieldError(f"{name}.{error}") from None
    return value


def count_of(name: str, value: object) -> int | None:
    """How many."""
    if value is not None and (
        isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST
    ):
        raise FieldError(f"{name}: expected a whole number of at most {MOST}, or null for no limit")
    return value


def money_of(name: str, value: object) -> str | None:
    """An amount of USD; a number will do."""
    if value is None:
        return None
    text = value if isinstance(value, str) else str(value)
    if isinstance(value, bool) or not USD.fullmatch(text):
        raise FieldError(f"{name}: expected an amount of USD, such as 12.50, or null for no limit")
    return text


CHECKS: dict[str, Callable[[str, object], Any]] = {
    "name": name_of,
    "enabled": flag_of,
    "allowed_networks": networks_of,
    "requests_per_second": rate_of,
    "numbers_per_day": count_of,
    "spend_per_day": money_of,
    "allowed_types": types_of,
    "policy": policy_of,
    "may_forward": flag_of,
}
"""By the name of the field."""

NAMES = tuple(CHECKS)
