"""What is in a file, as rows to read: the one way in for every file, wherever it comes from."""

from collections.abc import Iterator
from typing import BinaryIO

from validator_svc.formats.compression import ZIP, joined
from validator_svc.formats.encoding import encoding_of, sure_encoding
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.foreign import refuse_binary, refuse_text
from validator_svc.formats.json_array import elements, is_json_array
from validator_svc.formats.layout import Hints
from validator_svc.formats.lines import in_utf_8
from validator_svc.formats.rows import NumberFile, Through, unchanged
from validator_svc.formats.sample import SampledFile
from validator_svc.formats.workbook import StillWanted, blocks_of, read_sheet

START_BYTES = 64 * 1024


def open_numbers(
    file: BinaryIO, hints: Hints, through: Through = unchanged, still_wanted: StillWanted = lambda: None
) -> NumberFile:
    """A file of numbers of any kind, unpacked, with its layout found out.

    A workbook is read as the CSV of one of its sheets, a JSON array as NDJSON. `through` sees the blocks
    of what is read; see `NumberFile`. Blocks. Raises UnreadableFileError, also for what is no list at all,
    and what reading `file` raises.
    """
    sampled = SampledFile(file)
    if sampled.sample.startswith(ZIP):
        sheet = read_sheet(sampled.blocks(), hints.sheet, hints.most_columns, still_wanted)
        # A sheet has a name for what it holds, not for how.
        return number_file(
            blocks_of(sheet.rows),
            hints._replace(name="sheet.csv", container="xlsx", sheet=sheet.name),
            through,
        )
    if hints.sheet is not None:
        raise UnreadableFileError(
            f"sheet: there is no sheet {hints.sheet[:40]!r}; the file is no XLSX workbook"
        )
    refuse_binary(sampled.sample)
    encoding = sure_encoding(sampled.sample) or "utf-8"
    if hints.encoding is not None or hints.charset is not None:
        encoding = encoding_of(sampled, hints.encoding, hints.charset)
    if is_json_array(sampled.sample[:START_BYTES].decode(encoding, "replace")):
        text = in_utf_8(sampled.blocks(), encoding)
        lines = elements(joined(text))
        return number_file(lines, hints._replace(name="array.ndjson", container="json"), through)
    refuse_text(sampled.sample.decode(encoding, "replace"), sampled.is_whole)
    return NumberFile(sampled, hints, through)


def number_file(pieces: Iterator[bytes], hints: Hints, through: Through) -> NumberFile:
    """Pieces of UTF-8 as a file of numbers."""
    return NumberFile(SampledFile(joined(pieces)), hints._replace(encoding="utf-8"), through)
