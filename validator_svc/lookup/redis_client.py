"""Connections to the store, with commands packed by hiredis.

Lookups go a thousand keys to the command. redis-py's asyncio side packs these in Python, thirty
times as slow as hiredis does, and that was a third of what a paid lookup cost.
"""

from typing import Any

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import (
    Connection,
    ConnectionPool,
    SSLConnection,
    UnixDomainSocketConnection,
)


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

    Raises ValueError for another kind of URL.
    """
    pool = ConnectionPool.from_url(url)
    pool.connection_class = PACKING[pool.connection_class]
    return Redis.from_pool(pool)
