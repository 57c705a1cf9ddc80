"""`validator-svc batches`, `fetch` and `cancel`: what was left running on a server."""

import asyncio
import sys
from pathlib import Path, PurePath
from typing import Any

import aiohttp
import orjson

from validator_svc.atomic_write import try_out
from validator_svc.commands.batch_following import DONE, fetched
from validator_svc.commands.number_table import shown
from validator_svc.commands.output_file import results_ending
from validator_svc.commands.server import Server, ServerError, answer_of, patiently, with_client

MOST = 100
# On 80 columns there is room for names of fourteen characters, and longer ones are broken.
COLUMNS = ("id", "status", "rows", "done", "USD", "name")


def listing(server: Server) -> int:
    """Print the newest batches; returns the exit status. Raises ServerError."""

    async def asked(client: aiohttp.ClientSession) -> dict[str, Any]:
        async def once() -> dict[str, Any]:
            async with client.get("/v1/batches", params={"per_page": MOST}) as response:
                return await answer_of(response)

        return await patiently(server.url, once)

    answer = asyncio.run(with_client(server, asked))
    batches = answer["items"]
    if not sys.stdout.isatty():
        for batch in batches:
            print(orjson.dumps(batch).decode())
    elif not batches:
        print("no batches; validator-svc submit FILE makes one")
    else:
        show_table(batches)
        if (more := answer["pagination"]["total"] - len(batches)) > 0:
            print(f"{more:,} older ones are at {server.url}/v1/batches?page=2")
    sys.stdout.flush()
    return DONE


def show_table(batches: list[dict[str, Any]]) -> None:
    """Print batches, a line each."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in COLUMNS:
        is_number = name in ("rows", "done", "USD")
        table.add_column(name, justify="right" if is_number else "left", no_wrap=name != "name")
    for batch in batches:
        done = 100 * (batch["count"] - batch["pending"]) // max(batch["count"], 1)
        cells = [batch["request_uuid"], batch["status"], f"{batch['count']:,}", f"{done}%", batch["cost"]]
        table.add_row(*(Text(shown(cell), overflow="fold") for cell in [*cells, batch["name"]]))
    Console(highlight=False).print(table)


def fetch(server: Server, batch_id: str, output: Path | None, wanted: dict[str, str]) -> int:
    """Wait for a batch and write its results; returns the exit status. Raises ServerError."""

    async def act(client: aiohttp.ClientSession) -> int:
        state = await patiently(server.url, lambda: one(client, batch_id))
        path, parameters = output, wanted
        if path is None:
            name = PurePath(state["name"]).name or batch_id
            path = Path(name + results_ending(name))
            parameters = {"format": "xlsx"} if path.suffix == ".xlsx" else wanted | {"format": "csv"}
        try:
            try_out(path)
        except (OSError, ValueError) as error:
            raise ServerError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
        return await fetched(client, server.url, batch_id, path, parameters)

    return asyncio.run(with_client(server, act))


def cancel(server: Server, batch_id: str) -> int:
    """Stop a batch; returns the exit status. Raises ServerError."""

    async def act(client: aiohttp.ClientSession) -> dict[str, Any]:
        async def once() -> dict[str, Any]:
            async with client.post(f"/v1/batches/{checked(batch_id)}/cancel") as response:
                return await answer_of(response)

        return await patiently(server.url, once)

    state = asyncio.run(with_client(server, act))
    answered = state["count"] - state["pending"]
    print(
        f"{state['status']}: {answered:,} of {state['count']:,} rows were answered; cost {state['cost']} USD"
    )
    return DONE


async def one(client: aiohttp.ClientSession, batch_id: str) -> dict[str, Any]:
    """The state of a batch. Raises ServerError when there is none of that id."""
    async with client.get(f"/v1/batches/{checked(batch_id)}") as response:
        return await answer_of(response)


def checked(batch_id: str) -> str:
    """An id that may stand in a path. Raises ServerError."""
    if batch_id.isascii() and batch_id.replace("-", "").isalnum():
        return batch_id
    raise ServerError("ID: expected that of a batch, as validator-svc batches lists them")
