"""Sends requests that hypothesis makes, many at a time, and holds each answer against the document.

`python -m tests.fuzz.sender URL --requests 50000 --seconds 500 --keys on`. Ids that answers made are used in
the paths of later requests, as the document's links have it. Prints how many of each status came, and what
was wrong; the exit status is 1 then.
"""

import argparse
import asyncio
import json
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import aiohttp
from hypothesis import HealthCheck, Phase, given, seed, settings
from yarl import URL

from tests.access.keyed import bearer
from tests.documented import DOCUMENT, check
from tests.fuzz.made import OPERATIONS, Kit, Made, kits, requests_of

AT_ONCE = 16
ROUNDS = 5
ANSWER_S = 120
# A piece of a path that has them is of no route to aiohttp.
BRACES = re.compile(r"[{}]")
MOST_FAILURES = 20
# What is made in the path of which parameter, and where its answer has the id.
MADE_IDS = {
    name: expression.rpartition("/")[2]
    for methods in DOCUMENT["paths"].values()
    for operation in methods.values()
    for response in operation["responses"].values()
    for link in response.get("links", {}).values()
    for name, expression in link["parameters"].items()
}


def quoted(text: str) -> str:
    """Text as it stands in a URL."""
    return quote(text, "", errors="replace")


class Sender:
    """Sends to one service, and remembers what came of it."""

    def __init__(self, url: str, keys: dict[str, dict[str, str]]) -> None:
        """`keys`: the headers of those who may send, by their names."""
        self.url = url
        self.keys = keys
        self.statuses: Counter[int] = Counter()
        self.routes: Counter[str] = Counter()
        self.with_ids = 0
        self.failures: list[str] = []
        self._ids: dict[str, deque[str]] = {name: deque(maxlen=200) for name in MADE_IDS}

    async def send_all(self, requests: Iterator[Made], ends_s: float) -> None:
        """Send requests, some side by side, until the time is over."""

        async def send_some(client: aiohttp.ClientSession) -> None:
            for made in requests:
                if time.monotonic() > ends_s:
                    return
                await self.send(client, made)

        timeout = aiohttp.ClientTimeout(total=ANSWER_S)
        async with aiohttp.ClientSession(auto_decompress=False, timeout=timeout) as client:
            await asyncio.gather(*(send_some(client) for _ in range(AT_ONCE)))

    async def send(self, client: aiohttp.ClientSession, made: Made) -> None:
        """Send a request; what is wrong with its answer is noted."""
        path = self._path(made)
        query = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in made.query)
        url = URL(f"{self.url}{path}?{query}", encoded=True)
        headers = made.headers | self.keys[made.who]
        try:
            async with client.request(
                made.method, url, headers=headers, data=made.body, allow_redirects=False
            ) as response:
                body = await response.read()
            self._take(made, response, body)
        except (AssertionError, aiohttp.ClientError, TimeoutError, ValueError) as error:
            if len(self.failures) < MOST_FAILURES:
                self.failures.append(f"{made}\n  {type(error).__name__}: {str(error)[:500]}")

    def _path(self, made: Made) -> str:
        path = made.template
        for name, value in made.path.items():
            if isinstance(value, int):
                ids = self._ids.get(name, ())
                self.with_ids += bool(ids)
                value = ids[value % len(ids)] if ids else "nothing"
            path = path.replace(f"{{{name}}}", quoted(BRACES.sub("", str(value))) or "-")
        return path

    def _take(self, made: Made, response: aiohttp.ClientResponse, body: bytes) -> None:
        self.statuses[response.status] += 1
        self.routes[f"{made.method} {made.template}"] += 1
        assert response.status < 500, body[:300]
        packed = "Content-Encoding" in response.headers
        known = None if packed else body
        check(made.method, response.url.raw_path, response.status, response.content_type, known)
        if response.status == 201:
            answer: dict[str, Any] = json.loads(body)
            for name, field in MADE_IDS.items():
                if field in answer:
                    self._ids[name].append(answer[field])

    def tell(self) -> None:
        """Print what came of it."""
        counts = ", ".join(f"{status}: {count:,}" for status, count in sorted(self.statuses.items()))
        print(
            f"{sum(self.statuses.values()):,} requests to {len(self.routes)} routes ({counts}); "
            f"{self.with_ids:,} went on with what earlier ones made"
        )
        for failure in self.failures:
            print(failure)


async def callers(url: str, admin_key: str, asks: bool) -> dict[str, dict[str, str]]:
    """The headers of each kind of caller; all send the administrator's where no keys are asked for."""
    who: dict[str, dict[str, str]] = {
        "nobody": {},
        "admin": bearer(admin_key),
        "wrong": bearer("vs_000000000000_nobody"),
    }
    if not asks:
        return dict.fromkeys(("nobody", "admin", "wrong", "holder", "limited"), bearer(admin_key))
    limits: dict[str, dict[str, object]] = {
        "holder": {},
        "limited": {"requests_per_second": 20, "numbers_per_day": 500, "allowed_types": ["format"]},
    }
    async with aiohttp.ClientSession(url, headers=bearer(admin_key)) as admin:
        for name, fields in limits.items():
            async with admin.post("/v1/keys", json={"name": name} | fields) as response:
                who[name] = bearer((await response.json())["key"])
    return who


def sent(url: str, keys: dict[str, dict[str, str]], requests: int, seconds: float, first: int) -> Sender:
    """Send so many requests, or fewer when the time is over; `first` tells which are made."""
    sender, ends_s = Sender(url, keys), time.monotonic() + seconds

    with asyncio.Runner() as runner:

        @seed(first)
        @settings(
            max_examples=max(1, -(-requests // (ROUNDS * len(OPERATIONS)))),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(kits())
        def send_requests(kit: Kit) -> None:
            runner.run(sender.send_all(requests_of(kit, ROUNDS), ends_s))

        send_requests()
    return sender


def main() -> None:
    """Send, and tell; the exit status is 1 when something was wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keys", choices=("on", "off"), default="on")
    parser.add_argument("--admin-key", required=True)
    given_ = parser.parse_args()
    keys = asyncio.run(callers(given_.url, given_.admin_key, given_.keys == "on"))
    sender = sent(given_.url, keys, given_.requests, given_.seconds, given_.seed)
    sender.tell()
    sys.exit(bool(sender.failures))


if __name__ == "__main__":
    main()
