"""What was found of a request, and how it is answered."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from validator_svc.screening.finding import Finding, as_json, error, is_refused
from validator_svc.screening.system import Body

ALLOWED = b'{"allowed":true,'
"""How the line of a request begins that may go out."""
LINE = b'{"allowed":%b,"findings":%b,"numbers":{%b},"request":%b}\n'
"""An answer, to be filled."""


class Screened(NamedTuple):
    """What was found of a request."""

    body: Body | None
    """Normalized, and ready to be sent if it is allowed."""
    findings: list[Finding]
    numbers: bytes
    """The records by the names of their parameters: what stands in an object of JSON."""

    @property
    def is_allowed(self) -> bool:
        """Whether it may go out."""
        return not is_refused(self.findings)

    def line(self) -> bytes:
        """What is answered, as a line of NDJSON."""
        return LINE % (*said_of(self.findings), self.numbers, orjson.dumps(self.body))


def said_of(findings: Sequence[Finding]) -> tuple[bytes, bytes]:
    """Whether it is allowed, and what is found, as they stand in a line."""
    if not findings:
        return b"true", b"[]"
    return b"false" if is_refused(findings) else b"true", as_json(findings)


def unwritable(name: str, findings: Sequence[Finding]) -> list[Finding]:
    """A number that cannot be read cannot be sent either, whatever the policy says of invalid ones."""
    if any(each.parameter == name and each.severity == "error" for each in findings):
        return []
    return [error(name, "invalid_number", "cannot be written in E.164")]
