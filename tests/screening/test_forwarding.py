"""`POST /v1/forward/{system}/…`: what is allowed is sent on once, and answered as the system answers."""

import asyncio
import base64
from collections.abc import Mapping

import aiohttp
import orjson
import pytest
from yarl import URL

from loadtest.call_emulator import CallEmulator, Fault
from tests.access.keyed import ADMIN, as_holder, new_key
from tests.screening.asking import Json
from tests.screening.examples import GOOD, PREMIUM, changed
from tests.service import Service, ran
from tests.store import Store
from validator_svc.screening.forwarding import passed_on

CALL = "/v1/forward/wavix-call/v1/calls"
SIGNALWIRE = "/v1/forward/signalwire-call/2010-04-01/Accounts/AC123/Calls.json"


async def sent(
    client: aiohttp.ClientSession, path: str, body: Json, **params: str
) -> tuple[int, Json, Mapping[str, str]]:
    """Status, body and headers of what a request is answered with."""
    async with client.post(path, data=orjson.dumps(body), params=params) as response:
        # Not by `json`, so that what is not ours is not held against our document.
        return response.status, orjson.loads(await response.content.read()), response.headers


async def test_an_allowed_request_arrives_normalized(
    admin: aiohttp.ClientSession, system: CallEmulator
) -> None:
    status, said, headers = await sent(admin, CALL, changed("wavix-call", {"to": "+44 (7911) 123-456"}))
    assert (status, said["event_type"], headers["X-Request-Id"]) == (201, "call_setup", "8")
    (arrived,) = system.arrived
    assert (arrived.path, arrived.body) == ("/v1/calls", GOOD["wavix-call"])
    assert arrived.headers["Authorization"] == "Bearer the-wavix-key"


async def test_a_form_arrives_as_a_form(admin: aiohttp.ClientSession, system: CallEmulator) -> None:
    body = changed("signalwire-call", {"To": "0062 812 3456 7000", "MaxPricePerMinute": None})
    status, said, _ = await sent(admin, SIGNALWIRE, body)
    assert (status, said["status"]) == (201, "queued")
    (arrived,) = system.arrived
    assert arrived.path == "/api/laml/2010-04-01/Accounts/AC123/Calls.json"
    assert arrived.body["To"] == ["+6281234567000"]
    assert arrived.body["StatusCallbackEvent"] == GOOD["signalwire-call"]["StatusCallbackEvent"]
    assert arrived.headers["Authorization"] == "Basic " + base64.b64encode(b"project:token").decode()


async def test_a_refused_request_never_leaves(admin: aiohttp.ClientSession, system: CallEmulator) -> None:
    for changes in ({"to": PREMIUM}, {"to": None}, {"to": "+5352345678"}, {"timeout": -1}):
        body = changed("wavix-call", changes)
        status, said, _ = await sent(admin, CALL, body)
        assert (status, said["code"], said["success"]) == (400, "refused", False)
        status, said, _ = await sent(admin, CALL, body, errors="native")
        assert (status, {*said}) == (400, {"success", "message"})
    assert not system.arrived


@pytest.mark.parametrize(
    ("fault", "status", "told"),
    [
        ("refused", 422, {"success": False, "message": "no such number", "more": [1]}),
        ("http429", 429, {"success": False, "message": "http429"}),
        ("http500", 500, {"success": False, "message": "http500"}),
        ("http503", 503, {"success": False, "message": "http503"}),
    ],
)
async def test_an_answer_is_passed_on_as_it_is(
    admin: aiohttp.ClientSession, system: CallEmulator, fault: Fault, status: int, told: Json
) -> None:
    system.fault = fault
    got, said, headers = await sent(admin, CALL, changed("wavix-call", {"tag": f"answer {fault}"}))
    assert (got, said) == (status, told)
    assert (headers["X-Request-Id"] == "7") == (fault == "refused")
    assert headers.get("Retry-After") == ("7" if fault == "http429" else None)
    assert "Set-Cookie" not in headers


async def test_a_redirect_is_not_followed(admin: aiohttp.ClientSession, system: CallEmulator) -> None:
    system.fault = "http302"
    async with admin.post(CALL, json=GOOD["wavix-call"], allow_redirects=False) as response:
        assert response.status == 302
        assert response.headers["Location"].endswith("/elsewhere")
    assert len(system.arrived) == 1


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("hang", 504, "upstream_timeout"),
        ("cut", 502, "upstream_broken_off"),
        ("half", 502, "upstream_broken_off"),
        ("long", 502, "upstream_broken_off"),
        ("http500", 500, None),
        ("http503", 503, None),
    ],
)
async def test_what_may_have_arrived_is_not_sent_twice(
    admin: aiohttp.ClientSession, system: CallEmulator, fault: Fault, status: int, code: str | None
) -> None:
    body = changed("wavix-call", {"tag": f"once {fault}"})
    system.fault = fault
    got, said, _ = await sent(admin, CALL, body)
    assert (got, said.get("code")) == (status, code)
    system.fault = ""
    # As clients do by themselves, and written otherwise.
    for again in (body, changed("wavix-call", {"tag": f"once {fault}", "to": "44 7911 123456"})):
        got, said, headers = await sent(admin, CALL, again)
        assert (got, said["code"], headers["Retry-After"]) == (409, "may_have_been_sent", "600")
    assert len(system.arrived) == 1
    # Another request is another one.
    assert (await sent(admin, CALL, changed("wavix-call", {"tag": f"other {fault}"})))[0] == 201


