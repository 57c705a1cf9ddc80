"""Attacks on what is not a list of numbers: requests to telecom systems, lookups, pages, keys, usage."""

import asyncio
import gzip
import io
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import aiohttp
import orjson
import phonenumbers

from loadtest.attack.attacks import ENDS, MIB, NUMBER, PACKED, TEXTS, send, told
from loadtest.attack.hostile_system import answers_of, hostile_system
from tests.access.keyed import ADMIN
from tests.formats.hostile import FILES
from tests.http.raw import asked, connected, head
from tests.service import Service
from validator_svc.screening.registry import SYSTEMS

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
AS_ADMIN = {"Authorization": f"Bearer {ADMIN}"}
LINES = {"Content-Type": "application/x-ndjson"}
KIB = 1024
# What any parameter may be given in place of what it is.
ODD: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    1e300,
    "",
    " ",
    "\x00",
    TEXTS[0],
    "+" * 500,
    [],
    [[]] * 200,
    {},
    {"": {}},
    [None, 1, "x"],
)
DEEP = b"[" * 30_000
ID = "00000000-0000-0000-0000-000000000000"


def bodies_of(names: Iterable[str]) -> list[bytes]:
    """Bodies small enough to be read as one request to a system whose parameters have these names."""
    names = list(names)
    flat = dict.fromkeys((name.partition(".")[0] for name in names), NUMBER)
    return [
        b'{"to":' + DEEP,
        b'{"to":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"to":' + DEEP + b"]" * 30_000 + b"}",
        orjson.dumps({f"k{n}": n for n in range(5_000)}),
        b"{" + b",".join([b'"to":1'] * 9_000) + b"}",
        orjson.dumps(flat | {"to": [TEXTS[0]] * 200, "contacts": [NUMBER] * 4_000}),
        b'{"to":"' + b"\\u0031" * 10_000 + b'"}',
        b"&".join([b"To=%2B6281234567000"] * 3_000),
        *(orjson.dumps(dict.fromkeys(flat, odd)) for odd in ODD if odd != 10**30),
        orjson.dumps(flat)[:-1] + b',"timeout":' + b"9" * 5_000 + b"}",
    ]


