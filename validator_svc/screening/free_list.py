"""Lists of requests whose numbers the plan answers: all at once where they are of forms that are known."""

from collections.abc import Sequence
from typing import NamedTuple

from validator_svc.kernel.interface import Fill, Filled, Kind
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.record.finished import VALID
from validator_svc.screening.form_answers import template_of
from validator_svc.screening.forms import Form, Forms
from validator_svc.screening.number_answers import NumberReader
from validator_svc.screening.screener import Screener

# Lines that are read one by one where nothing is known of a list yet.
FIRST_LINES = 16


class Answered(NamedTuple):
    """What is found of some requests."""

    lines: bytes
    """NDJSON."""
    numbers: int
    valid: int
    """How many of the numbers are valid."""


class FreeList:
    """One list. All methods block, for some microseconds a request; one call at a time."""

    def __init__(self, screener: Screener, reader: NumberReader, wanted: Wanted) -> None:
        self._screener = screener
        self._reader = reader
        self._wanted = wanted
        self._kind = Kind(wanted.request_type, wanted.region_code)
        self._forms = Forms(screener.system)
        self._known: Sequence[Form] = ()
        self._fill: Fill | None = None

    def answered(self, block: bytes) -> Answered:
        """What is found of the requests of a block of whole lines, each with its line end."""
        if self._fill is not None:
            return self._filled(self._fill(block, self._kind), block)
        *lines, rest = block.split(b"\n", FIRST_LINES)
        first, numbers, valid = self._one_by_one(lines)
        if not rest:
            return Answered(b"".join(first), numbers, valid)
        if self._fill is not None:
            others = self._filled(self._fill(rest, self._kind), rest)
        else:
            lines, *counts = self._one_by_one(rest[:-1].split(b"\n"))
            others = Answered(b"".join(lines), *counts)
        return Answered(b"".join(first) + others.lines, numbers + others.numbers, valid + others.valid)

    def _filled(self, filled: Filled, block: bytes) -> Answered:
        """The answers, with those of lines that were left out in their places."""
        places, begins, ends = filled.left[::3], filled.left[1::3], filled.left[2::3]
        if not places:
            return Answered(filled.output, filled.numbers, filled.valid)
        left = [block[begin:end] for begin, end in zip(begins, ends, strict=True)]
        lines, numbers, valid = self._one_by_one(left)
        output, at, pieces = memoryview(filled.output), 0, list[bytes | memoryview]()
        for place, line in zip(places, lines, strict=True):
            pieces += (output[at:place], line)
            at = place
        pieces.append(output[at:])
        return Answered(b"".join(pieces), numbers + filled.numbers, valid + filled.valid)

    def _one_by_one(self, lines: Sequence[bytes]) -> tuple[list[bytes], int, int]:
        """The answers to lines, and what they count; forms that come up are known from then on."""
        asked, texts = self._screener.lines_read(lines, self._forms)
        answers = self._reader.free(texts, self._wanted)
        if self._forms.known != self._known and not self._screener.policy.asks_for_digits:
            self._known = self._forms.known
            made = [template_of(form, self._screener, self._reader.traits) for form in self._known]
            self._fill = self._reader.classifier.kernel.filler([each for each in made if each is not None])
        return self._screener.lines(asked, answers), len(texts), answers.records.count(VALID)
