"""The screener: requests in, what is found of them out, in order, their numbers answered all at once."""

import datetime
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from validator_svc.numbering.facts import RequestType
from validator_svc.screening import bodies
from validator_svc.screening.bodies import UnreadableError
from validator_svc.screening.finding import Finding, error
from validator_svc.screening.forms import Form, Forms, Values
from validator_svc.screening.number_answers import NumberAnswers
from validator_svc.screening.policy import Number, Policy
from validator_svc.screening.runs import Run, lines_of
from validator_svc.screening.screened import Screened, unwritable
from validator_svc.screening.shape import other_finding, part_at, put, shape_findings
from validator_svc.screening.system import Body, Place, System
from validator_svc.screening.traits import Traits
from validator_svc.screening.values import MAX_TEXT

DEPTH: RequestType = "analysis"
"""How deep numbers are looked at unless it is said."""
MAX_BYTES = 64 * 1024
"""Of a request."""
PRICE_LIMIT = "MaxPricePerMinute"


class Asked(NamedTuple):
    """A request that was read; its numbers are not answered yet."""

    body: Body | None
    """None for what could not be read."""
    findings: list[Finding]
    places: list[Place]
    """Of its numbers, in the order of their texts."""

    @property
    def numbers(self) -> int:
        """How many numbers it has."""
        return len(self.places)


class Screener:
    """Screens requests to one system under one policy. All methods block, for some microseconds a request."""

    def __init__(self, system: System, policy: Policy) -> None:
        self.system = system
        self.policy = policy
        self._plus = "+" if system.has_plus else ""
        self.found_of = {each.name: policy.of_traits(each.name, each.phone.role) for each in system.places}
        """What the policy has against numbers, by parameter."""
        self._looks_closer = policy.asks_for_digits or bool(system.rules)

    def lines_read(
        self, lines: Sequence[bytes], forms: Forms | None = None
    ) -> tuple[list[Asked | Run], list[str]]:
        """Requests of NDJSON, and the texts of all their numbers; `forms`: those of their list."""
        read: list[Asked | Run] = []
        texts: list[str] = []
        run: Run | None = None
        forms = forms or Forms(self.system)
        forms.begin_slice()
        for line in lines:
            found = forms.of(line)
            if found is not None and not self._looks_closer:
                form, values = found
                if run is None or run.form is not form:
                    texts += run.texts() if run else ()
                    read.append(run := Run(form, []))
                run.values.append(values)
                continue
            texts += run.texts() if run else ()
            run = None
            read.append(self._line_read(line, texts) if found is None else self._filled(*found, texts))
        texts += run.texts() if run else ()
        return read, texts

    def _filled(self, form: Form, values: Values, texts: list[str]) -> Asked:
        return self._numbers_read(form.filled(values), [*form.of_shape], texts)

    def _line_read(self, line: bytes, texts: list[str]) -> Asked:
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
        return self._numbers_read(body, shape_findings(self.system, body), texts)

    def _numbers_read(self, body: Body, findings: list[Finding], texts: list[str]) -> Asked:
        places = []
        for place in self.system.places:
            text = body.get(place.name) if place.is_outermost else part_at(body, place.path)
            if type(text) is not str or not 0 < len(text) <= MAX_TEXT:
                continue
            if place.phone.others:
                is_other, finding = other_finding(place.name, place.phone, text)
                if is_other:
                    findings += [finding] if finding else self._not_own(place, text)
                    continue
            places.append(place)
            texts.append(text)
        return Asked(body, findings, places)

    def _not_own(self, place: Place, text: str) -> list[Finding]:
        """A caller that is no number has to be one's own too, where the policy says so."""
        own = self.policy.own
        is_foreign = place.phone.role == "caller" and own and text not in own
        return [self.policy.not_own(place.name)] if is_foreign else []

    def screened(self, asked: Asked, answers: NumberAnswers) -> Screened:
        """What is found of a request, given the answers to the texts of its numbers."""
        return self._screened(asked, answers, 0, datetime.datetime.now(datetime.UTC))

    def lines(self, asked: Sequence[Asked | Run], answers: NumberAnswers) -> list[bytes]:
        """What is found of requests, a line of NDJSON each, line end and all."""
        now, at, done = datetime.datetime.now(datetime.UTC), 0, list[bytes]()
        for each in asked:
            if isinstance(each, Run):
                done += lines_of(each, answers, at, self.found_of, self._plus.encode())
            else:
                done.append(self._screened(each, answers, at, now).line())
            at += each.numbers
        return done

    def _screened(self, asked: Asked, answers: NumberAnswers, at: int, now: datetime.datetime) -> Screened:
        """The same, where the answers to its numbers begin at a place of all."""
        body, findings, places = asked
        _, lines, all_digits, traits = answers
        start, records = at, []
        for place in places:
            name, digits = place.name, all_digits[at]
            records.append(place.key % lines[at])
            findings += self.found_of[name][traits[at]]
            if not digits:
                findings += unwritable(name, findings)
            elif place.is_outermost:
                body[name] = self._plus + digits  # type: ignore[index]
            else:
                put(body, place.path, self._plus + digits)
            at += 1
        if self._looks_closer and body is not None:
            findings += self._closer(body, places, all_digits[start:at], traits[start:at], now)
        return Screened(body, findings, b",".join(records))

    def _closer(
        self,
        body: Body,
        places: Sequence[Place],
        all_digits: Sequence[str],
        all_traits: Sequence[Traits],
        now: datetime.datetime,
    ) -> Iterator[Finding]:
        """What is found beyond the traits of each number, where the policy or the system asks for more."""
        policy, by_name = self.policy, {}
        for place, digits, traits in zip(places, all_digits, all_traits, strict=True):
            by_name[place.name] = traits.origin
            if policy.asks_for_digits and traits.reason is None:
                number = Number(place.name, place.phone.role, digits, traits)
                yield from policy.of_digits(number, price_limit(body), now)
        for rule in self.system.rules:
            yield from rule(body, by_name)


def price_limit(body: Any) -> Decimal | None:
    """What a minute may cost as the request itself says, USD; None where it says nothing that can be read."""
    try:
        return Decimal(body[PRICE_LIMIT]) if isinstance(body.get(PRICE_LIMIT), str) else None
    except InvalidOperation:
        return None
