"""`validator-svc check`: a file of numbers in, results out, on this machine and without a server."""

import contextlib
import gc
import os
import signal
import stat
import sys
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, NoReturn, TextIO

from validator_svc.batches.errors import UnreadableFileError
from validator_svc.batches.layout import Hints, Layout
from validator_svc.batches.results import CsvWriter, NdjsonWriter, ResultWriter
from validator_svc.batches.rows import Chunk, NumberFile
from validator_svc.numbering.classify import Classifier
from validator_svc.numbering.facts import RequestType
from validator_svc.numbering.record import to_line, unreadable_line
from validator_svc.numbering.risk import NO_LIST, RiskList, parse_risk_list
from validator_svc.progress import progress_of
from validator_svc.summary import Summary
from validator_svc.whole_file import whole_file

STANDARD_STREAM = "-"
DONE = 0
SOME_FAILED = 1
TERMINATED = 128 + signal.SIGTERM

OutputFormat = Literal["ndjson", "csv"]
Dialect = Literal["default", "excel"]


class Check(NamedTuple):
    """What one run is to do."""

    input: str
    """A path; `-` for standard input."""
    hints: Hints
    request_type: RequestType
    output: str = STANDARD_STREAM
    """A path; `-` for standard output."""
    format: OutputFormat = "ndjson"
    dialect: Dialect = "default"


class CheckError(Exception):
    """Arguments or input that cannot be used, in one line."""


def check(wanted: Check) -> int:
    """Run, with a summary on stderr; returns the exit status.

    A reader who closes standard output has seen enough: that ends the run quietly. Raises
    CheckError; a file given as output is then as it was before.
    """
    signal.signal(signal.SIGTERM, stop)
    # Rows live no longer than their chunk: looking through them for cycles every 700 objects, as is
    # the default, finds nothing and takes a seventh of the time of CSV.
    gc.set_threshold(100_000)
    classifier = Classifier(load_risk_list())
    try:
        with contextlib.ExitStack() as stack:
            return run(
                wanted, opened_input(wanted.input, stack), opened_output(wanted.output, stack), classifier
            )
    except BrokenPipeError:
        # Python flushes standard output once more at exit, and would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        raise unusable(wanted.output, "standard output", error) from None


def run(wanted: Check, source: BinaryIO, sink: BinaryIO, classifier: Classifier) -> int:
    """Read, classify and write everything."""
    started_s = time.monotonic()
    summary = Summary()
    numbers = opened_numbers(source, wanted)
    writer = writer_of(wanted, numbers.layout, sink)
    with progress_of(source, size_of(source), sink) as progress:
        writer.begin()
        for chunk in chunks_of(numbers, wanted):
            lines = lines_of(chunk, wanted, classifier)
            summary.add(lines, len(chunk.texts))
            writer.write(chunk, lines)
            progress(summary.rows)
        sink.flush()
    duration_s = time.monotonic() - started_s
    print(f"read as {described(numbers.layout)}\n{summary.text(duration_s)}", file=sys.stderr)
    return SOME_FAILED if summary.failed else DONE


def opened_numbers(source: BinaryIO, wanted: Check) -> NumberFile:
    """The file of numbers, its layout found out. Raises CheckError naming it."""
    try:
        return NumberFile(source, wanted.hints)
    except (UnreadableFileError, OSError) as error:
        raise unusable(wanted.input, "standard input", error) from None


def chunks_of(numbers: NumberFile, wanted: Check) -> Iterator[Chunk]:
    """The rows, with their cells where the output has them. Raises CheckError naming the file."""
    try:
        yield from numbers.chunks(with_cells=wanted.format == "csv")
    except (UnreadableFileError, OSError) as error:
        raise unusable(wanted.input, "standard input", error) from None


def lines_of(chunk: Chunk, wanted: Check, classifier: Classifier) -> bytes:
    """The records of a chunk as NDJSON, one a row."""
    kind, region_code = wanted.request_type, wanted.hints.region_code
    if None not in chunk.texts:
        return classifier.lines([text or "" for text in chunk.texts], kind, region_code)
    unreadable = to_line(unreadable_line(), kind)
    runs: list[bytes] = []
    for is_readable, texts in groupby(chunk.texts, key=lambda text: text is not None):
        readable = [text or "" for text in texts]
        runs.append(
            classifier.lines(readable, kind, region_code) if is_readable else unreadable * len(readable)
        )
    return b"".join(runs)


def writer_of(wanted: Check, layout: Layout, sink: BinaryIO) -> ResultWriter:
    """The writer of the format that is asked for."""
    if wanted.format == "ndjson":
        return NdjsonWriter(sink)
    return CsvWriter(sink, layout, wanted.request_type, for_excel=wanted.dialect == "excel")


def opened_input(name: str, stack: contextlib.ExitStack) -> BinaryIO:
    """The input, open. Raises CheckError."""
    if name == STANDARD_STREAM:
        return standard(sys.stdin, "standard input")
    try:
        return stack.enter_context(Path(name).open("rb"))
    except (OSError, ValueError) as error:
        raise unusable(name, "", error) from None


def opened_output(name: str, stack: contextlib.ExitStack) -> BinaryIO:
    """The output, open; a file appears under its name only when it is complete. Raises OSError."""
    if name == STANDARD_STREAM:
        return standard(sys.stdout, "standard output")
    return stack.enter_context(whole_file(Path(name)))


def standard(stream: TextIO | None, name: str) -> BinaryIO:
    """The bytes of a standard stream; Python has None for one that was closed. Raises CheckError."""
    if stream is None:
        raise CheckError(f"{name} is closed")
    return stream.buffer


def size_of(source: BinaryIO) -> int | None:
    """Bytes in a regular file; None for a pipe or a terminal."""
    status = os.fstat(source.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def described(layout: Layout) -> str:
    """What was found out about the file, so that a wrong guess shows."""
    if layout.format == "text":
        return f"text, a number a line, {layout.encoding}"
    if layout.format == "ndjson":
        return f"NDJSON, {layout.encoding}, numbers under {layout.phone_key!r}"
    header = "with" if layout.has_header else "without"
    column = layout.columns[layout.phone_column][:40]
    return f"CSV {header} header, {layout.encoding}, delimiter {layout.delimiter!r}, numbers in {column!r}"


def load_risk_list() -> RiskList:
    """The operator's list of prefixes, from the file that VALIDATOR_RISK_FILE names. Raises CheckError."""
    # Read here and not through the settings, whose import would take longer than most runs.
    path = os.environ.get("VALIDATOR_RISK_FILE")
    if not path:
        return NO_LIST
    try:
        return parse_risk_list(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CheckError(f"VALIDATOR_RISK_FILE: {error}") from None


def unusable(name: str, standard_stream: str, error: Exception) -> CheckError:
    """What went wrong with a file, in one line."""
    shown = standard_stream if name == STANDARD_STREAM else name
    return CheckError(f"{shown}: {getattr(error, 'strerror', None) or error}")


def stop(number: int, frame: object) -> NoReturn:
    """End on SIGTERM in order, so that no partial output stays behind."""
    raise SystemExit(TERMINATED)
