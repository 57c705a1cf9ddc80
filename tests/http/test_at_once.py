"""Requests answered as their packet comes are answered as by aiohttp: status, head, body and log."""

import re
import socket

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loadtest.http_client import unchunked
from tests.http.raw import asked, connected, head
from tests.service import Service
from tests.waiting import wait_until

ONE = "/v1/validation?type=format&phone_number=%2B6281234567000"
JSON = "Content-Type: application/json"
# A field that says nothing to anybody, and is none that plain requests have.
NOT_PLAIN = "X-Nothing: 1"
OF_EACH = re.compile(rb"(?:Date|X-Request-Id): [^\r]*\r\n")
EXAMPLES = 150


def answer_on(connection: socket.socket, request: bytes) -> bytes:
    """The answer to one request, on a connection that stays open."""
    connection.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        received += some(connection)
    start, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: (\d+)", start)
    while length is not None and len(body) < int(length[1]):
        body += some(connection)
    while length is None and not body.endswith(b"0\r\n\r\n"):
        body += some(connection)
    # Where a longer answer is parted depends on how long its parts took.
    return OF_EACH.sub(b"", start + b"\r\n\r\n") + (body if length is not None else unchunked(body))


def some(connection: socket.socket) -> bytes:
    piece = connection.recv(65_536)
    assert piece, "the connection is closed"
    return piece


def both(service: Service, method: str, path: str, lines: list[str], body: bytes = b"") -> None:
    """Send a request both ways; the answers are the same."""
    with connected(service) as connection:
        # A connection that is used already waits for the next request.
        answer_on(connection, head("GET", ONE))
        at_once = answer_on(connection, head(method, path, *lines) + body)
    with connected(service) as connection:
        assert at_once == answer_on(connection, head(method, path, *lines, NOT_PLAIN) + body)


often = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SAID = {
    "type": ["format", "analysis", "validation", "nothing", "", "FORMAT", "%66ormat"],
    "country": ["ID", "gb", "ZZ", "", "%49D"],
    "force": ["true", "1", "false", "maybe", ""],
    "max_age": ["5", "-1", "x", ""],
    "show": ["checked_at", "x"],
    "explain": ["true", "false", "2"],
    "appid": ["vs_000000000000_x", ""],
    "limit": ["1"],
    "Type": ["format"],
}
NUMBERS = st.one_of(
    st.sampled_from(
        ["6281234567000", "%2B6281234567000", "+44+20+7946+0000", "08123456700", "1", "", "%00", "%ff", "%zz"]
    ),
    st.text("0123456789+%-.()*,;:@!$'/?=~_abcEX", max_size=25),
)
PAIRS = st.one_of(
    st.sampled_from([(name, value) for name, values in SAID.items() for value in values]),
    st.tuples(st.just("phone_number"), NUMBERS),
)
QUERIES = st.lists(PAIRS, max_size=4).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))
LINES = st.lists(
    st.sampled_from(
        [
            "Accept: */*",
            "Accept: application/x-ndjson",
            "Accept: text/html, application/json;q=0.1",
            "Accept-Encoding: gzip, deflate",
            "Authorization: Bearer vs_0123456789ab_wrong",
            "Authorization: Basic eDp5",
            "Connection: Keep-Alive",
            "User-Agent: x",
            "Sec-Fetch-Mode: cors",
            "X-Forwarded-For: 192.0.2.1",
            "Origin: http://example.org",
            "Sec-Fetch-Site: cross-site",
            "Cookie: a=b",
        ]
    ),
    max_size=3,
    unique_by=lambda line: line.partition(":")[0],
)
TEXTS = st.lists(
    st.one_of(
        st.text(max_size=9),
        st.sampled_from(["+6281234567000", "6281234567000", "1:2", "\u0663", "a" * 1_001]),
        st.none(),
        st.integers(0, 9),
    ),
    max_size=6,
)
BODIES = st.one_of(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["format", "analysis", "x", None]), "phone_numbers": TEXTS},
        optional={
            "country": st.sampled_from(["ID", "ZZ", None]),
            "async": st.sampled_from([False, "true", None]),
            "force": st.booleans(),
            "max_age": st.sampled_from([1, "1", -1]),
            "numbers": st.just(["1"]),
        },
    ).map(orjson.dumps),
    st.sampled_from(
        [
            b'{"type":"format","type":"format","phone_numbers":["1"]}',
            b'{"type":"format","phone_numbers":["1"],"x":{"type":1}}',
            b'\xef\xbb\xbf{"type":"format","phone_numbers":["1:"]}',
            b'{"type":"format","phone_numbers":["' + b'1","' * 400 + b'1"]}',
            b'{"type":"format", "phone_numbers": [ "1" ,\n"+6281234567000"\t] }',
            b'{"type":"format","phone_numbers":["1","' + b"1" * 1_001 + b'"]}',
            b'{"type":"format","phone_numbers":["1",]}',
            b'{"type":"format","phone_numbers":["1"]]}',
            b'{"type":"format","phone_numbers":["1"],"country":["ID"]}',
            b'{"country":["ID"],"type":"format","phone_numbers":["1"]}',
            b'{"phone_numbers":["1"],"type":"format","phone_numbers":["2"]}',
            b'{"phone_numbers":["1"],"type":"format","phone_numbers":"2"}',
            b'{"type":"[","phone_numbers":["1"]}',
            b'{"type":"format","appid":"[","phone_numbers":"],["}',
            b'{"type":"format","x":{"phone_numbers":["1"]},"phone_numbers":null}',
            b'[{"type":"format","phone_numbers":["1"]}]',
            b'["1"]',
            b"{}",
            b"[]",
            b"{",
            b"\xff",
        ]
    ),
)
MEDIA_TYPES = st.sampled_from(
    [
        "application/json",
        "application/JSON; charset=utf-8",
        "application/x+json",
        "text/plain",
        "text/csv",
        "x",
    ]
)


