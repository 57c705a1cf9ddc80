"""200 files at once, copied slowly, to two watchers one of which is killed; a reader sees no half answer."""

import asyncio
import csv
import gzip
import hashlib
import io
import random
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import orjson
import redis
from backports import zstd
from python_calamine import CalamineWorkbook

from tests.batches.processes import Processes, Worker
from tests.batches.test_bad_files import row, workbook
from tests.batches.test_crash import as_text
from tests.dropbox.dropping import DropFolder, contacts
from tests.lookup.paid import numbers
from tests.store import Store

FILES = 200
SIZES = (1, 2, 10, 100, 100, 1_000, 1_000, 3_000, 10_000)


def as_tsv(texts: list[str]) -> bytes:
    return ("who\tphone\n" + "".join(f"Ann\t{text}\n" for text in texts)).encode()


def as_ndjson(texts: list[str]) -> bytes:
    return b"".join(orjson.dumps({"phone_number": text, "who": "Ann"}) + b"\n" for text in texts)


def as_workbook(texts: list[str]) -> bytes:
    return workbook(row("who", "phone") + "".join(row("Ann", text) for text in texts))


FORMATS: dict[str, Callable[[list[str]], bytes]] = {
    "csv": lambda texts: contacts(*texts).encode(),
    "tsv": as_tsv,
    "txt": as_text,
    "ndjson": as_ndjson,
    "json": orjson.dumps,
    "xlsx": as_workbook,
    "csv.gz": lambda texts: gzip.compress(contacts(*texts).encode()),
    "txt.zst": lambda texts: zstd.compress(as_text(texts)),
}


# What the name of the results ends in; in all other cases `csv`.
RESULTS = {".tsv": "tsv", ".xlsx": "xlsx"}


def results_of(name: str) -> str:
    """The name of the results of a file."""
    return f"{name}.results.{RESULTS.get(Path(name).suffix, 'csv')}"


