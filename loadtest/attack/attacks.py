"""Attacks on lists and files: a function a family returns what was answered, or raises AssertionError."""

import asyncio
import gzip
import io
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

import aiohttp

from tests.formats.hostile import Hostile
from tests.http.raw import asked, head
from tests.service import Service
from tests.waiting import wait_until

MIB = 1024 * 1024
NUMBER = "+6281234567000"
RUNS = ("+1212555" + "3" * 30 + " " * 76 + "," * 76 + "-" * 76)[:248]
TEXTS = [RUNS + end for end in ("t", "9", "K", "x1", "")] * 50
PACKED = {"Content-Encoding": "gzip"}
ENDS = ("Content-Length: 2", "Connection: close")
CHARSETS = ("zlib", "bz2", "idna", "punycode", "utf-16", "utf-7", "hex", "rot13", "unicode_escape")

Attack = Callable[[aiohttp.ClientSession, Service, Path], Awaitable[str]]


async def send(
    client: aiohttp.ClientSession,
    path: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
) -> int:
    """The status of one request whose answer is read and forgotten; 0 where it broke off."""
    try:
        async with client.request(method, path, data=io.BytesIO(body), headers=headers) as response:
            async for _ in response.content.iter_any():
                pass
            return response.status
    except aiohttp.ClientError:
        return 0


def told(statuses: Iterable[int]) -> str:
    """Statuses with their counts; none may be a fault of the service."""
    counts = Counter(statuses)
    assert not any(status in (500, 502, 504) for status in counts), counts
    return ", ".join(f"{status or 'broken off'} x {count}" for status, count in sorted(counts.items()))


