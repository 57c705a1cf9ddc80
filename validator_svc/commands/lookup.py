"""`validator-svc lookup`: numbers from the command line, answered in full."""

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from validator_svc.commands.check_error import CheckError
from validator_svc.commands.check_spending import Spending, allow, asks_upstream, tell_plan_alone
from validator_svc.commands.number_table import show_table, shown
from validator_svc.data_directory import chosen_data_dir
from validator_svc.kernel.classify import Classifier
from validator_svc.numbering.facts import RequestType
from validator_svc.record.meanings import Value, meaning_of
from validator_svc.risk_file import RiskFileError, load_risk_list

Answered = dict[str, Value]

DONE = 0
SOME_FAILED = 1
# Error codes of a number that was checked: in use or not, in the right form or not.
CHECKED = ("000", "021")


class Lookup(NamedTuple):
    """What one run is to do."""

    numbers: Sequence[str]
    request_type: RequestType | None
    """None: as much as the plan tells, and nothing is spent."""
    region_code: str | None
    spending: Spending
    is_pretty: bool = False
    """JSON for people, whatever standard output is."""
    is_explained: bool = False

    @property
    def depth(self) -> RequestType:
        """How much to tell of each number."""
        return self.request_type or "validation"


def lookup(wanted: Lookup) -> int:
    """Print the answers; returns the exit status. Raises CheckError.

    A table on a terminal, NDJSON in a pipe.
    """
    try:
        risk_list = load_risk_list(os.environ.get("VALIDATOR_RISK_FILE"))
    except RiskFileError as error:
        raise CheckError(str(error)) from None
    classifier = Classifier(risk_list, chosen_data_dir())
    lines = paid(wanted, classifier) if asks_upstream(wanted.request_type) else free(wanted, classifier)
    records: list[Answered] = [orjson.loads(line) for line in lines.splitlines()]
    with contextlib.suppress(BrokenPipeError):
        show(wanted, records, lines)
        sys.stdout.flush()
    tell_plan_alone(wanted.request_type)
    return DONE if all(record["error_code"] in CHECKED for record in records) else SOME_FAILED


def free(wanted: Lookup, classifier: Classifier) -> bytes:
    """What the numbering plan knows."""
    return classifier.lines(wanted.numbers, wanted.depth, wanted.region_code)


def paid(wanted: Lookup, classifier: Classifier) -> bytes:
    """What the upstream knows, once it is agreed what that costs. Raises CheckError."""
    from validator_svc.commands.paid_check import paid_lookups

    with paid_lookups(classifier, wanted.depth, wanted.region_code) as lookups:
        if wanted.spending.needs_estimate:
            allow(wanted.spending, lookups.estimate([([*wanted.numbers], None)]), lookups.price_nano)
        return lookups.answer(wanted.numbers)


def show(wanted: Lookup, records: Sequence[Answered], lines: bytes) -> None:
    """The answers in the form that was asked for, or that suits whoever reads them."""
    if wanted.is_explained:
        show_explained(records)
    elif wanted.is_pretty:
        print(orjson.dumps(records[0] if len(records) == 1 else records, option=orjson.OPT_INDENT_2).decode())
    elif not sys.stdout.isatty():
        sys.stdout.buffer.write(lines)
    elif len(records) == 1:
        show_one(records[0])
    else:
        show_table(records)


def show_one(record: Answered) -> None:
    """One number, a field a line."""
    width = max(map(len, record))
    for field, value in record.items():
        print(f"{field:<{width}}  {shown(value)}")


def show_explained(records: Sequence[Answered]) -> None:
    """Every field with its value and, below, what it says."""
    for number, record in enumerate(records):
        if number:
            print()
        for field, value in record.items():
            print(f"{field}: {shown(value)}")
            print(f"    {meaning_of(field, record)}")
