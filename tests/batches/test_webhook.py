"""Webhooks: signed, repeated until they are understood, never to a private address unless allowed."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator

import aiohttp
import orjson
import pytest
from aiohttp import web

from tests.batches.asking import posted, reached, refused
from tests.batches.processes import Processes
from tests.batches.test_crash import as_text
from tests.lookup.paid import numbers
from tests.waiting import wait_until
from validator_svc.batches.webhook import PrivateAddressError, check_public

SECRET = "a secret"


class Receiver:
    """Receives calls; refuses the first."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[tuple[dict[str, str], bytes]] = []

    async def receive(self, request: web.Request) -> web.Response:
        self.calls.append((dict(request.headers), await request.read()))
        return web.Response(status=500 if len(self.calls) == 1 else 204)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def test_the_end_is_told_signed_until_it_is_understood(group: Processes, receiver: Receiver) -> None:
    service = group.serve(VALIDATOR_WEBHOOK_SECRET=SECRET, VALIDATOR_WEBHOOK_PRIVATE="true")
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(numbers(10)), webhook_url=receiver.url)
        await wait_until(lambda: len(receiver.calls) == 2)
    (first, _), (headers, body) = receiver.calls
    assert first["webhook-id"] == headers["webhook-id"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    told = orjson.loads(body)
    assert (told["request_uuid"], told["status"], told["valid"]) == (batch_id, "success", 10)


async def test_a_private_address_is_not_called(group: Processes, receiver: Receiver) -> None:
    service = group.serve(VALIDATOR_WEBHOOK_SECRET=SECRET)
    urls = [receiver.url, receiver.url.replace("127.0.0.1", "localhost")]
    async with aiohttp.ClientSession(service.url) as client:
        for url in urls:
            batch_id = await posted(client, as_text(numbers(10)), webhook_url=url)
            await reached(client, batch_id, "success")
    await wait_until(lambda: sum(b"webhook_failed" in line for line in service.log) >= len(urls))
    assert not receiver.calls


async def test_without_a_secret_there_are_none(client: aiohttp.ClientSession) -> None:
    status, _, message = await refused(client, b"1\n", "text/plain", webhook_url="https://example.com/")
    assert status == 400
    assert "VALIDATOR_WEBHOOK_SECRET" in message


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "::1",
        "fe80::1",
        "::ffff:127.0.0.1",
        "0.0.0.0",
        # Addresses that lead to an IPv4 address through a gateway.
        "::ffff:0:127.0.0.1",
        "::ffff:0:a9fe:a9fe",
        "::10.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::224.0.0.1",
        "64:ff9b:1::10.0.0.1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2002:c0a8:1::1",
        "2001:0:0:1::",
        "2606:4700::5efe:10.0.0.1",
        "2606:4700::200:5efe:127.0.0.1",
        "224.0.0.1",
        "ff02::1",
    ],
)
def test_what_is_not_public(address: str) -> None:
    with pytest.raises(PrivateAddressError):
        check_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "2002:808:808::1", "::ffff:8.8.8.8"]
)
def test_what_is_public(address: str) -> None:
    check_public(address)
