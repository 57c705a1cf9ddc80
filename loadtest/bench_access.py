"""What asking for keys costs: requests a second of `GET /v1/validation` with keys and without, alternating.

    python -m loadtest.bench_access --rounds 21

Two services side by side, one that asks for keys and one that does not; the same client asks the one, then
the other. The key has a limit of requests a second that is never reached, so its bucket is counted down
too. What is compared is the median of the rounds' ratios: machines are busy with other things now and then.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

from tests.service import Service, running

ADMIN = "the-administrators-key-0123456789"
PATH = "/v1/validation?type=analysis&phone_number=6281234567000"
CONNECTIONS = 8
GOAL = 0.9


async def asked(url: str, headers: dict[str, str], seconds: float) -> float:
    """Requests a second that a service answers."""
    count = 0
    ends_s = time.perf_counter() + seconds

    async def ask(client: aiohttp.ClientSession) -> None:
        nonlocal count
        while time.perf_counter() < ends_s:
            async with client.get(url + PATH) as response:
                await response.read()
                assert response.status == 200
                count += 1

    async with aiohttp.ClientSession(headers=headers) as client:
        began_s = time.perf_counter()
        await asyncio.gather(*(ask(client) for _ in range(CONNECTIONS)))
        return count / (time.perf_counter() - began_s)


async def new_key(url: str) -> str:
    """A key that may send a million requests a second."""
    fields = {"name": "bench", "requests_per_second": 1_000_000}
    async with (
        aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {ADMIN}"}) as admin,
        admin.post("/v1/keys", json=fields) as response,
    ):
        return str((await response.json())["key"])


def cpu_s(service: Service) -> float:
    """Seconds of the processor that a service has used."""
    fields = Path(f"/proc/{service.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measured(open_: Service, keyed: Service, rounds: int, seconds: float) -> float:
    """The median ratio of both; a line is printed for each round."""
    headers = {"Authorization": f"Bearer {await new_key(keyed.url)}"}
    ratios, each_us = [], []
    for at in range(rounds + 1):
        used_s = [cpu_s(open_), cpu_s(keyed)]
        without = await asked(open_.url, {}, seconds)
        with_key = await asked(keyed.url, headers, seconds)
        used_s = [cpu_s(open_) - used_s[0], cpu_s(keyed) - used_s[1]]
        # In the first one everything is new to both.
        if at:
            ratios.append(with_key / without)
            each_us.append([used_s[0] / without / seconds * 1e6, used_s[1] / with_key / seconds * 1e6])
            print(f"without keys {without:,.0f}/s, with keys {with_key:,.0f}/s: {ratios[-1]:.2f}", flush=True)
    without_us, with_us = (statistics.median(of_each) for of_each in zip(*each_us, strict=True))
    print(
        f"processor time a request: without keys {without_us:.0f} us, with keys {with_us:.0f} us", flush=True
    )
    return statistics.median(ratios)


def main() -> int:
    """Exit status: 0 when the goal is met, 1 otherwise."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--seconds", type=float, default=0.7, help="of each of both, a round")
    given = parser.parse_args()
    keys = {"VALIDATOR_AUTH": "on", "VALIDATOR_ADMIN_KEY": ADMIN}
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "open") as without,
        running(Path(folder) / "keyed", **keys) as keyed,
    ):
        ratio = asyncio.run(measured(without, keyed, given.rounds, given.seconds))
    print(f"with keys {ratio:.3f} of without; the goal is {GOAL}")
    return 0 if ratio >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
