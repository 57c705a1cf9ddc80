"""Segments whose rows are requests to a telecom system: read from their cells, and answered as screened."""

from collections import Counter

import orjson

from validator_svc.batches.counts import Counts
from validator_svc.batches.segments import Segments
from validator_svc.batches.spec import Order, Plan
from validator_svc.formats.clean_csv import parsed_rows, well_formed
from validator_svc.lookup.money import nano
from validator_svc.record.finished import COST, FAILED, FROM_CACHE, countries_of, valid_of
from validator_svc.screening.bodies import of_cells
from validator_svc.screening.number_answers import are_of_plan, of_records
from validator_svc.screening.screened import ALLOWED
from validator_svc.screening.screener import Asked, Screener
from validator_svc.screening.screening import Screening


class ScreenedRows:
    """Screens the rows of segments. All methods block."""

    def __init__(self, screening: Screening, segments: Segments) -> None:
        self._screening = screening
        self._segments = segments

    def _screener(self, order: Order) -> Screener:
        return self._screening.screener(order.system, order.policy)

    def read(self, plan: Plan, index: int) -> tuple[list[Asked], list[str]]:
        """The requests of a segment, and the texts of all their numbers.

        Raises StorageError, MissingObjectError.
        """
        screener, texts = self._screener(plan.order), list[str]()
        columns = [well_formed(each) for each in plan.layout.columns]
        rows = parsed_rows(self._segments.cells(plan, index), plan.layout.delimiter)
        asked = []
        for row in rows:
            cells = [each if each.isascii() else well_formed(each) for each in row]
            asked.append(screener.read(of_cells(columns, cells, screener.system), texts))
        return asked, texts

    def written(self, plan: Plan, asked: list[Asked], texts: list[str], records: bytes) -> bytes:
        """What is found of the requests, a line each, given the texts and the records of their numbers."""
        order = plan.order
        if are_of_plan(records):
            answers = self._screening.reader.known(texts, records, order.region_code)
        else:
            answers = of_records(records)
        return b"".join(self._screener(order).lines(asked, answers))


def counts_of_screened(lines: bytes) -> Counts:
    """What the lines of screened requests add up to; what is 0 is left out.

    `valid` are those that are allowed, `invalid` those that are refused, `unknown` those of which a lookup
    failed. `reason:` has the codes of errors; what is paid, cached and of which country is counted by number.
    """
    rows = lines.splitlines()
    failed = [FAILED.search(row) is not None for row in rows]
    allowed = [row.startswith(ALLOWED) for row in rows]
    costs = COST.findall(lines)
    reasons = Counter(
        code for row, fine in zip(rows, allowed, strict=True) if not fine for code in codes_in(row)
    )
    counts = {
        "answered": len(rows),
        "valid": sum(fine and not lost for fine, lost in zip(allowed, failed, strict=True)),
        "invalid": sum(not fine and not lost for fine, lost in zip(allowed, failed, strict=True)),
        "unknown": sum(failed),
        "cached": lines.count(FROM_CACHE),
        "paid": len(costs),
        "cost_nano": sum(nano(cost.decode()) for cost in costs),
    }
    counts |= {f"reason:{code}": count for code, count in reasons.items()}
    counts |= {f"country:{name.decode()}": count for name, count in countries_of(valid_of(lines)).items()}
    return {name: count for name, count in counts.items() if count}


def codes_in(row: bytes) -> set[str]:
    """The codes of the errors that a request is refused for."""
    return {each["code"] for each in orjson.loads(row)["findings"] if each["severity"] == "error"}
