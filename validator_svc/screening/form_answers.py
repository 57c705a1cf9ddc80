"""What is answered to requests of one form: it depends on what is known of their numbers, no more."""

from collections.abc import Sequence
from typing import NamedTuple

from validator_svc.kernel.interface import MOST_NUMBERS, Template
from validator_svc.numbering import facts
from validator_svc.screening.finding import Finding
from validator_svc.screening.forms import Form
from validator_svc.screening.number_answers import KnownTraits
from validator_svc.screening.screened import said_of, unwritable
from validator_svc.screening.screener import Screener
from validator_svc.screening.traits import Origin

HEAD = b'{"allowed":%b,"findings":%b,"numbers":{'


class Group(NamedTuple):
    """Numbers of which the same is said in one parameter."""

    findings: tuple[Finding, ...]
    is_written: bool
    """Whether they can be written in E.164."""
    origin: Origin | None
    """None where no rule may ask."""


class FormAnswers:
    """Answers to the requests of one form under one policy that asks for no digits."""

    def __init__(self, form: Form, screener: Screener, traits: KnownTraits) -> None:
        self._form = form
        self._rules = screener.system.rules
        self._judges = [screener.found_of[place.name] for place in form.places]
        self._traits = traits
        self._groups: dict[Group, int] = {}
        self._members: list[Group] = []

    def group(self, number: int, record_id: int, verdict: bool | None) -> int:
        """The group of a number: of what is found of it, and what the rules of the system may ask for."""
        traits = self._traits[record_id, verdict]
        group = Group(
            self._judges[number][traits],
            record_id >= len(facts.REASONS),
            traits.origin if self._rules else None,
        )
        known = self._groups.get(group)
        if known is None:
            known = self._groups[group] = len(self._members)
            self._members.append(group)
        return known

    def head(self, groups: Sequence[int]) -> bytes:
        """How the line of a request begins whose numbers are of these groups, up to their records."""
        findings = [*self._form.findings]
        by_name = {}
        for place, number in zip(self._form.places, groups, strict=True):
            group = self._members[number]
            findings += group.findings
            if not group.is_written:
                findings += unwritable(place.name, findings)
            if group.origin is not None:
                by_name[place.name] = group.origin
        for rule in self._rules:
            findings += rule(self._form.body, by_name)
        return HEAD % said_of(findings)


def template_of(form: Form, screener: Screener, traits: KnownTraits) -> Template | None:
    """What answers the requests of a form; None where they have too many numbers."""
    if len(form.places) > MOST_NUMBERS:
        return None
    answers = FormAnswers(form, screener, traits)
    keys = [b'"%b":' % place.name.encode() for place in form.places]
    first, *others = form.json
    *between, last = [b'},"request":' + first, *others]
    return Template(
        form.left.pieces,
        form.left.kinds,
        form.numbers,
        (keys[0], *[b"," + key for key in keys[1:]]),
        (*between, last + b"}\n"),
        b"+" if screener.system.has_plus else b"",
        answers.group,
        answers.head,
    )
