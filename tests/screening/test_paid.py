"""What screening spends and uses: each number once, within the key's day, and told under `/v1/usage`."""

import aiohttp
import orjson

from loadtest.call_emulator import CallEmulator
from loadtest.wavix_emulator import Emulator, answer
from tests.access.keyed import ADMIN, as_holder, new_key
from tests.access.test_usage import counted
from tests.batches.asking import posted, reached
from tests.lookup.conftest import StartService, emulator, start_service
from tests.lookup.conftest import store as own_store
from tests.lookup.paid import numbers
from tests.screening.asking import NDJSON, errors, screened, screened_list
from tests.screening.examples import PREMIUM, changed

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


async def test_a_table_of_requests_is_told_as_a_batch(
    start_service: StartService, emulator: Emulator
) -> None:
    service = start_service(VALIDATOR_AUTH="on", VALIDATOR_ADMIN_KEY=ADMIN)
    made = await new_key(service, spend_per_day="1")
    table = "from,to\n" + "".join(f"+447911123456,{each}\n" for each in (*numbers(4), numbers(1)[0], "1"))
    screen = {"kind": "screen", "system": "wavix-call", "type": "analysis"}
    async with as_holder(service, made["key"]) as client:
        batch_id = await posted(client, table.encode(), "text/csv", **screen)
        shown = await reached(client, batch_id, "success")
        assert (shown["count"], shown["paid"], shown["cost"]) == (6, 5, "0.025")
        (item,) = (await counted(client, 1))["items"]
        assert (item["kind"], item["request_uuid"]) == ("batch", batch_id)
        assert (item["count"], item["paid"], item["cost"]) == (6, 5, "0.025")
    assert emulator.ledger.billed_total == 5


async def test_what_is_sent_on_is_paid_once_and_told(start_service: StartService, emulator: Emulator) -> None:
    async with CallEmulator() as system:
        service = start_service(
            VALIDATOR_AUTH="on",
            VALIDATOR_ADMIN_KEY=ADMIN,
            VALIDATOR_FORWARD_URLS=f"wavix-call={system.url}",
            VALIDATOR_FORWARD_CREDENTIALS="wavix-call=key",
        )
        made = await new_key(service, may_forward=True, numbers_per_day=7)
        path, caller = "/v1/forward/wavix-call/v1/calls", "+447911123456"
        first, second, third = numbers(3)
        statuses = []
        async with as_holder(service, made["key"]) as client:
            # The last one has the seventh and the eighth number of the day.
            for one, other in (
                (caller, first),
                (caller, second),
                (caller, PREMIUM),
                (third, numbers(1, 9)[0]),
            ):
                async with client.post(path, json={"from": one, "to": other}) as response:
                    statuses.append(response.status)
                    await response.content.read()
            assert statuses == [201, 201, 400, 429]
            told = await counted(client, 3)
            assert {item["kind"] for item in told["items"]} == {"forward"}
            assert sum(item["paid"] for item in told["items"]) == emulator.ledger.billed_total
        assert [each.body["to"] for each in system.arrived] == [first, second]


async def test_what_cannot_be_reached_is_refused_by_settings_and_by_keys(
    start_service: StartService, emulator: Emulator
) -> None:
    known = {answer(each, "validation")["reachable"]: each for each in numbers(50)}
    service = start_service(
        VALIDATOR_AUTH="on", VALIDATOR_ADMIN_KEY=ADMIN, VALIDATOR_SCREEN_POLICY='{"refuse_unreachable": true}'
    )
    found = {}
    for name, policy in {"set": None, "off": {"refuse_unreachable": False}}.items():
        key = await new_key(service, policy=policy)
        async with as_holder(service, key["key"]) as client:
            for reachable in (True, False):
                for depth in ("validation", "analysis"):
                    body = {"from": "+447911123456", "to": known[reachable]}
                    found[name, reachable, depth] = errors(
                        await screened(client, "wavix-call", body, type=depth)
                    )
    assert found.pop(("set", False, "validation")) == [("to", "unreachable")]
    assert len(found) == 7
    assert not any(found.values())
