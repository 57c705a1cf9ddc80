"""The page before a list of a million rows: how long each search and page takes, and what the tab holds.

`python -m loadtest.bench_page --rows 1000000` writes a CSV file of six columns, starts a service on a store
of its own, sends the file and waits for its end. Then it asks for rows: at offsets all over the list, with
every filter and with texts that are in many rows, in few and in none, going on where an answer says so. Every
answer is to be there in less than 200 ms. At last a browser opens the page (when it can be used, and what
came over the wire for that), and turns pages, jumps and filters in that list while the memory of its tab is
watched, which is to stay under 200 MB. The exit status says whether all of it held.
"""

import argparse
import http.client
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import CDPSession, Page, expect

from loadtest.bench.corpus import numbers
from loadtest.bench_batches import written
from tests.browser import CHROMIUM, browser_for_tests
from tests.service import running
from tests.store import running_store

MOST_MS = 200.0
MOST_TAB_MB = 200.0
MOST_FIRST_MS = 1_000.0
PER_PAGE = 100
TURNS = 40
SEARCHES: dict[str, dict[str, str]] = {
    "all rows": {},
    "valid": {"only": "valid"},
    "invalid": {"only": "invalid"},
    "unknown": {"only": "unknown"},
    "risky": {"only": "risky"},
    "a country": {"country_code": "ID"},
    "a rare country": {"country_code": "NU"},
    "a type": {"phone_type": "pager"},
    "a carrier": {"carrier_name": "Telkomsel"},
    "a reason": {"reason": "too_short"},
    "a text of many rows": {"q": "müller"},
    "a text of one row": {"q": "user777777@"},
    "a text of none": {"q": "nobody at all"},
    "all together": {"q": "anna", "only": "valid", "country_code": "DE"},
}


class Service:
    """A connection to the service, which is kept."""

    def __init__(self, url: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=600)

    def ask(self, method: str, path: str, body: Any = None, **params: object) -> tuple[Any, float]:
        """The answer's JSON, and milliseconds until it was there."""
        began_s = time.perf_counter()
        self.connection.request(method, f"{path}?{urlencode(params)}", body)
        response = self.connection.getresponse()
        content = response.read()
        took_ms = 1_000 * (time.perf_counter() - began_s)
        assert response.status < 300, content
        return json.loads(content), took_ms


def worked(service: Service, path: Path) -> str:
    """The id of the batch of a file, once it has ended."""
    with path.open("rb") as file:
        made, _ = service.ask("POST", "/v1/batches", file, type="analysis", name=path.name)
    batch = f"/v1/batches/{made['request_uuid']}"
    while service.ask("GET", batch)[0]["status"] != "success":
        time.sleep(0.2)
    return str(made["request_uuid"])


