"""`POST /v1/screen/{system}`: how requests come, one or many, and how what is wrong with them is said."""

import asyncio
import gzip
import io
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import aiohttp
import orjson
import pytest

from tests.screening.asking import NDJSON, Json, errors, screened, screened_form, screened_list
from tests.screening.examples import GOOD, INVALID, PREMIUM, changed
from tests.service import Service

FORM = "application/x-www-form-urlencoded"
CALL = "/v1/screen/wavix-call"
SIGNALWIRE = "/v1/screen/signalwire-call"
GOOD_CALL = orjson.dumps(GOOD["wavix-call"])
DEEP = b'{"from":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001


async def refused(
    client: aiohttp.ClientSession, path: str, body: object, content_type: str | None, **params: str
) -> tuple[int, Json]:
    """What a body is answered with that is no request."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    skip = ["Content-Type"] if content_type is None else []
    async with client.post(
        path, data=body, headers=headers, params=params, skip_auto_headers=skip
    ) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    ("path", "content_type", "body", "status", "code"),
    [
        (CALL, "application/json", b"", 400, "invalid_json"),
        (CALL, "application/json", b"{", 400, "invalid_json"),
        (CALL, "application/json", b"[]", 400, "invalid_json"),
        (CALL, "application/json", b"null", 400, "invalid_json"),
        (CALL, "application/json", b'"text"', 400, "invalid_json"),
        (CALL, "application/json", b"\xff\xfe{\x00}\x00", 400, "invalid_json"),
        (CALL, "application/json", b'{"to":"\\ud800"}', 400, "invalid_json"),
        (CALL, "application/json", b'{"to":"1","to":"2"}', 400, "invalid_json"),
        (CALL, "application/json", b'{"to":"1","\\u0074o":"2"}', 400, "invalid_json"),
        (CALL, "application/json", b'{"a":{"b":1,"b":2}}', 400, "invalid_json"),
        (CALL, "application/json", DEEP, 400, "invalid_json"),
        (CALL, "application/json", b'{"a":' + b"[" * 200 + b"]" * 200 + b"}", 400, "invalid_json"),
        (CALL, "application/json", b'{"a":"' + b"x" * 65_536 + b'"}', 413, "body_too_large"),
        (CALL, "application/xml", b"<a/>", 415, "unsupported_media_type"),
        (CALL, "text/csv", b"from,to\n1,2\n", 415, "unsupported_media_type"),
        (CALL, FORM, b"from=1&to=2", 415, "unsupported_media_type"),
        (CALL, "multipart/form-data; boundary=x", b"--x--\r\n", 415, "unsupported_media_type"),
        (CALL, "application/json", gzip.compress(b"{}" * 9, mtime=0)[:-9], 400, "invalid_json"),
        (SIGNALWIRE, FORM, b"From=%zz%ff", 400, "invalid_form"),
        (SIGNALWIRE, FORM, b"From=\xff", 400, "invalid_form"),
        (SIGNALWIRE, FORM, b"From=1&From=2", 400, "invalid_form"),
        (SIGNALWIRE, FORM, b"a=1&" * 201, 400, "invalid_form"),
        (SIGNALWIRE, "application/json", b"From=1", 400, "invalid_json"),
        (SIGNALWIRE, "text/html", b"From=1", 415, "unsupported_media_type"),
        ("/v1/screen/wavix", "application/json", GOOD_CALL, 404, "unknown_system"),
        ("/v1/screen/", "application/json", GOOD_CALL, 404, "not_found"),
        (f"{CALL}?errors=ours", "application/json", GOOD_CALL, 400, "invalid_parameter"),
        (f"{CALL}?type=deep", "application/json", GOOD_CALL, 400, "invalid_parameter"),
        (f"{CALL}?depth=1", "application/json", GOOD_CALL, 400, "unknown_parameter"),
        (f"{CALL}?errors=native", "application/x-ndjson", GOOD_CALL, 400, "invalid_parameter"),
    ],
)
async def test_what_is_no_request_is_an_error_of_ours(
    client: aiohttp.ClientSession, path: str, content_type: str, body: bytes, status: int, code: str
) -> None:
    got, error = await refused(client, path, body, content_type)
    assert (got, error["code"]) == (status, code), error
    assert error["success"] is False
    assert error["error"] is True


async def test_only_post_is_known(client: aiohttp.ClientSession) -> None:
    async with client.get(CALL) as response:
        assert response.status == 405


@pytest.mark.parametrize("content_type", [None, FORM, "text/plain", "application/vnd.api+json", "text/json"])
async def test_json_is_seen_to_be_json(client: aiohttp.ClientSession, content_type: str | None) -> None:
    status, found = await refused(client, CALL, b"\xef\xbb\xbf " + GOOD_CALL, content_type)
    assert (status, found.get("allowed")) == (200, True)


async def test_a_form_may_come_as_json(client: aiohttp.ClientSession) -> None:
    numbers = {"From": "+13524815863", "To": "+6281234567000", "Url": "http://a.example"}
    body = numbers | {"Timeout": 60, "Record": True}
    found = await screened(client, "signalwire-call", body)
    assert found["allowed"]
    assert found["request"] == body | {"Timeout": "60", "Record": "true"}
    found = await screened_form(client, "signalwire-call", numbers | {"To": "+62 812-3456-7000"})
    assert found["request"]["To"] == "+6281234567000"


async def test_every_finding_is_told_at_once(client: aiohttp.ClientSession) -> None:
    body = {"to": PREMIUM, "callback_url": "x", "timeout": -1, "sender": 1}
    found = await screened(client, "wavix-call", body)
    assert set(errors(found)) == {
        ("from", "missing"),
        ("callback_url", "invalid_value"),
        ("timeout", "out_of_range"),
        ("to", "risky_destination"),
    }
    assert found["numbers"]["to"]["phone_type"] == "premium-rate"
    assert "9002345678" not in orjson.dumps(found["findings"]).decode()


async def test_depth_is_that_of_the_type(client: aiohttp.ClientSession) -> None:
    fields = {
        name: (await screened(client, "wavix-call", GOOD["wavix-call"], type=name))["numbers"]["to"].keys()
        for name in ("format", "analysis", "validation")
    }
    assert "phone_type" not in fields["format"]
    assert "reachable" not in fields["analysis"]
    assert "timezone" in fields["validation"]
    default = (await screened(client, "wavix-call", GOOD["wavix-call"]))["numbers"]["to"].keys()
    assert default == fields["analysis"]


async def test_what_the_plan_knows_is_refused_at_any_depth(client: aiohttp.ClientSession) -> None:
    body = changed("wavix-call", {"to": PREMIUM})
    for depth in ("format", "analysis", "validation"):
        one = await screened(client, "wavix-call", body, type=depth)
        listed = await screened_list(client, "wavix-call", [body] * 4, type=depth)
        assert [errors(each) for each in (one, *listed)] == [[("to", "risky_destination")]] * 5


@pytest.mark.parametrize(
    ("system", "parameter", "shape"),
    [
        ("wavix-call", "to", {"success", "message"}),
        ("wavix-message", "to", {"success", "message"}),
        ("wavix-campaign", "voice_campaign.contact", {"success", "message"}),
        ("wavix-e911", "phone_number", {"success", "message"}),
        ("signalwire-call", "To", {"errors"}),
        ("tryvox-call", "to", {"success", "error", "code", "message"}),
        ("voicecall", "to_number", {"success", "error", "code", "message"}),
    ],
)
async def test_a_refusal_in_the_form_of_the_system(
    client: aiohttp.ClientSession, system: str, parameter: str, shape: set[str]
) -> None:
    body = orjson.dumps(changed(system, {parameter: INVALID}))
    status, said = await refused(client, f"/v1/screen/{system}", body, "application/json", errors="native")
    assert (status, {*said}) == (400, shape)
    (told,) = said.get("errors", [said])
    assert told["message"] == f"{parameter}: lacks its area code (refuse_invalid)"
    assert told.get("success", False) is False
    found = await refused(
        client, f"/v1/screen/{system}", orjson.dumps(GOOD[system]), "application/json", errors="native"
    )
    assert (found[0], found[1]["allowed"]) == (200, True)


async def test_a_list_has_an_answer_for_every_line(client: aiohttp.ClientSession) -> None:
    long = b'{"tag":"' + b"x" * 70_000 + b'"}'
    lines = [GOOD_CALL, b"", b"broken", b"[]", long, b'{"to":"1","to":"2"}', GOOD_CALL + b"\r", DEEP, b"{}"]
    async with client.post(CALL, data=b"\n".join(lines), headers=NDJSON) as response:
        assert response.status == 200
        found = [orjson.loads(line) for line in (await response.read()).splitlines()]
    assert [each["allowed"] for each in found] == [True, *[False] * 5, True, False, False]
    codes = [each["findings"][0]["code"] if each["findings"] else None for each in found]
    unreadable = "unreadable_line"
    assert codes == [None, "empty", *[unreadable] * 4, None, unreadable, "missing"]
    assert [each["request"] is None for each in found] == [False, *[True] * 5, False, True, False]


async def test_a_list_is_answered_while_it_is_being_sent(client: aiohttp.ClientSession) -> None:
    seen = asyncio.Event()

    async def lines() -> AsyncIterator[bytes]:
        yield GOOD_CALL + b"\n" + GOOD_CALL[:20]
        await seen.wait()
        yield GOOD_CALL[20:] + b"\n"

    async with client.post(CALL, data=lines(), headers=NDJSON) as response:
        assert orjson.loads(await response.content.readline())["allowed"]
        seen.set()
        assert orjson.loads(await response.content.readline())["allowed"]
        assert await response.content.read() == b""


async def test_a_long_list_stays_in_order(client: aiohttp.ClientSession) -> None:
    bodies = [changed("wavix-call", {"tag": str(n), "to": f"+4479111{n:05}"}) for n in range(20_000, 23_000)]
    found = await screened_list(client, "wavix-call", bodies)
    assert [each["request"]["tag"] for each in found] == [each["tag"] for each in bodies]
    assert [each["numbers"]["to"]["phone_number"] for each in found] == [each["to"] for each in bodies]


async def test_a_packed_list(client: aiohttp.ClientSession) -> None:
    headers = NDJSON | {"Content-Encoding": "gzip"}
    async with client.post(CALL, data=gzip.compress(GOOD_CALL + b"\n"), headers=headers) as response:
        assert orjson.loads(await response.read())["allowed"]


@pytest.mark.parametrize(
    ("encoding", "body", "status", "code"),
    [
        ("gzip", b"no gzip", 400, "invalid_body_encoding"),
        ("br", GOOD_CALL, 415, "unsupported_encoding"),
        ("gzip", gzip.compress(GOOD_CALL)[:-9], 400, "invalid_body_encoding"),
        ("gzip", gzip.compress(bytes(40 * 2**20)), 413, "body_too_large"),
    ],
)
async def test_a_list_that_is_packed_badly(
    client: aiohttp.ClientSession, encoding: str, body: bytes, status: int, code: str
) -> None:
    headers = NDJSON | {"Content-Encoding": encoding}
    async with client.post(CALL, data=io.BytesIO(body), headers=headers) as response:
        said = await response.json()
    assert (response.status, said["code"], said["success"], said["error"]) == (status, code, False, True)


async def test_hostile_requests_are_answered_soon_enough(
    client: aiohttp.ClientSession, service: Service
) -> None:
    many = {f"key{'x' * (n % 30)}{n}": "y" for n in range(3_000)}
    lines = [
        orjson.dumps(many),
        orjson.dumps(dict.fromkeys(map(str, range(6_000)))),
        orjson.dumps({"callback_url": "http://" + "a." * 20_000}),
        orjson.dumps({"to": "+" + "1" * 60_000}),
        orjson.dumps({"from": "sip:" + "a" * 245, "To": "sip:" + "%41" * 80}),
    ]
    async with client.post(CALL, data=io.BytesIO(b"\n".join(lines * 20)), headers=NDJSON) as response:
        found = [orjson.loads(line) for line in (await response.read()).splitlines()]
    assert len(found) == 100
    assert not any(each["allowed"] for each in found)
    assert max(len(each["findings"]) for each in found) <= 50
    form = urlencode([("StatusCallbackEvent", "x")] * 150).encode()
    status, said = await refused(client, SIGNALWIRE, form, FORM)
    assert (status, said["allowed"]) == (200, False)
    assert service.process.poll() is None
