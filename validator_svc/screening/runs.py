"""Runs: requests of one form, one behind the other, answered all at once."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import NamedTuple, TypeVar

from validator_svc.screening.finding import Finding
from validator_svc.screening.forms import Form, Values
from validator_svc.screening.number_answers import NumberAnswers
from validator_svc.screening.policy import FoundOfTraits
from validator_svc.screening.screened import LINE, said_of, unwritable

T = TypeVar("T")


class Run(NamedTuple):
    """Requests that were read; their numbers are not answered yet."""

    form: Form
    values: list[Values]
    """Of each request."""

    @property
    def numbers(self) -> int:
        """How many numbers all of them have."""
        return len(self.values) * len(self.form.places)

    def texts(self) -> list[str]:
        """All these numbers as they came, those of a request side by side."""
        numbers = self.form.numbers
        return [values[at].decode() for values in self.values for at in numbers]


def lines_of(
    run: Run, answers: NumberAnswers, at: int, found_of: Mapping[str, FoundOfTraits], plus: bytes
) -> list[bytes]:
    """What is answered, a line each, where the answers to their numbers begin at a place of all.

    `found_of`: what a policy has against numbers, by parameter; `plus` goes before the digits of each.
    """
    form, end = run.form, at + run.numbers
    width = len(form.places)
    judges = cycle([found_of[place.name] for place in form.places])
    found = [judge[traits] for judge, traits in zip(judges, answers.traits[at:end], strict=False)]
    sent = [plus + digits.encode() if digits else b"" for digits in answers.digits[at:end]]
    numbers, records = in_tuples(sent, width), in_tuples(answers.lines[at:end], width)
    own = numbers if form.has_numbers_only else [*map(form.in_order, numbers, run.values)]
    keys = b",".join([place.key for place in form.places])
    body = b"%b".join([piece.replace(b"%", b"%%") for piece in form.json])
    fine = LINE % (b"true", b"[]", keys, body)
    lines = [fine % (*of_request, *values) for of_request, values in zip(records, own, strict=True)]
    told = LINE % (b"%b", b"%b", keys, body)
    for number in told_of(form, found, sent):
        of_numbers = found[number * width : (number + 1) * width]
        findings = all_found(form, of_numbers, numbers[number])
        values = [new or came for new, came in zip(own[number], run.values[number], strict=True)]
        lines[number] = told % (*said_of(findings), *records[number], *values)
    return lines


def in_tuples(values: list[T], width: int) -> list[tuple[T, ...]]:
    """What belongs to each request, of what belongs to numbers."""
    return [*zip(*[iter(values)] * width, strict=True)]


def told_of(form: Form, found: list[tuple[Finding, ...]], sent: list[bytes]) -> set[int]:
    """The places of requests of which something is found."""
    width = len(form.places)
    if form.findings:
        return {*range(len(sent) // width)}
    return {at // width for at, number in enumerate(sent) if found[at] or not number}


def all_found(form: Form, found: Sequence[tuple[Finding, ...]], sent: Sequence[bytes]) -> list[Finding]:
    """What is found of a request, and of each of its numbers."""
    findings = [*form.findings]
    for place, of_number, number in zip(form.places, found, sent, strict=True):
        findings += of_number
        if not number:
            findings += unwritable(place.name, findings)
    return findings
