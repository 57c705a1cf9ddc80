"""Long lists in JSON are parsed in steps: the same values, and hostile ones refused in little memory."""

import gzip
import io
from collections.abc import Iterator, Sequence

import aiohttp
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.service import Service, running
from validator_svc.http.json_list import LongList, NoJsonError, parsed_in_steps

NUMBER = "+6281234567000"
BLANK = st.sampled_from(["", " ", "\n", "\r\n ", "\t"])
TEXT = st.text(st.sampled_from('+62[]{},:"\\ né'), max_size=12)
# A comma too many, a bracket too few, and the like.
SLIPS = ["", ",", "]", "[", "}", '"', "1 2", "\\", ":"]


def accept(first: int, elements: Sequence[object]) -> None:
    pass


@given(st.lists(TEXT | st.none() | st.lists(TEXT, max_size=2), max_size=8), BLANK, st.sampled_from(SLIPS))
async def test_the_value_is_that_of_a_parser(elements: list[object], blank: str, slip: str) -> None:
    listed = f"{blank},{blank}".join(orjson.dumps(each).decode() for each in elements)
    text = f'{{"a":{blank}"\\\\",{blank}"list"{blank}:{blank}[{blank}{listed}{slip}{blank}],"b":[1]}}'
    try:
        expected = orjson.loads(text)
    except orjson.JSONDecodeError:
        with pytest.raises(NoJsonError):
            await parsed_in_steps(text.encode(), LongList("list", accept))
        return
    value, outside = await parsed_in_steps(text.encode(), LongList("list", accept))
    assert value == expected
    assert orjson.loads(outside).keys() == expected.keys()


HOSTILE = {
    "lists": (b'{"type":"format","phone_numbers":[' + b"[]," * 11_000_000 + b"[]]}", "phone_numbers[0]"),
    "objects": (b'{"type":"format","phone_numbers":[' + b"{}," * 8_000_000 + b"{}]}", "phone_numbers[0]"),
    "numbers": (b'{"type":"format","phone_numbers":["1",' + b"1," * 8_000_000 + b"1]}", "phone_numbers[1]"),
    "elsewhere": (b'{"type":[' + b"[]," * 8_000_000 + b"[]]}", "only phone_numbers may be as long"),
    "before": (
        b'{"type":[' + b"[]," * 8_000_000 + b'[]],"phone_numbers":["1"]}',
        "only phone_numbers",
    ),
    "deep": (b'{"phone_numbers":' + b"[" * 20_000_000, "an element is over"),
    "open": (b'{"phone_numbers":["' + b"1" * 20_000_000, "an element is over"),
    "escapes": (b'{"phone_numbers":["' + b"\\n" * 10_000_000, "an element is over"),
    "keys": (b'{"a":1,' * 1 + b'"a":1,' * 3_000_000 + b'"b":2}', "only phone_numbers"),
    "cut": (b'{"phone_numbers":[' + b'"1",' * 200_000, "phone_numbers does not end"),
    "comma": (b'{"phone_numbers":[' + b'"1",' * 200_000 + b"]}", "phone_numbers ends in a comma"),
}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose memory nobody else has used."""
    with running(tmp_path_factory.mktemp("fresh")) as service:
        yield service


async def test_hostile_lists_are_refused_in_little_memory(fresh: Service) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    async with aiohttp.ClientSession(fresh.url) as client:
        before_kb = fresh.highest_kb()
        for name, (body, says) in HOSTILE.items():
            packed = io.BytesIO(gzip.compress(body, 1))
            async with client.post("/v1/validation", data=packed, headers=headers) as response:
                answer = await response.json()
            assert (name, response.status // 100) == (name, 4)
            assert (name, says in answer["message"] or response.status == 413) == (name, True), answer
            async with client.get("/healthz") as response:
                assert response.status == 200
        # The body itself is held, twice for a moment; of lists a gigabyte was.
        assert fresh.highest_kb() - before_kb < 110_000


async def test_a_long_list_is_answered(client: aiohttp.ClientSession) -> None:
    numbers = [NUMBER, "[44] 7400 123456", 'a "b", c', "é"] * 10_000
    body = orjson.dumps({"phone_numbers": numbers, "type": "format"}, option=orjson.OPT_INDENT_2)
    assert len(body) > 256 * 1024
    headers = {"Content-Type": "application/json"}
    async with client.post("/v1/validation", data=io.BytesIO(body), headers=headers) as response:
        answer = orjson.loads(await response.read())
    assert [item["phone_number"] for item in answer["items"]] == numbers
    twice = orjson.dumps({"phone_numbers": numbers})[:-1] + b',"type":"format","type":"format"}'
    async with client.post("/v1/validation", data=io.BytesIO(twice), headers=headers) as response:
        assert (response.status, "expected once" in (await response.json())["message"]) == (400, True)
