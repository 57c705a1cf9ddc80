"""`validator-svc submit`: a file to a server, its progress on stderr, its results to a file."""

import asyncio
import contextlib
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import aiohttp
import orjson

from validator_svc.whole_file import whole_file

DONE = 0
SOME_FAILED = 1

READ_BYTES = 256 * 1024
PAUSE_START_S = 0.2
PAUSE_MAX_S = 5.0
# How long a server may be away before it is given up.
PATIENCE_S = 300.0
AWAY = frozenset({429, 502, 503, 504})

Result = TypeVar("Result")
Show = Callable[[dict[str, Any]], None]


class Submission(NamedTuple):
    """What one run is to do."""

    file: Path
    server: str
    """Base URL."""
    output: Path
    format: str
    """`csv` or `ndjson`."""
    parameters: dict[str, str]
    """Of the batch: `type`, `country`, ..."""
    key: str | None = None


class SubmitError(Exception):
    """Why nothing, or nothing more, can be done, in one line."""


class ServerAwayError(Exception):
    """The server does not answer, or says that it cannot now: worth another try."""


def submit(submission: Submission) -> int:
    """Upload, follow, download; returns the exit status. Raises SubmitError."""
    return asyncio.run(run(submission))


async def run(submission: Submission) -> int:
    """The same, in an event loop."""
    headers = {"Authorization": f"Bearer {submission.key}"} if submission.key else {}
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)
    async with aiohttp.ClientSession(submission.server, headers=headers, timeout=timeout) as client:
        # Should the answer get lost, the same key makes a second upload the same batch.
        key = secrets.token_hex(16)
        batch_id = await patiently(lambda: upload(client, submission, key))
        print(f"batch {batch_id}", file=sys.stderr)
        with progress_bar() as show:
            state = await patiently(lambda: followed(client, batch_id, show))
        if state["status"] == "success":
            await patiently(lambda: download(client, batch_id, submission))
    print(summary(state), file=sys.stderr)
    return DONE if state["status"] == "success" and not state["unknown"] else SOME_FAILED


async def patiently(step: Callable[[], Awaitable[Result]]) -> Result:
    """Do a step, again and again while the server is away. Raises SubmitError when it stays away."""
    away_s, pause_s = 0.0, PAUSE_START_S
    while True:
        began_s = time.monotonic()
        try:
            return await step()
        except (ServerAwayError, aiohttp.ClientError, TimeoutError) as error:
            if time.monotonic() - began_s > PAUSE_MAX_S:
                # It was there for a while.
                away_s, pause_s = 0.0, PAUSE_START_S
            if away_s > PATIENCE_S:
                raise SubmitError(f"the server is away: {error}") from None
        await asyncio.sleep(pause_s)
        away_s += pause_s
        pause_s = min(pause_s * 2, PAUSE_MAX_S)


async def upload(client: aiohttp.ClientSession, submission: Submission, key: str) -> str:
    """Send the file; returns the id of its batch."""
    headers = {"Idempotency-Key": key, "Content-Type": "application/octet-stream"}
    parameters = {"name": submission.file.name} | submission.parameters
    body = pieces(submission.file)
    async with client.post("/v1/batches", params=parameters, data=body, headers=headers) as response:
        return str((await answer_of(response))["request_uuid"])


async def pieces(path: Path) -> AsyncIterator[bytes]:
    """The file, piece by piece. Raises SubmitError when it cannot be read."""
    try:
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, READ_BYTES):
                yield piece
    except OSError as error:
        raise SubmitError(f"{path}: {error.strerror}") from None


async def followed(client: aiohttp.ClientSession, batch_id: str, show: Show) -> dict[str, Any]:
    """Show the batch's events; returns its state at the end."""
    async with client.get(f"/v1/batches/{batch_id}/events") as response:
        if response.status != 200:
            await answer_of(response)
        has_ended = False
        async for line in response.content:
            field, _, value = line.decode().strip().partition(": ")
            if field == "event":
                has_ended = value == "end"
            elif field == "data":
                state: dict[str, Any] = orjson.loads(value)
                show(state)
                if has_ended:
                    return state
    raise ServerAwayError("the events broke off")


async def download(client: aiohttp.ClientSession, batch_id: str, submission: Submission) -> None:
    """Fetch the results; the file appears when they are complete."""
    parameters = {"format": submission.format}
    async with client.get(f"/v1/batches/{batch_id}/results", params=parameters) as response:
        if response.status != 200:
            await answer_of(response)
        try:
            with whole_file(submission.output) as file:
                async for piece in response.content.iter_chunked(READ_BYTES):
                    file.write(piece)
        except OSError as error:
            if isinstance(error, aiohttp.ClientError):
                raise
            raise SubmitError(f"{submission.output}: {error.strerror}") from None


async def answer_of(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """The JSON of an answer. Raises ServerAwayError or SubmitError for an error."""
    if response.status in AWAY:
        raise ServerAwayError(f"HTTP {response.status}")
    try:
        answer: dict[str, Any] = orjson.loads(await response.read())
    except orjson.JSONDecodeError:
        raise SubmitError(f"HTTP {response.status}: is this a validator_svc?") from None
    if response.status >= 400:
        raise SubmitError(str(answer.get("message", f"HTTP {response.status}")))
    return answer


@contextlib.contextmanager
def progress_bar() -> Iterator[Show]:
    """A bar on stderr, only when somebody is there to see it; yields what shows a state."""
    if not sys.stderr.isatty():
        yield lambda state: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
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
    return f"{state['status']}{why}: {state['count']:,} rows, {counts}; cost {state['cost']} USD"
