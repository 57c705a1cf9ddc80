"""Rows of a batch, searched and filtered some at a time; and a list's totals and preview."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.batches.asking import posted, reached
from tests.service import Service, running
from validator_svc.batches.counts import MOST_CARRIERS, commonest
from validator_svc.batches.search import (
    MOST_CHARS,
    PIECE_BYTES,
    Search,
    as_json,
    holds,
    is_any_in,
    needles_of,
)
from validator_svc.numbering.reading import MAX_TEXT
from validator_svc.record.finished import stands

Json = dict[str, Any]

ROWS = [
    ("Zoë Müller", "+6281234567000"),
    ("ANN \"the\" Lee", "+44 20 7946 0958"),
    ("bob", "+44 7400 123456"),
    ("<b>carrier_name</b>", "12"),
    ("line\nbreak", "+1 900 234 5678"),
    ("", "nothing at all"),
]  # fmt: skip
TIMES = 40
CSV = "name,phone\n" + "".join(
    '"{}",{}\n'.format(name.replace('"', '""'), phone) for _ in range(TIMES) for name, phone in ROWS
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose segments are small, so that a search goes over many."""
    with running(tmp_path_factory.mktemp("data"), VALIDATOR_SEGMENT_ROWS="7") as service:
        yield service


async def worked(client: aiohttp.ClientSession, body: str = CSV, **params: str) -> Json:
    """The batch of a file, once it has ended."""
    batch_id = await posted(client, body.encode(), "text/csv", **({"type": "analysis"} | params))
    return await reached(client, batch_id, "success")


async def asked(client: aiohttp.ClientSession, batch: Json, **params: str) -> Json:
    """One answer to a search."""
    url = f"/v1/batches/{batch['request_uuid']}/rows"
    async with client.get(url, params=params) as response:
        assert response.status == 200, await response.text()
        found: Json = await response.json()
        return found


async def all_rows(client: aiohttp.ClientSession, batch: Json, **params: str) -> list[Json]:
    """All rows that a search finds, one answer after the other."""
    rows: list[Json] = []
    offset: int | None = 0
    while offset is not None:
        found = await asked(client, batch, **(params | {"offset": str(offset), "per_page": "9"}))
        rows += found["items"]
        assert found["next"] is None or found["next"] > offset
        offset = found["next"]
    return rows


SEARCHES: list[tuple[Json, list[int]]] = [
    ({}, [0, 1, 2, 3, 4, 5]),
    ({"q": "zoË"}, [0]),
    ({"q": "MÜLLER"}, [0]),
    ({"q": "müller"}, [0]),
    ({"q": "ann \"THE\""}, [1]),
    ({"q": "line\nbreak"}, [4]),
    ({"q": "+44 (20) 79"}, [1]),
    ({"q": "020 7946"}, [1]),
    ({"q": "0812-3456"}, [0]),
    ({"q": "telkomsel"}, [0]),
    ({"q": "<B>"}, [3]),
    ({"q": "carrier_name"}, [3]),
    ({"q": "is_valid"}, []),
    ({"q": "nowhere to be found"}, []),
    ({"only": "valid"}, [0, 1, 2, 4]),
    ({"only": "invalid"}, [3, 5]),
    ({"only": "unknown"}, []),
    ({"only": "risky"}, [4]),
    ({"country_code": "GB"}, [1, 2]),
    ({"country_code": "GB", "phone_type": "mobile"}, [2]),
    ({"country_code": "ZZ"}, []),
    ({"phone_type": "pager"}, []),
    ({"carrier_name": "Telkomsel"}, [0]),
    ({"reason": "not_a_number"}, [5]),
    ({"only": "valid", "q": "o", "country_code": "ID"}, [0]),
]  # fmt: skip


async def test_every_search_finds_its_rows_and_no_others(service: Service) -> None:
    async with aiohttp.ClientSession(service.url) as client:
        batch = await worked(client)
        for params, expected in SEARCHES:
            rows = await all_rows(client, batch, **params)
            wanted = [at for at in range(TIMES * len(ROWS)) if at % len(ROWS) in expected]
            assert [row["row"] for row in rows] == wanted, params
            for row in rows:
                assert row["cells"] == [*ROWS[row["row"] % len(ROWS)]]
                assert row["record"]["phone_number"] == row["cells"][1]


