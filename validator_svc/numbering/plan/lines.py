"""Texts to finished NDJSON lines, many at once.

Chunks of plain lines go through the tables in one loop; what is not plain is split until only the
odd lines go the slow way. Where `native` was built, its loop takes the place of the one here, and
leaves out the odd lines by itself. The bytes are the same in every way.
"""

from collections.abc import Iterable
from operator import getitem, itemgetter

from validator_svc.numbering.plan.atlas import Atlas
from validator_svc.numbering.plan.clean import PIECE, clean_digits
from validator_svc.numbering.plan.completed import CompletedLines
from validator_svc.numbering.plan.finish import LineFinisher
from validator_svc.numbering.plan.render import BYTES
from validator_svc.numbering.plan.tables import FIRST, Tables

try:
    from validator_svc.numbering.plan.native import NativeLoop
except ImportError:
    HAS_NATIVE = False
else:
    HAS_NATIVE = True

MOST_SLOTS = 4_000_000
"""What the arrays of the loop in machine code may hold before it starts anew; each takes four bytes."""
FIRST_DIGITS = itemgetter(slice(FIRST))


class LineWriter:
    """Writes lines of one kind."""

    drop_zeros = True

    def __init__(self, atlas: Atlas, finisher: LineFinisher, native: bool = False) -> None:
        """`native`: whether to use the loop in machine code, where it was built."""
        self.finisher = finisher
        self.completed = CompletedLines(finisher)
        """What writes lines that somebody completes."""
        self.stripped = Tables(atlas, finisher)
        self.tables = Tables(atlas, finisher, self.stripped)
        self.loop = native_loop(self.tables, finisher) if native else None

    def chunk(self, chunk: str) -> bytes:
        """One line of NDJSON for each line of `chunk`; a line end at its very end adds none."""
        if not chunk:
            return b""
        if "\r" in chunk:
            chunk = (chunk + "\n").replace("\r\n", "\n")[:-1]
        chunk = chunk.removesuffix("\n")
        if self.loop is not None and chunk.isascii():
            return self.loop.write(chunk)
        return self.lines(chunk.split("\n"), chunk)

    def texts(self, texts: Iterable[str]) -> bytes:
        """One line of NDJSON for each text, whatever is in it."""
        texts = list(texts)
        return self.lines(texts, "\n".join(texts))

    def lines(self, texts: list[str], chunk: str) -> bytes:
        """The lines for `texts`, of which `chunk` is made."""
        if self.loop is not None and chunk.isascii() and chunk.count("\n") == len(texts) - 1:
            return self.loop.write(chunk)
        digits = clean_digits(chunk, len(texts), self.drop_zeros)
        if digits is not None:
            return "".join(self.plain_lines(texts, digits)).encode(BYTES)
        if len(texts) <= 1:
            return b"".join([self.finisher.slow_line(text).encode(BYTES) for text in texts])
        size = PIECE if len(texts) > PIECE else 1
        pieces = (texts[start : start + size] for start in range(0, len(texts), size))
        return b"".join([self.lines(piece, "\n".join(piece)) for piece in pieces])

    def plain_lines(self, texts: list[str], digits: list[str]) -> list[str]:
        """The lines for plain texts with these digits."""
        # `tables.look_up`, spread out so that all but calling the entry happens in C.
        tables = map(self.tables.by_length.__getitem__, map(len, digits))
        entries = map(getitem, tables, map(FIRST_DIGITS, digits))
        rows = zip(texts, digits, entries, strict=True)
        return [entry[0](text, each, entry) for text, each, entry in rows]


def native_loop(
    tables: Tables, finisher: LineFinisher, dialled_tables: Tables | None = None, most_slots: int = MOST_SLOTS
) -> "NativeLoop | None":
    """The loop in machine code, where it was built."""
    return NativeLoop(tables, finisher, dialled_tables, most_slots) if HAS_NATIVE else None
