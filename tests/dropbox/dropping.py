"""Dropping files into a folder, and taking the answers out, as its users do."""

import asyncio
import csv
import io
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import redis

from tests.store import Store
from tests.waiting import PATIENCE_S

Json = dict[str, Any]


class DropFolder:
    """A drop folder as its users see it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inbox, self.outbox = root / "inbox", root / "outbox"
        self.done, self.failed = root / "done", root / "failed"
        for path in (self.inbox, self.outbox, self.done, self.failed):
            path.mkdir(parents=True, exist_ok=True)

    def drop(self, name: str, data: bytes | str) -> None:
        """Put a file in as a whole."""
        partial = self.inbox / f".{secrets.token_hex(8)}"
        partial.write_bytes(data.encode() if isinstance(data, str) else data)
        partial.replace(self.inbox / name)

    async def report(self, name: str, within_s: float = PATIENCE_S) -> Json:
        """Wait until the file is answered and has left the inbox; its report."""
        path = self.outbox / f"{name}.report.json"
        await self.until(lambda: path.exists() and not (self.inbox / name).exists(), within_s)
        report: Json = orjson.loads(path.read_bytes())
        return report

    async def error(self, name: str, within_s: float = PATIENCE_S) -> str:
        """Wait until the file has failed and has left the inbox; the text beside it."""
        path = self.failed / f"{name}.error.txt"
        await self.until(lambda: path.exists() and not os.path.lexists(self.inbox / name), within_s)
        return path.read_text()

    async def until(self, condition: Callable[[], object], within_s: float = PATIENCE_S) -> None:
        """Wait until a condition holds."""
        deadline_s = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline_s, self.listing()
            await asyncio.sleep(0.02)

    def rows(self, name: str, encoding: str = "utf-8") -> list[dict[str, str]]:
        """The results in CSV."""
        is_tsv = name.endswith(".tsv")
        ending, delimiter = ("tsv", "\t") if is_tsv else ("csv", ",")
        text = (self.outbox / f"{name}.results.{ending}").read_bytes().decode(encoding)
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))

    def progress(self, name: str) -> Json:
        """What is told of a file that is worked; nothing when nothing is."""
        try:
            progress: Json = orjson.loads((self.outbox / f"{name}.progress.json").read_bytes())
        except FileNotFoundError:
            return {}
        return progress

    def listing(self) -> str:
        """Every file, for the message of a test that fails."""
        return "\n".join(str(path.relative_to(self.root)) for path in sorted(self.root.rglob("*")))


def contacts(*numbers: str) -> str:
    """A CSV file of people."""
    return "name,phone\n" + "".join(f"Ann {at},{number}\n" for at, number in enumerate(numbers))


def free_drop_claims(store: Store) -> None:
    """What is left of a dead process's claims ends after 15 s; a test need not wait for it."""
    with redis.Redis.from_url(store.url) as client:
        for key in client.scan_iter("vs:drop:*:claim:*"):
            client.pexpire(key, 300)