async def texts(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Texts that regular expressions go to and fro in, on every way in."""
    lines = "\n".join(TEXTS).encode()
    listed = b'{"type":"format","phone_numbers":["' + b'","'.join(lines.split(b"\n")) + b'"]}'
    plain = {"Content-Type": "text/plain"}
    return told(
        [
            await send(client, "/v1/stream?type=analysis", gzip.compress(lines), PACKED | plain),
            await send(client, "/v1/validation", listed, {"Content-Type": "application/json"}),
            await send(client, "/v1/batches?type=format&country=US", lines, plain),
            await send(client, "/v1/estimate?type=format", lines, plain),
        ]
    )


def files(hostile: Iterable[Hostile]) -> Attack:
    """Files that become far more than they are, as batches and as estimates."""

    async def attack(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
        return told(
            [
                await send(client, f"/v1/{way}?type=format&name={each.name}", each.data)
                for each in hostile
                for way in ("batches", "estimate")
            ]
        )

    return attack


async def heads(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """HEAD, after which a body would be taken for the next answer."""
    request = head("HEAD", "/v1/batches") + head("GET", "/healthz", "Connection: close")
    answer = (await asyncio.to_thread(asked, service, request)).partition(b"\r\n\r\n")[2]
    assert answer.startswith(b"HTTP/1.1 200 OK"), answer[:40]
    return "no body"


async def bombs(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Compressed bodies that expand a thousand times."""
    line, brackets = b"x" * 63 + b"\n", b'{"phone_numbers":[' + b"[]," * (11 * MIB)
    as_json = PACKED | {"Content-Type": "application/json"}
    return told(
        [
            await send(client, "/v1/stream", gzip.compress(line * (4 * MIB)), PACKED),
            await send(client, "/v1/validation", gzip.compress(brackets), as_json),
            await send(client, "/v1/validation", brackets[: 4 * MIB], {"Content-Type": "application/json"}),
        ]
    )


async def pages(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Ten clients that each ask for a hundred thousand items at once."""
    numbers = "".join(f"+62812{n:07}\n" for n in range(100_000)).encode()
    async with client.post("/v1/batches?type=validation", data=io.BytesIO(numbers)) as response:
        batch_id = (await response.json())["request_uuid"]
    await send(client, f"/v1/batches/{batch_id}/results", b"", method="GET")
    path = f"/v1/validation/{batch_id}?limit=100000"
    return told(await asyncio.gather(*(send(client, path, b"", method="GET") for _ in range(10))))


async def silence(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Uploads that go silent, heads that do not end, downloads that nobody reads; then a good request."""
    rows = f"{NUMBER}\n".encode() * 100_000
    half = [
        *[head("POST", "/v1/batches?type=format", "Content-Type: text/csv", "Content-Length: 9999999")] * 32,
        *[b"GET / HTTP/1.1\r\nA: " + b"a" * 8_000] * 100,
        *[head("POST", "/v1/stream", "Content-Type: text/plain", f"Content-Length: {len(rows)}") + rows] * 50,
    ]
    with ExitStack() as stack:
        for request in half:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", service.port)))
            connection.setblocking(False)
            try:
                connection.send(request)
            except BlockingIOError:
                continue
        good = 0

        async def is_free() -> bool:
            nonlocal good
            good = await send(client, "/v1/estimate?type=format", NUMBER.encode())
            return good == 200

        for _ in range(60):
            if await is_free():
                break
            await asyncio.sleep(1)
    assert good == 200, good
    return "an estimate beside them: 200"


async def sidecar(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Blank lines and one bad key, for the pattern that finds the key's line."""
    (drop / "inbox" / "a.csv.toml").write_bytes(b"\n" * 20_000 + b"nonsense = 1\n")
    (drop / "inbox" / "a.csv").write_text(NUMBER)
    error = drop / "failed" / "a.csv.error.txt"
    await wait_until(error.exists)
    return " ".join(error.read_text().split())[:60]


async def open_quote(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """A quote that nobody closes, in packets."""

    async def body() -> AsyncIterator[bytes]:
        yield b'note,phone\nx,+6281234567000\n"'
        for _ in range(1_200):
            yield b"x\n" * 700

    try:
        headers = {"Content-Type": "text/csv"}
        async with client.post("/v1/stream?type=format", data=body(), headers=headers) as response:
            return told([response.status, 0 if not await response.read() else response.status])
    except aiohttp.ClientError:
        return told([0])


async def pages_of_others(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """What a page of another origin would have a browser send."""
    foreign = [
        {"Origin": "https://elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "elsewhere.example"},
    ]
    statuses = [await send(client, "/v1/stream?type=format", b"62", each) for each in foreign]
    assert set(statuses) == {403}, statuses
    return told(statuses)


async def encodings(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Charsets that are none, and forms that are none."""
    bodies = [b"62", b"+2AA-", b"\xff\xfe\x00\xd8"]
    statuses = [
        await send(client, f"/v1/{way}?type=format", body, {"Content-Type": f"text/plain; charset={charset}"})
        for charset in CHARSETS
        for way in ("stream", "batches")
        for body in bodies
    ]
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    for part in [b"nonsense", b"A: " + b"a" * 100_000, b"Content-Type: multipart/mixed; boundary=x"] * 20:
        statuses.append(await send(client, "/v1/batches?type=format", b"--x\r\n" + part + b"\r\n\r\n", form))
    deep = b"--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" * 1_500
    statuses.append(await send(client, "/v1/batches?type=format", deep, form))
    return told(statuses)


async def odd_heads(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Heads that no client library sends: hosts that are no names, expectations, hundreds of parameters."""
    many = "; ".join(f"charset=x{number}" for number in range(500))
    odd = [
        b"GET http://xn--a/healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        head("POST", "/v1/stream", *ENDS)[:-2] + b"Expect: \xff\r\n\r\n62",
        *(
            head("POST", f"/v1/{way}?type=format", f"Content-Type: text/plain; {many}", *ENDS) + b"62"
            for way in ("stream", "batches", "estimate")
        ),
    ]
    statuses = [int((await asyncio.to_thread(asked, service, each)).split(b" ")[1]) for each in odd]
    for host in ("xn--a", "xn--", "xn--a.example", "a" * 64 + ".example", "[::1", "%00", "1e309", "0x7f.1"):
        path = f"/v1/batches?type=format&webhook_url=http://{host}/"
        statuses.append(await send(client, path, b"62", {"Content-Type": "text/plain"}))
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    for name in ("utf-7''+2AA-", "utf-16''%00%d8", "zlib''a", "''%ff%fe", "x''a", "utf-8"):
        part = f"Content-Disposition: form-data; name=file; filename*={name}\r\n\r\n62\r\n--x--\r\n"
        statuses.append(await send(client, "/v1/batches?type=format", f"--x\r\n{part}".encode(), form))
    return told(statuses)


async def followers(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Two hundred that follow a batch, and go."""
    rows = io.BytesIO(f"{NUMBER}\n".encode() * 60_000)
    async with client.post("/v1/batches?type=format", data=rows) as response:
        batch_id = (await response.json())["request_uuid"]
    with ExitStack() as stack:
        for _ in range(100):
            for what in ("events", "results"):
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", service.port)))
                connection.sendall(head("GET", f"/v1/batches/{batch_id}/{what}"))
    statuses = [0]
    while statuses[-1] != 200:
        statuses.append(await send(client, f"/v1/batches/{batch_id}/results", b"", method="GET"))
        assert statuses[-1] in (200, 429), statuses
    return "a download after them: 200"


async def one_key(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """Eight uploads at once under one Idempotency-Key, ten times."""

    async def upload(key: str) -> str:
        headers = {"Idempotency-Key": key}
        async with client.post("/v1/batches?type=format", data=NUMBER.encode(), headers=headers) as response:
            return str((await response.json()).get("request_uuid"))

    for number in range(10):
        ids = set(await asyncio.gather(*(upload(f"key {number}") for _ in range(8)))) - {"None"}
        assert len(ids) == 1, ids
    return "one batch each"


async def countries(client: aiohttp.ClientSession, service: Service, drop: Path) -> str:
    """A million different countries."""
    rows = "phone,country\n" + "".join(f"62812345,land {n:07}\n" for n in range(1_000_000))
    return told([await send(client, "/v1/estimate?type=format&country=column:country", rows.encode())])
