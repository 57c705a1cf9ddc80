"""What `validator-svc watch` shows at a terminal: what to put where, how far files are, what came of them."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from validator_svc.config import Settings
from validator_svc.dropbox.folder import misplaced
from validator_svc.dropbox.names import ERROR, PROGRESS, REPORT, RESULTS, printable
from validator_svc.lookup.cancel import end

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LOOK_S = 0.3

INTRO = """\
watching {root}; Ctrl-C stops it
  put files into     {root}/inbox
  answers appear in  {root}/outbox
  files go on to     {root}/done, or {root}/failed with a text that says why
"""
OUTRO = "stopped; files that were under way are gone on with at the next start"


def is_for_people(settings: Settings) -> bool:
    """Whether somebody looks at stderr who has not asked for the log instead."""
    return settings.log_format == "auto" and sys.stderr is not None and sys.stderr.isatty()


class WatchView:
    """Looks at the files of a drop folder, whoever works them, and shows what changes."""

    def __init__(self, root: Path, bars: "Progress") -> None:
        self.root = root
        self.bars = bars
        self._told = dict(self._answers())
        self._misplaced: set[str] = set()
        self._tasks: dict[str, TaskID] = {}

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Show what changes, for as long as the block."""

        async def follow() -> None:
            while True:
                self.look()
                await asyncio.sleep(LOOK_S)

        task = asyncio.create_task(follow())
        try:
            yield
        finally:
            await end([task])

    def look(self) -> None:
        """Show what is new, and how far files are."""
        for path, at in self._answers():
            if self._told.get(path) != at:
                self._told[path] = at
                self.bars.console.print(told(self.root, path), highlight=False, markup=False, soft_wrap=True)
        self._tell_misplaced()
        states = dict(self._states())
        for name in self._tasks.keys() - states.keys():
            self.bars.remove_task(self._tasks.pop(name))
        for name, state in states.items():
            if name not in self._tasks:
                self._tasks[name] = self.bars.add_task(name, total=None, state="")
            total = state.get("count")
            done = total - state.get("pending", 0) if total is not None else 0
            text = f"{state['status']}: {state['why']}" if state.get("why") else state["status"]
            self.bars.update(self._tasks[name], total=total, completed=done, state=text)
        self.bars.refresh()

    def _tell_misplaced(self) -> None:
        names = self._misplaced
        with contextlib.suppress(OSError):
            names = set(misplaced(self.root))
        for name in sorted(names - self._misplaced):
            text = f"{printable(name)} is not taken where it lies: move it into {self.root}/inbox"
            self.bars.console.print(text, highlight=False, markup=False, soft_wrap=True)
        self._misplaced = names

    def _answers(self) -> Iterator[tuple[Path, int]]:
        """Reports and explanations, and when each was written."""
        for folder, ending in (("outbox", REPORT), ("failed", ERROR)):
            for path in sorted((self.root / folder).glob(f"*{ending}")):
                with contextlib.suppress(OSError):
                    yield path, path.stat().st_mtime_ns

    def _states(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """What is told of files that are worked."""
        for path in sorted((self.root / "outbox").glob(f"*{PROGRESS}")):
            with contextlib.suppress(OSError, orjson.JSONDecodeError):
                yield path.name.removesuffix(PROGRESS), orjson.loads(path.read_bytes())


def told(root: Path, path: Path) -> str:
    """What came of a file, in one line."""
    try:
        content = path.read_bytes()
        if path.name.endswith(ERROR):
            # Behind the sentence that says which file it is.
            why = " ".join(content.decode("utf-8", "replace").partition("\n")[2].split())
            return f"{path.name.removesuffix(ERROR)}: not answered: {why}"
        state = orjson.loads(content)
        name = path.name.removesuffix(REPORT)
        counts = f"{state['count']:,} rows, {state['valid']:,} valid, {state['invalid']:,} invalid"
        counts += f", {state['unknown']:,} unknown" if state["unknown"] else ""
        results = sorted(each.name for each in path.parent.glob(f"{escaped(name)}{RESULTS}.*"))
        return f"{name}: {counts}, {state['cost']} USD; {root}/outbox/{''.join(results[:1])}"
    except (OSError, orjson.JSONDecodeError):
        return f"{path.name} is gone again"


def escaped(name: str) -> str:
    """A name in which nothing stands for anything else."""
    return "".join(f"[{each}]" if each in "*?[" else each for each in name)


@contextlib.contextmanager
def watch_view(root: Path) -> Iterator[WatchView]:
    """A view on stderr for as long as the block; what is logged meanwhile stands above its bars."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    state = TextColumn("{task.fields[state]}", markup=False)
    console = Console(stderr=True)
    with Progress(*columns, state, console=console, auto_refresh=False, transient=True) as bars:
        console.print(INTRO.format(root=root), highlight=False, markup=False, end="", soft_wrap=True)
        yield WatchView(Path(os.fspath(root)), bars)
    console.print(OUTRO, highlight=False)