async def screening(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Requests that are deep, wide or nothing that a system takes, one by one and in long lists of lines."""
    statuses = [
        await send(client, f"/v1/screen/{name}?errors=native", body, headers)
        for name, system in SYSTEMS.items()
        for body in bodies_of(system.parameters)
        for headers in ((JSON, FORM) if system.is_form else (JSON,))
    ]
    for lines in (b"{}\n" * 50_000, b"\n" * 200_000, b'{"to":' + DEEP + b"\n" + b"x" * (2 * MIB)):
        statuses.append(await send(client, "/v1/screen/wavix-call", gzip.compress(lines), PACKED | LINES))
    table = b"to,from,voice_campaign.contact\n" + b'1,2,"[[[["\n' * 20_000
    path = "/v1/batches?kind=screen&system=wavix-campaign"
    statuses.append(await send(client, path, table, {"Content-Type": "text/csv"}))
    return told(statuses)


async def screening_left(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Fifty that send long lists of requests, read nothing and go."""
    lines = b'{"from":"+13524815863","to":"+447911123456"}\n' * 20_000
    request = head(
        "POST", "/v1/screen/wavix-call", "Content-Type: application/x-ndjson", f"Content-Length: {len(lines)}"
    )
    with ExitStack() as stack:
        for _ in range(50):
            connection = stack.enter_context(connected(service))
            connection.sendall(request)
            connection.setblocking(False)
            await asyncio.to_thread(fill, connection, lines)
    return told([await send(client, "/v1/screen/wavix-call", b"{}", JSON)])


def fill(connection: object, content: bytes) -> None:
    """Send as much as the other side takes without waiting."""
    try:
        connection.send(content)  # type: ignore[attr-defined]
    except BlockingIOError:
        return


async def forwarding(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """A system that answers without end, slowly, or nonsense; callers who go before it does."""
    allowed = orjson.dumps(
        {"from": "+13524815863", "to": "+447911123456", "callback_url": "https://example.com/"}
    )
    path = "/v1/forward/wavix-call/v1/calls"
    async with hostile_system() as system:
        statuses = []
        for number, answer in enumerate(answers_of()):
            system.answer = answer
            body = allowed[:-1] + b',"tag":"%d"}' % number
            statuses.append(await send(client, path, body, JSON))
        assert set(statuses) <= {200, 302, 502, 503, 504, 999}, statuses
        system.answer = None
        request = (
            head("POST", path, "Content-Type: application/json", f"Content-Length: {len(allowed)}") + allowed
        )
        with ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(connected(service)).sendall(request)
            await asyncio.sleep(0.2)
    odd = [
        b"/v1/forward/wavix-call/%2e%2e/",
        b"/v1/forward/wavix-call/v1/calls/../../x",
        b"/v1/forward/nothing/" + b"a/" * 3_000,
    ]
    for each in odd:
        answer = await asyncio.to_thread(
            asked, service, head("POST", each.decode(), "Content-Type: application/json", *ENDS) + b"{}"
        )
        statuses.append(int(answer.split(b" ")[1]))
    return f"{len(statuses)} answers, of {sorted(set(statuses))}"


async def lookups_of_twilio(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Batches in every country at once, of what is no number, too long, too deep; odd paths."""
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    each = [{"phone_number": TEXTS[at % 5], "country_code": regions[at % len(regions)]} for at in range(500)]
    wide = [{"phone_number": "1", "fields": ["line_type_intelligence"] * 2_000} for _ in range(80)]
    lists: list[object] = [
        each,
        wide,
        [{"phone_number": "1"}] * 50_000,
        [[]] * 500,
        [{str(n): n for n in range(9_000)}],
    ]
    lists += [
        [{"phone_number": odd, "country_code": odd, "fields": odd, "correlation_id": odd}]
        for odd in ODD
        if odd != 10**30
    ]
    statuses = [
        await send(client, "/v2/batch/query", orjson.dumps({"phone_numbers": one}), JSON) for one in lists
    ]
    deep = b'{"phone_numbers":' + b"[" * (3 * MIB)
    statuses.append(await send(client, "/v2/batch/query", deep, JSON))
    statuses.append(await send(client, "/v2/batch/query", gzip.compress(deep), PACKED | JSON))
    for path in ("%2B" * 2_000, "%00", "%ED%A0%80", "..%2f..", "1" * 250, f"1?Fields={'caller_name,' * 500}"):
        statuses.append(await send(client, f"/v2/PhoneNumbers/{path}", b"", method="GET"))
    return told(statuses)


async def previews(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Files that become far more than they are, looked at before they are sent."""
    return told(
        [await send(client, f"/v1/preview?type=format&name={each.name}", each.data) for each in FILES]
    )


async def searches(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Twenty that look for what is nowhere in a list of long rows, and twenty who go."""
    row = '"' + 'a""' * 300 + '"'
    table = "phone,note\n" + "".join(f"+62812{n:07},{row}\n" for n in range(30_000))
    async with client.post("/v1/batches?type=validation", data=io.BytesIO(table.encode())) as response:
        batch_id = (await response.json())["request_uuid"]
    await send(client, f"/v1/batches/{batch_id}/results", b"", method="GET")
    texts = ('a"' * 120 + "b", "a" * 240, "é" * 120, "0" * 240, "\\" * 240, "a")
    paths = [f"/v1/batches/{batch_id}/rows?per_page=500&q={text}" for text in texts]
    paths += [f"/v1/batches/{batch_id}/rows?per_page=500&offset={offset}" for offset in (0, 29_000, 10**15)]
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connected(service)).sendall(head("GET", paths[0]))
    statuses = await asyncio.gather(
        *(send(client, path, b"", method="GET") for path in [*paths, *paths[:5]] * 2)
    )
    statuses.append(await send(client, f"/v1/batches/{batch_id}", b"", method="DELETE"))
    return told(statuses)


async def figures(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Overviews, usage and exports of it, twenty at once each, with odd moments and pages."""
    many = (
        "per_page=500",
        "from=0001-01-01&to=9999-12-31",
        "from=9999-12-31T23:59:59%2B14:00",
        "page=1000000000000",
    )
    paths = [f"/v1/usage?{query}" for query in (*many, "from=" + "9" * 4_000, "key=" + "0" * 12, "type=%00")]
    paths += ["/v1/overview", "/v1/batches?per_page=500&page=999999999999999"]
    accepted = (
        "application/json",
        "text/csv",
        "application/x-ndjson",
        ",".join(["a/b"] * 500),
        "*/*;q=" + "1" * 3_000,
    )
    requests = [send(client, path, b"", {"Accept": each}, "GET") for path in paths for each in accepted]
    statuses = list(await asyncio.gather(*requests * 1))
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connected(service)).sendall(head("GET", "/v1/usage", "Accept: text/csv"))
    return told(statuses)


async def keys(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Keys with a hundred thousand networks, policies without end, and names of a megabyte."""
    fields: list[object] = [
        {"name": "x" * MIB},
        {"name": "x", "allowed_networks": ["10.0.0.0/8"] * 100_000},
        {"name": "x", "allowed_networks": ["1" * 5_000, "::" * 500]},
        {"name": "x", "allowed_types": ["format"] * 100_000},
        {"name": "x", "policy": {"deny_prefixes": [f"+44{n}" for n in range(200_000)]}},
        {"name": "x", "policy": {"allow_countries": ["ID"] * 200_000}},
        {"name": "x", "policy": {"calling_hours": "9" * 500_000}},
        {"name": "x", "spend_per_day": "9" * 500_000},
        {"name": "x", "spend_per_day": 1e300},
        {"name": "x", "policy": {str(n): {} for n in range(100_000)}},
        *(
            {"name": odd, "policy": {"own_numbers": odd}, "allowed_networks": odd}
            for odd in ODD
            if odd != 10**30
        ),
    ]
    statuses = [await send(client, "/v1/keys", orjson.dumps(each), JSON | AS_ADMIN) for each in fields]
    for name in ("%00", "..", "x" * 5_000, ID):
        statuses.append(await send(client, f"/v1/keys/{name}", b'{"name":"y"}', JSON | AS_ADMIN, "PATCH"))
        statuses.append(await send(client, f"/v1/keys/{name}", b"", AS_ADMIN, "DELETE"))
    return told(statuses)


async def in_words(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Hostile texts whose records are told in words."""
    texts = [*TEXTS[:5], "+" * 240, "(" * 240, "é" * 120, "1" * 250]
    asked_for = [
        {"phone_number": text, "type": "validation", "explain": "true", "country": "US"} for text in texts
    ]
    statuses = []
    for params in asked_for * 10:
        async with client.get("/v1/validation", params=params) as response:
            statuses.append(response.status)
    return told(statuses)
