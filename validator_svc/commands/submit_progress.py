"""What `validator-svc submit` tells whoever waits for it, on stderr."""

import contextlib
import shlex
import sys
from collections.abc import Callable, Iterator
from typing import Any

DEFAULT_SERVER = "http://127.0.0.1:8080"

Show = Callable[[dict[str, Any]], None]


@contextlib.contextmanager
def progress_bar() -> Iterator[Show]:
    """A bar on stderr, only when somebody is there to see it; yields what shows a state."""
    if not sys.stderr.isatty():
        yield waits_told()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("queued", total=None)

        def show(state: dict[str, Any]) -> None:
            text = state["status"] if not state["why"] else f"{state['status']}: {state['why']}"
            done = state["count"] - state["pending"]
            bar.update(task, description=text, completed=done, total=state["count"])

        yield show


def summary(state: dict[str, Any]) -> str:
    """The end of a batch in one line."""
    why = f" ({state['why']})" if state["why"] else ""
    counts = ", ".join(f"{state[name]:,} {name}" for name in ("valid", "invalid", "unknown", "duplicates"))
    assumed = state["assumed_international"]
    return f"{state['status']}{why}: {state['count']:,} rows, {counts}; cost {state['cost']} USD" + (
        f"; {assumed:,} assumed international, having neither +, 00 nor a country" if assumed else ""
    )


def waits_told() -> Show:
    """Says what a batch waits for, once each time; without a bar nothing else would."""
    told = None

    def show(state: dict[str, Any]) -> None:
        nonlocal told
        if state["why"] != told:
            told = state["why"]
            if told:
                print(f"{state['status']}: {told}", file=sys.stderr)

    return show


def estimate_lines(estimate: dict[str, Any]) -> str:
    """What a server's estimate counts, and the cost, a line each."""
    counts = {name: f"{value:,}" for name, value in estimate.items() if isinstance(value, int)}
    lines = counts | {"cost": f"{estimate['cost']} USD"}
    if "country_column" in estimate:
        lines["country_column"] = f"{estimate['country_column']!r}; --country column:NAME uses it"
    width = max(map(len, lines))
    return "\n".join(f"{name:<{width}} {value}" for name, value in lines.items())


def how_to_come_back(server: str, batch_id: str | None) -> str:
    """What to type about a batch that is left to itself; None: the server never said which it is."""
    where = "" if server == DEFAULT_SERVER else f" --server {shlex.quote(server)}"
    if batch_id is None:
        taken_on = f"what it has taken on: validator-svc batches{where}"
        return f"broken off before the server took the file on; {taken_on}"
    return (
        f"batch {batch_id} goes on without this command\n"
        f"  look     validator-svc batches{where}\n"
        f"  results  validator-svc fetch {batch_id}{where}\n"
        f"  cancel   validator-svc cancel {batch_id}{where}"
    )
