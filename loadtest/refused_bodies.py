"""Requests that are refused, a thousand of each kind: the memory of the service has to stay where it was.

    python -m loadtest.refused_bodies http://127.0.0.1:8080 PID [COUNT] [KIND...]

PID is the process whose memory is watched (Linux only).
"""

import asyncio
import gzip
import io
import random
import sys
import zlib
from collections.abc import Mapping
from typing import NamedTuple

import aiohttp

from tests.memory import resident_kb

JSON = {"Content-Type": "application/json"}
TEXT = {"Content-Type": "text/plain"}
CSV = {"Content-Type": "text/csv"}
GZIP = {"Content-Encoding": "gzip"}
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
MIB = 1024 * 1024
# What does not shrink.
NOISE = random.Random(1).randbytes(3 * MIB)

FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
ROWS = b"name,note\n" + b"Ann,x\n" * 200_000


class Refused(NamedTuple):
    """A request, and the status that it has to get."""

    status: int
    path: str
    headers: Mapping[str, str] = {}
    body: bytes = b""
    method: str = "POST"


KINDS: dict[str, Refused] = {
    "a bomb of JSON": Refused(413, "/v1/validation", JSON | GZIP, gzip.compress(bytes(40 * MIB))),
    "JSON that is none": Refused(400, "/v1/validation", JSON, b"[" * (3 * MIB)),
    "JSON that breaks off": Refused(400, "/v1/validation", JSON, b'{"type":"' + b"1" * (3 * MIB)),
    "JSON of another shape": Refused(400, "/v1/validation", JSON, b'["' + b"1" * (3 * MIB) + b'"]'),
    "a number that is too long": Refused(
        400, "/v1/validation", JSON, b'{"type":"format","phone_numbers":["' + b"1" * (3 * MIB) + b'"]}'
    ),
    "too many numbers": Refused(
        413, "/v1/validation", JSON, b'{"type":"format","phone_numbers":["1"' + b',"1"' * 100_000 + b"]}"
    ),
    "no gzip": Refused(400, "/v1/validation", JSON | GZIP, bytes(MIB)),
    "gzip cut short": Refused(400, "/v1/validation", JSON | GZIP, gzip.compress(NOISE)[:-9]),
    "deflate that breaks": Refused(
        400,
        "/v1/stream?type=format",
        TEXT | {"Content-Encoding": "deflate"},
        zlib.compress(bytes(MIB))[:-3] + b"x" * 99,
    ),
    "another media type": Refused(415, "/v1/stream?type=format", {"Content-Type": "image/png"}, bytes(MIB)),
    "a CSV without the column": Refused(422, "/v1/stream?type=format&column=tel", CSV, ROWS),
    "a cell that is never closed": Refused(
        422, "/v1/stream?type=format", CSV, b'name,phone\n"' + b"x\n" * (2 * MIB)
    ),
    "a file without the column": Refused(422, "/v1/batches?type=format&column=tel", CSV, ROWS),
    "an estimate without the column": Refused(422, "/v1/estimate?type=format&column=tel", CSV, ROWS),
    "an empty file": Refused(422, "/v1/batches?type=format", CSV),
    "a bomb of a file": Refused(422, "/v1/batches?type=format", TEXT, gzip.compress(bytes(40 * MIB))),
    "a form without a file": Refused(
        400,
        "/v1/batches?type=format",
        FORM,
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\na\r\n--x--\r\n',
    ),
    "a form with a bad field": Refused(400, "/v1/batches?type=deep", FORM, FILE + ROWS + b"\r\n--x--\r\n"),
    "a form that is none": Refused(400, "/v1/batches?type=format", FORM, b"1234\n" * 20_000),
    "an unknown batch": Refused(404, "/v1/batches/none", method="GET"),
    "an unknown route": Refused(404, "/none", TEXT, bytes(MIB)),
    "a bad query": Refused(400, "/v1/validation?phone_number=1&type=deep", method="GET"),
    "a method that is not taken": Refused(405, "/v1/batches", TEXT, bytes(MIB), method="PUT"),
}


async def refuse(client: aiohttp.ClientSession, kind: Refused, count: int) -> None:
    """Send so many requests of a kind, one after the other, each of which has to be refused."""
    for _ in range(count):
        async with client.request(
            kind.method, kind.path, data=io.BytesIO(kind.body), headers=kind.headers
        ) as response:
            assert response.status == kind.status, await response.text()


async def main(url: str, pid: int, count: int, names: list[str]) -> None:
    """Send all kinds, and print what each adds."""
    async with aiohttp.ClientSession(url) as client:
        for name in names or KINDS:
            await refuse(client, KINDS[name], 10)
            before_kb = resident_kb(pid)
            await refuse(client, KINDS[name], count)
            more_kb = resident_kb(pid) - before_kb
            print(f"{name}: {before_kb // 1024} MiB, {more_kb // 1024:+} after {count}", flush=True)


if __name__ == "__main__":
    url, pid, count, *names = [*sys.argv[1:3], *(sys.argv[3:] or ["1000"])]
    asyncio.run(main(url, int(pid), int(count), names))
