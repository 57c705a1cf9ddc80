"""Requests that are strictly plain: recognised as whole ones, in one packet, without a parser."""

import re
from typing import NamedTuple, Protocol

from multidict import CIMultiDict, CIMultiDictProxy

from validator_svc.access.callers import ANYBODY

MOST_HEAD_BYTES = 2_048
"""Less than any limit that the parser has."""

START = re.compile(rb"(GET|HEAD|POST) (/[\w./-]*)(?:\?([\w.~%+&=*:,;!()@$'/?-]*))? HTTP/1\.1\r\n")
LINES = re.compile(rb"(?:[A-Za-z-]+: [ -~]+\r\n)+\r\n")
# What does not change where a request ends, or what becomes of its connection.
KNOWN = frozenset(
    {
        *("host", "user-agent", "accept", "accept-encoding", "accept-language", "authorization"),
        *("content-type", "content-length", "connection", "cache-control", "pragma", "via", "forwarded"),
        *("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-real-ip"),
        *("x-request-id", "x-correlation-id", "traceparent", "tracestate"),
        # Node's `fetch` says it with each request.
        "sec-fetch-mode",
    }
)
LENGTH = re.compile(r"[1-9]\d{0,7}", re.ASCII)


class Head(Protocol):
    """What is asked of a request without its body; aiohttp's have it, too."""

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """Its fields."""

    @property
    def remote(self) -> str | None:
        """The address that it came from."""


class Fields:
    """The fields of a plain head, and what is known of whoever sends them."""

    __slots__ = ("caller", "caller_until_s", "headers", "length")

    def __init__(self, headers: CIMultiDictProxy[str], length: int | None) -> None:
        """`length`: of the body, in bytes; None where nothing is said of it."""
        self.headers, self.length = headers, length
        self.caller = ANYBODY
        self.caller_until_s = float("-inf")
        """Until when `caller` is who sends them, by `time.monotonic`."""


class Plain(NamedTuple):
    """A plain request that is there as a whole."""

    method: str
    path: str
    raw_query: str
    fields: Fields
    body: bytes
    remote: str | None

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """Its fields, as aiohttp has them."""
        return self.fields.headers


class PlainReader:
    """Tells of what comes over a connection which packets are a plain request each.

    It has to be given all of it. Once something else has come nothing is plain any more: only the parser
    knows then where requests begin.
    """

    def __init__(self, remote: str | None) -> None:
        """`remote`: the address of who has connected."""
        self._remote = remote
        self._is_lost = False
        self._missing = 0
        """Bytes of the body of a plain head that are still to come."""
        self._lines = b""
        self._fields: Fields | None = None

    def read(self, packet: bytes) -> Plain | None:
        """The request that a packet is; None for a part of one, and for all else."""
        if self._is_lost:
            return None
        if self._missing:
            self._missing -= len(packet)
            self._is_lost = self._missing < 0
            return None
        found = START.match(packet, 0, MOST_HEAD_BYTES)
        fields = self._fields_after(packet, found.end()) if found else None
        if found is None or fields is None or (fields.length is not None) != (found[1] == b"POST"):
            self._is_lost = True
            return None
        end = found.end() + len(self._lines)
        self._missing = end + (fields.length or 0) - len(packet)
        self._is_lost = self._missing < 0
        if self._missing:
            return None
        method, path, query = found[1].decode(), found[2].decode(), (found[3] or b"").decode()
        return Plain(method, path, query, fields, packet[end:], self._remote)

    def _fields_after(self, packet: bytes, start: int) -> Fields | None:
        """The fields whose lines begin there, and are kept; None where a line is not plain."""
        # Whoever sends several requests sends the same fields with each.
        if self._fields is None or not packet.startswith(self._lines, start, MOST_HEAD_BYTES):
            found = LINES.match(packet, start, MOST_HEAD_BYTES)
            self._lines = found[0] if found else b""
            self._fields = fields_of(self._lines) if found else None
        return self._fields


def fields_of(lines: bytes) -> Fields | None:
    """The fields of a head; None where one of them is not plain, or none says whose host it is."""
    pairs = [line.split(": ", 1) for line in lines.decode().split("\r\n")[:-2]]
    fields = {name.lower(): value.strip(" ") for name, value in pairs}
    if len(fields) != len(pairs) or not fields.keys() <= KNOWN or "host" not in fields:
        return None
    if fields.get("connection", "keep-alive").lower() != "keep-alive" or not all(fields.values()):
        return None
    length = fields.get("content-length")
    if length is not None and not LENGTH.fullmatch(length):
        return None
    headers = CIMultiDict((name, value.strip(" ")) for name, value in pairs)
    return Fields(CIMultiDictProxy(headers), None if length is None else int(length))