async def test_an_answer_says_where_to_go_on(service: Service) -> None:
    async with aiohttp.ClientSession(service.url) as client:
        batch = await worked(client)
        count = TIMES * len(ROWS)
        first = await asked(client, batch, per_page="2", only="invalid")
        assert (first["columns"], first["column"], first["count"]) == (["name", "phone"], 1, count)
        assert first["next"] == 6
        last = await asked(client, batch, offset=str(count - 1))
        assert ([row["row"] for row in last["items"]], last["next"]) == ([count - 1], None)
        beyond = await asked(client, batch, offset=str(count + 10**9))
        assert (beyond["items"], beyond["next"]) == ([], None)


async def test_an_answer_of_long_rows_has_fewer_of_them(service: Service) -> None:
    long = "+6281234567000," + "x" * (MOST_CHARS // 2) + "\n"
    async with aiohttp.ClientSession(service.url) as client:
        batch = await worked(client, "phone,note\n" + long * 3)
        first = await asked(client, batch, per_page="500", q="xxx")
        assert ([row["row"] for row in first["items"]], first["next"]) == ([0, 1], 2)
        assert [len(row["cells"][1]) for row in first["items"]] == [MOST_CHARS // 2] * 2
        assert [row["row"] for row in await all_rows(client, batch)] == [0, 1, 2]


async def test_what_is_looked_for_is_checked(service: Service) -> None:
    async with aiohttp.ClientSession(service.url) as client:
        batch = await worked(client, "+6281234567000\n")
        url = f"/v1/batches/{batch['request_uuid']}/rows"
        bad = [("only", "some"), ("phone_type", "satellite"), ("reason", "bad"), ("offset", "-1"),
               ("q", "x" * (MAX_TEXT + 1)), ("per_page", "501"), ("search", "x")]  # fmt: skip
        for name, value in bad:
            async with client.get(url, params={name: value}) as response:
                assert response.status == 400, name
                assert name in (await response.json())["message"]


async def test_totals_tell_of_types_and_carriers(service: Service) -> None:
    async with aiohttp.ClientSession(service.url) as client:
        batch = await worked(client)
        records = [row["record"] for row in await all_rows(client, batch)]
        plain = await worked(client, type="format")
    for name, field in (("type", "phone_type"), ("carrier", "carrier_name"), ("reason", "reason")):
        expected = Counter(record[field] for record in records if record[field] is not None)
        assert batch["summary"][name] == dict(expected)
    assert batch["risky"] == TIMES
    assert (plain["risky"], plain["summary"]["type"], plain["summary"]["carrier"]) == (None, {}, {})


def test_rare_carriers_are_counted_together() -> None:
    carriers = Counter({f"c{at}": at + 1 for at in range(MOST_CARRIERS + 3)})
    found = commonest(carriers)
    assert found[""] == 1 + 2 + 3
    assert (len(found), found.total()) == (MOST_CARRIERS + 1, carriers.total())
    assert Search(fields=(("carrier_name", "c0"),)).may_be_in({"carrier:": 6, "carrier:c5": 9})
    assert not Search(fields=(("carrier_name", "c0"),)).may_be_in({"carrier:c5": 9})


def test_a_segment_that_another_version_counted_is_looked_at() -> None:
    old = {"answered": 5, "valid": 5, "country:GB": 5}
    assert Search(fields=(("phone_type", "mobile"),)).may_be_in(old)
    assert not Search(fields=(("country_code", "ID"),)).may_be_in(old)
    assert not Search(only="invalid").may_be_in(old)


@pytest.mark.parametrize("text", ['a"b', "a\\b", '"', "ÅÄ", 'é"É'])
def test_a_text_is_found_where_json_has_it_in_another_form(text: str) -> None:
    line = b"{" + stands("carrier_name", text) + b"}"
    assert holds(line, b"", needles_of(text))
    assert as_json(b"plain") == b"plain"


MADE = ["column_1", "column_2"]
LINES = "application/x-ndjson"
PREVIEWS: list[tuple[str, str, Json, list[str], int, list[list[str]]]] = [
    ("text/csv", CSV, {}, ["name", "phone"], 1, [[*row] for row in ROWS]),
    ("text/csv", CSV, {"column": "name"}, ["name", "phone"], 0, [[*row] for row in ROWS]),
    ("text/csv", "Ada;0812 3456 7000\n", {"country": "ID"}, MADE, 1, [["Ada", "0812 3456 7000"]]),
    ("text/csv", CSV, {"header": "false", "column": "2"}, MADE, 1, [["name", "phone"]]),
    ("text/plain", "+6281234567000\n12\n", {}, ["phone_number"], 0, [["+6281234567000"], ["12"]]),
    (LINES, '{"a":1,"tel":"+6281234567000"}\n', {}, ["a", "tel"], 1, [["1", "+6281234567000"]]),
]  # fmt: skip


async def test_a_preview_shows_how_a_file_is_read(service: Service) -> None:
    async with aiohttp.ClientSession(service.url) as client:
        for media_type, body, params, columns, column, rows in PREVIEWS:
            async with client.post(
                "/v1/preview",
                params={"type": "format"} | params,
                data=body.encode(),
                headers={"Content-Type": media_type},
            ) as response:
                assert response.status == 200, await response.text()
                shown = await response.json()
            assert (shown["columns"], shown["column"]) == (columns, column), params
            assert [row["cells"] for row in shown["items"]][: len(rows)] == rows
            assert len(shown["items"]) <= 20
        async with client.post("/v1/preview?type=format", data=b"a,b\nx,y\n") as response:
            assert response.status == 422
        async with client.get("/v1/batches") as response:
            listed = await response.json()
    assert all(each["name"] == "" for each in listed["items"])


async def test_nothing_of_a_preview_is_kept(service: Service, tmp_path: Path) -> None:
    with running(tmp_path / "data") as own:
        async with aiohttp.ClientSession(own.url) as client:
            async with client.post("/v1/preview?type=format", data=b"+6281234567000\n") as response:
                assert response.status == 200
            async with client.get("/v1/batches") as response:
                assert (await response.json())["items"] == []
        kept = [each for each in (tmp_path / "data").rglob("*") if each.is_file() and "batches" in each.parts]
    assert kept == []


EXPLAINED: list[tuple[str, str, str]] = [
    ("+6281234567000", "", "international"),
    ("0062 81234567000", "", "says itself"),
    ("6281234567000", "", "as no country was given"),
    ("081234567000", "ID", "people in ID"),
]


@pytest.mark.parametrize(("text", "country", "expected"), EXPLAINED)
async def test_a_number_is_explained_on_request(
    service: Service, text: str, country: str, expected: str
) -> None:
    params = {"phone_number": text, "type": "analysis"} | ({"country": country} if country else {})
    async with aiohttp.ClientSession(service.url) as client:
        async with client.get("/v1/validation", params=params | {"explain": "true"}) as response:
            shown = await response.json()
        async with client.get("/v1/validation", params=params) as response:
            plain = await response.json()
    meanings = shown.pop("meanings")
    assert shown == plain
    assert expected in meanings["phone_number"]
    assert "no number portability" in meanings["ported"]
    assert "range was given to" in meanings["carrier_name"]


@pytest.mark.parametrize("at", [0, PIECE_BYTES - 3, PIECE_BYTES - 1, PIECE_BYTES, 3 * PIECE_BYTES - 2])
def test_what_stands_on_the_border_of_two_pieces_is_found(at: int) -> None:
    content = b"x" * at + b"NEEDLE" + b"x" * PIECE_BYTES
    assert is_any_in([b"nothing", b"needle"], content)
    assert not is_any_in([b"nothing", b"needles"], content)
    assert not is_any_in([b"nothing"], b"")
