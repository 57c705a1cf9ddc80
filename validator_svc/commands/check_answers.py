"""The answers of `validator-svc check`: for nothing from the plan, or for money from an upstream."""

import contextlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from validator_svc.commands.check_input import named, regions_named, row_blocks_of, texts_of
from validator_svc.commands.check_run import Check
from validator_svc.commands.check_spending import (
    Answer,
    allow,
    estimate_text,
    rereadable,
    tell_plan_alone,
    within,
)
from validator_svc.commands.output_file import delimiter_of
from validator_svc.commands.summary import Summary
from validator_svc.formats.answered import answers
from validator_svc.formats.layout import Layout
from validator_svc.formats.output_formats import CSV, NDJSON, TSV
from validator_svc.formats.row_regions import records_in_regions
from validator_svc.formats.rows import NumberFile, RowBlock
from validator_svc.formats.segmenter import region_column
from validator_svc.formats.writers import ResultWriter
from validator_svc.kernel.classify import Classifier
from validator_svc.kernel.interface import Form, Kernel, Kind

WriteAll = Callable[[NumberFile, ResultWriter, BinaryIO, Summary], Iterator[int]]
"""Writes all results of a file, and counts them; gives how many rows more are done."""


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
            for block in row_blocks_of(numbers, wanted):
                regions = regions_named(block, numbers.layout, wanted)
                lines = records_in_regions(kernel, block.texts, regions, kind, tally)
                writer.write(own_cells(block, numbers.layout, wanted), lines)
                yield len(block.texts)
        summary.add_tally(tally, kernel.plan)

    return write_all


def paid_answers(wanted: Check, answer: Answer) -> WriteAll:
    """What an upstream is asked for, block by block."""

    def write_all(
        numbers: NumberFile, writer: ResultWriter, sink: BinaryIO, summary: Summary
    ) -> Iterator[int]:
        writer.begin()
        for block in row_blocks_of(numbers, wanted):
            lines = answer(block.texts)
            summary.add(lines, block.texts)
            writer.write(own_cells(block, numbers.layout, wanted), lines)
            yield len(block.texts)

    return write_all


def own_cells(block: RowBlock, layout: Layout, wanted: Check) -> bytes | None:
    """The rows' own cells as the writer takes them; None where the output has none."""
    return block.clean_csv(delimiter_of(wanted.output, layout)) if wanted.format.has_cells else None


def form_of_blocks(wanted: Check, layout: Layout) -> Form | None:
    """How the kernel writes the output as it is wanted: the records alone, or CSV behind the same CSV."""
    if wanted.report is not None or (wanted.region_column is not None and layout.format != "csv"):
        return None
    if wanted.format is NDJSON:
        return "ndjson"
    is_same = layout.format == "csv" and (wanted.format is CSV or layout.is_tab_separated)
    return "csv" if is_same and wanted.format in (CSV, TSV) else None


def answering(
    wanted: Check, source: BinaryIO, classifier: Classifier, stack: contextlib.ExitStack
) -> tuple[BinaryIO, WriteAll]:
    """What an upstream answers, once it may be asked; and the input, unread. Raises CheckError."""
    region_code = wanted.hints.region_code
    # Only here, as it takes longer to import than most runs to run.
    from validator_svc.commands.paid_check import paid_lookups

    lookups = stack.enter_context(paid_lookups(classifier, wanted.depth, region_code))
    spending = wanted.spending
    if not spending.needs_estimate:
        return source, paid_answers(wanted, lookups.answer)
    source = rereadable(source, stack)
    start = source.tell()
    found = lookups.estimate(texts_of(source, wanted))
    source.seek(start)
    allow(spending, found, lookups.price_nano)
    if spending.max_cost is None:
        return source, paid_answers(wanted, lookups.answer)
    within_it = within(spending.max_cost, found.billable, lookups.answer)
    return source, paid_answers(wanted, within_it)


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
    return 0
