"""`POST /v1/batches?kind=screen`: tables whose columns are named as the parameters of a system are."""

import csv
import io
from typing import Any

import aiohttp
import orjson
import pytest

from loadtest.wavix_emulator import Emulator
from tests.batches.asking import act, posted, reached, refused, results
from tests.lookup.conftest import StartService, emulator, start_service
from tests.lookup.conftest import store as own_store
from tests.lookup.paid import numbers
from tests.screening.examples import GOOD, INVALID, PREMIUM

__all__ = ["emulator", "own_store", "start_service"]

store = own_store

SCREEN = {"kind": "screen", "type": "analysis"}
CALLS = (
    "who;from;to;callback_url;recording;timeout\n"
    "Ada;+13524815863;+44 7911 123456;https://example.com/status;true;30\n"
    f"Bob;+13524815863;{INVALID};;;\n"
    f"Cy;+13524815863;{PREMIUM};x;maybe;-1\n"
    '"D; é";;;;;\n'
    "Eve;13524815863;447911123456;;FALSE;\n"
)


async def lines(client: aiohttp.ClientSession, batch_id: str, **params: str) -> list[dict[str, Any]]:
    return [
        orjson.loads(line)
        for line in (await results(client, batch_id, format="ndjson", **params)).splitlines()
    ]


async def test_a_table_of_calls(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, CALLS.encode(), "text/csv", system="wavix-call", **SCREEN)
    shown = await reached(client, batch_id, "success")
    assert (shown["count"], shown["valid"], shown["invalid"], shown["pending"]) == (5, 2, 3, 0)
    found = await lines(client, batch_id)
    assert [each["allowed"] for each in found] == [True, False, False, False, True]
    assert found[0]["request"] == {
        "from": "+13524815863",
        "to": "+447911123456",
        "callback_url": "https://example.com/status",
        "recording": True,
        "timeout": 30,
    }
    assert found[4]["request"] == {"from": "+13524815863", "to": "+447911123456", "recording": False}
    named = [{each["parameter"] for each in one["findings"]} for one in found]
    assert named == [set(), {"to"}, {"to", "callback_url", "recording", "timeout"}, {"from", "to"}, set()]
    assert shown["summary"]["reason"]["missing"] == 1  # type: ignore[index]


async def test_a_risky_number_is_refused_at_any_depth(client: aiohttp.ClientSession) -> None:
    params = SCREEN | {"type": "format", "system": "wavix-call"}
    batch_id = await posted(client, CALLS.encode(), "text/csv", **params)
    await reached(client, batch_id, "success")
    found = await lines(client, batch_id)
    assert [each["allowed"] for each in found] == [True, False, False, False, True]
    assert ("to", "risky_destination") in {(each["parameter"], each["code"]) for each in found[2]["findings"]}


async def test_results_have_the_columns_of_the_file(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, CALLS.encode(), "text/csv", system="wavix-call", **SCREEN)
    await reached(client, batch_id, "success")
    text = (await results(client, batch_id, format="csv")).decode()
    header, *rows = csv.reader(io.StringIO(text), delimiter=";")
    assert header == ["who", "from", "to", "callback_url", "recording", "timeout", "allowed", "findings"]
    assert [row[:6] for row in rows] == [*csv.reader(io.StringIO(CALLS), delimiter=";")][1:]
    assert [row[6] for row in rows] == ["true", "false", "false", "false", "true"]
    assert rows[0][7] == ""
    assert rows[1][7] == "to: lacks its area code (refuse_invalid)"
    kept = await results(client, batch_id, format="csv", only="valid")
    assert [row[0] for row in csv.reader(io.StringIO(kept.decode()), delimiter=";")][1:] == ["Ada", "Eve"]
    assert len(await lines(client, batch_id, only="invalid")) == 3
    assert len(await lines(client, batch_id, only="risky")) == 1
    assert len(await lines(client, batch_id, offset="4")) == 1
    excel = await results(client, batch_id, dialect="excel")
    assert excel.startswith(b"\xef\xbb\xbf")
    for path in (f"/v1/batches/{batch_id}/rows", f"/v1/validation/{batch_id}"):
        async with client.get(path) as response:
            assert response.status == 409
            assert (await response.json())["code"] == "wrong_kind"
    async with client.get(f"/v1/batches/{batch_id}/results", params={"format": "xlsx"}) as response:
        assert response.status == 400


