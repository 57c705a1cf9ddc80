"""Keys over HTTP: made by the administrator, used by callers, of no use once they are disabled or deleted."""

import time

import aiohttp
import pytest

from tests.access.keyed import ADMIN, ONE, as_holder, bearer, changed, new_key, status_of
from tests.http.raw import connected, head
from tests.http.test_at_once import answer_on
from tests.http.test_errors import expect
from tests.service import Service
from tests.store import Store, kept_at
from tests.waiting import PATIENCE_S
from validator_svc.http.route_table import ROUTES

OPEN = {route.path for route in ROUTES if route.needs == "nothing"}
KEY_FIELDS = {
    "id": str,
    "name": "campaign",
    "enabled": True,
    "created_at": str,
    "last_used_at": None,
    "allowed_networks": ["192.0.2.0/24", "2001:db8::/32"],
    "requests_per_second": 50,
    "numbers_per_day": 1_000,
    "spend_per_day": "12.50",
    "allowed_types": ["format", "analysis"],
    "policy": {"deny_countries": ["CU"], "calling_hours": "08:00-21:00"},
    "may_forward": True,
}


async def test_a_key_is_shown_once_and_then_without_its_secret(keyed: Service) -> None:
    asked = {name: value for name, value in KEY_FIELDS.items() if value is not str and name != "last_used_at"}
    made = await new_key(keyed, **asked)
    assert made["key"].startswith(f"vs_{made['id']}_")
    async with as_holder(keyed, ADMIN) as admin, admin.get(f"/v1/keys/{made['id']}") as response:
        shown = await response.json()
    assert shown == {name: value for name, value in made.items() if name != "key"}
    assert shown.keys() == KEY_FIELDS.keys()
    for name, value in KEY_FIELDS.items():
        assert isinstance(shown[name], value) if isinstance(value, type) else shown[name] == value


async def test_a_list_of_keys_comes_in_pages(keyed: Service) -> None:
    made = [(await new_key(keyed, name=f"key {at}"))["id"] for at in range(3)]
    found = []
    async with as_holder(keyed, ADMIN) as admin:
        page, pages = 1, 1
        while page <= pages:
            async with admin.get(f"/v1/keys?per_page=2&page={page}") as response:
                body = await response.json()
                assert "sha256" not in await response.text()
            found += [item["id"] for item in body["items"]]
            pages, page = body["pagination"]["total_pages"], page + 1
    assert [each for each in found if each in made] == made


async def test_a_key_opens_by_header_and_by_parameter(keyed: Service) -> None:
    key = (await new_key(keyed))["key"]
    assert await status_of(keyed, key) == 200
    assert await status_of(keyed, None, f"{ONE}&appid={key}") == 200
    assert await status_of(keyed, None, ONE, Authorization=f"bearer  {key}") == 200
    assert await status_of(keyed, None, "/v1/batches?appid=" + key) == 200


KINDS = [
    "missing",
    "empty",
    "unknown",
    "cut",
    "longer",
    "other-scheme",
    "odd",
    "disabled",
    "deleted",
    "other-address",
]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_401_says_nothing_of_what_is_wrong(keyed: Service, kind: str) -> None:
    made = await new_key(keyed, allowed_networks=["192.0.2.1"] if kind == "other-address" else [])
    key = made["key"]
    headers = {
        "missing": {},
        "empty": bearer(""),
        "unknown": bearer("vs_0123456789ab_" + "x" * 32),
        "cut": bearer(key[:-1]),
        "longer": bearer(key + "x"),
        "other-scheme": {"Authorization": f"Basic {key}"},
        "odd": bearer("ÿ' OR 1=1"),
    }.get(kind, bearer(key))
    async with as_holder(keyed, ADMIN) as admin:
        if kind == "disabled":
            await changed(keyed, made["id"], enabled=False)
        if kind == "deleted":
            async with admin.delete(f"/v1/keys/{made['id']}") as response:
                assert response.status == 204
    async with aiohttp.ClientSession(keyed.url) as client, client.get(ONE, headers=headers) as response:
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert (await response.json())["message"] == (
            "expected a valid key, as Authorization: Bearer KEY or ?appid=KEY"
        )
        await expect(response, 401)