@pytest.mark.parametrize("fault", ["", "refused", "http429"])
async def test_what_was_answered_may_be_asked_again(
    admin: aiohttp.ClientSession, system: CallEmulator, fault: Fault
) -> None:
    body = changed("wavix-call", {"tag": f"again {fault}"})
    system.fault = fault
    first, second = (await sent(admin, CALL, body))[0], (await sent(admin, CALL, body))[0]
    assert first == second != 409
    assert len(system.arrived) == 2


async def test_equal_requests_at_the_same_time_are_one(
    admin: aiohttp.ClientSession, system: CallEmulator
) -> None:
    system.fault = "hang"
    body = changed("wavix-call", {"tag": "together"})
    statuses = [each[0] for each in await asyncio.gather(*(sent(admin, CALL, body) for _ in range(5)))]
    assert sorted(statuses) == [409] * 4 + [504]
    assert len(system.arrived) == 1


async def test_a_system_that_is_not_there_gets_nothing(admin: aiohttp.ClientSession) -> None:
    path = "/v1/forward/voicecall/voicecalls"
    for _ in range(2):
        status, said, _ = await sent(admin, path, GOOD["voicecall"])
        assert (status, said["code"]) == (502, "upstream_unreachable")
        assert said["message"] == "voicecall: the system cannot be reached; nothing was sent"


@pytest.mark.parametrize(
    "path",
    [
        "wavix-call/v1/calls/",
        "wavix-call/v1/calls/1",
        "wavix-call//v1/calls",
        "wavix-call/x",
        "wavix-call/v1%2Fcalls%3Fa=b",
        "wavix-call/v1/calls%00",
        "wavix-call/v1/calls%0a",
        "wavix-call/v1/x/%2e%2e/calls",
        "wavix-call/@evil.example/v1/calls",
        "signalwire-call/2010-04-01/Accounts/a%2f..%2f..%2fb/Calls.json",
        "signalwire-call/2010-04-01/Accounts/AC1/Messages.json",
        "tryvox-call/v1/voice/accounts/%2e%2e/calls",
        "tryvox-call/v1/voice/accounts/a%23/calls",
        "wavix-campaign/v1/voice-campaigns",
        "nothing/v1/calls",
    ],
)
async def test_a_path_that_is_none_leads_nowhere(
    forwarding: Service, admin: aiohttp.ClientSession, system: CallEmulator, path: str
) -> None:
    url = URL(f"{forwarding.url}/v1/forward/{path}", encoded=True)
    async with admin.post(url, json=GOOD["wavix-call"]) as response:
        said = await response.json()
    assert response.status == 404
    assert said["code"] in ("unknown_path", "not_forwarded", "unknown_system", "not_found")
    assert not system.arrived


async def test_without_settings_nothing_is_sent_on(client: aiohttp.ClientSession) -> None:
    status, said, _ = await sent(client, CALL, GOOD["wavix-call"])
    assert (status, said["code"]) == (404, "not_forwarded")


async def test_headers_that_matter_go_either_way(admin: aiohttp.ClientSession, system: CallEmulator) -> None:
    system.fault = "refused"
    own = {"Cookie": "a=b", "X-Own": "1", "X-Forwarded-For": "1.2.3.4", "Content-Type": "application/json"}
    body = orjson.dumps(changed("wavix-call", {"tag": "headers"}))
    async with admin.post(CALL, data=body, headers=own) as response:
        await response.content.read()
        assert response.status == 422
        assert response.headers["Content-Type"].startswith("application/json")
        assert response.headers["X-Request-Id"] == "7"
        assert "Set-Cookie" not in response.headers
    (arrived,) = system.arrived
    assert not {"Cookie", "X-Own", "X-Forwarded-For"} & {*arrived.headers}
    assert ADMIN not in str(arrived.headers)
    assert arrived.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("application/json", b"", 400, "invalid_json"),
        ("application/json", b"[]", 400, "invalid_json"),
        ("application/json", b'{"to":"\xff"}', 400, "invalid_json"),
        ("application/json", b'{"to":"1","to":"2"}', 400, "invalid_json"),
        ("application/json", b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}", 400, "invalid_json"),
        ("application/json", b'{"a":"' + b"x" * 65_536 + b'"}', 413, "body_too_large"),
        ("application/json", b'{"from":{},"to":[1],"callback_url":{"a":1},"tag":1e400}', 400, None),
        ("application/x-ndjson", orjson.dumps(GOOD["wavix-call"]) + b"\n", 415, "unsupported_media_type"),
        ("text/csv", b"from,to\n1,2\n", 415, "unsupported_media_type"),
        ("multipart/form-data; boundary=x", b"--x--\r\n", 415, "unsupported_media_type"),
    ],
)
async def test_what_is_no_request_never_leaves(
    admin: aiohttp.ClientSession,
    system: CallEmulator,
    content_type: str,
    body: bytes,
    status: int,
    code: str | None,
) -> None:
    async with admin.post(CALL, data=body, headers={"Content-Type": content_type}) as response:
        said = await response.json()
    assert response.status == status, said
    assert (said["success"], said["error"]) == (False, True)
    assert code in (None, said["code"])
    assert not system.arrived