@pytest.mark.parametrize("system", GOOD)
async def test_names_with_dots_are_nested(client: aiohttp.ClientSession, system: str) -> None:
    flat: dict[str, str] = {}
    for name, value in GOOD[system].items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for inner, each in parts:
            text = " ".join(each) if isinstance(each, list) else str(each)
            flat[f"{name}.{inner}".strip(".")] = text.lower() if isinstance(each, bool) else text
    file = io.StringIO()
    writer = csv.DictWriter(file, flat)
    writer.writeheader()
    writer.writerow(flat)
    batch_id = await posted(client, file.getvalue().encode(), "text/csv", system=system, **SCREEN)
    await reached(client, batch_id, "success")
    (found,) = await lines(client, batch_id)
    assert (found["allowed"], found["findings"]) == (True, [])
    assert found["request"] == GOOD[system]


@pytest.mark.parametrize(
    ("params", "status", "named"),
    [
        ({"kind": "screen"}, 400, "system"),
        ({"system": "wavix-call"}, 400, "system"),
        ({"kind": "screen", "system": "wavix"}, 400, "system"),
        ({"kind": "numbers", "system": "wavix-call"}, 400, "kind"),
        ({"kind": "screen", "system": "wavix-call", "column": "to"}, 400, "column"),
        ({"kind": "screen", "system": "wavix-call", "country": "column:who"}, 400, "country"),
        ({"kind": "screen", "system": "voicecall"}, 422, "to_number"),
    ],
)
async def test_what_cannot_be_used_is_named(
    client: aiohttp.ClientSession, params: dict[str, str], status: int, named: str
) -> None:
    got, _, message = await refused(client, CALLS.encode(), "text/csv", **params)
    assert got == status
    assert named in message


async def test_lines_of_json_go_elsewhere(client: aiohttp.ClientSession) -> None:
    body = orjson.dumps(GOOD["wavix-call"]) + b"\n"
    got, _, message = await refused(client, body, "application/x-ndjson", system="wavix-call", **SCREEN)
    assert got == 422
    assert "/v1/screen/wavix-call" in message


async def test_a_batch_pauses_at_its_max_cost_and_pays_once(
    start_service: StartService, emulator: Emulator
) -> None:
    service = start_service(VALIDATOR_SEGMENT_ROWS_UPSTREAM="10")
    called = numbers(20)
    table = "from,to\n" + "".join(f"+447911123456,{each}\n" for each in called) * 2
    async with aiohttp.ClientSession(service.url) as client:
        more = {"system": "wavix-call", "max_cost": "0.06", **SCREEN}
        batch_id = await posted(client, table.encode(), "text/csv", **more)
        shown = await reached(client, batch_id, "paused")
        assert "max_cost" in str(shown["why"])
        assert float(str(shown["cost"])) <= 0.06
        await act(client, batch_id, "resume", max_cost="1")
        shown = await reached(client, batch_id, "success")
        assert (shown["count"], shown["pending"], shown["unknown"], shown["paid"]) == (40, 0, 0, 21)
        assert len(await lines(client, batch_id)) == 40
    assert emulator.ledger.billed_total == 21


async def test_a_batch_goes_on_when_the_upstream_is_back(
    start_service: StartService, emulator: Emulator
) -> None:
    service = start_service(VALIDATOR_WAVIX_PROBE="0.2")
    emulator.set_faults({"http401": "1"})
    table = "from,to\n" + "".join(f"+447911123456,{each}\n" for each in numbers(5))
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, table.encode(), "text/csv", system="wavix-call", **SCREEN)
        await reached(client, batch_id, "paused")
        emulator.set_faults({})
        shown = await reached(client, batch_id, "success")
        assert (shown["valid"], shown["paid"]) == (5, 6)