@often
@given(QUERIES, LINES)
def test_one_number(service: Service, query: str, lines: list[str]) -> None:
    both(service, "GET", f"/v1/validation?{query}", lines)


@often
@given(QUERIES.filter(lambda query: len(query) < 20), LINES, BODIES, MEDIA_TYPES)
def test_a_list(service: Service, query: str, lines: list[str], body: bytes, media_type: str) -> None:
    lines = [*lines, f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
    both(service, "POST", f"/v1/validation?{query}", lines, body)


@pytest.mark.parametrize("path", ["/v1/validation", "/v1/nothing", "/", "/v1/validation/", "//v1/validation"])
def test_other_paths(service: Service, path: str) -> None:
    both(service, "GET", path, [])


def test_packets_that_end_anywhere(service: Service) -> None:
    body = orjson.dumps({"type": "format", "phone_numbers": ["6281234567000"]})
    one = head("GET", ONE)
    listed = head("POST", "/v1/validation", JSON, f"Content-Length: {len(body)}") + body
    with connected(service) as connection:
        whole = [answer_on(connection, each) for each in (one, listed)]
    for at in range(1, len(listed), 7):
        with connected(service) as connection:
            assert answer_on(connection, one) == whole[0]
            connection.sendall(listed[:at])
            assert answer_on(connection, listed[at:]) == whole[1]
            assert answer_on(connection, one) == whole[0]


def test_what_comes_while_another_is_answered_waits_for_it(service: Service) -> None:
    stream = head("POST", "/v1/stream?type=format", "Content-Type: text/plain", "Content-Length: 16")
    with connected(service) as connection:
        connection.sendall(head("GET", ONE))
        connection.sendall(stream)
        connection.sendall(b"+6281234567000\n")
        connection.sendall(b"\n")
        connection.sendall(head("GET", ONE))
        connection.sendall(head("GET", "/healthz", "Connection: close"))
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    kinds = re.findall(rb"Content-Type: application/([^\r;]*)", received)
    assert kinds == [b"json", b"x-ndjson", b"json", b"json"]


def test_a_request_in_the_body_of_another_is_none(service: Service) -> None:
    inner = head("GET", ONE)
    outer = head(
        "POST", "/v1/stream?type=format", "Content-Type: text/plain", f"Content-Length: {len(inner)}"
    )
    with connected(service) as connection:
        connection.sendall(outer)
        connection.sendall(inner)
        connection.sendall(head("GET", "/healthz", "Connection: close"))
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    assert received.count(b"HTTP/1.1 200") == 2
    half = head("POST", "/v1/stream", "Content-Length: 5", NOT_PLAIN)[:-2]
    answers = asked(service, head("GET", "/healthz") + half + b"X: " + inner + b"12345")
    assert answers.count(b'"is_valid"') == 0


async def test_each_is_logged_and_named(service: Service) -> None:
    logged = len(service.log)
    with connected(service) as connection:
        connection.sendall(head("GET", ONE))
        name = re.search(rb"X-Request-Id: (\S+)", some(connection))
    assert name

    def lines() -> list[dict[str, object]]:
        return [orjson.loads(line) for line in service.log[logged:] if name[1] in line]

    await wait_until(lambda: bool(lines()))
    [line] = lines()
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/validation", 200)
