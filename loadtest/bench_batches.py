"""What a batch costs end to end, beside classifying the same numbers in one process, in plain Python.

`python -m loadtest.bench_batches --rows 1000000` writes a CSV file of six columns (names in UTF-8, quotes,
commas and line breaks in cells), starts a service on a store of its own, and for each format of results
uploads the file, waits for the end and downloads, with the time of each phase. Meanwhile it asks for the
health of the service, and at the end it compares every row and cell with those sent. All of it shares
this machine, the client too: only ratios within one run tell something.
"""

import argparse
import csv
import http.client
import itertools
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from loadtest.bench.corpus import numbers
from loadtest.beside import Beside
from tests.memory import children_of, highest_kb
from tests.service import Service, running
from tests.store import running_store
from validator_svc.gc_tuning import spare_what_is_loaded
from validator_svc.kernel.interface import Kind
from validator_svc.kernel.plan_store import current_plan
from validator_svc.kernel.python import PythonKernel

COLUMNS = ["id", "name", "phone", "email", "city", "note"]
NAMES = [
    "José Müller",
    "Siti Nurhaliza",
    "Łukasz Żółć",
    "山田太郎",
    "Ольга Иванова",
    "Anna Smith",
    "محمد علي",
    "Bob",
]
CITIES = ["Jakarta", "São Paulo", "München", "New York", "Hồ Chí Minh", "Lagos"]
NOTES = ["", "", "", "call back", "paid, twice", 'says "no"', "first line\nsecond line", "x" * 40]
FORMATS = ["ndjson", "csv"]
PIECE = 1_000
BLOCK_BYTES = 1024 * 1024
PROBE_S = 0.05


def table(texts: list[str], seed: int) -> Iterator[list[str]]:
    """The rows of the file."""
    chance = random.Random(seed)
    for at, text in enumerate(texts):
        name, city, note = chance.choice(NAMES), chance.choice(CITIES), chance.choice(NOTES)
        yield [str(at), name, text, f"user{at}@example.com", city, note]


def written(path: Path, texts: list[str], seed: int) -> Path:
    """The file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(table(texts, seed))
    return path


def in_process_s(texts: list[str]) -> float:
    """Seconds for classifying the numbers in plain Python, in pieces that fit the cache."""
    spare_what_is_loaded()
    kernel, kind = PythonKernel(current_plan()), Kind("format")
    pieces = [texts[start : start + PIECE] for start in range(0, len(texts), PIECE)]
    for _ in range(2):
        began_s = time.perf_counter()
        for piece in pieces:
            kernel.texts(piece, kind)
    return time.perf_counter() - began_s


class Health(Beside):
    """Asks a service for its health all the time, in a thread, for as long as the block."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.took_s: list[float] = []

    def run(self) -> None:
        """Ask over and over."""
        connection = http.client.HTTPConnection(self.address)
        while not self.ends.wait(PROBE_S):
            began_s = time.perf_counter()
            connection.request("GET", "/healthz")
            assert connection.getresponse().read()
            self.took_s.append(time.perf_counter() - began_s)
        connection.close()

    def p99_ms(self) -> float:
        """The 99th percentile of what an answer took."""
        return sorted(self.took_s)[int(len(self.took_s) * 0.99)] * 1_000


class Client:
    """A client that costs little itself."""

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url).netloc

    def asked(self, path: str) -> http.client.HTTPResponse:
        """The answer to GET, its body not read yet."""
        connection = http.client.HTTPConnection(self.address, blocksize=BLOCK_BYTES)
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.status == 200, response.read()
        return response

    def uploaded(self, path: Path) -> str:
        """Send the file; returns the id of the batch."""
        connection = http.client.HTTPConnection(self.address, blocksize=BLOCK_BYTES)
        with path.open("rb") as file:
            headers = {"Content-Type": "text/csv", "Content-Length": str(path.stat().st_size)}
            connection.request("POST", "/v1/batches?type=format", body=file, headers=headers)
            response = connection.getresponse()
            answer = response.read()
        assert response.status == 201, answer
        return str(json.loads(answer)["request_uuid"])

    def await_end(self, batch_id: str) -> None:
        """Wait until every row is answered."""
        while (state := json.load(self.asked(f"/v1/batches/{batch_id}")))["status"] != "success":
            assert state["status"] in ("queued", "progress"), state
            time.sleep(PROBE_S)

    def downloaded(self, batch_id: str, format: str, path: Path) -> None:
        """Write the results to a file."""
        response = self.asked(f"/v1/batches/{batch_id}/results?format={format}")
        buffer = memoryview(bytearray(BLOCK_BYTES))
        with path.open("wb") as file:
            while size := response.readinto(buffer):
                file.write(buffer[:size])


