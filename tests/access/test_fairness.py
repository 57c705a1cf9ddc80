"""One caller's huge batch keeps nobody else waiting: not in the queue, and not at the upstream."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from loadtest.wavix_emulator import Emulator
from tests.access.keyed import ADMIN, as_holder, new_key
from tests.batches.asking import act, posted, reached, state
from tests.batches.processes import Processes, processes
from tests.lookup.conftest import KEY
from tests.store import running_store
from tests.waiting import wait_until

ROWS = 200_000
MANY = "".join(f"+447912{at:06}\n" for at in range(ROWS)).encode()
FEW = [f"+44791112{at:04}" for at in range(120)]
PAID = "/v1/validation?type=analysis&phone_number="


async def many() -> AsyncIterator[bytes]:
    for start in range(0, len(MANY), 2**18):
        yield MANY[start : start + 2**18]


@pytest.fixture
def paying(tmp_path: Path, emulator: Emulator) -> Iterator[Processes]:
    """Processes that ask for keys and pay an upstream that takes few requests a second, few at a time."""
    settings = {
        "VALIDATOR_AUTH": "on",
        "VALIDATOR_ADMIN_KEY": ADMIN,
        "VALIDATOR_WAVIX_URL": emulator.url,
        "VALIDATOR_WAVIX_APPID": KEY,
        "VALIDATOR_WAVIX_RATE": "20",
        "VALIDATOR_WAVIX_CONCURRENCY": "2",
        "VALIDATOR_WAVIX_TIMEOUT": "120",
        # Jobs never end.
        "VALIDATOR_SHUTDOWN_GRACE": "0.5",
    }
    with running_store() as store, processes(tmp_path / "data", REDIS_URL=store.url, **settings) as group:
        yield group


async def cost_of(client: aiohttp.ClientSession, number: str) -> str:
    async with client.get(PAID + number.removeprefix("+")) as response:
        assert response.status == 200
        return str((await response.json())["cost"])


async def test_others_are_answered_while_a_huge_batch_waits_for_the_upstream(
    paying: Processes, emulator: Emulator
) -> None:
    # Jobs, which is how much is asked, never end; what is little is answered at once.
    emulator.set_faults({"stuck": "1"})
    service = paying.serve()
    huge, small = await new_key(service), await new_key(service)
    async with as_holder(service, huge["key"]) as one, as_holder(service, small["key"]) as other:
        batch_id = await posted(one, many(), type="analysis")
        await wait_until(lambda: emulator.ledger.requests_by_kind["async"])
        assert await cost_of(other, FEW[0]) != "0"
        body = {"type": "analysis", "phone_numbers": FEW[1:20]}
        async with other.post("/v1/validation", json=body) as response:
            assert {item["error_code"] for item in (await response.json())["items"]} == {"000"}
        batch = await reached(
            other, await posted(other, "\n".join(FEW[20:]).encode(), type="analysis"), "success"
        )
        assert (batch["paid"], batch["unknown"]) == (100, 0)
        # And the caller itself may ask for something small.
        assert await cost_of(one, "+447911139999") != "0"
        shown = await state(one, batch_id)
        assert (shown["status"], shown["pending"]) == ("progress", ROWS)
        assert (await act(one, batch_id, "cancel"))[0] == 200
