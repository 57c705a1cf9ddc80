"""Connections that go silent are closed, with what they held; those that go on are not."""

import socket
import time
from collections.abc import Iterator

import pytest

from tests.http.raw import asked, connected, head, read_to_end
from tests.service import Service, running

NUMBER = b"+6281234567000\n"
STREAM = head("POST", "/v1/stream?type=format", "Content-Type: text/plain", "Transfer-Encoding: chunked")
UPLOAD = head("POST", "/v1/batches?type=format", "Content-Type: text/csv", "Content-Length: 1000000")
LIST = head("POST", "/v1/validation", "Content-Type: application/json", "Content-Length: 500")


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that gives callers little time, and few places for uploads."""
    limits = {
        "VALIDATOR_HEAD_TIMEOUT": "2",
        "VALIDATOR_BODY_TIMEOUT": "2",
        "VALIDATOR_ANSWER_TIMEOUT": "2",
        "VALIDATOR_KEEP_ALIVE": "2",
        "VALIDATOR_UPLOADS": "2",
    }
    with running(tmp_path_factory.mktemp("hasty"), **limits) as service:
        yield service


@pytest.mark.parametrize("sent", [b"", b"G", b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 7_000])
def test_a_head_that_does_not_come_is_waited_for_so_long(hasty: Service, sent: bytes) -> None:
    with connected(hasty) as connection:
        connection.sendall(sent)
        assert read_to_end(connection) == b""


def dribble(connection: socket.socket) -> None:
    began_s = time.monotonic()
    while time.monotonic() - began_s < 60:
        connection.sendall(b"A")
        time.sleep(0.1)


def test_nor_is_one_that_comes_byte_by_byte(hasty: Service) -> None:
    with connected(hasty) as connection, pytest.raises(ConnectionError):
        dribble(connection)


@pytest.mark.parametrize("begun", [UPLOAD, UPLOAD + b"phone\n+62", STREAM, STREAM + b"5\r\n+6281\r\n", LIST])
def test_a_body_that_goes_silent_is_answered_408(hasty: Service, begun: bytes) -> None:
    with connected(hasty) as connection:
        connection.sendall(begun)
        answer = read_to_end(connection)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"request_timeout"' in answer
    assert b"nothing came for 2 s" in answer


def test_silent_uploads_free_their_places(hasty: Service) -> None:
    silent = [socket.create_connection(("127.0.0.1", hasty.port)) for _ in range(2)]
    for connection in silent:
        connection.sendall(UPLOAD)
    lines = ("Content-Type: text/csv", "Connection: close", "Content-Length: 15")
    whole = head("POST", "/v1/estimate?type=format", *lines)
    for connection in silent:
        assert read_to_end(connection).startswith(b"HTTP/1.1 408 ")
        connection.close()
    assert asked(hasty, whole + NUMBER).startswith(b"HTTP/1.1 200 ")


def test_a_stream_that_goes_on_slowly_is_answered_to_its_end(hasty: Service) -> None:
    with connected(hasty) as connection:
        connection.sendall(STREAM)
        for _ in range(8):
            connection.sendall(b"%x\r\n%b\r\n" % (len(NUMBER), NUMBER))
            time.sleep(0.5)
        connection.sendall(b"0\r\n\r\n" + head("GET", "/healthz", "Connection: close"))
        assert read_to_end(connection).count(b'"e164_format":"+6281234567000"') == 8


def test_a_small_body_that_dribbles_is_cut_in_the_end(hasty: Service) -> None:
    with connected(hasty) as connection:
        connection.sendall(LIST)
        began_s = time.monotonic()
        connection.settimeout(0.5)
        answer = b""
        while not answer and time.monotonic() - began_s < 60:
            connection.sendall(b"{")
            try:
                answer = connection.recv(65_536)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"500 bytes were not there after 8 s" in answer


def test_an_answer_that_nobody_reads_is_given_up(hasty: Service) -> None:
    rows = NUMBER * 400_000
    body = head("POST", "/v1/stream", "Content-Type: text/plain", f"Content-Length: {len(rows)}")
    with connected(hasty) as connection:
        connection.settimeout(60)
        connection.sendall(body + rows)
        # No more than the sockets hold was written by then, and nobody reads it.
        with pytest.raises(ConnectionError):
            dribble(connection)
