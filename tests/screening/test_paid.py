"""What screening spends and uses: each number once, within the key's day, and told under `/v1/usage`."""

import aiohttp
import orjson

from loadtest.wavix_emulator import Emulator
from tests.access.keyed import ADMIN, as_holder, new_key
from tests.access.test_usage import counted
from tests.lookup.conftest import StartService, emulator, start_service
from tests.lookup.conftest import store as own_store
from tests.lookup.paid import numbers
from tests.screening.asking import NDJSON, errors, screened, screened_list
from tests.screening.examples import changed

__all__ = ["emulator", "own_store", "start_service"]

store = own_store


async def test_each_number_is_paid_once_and_told(start_service: StartService, emulator: Emulator) -> None:
    service = start_service(VALIDATOR_AUTH="on", VALIDATOR_ADMIN_KEY=ADMIN)
    made = await new_key(service, spend_per_day="0.06", policy={"refuse_unreachable": True})
    calls = [changed("wavix-call", {"from": "+447911123456", "to": number}) for number in numbers(3)]
    async with as_holder(service, made["key"]) as client:
        one = await screened(client, "wavix-call", calls[0])
        assert (one["numbers"]["to"]["source"], one["numbers"]["to"]["cost"]) == ("wavix", "0.005")
        found = await screened_list(
            client, "wavix-call", [*calls, calls[0], changed("wavix-call", {"to": "1"})]
        )
        sources = [each["numbers"]["to"]["source"] for each in found]
        assert sources == ["cache", "wavix", "wavix", "cache", "plan"]
        assert len(emulator.ledger.times_billed) == 5
        told = await counted(client, 2)
        used = {item["requests"] and item["count"]: item for item in told["items"]}
        assert {item["kind"] for item in told["items"]} == {"screen"}
        assert (used[2]["paid"], used[2]["cost"]) == (2, "0.01")
        assert (used[10]["paid"], used[10]["cached"], used[10]["invalid"]) == (3, 6, 1)
        # Of the day's twelve lookups five are used, and ten are asked for at once.
        fresh = [
            {"from": each, "to": other} for each, other in zip(numbers(4, 10), numbers(4, 20), strict=True)
        ]
        body = b"".join([orjson.dumps(each) + b"\n" for each in fresh])
        async with client.post("/v1/screen/wavix-call", data=body, headers=NDJSON) as response:
            assert response.status == 429
            assert (await response.json())["code"] == "spend_per_day"
        assert len(emulator.ledger.times_billed) == 5


async def test_a_lookup_that_failed_refuses_nothing(start_service: StartService, emulator: Emulator) -> None:
    service = start_service()
    emulator.set_faults({"http500": "1"})
    async with aiohttp.ClientSession(service.url) as client:
        found = await screened(client, "wavix-call", changed("wavix-call", {"to": numbers(1)[0]}))
    assert found["allowed"]
    assert errors(found) == []
    assert {each["code"] for each in found["findings"]} == {"lookup_failed"}
