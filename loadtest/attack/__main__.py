"""`python -m loadtest.attack [NAME ...]`: all attacks, or those named; exit status 1 when one did harm."""

import asyncio
import sys
import tempfile
from pathlib import Path

import aiohttp

from loadtest.attack.attacks import Attack, send
from loadtest.attack.hostile_system import PORT
from loadtest.attack.table import ATTACKS
from loadtest.attack.watch import Seen, watched
from tests.access.keyed import ADMIN
from tests.held import Beats, Held, running_held
from tests.service import Service

# How long one in a hundred beats of the event loop may be late by what the service itself does.
LOOP_MS = 20.0
MOST_MIB = 400
SECRET = "whsec_" + "YXR0YWNr" * 4
TIMEOUTS = {"VALIDATOR_HEAD_TIMEOUT": "5", "VALIDATOR_BODY_TIMEOUT": "5", "VALIDATOR_ANSWER_TIMEOUT": "5"}
SYSTEM = {
    "VALIDATOR_FORWARD_URLS": f"wavix-call=http://127.0.0.1:{PORT}",
    "VALIDATOR_FORWARD_CREDENTIALS": "wavix-call=KEY",
    "VALIDATOR_FORWARD_TIMEOUT": "2",
}


# The administrator's key is there, and nobody is asked for one.
KEYS = {"VALIDATOR_ADMIN_KEY": ADMIN, "VALIDATOR_AUTH": "off"}


async def attacked(service: Service, beats: Beats, drop: Path, attack: Attack) -> tuple[str, Seen, Held]:
    """What one attack was answered, what was seen meanwhile, and how long the event loop was held."""
    timeout = aiohttp.ClientTimeout(total=120)
    beats.since()
    with watched(service.port, service.process.pid) as watch:
        async with aiohttp.ClientSession(service.url, timeout=timeout) as client:
            try:
                said = await attack(client, service, drop)
            except (AssertionError, TimeoutError) as error:
                said = f"WRONG {type(error).__name__}: {error}"
    return said, watch.seen, beats.since()


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
        settings = (
            TIMEOUTS | SYSTEM | KEYS | {"VALIDATOR_DROP_DIR": str(drop), "VALIDATOR_WEBHOOK_SECRET": SECRET}
        )
        with running_held(Path(folder) / "data", **settings) as (service, beats):
            # What a process does once, after its start, is nobody's attack.
            asyncio.run(attacked(service, beats, drop, good))
            print(f"{'':32}{'/healthz, ms':>17}{'loop held, ms':>17}")
            columns = f"{'p99':>8}{'longest':>9}{'p99':>8}{'longest':>9}{'MiB':>6}"
            print(f"{'attack':<32}{columns}  answered", flush=True)
            for name in ["good work", *(names or ATTACKS)]:
                said, seen, held = asyncio.run(attacked(service, beats, drop, ATTACKS.get(name, good)))
                did_harm = (
                    said.startswith("WRONG")
                    or seen.failures
                    or held.p99_ms > LOOP_MS
                    or seen.peak_mib > MOST_MIB
                )
                harm += bool(did_harm)
                figures = (
                    f"{seen.p99_ms:>8.1f}{seen.longest_ms:>9.1f}{held.p99_ms:>8.1f}{held.longest_ms:>9.1f}"
                )
                mark = "  <-- HARM" if did_harm else ""
                print(f"{name:<32}{figures}{seen.peak_mib:>6}  {said}{mark}", flush=True)
            if service.process.poll() is not None:
                print("the service has ended")
                harm += 1
    return 1 if harm else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
