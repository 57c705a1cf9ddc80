"""`validator-svc check`: a file of numbers in, results out, on this machine and without a server."""

import contextlib
import io
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn, TextIO, TypeVar, cast

from validator_svc.commands.check_error import CheckError
from validator_svc.commands.check_spending import (
    Answer,
    Spending,
    allow,
    asks_upstream,
    estimate_text,
    rereadable,
    tell_plan_alone,
    within,
)
from validator_svc.commands.found_out import country_hint, described
from validator_svc.commands.output_file import (
    OutputError,
    existing,
    is_tab_separated,
    output_at,
    refuse_input,
)
from validator_svc.commands.progress import progress_of
from validator_svc.commands.summary import Summary
from validator_svc.data_directory import chosen_data_dir
from validator_svc.formats.answered import answers
from validator_svc.formats.compression import unpacked, unpacked_name
from validator_svc.formats.contents import open_numbers
from validator_svc.formats.country_column import records_in_regions, sampled_country_column
from validator_svc.formats.errors import UnreadableFileError, UnwritableError
from validator_svc.formats.layout import Hints, Layout
from validator_svc.formats.output_formats import CSV, NDJSON, TSV, OutputFormat
from validator_svc.formats.rows import Chunk, NumberFile
from validator_svc.formats.segmenter import region_column
from validator_svc.formats.writers import ResultWriter
from validator_svc.gc_tuning import spare_what_is_loaded
from validator_svc.kernel.classify import Classifier
from validator_svc.kernel.interface import Form, Kernel, Kind
from validator_svc.numbering.countries import regions_of
from validator_svc.numbering.facts import RequestType
from validator_svc.risk_file import RiskFileError, load_risk_list

STANDARD_STREAM = "-"
DONE = 0
SOME_FAILED = 1

WriteAll = Callable[[NumberFile, ResultWriter, BinaryIO, Summary], Iterator[int]]
"""Writes all results of a file, and counts them; gives how many rows more are done."""
Part = TypeVar("Part")
Texts = tuple[list[str | None], list[str | None] | None]
"""Numbers, and the regions that their rows name, where they name any."""


class Check(NamedTuple):
    """What one run is to do."""

    input: str
    """A path; `-` for standard input."""
    hints: Hints
    request_type: RequestType | None = None
    """None: as much as the plan tells, and nothing is spent."""
    output: str = STANDARD_STREAM
    """A path; `-` for standard output."""
    format: OutputFormat = NDJSON
    spending: Spending = Spending()
    is_estimate: bool = False
    """Say what the run would cost, and do nothing else."""
    region_column: str | None = None
    """The name of the column where each row names its own country."""

    @property
    def depth(self) -> RequestType:
        """How much to tell of each number."""
        return self.request_type or "validation"

    @property
    def is_paid(self) -> bool:
        """Whether an upstream is to be asked for money."""
        return asks_upstream(self.request_type)


def check(wanted: Check) -> int:
    """Run, with a summary on stderr; returns the exit status.

    A reader who closes standard output has seen enough: that ends the run quietly. Raises
    CheckError; a file given as output is then as it was before.
    """
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    spare_what_is_loaded()
    if wanted.region_column is not None and wanted.is_paid:
        raise CheckError("--country column:NAME: expected a region here; for paid lookups submit takes it")
    try:
        # Read here and not through the settings, whose import would take longer than most runs.
        risk_list = load_risk_list(os.environ.get("VALIDATOR_RISK_FILE"))
    except RiskFileError as error:
        raise CheckError(str(error)) from None
    try:
        with contextlib.ExitStack() as stack:
            classifier = Classifier(risk_list, chosen_data_dir())
            source = opened_input(wanted.input, stack)
            if wanted.is_estimate:
                return tell_estimate(wanted, source, classifier)
            sink = opened_output(wanted, source, stack)
            if not wanted.is_paid:
                return run(wanted, source, sink, free_answers(wanted, classifier.kernel))
            source, answer = answering(wanted, source, classifier, stack)
            return run(wanted, source, sink, paid_answers(wanted, answer))
    except BrokenPipeError:
        # Python flushes standard output once more at exit, and would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (OSError, UnwritableError) as error:
        raise unusable(wanted.output, "standard output", error) from None


