"""Several processes behind one port."""

import asyncio
import os
import signal
from pathlib import Path

import aiohttp
import orjson

from loadtest.wavix_emulator import Emulator
from tests.lookup.paid import numbers, one
from tests.service import Service, running
from tests.waiting import wait_until


def workers_of(service: Service) -> set[int]:
    """The processes that said they listen, and live."""
    events = [orjson.loads(line) for line in list(service.log) if line.startswith(b"{")]
    pids = [event["pid"] for event in events if event["event"] == "listening"]
    return {pid for pid in pids if is_running(pid)}


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    with running(tmp_path, VALIDATOR_WORKERS="3") as service:
        await wait_until(lambda: len(workers_of(service)) == 3)
        await asyncio.sleep(1.1)  # one that dies within a second of its start is not replaced
        victim = min(workers_of(service))
        os.kill(victim, signal.SIGKILL)
        await wait_until(lambda: len(workers_of(service) - {victim}) == 3)
        assert (await one(service, "+6281234567000"))["is_valid"] is True
        pids = workers_of(service)
        assert service.stop() == 0
        assert not [pid for pid in pids if is_running(pid)]


async def test_the_figures_are_those_of_all_workers(tmp_path: Path) -> None:
    async with Emulator() as emulator:
        upstream = {
            "VALIDATOR_WAVIX_URL": emulator.url,
            "VALIDATOR_WAVIX_APPID": "any",
            "VALIDATOR_WAVIX_RATE": "500",
        }
        with running(tmp_path, VALIDATOR_WORKERS="2", **upstream) as service:
            await wait_until(lambda: len(workers_of(service)) == 2)
            for number in numbers(20):
                await one(service, number)
            async with aiohttp.ClientSession(service.url) as client, client.get("/metrics") as response:
                figures = await response.text()
    assert 'validator_lookups_total{error_code="000",source="wavix",type="validation"} 20.0' in figures