async def test_a_key_must_be_allowed_to(forwarding: Service, system: CallEmulator) -> None:
    body = changed("wavix-call", {"tag": "of a key"})
    for may, expected in ((False, 403), (True, 201)):
        key = await new_key(forwarding, may_forward=may)
        async with as_holder(forwarding, key["key"]) as client:
            status, said, _ = await sent(client, CALL, body)
            assert status == expected, said
            assert (await sent(client, "/v1/screen/wavix-call", body))[0] == 200
    async with aiohttp.ClientSession(forwarding.url) as nobody:
        assert (await sent(nobody, CALL, body))[0] == 401
    assert len(system.arrived) == 1


async def test_a_policy_of_a_key_goes_before_that_of_all(forwarding: Service, system: CallEmulator) -> None:
    cuba, own = changed("wavix-call", {"to": "+5352345678"}), {"own_numbers": ["+13524815864"]}
    policies: dict[str, Json | None] = {
        "none": None,
        "open": {"deny_countries": []},
        "own": own,
        "price": {"max_price_per_minute": "0.2"},
    }
    found: dict[str, list[str]] = {}
    for name, policy in policies.items():
        key = await new_key(forwarding, policy=policy)
        async with as_holder(forwarding, key["key"]) as client:
            for body in (cuba, changed("wavix-call", {"to": "+6281234567000"})):
                _, said, _ = await sent(client, "/v1/screen/wavix-call", body)
                errors = [each["code"] for each in said["findings"] if each["severity"] == "error"]
                found.setdefault(name, []).append(",".join(errors))
    assert found == {
        "none": ["country_not_allowed", ""],
        "open": ["", ""],
        "own": ["country_not_allowed,not_own_number", "not_own_number"],
        "price": ["country_not_allowed", "price_too_high"],
    }


async def test_without_the_store_nothing_is_sent(
    admin: aiohttp.ClientSession, system: CallEmulator, store: Store
) -> None:
    store.pause()
    try:
        status, said, _ = await sent(admin, CALL, changed("wavix-call", {"tag": "store"}))
    finally:
        store.go_on()
    assert (status, said["code"]) == (503, "unavailable")
    assert not system.arrived


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"VALIDATOR_FORWARD_URLS": "wavix=https://a.example"}, "VALIDATOR_FORWARD_URLS"),
        ({"VALIDATOR_FORWARD_URLS": "wavix-call"}, "VALIDATOR_FORWARD_URLS"),
        ({"VALIDATOR_FORWARD_URLS": "wavix-call=https://a.example"}, "VALIDATOR_FORWARD_CREDENTIALS"),
        ({"VALIDATOR_FORWARD_CREDENTIALS": "wavix-call=secret-of-mine"}, "VALIDATOR_FORWARD_URLS"),
        (
            {
                "VALIDATOR_FORWARD_URLS": "wavix-call=file:///x",
                "VALIDATOR_FORWARD_CREDENTIALS": "wavix-call=k",
            },
            "VALIDATOR_FORWARD_URLS",
        ),
        (
            {
                "VALIDATOR_FORWARD_URLS": "tryvox-call=https://a.example",
                "VALIDATOR_FORWARD_CREDENTIALS": "tryvox-call=secret-of-mine",
            },
            "VALIDATOR_FORWARD_CREDENTIALS",
        ),
        ({"VALIDATOR_SCREEN_POLICY": "{"}, "VALIDATOR_SCREEN_POLICY"),
        ({"VALIDATOR_SCREEN_POLICY": '{"deny": []}'}, "VALIDATOR_SCREEN_POLICY"),
        ({"VALIDATOR_RATE_FILE": "/does/not/exist"}, "VALIDATOR_RATE_FILE"),
    ],
)
def test_settings_are_checked_at_the_start(
    tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str], named: str
) -> None:
    done = ran(tmp_path_factory.mktemp("data"), "serve", **settings)
    assert done.returncode
    assert named in done.stderr
    assert "secret-of-mine" not in done.stderr


def test_headers_that_cannot_be_sent_again_are_left_out() -> None:
    said = {
        "Location": "\udcff",
        "Retry-After": "1",
        "Content-Type": "a/b\x7f",
        "Content-Encoding": "gzip",
        "X": "y",
    }
    assert passed_on(said) == {"Retry-After": "1", "Content-Encoding": "gzip"}
