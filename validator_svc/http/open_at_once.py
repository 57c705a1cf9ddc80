"""What one caller may have open at the same time: for each key, and for each address.

Each of these holds memory, handles or a place for as long as its caller likes, so nobody gets all of them.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from aiohttp import web

from validator_svc.batches.batch import Batch
from validator_svc.batches.spec import UNENDED
from validator_svc.config import Settings
from validator_svc.http.errors import ApiError
from validator_svc.http.gate import CALLER, address_of
from validator_svc.http.while_connected import while_connected
from validator_svc.networks import Address

Kind = Literal["uploads", "streams", "followers", "downloads"]

WHAT: dict[Kind, str] = {
    "uploads": "files that are being sent",
    "streams": "requests whose rows are answered as they come",
    "followers": "requests that follow a batch",
    "downloads": "downloads of results, or of what was used",
}
RETRY_S = 5
# Whoever has an IPv6 address at all has so many of them.
ONE_CALLER_V6 = 64


class OpenAtOnce:
    """Counts what is open; one for a process."""

    def __init__(self, settings: Settings) -> None:
        self._proxies = settings.trusted_proxies
        self._most: dict[Kind, int] = {
            "uploads": settings.caller_uploads,
            "streams": settings.caller_streams,
            "followers": settings.caller_followers,
            "downloads": settings.caller_downloads,
        }
        self._open: Counter[tuple[Kind, str]] = Counter()

    @contextmanager
    def counted(self, request: web.Request, kind: Kind) -> Iterator[None]:
        """Count a request for as long as the block. Raises ApiError 429 for one too many."""
        most = self._most[kind]
        counters = [(kind, each) for each in callers_of(request, address_of(request, self._proxies))]
        if any(self._open[each] >= most for each in counters):
            raise ApiError(
                429,
                f"too_many_{kind}",
                f"expected at most {most} {WHAT[kind]} at the same time from one key or address; "
                f"VALIDATOR_CALLER_{kind.upper()} sets how many",
                {"Retry-After": str(RETRY_S)},
            )
        self._open.update(counters)
        try:
            yield
        finally:
            for each in counters:
                self._open[each] -= 1
                if not self._open[each]:
                    del self._open[each]

    @contextmanager
    def reading(self, request: web.Request, batch: Batch) -> Iterator[None]:
        """Count a request for the results or the events of a batch, and end it with its connection.

        Raises ApiError 429 for one too many, ConnectionResetError when the connection is closed.
        """
        kind: Kind = "followers" if batch.status in UNENDED else "downloads"
        with self.counted(request, kind), while_connected(request):
            yield


OPEN = web.AppKey("open_at_once", OpenAtOnce)


def callers_of(request: web.Request, address: Address | None) -> list[str]:
    """Whom a request counts for: its address, or the network that its caller has, and its key."""
    if isinstance(address, ipaddress.IPv6Address):
        named = str(ipaddress.ip_network((address, ONE_CALLER_V6), strict=False))
    else:
        named = str(address)
    owner = request[CALLER].owner
    return [f"address {named}", *([f"key {owner}"] if owner else [])]