def offsets(rows: int) -> Iterator[int]:
    """All over the list, and at its ends."""
    yield from range(0, rows, max(1, rows // 12))
    yield from (rows - PER_PAGE, rows - 1, rows)


def cpu_ms(pid: int) -> float:
    """Milliseconds of a processor that a process has used; unlike the clock, no other program changes it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1_000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def searched(service: Service, pid: int, batch_id: str, rows: int) -> float:
    """Ask for rows in every way; returns the slowest answer, ms."""
    path, slowest = f"/v1/batches/{batch_id}/rows", 0.0
    for name, params in SEARCHES.items():
        used_ms = cpu_ms(pid)
        took = [
            service.ask("GET", path, offset=max(0, offset), per_page=PER_PAGE, **params)[1]
            for offset in offsets(rows)
        ]
        found, answers, offset = 0, 0, 0
        while offset is not None and found < PER_PAGE:
            answer, ms = service.ask("GET", path, offset=offset, per_page=PER_PAGE - found, **params)
            found, answers, offset = found + len(answer["items"]), answers + 1, answer["next"]
            took.append(ms)
        each_ms = (cpu_ms(pid) - used_ms) / len(took)
        print(
            f"{name:22} {len(took):3} answers  median {statistics.median(took):5.1f}"
            f"  slowest {max(took):5.1f} ms, of a processor {each_ms:5.1f} ms each;"
            f"  first page: {found} rows in {answers} answers"
        )
        slowest = max(slowest, *took)
    return slowest


def first_load(page: Page) -> tuple[float, int]:
    """Milliseconds until a list can be pasted into the page, and bytes that came for that."""
    began_s = time.perf_counter()
    page.goto("/")
    page.get_by_label("Paste numbers").fill("+6281234567000")
    took_ms = 1_000 * (time.perf_counter() - began_s)
    size = page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        ".reduce((sum, each) => sum + (each.name.includes('/v1/') ? 0 : each.transferSize), 0)"
    )
    return took_ms, size


def tab_mb(session: CDPSession, pid: int) -> float:
    """Memory of the tab's process that is its own, MB, after its garbage is collected."""
    session.send("HeapProfiler.collectGarbage")
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) / 1_000


def used(page: Page, batch_id: str, rows: int, pid: int) -> float:
    """Turn pages, jump and filter; returns the most that the tab held, MB."""
    session = page.context.new_cdp_session(page)
    page.goto(f"/#/batch/{batch_id}")
    told = page.locator("p.hint[role=status]")
    expect(told).to_contain_text("Rows 1 to 100", timeout=60_000)
    most = tab_mb(session, pid)
    for turn in range(TURNS):
        before = told.inner_text()
        if turn % 4:
            page.get_by_role("button", name="Next").click()
        else:
            page.get_by_label("Go to row").fill(str(1 + turn * rows // TURNS))
            page.get_by_label("Go to row").press("Enter")
        if turn:
            expect(told).not_to_have_text(before, timeout=60_000)
        most = max(most, tab_mb(session, pid))
    for name, value in (("only", "invalid"), ("phone_type", "mobile"), ("country_code", "ID"), ("only", "")):
        page.locator(f".filters [name={name}]").select_option(value)
        # Filters add up: no invalid number has a type.
        expect(told).to_contain_text(re.compile("Rows |No row"), timeout=60_000)
        most = max(most, tab_mb(session, pid))
    page.locator(".filters [name=q]").fill("nobody at all")
    expect(told).to_contain_text("No row is like that", timeout=60_000)
    return max(most, tab_mb(session, pid))


def renderer(session: CDPSession) -> int:
    """The process id of the newest tab."""
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return max(int(each["id"]) for each in found if each["type"] == "renderer")


def in_browser(url: str, batch_id: str, rows: int) -> bool:
    """Use the page in a browser; whether it kept within its bounds."""
    with browser_for_tests() as chromium:
        warm = chromium.new_page()
        warm.close()
        page = chromium.new_page(base_url=url)
        first_ms, size = first_load(page)
        pid = renderer(chromium.new_browser_cdp_session())
        most_mb = used(page, batch_id, rows, pid)
    print(f"first load: {size / 1_000:.0f} kB, usable after {first_ms:.0f} ms")
    print(f"the tab held at most {most_mb:.0f} MB")
    return first_ms < MOST_FIRST_MS and most_mb < MOST_TAB_MB


def main() -> int:
    """Run; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the list (default %(default)s)")
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder, running_store() as store:
        path = written(Path(folder) / "people.csv", list(numbers(rows, seed=1)), seed=1)
        with running(Path(folder) / "data", REDIS_URL=store.url) as process:
            service = Service(process.url)
            batch_id = worked(service, path)
            slowest_ms = searched(service, process.process.pid, batch_id, rows)
            print(f"slowest answer: {slowest_ms:.1f} ms")
            held = CHROMIUM is None or in_browser(process.url, batch_id, rows)
    return 0 if held and slowest_ms < MOST_MS else 1


if __name__ == "__main__":
    sys.exit(main())
