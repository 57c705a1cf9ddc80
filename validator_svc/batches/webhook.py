"""Webhooks: the end of a batch is told to whoever asked, signed, at least once.

Signed as https://www.standardwebhooks.com has it: `webhook-signature` is `v1,` and the base64 of
HMAC-SHA256 over `ID.TIMESTAMP.BODY` with the secret of the setting. A batch may end more than once
(a retry), and a call may be repeated: `webhook-id` is the same for calls that tell the same.
"""

import base64
import hashlib
import hmac
import ipaddress
import socket
import time
from typing import Any

import aiohttp
import orjson
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from aiolimiter import AsyncLimiter
from yarl import URL

from validator_svc.batches.batch import Batch
from validator_svc.batches.spec import UNENDED
from validator_svc.networks import is_public
from validator_svc.outgoing import SlicedConnector

log = structlog.get_logger()

TIMEOUT_S = 10.0
# Of one process.
CALLS_PER_S = 20


class PrivateAddressError(OSError):
    """The URL leads to an address that is not of the public internet."""


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only, so that nobody has the service call its neighbours.

    The check is made on the very addresses that are connected to: a name that changes what it means
    between check and call gains nothing.
    """

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host. Raises PrivateAddressError when one of them is not public."""
        found = await self._resolver.resolve(host, port, family)
        for each in found:
            check_public(each["host"])
        return found

    async def close(self) -> None:
        """Nothing is held."""


def check_public(address: str) -> None:
    """Raise PrivateAddressError for an IP address that is private, loopback, link-local or the like.

    So is one that leads to such an IPv4 address through a gateway. Raises ValueError for no IP address.
    """
    if not is_public(ipaddress.ip_address(address)):
        raise PrivateAddressError("the address is not public")


class Webhook:
    """Tells of ended batches. `allows_private`: for tests, and networks where everybody is trusted."""

    def __init__(self, secret: bytes, allows_private: bool) -> None:
        self.secret = secret
        self.allows_private = allows_private
        self.pace = AsyncLimiter(CALLS_PER_S, 1)

    async def call(self, batch: Batch) -> bool:
        """Tell of the batch; returns whether it was understood (any 2xx). Redirects are not followed."""
        url = batch.plan.order.webhook_url
        if url is None or batch.status in UNENDED:
            return True
        # Thousands of small batches may end at once, and their owner's endpoint is seldom made for that.
        await self.pace.acquire()
        body = orjson.dumps(message_of(batch))
        headers = self._headers(f"{batch.plan.batch_id}-{batch.generation}", body)
        connector = SlicedConnector(resolver=None if self.allows_private else PublicResolver())
        try:
            async with aiohttp.ClientSession(
                connector=connector, timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)
            ) as client:
                self._check_literal(url)
                async with client.post(url, data=body, headers=headers, allow_redirects=False) as response:
                    return 200 <= response.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            log.warning("webhook_failed", batch=batch.plan.batch_id, why=type(error).__name__)
            return False

    def _check_literal(self, url: str) -> None:
        """An address in the URL itself is not resolved, so it is checked here."""
        host = URL(url).host or ""
        if not self.allows_private and host.replace(".", "").isdigit() | (":" in host):
            check_public(host)

    def _headers(self, call_id: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))
        signed = b"%b.%b.%b" % (call_id.encode(), timestamp.encode(), body)
        digest = hmac.new(self.secret, signed, hashlib.sha256).digest()
        return {
            "Content-Type": "application/json",
            "webhook-id": call_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }


def message_of(batch: Batch) -> dict[str, Any]:
    """What is told: where the batch stands, and its counts; no number is in it."""
    names = ("valid", "invalid", "unknown", "cached", "paid")
    return {
        "type": "batch.ended",
        "request_uuid": batch.plan.batch_id,
        "name": batch.plan.order.name,
        "status": batch.status,
        "why": batch.why or None,
        "count": batch.plan.rows,
    } | {name: batch.counts.get(name, 0) for name in names}
