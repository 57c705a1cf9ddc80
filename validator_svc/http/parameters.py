"""What a caller may say in the query: read strictly, refused by name."""

import re
import time
from urllib.parse import parse_qsl

import phonenumbers
from aiohttp import web

from validator_svc.http.errors import ApiError, bad_parameter
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType
from validator_svc.numbering.reading import MAX_TEXT

TYPES_EXPECTED = "expected one of " + ", ".join(REQUEST_TYPES)
MAX_PARAMETERS = 100


class Query:
    """The parameters of a request's query string.

    Raises ApiError 400 when the string is not UTF-8 in percent-encoding.
    """

    def __init__(self, request: web.Request) -> None:
        raw = request.rel_url.raw_query_string
        try:
            raw.encode()
            pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
        except UnicodeError:
            raise ApiError(400, "invalid_encoding", "query: expected percent-encoded UTF-8") from None
        except ValueError:
            raise ApiError(
                400, "invalid_query", f"query: expected at most {MAX_PARAMETERS} parameters"
            ) from None
        self.raw = raw
        self.values: dict[str, str] = {}
        for name, value in pairs:
            if name in self.values:
                raise bad_parameter(name, "expected once, was given more often")
            self.values[name] = value

    def phone_number(self) -> str:
        """The number as the caller meant it: a `+` that was not percent-encoded stays a `+`."""
        text = self.values.get("phone_number", "")
        if not text.strip():
            raise bad_parameter("phone_number", "expected a phone number, such as %2B6281234567000")
        if len(text) > MAX_TEXT:
            raise bad_parameter("phone_number", f"expected at most {MAX_TEXT} characters")
        if text.startswith(" ") and f"&{self.raw}".find("&phone_number=+") >= 0:
            return "+" + text[1:]
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

    def whole_number(self, name: str, default: int, most: int = 2**53) -> int:
        """A parameter that is a whole number from 0 to `most`."""
        value = self.values.get(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdigit()) or len(value) > 16 or int(value) > most:
            raise bad_parameter(name, f"expected a whole number, at most {most}")
        return int(value)

    def money(self, name: str) -> str | None:
        """A parameter that is an amount of USD, such as 12.50; None when not given."""
        value = self.values.get(name)
        if value is not None and not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value, re.ASCII):
            raise bad_parameter(name, "expected an amount of USD, such as 12.50")
        return value

    def not_before_ms(self) -> int:
        """`force` and `max_age` (seconds): how old a cached answer may be."""
        return not_before_ms(self.flag("force"), self.values.get("max_age"))


def not_before_ms(force: bool, max_age: object) -> int:
    """The moment (milliseconds since the epoch) before which no cached answer will do.

    `max_age` is in seconds, None for any age. Raises ApiError 400.
    """
    now_ms = time.time_ns() // 1_000_000
    if force:
        return now_ms
    if max_age is None:
        return 0
    if isinstance(max_age, str) and max_age.isascii() and max_age.isdigit():
        max_age = int(max_age[:12])
    if not isinstance(max_age, int) or isinstance(max_age, bool) or max_age < 0:
        raise bad_parameter("max_age", "expected a whole number of seconds")
    return max(0, now_ms - max_age * 1_000)


def request_type(value: object) -> RequestType:
    """Check a request type. Raises ApiError 400."""
    for known in REQUEST_TYPES:
        if value == known:
            return known
    raise bad_parameter("type", TYPES_EXPECTED)


def region_code(value: object) -> str | None:
    """Check a country; None stands for none given. Raises ApiError 400."""
    if value is None:
        return None
    code = value.upper() if isinstance(value, str) else ""
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise bad_parameter(
            "country", "expected an ISO 3166-1 alpha-2 code with a numbering plan, such as ID"
        )
    return code
