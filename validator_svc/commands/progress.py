"""The progress bar of a run over a file, on stderr, only when somebody is there to see it."""

import contextlib
import sys
from collections.abc import Iterator
from typing import BinaryIO, Protocol


class Progress(Protocol):
    """Is told how far a run has come."""

    def __call__(self, rows: int) -> None:
        """`rows` are done in all."""


@contextlib.contextmanager
def progress_of(file: BinaryIO, size_bytes: int | None, results: BinaryIO) -> Iterator[Progress]:
    """Show how much of `file` has been read, with rate and time left.

    Nothing is shown when stderr is no terminal, nor when `results` go to one: they would run through
    each other. `size_bytes` None: the length is not known, so there is no time left to tell.
    """
    if not sys.stderr.isatty() or results.isatty():
        yield lambda rows: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    time_column = TimeElapsedColumn() if size_bytes is None else TimeRemainingColumn()
    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.fields[rows]:,} numbers"), time_column)
    rate, console = TextColumn("{task.fields[rate]:,.0f}/s"), Console(stderr=True)
    # Gone once it is full: the summary says the same.
    with Bar(*columns, rate, console=console, transient=True) as bar:
        task = bar.add_task("", total=size_bytes, rows=0, rate=0.0)

        def show(rows: int) -> None:
            read_bytes = None if size_bytes is None else file.tell()
            elapsed_s = bar.tasks[0].elapsed or 1e-9
            bar.update(task, completed=read_bytes, rows=rows, rate=rows / elapsed_s)

        yield show
