"""`REDIS_URL`: where Redis or Valkey is, in the forms that docket takes as well."""

from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import SSLConnection, parse_url

EXPECTED = (
    "expected redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], rediss://… the same over TLS, unix:///PATH, "
    "redis+sentinel://[USER:PASSWORD@]HOST[:PORT],HOST[:PORT]/MASTER[/DATABASE] with the sentinels, "
    "or redis+cluster://[USER:PASSWORD@]HOST[:PORT] with a node; rediss+sentinel, rediss+cluster over TLS"
)
SENTINEL_PORT = 26_379
# Stands for the host of a master whose address is yet to be asked for.
NOWHERE = "master"
OF_SENTINELS = ("sentinel_username", "sentinel_password")

Kind = Literal["server", "sentinel", "cluster"]


class RedisUrl(NamedTuple):
    """A URL taken apart."""

    kind: Kind
    url: str
    """As redis-py takes it: of the server, of a node of the cluster, or of the master but for its address."""
    sentinels: tuple[tuple[str, int], ...] = ()
    """Host and port of each."""
    master: str = ""
    """The name that the sentinels know it by."""
    sentinel_options: dict[str, Any] = {}  # noqa: RUF012
    """For connections to the sentinels."""


def redis_url(text: str) -> RedisUrl:
    """Take a URL apart. Raises ValueError, which says what was expected, and does not repeat it."""
    text = text.strip()
    scheme, _, rest = text.partition("://")
    secure, plus, kind = scheme.partition("+")
    try:
        if kind == "sentinel" and secure in ("redis", "rediss"):
            found = of_sentinels(secure, rest)
        elif kind == "cluster" and secure in ("redis", "rediss"):
            found = RedisUrl("cluster", f"{secure}://{rest}")
        elif not plus and scheme in ("redis", "rediss", "unix"):
            found = RedisUrl("server", text)
        else:
            raise ValueError
        check(found)
    except (ValueError, TypeError):
        raise ValueError(EXPECTED) from None
    return found


def of_sentinels(scheme: str, rest: str) -> RedisUrl:
    """The URL of a master behind sentinels, given what follows `://`. Raises ValueError."""
    place, question, query = rest.partition("?")
    hosts, _, path = place.partition("/")
    user, at, hosts = hosts.rpartition("@")
    master, _, database = path.strip("/").partition("/")
    sentinels = tuple(address(host) for host in hosts.split(",") if host.strip())
    if not sentinels or not master:
        raise ValueError
    pairs = parse_qsl(query, keep_blank_values=True)
    options: dict[str, Any] = {
        name.removeprefix("sentinel_"): value for name, value in pairs if name in OF_SENTINELS and value
    }
    of_master = urlencode([pair for pair in pairs if pair[0] not in OF_SENTINELS])
    url = f"{scheme}://{user}{at}{NOWHERE}/{database}{question}{of_master}"
    if scheme == "rediss":
        known: dict[str, Any] = dict(parse_url(url))
        options |= {"ssl": True} | {name: known[name] for name in known if name.startswith("ssl_")}
    return RedisUrl("sentinel", url, sentinels, master, options)


def address(host: str) -> tuple[str, int]:
    """Host and port of a sentinel. Raises ValueError."""
    parts = urlsplit(f"//{host.strip()}")
    if not parts.hostname:
        raise ValueError
    return parts.hostname, parts.port or SENTINEL_PORT


def check(found: RedisUrl) -> None:
    """Raise ValueError or TypeError for a URL that no connection can be made by."""
    parts = urlsplit(found.url)
    database = parts.path.strip("/")
    if parts.scheme == "unix":
        is_right = bool(database)
    else:
        is_right = not database or (database.isascii() and database.isdecimal())
    # A cluster has one database.
    if not is_right or (found.kind == "cluster" and database.strip("0")):
        raise ValueError
    # Names and values after `?` are arguments of a connection; making one connects nothing.
    ConnectionPool.from_url(found.url).make_connection()  # type: ignore[no-untyped-call]


def options_of(found: RedisUrl) -> dict[str, Any]:
    """Arguments of connections to the master, but for its address."""
    options: dict[str, Any] = dict(parse_url(found.url))
    for name in ("host", "port"):
        options.pop(name, None)
    options["ssl"] = options.pop("connection_class", None) is SSLConnection
    return options
