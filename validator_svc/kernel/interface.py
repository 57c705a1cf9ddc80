"""What a kernel is asked and what it answers, in machine code and in Python alike."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from validator_svc.kernel.plan import Plan
from validator_svc.numbering.facts import RequestType

if TYPE_CHECKING:
    from nanoarrow.c_array import CArray

MOST_SEEN = 1 << 20
"""Numbers among which equal ones are counted; after so many different ones no more are remembered."""

UNKNOWN_COUNTRY = ""
"""The region code of a row whose country is none that is known."""

Form = Literal["ndjson", "csv"]
"""How records are written."""

Countries = Callable[[str], str | None]
"""What a country cell stands for: a region code, None where it says nothing, or UNKNOWN_COUNTRY."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What all records of one kind have in common."""

    request_type: RequestType
    region_code: str | None = None
    """The region whose numbers may be written as dialled there; ISO 3166-1 alpha-2."""
    both_names: bool = False
    """Whether renamed fields come under both their names (NDJSON only)."""


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """How the rows of a CSV file are made up."""

    delimiter: str
    """One ASCII character."""
    column: int
    """Where the number stands, counted from 0."""
    width: int
    """Columns of the header: shorter rows are filled up to it, before the result cells."""
    country_column: int | None = None
    """Where the row's own country stands, in place of the kind's region; goes with `countries`."""
    countries: Countries | None = None
    line_end: str = "\r\n"
    """What ends each row of results."""


Pieces = tuple[bytes, bytes, bytes, bytes]
"""What is constant in a line of JSON: before the text, after it, between the international digits and the
national format, and the end, line end and all. Without a number the third is not written."""


class Answer(NamedTuple):
    """What became of a block of rows."""

    output: bytes
    """A record for each row, in order, each with its line end."""
    rows: int
    consumed: int
    """Bytes of the block that were read: whole rows. The caller puts the rest before the next block."""


class Listed(NamedTuple):
    """What became of a list of texts."""

    document: bytes
    """A record for each text, in order, with commas between and what was to stand around them."""
    valid: int
    duplicates: int
    """How many of the valid ones have the number of one before."""


@dataclass(slots=True)
class Columns:
    """Where texts stand in the plan, in order.

    Arrays are laid out as Arrow has int32 ("i") and uint64 ("Q"). Libraries that read Arrow take these as a
    record batch with the columns `e164` (null where there is no valid number) and `record_id`. They take
    the arrays where they are: until they let go of them nothing can be added (BufferError).
    """

    records: "array[int]"
    """Record ids ("i"): places in `Plan.records`."""
    shapes: "array[int]"
    """National formats ("i"), by their place among the shapes of the plan; 0 where there is no number."""
    digits: list[str]
    """International digits; empty where there is no number."""
    numbers: "array[int]"
    """The same of the valid numbers ("Q"); 0 where there is none."""

    def extend(self, more: "Columns") -> None:
        """Add texts behind these."""
        self.records.extend(more.records)
        self.shapes.extend(more.shapes)
        self.digits.extend(more.digits)
        self.numbers.extend(more.numbers)

    def part(self, rows: slice) -> "Columns":
        """Those of some texts."""
        return Columns(self.records[rows], self.shapes[rows], self.digits[rows], self.numbers[rows])

    def __arrow_c_schema__(self) -> object:
        """The columns' names and types. Raises ImportError without nanoarrow."""
        # They are the same for no rows, of which nothing has to be made.
        return self.part(slice(0))._as_arrow().schema.__arrow_c_schema__()

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """Schema and columns, as they are whatever is requested. Raises ImportError without nanoarrow."""
        schema, columns = self._as_arrow().__arrow_c_array__()
        return schema, columns

    def _as_arrow(self) -> "CArray":
        # Only here: few have it installed.
        from validator_svc.kernel.arrow import nullable, record_batch, whole

        return record_batch({"e164": nullable(self.numbers), "record_id": whole(self.records)})


class Alike(NamedTuple):
    """Rows by what they have in common, in groups numbered in the order in which they come up."""

    groups: "array[int]"
    """Each row's group ("i")."""
    firsts: list[int]
    """The first row of each group."""
    sizes: list[int]
    """How many rows each group has."""


ValueKind = Literal["text", "named", "number", "url", "uuid"]
"""What a value may be: a text; one that begins with a visible character of ASCII; ASCII without letters, not
short; what follows in a URL behind its host; a UUID."""

VALUE_KINDS: tuple[ValueKind, ...] = ("text", "named", "number", "url", "uuid")
MOST_NUMBERS = 4
"""In a template."""


