"""Which packets are a plain request, as nobody but the parser may say where the others end."""

import pytest

from tests.http.raw import head
from validator_svc.http.plain import MOST_HEAD_BYTES, Plain, PlainReader

ONE = head("GET", "/v1/validation?type=format&phone_number=%2B6281234567000", "Accept: */*")
BODY = b'{"type":"format","phone_numbers":["1"]}'
JSON = "Content-Type: application/json"
LIST = head("POST", "/v1/validation", JSON, f"Content-Length: {len(BODY)}")


def read(*packets: bytes) -> Plain | None:
    """What the last one is."""
    reader = PlainReader("127.0.0.1")
    return [reader.read(packet) for packet in packets][-1]


def test_a_plain_request_is_taken_apart() -> None:
    plain = read(ONE)
    assert plain is not None
    assert plain[:3] == ("GET", "/v1/validation", "type=format&phone_number=%2B6281234567000")
    assert dict(plain.headers) == {"Host": "127.0.0.1", "Accept": "*/*"}
    assert plain.headers["accept"] == "*/*"
    plain = read(ONE, LIST + BODY)
    assert plain is not None
    assert plain.body == BODY
    assert plain.remote == "127.0.0.1"


@pytest.mark.parametrize(
    "lines",
    [
        ["User-Agent: curl/7.88.1", "Accept: */*"],
        ["User-Agent: python-requests/2.34.2", "Accept-Encoding: gzip, deflate", "Connection: keep-alive"],
        ["Connection: keep-alive", "Accept-Language: *", "Sec-Fetch-Mode: cors", "User-Agent: node"],
    ],
)
def test_usual_clients_send_plain_requests(lines: list[str]) -> None:
    plain = read(head("POST", "/v1/validation", *lines, JSON, f"Content-Length: {len(BODY)}") + BODY)
    assert plain is not None
    assert plain.body == BODY


@pytest.mark.parametrize(
    "packets",
    [
        (LIST, BODY),
        (LIST, BODY[:5], BODY[5:]),
        (head("GET", "/nowhere"),),
        (head("HEAD", "/v1/validation"),),
        (head("POST", "/v1/batches", "Content-Length: 3"), b"1\n2"),
    ],
)
def test_after_what_is_plain_as_well_there_are_plain_requests(packets: tuple[bytes, ...]) -> None:
    assert read(*packets, ONE) is not None


NOT_PLAIN = [
    b"",
    b"\r\n",
    ONE[:-1],
    ONE[:20],
    ONE + b"G",
    ONE + ONE,
    b"\r\n" + ONE,
    ONE.replace(b"\r\n", b"\n"),
    ONE.replace(b"HTTP/1.1", b"HTTP/1.0"),
    ONE.replace(b"GET ", b"GET  "),
    ONE.replace(b"GET", b"get"),
    ONE.replace(b"GET", b"DELETE"),
    ONE.replace(b"GET", b"CONNECT"),
    ONE.replace(b"GET /", b"GET http://127.0.0.1/"),
    ONE.replace(b"%2B", b"\xff"),
    ONE.replace(b"%2B", b"#"),
    ONE.replace(b"%2B", b"{"),
    ONE.replace(b"/v1", b"/v%31"),
    ONE.replace(b"Host", b"Hos"),
    ONE.replace(b"Host: ", b"Host:"),
    ONE.replace(b"Host: ", b"Host : "),
    ONE.replace(b"Accept: ", b" Accept: "),
    ONE.replace(b"*/*", b"*/*\r\n folded"),
    ONE.replace(b"*/*", b"\xff"),
    ONE.replace(b"*/*", b"\t"),
    ONE.replace(b"*/*", b"a\0b"),
    ONE.replace(b"*/*", b"a\rb"),
    ONE.replace(b"*/*", b"a\nb"),
    ONE.replace(b"*/*", b" "),
    ONE.replace(b"*/*", b"a" * MOST_HEAD_BYTES),
    head("GET", "/", "Host: 127.0.0.1"),
    head("GET", "/", "host: localhost"),
    head("GET", "/", "Connection: close"),
    head("GET", "/", "Connection: keep-alive, Upgrade", "Upgrade: websocket"),
    head("GET", "/", "Upgrade: h2c"),
    head("GET", "/", "Expect: 100-continue"),
    head("GET", "/", "Content-Length: 0"),
    head("GET", "/", "Content-Length: 3"),
    head("GET", "/", "Transfer-Encoding: chunked"),
    head("GET", "/", "Origin: http://example.org"),
    head("GET", "/", "Sec-Fetch-Site: cross-site"),
    head("POST", "/"),
    head("POST", "/", "Content-Length: 0"),
    head("POST", "/", "Content-Length: 03") + b"123",
    head("POST", "/", "Content-Length: +3") + b"123",
    head("POST", "/", "Content-Length: 3, 3") + b"123",
    head("POST", "/", "Content-Length: 3", "Content-Length: 3") + b"123",
    head("POST", "/", "Content-Length: 3", "content-length: 4") + b"123",
    head("POST", "/", "Content-Length: 3", "Transfer-Encoding: chunked") + b"123",
    head("POST", "/", "Content-Length: 3", "Content-Encoding: gzip") + b"123",
    head("POST", "/", "Content-Length: 3") + b"1234",
    head("POST", "/", "Content-Length: \u0663".encode().decode("latin-1")),
]


@pytest.mark.parametrize("packet", NOT_PLAIN)
def test_all_else_is_not_and_nothing_is_after_it(packet: bytes) -> None:
    assert read(packet) is None
    assert read(packet, ONE) is None
    assert read(ONE, packet, ONE) is None


def test_nothing_is_plain_in_the_midst_of_a_body() -> None:
    begun = head("POST", "/v1/batches", f"Content-Length: {2 * len(ONE)}")
    assert read(begun, ONE) is None
    assert read(begun, ONE, ONE) is None
    assert read(begun, ONE, ONE, ONE) is not None
    assert read(begun, ONE, ONE + b"x", ONE) is None
