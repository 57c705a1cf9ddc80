"""HTTP written byte by byte on a socket, for what no client library would send."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.service import START_S, Service
from tests.waiting import wait_until


@contextmanager
def connected(service: Service) -> Iterator[socket.socket]:
    """A connection to the service."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=START_S) as connection:
        yield connection


def read_to_end(connection: socket.socket) -> bytes:
    """Everything until the service closes the connection."""
    received = bytearray()
    try:
        while piece := connection.recv(65_536):
            received += piece
    except ConnectionError:
        pass
    return bytes(received)


def asked(service: Service, request: bytes) -> bytes:
    """What comes back for a request that asks for the end of the connection, or for several, as bytes."""
    with connected(service) as connection:
        connection.sendall(request)
        return read_to_end(connection)


def head(method: str, path: str, *lines: str) -> bytes:
    """The head of a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""]).encode()


async def logged_by_now(service: Service) -> int:
    """How many lines the log has, with those of all requests before: lines come a moment after the answer."""
    name = re.search(rb"X-Request-Id: (\S+)", asked(service, head("GET", "/nowhere", "Connection: close")))
    assert name
    await wait_until(lambda: any(name[1] in line for line in list(service.log)))
    return len(service.log)
