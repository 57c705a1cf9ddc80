"""Suppliers that take one number a request, by GET, and have no jobs."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from validator_svc.moments import now_ms
from validator_svc.numbering.facts import RequestType
from validator_svc.upstreams import http
from validator_svc.upstreams.errors import MalformedReplyError, UnacceptedError, UnknownRouteError
from validator_svc.upstreams.fields import digits_of
from validator_svc.upstreams.outcome import UPSTREAM_FAILED, Outcome
from validator_svc.upstreams.protocol import Keeping, Limits, Reply, Upstream

Read = Callable[[Mapping[str, object], str, int], Outcome]
"""The outcome that a reply holds, for digits of E.164.

The third argument is when it came, in milliseconds since the epoch. Raises `errors.UpstreamError`, also
for the reply to another number.
"""


UrlOf = Callable[[RequestType, str], str]
"""The URL of a lookup of a type, for digits of E.164."""


class Account(NamedTuple):
    """An account at a supplier."""

    name: str
    headers: Mapping[str, str]
    """Of each request: the credentials."""
    limits: Limits
    timeout_s: float
    prices: Mapping[RequestType, Decimal]
    """USD a number."""
    tells: Mapping[RequestType, frozenset[str]]
    """See `protocol.Upstream`."""


class OneNumberUpstream(Upstream):
    """An account over one pool of connections. `url_of` gives the URL for a type and digits of E.164."""

    keeping = Keeping()
    jobs = None

    def __init__(self, account: Account, client: http.HttpClient, url_of: UrlOf, read: Read) -> None:
        self.name, self.limits = account.name, account.limits
        self.prices, self.tells = account.prices, account.tells
        self.client = client
        self.url_of = url_of
        self.read = read

    def answers(self, request_type: RequestType, region_code: str | None) -> bool:
        """Analyses and validations, of all countries; what it does not know stays null."""
        return request_type in self.prices

    async def look_up(self, request_type: RequestType, numbers: Sequence[str]) -> Reply:
        """Ask for the number and wait for the answer."""
        (digits,) = numbers
        try:
            document = await self.client.request("GET", self.url_of(request_type, digits))
        except (UnknownRouteError, UnacceptedError):
            # Of this number it knows nothing; others it may know.
            return Reply({digits: Outcome(None, UPSTREAM_FAILED, self.name)})
        return Reply({digits: self.read(document, digits, now_ms())})


@contextlib.asynccontextmanager
async def opened(account: Account, url_of: UrlOf, read: Read) -> AsyncIterator[Upstream]:
    """The account, for as long as the context."""
    async with http.client(account.headers, account.timeout_s, account.limits.concurrency) as client:
        yield OneNumberUpstream(account, client, url_of, read)


def check_number(echoed: object, digits: str) -> None:
    """Raise MalformedReplyError unless a reply is for the number that was asked."""
    if digits_of(echoed) != digits:
        raise MalformedReplyError("the reply is for another number")
