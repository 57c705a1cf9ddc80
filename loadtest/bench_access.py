"""What asking for keys costs: requests a second of `GET /v1/validation` with keys and without, alternating.

    python -m loadtest.bench_access --rounds 5

Two services side by side, one that asks for keys and one that does not; the same client asks the one, then
the other, for a tenth of a second each, over and over. Both services have one core, and the client another
where there is one. The key has a limit of requests a second that is never reached, so its bucket is counted
down too. For each round the shares of all its turns are told, by the clock and by the processor time that a
request takes of the service; the median of the rounds counts.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import uvloop

from loadtest.http_client import Connection, request_bytes
from tests.service import Service, running

ADMIN = "the-administrators-key-0123456789"
PATH = "/v1/validation?type=analysis&phone_number=6281234567000"
CONNECTIONS = 8
TURN_S = 0.1
GOAL = 0.9


class Side:
    """One of both services, with connections to it, and what was counted of it."""

    def __init__(self, service: Service, headers: str) -> None:
        self.request = request_bytes("GET", PATH, headers=headers)
        self._service = service
        self._connections: list[Connection] = []
        self.forget()

    def forget(self) -> None:
        """Begin to count anew."""
        self.count, self.took_s, self.cpu_s = 0, 0.0, 0.0

    async def open(self) -> None:
        """Connect."""
        self._connections = [await Connection.open(self._service.port) for _ in range(CONNECTIONS)]

    async def turn(self) -> None:
        """Ask as fast as it answers, for one turn."""
        began_s, cpu_s = time.perf_counter(), self._service_cpu_s()
        ends_s = began_s + TURN_S

        async def ask(connection: Connection) -> None:
            while time.perf_counter() < ends_s:
                await connection.answer_to(self.request)
                assert connection.status == 200
                self.count += 1

        await asyncio.gather(*map(ask, self._connections))
        self.took_s += time.perf_counter() - began_s
        self.cpu_s += self._service_cpu_s() - cpu_s

    @property
    def per_s(self) -> float:
        """Requests a second."""
        return self.count / self.took_s

    @property
    def cpu_us(self) -> float:
        """Processor time of the service for one request, in microseconds."""
        return self.cpu_s / self.count * 1e6

    def _service_cpu_s(self) -> float:
        """Processor time of all threads of the service, in seconds."""
        threads = Path(f"/proc/{self._service.process.pid}/task").iterdir()
        return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9


def set_cores(services: Sequence[Service]) -> None:
    """Have both services on one core, and the client on the others."""
    *ours, theirs = sorted(os.sched_getaffinity(0))
    for service in services:
        for thread in Path(f"/proc/{service.process.pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {theirs})
    os.sched_setaffinity(0, ours or {theirs})


async def new_key(url: str) -> str:
    """A key that may send a million requests a second."""
    fields = {"name": "bench", "requests_per_second": 1_000_000}
    async with (
        aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {ADMIN}"}) as admin,
        admin.post("/v1/keys", json=fields) as response,
    ):
        return str((await response.json())["key"])


async def measured(open_: Service, keyed: Service, rounds: int, turns: int) -> tuple[float, float]:
    """The median shares, by the clock and by processor time; a line is printed for each round."""
    without = Side(open_, "")
    with_key = Side(keyed, f"Authorization: Bearer {await new_key(keyed.url)}\r\n")
    sides = (without, with_key)
    for side in sides:
        await side.open()
        # The first time everything is new.
        for _ in range(5):
            await side.turn()
    shares = []
    for _ in range(rounds):
        for side in sides:
            side.forget()
        for at in range(turns):
            for side in sides if at % 2 else sides[::-1]:
                await side.turn()
        shares.append((with_key.per_s / without.per_s, without.cpu_us / with_key.cpu_us))
        print(
            f"without keys {without.per_s:,.0f}/s ({without.cpu_us:.0f} µs), "
            f"with keys {with_key.per_s:,.0f}/s ({with_key.cpu_us:.0f} µs): "
            f"{shares[-1][0]:.3f}, by processor time {shares[-1][1]:.3f}",
            flush=True,
        )
    by_clock, by_cpu = (statistics.median(each) for each in zip(*shares, strict=True))
    return by_clock, by_cpu


def main() -> int:
    """Exit status: 0 when the goal is met, 1 otherwise."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turns", type=int, default=40, help="of each of both, a round")
    given = parser.parse_args()
    keys = {"VALIDATOR_AUTH": "on", "VALIDATOR_ADMIN_KEY": ADMIN}
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "open") as without,
        running(Path(folder) / "keyed", **keys) as keyed,
    ):
        set_cores([without, keyed])
        by_clock, by_cpu = uvloop.run(measured(without, keyed, given.rounds, given.turns))
    print(f"with keys {by_clock:.3f} of without, by processor time {by_cpu:.3f}; the goal is {GOAL}")
    return 0 if min(by_clock, by_cpu) >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
