"""Made-up input through every entrance of a service: `python -m tests.fuzz.entrances --seconds 300`.

Fails at a 5xx, at a record too few or too many, at the end of a process, when memory grows, and when the
service holds its event loop (see `tests.held`). All that is printed for each entrance, with how long
`/healthz` took, which is asked all the time.
"""

import argparse
import contextlib
import functools
import itertools
import json
import re
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loadtest.beside import Beside
from tests.fuzz import inputs
from tests.held import Beats, running_held
from tests.service import START_S, Service
from validator_svc.dropbox.options import OptionsError, given_in

# Inputs are sent so many side by side: most of the time of one is spent in waiting for what it asks.
MOST_AT_ONCE = 16
ON_AVERAGE = 6
INPUTS_AT_ONCE = 200
POLL_S = 0.01
# What an allocator may keep.
MOST_GROWTH_MIB = 64
LOOP_MS = 20.0
# The number in the replies, and those that are asked for, each in a request of its own.
OWN = inputs.OWN_NUMBER.encode()
OURS = re.compile(rb"44207946\d{4}")
TURN = itertools.count()
FORM = "multipart/form-data; boundary=x"


class Upstream(BaseHTTPRequestHandler):
    """A live source that answers what was made up last, of the number that is asked for."""

    replies: ClassVar[deque[bytes]] = deque([b"{}"], MOST_AT_ONCE)
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = OURS.search(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        Upstream.replies.rotate(1)
        reply = Upstream.replies[0].replace(OWN, asked[0] if asked else OWN)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    do_GET = do_POST  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def answered(response: httpx.Response) -> httpx.Response:
    """The response, which is no fault of the service."""
    assert response.status_code < 500, (response.status_code, response.text)
    return response


def one_number(client: httpx.Client, text: str) -> None:
    """As a parameter."""
    text = text.encode("utf-8", "replace").decode()
    answered(client.get("/v1/validation", params={"phone_number": text, "type": "validation"}))


def list_of_numbers(client: httpx.Client, texts: list[str]) -> None:
    """As JSON; each is answered."""
    body = json.dumps({"type": "format", "phone_numbers": texts})
    response = answered(client.post("/v1/validation", content=body))
    if response.status_code == 200:
        assert len(response.json()["items"]) == len(texts)


def json_body(client: httpx.Client, value: object) -> None:
    """Any JSON, as a list and as a file."""
    answered(client.post("/v1/validation", content=json.dumps(value)))


def lines_of_text(client: httpx.Client, texts: list[str]) -> None:
    """As a stream; record N answers line N."""
    lines = [text.encode("utf-8", "replace").decode().translate({10: 32, 13: 32}) for text in texts]
    headers = {"Content-Type": "text/plain"}
    body = "".join(line + "\n" for line in lines).encode()
    response = answered(client.post("/v1/stream?type=format", content=body, headers=headers))
    assert len(response.content.splitlines()) == len(lines), response.text


def streamed(client: httpx.Client, body: bytes) -> None:
    """Any file as a stream of any type."""
    for media_type in ("text/csv", "application/x-ndjson", "text/plain"):
        headers = {"Content-Type": media_type}
        # What is wrong behind the beginning breaks the answer off.
        with contextlib.suppress(httpx.RemoteProtocolError):
            answered(client.post("/v1/stream?type=validation", content=body, headers=headers))


def file(client: httpx.Client, body: bytes) -> None:
    """Any file as a batch, which is worked to its end, and as an estimate."""
    headers = {"Content-Type": "application/octet-stream"}
    answered(client.post("/v1/estimate?type=analysis", content=body, headers=headers))
    response = answered(client.post("/v1/batches?type=analysis", content=body, headers=headers))
    if response.status_code == 201:
        worked(client, response.json()["request_uuid"])


def form(client: httpx.Client, body: bytes) -> None:
    """Any form."""
    answered(client.post("/v1/estimate", content=body, headers={"Content-Type": FORM}))


def worked(client: httpx.Client, batch_id: str) -> None:
    """The batch answers every row."""
    results = answered(client.get(f"/v1/batches/{batch_id}/results?format=ndjson"))
    batch = answered(client.get(f"/v1/batches/{batch_id}")).json()
    assert batch["status"] in ("success", "progress"), batch
    assert len(results.content.splitlines()) == batch["count"], batch
    answered(client.delete(f"/v1/batches/{batch_id}"))


def reply(client: httpx.Client, value: object) -> None:
    """Any reply of the live source costs no more than its own number."""
    Upstream.replies.append(json.dumps(value).encode())
    number = f"+4420794{60_000 + next(TURN) % 1_000}"
    body = {"type": "validation", "phone_numbers": [number, "12"], "force": True}
    response = answered(client.post("/v1/validation", json=body))
    assert len(response.json()["items"]) == 2


def sidecar(client: httpx.Client, body: bytes) -> None:
    """Any options beside a dropped file: taken, or refused with what is wrong."""
    with tempfile.NamedTemporaryFile(suffix=".toml") as kept:
        Path(kept.name).write_bytes(body)
        with contextlib.suppress(OptionsError):
            given_in(Path(kept.name))


Send = Callable[[httpx.Client, Any], None]

TEXTS = st.lists(inputs.NUMBERS, min_size=1, max_size=20)
ENTRANCES: dict[str, tuple[st.SearchStrategy[Any], Send]] = {
    "one number": (inputs.NUMBERS, one_number),
    "list of numbers": (TEXTS, list_of_numbers),
    "JSON": (inputs.VALUES, json_body),
    "lines of text": (TEXTS, lines_of_text),
    "stream": (inputs.FILES, streamed),
    "file": (inputs.FILES, file),
    "form": (inputs.forms(), form),
    "sidecar": (inputs.SIDECARS, sidecar),
}


def sent(
    client: httpx.Client,
    strategy: st.SearchStrategy[Any],
    send: Send,
    inputs_wanted: int,
    is_repeatable: bool = False,
) -> int:
    """Send about so many inputs, the same ones each time if it is to be repeatable; returns how many.

    Raises AssertionError with the smallest inputs that get a wrong answer.
    """
    count = 0

    @settings(
        max_examples=max(1, inputs_wanted // ON_AVERAGE),
        deadline=None,
        database=None,
        derandomize=is_repeatable,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(strategy, min_size=1, max_size=MOST_AT_ONCE))
    def some(values: list[Any]) -> None:
        nonlocal count
        count += len(values)
        list(pool.map(functools.partial(send, client), values))

    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        some()
    return count


class Watch(Beside):
    """Asks `/healthz` over and over, and keeps how long each answer took."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.took_s: list[float] = []
        self._url = url

    def run(self) -> None:
        """Ask over and over."""
        with httpx.Client(base_url=self._url, timeout=START_S) as client:
            while not self.ends.wait(POLL_S):
                begun_s = time.perf_counter()
                client.get("/healthz")
                self.took_s.append(time.perf_counter() - begun_s)

    def said(self) -> str:
        """The figures, in milliseconds."""
        took_ms = sorted(each * 1_000 for each in self.took_s) or [0.0]
        return (
            f"/healthz p50 {took_ms[len(took_ms) // 2]:.1f}, p99 {took_ms[-1 - len(took_ms) // 100]:.1f} ms"
        )


@contextlib.contextmanager
def upstream() -> Iterator[str]:
    """Where a live source of made-up replies is."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def fuzzed(
    service: Service, beats: Beats, name: str, strategy: st.SearchStrategy[Any], send: Send, seconds: float
) -> bool:
    """Send examples for so long, say what that was like, and return whether it was well."""
    ends_s = time.monotonic() + seconds
    with Watch(service.url) as watch, httpx.Client(base_url=service.url, timeout=START_S) as client:
        count = sent(client, strategy, send, INPUTS_AT_ONCE)
        before_kb = service.resident_kb()
        beats.since()
        while time.monotonic() < ends_s:
            count += sent(client, strategy, send, INPUTS_AT_ONCE)
    grown_mib, held = (service.resident_kb() - before_kb) / 1024, beats.since()
    assert service.process.poll() is None, "the service has ended"
    print(
        f"{name:16} {count:6} inputs  memory {grown_mib:+.0f} MiB  {watch.said()}"
        f"  loop held p99 {held.p99_ms:.1f}, longest {held.longest_ms:.1f} ms",
        flush=True,
    )
    return grown_mib < MOST_GROWTH_MIB and held.p99_ms < LOOP_MS


def main() -> bool:
    """Fuzz every entrance, one after the other; returns whether all was well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    seconds = parser.parse_args().seconds / (len(ENTRANCES) + 1)
    well = []
    with tempfile.TemporaryDirectory() as folder, running_held(Path(folder) / "data") as (service, beats):
        with Watch(service.url) as watch:
            time.sleep(2)
        print(f"{'nothing':16} {watch.said()}", flush=True)
        for name, (strategy, send) in ENTRANCES.items():
            well.append(fuzzed(service, beats, name, strategy, send, seconds))
    with tempfile.TemporaryDirectory() as folder, upstream() as url:
        live = {"VALIDATOR_WAVIX_URL": url, "VALIDATOR_WAVIX_APPID": "any", "VALIDATOR_SYNC_TIMEOUT": "1"}
        live |= {"VALIDATOR_WAVIX_RATE": "500"}
        with running_held(Path(folder) / "data", **live) as (service, beats):
            well.append(fuzzed(service, beats, "upstream's reply", inputs.REPLIES, reply, seconds))
    return all(well)


if __name__ == "__main__":
    sys.exit(not main())
