"""Single numbers and short lists over HTTP, beside a bare aiohttp handler that returns the same bytes.

    python -m loadtest.bench_single --rounds 7

Two processes: the service, and one that has the same event loop, the same library and a handler that does
nothing. The same client asks the one, then the other, in turns. Requests a second depend on what else the
machine does; the processor time that a request takes of a process hardly does, so both are printed, and the
median of the rounds counts. At half the rate that the service can keep, latencies are measured as well: as
they are, how late the client itself was, and what they would be had it not been (`loadtest.paced`).
"""

import argparse
import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson
import uvloop

from loadtest.http_client import Connection, request_bytes
from loadtest.paced import at, latencies
from tests.service import command, environment, lasting_port

CONNECTIONS = 8
GOAL = 0.7
ONE = request_bytes("GET", "/v1/validation?phone_number=6281234567000&type=analysis")


def list_of(size: int) -> bytes:
    """A request with so many numbers."""
    numbers = [f"62812345{at:05}" for at in range(size)]
    return request_bytes(
        "POST", "/v1/validation", orjson.dumps({"type": "analysis", "phone_numbers": numbers})
    )


class Rate(NamedTuple):
    """What a process did."""

    per_s: float
    cpu_us: float
    """Processor time of the process for one request, in microseconds."""


class Server(NamedTuple):
    """A process that listens."""

    pid: int
    port: int

    def cpu_s(self) -> float:
        """Processor time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def listening(arguments: list[str], port: int, folder: Path, **settings: str) -> Iterator[Server]:
    """A process that listens on the port, until the end of the block."""
    folder.mkdir()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            arguments, env=environment(folder, VALIDATOR_PORT=str(port), **settings), stderr=log
        )
        try:
            while not is_open(port):
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.05)
            yield Server(process.pid, port)
        finally:
            process.terminate()
            process.wait()


def is_open(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


async def asked(server: Server, request: bytes, seconds: float) -> Rate:
    """As many requests as the process answers on a few connections."""
    connections = [await Connection.open(server.port) for _ in range(CONNECTIONS)]
    began_s, cpu_s = time.perf_counter(), server.cpu_s()
    ends_s = began_s + seconds

    async def ask(connection: Connection) -> int:
        count = 0
        while time.perf_counter() < ends_s:
            await connection.answer_to(request)
            count += 1
        return count

    count = sum(await asyncio.gather(*map(ask, connections)))
    took_s = time.perf_counter() - began_s
    for connection in connections:
        connection.close()
    return Rate(count / took_s, (server.cpu_s() - cpu_s) / count * 1e6)


async def compared(
    name: str, ours: Server, bare: Server, request: bytes, given: argparse.Namespace
) -> tuple[float, float]:
    """The median share of requests a second, and of processor time; a line is printed for each round."""
    shares: list[Rate] = []
    best = 0.0
    for turn in range(given.rounds + 1):
        theirs = await asked(bare, request, given.seconds)
        mine = await asked(ours, request, given.seconds)
        # In the first one everything is new to both.
        if turn:
            best = max(best, mine.per_s)
            shares.append(Rate(mine.per_s / theirs.per_s, theirs.cpu_us / mine.cpu_us))
            print(
                f"{name}: {mine.per_s:7,.0f}/s ({mine.cpu_us:4.0f} µs), bare {theirs.per_s:7,.0f}/s "
                f"({theirs.cpu_us:4.0f} µs): {shares[-1].per_s:.2f}, "
                f"by processor time {shares[-1].cpu_us:.2f}",
                flush=True,
            )
    # Nothing else is to be done in this event loop meanwhile.
    half = latencies(ours.port, request, best / 2, given.seconds)
    print(
        f"{name}: at half of {best:,.0f}/s: median {at(0.5, half.measured):.1f} ms, "
        f"p99 {at(0.99, half.measured):.1f} ms; the client was late by {at(0.99, half.client):.1f} ms (p99), "
        f"without that it is {at(0.5, half.service):.1f} ms, p99 {at(0.99, half.service):.1f} ms",
        flush=True,
    )
    return statistics.median(each.per_s for each in shares), statistics.median(each.cpu_us for each in shares)


async def body_of(server: Server, request: bytes) -> bytes:
    """What the service answers."""
    connection = await Connection.open(server.port)
    try:
        return await connection.answer_to(request)
    finally:
        connection.close()


async def measured(given: argparse.Namespace, folder: Path) -> bool:
    """Whether the goal is met."""
    port, bare_port = lasting_port(), lasting_port()
    is_met = True
    with listening(command("serve"), port, folder / "service") as ours:
        for name, request in (("GET of one", ONE), ("POST of 100", list_of(100))):
            (folder / "answer").write_bytes(await body_of(ours, request))
            # A bare handler does not look at what it is sent, but it is sent the same.
            bare_command = [
                sys.executable,
                "-m",
                "loadtest.bare_server",
                str(folder / "answer"),
                str(bare_port),
            ]
            with listening(bare_command, bare_port, folder / name) as bare:
                share, cpu_share = await compared(name, ours, bare, request, given)
            print(f"{name}: {share:.3f} of a bare handler, by processor time {cpu_share:.3f}; goal {GOAL}")
            is_met = is_met and share >= GOAL
    return is_met


def main() -> int:
    """Exit status: 0 when the goal is met, 1 otherwise."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each of both, a round")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return 0 if uvloop.run(measured(given, Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
