"""Connections to the store, with commands packed by hiredis.

Lookups go a thousand keys to the command. redis-py's asyncio side packs these in Python, thirty
times as slow as hiredis does, and that was a third of what a paid lookup cost. Keys that end in numbers
are never made one by one.

No command waits for ever: a connection whose other end went silently, or hangs, is given up for a new one.
"""

from array import array
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qs

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import (
    Connection,
    ConnectionPool,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.sentinel import (
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

from validator_svc.kernel.columns import bulk_strings
from validator_svc.lookup.redis_cluster import Cluster
from validator_svc.redis_url import RedisUrl, options_of, redis_url

ANSWER_S = 5.0
# A sentinel that is not there is passed over; the others know as well.
SENTINEL_S = 1.0
# One that lay idle for so long is tried before it is used.
IDLE_S = 15.0
READ_BYTES = 1 << 18
# Docket's own reads block, the longest for a minute: its reading again every few seconds does no harm.
DOCKET_ANSWER_S = 10.0


class NumberedKeys(NamedTuple):
    """The keys of many numbers: all that a command has beside its name."""

    beginning: str
    numbers: "array[int]"
    """Unsigned integers ("Q"), each of which ends a key, in decimal."""

    def names(self) -> list[str]:
        """The keys one by one."""
        return [f"{self.beginning}{number}" for number in self.numbers]

    def packed(self, command: str) -> bytes:
        """The command with the keys, in the Redis protocol."""
        head = f"*{len(self.numbers) + 1}\r\n${len(command)}\r\n{command}\r\n"
        return head.encode() + bulk_strings(self.beginning.encode(), self.numbers)


class HiredisPacking:
    """Packs commands; goes before a connection class of redis-py."""

    def pack_command(self, *args: Any) -> list[bytes]:
        """One command in the Redis protocol; a name of two words is two arguments."""
        name, *rest = args
        if rest and isinstance(rest[0], NumberedKeys):
            return [rest[0].packed(name)]
        words = str(name).split() if isinstance(name, str) else [name]
        return [hiredis.pack_command((*words, *rest))]


class TcpConnection(HiredisPacking, Connection):
    """Over TCP."""


class TlsConnection(HiredisPacking, SSLConnection):
    """Over TLS."""


class UnixConnection(HiredisPacking, UnixDomainSocketConnection):
    """Over a unix socket."""


class SentinelTcpConnection(HiredisPacking, SentinelManagedConnection):
    """To a master that sentinels name, over TCP."""


class SentinelTlsConnection(HiredisPacking, SentinelManagedSSLConnection):
    """The same over TLS."""


PACKING = {
    Connection: TcpConnection,
    SSLConnection: TlsConnection,
    UnixDomainSocketConnection: UnixConnection,
}


LIMITS: dict[str, Any] = {
    "socket_timeout": ANSWER_S,
    "socket_connect_timeout": ANSWER_S,
    "health_check_interval": IDLE_S,
    # To say who we are, and in which version we speak, takes two answers more before the first.
    "driver_info": None,
    "protocol": 2,
    # The answer to a thousand keys in few pieces.
    "socket_read_size": READ_BYTES,
}


def connect(url: str) -> Redis:
    """A client for a URL such as `redis_url` knows them; it connects when it is first used.

    What the URL itself says of time limits (`?socket_timeout=2`) goes before ours.
    Raises ValueError for another kind of URL.
    """
    found = redis_url(url)
    if found.kind == "sentinel":
        return Redis.from_pool(sentinel_pool(found))
    if found.kind == "cluster":
        # It takes the same commands; only that it is no subclass.
        return cast(Redis, Cluster.from_url(found.url, **LIMITS))
    pool = ConnectionPool.from_url(found.url, **LIMITS)
    pool.connection_class = PACKING[pool.connection_class]
    return Redis.from_pool(pool)


async def values_of(redis: Redis, keys: NumberedKeys) -> list[Any]:
    """What is kept under each of the keys: bytes, or None. Raises redis.exceptions.RedisError."""
    pool = getattr(redis, "connection_pool", None)
    if pool is not None and issubclass(pool.connection_class, HiredisPacking):
        return cast(list[Any], await redis.execute_command("MGET", keys))  # type: ignore[no-untyped-call]
    # A cluster, whose keys have a tag, or a client that packs commands in its own way.
    return cast(list[Any], await redis.mget(keys.names()))


def sentinel_pool(found: RedisUrl) -> ConnectionPool:
    """Connections to the master, whichever the sentinels say that is."""
    asked = found.sentinel_options | {"socket_timeout": ANSWER_S, "socket_connect_timeout": SENTINEL_S}
    manager = Sentinel(found.sentinels, sentinel_kwargs=asked)  # type: ignore[no-untyped-call]
    options = LIMITS | options_of(found)
    kind = SentinelTlsConnection if options.pop("ssl") else SentinelTcpConnection
    return SentinelConnectionPool(  # type: ignore[no-untyped-call]
        found.master, manager, connection_class=kind, **options
    )


def docket_url(url: str) -> str:
    """The URL for docket, which by itself would wait for answers without a limit."""
    query = url.partition("?")[2]
    if "socket_timeout" in parse_qs(query):
        return url
    return f"{url}{'&' if query else '?'}socket_timeout={DOCKET_ANSWER_S:g}"
