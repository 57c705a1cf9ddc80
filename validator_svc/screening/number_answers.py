"""The numbers of many requests answered at once: their records, and what rules ask of them."""

from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

from validator_svc.kernel.classify import Classifier
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.lookup.resolver import Resolver
from validator_svc.record.finished import FAILED, FROM_PLAN
from validator_svc.screening.traits import Traits, of_facts, of_record


class NumberAnswers(NamedTuple):
    """Answers to texts, in order; lists of the same length."""

    records: bytes
    """As lines of NDJSON."""
    lines: list[bytes]
    """The same, without line ends."""
    digits: list[str]
    """Of E.164 without `+`; empty where no number was read."""
    traits: list[Traits]


class KnownTraits(dict[tuple[int, bool | None], Traits]):
    """Of numbers, by record id and the verdict of the operator's risk list; made when first asked for."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def __missing__(self, key: tuple[int, bool | None]) -> Traits:
        record_id, verdict = key
        record = self._classifier.completed("analysis").maker.marked(record_id, verdict)
        facts = self._classifier.plan.records[record_id].facts
        traits = self[key] = of_facts(facts, record.risky_destination)
        return traits


class NumberReader:
    """Answers texts; one for a process."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.classifier: Classifier = resolver.classifier
        self.traits = KnownTraits(self.classifier)

    def is_paid(self, wanted: Wanted) -> bool:
        """Whether answers may need an upstream, so that `paid` is to be asked."""
        return self.resolver.is_paid(wanted.request_type)

    def free(self, texts: Sequence[str], wanted: Wanted) -> NumberAnswers:
        """What the numbering plan says. Blocks for less than a microsecond a number."""
        records = self.classifier.lines(texts, wanted.request_type, wanted.region_code)
        return self.known(texts, records, wanted.region_code)

    def known(self, texts: Sequence[str], records: bytes, region_code: str | None) -> NumberAnswers:
        """What finished records hold that the numbering plan made of these texts. Blocks likewise."""
        found = self.classifier.kernel.find(texts, region_code)
        risk_list = self.classifier.risk_list
        verdicts = map(risk_list.verdict, found.digits) if risk_list.verdicts else repeat(None)
        traits = [*map(self.traits.__getitem__, zip(found.records, verdicts, strict=False))]
        return NumberAnswers(records, records.splitlines(), found.digits, traits)

    async def paid(self, texts: Sequence[str], wanted: Wanted) -> NumberAnswers:
        """The same from cache and upstream, where the plan does not suffice. Raises StoreAwayError."""
        if not texts:
            return of_records(b"")
        return of_records(await self.resolver.whole(texts, wanted))

    def zones_of(self, digits: str) -> Sequence[str]:
        """The time zones (IANA names) in which a number may be."""
        found = self.classifier.kernel.find([f"+{digits}"])
        return self.classifier.plan.records[found.records[0]].facts.time_zones


def are_of_plan(records: bytes) -> bool:
    """Whether finished records say what the numbering plan says, and nothing else was asked in vain."""
    return records.count(FROM_PLAN) == records.count(b"\n") and not FAILED.search(records)


def of_records(records: bytes) -> NumberAnswers:
    """The answers that finished records hold: lines of NDJSON."""
    lines = records.splitlines()
    read = [of_record(line) for line in lines]
    return NumberAnswers(records, lines, [digits for digits, _ in read], [traits for _, traits in read])
