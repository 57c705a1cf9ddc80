"""What `check` and `lookup` may spend: nothing that was not asked for, never more than was allowed."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from validator_svc.commands.check_error import CheckError
from validator_svc.commands.consent import agreed, somebody_is_there
from validator_svc.lookup.money import nano, usd
from validator_svc.numbering.facts import RequestType
from validator_svc.record.finished import COST
from validator_svc.upstreams.registry import has_any_key

if TYPE_CHECKING:
    from validator_svc.batches.estimate import EstimateCounts

# Numbers that are looked up before it is known what the upstream really charges for one.
FIRST = 100

PLAN_ALONE = (
    "validator-svc: answered from the numbering plan alone, nothing is spent;"
    " --type analysis or --type validation asks the upstream, for money"
)

Answer = Callable[[Sequence[str | None]], bytes]
"""Texts (None: a line that cannot be read) to NDJSON, a record each."""


class Spending(NamedTuple):
    """What whoever started the run allows."""

    max_cost: str | None = None
    """USD, a decimal string."""
    is_agreed: bool = False
    """Nobody is to be asked."""

    @property
    def needs_estimate(self) -> bool:
        """Whether it must be known what the run costs before it begins."""
        return self.max_cost is not None or (not self.is_agreed and somebody_is_there())


def has_upstream() -> bool:
    """Whether there is anything to spend money on; read here, as the settings take long to import."""
    return has_any_key()


def asks_upstream(request_type: RequestType | None) -> bool:
    """Whether the upstream is to be asked, for money; None: no `--type` was given, so nothing is spent."""
    return request_type not in (None, "format") and has_upstream()


def tell_plan_alone(request_type: RequestType | None) -> None:
    """Say that the upstream, which there is, was not asked, where no `--type` was given."""
    if request_type is None and has_upstream():
        print(PLAN_ALONE, file=sys.stderr)


def estimate_text(found: "EstimateCounts", price_nano: int) -> str:
    """An estimate for people: some lines, the last without its end."""
    counts = {
        "rows": found.rows,
        "valid": found.valid,
        "invalid": found.rows - found.valid,
        "duplicates": found.duplicates,
        "cached": found.cached,
        "billable": found.billable,
    }
    lines = [f"{name:<10} {count:,}" for name, count in counts.items()]
    if found.assumed_international:
        lines.append(f"{found.assumed_international:,} were taken to be international, for want of a country")
    return "\n".join([*lines, f"{'cost':<10} {usd(found.billable * price_nano)} USD"])


def allow(spending: Spending, found: "EstimateCounts", price_nano: int) -> None:
    """Let a run begin that costs what the estimate says. Raises CheckError for one that must not."""
    cost_nano = found.billable * price_nano
    if spending.max_cost is not None and cost_nano > nano(spending.max_cost):
        raise CheckError(
            f"the estimate is {usd(cost_nano)} USD for {found.billable:,} lookups, more than"
            f" --max-cost {spending.max_cost}: nothing was looked up, nothing was written"
        )
    if not found.billable or spending.is_agreed or not somebody_is_there():
        return
    print(estimate_text(found, price_nano), file=sys.stderr)
    if not agreed(f"Look up {found.billable:,} numbers for {usd(cost_nano)} USD?"):
        raise CheckError("nothing was looked up, nothing was written")


def within(max_cost: str, billable: int, answer: Answer) -> Answer:
    """The same answers, unless the upstream charges so much that they would cost more than `max_cost`.

    The estimate goes by the price of the settings; this one by what is really charged. The first
    lookups are few for that reason. What is returned raises CheckError.
    """
    max_nano, spent_nano, paid, dearest_nano = nano(max_cost), 0, 0, 0

    def answered(texts: Sequence[str | None]) -> bytes:
        nonlocal spent_nano, paid, dearest_nano
        done, lines = 0, []
        while done < len(texts):
            part = texts[done:] if paid else texts[done : done + FIRST]
            lines.append(answer(part))
            done += len(part)
            costs = [nano(cost.decode()) for cost in COST.findall(lines[-1])]
            paid, spent_nano = paid + len(costs), spent_nano + sum(costs)
            dearest_nano = max([dearest_nano, *costs])
            if spent_nano + max(billable - paid, 0) * dearest_nano > max_nano:
                raise CheckError(
                    f"stopped: the upstream charges {usd(dearest_nano)} USD a number, more than the settings"
                    f" say, so the run could cost more than --max-cost {max_cost}; {usd(spent_nano)} USD were"
                    " spent, and what they bought is in the cache"
                )
        return b"".join(lines)

    return answered


def rereadable(source: BinaryIO, stack: ExitStack) -> BinaryIO:
    """The input as a file that can be read twice: once to estimate, once to answer."""
    if source.seekable():
        return source
    copy = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
    shutil.copyfileobj(source, copy)
    copy.seek(0)
    return copy
