"""Findings: what is wrong, or odd, with one parameter of a request."""

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


def is_refused(findings: list[Finding]) -> bool:
    """Whether a request with these findings may not go out."""
    return any(each.severity == "error" for each in findings)


def as_json(findings: list[Finding]) -> bytes:
    """The findings as they go over the wire."""
    return orjson.dumps([each._asdict() for each in findings[:MOST_FINDINGS]])
