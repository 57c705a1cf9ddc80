"""Four times what a service can answer, for a minute: what becomes of the rest, and when it is well again.

    python -m loadtest.overload --seconds 60

Lists of a thousand numbers are sent at a fixed rate, whether earlier ones were answered or not. First what
the service can answer is found out, then comes half of that, then four times as much, then half again. Ends
with 1 when what is accepted takes much longer than those that are in flight with it, when something else than
200, 429 and 503 comes, or when the service is not well again within `WELL_AGAIN_S`.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import uvloop

from loadtest.bench_single import Server, asked, listening
from loadtest.http_client import Connection, request_bytes
from tests.service import command, lasting_port

CONNECTIONS = 400
IN_FLIGHT = 32
# What is accepted waits for those before it, and machines are busy with other things now and then.
TIMES = 3
SPARE_S = 0.2
WELL_AGAIN_S = 5.0
WINDOW_S = 0.5


def list_request(size: int) -> bytes:
    """A request with so many numbers."""
    numbers = ",".join(f'"62812{at:08}"' for at in range(size))
    body = '{"type": "format", "phone_numbers": [' + numbers + "]}"
    return request_bytes("POST", "/v1/validation", body.encode())


class Answer(NamedTuple):
    """What came for one request."""

    sent_s: float
    """Since the beginning of the phase."""
    took_s: float
    status: int


class Load:
    """Connections on which requests are sent at a rate."""

    def __init__(self, server: Server, request: bytes) -> None:
        self._server = server
        self._request = request
        self._free: list[Connection] = []
        self.unsent = 0
        """Requests for which there was no connection: each waits for an answer."""

    async def run(self, per_s: float, seconds: float) -> list[Answer]:
        """Send at a rate."""
        if not self._free:
            self._free = [await Connection.open(self._server.port) for _ in range(CONNECTIONS)]
        answers: list[Answer] = []
        began_s = time.perf_counter()

        async def ask(connection: Connection, sent_s: float) -> None:
            await connection.answer_to(self._request)
            now_s = time.perf_counter()
            answers.append(Answer(sent_s - began_s, now_s - sent_s, connection.status))
            self._free.append(connection)

        async with asyncio.TaskGroup() as asking:
            for at in range(int(per_s * seconds)):
                wait_s = began_s + at / per_s - time.perf_counter()
                if wait_s > 0 or at % 50 == 0:
                    await asyncio.sleep(max(0.0, wait_s))
                if self._free:
                    asking.create_task(ask(self._free.pop(), time.perf_counter()))
                else:
                    self.unsent += 1
        return answers

    def close(self) -> None:
        """Close the connections."""
        for connection in self._free:
            connection.close()


def p99_s(answers: list[Answer]) -> float:
    """The 99th percentile of what an accepted request took."""
    took_s = sorted(answer.took_s for answer in answers if answer.status == 200)
    return took_s[len(took_s) * 99 // 100] if took_s else float("inf")


def told(name: str, answers: list[Answer], seconds: float) -> None:
    """Print what came."""
    statuses = Counter(answer.status for answer in answers)
    print(
        f"{name}: {len(answers) / seconds:,.0f} answers a second, {dict(statuses)}, "
        f"accepted {statuses[200] / seconds:,.0f}/s with p99 {p99_s(answers) * 1e3:.0f} ms",
        flush=True,
    )


def well_again_s(answers: list[Answer], normal_s: float) -> float:
    """Seconds after which nothing is refused any more, and what is accepted is as fast as before."""
    last_bad_s = 0.0
    for start in range(int(max(answer.sent_s for answer in answers) / WINDOW_S)):
        window = [answer for answer in answers if 0 <= answer.sent_s - start * WINDOW_S < WINDOW_S]
        if any(answer.status != 200 for answer in window) or p99_s(window) > max(3 * normal_s, 0.2):
            last_bad_s = (start + 1) * WINDOW_S
    return last_bad_s


async def measured(seconds: float, folder: Path) -> bool:
    """Whether all is as it should be."""
    port = lasting_port()
    request = list_request(1_000)
    with listening(command("serve"), port, folder / "service", VALIDATOR_REQUESTS=str(IN_FLIGHT)) as server:
        await asked(server, request, 1.0)
        most = (await asked(server, request, 5.0)).per_s
        print(f"it can answer {most:,.0f} lists of 1,000 a second", flush=True)
        load = Load(server, request)
        before = await load.run(most / 2, 5.0)
        told("half", before, 5.0)
        over = await load.run(most * 4, seconds)
        told("four times", over, seconds)
        print(f"not sent, as {CONNECTIONS} connections waited: {load.unsent:,}")
        after = await load.run(most / 2, WELL_AGAIN_S * 2)
        told("half again", after, WELL_AGAIN_S * 2)
        load.close()
        again_s = well_again_s(after, p99_s(before))
        print(f"well again after {again_s:.1f} s")
        bound_s = TIMES * IN_FLIGHT / most + SPARE_S
        print(f"accepted within {bound_s * 1e3:.0f} ms: {p99_s(over) < bound_s}")
        others = {answer.status for answer in over} - {200, 429, 503}
        return not others and p99_s(over) < bound_s and again_s <= WELL_AGAIN_S


def main() -> int:
    """Exit status: 0 when all is as it should be, 1 otherwise."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return 0 if uvloop.run(measured(given.seconds, Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