class Reader:
    """Reads every file that it ever sees in the outbox, from its own thread, and checks that it is whole."""

    def __init__(self, outbox: Path, expected: dict[str, list[str]]) -> None:
        self.outbox = outbox
        self.expected = expected
        self.digests: dict[str, set[str]] = defaultdict(set)
        """Of the contents that each file of results had."""
        self.faults: list[str] = []
        self.reads = 0
        self._known: dict[str, tuple[int, int]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def stop(self) -> None:
        """Read all once more, and end."""
        self._stop.set()
        self._thread.join()
        self._read_once()

    def _read(self) -> None:
        while not self._stop.wait(0.01):
            self._read_once()

    def _read_once(self) -> None:
        for path in self.outbox.iterdir():
            # As a shell's `*` does, and every program that looks for results.
            if path.name.startswith("."):
                continue
            try:
                status = path.stat()
                if self._known.get(path.name) == (status.st_ino, status.st_mtime_ns):
                    continue
                data = path.read_bytes()
            except FileNotFoundError:
                continue
            self._known[path.name] = (status.st_ino, status.st_mtime_ns)
            self.reads += 1
            if not self._is_whole(path.name, data):
                self.faults.append(f"{path.name}: {data[-200:]!r}")

    def _is_whole(self, name: str, data: bytes) -> bool:
        if name.endswith(".json"):
            return isinstance(orjson.loads(data), dict)
        if name.endswith(".html"):
            return data.endswith(b"</html>\n")
        self.digests[name].add(hashlib.sha256(data).hexdigest())
        if name.endswith(".ndjson"):
            source = name.removesuffix(".results.ndjson")
            answered = [orjson.loads(line)["phone_number"] for line in data.splitlines()]
        elif name.endswith(".xlsx"):
            source = name.removesuffix(".results.xlsx")
            head, *sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
            answered = [str(each[head.index("phone_number")]) for each in sheet]
        else:
            source = name.removesuffix(".results.csv").removesuffix(".results.tsv")
            delimiter = "\t" if ".tsv" in name else ","
            rows = csv.DictReader(io.StringIO(data.decode(), newline=""), delimiter=delimiter)
            field = (
                "validation_phone_number" if "validation_phone_number" in (rows.fieldnames or ()) else None
            )
            answered = [each[field or "phone_number"] for each in rows]
        return answered == self.expected[source]


async def copied(path: Path, data: bytes, chance: random.Random) -> None:
    """Copy as slow programs do: some write in place, with pauses, others rename at the end."""
    in_place = chance.random() < 0.7
    target = path if in_place else path.with_name(f"{path.name}.part")
    with target.open("wb") as file:
        size = max(1, len(data) // chance.randint(1, 8) + 1)
        for start in range(0, len(data), size):
            file.write(data[start : start + size])
            file.flush()
            await asyncio.sleep(chance.random() * 1.5)
    if not in_place:
        target.rename(path)


async def test_two_hundred_files_are_answered_once_each(
    group: Processes, folder: DropFolder, store: Store
) -> None:
    chance = random.Random(6)
    expected: dict[str, list[str]] = {}
    contents: dict[str, bytes] = {}
    for at in range(FILES):
        texts = numbers(chance.choice(SIZES), start=at * 20_000)
        ending, made = list(FORMATS.items())[at % len(FORMATS)]
        options = chance.choice(("", ".format", ".analysis.ID"))
        name = f"file {at}{options}.{ending}"
        expected[name], contents[name] = texts, made(texts)
    total_rows = sum(map(len, expected.values()))
    watchers = [group.watch(folder.root) for _ in range(2)]
    reader = Reader(folder.outbox, expected)
    began_s = time.monotonic()
    try:
        await asyncio.gather(
            *(copied(folder.inbox / name, data, chance) for name, data in contents.items()),
            killed_half_way(folder, watchers[0]),
        )
        await folder.until(lambda: not list(folder.inbox.iterdir()), within_s=300)
    finally:
        reader.stop()
    left = in_hand(watchers[0])
    assert left > 0
    took_s = time.monotonic() - began_s
    print(f"{FILES} files, {total_rows} rows in {took_s:.1f} s, {reader.reads} reads, {left} taken over")
    assert not reader.faults
    assert {path.name for path in folder.done.iterdir()} == expected.keys()
    assert not list(folder.failed.iterdir())
    assert {path.name for path in folder.outbox.iterdir()} == {
        each for name in expected for each in (results_of(name), f"{name}.report.html", f"{name}.report.json")
    }
    # What was written a second time, after the kill, is the same.
    assert {len(digests) for digests in reader.digests.values()} == {1}
    reports = [orjson.loads(path.read_bytes()) for path in folder.outbox.glob("*.report.json")]
    assert len({report["request_uuid"] for report in reports}) == FILES
    assert {report["reused_from"] for report in reports} == {None}
    assert sum(report["count"] for report in reports) == total_rows
    with redis.Redis.from_url(store.url) as client:
        assert client.zcard("vs:batches") == FILES
        # Of a file that was moved just before the kill the record is left, which does no harm and expires.
        await folder.until(lambda: len(list(client.scan_iter("vs:drop:*:file:*"))) <= left)
        await folder.until(lambda: not list(client.scan_iter("vs:drop:*:claim:*")))


async def killed_half_way(folder: DropFolder, watcher: Worker) -> None:
    """End a watcher that is at work when half of the files are answered."""

    def is_half_way() -> bool:
        return len(list(folder.outbox.glob("*.report.json"))) >= FILES // 2 and in_hand(watcher) > 1

    await folder.until(is_half_way, within_s=300)
    await asyncio.to_thread(watcher.stop, signal.SIGKILL)


def in_hand(watcher: Worker) -> int:
    """How many files a watcher has taken and not answered."""
    told = Counter(orjson.loads(line)["event"] for line in watcher.log)
    return told["file_taken"] - told["file_answered"]
