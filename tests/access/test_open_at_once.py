"""What one key, and one address, may have open at the same time; and what nobody waits for any more ends."""

import asyncio
import contextlib
import itertools
import select
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
import redis

from tests.access.keyed import ADMIN, Json, as_holder, bearer, new_key
from tests.batches.asking import posted, reached
from tests.batches.processes import Processes, processes
from tests.http.raw import connected, head
from tests.service import Service
from tests.store import Store
from tests.waiting import wait_until

MOST = {f"VALIDATOR_CALLER_{kind}": "2" for kind in ("UPLOADS", "STREAMS", "FOLLOWERS", "DOWNLOADS")}
HERE, THERE, ELSEWHERE = "2001:db8:1:1::1", "2001:db8:1:1::2", "192.0.2.7"
"""The first two are of one network."""


class Lists(NamedTuple):
    """A service with a list that has ended and one that waits, and two keys besides its owner's."""

    service: Service
    ended: str
    waiting: str
    first: Json
    second: Json


@pytest.fixture(scope="module")
def lists(
    tmp_path_factory: pytest.TempPathFactory, store: Store, settings: dict[str, str]
) -> Iterator[Lists]:
    folder: Path = tmp_path_factory.mktemp("open at once")
    more = settings | MOST | {"VALIDATOR_TRUSTED_PROXIES": "127.0.0.0/8", "VALIDATOR_BATCH_CONCURRENCY": "0"}
    with processes(folder / "data", **more) as group:
        service = group.serve()
        yield asyncio.run(made(group, service))


async def made(group: Processes, service: Service) -> Lists:
    """The list that has ended has results too long for any buffer."""
    async with as_holder(service, ADMIN) as client:
        ended = await posted(client, b"+6281234567000\n" * 65_000)
        worker = group.worker(VALIDATOR_BATCH_CONCURRENCY="4")
        await reached(client, ended, "success")
        worker.stop()
        waiting = await posted(client, b"+6281234567000\n")
    return Lists(service, ended, waiting, await new_key(service), await new_key(service))


def asking(lists: Lists, kind: str) -> tuple[list[tuple[str, str, str]], tuple[str, str]]:
    """Requests of a kind that stay open (method, path, a header), and one that is answered at once."""
    body = "Content-Type: text/csv\r\nContent-Length: 1000000"
    ended, waiting = f"/v1/batches/{lists.ended}", f"/v1/batches/{lists.waiting}"
    return {
        "uploads": (
            [("POST", "/v1/batches?type=format", body), ("POST", "/v1/estimate?type=format", body)],
            ("POST", "/v1/estimate?type=format"),
        ),
        "streams": (
            [
                ("POST", "/v1/stream?type=format", body),
                ("POST", "/v1/screen/wavix-call", body.replace("text/csv", "application/x-ndjson")),
            ],
            ("POST", "/v1/stream?type=format"),
        ),
        "followers": (
            [
                ("GET", f"{waiting}/results?format=ndjson", "A: b"),
                ("GET", f"/v1/validation/{lists.waiting}", "Accept: application/x-ndjson"),
            ],
            ("GET", f"{waiting}/events"),
        ),
        "events": ([("GET", f"{waiting}/events", "A: b")] * 2, ("GET", f"{waiting}/events")),
        "downloads": (
            [
                ("GET", f"{ended}/results?format=ndjson", "A: b"),
                ("GET", f"/v1/validation/{lists.ended}?limit=100000", "A: b"),
            ],
            ("GET", f"{ended}/results"),
        ),
    }[kind]


@contextlib.contextmanager
def held(service: Service, requests: Sequence[tuple[str, str, str]], *headers: str) -> Iterator[None]:
    """Requests that nobody reads on, in turn, as many as may be open, for as long as the block."""
    with contextlib.ExitStack() as stack:
        opened: list[socket.socket] = []
        for method, path, header in itertools.cycle(requests):
            connection = stack.enter_context(connected(service))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            connection.sendall(head(method, path, header, *headers))
            opened.append(connection)
            if any(is_refused(each) for each in opened):
                break
        yield


def is_refused(connection: socket.socket) -> bool:
    """Whether a request is answered with 429 by now, or soon; who is not refused may hear nothing."""
    ready, _, _ = select.select([connection], [], [], 0.1)
    return bool(ready) and connection.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 429"


async def status_of(service: Service, request: tuple[str, str], caller: dict[str, str]) -> int:
    """What a request is answered with; the rest is not waited for."""
    method, path = request
    body = b"62" if method == "POST" else None
    async with (
        aiohttp.ClientSession(service.url, headers=caller) as client,
        client.request(method, path, data=body) as response,
    ):
        if response.status == 429:
            assert (await response.json())["code"].startswith("too_many_")
            assert int(response.headers["Retry-After"]) > 0
        return response.status


@pytest.mark.parametrize("kind", ["uploads", "streams", "followers", "events", "downloads"])
async def test_a_key_and_an_address_have_so_many(lists: Lists, kind: str) -> None:
    service = lists.service
    requests, probe = asking(lists, kind)
    # The lists are the administrator's, who has no key to be counted for.
    keys = kind in ("uploads", "streams")
    one, other = (lists.first["key"], lists.second["key"]) if keys else (ADMIN, ADMIN)

    async def become(key: str, address: str, status: int) -> None:
        caller = bearer(key) | {"X-Forwarded-For": address}
        for _ in range(100):
            if await status_of(service, probe, caller) == status:
                return
        raise AssertionError(f"{key} from {address} does not become {status}")

    with held(service, requests, f"Authorization: Bearer {one}", f"X-Forwarded-For: {HERE}"):
        await become(one, HERE, 429)
        await become(other, THERE, 429)
        await become(other, ELSEWHERE, 200)
        await become(one, ELSEWHERE, 429 if keys else 200)
    await become(one, HERE, 200)
    await become(other, THERE, 200)


async def test_what_follows_a_batch_ends_with_its_caller(lists: Lists, store: Store) -> None:
    service = lists.service
    requests, probe = asking(lists, "followers")
    caller = bearer(ADMIN) | {"X-Forwarded-For": HERE}
    client: Any = redis.Redis(unix_socket_path=str(store.socket))
    with contextlib.closing(client), client.monitor() as monitor:
        with held(service, requests, f"Authorization: Bearer {ADMIN}", f"X-Forwarded-For: {HERE}"):
            asked = 0
            while asked < 4:
                asked += f"{{{lists.waiting}}}:done" in str(monitor.next_command()["command"])
        # Their places are free once they have ended, while the batch still waits.
        while await status_of(service, probe, caller) == 429:
            pass
        client.set("they have ended", "1")
        # In that time they would have asked five times each.
        client.blpop("nothing", timeout=1)
        client.set("and do not ask", "1")
        commands = [""]
        while "and do not ask" not in commands[-1]:
            commands.append(str(monitor.next_command()["command"]))
    ended_at = next(at for at, command in enumerate(commands) if "they have ended" in command)
    assert not [command for command in commands[ended_at:] if f"{{{lists.waiting}}}:done" in command]


async def test_a_service_that_ends_has_nothing_open(lists: Lists) -> None:
    """To be the last: it ends the service."""
    requests, _ = asking(lists, "events")
    with held(lists.service, requests, f"Authorization: Bearer {ADMIN}"):
        pass
    assert lists.service.stop() == 0
    await wait_until(lambda: any(b'"stopping"' in line for line in lists.service.log))
