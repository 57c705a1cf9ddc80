"""Small bodies that would become large: refused, and neither time nor memory is spent on them."""

import gzip
import io
import json

import aiohttp
import pytest

from tests.http.raw import connected, head
from tests.service import Service
from validator_svc.http.errors import ApiError
from validator_svc.http.json_body import once_each

MIB = 1024 * 1024
SPARE_KB = 100_000
PACKED = {"Content-Encoding": "gzip"}
JSON = {"Content-Type": "application/json"}


async def read_and_forget(response: aiohttp.ClientResponse) -> None:
    async for _ in response.content.iter_any():
        pass


def nested(kind: bytes, count: int) -> bytes:
    return b'{"type":"format","phone_numbers":[' + b",".join([kind] * count) + b"]}"


async def test_a_stream_that_expands_too_far_is_refused_and_holds_nobody_up(
    client: aiohttp.ClientSession, service: Service
) -> None:
    before_kb = service.highest_kb()
    bomb = io.BytesIO(gzip.compress((b"x" * 63 + b"\n") * (4 * MIB), 6))
    headers = PACKED | {"Content-Type": "text/plain"}
    async with client.post("/v1/stream?type=format", data=bomb, headers=headers) as response:
        # It has begun to be answered, and breaks off.
        with pytest.raises(aiohttp.ClientError):
            await read_and_forget(response)
    assert service.highest_kb() - before_kb < SPARE_KB


@pytest.mark.parametrize("kind", [b"[]", b"{}", b"[[]]", b'{"":[]}'])
@pytest.mark.parametrize("is_packed", [True, False])
async def test_json_of_nothing_but_brackets_is_refused(
    client: aiohttp.ClientSession, service: Service, kind: bytes, is_packed: bool
) -> None:
    before_kb = service.highest_kb()
    body = nested(kind, 3 * MIB // (len(kind) + 1))
    headers = JSON | (PACKED if is_packed else {})
    sent = io.BytesIO(gzip.compress(body) if is_packed else body)
    async with client.post("/v1/validation", data=sent, headers=headers) as response:
        assert response.status in (400, 413)
        assert (await response.json())["code"] in ("invalid_json", "invalid_parameter", "body_too_large")
    assert service.highest_kb() - before_kb < SPARE_KB


async def test_numbers_in_brackets_are_no_attack(client: aiohttp.ClientSession) -> None:
    body = {"type": "format", "phone_numbers": ["[+62] [812] 3456-7000"] * 2_000}
    async with client.post("/v1/validation", json=body) as response:
        assert response.status == 200
        assert len((await response.json())["items"]) == 2_000


async def test_a_list_over_the_limit_is_told_where_to_go(client: aiohttp.ClientSession) -> None:
    async with client.post("/v1/validation", data=io.BytesIO(b" " * (5 * MIB)), headers=JSON) as response:
        assert response.status == 413
        assert "expected at most 4194304 bytes" in (await response.json())["message"]


async def test_a_large_page_of_a_list_is_whole(client: aiohttp.ClientSession) -> None:
    numbers = [f"+62812{n:07}" for n in range(30_000)]
    body = {"type": "validation", "phone_numbers": numbers, "async": True}
    async with client.post("/v1/validation", json=body) as response:
        list_id = (await response.json())["request_uuid"]
    async with client.get(
        f"/v1/validation/{list_id}", headers={"Accept": "application/x-ndjson"}
    ) as response:
        records = (await response.read()).splitlines()
    async with client.get(f"/v1/validation/{list_id}?limit=100000&offset=10") as response:
        assert response.headers["Content-Type"].startswith("application/json")
        page = json.loads(await response.read())
    assert (page["status"], page["pending"], page["count"]) == ("success", 0, 30_000)
    assert page["items"] == [json.loads(line) for line in records[10:]]
    async with client.get(f"/v1/validation/{list_id}?offset=30000") as response:
        assert (await response.json())["items"] == []


def test_an_open_quote_is_read_to_its_end_once(service: Service) -> None:
    """A cell over hundreds of packets comes out whole; one without an end is refused with its line."""
    cell = b'"' + b"x\n" * 200_000 + b'",+6281234567000\n'
    request = head("POST", "/v1/stream?type=format", "Content-Type: text/csv", "Transfer-Encoding: chunked")
    for text, wanted in [
        (b"note,phone\n" + cell + b"y,+442079460000\n", b"+442079460000"),
        (b"note,phone\nx,+6281234567000\n" + b'"' + b"x\n" * 700_000, b"unreadable"),
    ]:
        with connected(service) as connection:
            connection.sendall(request)
            for start in range(0, len(text), 1_400):
                piece = text[start : start + 1_400]
                try:
                    connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
                except ConnectionError:
                    break
            else:
                connection.sendall(b"0\r\n\r\n")
            received = b""
            while wanted not in received and (piece := connection.recv(65_536)):
                received += piece
        assert b"HTTP/1.1 200" in received or wanted in received


class Compared(str):
    """A name that counts how often it is compared."""

    __slots__ = ()
    times = 0

    def __eq__(self, other: object) -> bool:
        Compared.times += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_names_that_come_twice_are_found_without_comparing_each_with_each() -> None:
    names: list[tuple[str, object]] = [(Compared(number), number) for number in range(2_000)]
    once_each(names)
    with pytest.raises(ApiError, match="7: expected once"):
        once_each([*names, (Compared(7), 7)])
    assert Compared.times < 10 * len(names)


@pytest.mark.parametrize("path", ["/v1/validation", "/v2/batch/query"])
async def test_tens_of_thousands_of_names_are_refused(client: aiohttp.ClientSession, path: str) -> None:
    names = ",".join(f'"{number}":1' for number in range(23_000))
    body = f'{{"phone_numbers":{{{names}}},"phone_numbers":[]}}'.encode()
    async with client.post(path, data=io.BytesIO(body), headers=JSON) as response:
        assert response.status == 400
        answer = await response.json()
        assert "once" in str(answer.get("message")), answer


async def test_what_has_no_long_list_is_not_long(client: aiohttp.ClientSession) -> None:
    body = json.dumps({"phone_numbers": [{"phone_number": "1"}] * 20_000}).encode()
    async with client.post("/v2/batch/query", data=io.BytesIO(body), headers=JSON) as response:
        assert response.status == 413
