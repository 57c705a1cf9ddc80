"""The embedded store, killed while it is needed: its service starts it again, with all it held."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import redis

from tests.batches.asking import posted, reached, records
from tests.batches.processes import processes
from tests.service import valkeys
from tests.waiting import PATIENCE_S, wait_until
from validator_svc import embedded


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_one_that_is_killed_is_started_again(tmp_path: Path, workers: str) -> None:
    data_dir = tmp_path / "data"
    with processes(data_dir, VALIDATOR_WORKERS=workers) as group:
        service = group.serve()
        async with aiohttp.ClientSession(service.url) as client:
            batch_id = await posted(client, b"+12125553333\n" * 10)
            await reached(client, batch_id, "success")
            # What it wrote reaches the system within a moment, and stays there when it is killed.
            for number in (signal.SIGKILL, signal.SIGSEGV):
                (pid,) = valkeys(data_dir)
                os.kill(pid, number)
                await wait_until(lambda: set(valkeys(data_dir)) - {pid})  # noqa: B023
                await until_ready(client)
                assert len(await records(client, batch_id)) == 10
                await reached(client, await posted(client, b"+12125553333\n"), "success")
        assert service.stop() == 0
    assert not valkeys(data_dir)
    assert sum(b"embedded_store_restarted" in line for line in service.log) == 2


async def test_one_that_hangs_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "HUNG_S", 1.0)
    with embedded.embedded_valkey(tmp_path / "data") as url:
        store: Any = redis.Redis(unix_socket_path=url.removeprefix("unix://"))
        store.set("kept", "yes")
        (pid,) = valkeys(tmp_path / "data")
        os.kill(pid, signal.SIGSTOP)
        await wait_until(lambda: set(valkeys(tmp_path / "data")) - {pid})
        await wait_until(lambda: answers(store))
        assert store.get("kept") == b"yes"
        store.close()
    assert not valkeys(tmp_path / "data")


def answers(store: Any) -> bool:
    try:
        return bool(store.ping())
    except redis.exceptions.RedisError:
        return False


async def until_ready(client: aiohttp.ClientSession) -> None:
    """Wait until the service has its store again."""
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        async with client.get("/readyz") as response:
            if response.status == 200:
                return
            assert time.monotonic() < deadline_s, await response.text()