@pytest.mark.parametrize("how", ["disable", "delete"])
async def test_what_is_disabled_in_one_process_stops_in_the_other(pair: list[Service], how: str) -> None:
    one, other = pair
    made = await new_key(one)
    assert [await status_of(each, made["key"]) for each in pair] == [200, 200]
    if how == "disable":
        await changed(one, made["id"], enabled=False)
    else:
        async with as_holder(one, ADMIN) as admin, admin.delete(f"/v1/keys/{made['id']}") as response:
            assert response.status == 204
    began_s = time.monotonic()
    while (statuses := {await status_of(each, made["key"]) for each in pair}) != {401}:
        assert statuses <= {200, 401}
        assert time.monotonic() - began_s < PATIENCE_S
    # A process remembers a key for two seconds.
    assert time.monotonic() - began_s < 5
    if how == "disable":
        await changed(other, made["id"], enabled=True)
        while {await status_of(each, made["key"]) for each in pair} != {200}:
            assert time.monotonic() - began_s < PATIENCE_S


async def test_every_route_asks_for_a_key(keyed: Service) -> None:
    pages = {"/openapi.json", "/docs", "/docs/{asset}", "/", "/page/{asset}"}
    assert OPEN - pages == {"/healthz", "/readyz"}
    async with aiohttp.ClientSession(keyed.url) as client:
        for route in ROUTES:
            path = route.path.replace("{batch_id}", "0").replace("{key_id}", "0")
            path = path.replace("{asset}", "style.css")
            async with client.request(route.method, path) as response:
                assert response.status == (200 if route.path in OPEN else 401), route
        async with client.get("/no/such/route") as response:
            await expect(response, 401)


async def test_only_the_administrator_sees_keys_and_figures(keyed: Service) -> None:
    made = await new_key(keyed)
    for path in ("/v1/keys", f"/v1/keys/{made['id']}", "/metrics"):
        assert await status_of(keyed, made["key"], path) == 403
        assert await status_of(keyed, ADMIN, path) == 200


async def test_a_key_may_be_for_some_types_only(keyed: Service) -> None:
    key = (await new_key(keyed, allowed_types=["format"]))["key"]
    async with as_holder(keyed, key) as client:
        assert await status_of(keyed, key) == 200
        async with client.get("/v1/validation?type=analysis&phone_number=1") as response:
            await expect(response, 403, "type", "format")
        for body in (
            {"type": "validation", "phone_numbers": ["1"]},
            {"type": "validation", "phone_numbers": ["1"], "async": True},
        ):
            async with client.post("/v1/validation", json=body) as response:
                await expect(response, 403, "type")
        for path in ("/v1/stream", "/v1/batches", "/v1/estimate", "/v1/preview"):
            async with client.post(f"{path}?type=analysis", data="1\n") as response:
                await expect(response, 403, "type")
        call = b'{"from": "+12015550123", "to": "+6281234567000"}\n'
        for media_type in ("application/json", "application/x-ndjson"):
            for request_type, status in (("analysis", 403), ("validation", 403), ("format", 200)):
                path, headers = f"/v1/screen/wavix-call?type={request_type}", {"Content-Type": media_type}
                async with client.post(path, data=call, headers=headers) as response:
                    assert response.status == status, await response.text()
        async with client.post("/v1/preview?type=format", data="1\n") as response:
            assert response.status == 200


