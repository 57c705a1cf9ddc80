"""Whether a file may be written: not over the input, not under a name that promises another format."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import BinaryIO, cast

from validator_svc.atomic_write import whole_file
from validator_svc.formats.compression import compression_of, unpacked_name
from validator_svc.formats.layout import Layout
from validator_svc.formats.output_formats import BY_ENDING, BY_NAME, CSV, NDJSON, TSV, XLSX, OutputFormat

# Written as plain text these would be taken for broken files.
TABLES = frozenset([".xlsm", ".xlsb", ".xls", ".ods", ".numbers", ".parquet", ".avro", ".orc", ".db"])
DOCUMENTS = frozenset([".json", ".xml", ".html", ".htm", ".pdf"])
COMPRESSED = frozenset([".tgz", ".zip", ".bz2", ".xz", ".7z", ".br", ".lz4"])
OTHERS = TABLES | DOCUMENTS | COMPRESSED


class OutputError(Exception):
    """Why a file is not to be written, in one line."""


def format_of(name: str, asked: str | None) -> OutputFormat | None:
    """The format to write under a name; None where neither the name nor anybody says. Raises OutputError."""
    ending = PurePath(unpacked_name(name)).suffix.lower()
    promised = BY_ENDING.get(ending)
    if promised is None and ending in OTHERS and not (ending == ".json" and asked == NDJSON.name):
        also = ", or .json with --format ndjson" if ending == ".json" else ""
        raise OutputError(
            f"{ending} cannot be written; expected a name that ends in .csv, .tsv, .xlsx or .ndjson{also};"
            " .gz or .zst may follow"
        )
    if promised and asked and promised.name != asked:
        raise OutputError(f"a name that ends in {ending} promises {promised.name}, and --format says {asked}")
    return promised or (BY_NAME[asked] if asked else None)


def delimiter_of(name: str, layout: Layout) -> str:
    """What separates the cells of results under a name: tabs where it says so, else the input's."""
    return "\t" if PurePath(unpacked_name(name)).suffix.lower() in TSV.endings else layout.delimiter


def results_ending(name: str) -> str:
    """What is put behind the name of a file to name its results: those of a workbook are one too."""
    ending = PurePath(unpacked_name(name)).suffix.lower()
    kept = next((each for each in (TSV, XLSX) if ending in each.endings), CSV)
    return ".results" + kept.endings[0]


def refuse_input(source: os.stat_result, output: os.stat_result | None, name: str) -> None:
    """Raise OutputError when the output (None: there is none yet) is the very file that is read.

    Links of both kinds lead to the one file that they stand for.
    """
    if output is not None and stat.S_ISREG(output.st_mode) and os.path.samestat(source, output):
        raise OutputError(f"{name}: this is the input; expected another file to write to")


def existing(path: Path) -> os.stat_result | None:
    """What stands under a path, links followed; None when nothing does. Raises OSError."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def output_at(path: Path) -> Iterator[BinaryIO]:
    """A file to write, compressed where its name says so; it appears when all is written. Raises OSError."""
    compression = compression_of(path.name)
    with whole_file(path) as file:
        if compression is None:
            yield file
        else:
            with contextlib.closing(compression.writer(file)) as packer:
                yield cast(BinaryIO, packer)
