"""Which requests are answered at once: those of which nothing has to be waited for, and no others."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from redis.asyncio import Redis

from tests.http.raw import head
from validator_svc.access.callers import Callers
from validator_svc.access.day_budget import DayBudget
from validator_svc.access.key_store import KeyStore
from validator_svc.access.rate_limit import RateLimit
from validator_svc.access.usage_log import UsageLog
from validator_svc.access.usage_store import UsageStore
from validator_svc.config import Settings
from validator_svc.http import context
from validator_svc.http.access_log import AccessLog
from validator_svc.http.admission import Admission
from validator_svc.http.at_once import AtOnce
from validator_svc.http.draining import InFlight
from validator_svc.http.gate import Gate
from validator_svc.http.plain import PlainReader
from validator_svc.http.route import definition
from validator_svc.http.route_table import ROUTES
from validator_svc.kernel.classify import Classifier
from validator_svc.lookup.resolver import Resolver

ADMIN = "the-administrators-key-0123456789"
ONE = "/v1/validation?type=analysis&phone_number=6281234567000"
BODY = b'{"type":"format","phone_numbers":["+6281234567000"]}'
LIST = head("POST", "/v1/validation", "Content-Type: application/json", f"Content-Length: {len(BODY)}") + BODY


@pytest.fixture(scope="module")
def resolver() -> Resolver:
    return Resolver(Classifier())


async def answer(resolver: Resolver, packet: bytes, most: int = 10, **given: object) -> bytes | None:
    """What an application answers at once; its store is never asked."""
    settings, store, in_flight = Settings.model_validate(given), Redis(port=1), InFlight()
    app = web.Application()
    keys = Callers(KeyStore(store), ADMIN if settings.asks_for_keys else None)
    app[context.SETTINGS], app[context.RESOLVER], app[context.IN_FLIGHT] = settings, resolver, in_flight
    app[context.DAYS], app[context.ACCESS_LOG] = DayBudget(store), AccessLog()
    app[context.GATE] = Gate(settings, keys, RateLimit(store), ROUTES, app[context.ACCESS_LOG])
    app[context.USAGE] = UsageLog(UsageStore(store, 1))
    app.add_routes([definition(route) for route in ROUTES])
    plain = PlainReader("127.0.0.1").read(packet)
    assert plain is not None
    at_once = AtOnce(app, ROUTES, Admission(in_flight, most))
    return at_once.answer(plain, asyncio.get_running_loop().time())


@pytest.mark.parametrize("packet", [head("GET", ONE), head("GET", f"{ONE}&explain=true"), LIST])
async def test_numbers_that_the_plan_knows(resolver: Resolver, packet: bytes) -> None:
    answered = await answer(resolver, packet)
    assert answered is not None
    assert answered.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'"e164_format":"+6281234567000"' in answered


@pytest.mark.parametrize(
    "packet",
    [
        head("HEAD", ONE),
        head("GET", "/healthz"),
        head("GET", f"{ONE}&nonsense=1"),
        head("GET", "/v1/validation?type=analysis"),
        head("GET", ONE).replace(b"127.0.0.1", b"attacker.example"),
        LIST.replace(b"application/json", b"application/test"),
        LIST.replace(b"/json", b"/json\r\nAccept: application/x-ndjson"),
        LIST.replace(b'"format"', b'"fornat"'),
    ],
)
async def test_others_are_left_to_aiohttp(resolver: Resolver, packet: bytes) -> None:
    assert await answer(resolver, packet) is None


async def test_so_are_all_where_there_is_no_room(resolver: Resolver) -> None:
    assert await answer(resolver, head("GET", ONE), most=0) is None


async def test_and_where_pages_of_others_are_told(resolver: Resolver) -> None:
    assert await answer(resolver, head("GET", ONE), cors_origins="https://app.example") is None


async def test_keys_are_asked_for(resolver: Resolver) -> None:
    keys: dict[str, Any] = {"auth": "on", "admin_key": ADMIN}
    assert await answer(resolver, head("GET", ONE), **keys) is None
    unknown = head("GET", ONE, "Authorization: Bearer vs_0123456789ab_unknown")
    assert await answer(resolver, unknown, **keys) is None
    known = head("GET", ONE, f"Authorization: Bearer {ADMIN}")
    assert await answer(resolver, known, **keys) is not None
