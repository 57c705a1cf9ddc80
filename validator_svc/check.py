"""`validator-svc check`: a file of numbers in, results out, on this machine and without a server."""

import contextlib
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, NoReturn, TextIO

from validator_svc.batches.errors import UnreadableFileError
from validator_svc.batches.layout import Hints, Layout
from validator_svc.batches.results import CsvWriter, NdjsonWriter, ResultWriter
from validator_svc.batches.rows import Chunk, NumberFile
from validator_svc.collecting import spare_what_is_loaded
from validator_svc.data_directory import chosen_data_dir
from validator_svc.numbering.classify import Classifier
from validator_svc.numbering.facts import RequestType
from validator_svc.progress import progress_of
from validator_svc.risk_file import RiskFileError, load_risk_list
from validator_svc.summary import Summary
from validator_svc.whole_file import whole_file

STANDARD_STREAM = "-"
DONE = 0
SOME_FAILED = 1

OutputFormat = Literal["ndjson", "csv"]
Dialect = Literal["default", "excel"]


Answer = Callable[[Sequence[str | None]], bytes]
"""Texts (None: a line that cannot be read) to NDJSON, a record each."""


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
    spare_what_is_loaded()
    try:
        # Read here and not through the settings, whose import would take longer than most runs.
        risk_list = load_risk_list(os.environ.get("VALIDATOR_RISK_FILE"))
    except RiskFileError as error:
        raise CheckError(str(error)) from None
    try:
        with contextlib.ExitStack() as stack:
            classifier = Classifier(risk_list, chosen_data_dir())
            stack.callback(classifier.keep_plan)
            source, sink = opened_input(wanted.input, stack), opened_output(wanted.output, stack)
            return run(wanted, source, sink, answerer(wanted, classifier, stack))
    except BrokenPipeError:
        # Python flushes standard output once more at exit, and would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        raise unusable(wanted.output, "standard output", error) from None


def run(wanted: Check, source: BinaryIO, sink: BinaryIO, answer: Answer) -> int:
    """Read, answer and write everything."""
    started_s = time.monotonic()
    summary = Summary()
    numbers = opened_numbers(source, wanted)
    writer = writer_of(wanted, numbers.layout, sink)
    with progress_of(source, size_of(source), sink) as progress:
        writer.begin()
        for chunk in chunks_of(numbers, wanted):
            lines = answer(chunk.texts)
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


def answerer(wanted: Check, classifier: Classifier, stack: contextlib.ExitStack) -> Answer:
    """What answers a chunk of numbers: the plan, or an upstream where there is one. Raises CheckError."""
    kind, region_code = wanted.request_type, wanted.hints.region_code
    if kind != "format" and os.environ.get("VALIDATOR_WAVIX_APPID"):
        # Only here, as it takes longer to import than most runs to run.
        from validator_svc.paid_check import PaidCheckError, paid_answers

        try:
            return stack.enter_context(paid_answers(classifier, kind, region_code))
        except PaidCheckError as error:
            raise CheckError(str(error)) from None
    return lambda texts: classifier.rows(texts, kind, region_code)


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


def unusable(name: str, standard_stream: str, error: Exception) -> CheckError:
    """What went wrong with a file, in one line."""
    shown = standard_stream if name == STANDARD_STREAM else name
    return CheckError(f"{shown}: {getattr(error, 'strerror', None) or error}")


def stop(number: int, frame: object) -> NoReturn:
    """End on SIGTERM in order, so that no partial output stays behind; that is done, not failed."""
    print("validator-svc: stopped by SIGTERM; the results are not complete", file=sys.stderr)
    raise SystemExit(DONE)