def run(wanted: Check, source: BinaryIO, sink: BinaryIO, write_all: WriteAll) -> int:
    """Read, answer and write everything."""
    started_s = time.monotonic()
    summary = Summary(wanted.is_paid, wanted.hints.region_code is not None)
    numbers = opened_numbers(source, wanted)
    tell_plan_alone(wanted.request_type)
    rows = 0
    writer = writer_of(wanted, numbers.layout, sink)
    with progress_of(source, size_of(source), sink) as progress, contextlib.closing(writer):
        for more in write_all(numbers, writer, sink, summary):
            rows += more
            progress(rows)
        writer.end()
        sink.flush()
    duration_s = time.monotonic() - started_s
    print(f"read as {described(numbers.layout)}\n{summary.text(duration_s)}", file=sys.stderr)
    if summary.assumed and (column := sampled_country_column(numbers)):
        print(country_hint(column), file=sys.stderr)
    return SOME_FAILED if summary.failed else DONE


def free_answers(wanted: Check, kernel: Kernel) -> WriteAll:
    """What the plan alone answers, in whole blocks where the output's rows are made up like the input's."""
    kind = Kind(wanted.depth, wanted.hints.region_code)

    def write_all(
        numbers: NumberFile, writer: ResultWriter, sink: BinaryIO, summary: Summary
    ) -> Iterator[int]:
        tally = kernel.new_tally(counts_duplicates=False)
        writer.begin()
        if form := form_of_blocks(wanted, numbers.layout):
            region_at = region_column(numbers.layout, wanted.region_column)
            for answer in named(answers(numbers, kernel, kind, tally, form, region_at), wanted):
                sink.write(answer.output)
                yield answer.rows
        else:
            for chunk in chunks_of(numbers, wanted):
                regions = regions_named(chunk, numbers.layout, wanted)
                writer.write(chunk, records_in_regions(kernel, chunk.texts, regions, kind, tally))
                yield len(chunk.texts)
        summary.add_tally(tally, kernel.plan)

    return write_all


def paid_answers(wanted: Check, answer: Answer) -> WriteAll:
    """What an upstream is asked for, chunk by chunk."""

    def write_all(
        numbers: NumberFile, writer: ResultWriter, sink: BinaryIO, summary: Summary
    ) -> Iterator[int]:
        writer.begin()
        for chunk in chunks_of(numbers, wanted):
            lines = answer(chunk.texts)
            summary.add(lines, chunk.texts)
            writer.write(chunk, lines)
            yield len(chunk.texts)

    return write_all


def form_of_blocks(wanted: Check, layout: Layout) -> Form | None:
    """How the kernel writes the output as it is wanted: the records alone, or CSV behind the same CSV."""
    if wanted.region_column is not None and layout.format != "csv":
        return None
    if wanted.format is NDJSON:
        return "ndjson"
    is_same = layout.format == "csv" and (wanted.format is CSV or layout.is_tab_separated)
    return "csv" if is_same and wanted.format in (CSV, TSV) else None


def opened_numbers(source: BinaryIO, wanted: Check) -> NumberFile:
    """The file of numbers, its layout found out. Raises CheckError naming it."""
    try:
        plain = unpacked(cast(io.BufferedReader, source))
        hints = wanted.hints._replace(name=unpacked_name(wanted.hints.name))
        numbers = open_numbers(cast(BinaryIO, plain), hints)
        region_column(numbers.layout, wanted.region_column)
        return numbers
    except (UnreadableFileError, OSError) as error:
        raise unusable(wanted.input, "standard input", error) from None


def chunks_of(numbers: NumberFile, wanted: Check) -> Iterator[Chunk]:
    """The rows, with their cells where these are wanted. Raises CheckError naming the file."""
    with_cells = wanted.format.has_cells or wanted.region_column is not None
    return named(numbers.chunks(with_cells), wanted)


def regions_named(chunk: Chunk, layout: Layout, wanted: Check) -> list[str | None] | None:
    """The region that each row names, see `countries.regions_of`; None where rows name none."""
    at = region_column(layout, wanted.region_column)
    if at is None or chunk.cells is None:
        return None
    return regions_of((row[at] if at < len(row) else "" for row in chunk.cells), chunk.texts)


def named(read: Iterator[Part], wanted: Check) -> Iterator[Part]:
    """What is read of the input. Raises CheckError naming it."""
    try:
        yield from read
    except (UnreadableFileError, OSError) as error:
        raise unusable(wanted.input, "standard input", error) from None


