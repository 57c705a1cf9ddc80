"""What a caller may say in the query: read strictly, refused by name."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, unquote_plus

import phonenumbers

from validator_svc.http.document.parameter_table import PARAMETERS
from validator_svc.http.errors import ApiError, bad_parameter
from validator_svc.http.names import refuse_second, refuse_unknown, shown
from validator_svc.moments import now_ms
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType
from validator_svc.numbering.reading import MAX_TEXT
from validator_svc.record.finished import CHECKED_AT

TYPES_EXPECTED = "expected one of " + ", ".join(REQUEST_TYPES)
MAX_PARAMETERS = 100
PHONE_NUMBER = "phone_number"
APPID = "appid"
"""The caller's key, which every route takes."""

# A `+` after one of these is inside a number, where none can be.
INSIDE_NUMBER = frozenset(")]）］.-–/")


class Query:
    """The parameters of a request's query string, each known and given once.

    Raises ApiError 400 for others, and for what is not UTF-8 in percent-encoding.
    """

    def __init__(self, raw: str, known: Sequence[str], keys: Sequence[str] = ()) -> None:
        """`known` are the names that may be given here, `keys` those that the route takes in its body."""
        self.known = known
        self.values: dict[str, str] = {}
        for name, value in pairs_of(raw) if raw else ():
            if name not in known:
                belongs = " in the query, it belongs into the body" if name in keys else ""
                refuse_unknown([name], known, "parameter", belongs)
            refuse_second(name, self.values)
            self.values[name] = decoded(name, value)

    def add_field(self, name: str, value: str) -> None:
        """Take a field of a form, which counts like a parameter. Raises ApiError 400."""
        refuse_second(name, self.values)
        self.values[name] = checked_text(name, value)

    def phone_number(self) -> str:
        """The number as the caller meant it. Raises ApiError 400."""
        text = self.values.get(PHONE_NUMBER, "")
        if not text.strip():
            raise bad_parameter(PHONE_NUMBER, "expected a phone number, such as %2B6281234567000")
        if len(text) > MAX_TEXT:
            raise bad_parameter(PHONE_NUMBER, f"expected at most {MAX_TEXT} characters")
        return text

    def request_type(self) -> RequestType:
        """The depth of the validation."""
        return request_type(self.values.get("type"))

    def region_code(self) -> str | None:
        """The region in which numbers without calling code are read; None when not given."""
        return region_code(self.values.get("country"))

    def flag(self, name: str) -> bool:
        """A parameter that is `true` or `false` (or absent: false)."""
        value = self.values.get(name, "false").lower()
        if value not in ("true", "false", "1", "0"):
            raise bad_parameter(name, "expected true or false")
        return value in ("true", "1")

    def whole_number(self, name: str) -> int:
        """A parameter that is a whole number, within the bounds that the table of parameters has."""
        value, known = self.values.get(name), PARAMETERS[name]
        if value is None:
            return known.number("default")
        most = known.number("maximum")
        if not (value.isascii() and value.isdigit()) or len(value) > 16 or int(value) > most:
            raise bad_parameter(name, f"expected a whole number, at most {most}")
        return int(value)

    def money(self, name: str) -> str | None:
        """A parameter that is an amount of USD, such as 12.50; None when not given."""
        value = self.values.get(name)
        if value is not None and not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value, re.ASCII):
            raise bad_parameter(name, "expected an amount of USD, such as 12.50")
        return value

    def shows_checked_at(self) -> bool:
        """`show`: whether cached answers tell when they were given."""
        return shows_checked_at(self.values.get("show"))

    def not_before_ms(self) -> int:
        """`force` and `max_age` (seconds): how old a cached answer may be."""
        if "force" not in self.values and "max_age" not in self.values:
            return 0
        return not_before_ms(self.flag("force"), self.values.get("max_age"))


def pairs_of(raw: str) -> Iterator[tuple[str, str]]:
    """Names, decoded, and values, as they came. Raises ApiError 400."""
    pieces = [piece for piece in raw.split("&") if piece]
    if len(pieces) > MAX_PARAMETERS:
        raise ApiError(400, "invalid_query", f"query: expected at most {MAX_PARAMETERS} parameters")
    for piece in pieces:
        name, _, value = piece.partition("=")
        if name in PARAMETERS:
            yield name, value
            continue
        try:
            name.encode()
            yield unquote_plus(name, errors="strict"), value
        except UnicodeError:
            raise ApiError(400, "invalid_encoding", "query: expected percent-encoded UTF-8") from None


def decoded(name: str, value: str) -> str:
    """The value of a parameter. Raises ApiError 400 naming it."""
    if value.isascii() and value.isalnum():
        return value
    try:
        value.encode()
        if name == PHONE_NUMBER:
            return with_plus_signs(value)
        return checked_text(name, unquote_plus(value, errors="strict"))
    except UnicodeError:
        raise ApiError(400, "invalid_encoding", f"{shown(name)}: expected percent-encoded UTF-8") from None


def checked_text(name: str, text: str) -> str:
    """A text without NUL, which nothing that is named has. Raises ApiError 400."""
    if "\0" in text:
        raise bad_parameter(shown(name), "expected text without NUL")
    return text


def with_plus_signs(value: str) -> str:
    """Percent-decode a phone number whose `+` may not have been percent-encoded. Raises UnicodeError.

    A `+` stays one. It is a space, as forms have it, where a number has no `+`: after a digit, or what may
    follow one; and wherever the value has a `%2B`, as who wrote that knows how to write a `+`.
    """
    first, *others = [unquote(part, errors="strict") for part in value.split("+")]
    is_form = "%2b" in value.lower()
    text = first
    for part in others:
        is_inside = text[-1:].isdecimal() or text[-1:] in INSIDE_NUMBER
        text += (" " if is_form or (text and is_inside) else "+") + part
    return text


def not_before_ms(force: bool, max_age: object) -> int:
    """The moment (milliseconds since the epoch) before which no cached answer will do.

    `max_age` is in seconds, None for any age. Raises ApiError 400.
    """
    if force:
        return now_ms()
    if max_age is None:
        return 0
    if isinstance(max_age, str) and max_age.isascii() and max_age.isdigit():
        max_age = int(max_age[:12])
    if not isinstance(max_age, int) or isinstance(max_age, bool) or max_age < 0:
        raise bad_parameter("max_age", "expected a whole number of seconds")
    return max(0, now_ms() - max_age * 1_000)


def shows_checked_at(value: object) -> bool:
    """Check what is to be shown beside the fields that all records have. Raises ApiError 400."""
    if value not in (None, CHECKED_AT):
        raise bad_parameter("show", f"expected {CHECKED_AT}")
    return value is not None


def request_type(value: object) -> RequestType:
    """Check a request type. Raises ApiError 400."""
    for known in REQUEST_TYPES:
        if value == known:
            return known
    raise bad_parameter("type", TYPES_EXPECTED)


def region_code(value: object, name: str = "country") -> str | None:
    """Check a country; None stands for none given. Raises ApiError 400 naming the parameter."""
    if value is None:
        return None
    code = value.upper() if isinstance(value, str) else ""
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise bad_parameter(name, "expected an ISO 3166-1 alpha-2 code with a numbering plan, such as ID")
    return code
