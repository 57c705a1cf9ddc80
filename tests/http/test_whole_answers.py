"""Answers written in one go are those that aiohttp would send, as the log and the figures tell them."""

import re

import aiohttp
import orjson
import pytest

from tests.http.raw import asked, head, logged_by_now
from tests.service import Service
from tests.waiting import wait_until
from validator_svc.http.access_log import AccessLog, Answered, json_line, route_of

ONE = "/v1/validation?type=analysis&phone_number=%2B6281234567000"
CLOSED = "Connection: close"


def taken_apart(answer: bytes) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """The status line, the fields of the head but for the moment, and the body."""
    start, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = start.split(b"\r\n")
    fields = dict(line.split(b": ", 1) for line in lines)
    assert re.fullmatch(rb"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", fields.pop(b"Date"))
    # Each request has a name of its own.
    assert re.fullmatch(rb"[0-9a-f]{8}-[0-9a-f]+", fields.pop(b"X-Request-Id"))
    fields.pop(b"Connection", None)
    return status, fields, body


def test_it_is_the_answer_that_a_connection_gets_that_does_not_stay_open(service: Service) -> None:
    closing = asked(service, head("GET", ONE, CLOSED))
    both = asked(service, head("GET", ONE) + head("GET", ONE, CLOSED))
    staying = both[: both.rindex(b"HTTP/1.1 200")]
    assert taken_apart(staying) == taken_apart(closing)


def test_head_and_old_versions_get_what_is_theirs(service: Service) -> None:
    answers = asked(service, head("HEAD", ONE) + head("GET", ONE, CLOSED))
    assert answers.count(b'"e164_format"') == 1
    old = asked(service, b"GET " + ONE.encode() + b" HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
    assert old.startswith(b"HTTP/1.0 200 OK\r\n")
    assert orjson.loads(old.partition(b"\r\n\r\n")[2])["e164_format"] == "+6281234567000"


def test_a_stream_is_sent_in_chunks_where_the_version_knows_them(service: Service) -> None:
    body = b"".join(b"+62812345%05d\n" % at for at in range(20_000))
    fields = b"Host: 127.0.0.1\r\nContent-Type: text/plain\r\nConnection: close\r\n"
    answers = {}
    for version in (b"HTTP/1.0", b"HTTP/1.1"):
        start = b"POST /v1/stream?type=analysis " + version + b"\r\n" + fields
        answer = asked(service, start + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        top, _, answers[version] = answer.partition(b"\r\n\r\n")
        assert top.startswith(version + b" 200 OK\r\n")
    assert unchunked(answers[b"HTTP/1.1"]) == answers[b"HTTP/1.0"]
    numbers = [orjson.loads(line)["phone_number"] for line in answers[b"HTTP/1.0"].splitlines()]
    assert numbers == body.decode().split()


def unchunked(body: bytes) -> bytes:
    """What is in chunks (RFC 9112, section 7.1)."""
    parts: list[bytes] = []
    while True:
        size, _, body = body.partition(b"\r\n")
        part, end, body = body[: int(size, 16)], body[int(size, 16) :][:2], body[int(size, 16) + 2 :]
        assert end == b"\r\n"
        if not part:
            return b"".join(parts)
        parts.append(part)


@pytest.mark.parametrize("count", [1, 2, 99, 100, 150, 300])
async def test_lists_short_and_long_have_the_same_items(client: aiohttp.ClientSession, count: int) -> None:
    numbers = [f"+62 812-345-{at:05}" for at in range(count)]
    body = {"type": "validation", "phone_numbers": numbers}
    async with client.post("/v1/validation", json=body) as response:
        whole = await response.json()
        # A short one says how long it is.
        assert (response.content_length is None) == (count > 100)
    async with client.post(
        "/v1/validation", json=body, headers={"Accept": "application/x-ndjson"}
    ) as response:
        lines = (await response.read()).splitlines()
    assert whole == {
        "status": "success",
        "count": count,
        "pending": 0,
        "items": [orjson.loads(line) for line in lines],
    }
    assert [item["phone_number"] for item in whole["items"]] == numbers


async def test_a_body_that_comes_with_its_head_is_held_to_the_limit(service: Service) -> None:
    body = b'{"type": "format", "phone_numbers": ["' + b"1" * 5_000_000 + b'"]}'
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    lines = (CLOSED, "Transfer-Encoding: chunked", "Content-Type: application/json")
    assert asked(service, head("POST", "/v1/validation", *lines) + chunked).startswith(b"HTTP/1.1 413")


async def test_each_request_is_logged_and_counted(client: aiohttp.ClientSession, service: Service) -> None:
    logged = await logged_by_now(service)
    for path, status in ((ONE, 200), ("/v1/validation?phone_number=1", 400), ("/nowhere/6281234567000", 404)):
        async with client.get(path) as response:
            assert response.status == status
    assert b"405" in asked(service, b"MADEUP6281234567000 / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")[:20]

    def lines() -> list[dict[str, object]]:
        return [orjson.loads(line) for line in service.log[logged:] if b'"request"' in line]

    await wait_until(lambda: len(lines()) >= 4)
    names = ["method", "route", "status", "bytes", "duration_ms", "request_id", "event", "level", "timestamp"]
    assert all(list(line) == names for line in lines())
    assert [(line["method"], line["route"], line["status"]) for line in lines()] == [
        ("GET", "/v1/validation", 200),
        ("GET", "/v1/validation", 400),
        ("GET", "unknown", 404),
        ("other", "unknown", 405),
    ]
    async with client.get("/metrics") as response:
        figures = await response.text()
    name = "validator_http_request_seconds_count"
    assert f'{name}{{method="GET",route="/v1/validation",status="400"}}' in figures
    assert f'{name}{{method="other",route="unknown",status="405"}}' in figures
    assert "6281234567000" not in figures


def test_the_line_is_in_the_logs_own_form() -> None:
    answered = Answered("GET", None, 414, 17, 0.01234, 1_790_000_000_000_007_000, "abc-1")
    line = orjson.loads(json_line(answered, route_of(answered.match)))
    assert line["duration_ms"] == 12.3
    assert line["timestamp"] == "2026-09-21T14:13:20.000007Z"


def test_nothing_taken_is_nothing_written() -> None:
    AccessLog().write()
