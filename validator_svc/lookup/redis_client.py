"""Connections to the store, with commands packed by hiredis.

Lookups go a thousand keys to the command. redis-py's asyncio side packs these in Python, thirty
times as slow as hiredis does, and that was a third of what a paid lookup cost.

No command waits for ever: a connection whose other end went silently, or hangs, is given up for a new one.
"""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import (
    Connection,
    ConnectionPool,
    SSLConnection,
    UnixDomainSocketConnection,
)

ANSWER_S = 5.0
# One that lay idle for so long is tried before it is used.
IDLE_S = 15.0
# Docket's own reads block, the longest for a minute: its reading again every few seconds does no harm.
DOCKET_ANSWER_S = 10.0


class HiredisPacking:
    """Packs commands; goes before a connection class of redis-py."""

    def pack_command(self, *args: Any) -> list[bytes]:
        """One command in the Redis protocol; a name of two words is two arguments."""
        name, *rest = args
        words = str(name).split() if isinstance(name, str) else [name]
        return [hiredis.pack_command((*words, *rest))]


class TcpConnection(HiredisPacking, Connection):
    """Over TCP."""


class TlsConnection(HiredisPacking, SSLConnection):
    """Over TLS."""


class UnixConnection(HiredisPacking, UnixDomainSocketConnection):
    """Over a unix socket."""


PACKING = {
    Connection: TcpConnection,
    SSLConnection: TlsConnection,
    UnixDomainSocketConnection: UnixConnection,
}


def connect(url: str) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`; it connects when it is first used.

    What the URL itself says of time limits (`?socket_timeout=2`) goes before ours.
    Raises ValueError for another kind of URL.
    """
    pool = ConnectionPool.from_url(
        url, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S, health_check_interval=IDLE_S
    )
    pool.connection_class = PACKING[pool.connection_class]
    return Redis.from_pool(pool)


def docket_url(url: str) -> str:
    """The URL for docket, which by itself would wait for answers without a limit."""
    query = urlsplit(url).query
    if "socket_timeout" in parse_qs(query):
        return url
    return f"{url}{'&' if query else '?'}socket_timeout={DOCKET_ANSWER_S:g}"
