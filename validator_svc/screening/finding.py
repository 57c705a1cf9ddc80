"""Findings: what is wrong, or odd, with one parameter of a request."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import orjson

Severity = Literal["error", "warning"]

MOST_FINDINGS = 50
"""More are not told of one request."""


class Finding(NamedTuple):
    """One finding; with an error among them a request is not allowed."""

    parameter: str
    """Its name as the system has it, with dots for nesting; empty for the request as a whole."""
    code: str
    """Machine-readable and stable."""
    severity: Severity
    message: str
    """Names the parameter and the rule; no whole phone number is ever in it."""


def error(parameter: str, code: str, message: str) -> Finding:
    """A finding for which the request is refused."""
    return Finding(parameter, code, "error", f"{parameter or 'request'}: {message}")


def warning(parameter: str, code: str, message: str) -> Finding:
    """A finding that is told, and refuses nothing."""
    return Finding(parameter, code, "warning", f"{parameter or 'request'}: {message}")


def is_refused(findings: Sequence[Finding]) -> bool:
    """Whether a request with these findings may not go out."""
    return "error" in [each.severity for each in findings]


def as_json(findings: Sequence[Finding]) -> bytes:
    """The findings as they go over the wire."""
    return b"[%b]" % b",".join(map(one_as_json, findings[:MOST_FINDINGS]))


@lru_cache(maxsize=4_096)
def one_as_json(finding: Finding) -> bytes:
    """One of them; few are made again and again."""
    return orjson.dumps(finding._asdict())
