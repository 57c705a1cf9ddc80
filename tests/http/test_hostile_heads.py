"""Heads of requests and of the parts of forms that no client library would send: never a fault of ours."""

import json

import pytest

from tests.http.raw import asked, head
from tests.service import Service

FORM = b"multipart/form-data; boundary=x"
FILE = b'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n'
NUMBER = b"\r\n+6281234567000\r\n"
NAMED = b'Content-Disposition: form-data; name="file"; filename'
LONG_INDEX = b"charset*" + b"9" * 5_000 + b"=a"
SUPERSCRIPT = "charset*\u00b2=a".encode()


def post(path: str, content_type: bytes, body: bytes, *lines: bytes) -> bytes:
    length = b"Content-Length: %d" % len(body)
    lines = (b"Host: 127.0.0.1", b"Connection: close", length, b"Content-Type: " + content_type, *lines)
    return b"\r\n".join([b"POST %b HTTP/1.1" % path.encode(), *lines, b"", body])


def form(*parts: bytes) -> bytes:
    return b"".join(b"--x\r\n" + part for part in parts) + b"--x--\r\n"


def status_of(service: Service, request: bytes) -> int:
    """The status of the answer, which is in the one shape where it is an error, and has left no traceback."""
    service.log.clear()
    answer_head, _, body = asked(service, request).partition(b"\r\n\r\n")
    status = int(answer_head.split(b" ")[1])
    if status >= 400:
        assert json.loads(body).keys() == {"success", "error", "code", "message"}
    assert not [line for line in service.log if b"Traceback" in line]
    return status


@pytest.mark.parametrize(
    "content_type",
    [
        b"\xff\xfe",
        b"text/plain; " + LONG_INDEX,
        b"text/plain; " + SUPERSCRIPT,
        b"text/plain; charset*=utf-8''%ff",
        b"text/plain; charset*=zlib''%ff",
        b"text/plain; charset*0=a; charset*1=b",
        b"text/plain; charset=\xff",
        b'text/plain; charset="',
        b"text/plain" + b"; a=b" * 1_500,
        b"/",
        b";",
    ],
)
@pytest.mark.parametrize("path", ["/v1/stream?type=format", "/v1/estimate?type=format", "/v1/validation"])
def test_odd_media_types(service: Service, path: str, content_type: bytes) -> None:
    body = b'{"type":"format","phone_numbers":["1"]}' if path == "/v1/validation" else b"1\n"
    assert status_of(service, post(path, content_type, body)) in (200, 415)


@pytest.mark.parametrize(
    "content_type", [b'text/plain; a=b; Charset = "ISO-8859-1"', b"text/plain;charset=latin1; a"]
)
def test_a_charset_is_heard_wherever_it_stands(service: Service, content_type: bytes) -> None:
    answer = asked(service, post("/v1/stream?type=format", content_type, b"\xf1 62812\n"))
    assert "\u00f1 62812".encode() in answer


def test_a_number_where_a_media_type_belongs_is_not_repeated(service: Service) -> None:
    answer = asked(service, post("/v1/stream?type=format", b"+6281234567000", b"1\n"))
    assert b"415" in answer.partition(b"\r\n")[0]
    assert b"1234567" not in answer


@pytest.mark.parametrize(
    "part_head",
    [
        b"nonsense\r\n",
        FILE + b"no colon\r\n",
        FILE + b"A: " + b"a" * 100_000 + b"\r\n",
        FILE + b"A: b\r\n" * 500,
        FILE + b"A: \0\r\n",
        b" folded\r\n" + FILE,
        b": no name\r\n" + FILE,
        b"",
        b"Content-Disposition: ;;;===\r\n",
        b'Content-Disposition: form-data; name="\xff"\r\n',
        b"Content-Disposition: form-data; name*=zlib''%ff\r\n",
        FILE + b"Content-Type: \xff/\xff\r\n",
        FILE + b"Content-Type: text/csv; " + LONG_INDEX + b"\r\n",
        FILE + b"Content-Encoding: \xff\r\n",
        FILE + b"Content-Transfer-Encoding: \xff\r\n",
        b"Content-Type: multipart/mixed; boundary=" + b"b" * 100 + b"\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" * 1_500,
        b'Content-Disposition: form-data; name="_charset_"\r\n\r\n\xff\r\n--x\r\n' + FILE,
    ],
)
@pytest.mark.parametrize("way", ["batches", "estimate"])
def test_odd_heads_of_parts(service: Service, way: str, part_head: bytes) -> None:
    request = post(f"/v1/{way}?type=format", FORM, form(part_head + NUMBER))
    assert status_of(service, request) in (200, 201, 400, 415)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"*=utf-7''%2B2AA-.csv", "\ufffd\ufffd\ufffd.csv"),
        (b'="M\xfcller.csv"', "M\ufffdller.csv"),
        (b"*=utf-8''M%C3%BCller.csv", "M\u00fcller.csv"),
        (b"*=utf-8''%ff.csv", ""),
        (b"*=zlib''%ff.csv", ""),
        (b'="' + b"a" * 7_000 + b'.csv"', "a" * 200),
    ],
)
def test_odd_names_of_files(service: Service, name: bytes, shown: str) -> None:
    body = form(NAMED + name + b"\r\n" + NUMBER)
    keyed = b"Idempotency-Key: %b" % name[-40:]
    answer = asked(service, post("/v1/batches?type=format", FORM, body, keyed)).partition(b"\r\n\r\n")
    assert answer[0].startswith(b"HTTP/1.1 201 "), answer
    batch = "/v1/batches/" + json.loads(answer[2])["request_uuid"]
    got = asked(service, head("GET", batch, "Connection: close")).partition(b"\r\n\r\n")[2]
    assert (json.loads(got)["name"] or "") == shown
    assert b"event: " in asked(service, head("GET", batch + "/events", "Connection: close"))


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize("target", ["http://xn--a/healthz", "http://xn--a.example/", "https://xn--/x"])
def test_a_host_that_is_no_name_is_answered(service: Service, method: str, target: str) -> None:
    answer = asked(service, head(method, target, "Content-Length: 0"))
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert (b'"code":"malformed_request"' in answer) == (method != "HEAD")


@pytest.mark.parametrize("path", ["/v1/batches", "/healthz", "/nowhere"])
@pytest.mark.parametrize("expect", [b"\xff", b"100-continue\xff", b"nothing", b""])
def test_nothing_else_is_expected(service: Service, path: str, expect: bytes) -> None:
    lines = (b"Host: 127.0.0.1", b"Connection: close", b"Expect: " + expect, b"", b"")
    assert status_of(service, b"\r\n".join([b"GET %b HTTP/1.1" % path.encode(), *lines])) == 417


QUERIES = [
    b"type=format&phone_number=%ED%A0%80",
    b"type=format&phone_number=\xed\xa0\x80",
    b"type=format&phone_number=%00",
    b"type=%ff",
    b"%ff=1",
    b"appid=%ED%A0%80",
    b"&" * 7_000,
    b"a=b&" * 100_000,
    b"%" * 7_000,
    b"=&=&=",
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("path", ["/v1/validation", "/v1/batches/x/results", "/nowhere"])
def test_odd_queries(service: Service, path: str, query: bytes) -> None:
    lines = (b"Host: 127.0.0.1", b"Connection: close", b"", b"")
    request = b"\r\n".join([b"GET %b?%b HTTP/1.1" % (path.encode(), query), *lines])
    assert status_of(service, request) in (200, 400, 404, 414)
