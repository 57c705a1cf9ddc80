"""`validator-svc submit`: a file to a server, its progress on stderr, its results to a file."""

import asyncio
import contextlib
import secrets
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from validator_svc.atomic_write import try_out
from validator_svc.commands.batch_following import DONE, READ_BYTES, fetched
from validator_svc.commands.consent import agreed, somebody_is_there
from validator_svc.commands.output_file import OutputError, existing, refuse_input
from validator_svc.commands.server import Server, ServerError, answer_of, patiently, with_client
from validator_svc.commands.submit_progress import estimate_lines, how_to_come_back
from validator_svc.stopping import INTERRUPTED

STANDARD_INPUT = "-"


class Submission(NamedTuple):
    """What one run is to do."""

    file: str
    """A path; `-` for standard input."""
    server: str
    """Base URL."""
    output: Path
    results: dict[str, str]
    """Parameters of the results: `format`, `dialect`."""
    parameters: dict[str, str]
    """Of the batch: `type`, `country`, ..."""
    key: str | None = None
    is_estimate: bool = False
    """Say what it would cost, and do nothing else."""
    is_agreed: bool = False
    """Nobody is to be asked before money is spent."""

    @property
    def path(self) -> Path:
        """The file, which can be sent again if need be."""
        return Path(self.file)


def submit(submission: Submission) -> int:
    """Upload, follow, download; returns the exit status. Raises ServerError.

    What is wrong with the two files is said before anything is sent, and so before anything is paid.
    """
    with rereadable(submission) as submission:
        check_files(submission.path, submission.output)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        server = Server(submission.server, submission.key)
        if submission.is_estimate or must_ask(submission):
            estimate = asyncio.run(with_client(server, lambda client: estimated(client, submission)))
            if submission.is_estimate:
                print(estimate_lines(estimate), flush=True)
                return DONE
            ask(estimate)
        return asyncio.run(with_client(server, lambda client: interruptible(client, submission)))


@contextlib.contextmanager
def rereadable(submission: Submission) -> Iterator[Submission]:
    """The same of a file in place of standard input. Raises ServerError."""
    if submission.file != STANDARD_INPUT:
        yield submission
        return
    if sys.stdin is None:
        raise ServerError("standard input is closed")
    try:
        with tempfile.NamedTemporaryFile(prefix="standard-input.") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
            copy.flush()
            yield submission._replace(file=copy.name)
    except OSError as error:
        raise ServerError(f"standard input: {error.strerror or error}") from None


def check_files(file: Path, output: Path) -> None:
    """Raise ServerError for a file that cannot be read, or an output that cannot be written."""
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a directory" if stat.S_ISDIR(status.st_mode) else "no regular file"
            raise ServerError(f"{file}: this is {kind}; expected a file, which can be sent again if need be")
        file.open("rb").close()
    except (OSError, ValueError) as error:
        raise ServerError(f"{file}: {getattr(error, 'strerror', None) or error}") from None
    try:
        refuse_input(status, existing(output), str(output))
        try_out(output)
    except OutputError as error:
        raise ServerError(str(error)) from None
    except (OSError, ValueError) as error:
        raise ServerError(f"{output}: {getattr(error, 'strerror', None) or error}") from None


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
    except (asyncio.CancelledError, ServerError):
        if received or begun:
            batch_id = begun[0] if begun else None
            print(how_to_come_back(submission.server, batch_id), file=sys.stderr)
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
    return await fetched(client, submission.server, batch_id, submission.output, submission.results)


def must_ask(submission: Submission) -> bool:
    """Whether somebody is to agree before money is spent."""
    return submission.parameters["type"] != "format" and not submission.is_agreed and somebody_is_there()


def ask(estimate: dict[str, Any]) -> None:
    """Show what it costs, and ask, unless it costs nothing. Raises ServerError without a yes."""
    if not estimate["billable"]:
        return
    print(estimate_lines(estimate), file=sys.stderr)
    if not agreed(f"Look up {estimate['billable']:,} numbers for {estimate['cost']} USD?"):
        raise ServerError("nothing was submitted")


async def estimated(client: aiohttp.ClientSession, submission: Submission) -> dict[str, Any]:
    """What the file would cost, as the server has it."""
    return await patiently(
        submission.server, lambda: sent(client, "/v1/estimate", submission, submission.parameters, {})
    )


async def upload(client: aiohttp.ClientSession, submission: Submission, key: str) -> str:
    """Send the file; returns the id of its batch."""
    parameters = {"name": submission.path.name} | submission.parameters
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
    body = pieces(submission.path)
    async with client.post(path, params=parameters, data=body, headers=headers) as response:
        return await answer_of(response)


async def pieces(path: Path) -> AsyncIterator[bytes]:
    """The file, piece by piece. Raises ServerError when it cannot be read."""
    try:
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, READ_BYTES):
                yield piece
    except OSError as error:
        raise ServerError(f"{path}: {error.strerror}") from None