@pytest.mark.parametrize(("fields", "words"), [
    ({}, "name"),
    ({"name": ""}, "name"),
    ({"name": 7}, "name"),
    ({"name": "a\nb"}, "name"),
    ({"name": "a", "enabled": "yes"}, "enabled"),
    ({"name": "a", "allowed_networks": "192.0.2.0/24"}, "allowed_networks"),
    ({"name": "a", "allowed_networks": ["here"]}, "CIDR"),
    ({"name": "a", "requests_per_second": 0}, "requests_per_second"),
    ({"name": "a", "requests_per_second": True}, "requests_per_second"),
    ({"name": "a", "numbers_per_day": -1}, "numbers_per_day"),
    ({"name": "a", "numbers_per_day": 1.5}, "numbers_per_day"),
    ({"name": "a", "spend_per_day": "much"}, "spend_per_day"),
    ({"name": "a", "allowed_types": ["all"]}, "format, analysis, validation"),
    ({"name": "a", "sha256": "0"}, "unknown key 'sha256'"),
    ({"name": "a", "network": []}, "did you mean allowed_networks"),
])  # fmt: skip
async def test_fields_that_cannot_be_used(keyed: Service, fields: dict[str, object], words: str) -> None:
    async with as_holder(keyed, ADMIN) as admin, admin.post("/v1/keys", json=fields) as response:
        await expect(response, 400, words)


async def test_names_that_its_routes_do_not_know(keyed: Service) -> None:
    async with as_holder(keyed, ADMIN) as admin:
        for route in ROUTES:
            if route.path.startswith("/v1/keys"):
                path = route.path.replace("{key_id}", "0" * 12)
                async with admin.request(route.method, f"{path}?colour=red") as response:
                    await expect(response, 400, "unknown parameter 'colour'", *route.parameters, "appid")


@pytest.mark.parametrize("key_id", ["0", "0" * 12, "x" * 12, "*"])
async def test_keys_that_there_are_not(keyed: Service, key_id: str) -> None:
    async with as_holder(keyed, ADMIN) as admin:
        for method in ("GET", "PATCH", "DELETE"):
            body = {"enabled": False} if method == "PATCH" else None
            async with admin.request(method, f"/v1/keys/{key_id}", json=body) as response:
                await expect(response, 404)


async def test_neither_redis_nor_the_log_has_a_key(pair: list[Service], store: Store) -> None:
    made = await new_key(pair[0])
    for service in pair:
        await status_of(service, made["key"])
        await status_of(service, None, f"{ONE}&appid={made['key']}")
        await status_of(service, None, f"/nowhere?appid={made['key']}")
        await status_of(service, None, f"/v1/batches?appid={made['key']}&appid={made['key']}")
        assert await status_of(service, made["key"], "/v1/batches?appid=x&colour=red") == 400
    secret = made["key"].removeprefix(f"vs_{made['id']}_").encode()
    kept = b"".join(part for key, values in kept_at(store.url) for part in (key, *values))
    assert made["id"].encode() in kept
    assert secret not in kept
    assert not any(secret in line or ADMIN.encode() in line for each in pair for line in each.log)


async def test_without_a_store_nobody_is_let_in(keyed: Service, store: Store) -> None:
    key = (await new_key(keyed))["key"]
    store.pause()
    try:
        assert await status_of(keyed, ADMIN) == 200
    finally:
        store.go_on()
    assert await status_of(keyed, key) == 200


async def test_a_connection_may_come_with_other_keys(keyed: Service) -> None:
    mine, others = await new_key(keyed), await new_key(keyed, allowed_types=["analysis"])
    wrong = "vs_0123456789ab_" + "x" * 32
    expected = {mine["key"]: 200, others["key"]: 403, wrong: 401}
    with connected(keyed) as connection:
        for key in [*expected, *expected, wrong, mine["key"], others["key"]]:
            in_field = answer_on(connection, head("GET", ONE, f"Authorization: Bearer {key}"))
            in_query = answer_on(connection, head("GET", f"{ONE}&appid={key}"))
            for answer in (in_field, in_query):
                assert answer.startswith(b"HTTP/1.1 %d " % expected[key])


async def test_a_disabled_key_stops_on_a_connection_that_stays_open(pair: list[Service]) -> None:
    made = await new_key(pair[0])
    request = head("GET", ONE, f"Authorization: Bearer {made['key']}")
    with connected(pair[1]) as connection:
        assert answer_on(connection, request).startswith(b"HTTP/1.1 200 ")
        await changed(pair[0], made["id"], enabled=False)
        disabled_s = time.monotonic()
        while answer_on(connection, request).startswith(b"HTTP/1.1 200 "):
            assert time.monotonic() - disabled_s < 5
