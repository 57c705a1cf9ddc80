"""Attacks on what is behind the service: its log, its data directory, its store."""

import asyncio
import io
import os
import signal
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from loadtest.attack.attacks import NUMBER, send, told
from tests.access.keyed import ADMIN
from tests.access.test_nothing_leaks import NUMBERS, everything_is_sent, found
from tests.service import Service
from tests.test_data_directory import HOSTILE_DIRECTORIES, refusal
from tests.waiting import wait_until

KEY = "vs_0123456789ab_" + "s3cretS3CRETs3cretS3CRETs3cretS3CRETs3cretS"


async def leaks(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Numbers and keys on every way in, rightly and wrongly: none may be whole in the log or in an error."""
    errors = await everything_is_sent(client, KEY, drop)
    secrets = {f"number {at}": digits for at, digits in enumerate(NUMBERS)}
    secrets |= {"key": KEY.rpartition("_")[2], "admin": ADMIN}
    async with client.get("/metrics") as response:
        metrics = await response.text()
    log = b"".join(service.log).decode("utf-8", "replace")
    seen = found(log, secrets) | found(metrics, secrets) | found("".join(errors), secrets)
    where = [line for line in log.splitlines() if found(line, secrets)][:2]
    assert not seen, (seen, where)
    return f"{len(errors)} errors, {len(service.log)} lines of the log: nothing in them"


async def directories(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Data directories into which others may have put something: another service does not start on them."""
    with tempfile.TemporaryDirectory() as folder:
        for number, (prepare, says) in enumerate(HOSTILE_DIRECTORIES):
            place = Path(folder) / str(number)
            place.mkdir()
            (place / "precious").write_text("precious")
            prepare(place / "data")
            said = await asyncio.to_thread(refusal, place / "data")
            assert says in said, said
            assert (place / "precious").read_text() == "precious"
    return f"refused x {len(HOSTILE_DIRECTORIES)}"


def store_of(service: Service) -> int:
    """The process of the embedded Valkey."""
    pid = service.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    children += [
        child
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return next(
        int(child) for child in children if Path(f"/proc/{child}/comm").read_text().startswith("valkey")
    )


async def silent_store(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """A store that falls silent, and is killed: told in readyz, started again, and batches go on."""

    async def ready(status: int) -> bool:
        async with client.get("/readyz") as response:
            return response.status == status

    stopped = store_of(service)
    os.kill(stopped, signal.SIGSTOP)
    try:
        await until(lambda: ready(503))
        plain = await send(client, "/v1/stream?type=format", NUMBER.encode())
    finally:
        os.kill(stopped, signal.SIGCONT)
    await until(lambda: ready(200))
    os.kill(stopped, signal.SIGKILL)
    await wait_until(lambda: is_another(service, stopped))
    await until(lambda: ready(200))
    async with client.post(
        "/v1/batches?type=format", data=io.BytesIO(f"{NUMBER}\n".encode() * 1_000)
    ) as response:
        batch_id = (await response.json())["request_uuid"]
    await send(client, f"/v1/batches/{batch_id}/results", b"", method="GET")
    async with client.get(f"/v1/batches/{batch_id}") as response:
        batch = await response.json()
    assert batch["status"] == "success", batch
    return f"readyz 503, then 200; a stream meanwhile: {told([plain])}; a batch afterwards: {batch['status']}"


def is_another(service: Service, before: int) -> bool:
    """Whether another store runs."""
    try:
        return store_of(service) != before
    except (OSError, StopIteration):
        return False


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(60):
        while not await is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
