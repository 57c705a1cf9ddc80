"""Traces, as a collector gets them: what was done for which request, in whichever process."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import aiohttp
import orjson
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from loadtest.wavix_emulator import Emulator
from tests.batches.asking import posted, reached
from tests.batches.processes import processes
from tests.lookup.conftest import at_upstream, emulator, store
from tests.lookup.paid import numbers
from tests.service import ran
from tests.store import Store
from validator_svc import traces

__all__ = ["emulator", "store"]

WITHOUT_PACKAGES = """
import sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("opentelemetry.sdk"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Finder())
"""
CALLERS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector(ThreadingHTTPServer):
    """Takes traces by OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.bodies: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1/traces"

    def spans(self) -> list[Span]:
        """All that came."""
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        resources = [resource for request in requests for resource in request.resource_spans]
        return [span for resource in resources for scope in resource.scope_spans for span in scope.spans]


class Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not a word."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        thread = threading.Thread(target=collector.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield collector
        collector.shutdown()
        thread.join()


def told(span: Span, name: str) -> str | int:
    """An attribute of a span."""
    (value,) = [each.value for each in span.attributes if each.key == name]
    return str(value.string_value) or int(value.int_value)


def named(spans: list[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name == name]


async def test_what_is_done_for_a_request_is_found_by_its_id(
    tmp_path: Path, store: Store, emulator: Emulator, collector: Collector
) -> None:
    objects = (tmp_path / "objects").as_uri()
    settings = {"REDIS_URL": store.url, "VALIDATOR_STORAGE_URL": objects, **at_upstream(emulator)}
    settings["VALIDATOR_TRACES_URL"] = collector.url
    asked = numbers(20)
    with processes(tmp_path / "data", **settings) as group:
        service = await asyncio.to_thread(group.serve, VALIDATOR_BATCH_CONCURRENCY="0")
        worker = await asyncio.to_thread(group.worker)
        async with aiohttp.ClientSession(service.url) as client:
            params = {"phone_number": numbers(1, 500)[0], "type": "analysis"}
            async with client.get(
                "/v1/validation", params=params, headers={"traceparent": CALLERS}
            ) as single:
                assert single.status == 200
            body = "\n".join(asked).encode()
            async with client.post("/v1/batches?type=analysis", data=body) as sent:
                batch_id = (await sent.json())["request_uuid"]
                request_id = sent.headers["X-Request-Id"]
            await reached(client, batch_id, "success")
            for path in ("/healthz", "/readyz", "/metrics"):
                async with client.get(path) as response:
                    assert response.status == 200
        assert await asyncio.to_thread(service.stop) == 0
        assert await asyncio.to_thread(worker.stop) == 0

    spans = collector.spans()
    assert {span.name for span in spans} == {
        "GET /v1/validation",
        "POST /v1/batches",
        "GET /v1/batches/{batch_id}",
        "segment",
        "upstream sync",
    }
    (one,) = named(spans, "GET /v1/validation")
    assert one.trace_id.hex() in CALLERS
    assert one.parent_span_id.hex() in CALLERS
    assert told(one, "http.response.status_code") == 200
    assert told(one, "validator.request_id") == single.headers["X-Request-Id"]
    (posting,) = named(spans, "POST /v1/batches")
    (segment,) = named(spans, "segment")
    assert told(posting, "validator.request_id") == told(segment, "validator.request_id") == request_id
    assert told(segment, "validator.batch") == batch_id
    assert (segment.trace_id, segment.parent_span_id) == (posting.trace_id, posting.span_id)
    upstream = {span.parent_span_id: span for span in named(spans, "upstream sync")}
    assert upstream.keys() == {one.span_id, segment.span_id}
    assert told(upstream[segment.span_id], "validator.numbers") == len(asked)
    for number in [*asked, params["phone_number"]]:
        assert not any(number.lstrip("+").encode() in body for body in collector.bodies)

    (ended,) = [line for line in map(orjson.loads, worker.log) if line["event"] == "batch_ended"]
    assert (ended["batch"], ended["request_id"]) == (batch_id, request_id)


async def test_a_request_that_several_wait_for_is_linked_to_each(
    tmp_path: Path, store: Store, emulator: Emulator, collector: Collector
) -> None:
    emulator.set_faults({"latency": "300ms"})
    settings = {"REDIS_URL": store.url, "VALIDATOR_TRACES_URL": collector.url, **at_upstream(emulator)}
    settings["VALIDATOR_WAVIX_CONCURRENCY"] = "1"
    with processes(tmp_path / "data", **settings) as group:
        service = await asyncio.to_thread(group.serve)
        async with aiohttp.ClientSession(service.url) as client:

            async def ask(number: str) -> None:
                params = {"phone_number": number, "type": "analysis"}
                async with client.get("/v1/validation", params=params) as response:
                    assert response.status == 200

            # While the first is under way the others gather.
            await asyncio.gather(*map(ask, numbers(10)))
        assert await asyncio.to_thread(service.stop) == 0
    asked = {span.span_id for span in named(collector.spans(), "GET /v1/validation")}
    upstream = named(collector.spans(), "upstream sync")
    origins = [{span.parent_span_id} | {link.span_id for link in span.links} for span in upstream]
    assert len(asked) == 10
    assert asked <= set().union(*origins)
    assert max(map(len, origins)) > 1


def test_where_traces_cannot_go_is_said_at_the_start(tmp_path: Path) -> None:
    done = ran(tmp_path, "serve", VALIDATOR_TRACES_URL="collector:4318")
    assert done.returncode != 0
    assert done.stderr.count("VALIDATOR_TRACES_URL: expected a URL such as") == 1


async def test_a_collector_that_is_away_holds_up_nothing(tmp_path: Path, collector: Collector) -> None:
    url = collector.url
    collector.server_close()
    with processes(tmp_path / "data", VALIDATOR_TRACES_URL=url) as group:
        service = await asyncio.to_thread(group.serve)
        async with aiohttp.ClientSession(service.url) as client:
            batch_id = await posted(client, b"+12125553333\n")
            await reached(client, batch_id, "success")
        assert await asyncio.to_thread(service.stop) == 0
    assert not any(b"Traceback" in line for line in service.log)


def test_packages_that_are_not_there_are_named_in_one_line(tmp_path: Path) -> None:
    without = tmp_path / "without"
    without.mkdir()
    (without / "sitecustomize.py").write_text(WITHOUT_PACKAGES)
    url = "http://127.0.0.1:4318/v1/traces"
    done = ran(tmp_path, "serve", VALIDATOR_TRACES_URL=url, PYTHONPATH=str(without))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "VALIDATOR_TRACES_URL: traces need more packages: pip install opentelemetry-sdk" in line


def test_the_image_has_the_packages() -> None:
    locked = (Path(__file__).parent.parent / "requirements.run.lock").read_text()
    for package in traces.PACKAGES.split():
        assert f"\n{package}==" in locked
