"""`validator-svc check`: a file of numbers in, results out, on this machine and without a server."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn

from validator_svc.commands.check_answers import WriteAll, answering, free_answers, tell_estimate
from validator_svc.commands.check_error import CheckError
from validator_svc.commands.check_input import opened_input, opened_numbers, size_of, standard, unusable
from validator_svc.commands.check_report import Noted, write_report
from validator_svc.commands.check_run import STANDARD_STREAM, Check
from validator_svc.commands.check_spending import tell_plan_alone
from validator_svc.commands.found_out import NATIONAL_HINT, country_hint, described
from validator_svc.commands.output_file import (
    OutputError,
    delimiter_of,
    existing,
    output_at,
    refuse_input,
)
from validator_svc.commands.preview import Head
from validator_svc.commands.progress import progress_of
from validator_svc.commands.summary import Summary
from validator_svc.data_directory import chosen_data_dir
from validator_svc.formats.country_column import sampled_country_column
from validator_svc.formats.errors import UnwritableError
from validator_svc.formats.layout import Layout
from validator_svc.formats.writers import ResultWriter
from validator_svc.gc_tuning import spare_what_is_loaded
from validator_svc.kernel.classify import Classifier
from validator_svc.risk_file import RiskFileError, load_risk_list

DONE = 0
SOME_FAILED = 1


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
            source, write_all = answering(wanted, source, classifier, stack)
            return run(wanted, source, sink, write_all)
    except BrokenPipeError:
        # Python flushes standard output once more at exit, and would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (OSError, UnwritableError) as error:
        raise unusable(wanted.output, "standard output", error) from None
    except KeyboardInterrupt:
        print(interrupted(wanted), file=sys.stderr)
        raise


def run(wanted: Check, source: BinaryIO, sink: BinaryIO, write_all: WriteAll) -> int:
    """Read, answer and write everything."""
    started_s = time.monotonic()
    summary = Summary(wanted.is_paid, wanted.hints.region_code is not None)
    numbers = opened_numbers(source, wanted)
    tell_plan_alone(wanted.request_type)
    head = Head()
    sink = head.file if wanted.is_shown else sink
    noted = Noted(writer_of(wanted, numbers.layout, sink))
    writer = noted if wanted.report is not None else noted.writer
    rows = 0
    with progress_of(source, size_of(source), sink) as progress, contextlib.closing(writer):
        for more in write_all(numbers, writer, sink, summary):
            rows += more
            progress(rows)
        writer.end()
        sink.flush()
    duration_s = time.monotonic() - started_s
    if wanted.report is not None:
        write_report(wanted, described(numbers.layout), noted.found, duration_s)
    if wanted.is_shown:
        head.show(rows)
    told = [f"read as {described(numbers.layout)}", summary.text(duration_s)]
    national = summary.without_country if wanted.region_column is None else 0
    if (summary.assumed or national) and (column := sampled_country_column(numbers)):
        told.append(country_hint(column))
    elif national:
        told.append(NATIONAL_HINT)
    told += [f"wrote    {path}" for path in written(wanted)]
    print("\n".join(told), file=sys.stderr)
    return SOME_FAILED if summary.failed else DONE


def written(wanted: Check) -> Iterator[str | Path]:
    """The files that are there now."""
    if wanted.output != STANDARD_STREAM:
        yield wanted.output
    if wanted.report is not None:
        yield wanted.report


def writer_of(wanted: Check, layout: Layout, sink: BinaryIO) -> ResultWriter:
    """The writer of the format that is asked for."""
    layout = layout._replace(delimiter=delimiter_of(wanted.output, layout))
    return wanted.format.writer(sink, layout, wanted.depth)


def opened_output(wanted: Check, source: BinaryIO, stack: contextlib.ExitStack) -> BinaryIO:
    """The output, open; a file appears under its name only when it is complete.

    Raises OSError, and CheckError when it, or the report, is the input.
    """
    try:
        status = os.fstat(source.fileno())
        if wanted.report is not None:
            refuse_input(status, existing(wanted.report), str(wanted.report))
        if wanted.output == STANDARD_STREAM:
            sink = standard(sys.stdout, "standard output")
            refuse_input(status, os.fstat(sink.fileno()), "standard output")
            return sink
        path = Path(wanted.output)
        refuse_input(status, existing(path), wanted.output)
        return stack.enter_context(output_at(path))
    except OutputError as error:
        raise CheckError(str(error)) from None


def interrupted(wanted: Check) -> str:
    """What to know after Ctrl-C."""
    nothing = "" if wanted.output == STANDARD_STREAM else " nothing was written;"
    kept = (
        " what was paid for is kept, so the same command does not pay for it again" if wanted.is_paid else ""
    )
    return f"\nvalidator-svc: interrupted;{nothing}{kept or ' the same command begins anew'}"


def stop(number: int, frame: object) -> NoReturn:
    """End on SIGTERM in order, so that no partial output stays behind; that is done, not failed."""
    print("validator-svc: stopped by SIGTERM; the results are not complete", file=sys.stderr)
    raise SystemExit(DONE)
