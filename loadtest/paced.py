"""Requests sent at a fixed rate, answered or not, by a client that knows how late it is itself.

A client that is held up (by Python, by whoever has its processor) sends late and reads late, and what it
waits for looks late. So each answer's time is the kernel's, of when its last byte was there, and beside
the latencies as they were stands what they would have been had the client sent each request as soon as it
was due and one of its connections was free.
"""

import contextlib
import gc
import heapq
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

CONNECTIONS = 32
# `asm-generic/socket.h`; the module does not have it.
SO_TIMESTAMPNS = 35
TIMESTAMP = struct.Struct("@qq")
MOST_BYTES = 256 * 1024
# With nothing to do the client sleeps so long: the scheduler lets wait whoever never does.
NAP_S = 20e-6


class Sent(NamedTuple):
    """A request that was answered; moments are seconds since the epoch."""

    due_s: float
    sent_s: float
    came_s: float
    """When the last byte of its answer was at the socket."""


class Latencies(NamedTuple):
    """Seconds, in order of size."""

    measured: list[float]
    """From when a request was due until its answer was there."""
    client: list[float]
    """How much later the client sent it than it could have."""
    service: list[float]
    """As measured, had the client never been late."""


def at(share: float, ordered: list[float]) -> float:
    """The value that this share of all is below, in milliseconds."""
    return ordered[int(len(ordered) * share)] * 1e3


def latencies(port: int, request: bytes, per_s: float, seconds: float) -> Latencies:
    """How long answers take at this rate. Raises ConnectionResetError."""
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(connected(port)) for _ in range(CONNECTIONS)]
        stack.enter_context(uncollected())
        sent = [*answered(connections, request, per_s, int(per_s * seconds))]
    without = without_lateness(sent)
    return Latencies(
        sorted(each.came_s - each.due_s for each in sent),
        sorted(late_s for late_s, _ in without),
        sorted(latency_s for _, latency_s in without),
    )


def connected(port: int) -> socket.socket:
    """A connection whose packets are told the time."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setblocking(False)
    return connection


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Do not look for cycles meanwhile: there are none, and it takes longer than an answer."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def answered(connections: list[socket.socket], request: bytes, per_s: float, count: int) -> Iterator[Sent]:
    """So many requests, each as soon as it is answered."""
    poll = select.epoll()
    for connection in connections:
        poll.register(connection, select.EPOLLIN)
    by_file = {each.fileno(): each for each in connections}
    free = deque(by_file)
    under_way: dict[int, tuple[float, float]] = {}
    received = dict.fromkeys(by_file, b"")
    began_s, begun = time.time(), 0
    with poll:
        while begun < count or under_way:
            while free and begun < count and (due_s := began_s + begun / per_s) <= time.time():
                file, begun = free.popleft(), begun + 1
                under_way[file] = (due_s, time.time())
                by_file[file].send(request)
            came = poll.poll(0)
            if not came:
                time.sleep(NAP_S)
            for file, _ in came:
                piece, told, _, _ = by_file[file].recvmsg(MOST_BYTES, socket.CMSG_SPACE(TIMESTAMP.size))
                if not piece:
                    raise ConnectionResetError("the server closed the connection")
                received[file] += piece
                if is_whole(received[file]):
                    received[file] = b""
                    free.append(file)
                    yield Sent(*under_way.pop(file), moment(told))


def moment(told: list[tuple[int, int, bytes]]) -> float:
    """When the kernel says that a packet came; now, where it does not say so yet."""
    for *_, content in told:
        second, rest_ns = TIMESTAMP.unpack(content)
        return float(second + rest_ns / 1e9)
    return time.time()


def is_whole(answer: bytes) -> bool:
    """Whether an answer that tells its length is there to its end."""
    head, _, body = answer.partition(b"\r\n\r\n")
    length = head.find(b"Content-Length: ")
    assert length > 0, head
    return len(body) == int(head[length + 16 :].partition(b"\r\n")[0])


def without_lateness(sent: list[Sent]) -> list[tuple[float, float]]:
    """How late the client was with each request, and how long it would have taken without that, in seconds.

    What the service took for a request is kept; each is sent again, on the connection that is free first.
    """
    free_s = [0.0] * CONNECTIONS
    found = []
    for each in sorted(sent):
        could_s = max(each.due_s, heapq.heappop(free_s))
        came_s = could_s + each.came_s - each.sent_s
        heapq.heappush(free_s, came_s)
        found.append((max(0.0, each.sent_s - could_s), came_s - each.due_s))
    return found
