"""`python -m loadtest.attack [NAME ...]`: all attacks, or those named; exit status 1 when one did harm."""

import asyncio
import sys
import tempfile
from pathlib import Path

import aiohttp

from loadtest.attack.attacks import ATTACKS, Attack, send
from loadtest.attack.watch import Seen, watched
from tests.service import Service, running

# A good request takes this long on an idle machine; what others do on it comes on top, and is measured.
LOOP_MS = 20.0
MOST_MIB = 400
TIMEOUTS = {"VALIDATOR_HEAD_TIMEOUT": "5", "VALIDATOR_BODY_TIMEOUT": "5", "VALIDATOR_ANSWER_TIMEOUT": "5"}


async def attacked(service: Service, drop: Path, attack: Attack) -> tuple[str, Seen]:
    """What one attack was answered, and what was seen meanwhile."""
    timeout = aiohttp.ClientTimeout(total=120)
    with watched(service.port, service.process.pid) as watch:
        async with aiohttp.ClientSession(service.url, timeout=timeout) as client:
            try:
                said = await attack(client, service, drop)
            except (AssertionError, TimeoutError) as error:
                said = f"WRONG {type(error).__name__}: {error}"
    return said, watch.seen


async def good(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """A second of good work, to compare with."""
    rows = b"+6281234567000\n" * 1_000
    statuses = {await send(client, "/v1/stream?type=format", rows) for _ in range(100)}
    return f"{statuses}"


def main(names: list[str]) -> int:
    """Run, print a line for each attack, and return the exit status."""
    harm = 0
    with tempfile.TemporaryDirectory() as folder:
        drop = Path(folder) / "drop"
        with running(Path(folder) / "data", VALIDATOR_DROP_DIR=str(drop), **TIMEOUTS) as service:
            print(f"{'attack':<32}{'p99 ms':>8}{'longest':>9}{'MiB':>6}  answered", flush=True)
            _, idle = asyncio.run(attacked(service, drop, good))
            for name in ["good work", *(names or ATTACKS)]:
                said, seen = asyncio.run(attacked(service, drop, ATTACKS.get(name, good)))
                did_harm = (
                    said.startswith("WRONG")
                    or seen.failures
                    or seen.p99_ms > LOOP_MS + idle.p99_ms
                    or seen.peak_mib > MOST_MIB
                )
                harm += bool(did_harm)
                figures = f"{seen.p99_ms:>8.1f}{seen.longest_ms:>9.1f}{seen.peak_mib:>6}"
                print(f"{name:<32}{figures}  {said}{'  <-- HARM' if did_harm else ''}", flush=True)
            if service.process.poll() is not None:
                print("the service has ended")
                harm += 1
    return 1 if harm else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
