"""`GET /v1/usage`: what every request and batch used, told to whose key it was, and to the administrator."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import orjson
import pytest

from loadtest.wavix_emulator import Emulator
from tests.access.keyed import ADMIN, ONE, Json, as_holder, new_key, status_of
from tests.batches.asking import act, posted, reached
from tests.batches.processes import Processes, processes
from tests.http.test_errors import expect
from tests.lookup.conftest import at_upstream
from tests.service import Service
from tests.store import Store, running_store

VALID = [f"+44791112{at:04}" for at in range(40)]
LIST = {"type": "format", "phone_numbers": [VALID[0], VALID[1], VALID[0], "12"]}


async def usage(client: aiohttp.ClientSession, **params: str) -> Json:
    async with client.get("/v1/usage", params=params) as response:
        assert response.status == 200, await response.text()
        body: Json = await response.json()
        return body


async def counted(client: aiohttp.ClientSession, requests: int, **params: str) -> Json:
    """The usage once so many requests are in it: those of other processes come a second later."""
    while (found := await usage(client, **params))["stats"]["requests"] < requests:
        pass
    return found


def without_times(item: Json) -> Json:
    return {name: value for name, value in item.items() if name not in ("time", "duration_s")}


FREE = {"key": None, "type": "format", "request_uuid": None, "requests": 1, "unknown": 0, "duplicates": 0,
        "cached": 0, "paid": 0, "cost": "0", "saved": "0"}  # fmt: skip


async def test_each_request_and_batch_is_told_once(pair: list[Service]) -> None:
    made = await new_key(pair[0])
    async with as_holder(pair[0], made["key"]) as one, as_holder(pair[1], made["key"]) as other:
        async with other.get(ONE) as response:
            await response.read()
        async with one.post("/v1/validation", json=LIST) as response:
            await response.read()
        for body in ("+447911120000\n12\n\n", "phone\n+447911120000\n12\n"):
            media = {"Content-Type": "text/csv" if "phone" in body else "text/plain"}
            async with one.post("/v1/stream?type=format", data=body, headers=media) as response:
                await response.read()
        batch_id = await posted(one, "\n".join([*VALID, VALID[0], "1"]).encode())
        await reached(one, batch_id, "success")
        found = await counted(other, 5)
    by_kind: dict[str, list[Json]] = {}
    for item in found["items"]:
        by_kind.setdefault(item["kind"], []).append(without_times(item))
    of_key = FREE | {"key": made["id"]}
    assert by_kind["number"] == [of_key | {"kind": "number", "count": 1, "valid": 1, "invalid": 0}]
    assert by_kind["list"] == [
        of_key | {"kind": "list", "count": 4, "valid": 3, "invalid": 1, "duplicates": 1}
    ]
    streams = sorted(by_kind["stream"], key=lambda item: item["count"])
    assert [(item["count"], item["valid"], item["invalid"]) for item in streams] == [(2, 1, 1), (3, 1, 2)]
    assert by_kind["batch"] == [
        of_key
        | {"kind": "batch", "request_uuid": batch_id, "count": 42, "valid": 41, "invalid": 1, "duplicates": 1}
    ]
    times = [item["time"] for item in found["items"]]
    assert times == sorted(times, reverse=True)
    stats = found["stats"]
    assert (stats["requests"], stats["count"], stats["valid"], stats["amount"]) == (5, 52, 47, "0")
    assert [day["count"] for day in stats["days"]] in ([52], [52 - (n := stats["days"][-1]["count"]), n])
    assert found["pagination"] == {"total": 5, "total_pages": 1, "current_page": 1, "per_page": 50}


async def test_a_key_sees_its_own_and_the_administrator_all(keyed: Service) -> None:
    mine, others = await new_key(keyed), await new_key(keyed)
    for key in (mine["key"], mine["key"], others["key"]):
        assert await status_of(keyed, key) == 200
    async with as_holder(keyed, mine["key"]) as me, as_holder(keyed, ADMIN) as admin:
        assert (await usage(me))["stats"]["requests"] == 2
        assert (await usage(me, key=mine["id"]))["stats"]["requests"] == 2
        async with me.get("/v1/usage", params={"key": others["id"]}) as response:
            unknown = await response.text()
            await expect(response, 404, "no key of this id")
        async with me.get("/v1/usage", params={"key": "0" * 12}) as response:
            assert await response.text() == unknown
        assert (await usage(admin, key=others["id"]))["stats"]["requests"] == 1
        everything = await usage(admin, per_page="500")
        assert {mine["id"], others["id"]} <= {item["key"] for item in everything["items"]}
        async with admin.get(ONE) as response:
            await response.read()
        assert None in {item["key"] for item in (await usage(admin, per_page="500"))["items"]}
        # Asking for usage is no use itself.
        assert (await usage(me))["stats"]["requests"] == 2


async def test_where_there_are_many_those_of_a_minute_are_one(keyed: Service) -> None:
    made = await new_key(keyed)
    async with as_holder(keyed, made["key"]) as client:
        for _ in range(100):
            async with client.get(ONE) as response:
                await response.read()
        found = await usage(client, per_page="500")
        assert found["stats"]["requests"] == found["stats"]["count"] == 100
        assert sum(item["requests"] for item in found["items"]) == 100
        # It may be that another hour or minute begins meanwhile.
        assert found["pagination"]["total"] == len(found["items"]) < 66


async def test_pages_types_and_times(keyed: Service) -> None:
    made = await new_key(keyed)
    async with as_holder(keyed, made["key"]) as client:
        for at in range(7):
            request_type = ("format", "analysis")[at % 2]
            async with client.get(f"/v1/validation?type={request_type}&phone_number={at}") as response:
                await response.read()
        whole = (await usage(client))["items"]
        pages = [await usage(client, page=str(page), per_page="3") for page in (1, 2, 3, 4)]
        assert [item for page in pages for item in page["items"]] == whole
        assert pages[0]["pagination"] == {"total": 7, "total_pages": 3, "current_page": 1, "per_page": 3}
        analyses = await usage(client, type="analysis")
        assert [item["type"] for item in analyses["items"]] == ["analysis"] * 3
        assert analyses["stats"]["requests"] == analyses["pagination"]["total"] == 3
        # Times part records of one day; a last day is in it as a whole.
        middle = whole[3]["time"]
        assert (await usage(client, **{"from": middle}))["items"] == [x for x in whole if x["time"] >= middle]
        assert (await usage(client, to=middle))["items"] == [x for x in whole if x["time"] < middle]
        offset = middle.replace("Z", "+00:00")
        async with client.get(f"/v1/usage?from={offset}") as response:
            assert len((await response.json())["items"]) >= 4
        today = datetime.now(UTC).date()
        days = {"from": str(today - timedelta(days=1)), "to": str(today)}
        assert (await usage(client, **days))["stats"]["requests"] == 7
        for old in ({"to": "2020-01-31"}, {"from": "2019-01-01", "to": "2020-01-31"}, {"from": "9999-12-31"}):
            nothing = await usage(client, **old)
            assert nothing["items"] == []
            assert (nothing["stats"]["requests"], nothing["stats"]["amount"]) == (0, "0")
        assert (await usage(client, **{"from": "0001-01-01", "to": "9999-12-30"}))["items"] == whole


@pytest.mark.parametrize(
    ("name", "value"),
    [("from", "yesterday"), ("to", "2026-02-30"), ("from", "2026-01-05T09:00:00"), ("to", ""),
     ("to", "2026-1-5"),
     ("from", "0001-01-01T00:00:00+14:00x"), ("key", "nobody"), ("type", "deep"), ("per_page", "501")],
)  # fmt: skip
async def test_what_cannot_be_asked_for_is_named(keyed: Service, name: str, value: str) -> None:
    async with as_holder(keyed, ADMIN) as admin, admin.get("/v1/usage", params={name: value}) as response:
        await expect(response, 400, f"{name}: expected")


async def test_csv_and_ndjson_have_all_records(keyed: Service) -> None:
    made = await new_key(keyed)
    async with as_holder(keyed, made["key"]) as client:
        for _ in range(5):
            async with client.get(ONE) as response:
                await response.read()
        items = (await usage(client))["items"]
        texts = {}
        for media_type in ("application/x-ndjson", "text/csv"):
            for more in ("", "?per_page=2&page=2"):
                async with client.get(f"/v1/usage{more}", headers={"Accept": media_type}) as response:
                    assert response.content_type == media_type
                    texts[media_type, more] = await response.text()
    lines = {at: text.splitlines() for at, text in texts.items()}
    assert [orjson.loads(line) for line in lines["application/x-ndjson", ""]] == items
    assert [orjson.loads(line) for line in lines["application/x-ndjson", "?per_page=2&page=2"]] == items[2:4]
    rows = list(csv.DictReader(io.StringIO(texts["text/csv", ""])))
    assert rows == [{k: "" if v is None else str(v) for k, v in item.items()} for item in items]
    assert len(lines["text/csv", "?per_page=2&page=2"]) == 3


async def test_what_is_refused_or_no_use_is_not_told(keyed: Service) -> None:
    made = await new_key(keyed, numbers_per_day=3, allowed_types=["format"])
    async with as_holder(keyed, made["key"]) as client:
        for path in (
            "/v1/validation?type=format",
            ONE.replace("format", "analysis"),
            "/v1/batches",
            "/v1/usage",
        ):
            async with client.get(path) as response:
                await response.read()
        async with client.post("/v1/stream?type=format", data="1\n2\n3\n4\n") as response:
            assert response.status == 429
        async with client.post("/v1/estimate?type=format", data="1\n2\n") as response:
            assert response.status == 200
        assert (await usage(client))["items"] == []


async def test_redis_is_not_asked_more_for_it(store: Store, keyed: Service) -> None:
    made = await new_key(keyed)
    async with as_holder(keyed, made["key"]) as client:
        async with client.get(ONE) as response:
            await response.read()
        before = store.commands()
        for _ in range(300):
            async with client.get(ONE) as response:
                await response.read()
        spent = {name: count - before.get(name, 0) for name, count in store.commands().items()}
    # What a request costs is nothing; a second costs a flush of both processes.
    assert spent.get("evalsha", 0) + spent.get("hset", 0) < 100, spent


async def test_without_keys_everybody_sees_all(client: aiohttp.ClientSession) -> None:
    before = (await usage(client))["stats"]["requests"]
    async with client.get(ONE) as response:
        await response.read()
    found = await usage(client)
    assert found["stats"]["requests"] == before + 1
    assert found["items"][0]["key"] is None


@pytest.fixture
def paying(tmp_path: Path, emulator: Emulator) -> Iterator[Processes]:
    """Processes that ask for keys, share a store, and pay the emulator."""
    settings = {
        "VALIDATOR_AUTH": "on",
        "VALIDATOR_ADMIN_KEY": ADMIN,
        **at_upstream(emulator),
        "VALIDATOR_SEGMENT_ROWS_UPSTREAM": "5",
    }
    with running_store() as store, processes(tmp_path / "data", REDIS_URL=store.url, **settings) as group:
        yield group


async def asked_paid(client: aiohttp.ClientSession, numbers: list[str]) -> list[Json]:
    body = {"type": "analysis", "phone_numbers": numbers}
    async with client.post("/v1/validation", json=body) as response:
        items: list[Json] = (await response.json())["items"]
        return items


def sums(found: Json) -> Json:
    return {
        name: found["stats"][name]
        for name in ("count", "valid", "unknown", "cached", "paid", "amount", "saved")
    }


async def test_what_is_paid_and_saved_is_told_once_also_after_a_crash(
    paying: Processes, emulator: Emulator
) -> None:
    taking, working = paying.serve(VALIDATOR_BATCH_CONCURRENCY="0"), paying.worker()
    made = await new_key(taking)
    async with as_holder(taking, made["key"]) as client:
        items = await asked_paid(client, [VALID[0], VALID[0], VALID[1], "12"])
        cost = sum(float(item["cost"]) for item in items)
        assert (
            await status_of(taking, made["key"], f"/v1/validation?type=analysis&phone_number={VALID[0][1:]}")
            == 200
        )
        found = await usage(client)
        # The twin in the list, and the one that was asked again.
        assert sums(found) | {"amount": float(found["stats"]["amount"])} == {
            "count": 5, "valid": 4, "unknown": 0, "cached": 2, "paid": 2, "amount": cost, "saved": "0.01",
        }  # fmt: skip
        batch_id = await posted(client, "\n".join(VALID[2:12]).encode(), type="analysis")
        batch = await reached(client, batch_id, "success")
        told = await counted(client, 3)
        assert told["items"][0]["request_uuid"] == batch_id
        assert {name: told["items"][0][name] for name in ("count", "paid", "cost", "saved")} == {
            name: batch[name] for name in ("count", "paid", "cost", "saved")
        }
        # Of what is canceled, or deleted before its end, that is told which was paid by then.
        ends = {}
        for action in ("cancel", "delete"):
            ends[action] = await posted(
                client, "\n".join(VALID[12:30]).encode(), type="analysis", max_cost="0"
            )
            await reached(client, ends[action], "paused")
        assert (await act(client, ends["cancel"], "cancel"))[0] == 200
        async with client.delete(f"/v1/batches/{ends['delete']}") as response:
            assert response.status == 204
        told = await counted(client, 5)
        for batch_id in ends.values():
            of_batch = [item for item in told["items"] if item["request_uuid"] == batch_id]
            assert [(item["count"], item["paid"], item["cost"]) for item in of_batch] == [(0, 0, "0")]
        before = sums(await usage(client))
    assert working.stop(9) == -9
    assert taking.stop(9) == -9
    async with as_holder(paying.serve(), made["key"]) as client:
        assert sums(await usage(client)) == before


async def test_a_batch_that_is_retried_stays_one_record(paying: Processes, emulator: Emulator) -> None:
    service = paying.serve()
    made = await new_key(service)
    emulator.set_faults({"code042": "1"})
    async with as_holder(service, made["key"]) as client:
        batch_id = await posted(client, "\n".join(VALID[:5]).encode(), type="analysis")
        batch = await reached(client, batch_id, "success")
        assert batch["unknown"] == 5
        first = await counted(client, 1)
    assert (first["stats"]["unknown"], first["stats"]["count"]) == (5, 5)
    emulator.set_faults({})
    async with as_holder(service, made["key"]) as client:
        assert (await act(client, batch_id, "retry"))[0] == 200
        batch = await reached(client, batch_id, "success")
        while (found := await usage(client))["stats"]["unknown"]:
            pass
    assert [item["request_uuid"] for item in found["items"]] == [batch_id]
    assert found["items"][0]["time"] == first["items"][0]["time"]
    assert (found["stats"]["requests"], found["stats"]["count"], found["stats"]["unknown"]) == (1, 5, 0)
    assert found["stats"]["amount"] == batch["cost"]
