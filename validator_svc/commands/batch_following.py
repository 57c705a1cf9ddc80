"""A batch of a server: followed to its end, its results fetched."""

import sys
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from validator_svc.commands.output_file import output_at
from validator_svc.commands.server import ServerAwayError, ServerError, answer_of, patiently
from validator_svc.commands.submit_progress import Show, progress_bar, summary

READ_BYTES = 256 * 1024
DONE = 0
SOME_FAILED = 1


async def fetched(
    client: aiohttp.ClientSession, server: str, batch_id: str, output: Path, wanted: dict[str, str]
) -> int:
    """Follow a batch and write its results; returns the exit status. Raises ServerError."""
    with progress_bar() as show:
        state = await patiently(server, lambda: followed(client, batch_id, show))
    is_done = state["status"] == "success"
    if is_done:
        await patiently(server, lambda: download(client, batch_id, output, wanted))
    print(summary(state), file=sys.stderr)
    if is_done:
        print(f"wrote {output}", file=sys.stderr)
    return DONE if is_done and not state["unknown"] else SOME_FAILED


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


async def download(
    client: aiohttp.ClientSession, batch_id: str, output: Path, wanted: dict[str, str]
) -> None:
    """Fetch the results as the parameters want them; the file appears when they are complete."""
    async with client.get(f"/v1/batches/{batch_id}/results", params=wanted) as response:
        if response.status != 200:
            await answer_of(response)
        try:
            with output_at(output) as file:
                async for piece in response.content.iter_chunked(READ_BYTES):
                    file.write(piece)
        except OSError as error:
            if isinstance(error, aiohttp.ClientError):
                raise
            raise ServerError(f"{output}: {error.strerror}") from None
