"""What is in a file, as rows to read: the one way in for every file, wherever it comes from."""

from typing import BinaryIO

from validator_svc.formats.encoding import encoding_seen
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.foreign import refuse_binary, refuse_text
from validator_svc.formats.input_formats import rows_of
from validator_svc.formats.layout import Hints
from validator_svc.formats.readable_file import joined
from validator_svc.formats.rows import NumberFile, Through, unchanged
from validator_svc.formats.sample import SampledFile
from validator_svc.formats.workbook import StillWanted


def open_numbers(
    file: BinaryIO, hints: Hints, through: Through = unchanged, still_wanted: StillWanted = lambda: None
) -> NumberFile:
    """A file of numbers of any kind, unpacked, with its layout found out.

    See `input_formats` for what there is. `through` sees the blocks of what is read; see `NumberFile`.
    Blocks. Raises UnreadableFileError, also for what is no list at all, and what reading `file` raises.
    """
    sampled = SampledFile(file)
    made = rows_of(sampled, hints, still_wanted)
    if made is not None:
        input_format, rows = made
        # Its name, and what was said of its encoding, were about the file and not about this text.
        of_text = hints._replace(
            name=f"rows.{rows.format}", container=input_format.name, sheet=rows.sheet, encoding="utf-8"
        )
        return NumberFile(SampledFile(joined(rows.blocks)), of_text, through)
    if hints.sheet is not None:
        raise UnreadableFileError(
            f"sheet: there is no sheet {hints.sheet[:40]!r}; the file is no XLSX workbook"
        )
    refuse_binary(sampled.sample)
    encoding = encoding_seen(sampled, hints.encoding, hints.charset)
    refuse_text(sampled.sample.decode(encoding, "replace"), sampled.is_whole)
    return NumberFile(sampled, hints, through)
