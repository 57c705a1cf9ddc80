"""The face of this room: texts in, records or finished NDJSON out, the numbering plan alone asked."""

import time
from collections.abc import Iterable, Iterator

from validator_svc.numbering import reading, record, reference
from validator_svc.numbering.facts import PlanAnswer, RequestType, unparsed
from validator_svc.numbering.offsets import quarter_of
from validator_svc.numbering.record import Record
from validator_svc.numbering.risk import NO_LIST, RiskList


def look_up(text: str, region_code: str | None = None) -> PlanAnswer:
    """Read one text (see `reading.read`) and answer it from the numbering plan."""
    number, reason = reading.read(text, region_code)
    if number is None:
        return unparsed(reason or "")
    return reference.answer(number)


class Classifier:
    """Classifies numbers with one operator's risk list."""

    def __init__(self, risk_list: RiskList = NO_LIST) -> None:
        self.risk_list = risk_list

    def answers(self, texts: Iterable[str], region_code: str | None = None) -> list[PlanAnswer]:
        """What the plan knows of each text, in order."""
        return [look_up(text, region_code) for text in texts]

    def records(self, texts: Iterable[str], region_code: str | None = None) -> Iterator[Record]:
        """One record a text, in order."""
        quarter = quarter_of(time.time())
        for text in texts:
            yield record.from_plan(text, look_up(text, region_code), quarter, self.risk_list)

    def lines(
        self,
        texts: Iterable[str],
        request_type: RequestType,
        region_code: str | None = None,
        both_names: bool = False,
    ) -> bytes:
        """One NDJSON line a text, in order, joined."""
        records = self.records(texts, region_code)
        return b"".join(record.to_line(each, request_type, both_names) for each in records)
