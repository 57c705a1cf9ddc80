"""Beside the service: figures that dashboard and alerts ask for are there, in a real Prometheus too."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml  # type: ignore[import-untyped]

from loadtest.wavix_emulator import Emulator
from tests.batches.asking import posted, reached
from tests.batches.processes import processes
from tests.lookup.conftest import StartService, at_upstream, emulator, start_service, store
from tests.lookup.paid import numbers, one, streamed
from tests.service import Service, lasting_port, running
from tests.store import Store
from tests.waiting import PATIENCE_S

__all__ = ["emulator", "start_service", "store"]

DEPLOY = Path(__file__).parent.parent / "deploy"
ADMIN = "an-administrators-key"
PROMETHEUS = shutil.which("prometheus")
# Without faults nothing has been counted of these.
EMPTY_WHEN_WELL = ("status=~", 'status="503"', "== 0", "> ", "validator_saved_total")


def queries() -> Iterator[str]:
    """Every query of the dashboard, the alerts and the scaling."""
    dashboard = json.loads((DEPLOY / "grafana" / "validator-svc.json").read_text())
    for panel in dashboard["panels"]:
        yield from (target["expr"].replace("$__rate_interval", "1m") for target in panel["targets"])
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    for group in alerts["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    scaling = yaml.safe_load((DEPLOY / "kubernetes" / "worker-scaling.yaml").read_text())
    yield from (trigger["metadata"]["query"] for trigger in scaling["spec"]["triggers"])


async def used(service: Service) -> str:
    """The figures of a service that was used a little."""
    await one(service, numbers(1)[0])
    await one(service, numbers(1)[0])
    await streamed(service, numbers(50), "format")
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, "\n".join(numbers(20, 100)).encode(), type="analysis")
        await reached(client, batch_id, "success")
        async with client.get("/metrics") as response:
            return await response.text()


def figure(text: str, name: str) -> float:
    """The value of a figure, with its labels as they are written."""
    (value,) = re.findall(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(value)


async def test_figures_say_what_was_done_and_gauges_go_back(
    start_service: StartService, emulator: Emulator
) -> None:
    service = await asyncio.to_thread(start_service)
    text = await used(service)
    assert figure(text, 'validator_numbers_total{kind="stream",outcome="valid",type="format"}') == 50
    assert figure(text, 'validator_answers_total{kind="stream",source="plan",type="format"}') == 50
    assert figure(text, 'validator_answers_total{kind="number",source="cache",type="validation"}') == 1
    assert figure(text, 'validator_answers_total{kind="number",source="upstream",type="validation"}') == 1
    assert figure(text, 'validator_stream_bytes_total{direction="received"}') == 50 * 15
    assert figure(text, 'validator_stream_bytes_total{direction="sent"}') > 50 * 15
    for name in ('validator_batches{status="progress"}', 'validator_batches{status="queued"}'):
        assert figure(text, name) == 0
    waiting = ("validator_batch_rows_pending", "validator_batch_oldest_seconds", "validator_upstream_queued")
    for name in waiting:
        assert figure(text, name) == 0
    assert figure(text, 'validator_upstream_turns_total{supplier="wavix"}') >= 2
    assert figure(text, 'validator_upstream_rate{supplier="wavix"}') > 0
    known = set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))
    asked = set(re.findall(r"\b(?:validator|process)_\w+", " ".join(queries())))
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked} - known == set()
    for number in numbers(1):
        assert number.lstrip("+") not in text


async def test_several_processes_tell_the_same(start_service: StartService, store: Store) -> None:
    service = await asyncio.to_thread(start_service, VALIDATOR_WORKERS="2")
    await used(service)
    async with aiohttp.ClientSession(service.url, connector=aiohttp.TCPConnector(force_close=True)) as client:
        name = 'validator_numbers_total{kind="stream",outcome="valid",type="format"}'
        for _ in range(6):
            async with client.get("/metrics") as response:
                text = await response.text()
            assert figure(text, name) == 50
            assert figure(text, "validator_batch_rows_pending") == 0


async def test_what_is_under_way_is_told_while_it_is(start_service: StartService, emulator: Emulator) -> None:
    service = await asyncio.to_thread(start_service)
    emulator.set_faults({"latency": "4s"})
    under_way = ("validator_http_in_flight", 'validator_upstream_in_flight{kind="sync"}')
    async with aiohttp.ClientSession(service.url) as client:

        async def until(expected: list[float]) -> None:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    async with client.get("/metrics") as response:
                        text = await response.text()
                    if [figure(text, name) if name in text else 0.0 for name in under_way] == expected:
                        return
                    await asyncio.sleep(0.05)

        asked = asyncio.create_task(one(service, numbers(1)[0]))
        await until([1, 1])
        await asked
        await until([0, 0])


async def test_workers_tell_theirs_on_a_port_of_their_own(
    store: Store, emulator: Emulator, tmp_path: Path
) -> None:
    port = lasting_port()
    objects = (tmp_path / "objects").as_uri()
    settings = {"REDIS_URL": store.url, "VALIDATOR_STORAGE_URL": objects, **at_upstream(emulator)}
    with processes(tmp_path / "data", **settings) as group:
        service = await asyncio.to_thread(group.serve, VALIDATOR_BATCH_CONCURRENCY="0")
        await asyncio.to_thread(group.worker, VALIDATOR_METRICS_PORT=str(port))
        await used(service)
        told = aiohttp.ClientSession(f"http://127.0.0.1:{port}")
        async with told, told.get("/metrics") as response:
            text = await response.text()
    assert figure(text, 'validator_numbers_total{kind="batch",outcome="valid",type="analysis"}') == 20
    assert figure(text, 'validator_spent_usd_total{supplier="wavix",type="analysis"}') > 0


async def test_the_rates_of_keys_are_told(tmp_path: Path) -> None:
    with running(tmp_path, VALIDATOR_AUTH="on", VALIDATOR_ADMIN_KEY=ADMIN) as service:
        headers = {"Authorization": f"Bearer {ADMIN}"}
        async with aiohttp.ClientSession(service.url) as client:
            limits = {"name": "limited", "requests_per_second": 0.01}
            async with client.post("/v1/keys", json=limits, headers=headers) as made:
                key = (await made.json())["key"]
            for status in (200, 429, 429):
                params = {"phone_number": numbers(1)[0], "type": "format", "appid": key}
                async with client.get("/v1/validation", params=params) as response:
                    assert response.status == status
            async with client.get("/metrics", headers=headers) as response:
                text = await response.text()
    assert figure(text, 'validator_key_rate_total{outcome="passed"}') == 1
    assert figure(text, 'validator_key_rate_total{outcome="turned_away"}') == 2


def test_manifests_name_settings_that_there_are() -> None:
    from validator_svc.config import Settings, variable

    known = {variable(name) for name in Settings.model_fields}
    for path in (DEPLOY / "kubernetes").glob("*.yaml"):
        documents = list(yaml.safe_load_all(path.read_text()))
        assert all("kind" in document for document in documents)
        assert set(re.findall(r"\bVALIDATOR_\w+", path.read_text())) <= known | {"VALIDATOR_WAVIX_APPID"}


@pytest.mark.skipif(PROMETHEUS is None, reason="Prometheus is not installed (Debian: prometheus)")
async def test_a_real_prometheus_answers_every_query(start_service: StartService, tmp_path: Path) -> None:
    service = await asyncio.to_thread(start_service)
    port = lasting_port()
    job = {"job_name": "validator-svc", "scrape_interval": "1s", "scrape_timeout": "1s"}
    job["static_configs"] = [{"targets": [f"127.0.0.1:{service.port}"]}]  # type: ignore[assignment]
    rules = str(DEPLOY / "prometheus" / "alerts.yml")
    config = tmp_path / "prometheus.yml"
    config.write_text(yaml.safe_dump({"scrape_configs": [job], "rule_files": [rules]}))
    options = [f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'tsdb'}"]
    assert PROMETHEUS is not None
    with subprocess.Popen(  # noqa: ASYNC220
        [PROMETHEUS, *options, f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    ) as prometheus:
        try:
            await used(service)
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
                await scraped_twice(client)
                for query in queries():
                    found = await answer(client, query)
                    assert found["status"] == "success", query
                    is_quiet = any(part in query for part in EMPTY_WHEN_WELL)
                    assert found["data"]["result"] or is_quiet, query
        finally:
            prometheus.terminate()


async def answer(client: aiohttp.ClientSession, query: str) -> dict[str, Any]:
    async with client.get("/api/v1/query", params={"query": query}) as response:
        found: dict[str, Any] = await response.json()
        return found


async def scraped_twice(client: aiohttp.ClientSession) -> None:
    """Wait until there is a rate of something."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                if (await answer(client, "rate(validator_tasks[1m])"))["data"]["result"]:
                    return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
