"""Accept and Accept-Encoding mean what their grammar says."""

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from tests.batches.asking import posted, reached
from validator_svc.http.accept import best_coding, best_type, weights_in

LISTS = {"type": "format", "phone_numbers": ["+6281234567000"]}
JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"

ACCEPTS = [
    ([], JSON),
    (["application/x-ndjson"], NDJSON),
    (["Application/X-NDJSON"], NDJSON),
    (["application/x-ndjson;q=0"], JSON),
    (["application/x-ndjson; Q=0.000"], JSON),
    (["application/x-ndjson;q=0.001"], NDJSON),
    (["application/json;q=0.5, application/x-ndjson;q=0.6"], NDJSON),
    (["application/json;q=0.6 ,application/x-ndjson ; q=0.5"], JSON),
    (["application/json", "application/x-ndjson;q=0.9"], JSON),
    (["application/json;q=0.1", "application/x-ndjson"], NDJSON),
    (["application/x-ndjson, */*"], NDJSON),
    (["*/*, application/x-ndjson"], NDJSON),
    (["*/*"], JSON),
    (["application/*"], JSON),
    (["*/*;q=0.9, application/json;q=0.1"], NDJSON),
    (["application/json;q=0, */*"], NDJSON),
    (["application/*;q=0.2, application/x-ndjson;q=0.1"], JSON),
    (["application/x-ndjson;charset=utf-8"], NDJSON),
    (['text/x;a="application/x-ndjson, x"'], JSON),
    (['application/x-ndjson;a="x;q=0"'], NDJSON),
    (['application/x-ndjson;a="\\",";q=0'], JSON),
    (["application/x-ndjson-not"], JSON),
    (["notapplication/x-ndjson"], JSON),
    (["application/x-ndjson;q=high"], JSON),
    (["application/x-ndjson;q=2"], JSON),
    ([",, ,application/x-ndjson,"], NDJSON),
    (["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], JSON),
    (["image/png"], JSON),
]


@pytest.mark.parametrize(("headers", "media_type"), ACCEPTS)
async def test_a_list_comes_as_it_is_accepted(
    client: aiohttp.ClientSession, headers: list[str], media_type: str
) -> None:
    accept = CIMultiDict(("Accept", header) for header in headers)
    accept.setdefault("Accept", "")
    async with client.post("/v1/validation", json=LISTS, headers=accept) as response:
        assert response.status == 200
        assert response.content_type == media_type


async def test_results_and_polls_come_as_they_are_accepted(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, b"phone,x\n+6281234567000,1\n", CSV)
    await reached(client, batch_id, "success")
    for accept, results, poll in [
        ("TEXT/CSV", CSV, JSON),
        ("text/csv;q=0", NDJSON, JSON),
        ("text/*", CSV, JSON),
        ("text/csv;q=0.1, application/x-ndjson;q=0.2", NDJSON, NDJSON),
        ("application/x-ndjson;q=0.1, text/csv, application/json", CSV, JSON),
    ]:
        for path, expected in ((f"batches/{batch_id}/results", results), (f"validation/{batch_id}", poll)):
            async with client.get(f"/v1/{path}", headers={"Accept": accept}) as response:
                assert response.content_type == expected, accept


CODINGS = [
    ("", "identity"),
    ("gzip", "gzip"),
    ("GZIP", "gzip"),
    ("x-gzip", "gzip"),
    ("gzip, deflate, br, zstd", "zstd"),
    ("gzip;q=1.0, zstd;q=0.5", "gzip"),
    ("gzip;q=0", "identity"),
    ("gzip ; Q=0", "identity"),
    ("*", "identity"),
    ("*;q=0, gzip", "gzip"),
    ("identity;q=0, *", "zstd"),
    ("*;q=0", "identity"),
    ("identity, gzip;q=0.5", "identity"),
    ("identity;q=0.5, gzip", "gzip"),
    ("gzip;q=0.001", "gzip"),
    ("br", "identity"),
    ("gzip;q=x, zstd;q=0.2", "zstd"),
]


@pytest.mark.parametrize(("header", "coding"), CODINGS)
def test_codings(header: str, coding: str) -> None:
    request = make_mocked_request("GET", "/", {"Accept-Encoding": header})
    assert best_coding(request, ("zstd", "gzip", "identity"), "identity") == coding


WEIGHTS = st.one_of(
    st.none(), st.sampled_from(["0", "0.", "0.0", "0.5", "0.25", "0.999", "1", "1.", "1.000"])
)
SPACE = st.sampled_from(["", " ", "\t", "  "])
NAMES = st.sampled_from([JSON, NDJSON, CSV, "application/*", "text/*", "*/*", "image/png"])
MEMBERS = st.tuples(NAMES, WEIGHTS, SPACE, st.booleans(), st.sampled_from(["", ";a=b", ';a="x, y;q=0"']))
OFFERS = (JSON, NDJSON, CSV)


def written(member: tuple[str, str | None, str, bool, str]) -> str:
    name, weight, space, is_upper, parameter = member
    text = f"{space}{name.upper() if is_upper else name}{parameter}{space}"
    return text if weight is None else f"{text};{space}q={weight}{space}"


@given(st.lists(MEMBERS, max_size=6, unique_by=lambda member: member[0]), st.integers(1, 3))
def test_the_best_liked_type_is_taken(
    members: list[tuple[str, str | None, str, bool, str]], headers: int
) -> None:
    parts = [",".join(map(written, members[start::headers])) for start in range(headers)]
    request = make_mocked_request("GET", "/", CIMultiDict(("Accept", part) for part in parts))
    likings = {name: float(weight or "1") for name, weight, *_ in members}

    def liking(offer: str) -> float:
        for name in (offer, offer.partition("/")[0] + "/*", "*/*"):
            if name in likings:
                return likings[name]
        return 0.0

    best = best_type(request, OFFERS)
    assert liking(best) == max(map(liking, OFFERS))
    if not likings.keys() & {*OFFERS, "application/*", "text/*", "*/*"}:
        assert best == JSON


@given(st.text(st.characters(codec="latin-1"), max_size=200))
def test_anything_can_be_read(header: str) -> None:
    for name, liking in weights_in([header, header]).items():
        assert name == name.lower()
        assert 0 <= liking.weight <= 1


@pytest.mark.parametrize(
    "header", ['a/b;"' * 1_600, ";" * 8_000, '"' * 8_000, "a/b;" + " " * 8_000, ",\\" * 4_000]
)
def test_nothing_takes_long(header: str) -> None:
    weights_in([header])