def measured(client: Client, source: Path, format: str, results: Path) -> dict[str, float]:
    """Seconds of each phase, and milliseconds for a health check meanwhile."""
    moments_s = [time.perf_counter()]
    with Health(client.address) as uploading:
        batch_id = client.uploaded(source)
    moments_s.append(time.perf_counter())
    with Health(client.address) as working:
        client.await_end(batch_id)
    moments_s.append(time.perf_counter())
    with Health(client.address) as downloading:
        client.downloaded(batch_id, format, results)
    moments_s.append(time.perf_counter())
    client.downloaded(client.uploaded(source), format, results)
    followed_s = time.perf_counter() - moments_s[-1]
    phases = zip(("upload", "work", "download"), itertools.pairwise(moments_s), strict=True)
    took = {name: end - begin for name, (begin, end) in phases}
    healths = zip(("upload", "work", "download"), (uploading, working, downloading), strict=True)
    took |= {"total": sum(took.values()), "total when the download follows the work": followed_s}
    return took | {f"health p99 in {name} (ms)": health.p99_ms() for name, health in healths}


def is_faithful(source: Path, format: str, results: Path, texts: list[str]) -> bool:
    """Whether every row is there, in order, and every cell as it was sent."""
    with source.open(newline="", encoding="utf-8") as before, results.open("rb") as after:
        if format == "ndjson":
            return [json.loads(line)["phone_number"] for line in after] == texts
        lines = (line.decode() for line in after)
        pairs = itertools.zip_longest(csv.reader(before), csv.reader(lines), fillvalue=[""])
        return all(ours[: len(COLUMNS)] == own for own, ours in pairs)


def peaks_mb(service: Service) -> dict[str, int]:
    """The highest resident memory of each process of the service."""
    pids = [service.process.pid, *children_of(service.process.pid)]
    return {f"pid {pid}": highest_kb(pid) // 1024 for pid in pids}


def run(rows: int, workers: int, seed: int, formats: list[str]) -> dict[str, Any]:
    """Print each figure as it is known, and return all."""
    texts = list(numbers(rows, seed))
    with tempfile.TemporaryDirectory() as folder, running_store() as store:
        at = Path(folder)
        source = written(at / "source.csv", texts, seed)
        print(f"{rows:,} rows, {source.stat().st_size / 1e6:.0f} MB; {workers} processes")
        alone_s = in_process_s(texts)
        print(f"in process: {alone_s:.2f} s, {rows / alone_s:,.0f} a second")
        figures: dict[str, Any] = {"in_process_s": alone_s}
        with running(at / "data", REDIS_URL=store.url, VALIDATOR_WORKERS=str(workers)) as service:
            client = Client(service.url)
            # Tables fill themselves as numbers come, in each process for itself.
            for _ in range(2 * workers):
                client.await_end(client.uploaded(source))
            for format in formats:
                results = at / f"results.{format}"
                took = measured(client, source, format, results)
                took |= {f"ratio, {name}": alone_s / took[name] for name in took if name.startswith("total")}
                figures[format] = took
                print(f"{format}:", *(f"  {name:52} {value:8.2f}" for name, value in took.items()), sep="\n")
                fine = is_faithful(source, format, results, texts)
                figures[format]["faithful"] = fine
                print(f"  every row in order, every cell as it was: {fine}")
            figures["peak_mb"] = peaks_mb(service)
            print(f"peak resident memory (MB): {figures['peak_mb']}")
    return figures


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the file")
    parser.add_argument("--workers", type=int, default=2, help="processes of the service")
    parser.add_argument("--seed", type=int, default=1, help="of the numbers")
    parser.add_argument(
        "--format", action="append", choices=["ndjson", "csv"], help="of results; both if not given"
    )
    given = parser.parse_args()
    figures = run(given.rows, given.workers, given.seed, given.format or FORMATS)
    return 0 if all(figures[format]["faithful"] for format in FORMATS if format in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
