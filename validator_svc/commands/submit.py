"""`validator-svc submit`: a file to a server, its progress on stderr, its results to a file."""

import asyncio
import secrets
import signal
import stat
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import aiohttp
import orjson

from validator_svc.atomic_write import try_out
from validator_svc.commands.consent import agreed, somebody_is_there
from validator_svc.commands.output_file import OutputError, existing, output_at, refuse_input
from validator_svc.commands.submit_progress import (
    Show,
    estimate_lines,
    how_to_come_back,
    progress_bar,
    summary,
)
from validator_svc.stopping import INTERRUPTED

DONE = 0
SOME_FAILED = 1

READ_BYTES = 256 * 1024
PAUSE_START_S = 0.2
PAUSE_MAX_S = 5.0
# How long a server may be away before it is given up.
PATIENCE_S = 300.0
AWAY = frozenset({429, 502, 503, 504})
UNREACHED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)

Result = TypeVar("Result")


class Submission(NamedTuple):
    """What one run is to do."""

    file: Path
    server: str
    """Base URL."""
    output: Path
    format: str
    """Of the results; see `output_formats`."""
    parameters: dict[str, str]
    """Of the batch: `type`, `country`, ..."""
    key: str | None = None
    is_estimate: bool = False
    """Say what it would cost, and do nothing else."""
    is_agreed: bool = False
    """Nobody is to be asked before money is spent."""


class SubmitError(Exception):
    """Why nothing, or nothing more, can be done, in one line."""


class ServerAwayError(Exception):
    """The server does not answer, or says that it cannot now: worth another try."""


def submit(submission: Submission) -> int:
    """Upload, follow, download; returns the exit status. Raises SubmitError.

    What is wrong with the two files is said before anything is sent, and so before anything is paid.
    """
    check_files(submission.file, submission.output)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if submission.is_estimate or must_ask(submission):
        estimate = asyncio.run(with_client(submission, estimated))
        if submission.is_estimate:
            print(estimate_lines(estimate), flush=True)
            return DONE
        ask(estimate)
    return asyncio.run(with_client(submission, interruptible))


def check_files(file: Path, output: Path) -> None:
    """Raise SubmitError for a file that cannot be read, or an output that cannot be written."""
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a directory" if stat.S_ISDIR(status.st_mode) else "no regular file"
            raise SubmitError(f"{file}: this is {kind}; expected a file, which can be sent again if need be")
        file.open("rb").close()
    except (OSError, ValueError) as error:
        raise SubmitError(f"{file}: {getattr(error, 'strerror', None) or error}") from None
    try:
        refuse_input(status, existing(output))
        try_out(output)
    except (OSError, ValueError, OutputError) as error:
        raise SubmitError(f"{output}: {getattr(error, 'strerror', None) or error}") from None


async def with_client(
    submission: Submission, act: Callable[[aiohttp.ClientSession, Submission], Awaitable[Result]]
) -> Result:
    """Do something with a client of the server."""
    headers = {"Authorization": f"Bearer {submission.key}"} if submission.key else {}
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=60)
    async with aiohttp.ClientSession(submission.server, headers=headers, timeout=timeout) as client:
        return await act(client, submission)


async def interruptible(client: aiohttp.ClientSession, submission: Submission) -> int:
    """Do the work; whatever ends it before its time, what goes on without it is said."""
    begun: list[str] = []
    received: list[int] = []
    task = asyncio.create_task(work(client, submission, begun))

    def stop(number: int) -> None:
        received.append(number)
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        return await task
    except (asyncio.CancelledError, SubmitError):
        if received or begun:
            batch_id = begun[0] if begun else None
            print(how_to_come_back(submission.server, batch_id, bool(submission.key)), file=sys.stderr)
        if not received:
            raise
        return DONE if signal.SIGTERM in received else INTERRUPTED


async def work(client: aiohttp.ClientSession, submission: Submission, begun: list[str]) -> int:
    """Upload, follow, download; returns the exit status. The batch's id goes to `begun` once it is known."""
    # Should the answer get lost, the same key makes a second upload the same batch.
    key = secrets.token_hex(16)
    batch_id = await patiently(submission.server, lambda: upload(client, submission, key))
    begun.append(batch_id)
    print(f"batch {batch_id}", file=sys.stderr)
    with progress_bar() as show:
        state = await patiently(submission.server, lambda: followed(client, batch_id, show))
    if state["status"] == "success":
        await patiently(submission.server, lambda: download(client, batch_id, submission))
    print(summary(state), file=sys.stderr)
    if state["status"] == "success":
        print(f"wrote {submission.output}", file=sys.stderr)
    return DONE if state["status"] == "success" and not state["unknown"] else SOME_FAILED


async def patiently(server: str, step: Callable[[], Awaitable[Result]]) -> Result:
    """Do a step, again and again while the server is away. Raises SubmitError when it stays away."""
    away_s, pause_s = 0.0, PAUSE_START_S
    while True:
        began_s, waited_s = time.monotonic(), 0.0
        try:
            return await step()
        except (ServerAwayError, aiohttp.ClientError, TimeoutError) as error:
            if isinstance(error.__cause__, SubmitError):
                # What goes wrong with the file while it is sent comes wrapped.
                raise error.__cause__ from None
            took_s = time.monotonic() - began_s
            if isinstance(error, UNREACHED):
                waited_s = took_s
            elif took_s > PAUSE_MAX_S:
                # It was there for a while.
                away_s, pause_s = 0.0, PAUSE_START_S
            why = f"cannot reach {server}: {str(error) or 'it does not answer'}"
            if away_s > PATIENCE_S:
                raise SubmitError(why) from None
            if not away_s:
                print(f"{why}; retrying for {PATIENCE_S:.0f} s", file=sys.stderr)
        await asyncio.sleep(pause_s)
        away_s += waited_s + pause_s
        pause_s = min(pause_s * 2, PAUSE_MAX_S)


def must_ask(submission: Submission) -> bool:
    """Whether somebody is to agree before money is spent."""
    return submission.parameters["type"] != "format" and not submission.is_agreed and somebody_is_there()


def ask(estimate: dict[str, Any]) -> None:
    """Show what it costs, and ask, unless it costs nothing. Raises SubmitError without a yes."""
    if not estimate["billable"]:
        return
    print(estimate_lines(estimate), file=sys.stderr)
    if not agreed(f"Look up {estimate['billable']:,} numbers for {estimate['cost']} USD?"):
        raise SubmitError("nothing was submitted")


async def estimated(client: aiohttp.ClientSession, submission: Submission) -> dict[str, Any]:
    """What the file would cost, as the server has it."""
    return await patiently(
        submission.server, lambda: sent(client, "/v1/estimate", submission, submission.parameters, {})
    )


async def upload(client: aiohttp.ClientSession, submission: Submission, key: str) -> str:
    """Send the file; returns the id of its batch."""
    parameters = {"name": submission.file.name} | submission.parameters
    answer = await sent(client, "/v1/batches", submission, parameters, {"Idempotency-Key": key})
    return str(answer["request_uuid"])


async def sent(
    client: aiohttp.ClientSession,
    path: str,
    submission: Submission,
    parameters: dict[str, str],
    headers: dict[str, str],
) -> dict[str, Any]:
    """The answer to the file."""
    headers = {"Content-Type": "application/octet-stream"} | headers
    body = pieces(submission.file)
    async with client.post(path, params=parameters, data=body, headers=headers) as response:
        return await answer_of(response)


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
            with output_at(submission.output) as file:
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
