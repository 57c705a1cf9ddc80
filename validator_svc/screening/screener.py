"""The screener: requests in, what is found of them out, in order, their numbers answered all at once."""

import datetime
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import orjson

from validator_svc.numbering.facts import RequestType
from validator_svc.screening import bodies
from validator_svc.screening.bodies import UnreadableError
from validator_svc.screening.finding import Finding, as_json, error, is_refused
from validator_svc.screening.number_answers import NumberAnswers
from validator_svc.screening.policy import Number, Policy
from validator_svc.screening.shape import other_finding, part_at, shape_findings
from validator_svc.screening.system import Body, Parameter, System
from validator_svc.screening.traits import Traits
from validator_svc.screening.values import MAX_TEXT, Phone

DEPTH: RequestType = "analysis"
"""How deep numbers are looked at unless it is said."""
ALLOWED = b'{"allowed":true,'
"""How the line of a request begins that may go out."""
MAX_BYTES = 64 * 1024
"""Of a request."""
PRICE_LIMIT = "MaxPricePerMinute"


Answered = tuple[bytes, str, Traits]
"""The record of a number, its digits and its traits."""


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
    numbers: bytes
    """The records by the names of their parameters: what stands in an object of JSON."""

    @property
    def is_allowed(self) -> bool:
        """Whether it may go out."""
        return not self.findings or not is_refused(self.findings)

    def line(self) -> bytes:
        """What is answered, as a line of NDJSON."""
        if not self.findings:
            return b'{"allowed":true,"findings":[],"numbers":{%b},"request":%b}\n' % (
                self.numbers,
                orjson.dumps(self.body),
            )
        return b'{"allowed":%b,"findings":%b,"numbers":{%b},"request":%b}\n' % (
            b"true" if self.is_allowed else b"false",
            as_json(self.findings),
            self.numbers,
            orjson.dumps(self.body),
        )


class Screener:
    """Screens requests to one system under one policy. All methods block, for some microseconds a request."""

    def __init__(self, system: System, policy: Policy) -> None:
        self.system = system
        self.policy = policy
        # The name, its path if it is in another parameter, and whether something else may stand there.
        self._places = [
            (each.name, None if each.is_outermost else each.path, bool(phone.others), (each, phone))
            for each, phone in system.phones
        ]
        self._plus = "+" if system.has_plus else ""
        self._looks_closer = policy.asks_for_digits or bool(system.rules)
        self._of_traits = policy.of_traits

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
        for name, path, others, place in self._places:
            text = body.get(name) if path is None else part_at(body, path)
            if type(text) is not str or not 0 < len(text) <= MAX_TEXT:
                continue
            if others:
                is_other, finding = other_finding(name, place[1], text)
                if is_other:
                    findings += [finding] if finding else self._not_own(*place, text)
                    continue
            numbers.append(place)
            texts.append(text)
        return Asked(body, findings, numbers)

    def _not_own(self, parameter: Parameter, phone: Phone, text: str) -> list[Finding]:
        """A caller that is no number has to be one's own too, where the policy says so."""
        own = self.policy.own
        is_foreign = phone.role == "caller" and own and text not in own
        return [self.policy.not_own(parameter.name)] if is_foreign else []

    def screened(self, asked: Sequence[Asked], answers: NumberAnswers) -> list[Screened]:
        """What is found of requests, given the answers to the texts of their numbers."""
        done, now = [], datetime.datetime.now(datetime.UTC)
        plus, of_traits, at = self._plus, self._of_traits, 0
        all_lines, all_digits, all_traits = answers
        for body, findings, numbers in asked:
            start, records = at, []
            for parameter, phone in numbers:
                name, digits = parameter.name, all_digits[at]
                records.append(parameter.key % all_lines[at])
                if found := of_traits(name, phone.role, all_traits[at]):
                    findings += found
                if not digits:
                    findings += unwritable(name, findings)
                elif parameter.is_outermost:
                    body[name] = plus + digits  # type: ignore[index]
                else:
                    put(body, parameter.path, plus + digits)
                at += 1
            if self._looks_closer and body is not None:
                found_of = zip(*(each[start:at] for each in answers), strict=True)
                findings += self._closer(body, numbers, [*found_of], now)
            done.append(Screened(body, findings, b",".join(records)))
        return done

    def lines(self, asked: Sequence[Asked], answers: NumberAnswers) -> bytes:
        """The same as lines of NDJSON."""
        return b"".join([each.line() for each in self.screened(asked, answers)])

    def _closer(
        self,
        body: Body,
        numbers: Sequence[tuple[Parameter, Phone]],
        found: Sequence[Answered],
        now: datetime.datetime,
    ) -> Iterator[Finding]:
        """What is found beyond the traits of each number, where the policy or the system asks for more."""
        policy, by_name = self.policy, {}
        for (parameter, phone), (_, digits, traits) in zip(numbers, found, strict=True):
            by_name[parameter.name] = traits
            if policy.asks_for_digits and traits.reason is None:
                number = Number(parameter.name, phone.role, digits, traits)
                yield from policy.of_digits(number, price_limit(body), now)
        for rule in self.system.rules:
            yield from rule(body, by_name)


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