@dataclass(frozen=True, slots=True)
class Template:
    """Lines of JSON that are alike but for their values, and what is answered to them.

    Values stand between quotes; nothing is in them that JSON would escape.
    """

    asked: tuple[bytes, ...]
    """What stands in a line before its first value, between them, and behind the last one."""
    kinds: tuple[ValueKind, ...]
    """Of each value."""
    numbers: tuple[int, ...]
    """For each number its place among the values, in the order of their records; one at least."""
    keys: tuple[bytes, ...]
    """What stands in the answer before each record."""
    answered: tuple[bytes, ...]
    """What stands in the answer between records and first value, between values, and at the end."""
    sign: bytes
    """What goes before the digits of a value that was read as a number; others stay as they came."""
    group: Callable[[int, int, bool | None], int]
    """To which group a number belongs (below 65535), by its place in `numbers`, record id and verdict."""
    head: Callable[[Sequence[int]], bytes]
    """What an answer begins with whose numbers belong to these groups."""


class Filled(NamedTuple):
    """What became of lines, each of which was answered from a template or left out."""

    output: bytes
    numbers: int
    """How many there are in the lines that were answered."""
    valid: int
    """How many of these are valid."""
    left: "array[int]"
    """Three for each line left out ("I"): where in `output` its answer belongs, where it begins and ends."""


class Fill(Protocol):
    """Answers lines from templates."""

    def __call__(self, block: bytes, kind: Kind) -> Filled:
        """Answer the whole lines of a block, each of which ends in LF. One call at a time."""


class Seen(Protocol):
    """Which numbers have come before, up to MOST_SEEN different ones; a kernel's own."""

    def has(self, number: int) -> bool:
        """Whether a number (its international digits) came before; it is remembered."""


@dataclass(slots=True)
class Tally:
    """What was counted over blocks; give the same one with each block of a file."""

    counts: "array[int]"
    """Rows by record id ("q", as long as `Plan.records`)."""
    assumed_international: int = 0
    """Rows with digits to be looked up, though neither `+` nor `00` nor a country said what they are."""
    duplicates: int = 0
    """Rows whose number is valid and had come before."""
    seen: Seen | None = None
    """Made by the kernel that is given the tally first; no other may go on with it."""
    counts_duplicates: bool = True
    """Whether duplicates are wanted: to know them takes half as long again, and memory."""
    valid: "array[int] | None" = None
    """The valid numbers ("Q", international digits), as often as they come, in no certain order.

    None where they are not wanted; else to be made before the kernel is first given the tally.
    """
    is_irregular: bool = False
    """CSV: from here on quotes do not follow the rules by which rows can be cut at line ends."""


class Kernel(Protocol):
    """Reads rows, finds each number in the plan, writes its record. Any thread may use it."""

    plan: Plan

    def new_tally(self, counts_duplicates: bool = True) -> Tally:
        """A tally to begin a file with."""

    def texts(self, texts: Iterable[str | None], kind: Kind, tally: Tally | None = None) -> bytes:
        """NDJSON for texts, whatever is in them: one record for each, in order.

        None stands for a line that could not be read.
        """

    def listed(self, texts: Sequence[str], kind: Kind, before: bytes, after: bytes) -> Listed:
        """The records of a list that is not empty, between `before` and `after`."""

    def lines(self, block: bytes, kind: Kind, tally: Tally | None, is_last: bool = False) -> Answer:
        """NDJSON for lines of text, UTF-8: a number a line, a blank one too.

        Lines end in LF, CRLF or CR. With `is_last` the last line needs no end.
        """

    def csv(
        self,
        block: bytes,
        kind: Kind,
        layout: CsvLayout,
        tally: Tally,
        form: Form = "csv",
        is_last: bool = False,
    ) -> Answer:
        """Records for the rows of CSV (UTF-8, the header not among them); as cells they follow the row's own.

        A row's own bytes stay as they are, but for its line end, which is the layout's. A row too short for
        the header is filled up; the cells of one too long that have no column stand behind the record. A
        row whose quotes are still open at the end of the last block is not read.
        """

    def ndjson(self, block: bytes, kind: Kind, key: str, tally: Tally, is_last: bool = False) -> Answer:
        """NDJSON for NDJSON: strings, numbers, or objects with either under `key`.

        What holds no number gets a record that says so (`unreadable_line`).
        """

    def alike(self, records: "array[int]", verdicts: Sequence[object], answers: Sequence[object]) -> Alike:
        """Which rows have the same record id, the same verdict and the same answer: the very same objects."""

    def join(
        self,
        texts: Sequence[str],
        shapes: "array[int]",
        digits: Sequence[str],
        groups: "array[int]",
        pieces: Sequence[Pieces],
    ) -> bytes:
        """NDJSON of texts, places and what the caller chose to stand around them, for each group of rows.

        `groups` tells each row's: its place among `pieces`.
        """

    def find(self, texts: Iterable[str | None], region_code: str | None = None) -> Columns:
        """Where texts stand in the plan; None is as empty."""

    def filler(self, templates: Sequence[Template]) -> Fill | None:
        """What answers lines from templates; None where that would be no faster than one by one."""