def answering(
    wanted: Check, source: BinaryIO, classifier: Classifier, stack: contextlib.ExitStack
) -> tuple[BinaryIO, Answer]:
    """What answers a chunk of numbers, once it may; and the input, unread. Raises CheckError."""
    region_code = wanted.hints.region_code
    # Only here, as it takes longer to import than most runs to run.
    from validator_svc.commands.paid_check import paid_lookups

    lookups = stack.enter_context(paid_lookups(classifier, wanted.depth, region_code))
    spending = wanted.spending
    if not spending.needs_estimate:
        return source, lookups.answer
    source = rereadable(source, stack)
    start = source.tell()
    found = lookups.estimate(texts_of(source, wanted))
    source.seek(start)
    allow(spending, found, lookups.price_nano)
    if spending.max_cost is None:
        return source, lookups.answer
    return source, within(spending.max_cost, found.billable, lookups.answer)


def tell_estimate(wanted: Check, source: BinaryIO, classifier: Classifier) -> int:
    """Print what the run would cost; returns the exit status. Raises CheckError."""
    from validator_svc.commands.paid_check import free_estimate, paid_lookups

    texts, region_code = texts_of(source, wanted), wanted.hints.region_code
    if wanted.is_paid:
        with paid_lookups(classifier, wanted.depth, region_code) as lookups:
            text = estimate_text(lookups.estimate(texts), lookups.price_nano)
    else:
        text = estimate_text(free_estimate(classifier, texts, wanted.depth, region_code), 0)
        tell_plan_alone(wanted.request_type)
    print(text, flush=True)
    return DONE


def texts_of(source: BinaryIO, wanted: Check) -> Iterator[Texts]:
    """The numbers of the input, chunk by chunk. Raises CheckError naming it."""
    numbers = opened_numbers(source, wanted)
    for chunk in chunks_of(numbers, wanted._replace(format=NDJSON)):
        yield chunk.texts, regions_named(chunk, numbers.layout, wanted)


def writer_of(wanted: Check, layout: Layout, sink: BinaryIO) -> ResultWriter:
    """The writer of the format that is asked for."""
    if is_tab_separated(wanted.output):
        layout = layout._replace(delimiter="\t")
    return wanted.format.writer(sink, layout, wanted.depth)


def opened_input(name: str, stack: contextlib.ExitStack) -> BinaryIO:
    """The input, open. Raises CheckError."""
    if name == STANDARD_STREAM:
        return standard(sys.stdin, "standard input")
    try:
        return stack.enter_context(Path(name).open("rb"))
    except (OSError, ValueError) as error:
        raise unusable(name, "", error) from None


def opened_output(wanted: Check, source: BinaryIO, stack: contextlib.ExitStack) -> BinaryIO:
    """The output, open; a file appears under its name only when it is complete.

    Raises OSError, and CheckError when it is the input.
    """
    try:
        if wanted.output == STANDARD_STREAM:
            sink = standard(sys.stdout, "standard output")
            refuse_input(os.fstat(source.fileno()), os.fstat(sink.fileno()))
            return sink
        path = Path(wanted.output)
        refuse_input(os.fstat(source.fileno()), existing(path))
        return stack.enter_context(output_at(path))
    except OutputError as error:
        raise unusable(wanted.output, "standard output", error) from None


def standard(stream: TextIO | None, name: str) -> BinaryIO:
    """The bytes of a standard stream; Python has None for one that was closed. Raises CheckError."""
    if stream is None:
        raise CheckError(f"{name} is closed")
    return stream.buffer


def size_of(source: BinaryIO) -> int | None:
    """Bytes in a regular file; None for a pipe or a terminal."""
    status = os.fstat(source.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def unusable(name: str, standard_stream: str, error: Exception) -> CheckError:
    """What went wrong with a file, in one line."""
    shown = standard_stream if name == STANDARD_STREAM else name
    return CheckError(f"{shown}: {getattr(error, 'strerror', None) or error}")


def stop(number: int, frame: object) -> NoReturn:
    """End on SIGTERM in order, so that no partial output stays behind; that is done, not failed."""
    print("validator-svc: stopped by SIGTERM; the results are not complete", file=sys.stderr)
    raise SystemExit(DONE)
