"""The numbers of many requests answered at once: their records, and what rules ask of them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import NamedTuple

from validator_svc.kernel.classify import Classifier
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.lookup.read_ahead import Text
from validator_svc.lookup.resolver import Resolver
from validator_svc.record.finished import RISKY
from validator_svc.screening.traits import Traits, of_facts, of_record


class NumberAnswers(NamedTuple):
    """Answers to texts, in order; three lists of the same length."""

    lines: list[bytes]
    """The records, without line ends."""
    digits: list[str]
    """Of E.164 without `+`; empty where no number was read."""
    traits: list[Traits]


class KnownTraits(dict[tuple[int, bool], Traits]):
    """The traits of numbers by record id and whether their range is risky; made when first asked for."""

    def __init__(self, classifier: Classifier) -> None:
        self._records = classifier.plan.records

    def __missing__(self, key: tuple[int, bool]) -> Traits:
        record_id, is_risky = key
        traits = self[key] = of_facts(self._records[record_id].facts, is_risky)
        return traits


class NumberReader:
    """Answers texts; one for a process."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.classifier: Classifier = resolver.classifier
        self._traits = KnownTraits(self.classifier)

    def is_paid(self, wanted: Wanted) -> bool:
        """Whether answers may need an upstream, so that `paid` is to be asked."""
        return self.resolver.is_paid(wanted.request_type)

    def free(self, texts: Sequence[str], wanted: Wanted) -> NumberAnswers:
        """What the numbering plan says. Blocks for about a microsecond a number."""
        records, _, digits = self.classifier.kernel.find(texts, wanted.region_code)
        lines = self.classifier.lines(texts, wanted.request_type, wanted.region_code).splitlines()
        risky = [RISKY in line for line in lines]
        return NumberAnswers(
            lines, digits, [*map(self._traits.__getitem__, zip(records, risky, strict=True))]
        )

    async def paid(self, texts: Sequence[str], wanted: Wanted) -> NumberAnswers:
        """The same from cache and upstream, where the plan does not suffice. Raises StoreAwayError."""
        if not texts:
            return NumberAnswers([], [], [])
        async with aclosing(self.resolver.lines(one_block(texts), wanted)) as pieces:
            lines = b"".join([piece async for piece in pieces]).splitlines()
        return of_lines(lines)

    def zones_of(self, digits: str) -> Sequence[str]:
        """The time zones (IANA names) in which a number may be."""
        records, _, _ = self.classifier.kernel.find([f"+{digits}"])
        return self.classifier.plan.records[records[0]].facts.time_zones


def of_lines(lines: list[bytes]) -> NumberAnswers:
    """The answers that finished records hold."""
    read = [of_record(line) for line in lines]
    return NumberAnswers(lines, [digits for digits, _ in read], [traits for _, traits in read])


async def one_block(texts: Sequence[Text]) -> AsyncIterator[Sequence[Text]]:
    """Numbers that are there as a whole, for the resolver."""
    yield texts
