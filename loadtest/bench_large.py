"""A batch of ten million rows through several processes, beside one: rows a second, memory, nothing lost.

    python -m loadtest.bench_large --rows 10000000 --processes 1 --processes 2 --processes 4

Each time a service of so many processes takes the same file in, works it and gives its results back as CSV,
in which every row is looked for in its place. Memory is the highest of each process, processor time that of
all of them until the last row is answered.
"""

import argparse
import http.client
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from loadtest.bench_batches import BLOCK_BYTES, peaks_mb
from loadtest.bench_stream import cpu_s
from tests.memory import children_of
from tests.service import Service, running
from tests.store import running_store

LINES = 100_000
LOOK_S = 0.2


def text_of(at: int) -> str:
    """The number of a row: valid, and each another one."""
    return f"+62812{at:08}"


def blocks(rows: int) -> Iterator[bytes]:
    """The file."""
    yield b"phone\n"
    for start in range(0, rows, LINES):
        yield "".join([f"{text_of(at)}\n" for at in range(start, min(start + LINES, rows))]).encode()


def connection(service: Service) -> http.client.HTTPConnection:
    """A connection that takes what it is sent in large pieces."""
    return http.client.HTTPConnection(urlsplit(service.url).netloc, blocksize=BLOCK_BYTES, timeout=600)


def uploaded(service: Service, rows: int) -> str:
    """Send the file; returns the id of its batch."""
    asking = connection(service)
    headers = {"Content-Type": "text/csv", "Transfer-Encoding": "chunked"}
    asking.request("POST", "/v1/batches?type=format", body=blocks(rows), headers=headers, encode_chunked=True)
    response = asking.getresponse()
    answer = response.read()
    assert response.status == 201, answer
    return str(json.loads(answer)["request_uuid"])


def await_end(service: Service, batch_id: str) -> dict[str, object]:
    """Wait until every row is answered."""
    while True:
        asking = connection(service)
        asking.request("GET", f"/v1/batches/{batch_id}")
        shown: dict[str, object] = json.load(asking.getresponse())
        asking.close()
        if shown["status"] not in ("queued", "progress"):
            return shown
        time.sleep(LOOK_S)


def in_place(service: Service, batch_id: str) -> int:
    """How many rows of the results are in their place; the first that is not ends the count."""
    asking = connection(service)
    asking.request("GET", f"/v1/batches/{batch_id}/results?format=csv")
    response = asking.getresponse()
    assert response.readline().startswith(b"phone,")
    at = 0
    for line in response:
        text = text_of(at).encode()
        if not line.startswith(b"%b,%b,true," % (text, text)):
            print(f"row {at}: {line[:80]!r}")
            return at
        at += 1
    return at


def await_start(service: Service, processes: int) -> None:
    """Wait until all processes listen: what a start takes is another matter."""
    while sum(b'"listening"' in line for line in service.log) < processes:
        time.sleep(LOOK_S)


def used_s(service: Service) -> float:
    """Seconds of processor time that the service has taken so far."""
    return sum(map(cpu_s, [service.process.pid, *children_of(service.process.pid)]))


def run(rows: int, processes: int) -> bool:
    """One run; whether nothing was lost."""
    settings = {"VALIDATOR_WORKERS": str(processes)}
    with (
        running_store() as store,
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), REDIS_URL=store.url, **settings) as service,
    ):
        await_start(service, processes)
        began_s, before_s = time.perf_counter(), used_s(service)
        batch_id = uploaded(service, rows)
        taken_s = time.perf_counter()
        shown = await_end(service, batch_id)
        worked_s, took_s = time.perf_counter(), used_s(service) - before_s
        peaks = peaks_mb(service)
        found = in_place(service, batch_id)
        ended_s = time.perf_counter()
        print(
            f"{processes} processes: {rows:,} rows; taken in {taken_s - began_s:.1f} s, answered after "
            f"{worked_s - began_s:.1f} s ({rows / (worked_s - began_s):,.0f} rows/s), "
            f"{took_s:.1f} s of processor time; results read in "
            f"{ended_s - worked_s:.1f} s; {found:,} in their place, {shown['valid']:,} valid; "
            f"highest memory (MB): {peaks}, after the download {peaks_mb(service)}",
            flush=True,
        )
        return found == rows == shown["valid"] and shown["status"] == "success"


def main() -> int:
    """Exit status: 0 when nothing was lost, 1 otherwise."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--processes", type=int, action="append", help="1, 2 and 4 if not given")
    given = parser.parse_args()
    were_lost = [run(given.rows, processes) for processes in given.processes or (1, 2, 4)].count(False)
    return 1 if were_lost else 0


if __name__ == "__main__":
    sys.exit(main())
