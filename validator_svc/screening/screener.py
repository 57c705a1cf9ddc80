"""The screener: requests in, what is found of them out, in order, their numbers answered all at once."""

import datetime
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import orjson

from validator_svc.screening import bodies
from validator_svc.screening.bodies import UnreadableError
from validator_svc.screening.finding import Finding, as_json, error, is_refused
from validator_svc.screening.number_answers import NumberAnswers
from validator_svc.screening.policy import Number, Policy
from validator_svc.screening.shape import other_finding, part_at, shape_findings
from validator_svc.screening.system import Body, Parameter, System
from validator_svc.screening.values import MAX_TEXT, Phone

MAX_BYTES = 64 * 1024
"""Of a request."""
PRICE_LIMIT = "MaxPricePerMinute"


class Asked(NamedTuple):
    """A request that was read; its numbers are not answered yet."""

    body: Body | None
    """None for what could not be read."""
    findings: list[Finding]
    numbers: list[tuple[Parameter, Phone]]
    """The parameters that hold its numbers, in the order of their texts."""


class Screened(NamedTuple):
    """What was found of a request."""

    body: Body | None
    """Normalized, and ready to be sent if it is allowed."""
    findings: list[Finding]
    numbers: list[tuple[str, bytes]]
    """The records by the names of their parameters."""

    @property
    def is_allowed(self) -> bool:
        """Whether it may go out."""
        return not self.findings or not is_refused(self.findings)

    def line(self) -> bytes:
        """What is answered, as a line of NDJSON."""
        numbers = b",".join([b'"%b":%b' % (name.encode(), line) for name, line in self.numbers])
        return b'{"allowed":%b,"findings":%b,"numbers":{%b},"request":%b}\n' % (
            b"true" if self.is_allowed else b"false",
            as_json(self.findings) if self.findings else b"[]",
            numbers,
            orjson.dumps(self.body),
        )


class Screener:
    """Screens requests to one system under one policy. All methods block, for some microseconds a request."""

    def __init__(self, system: System, policy: Policy) -> None:
        self.system = system
        self.policy = policy

    def lines_read(self, lines: Sequence[bytes]) -> tuple[list[Asked], list[str]]:
        """Requests of NDJSON, and the texts of all their numbers."""
        texts: list[str] = []
        return [self.line_read(line, texts) for line in lines], texts

    def line_read(self, line: bytes, texts: list[str]) -> Asked:
        """A request as JSON; the texts of its numbers are added to `texts`."""
        try:
            if len(line) > MAX_BYTES:
                raise UnreadableError(f"expected at most {MAX_BYTES} bytes")
            body = bodies.of_json(line)
            return self.read(bodies.as_form(body) if self.system.is_form else body, texts)
        except UnreadableError as unreadable:
            code = "unreadable_line" if line.strip() else "empty"
            return Asked(None, [error("", code, str(unreadable))], [])

    def read(self, body: Body, texts: list[str]) -> Asked:
        """A request; the texts of its numbers are added to `texts`."""
        findings = shape_findings(self.system, body)
        numbers = []
        for parameter, phone in self.system.phones:
            path = parameter.path
            text = body.get(path[0]) if len(path) == 1 else part_at(body, path)
            if type(text) is not str or not 0 < len(text) <= MAX_TEXT:
                continue
            if phone.others:
                is_other, finding = other_finding(parameter.name, phone, text)
                if is_other:
                    findings += [finding] if finding else self._not_own(parameter, phone, text)
                    continue
            numbers.append((parameter, phone))
            texts.append(text)
        return Asked(body, findings, numbers)

    def _not_own(self, parameter: Parameter, phone: Phone, text: str) -> list[Finding]:
        """A caller that is no number has to be one's own too, where the policy says so."""
        own = self.policy.own
        is_foreign = phone.role == "caller" and own and text not in own
        return [self.policy.not_own(parameter.name)] if is_foreign else []

    def screened(self, asked: Sequence[Asked], answers: NumberAnswers) -> list[Screened]:
        """What is found of requests, given the answers to the texts of their numbers."""
        done, at = [], 0
        now = datetime.datetime.now(datetime.UTC)
        for each in asked:
            if not each.numbers and not self.system.rules:
                done.append(Screened(each.body, each.findings, []))
                continue
            done.append(self._one(each, answers, at, now))
            at += len(each.numbers)
        return done

    def lines(self, asked: Sequence[Asked], answers: NumberAnswers) -> bytes:
        """The same as lines of NDJSON."""
        return b"".join([each.line() for each in self.screened(asked, answers)])

    def _one(self, asked: Asked, answers: NumberAnswers, start: int, now: datetime.datetime) -> Screened:
        body, findings, numbers = asked.body, asked.findings, []
        policy, plus = self.policy, "+" if self.system.has_plus else ""
        for at, (parameter, phone) in enumerate(asked.numbers, start):
            name, digits, traits = parameter.name, answers.digits[at], answers.traits[at]
            numbers.append((name, answers.lines[at]))
            findings += policy.of_traits(name, phone.role, traits)
            if not digits:
                findings += unwritable(name, findings)
                continue
            put(body, parameter.path, plus + digits)
            if policy.asks_for_digits and traits.reason is None:
                number = Number(name, phone.role, digits, traits)
                findings += policy.of_digits(number, price_limit(body), now)
        if self.system.rules and body is not None:
            by_name = {p.name: answers.traits[at] for at, (p, _) in enumerate(asked.numbers, start)}
            for rule in self.system.rules:
                findings += rule(body, by_name)
        return Screened(body, findings, numbers)


def unwritable(name: str, findings: list[Finding]) -> list[Finding]:
    """A number that cannot be read cannot be sent either, whatever the policy says of invalid ones."""
    if any(each.parameter == name and each.severity == "error" for each in findings):
        return []
    return [error(name, "invalid_number", "cannot be written in E.164")]


def put(body: Any, path: tuple[str, ...], value: str) -> None:
    """Put a value in its place in the body."""
    for name in path[:-1]:
        body = body[name]
    body[path[-1]] = value


def price_limit(body: Any) -> Decimal | None:
    """What a minute may cost as the request itself says, USD; None where it says nothing that can be read."""
    try:
        return Decimal(body[PRICE_LIMIT]) if isinstance(body.get(PRICE_LIMIT), str) else None
    except InvalidOperation:
        return None
