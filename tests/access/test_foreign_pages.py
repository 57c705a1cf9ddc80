"""Pages of other origins in a real browser, and a service without keys on loopback: nothing is accepted."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Page

from loadtest.wavix_emulator import Emulator
from tests.access.test_usage import usage
from tests.browser import browser, needs_browser
from tests.lookup.conftest import KEY
from tests.service import Service, running

SCRIPT = (Path(__file__).parent / "foreign_page.js").read_text("utf-8")
HTML = "<!doctype html><html><body>a page of somebody else's</body></html>"
REBOUND = "evil.example"
ONE = "/v1/validation?type=analysis&phone_number=6281234567000"
FLAGS = (
    f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1",
    # Not every browser keeps pages from elsewhere off this machine's own addresses.
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
)
# One after the other; what the browser does not send, or cannot, says so in time.
EVERY_ATTEMPT = """async at => {
    const read = {};
    for (const [name, attempt] of Object.entries(window.attempts)) {
        try { read[name] = await attempt(at); } catch (error) { read[name] = ""; }
    }
    return read;
}"""


@pytest.fixture
async def another() -> AsyncIterator[str]:
    """The address of a server that has a page, and sends away whoever asks it to."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=HTML, content_type="text/html")

    async def away(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": request.query["to"]})

    app = web.Application()
    app.add_routes([web.get("/", page), web.route("*", "/away", away)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
def paying(tmp_path: Path, emulator: Emulator) -> Iterator[Service]:
    """A service without keys on loopback, with an account to spend from."""
    with running(tmp_path, VALIDATOR_WAVIX_URL=emulator.url, VALIDATOR_WAVIX_APPID=KEY) as service:
        yield service


async def all_tried(page: Page, origin: str, at: str) -> dict[str, str]:
    """What the attempts of a page of that origin got to read."""
    await page.goto(origin)
    await page.add_script_tag(content=SCRIPT)
    read: dict[str, str] = await page.evaluate(EVERY_ATTEMPT, at)
    assert len(read) > 50
    return {name: got for name, got in read.items() if got}


def statuses(service: Service) -> list[int]:
    """How the requests in the service's log were answered."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in service.log]
    return [line["status"] for line in lines if line["event"] == "request"]


@needs_browser
async def test_nothing_of_a_foreign_page_is_accepted(
    paying: Service, another: str, emulator: Emulator
) -> None:
    port = paying.port
    async with browser(*FLAGS) as chromium:
        page = await chromium.new_page()
        # Another port of this machine is the same site to a browser; another name is not.
        assert await all_tried(page, another, f"http://127.0.0.1:{port}") == {}
        assert await all_tried(page, another.replace("127.0.0.1", REBOUND), f"http://localhost:{port}") == {}
        # A name that was the page's and leads to the service now: to the browser they are of one origin.
        rebound = f"http://{REBOUND}:{port}"
        await page.route(f"{rebound}/page", lambda route: route.fulfill(body=HTML, content_type="text/html"))
        read = await all_tried(page, f"{rebound}/page", rebound)
        assert read
        assert all(got.startswith("403") and '"foreign_host"' in got for got in read.values()), read
        # What somebody is made to follow.
        for address in (paying.url + ONE, rebound + ONE):
            await page.goto(another)
            async with page.expect_navigation():
                await page.evaluate("at => { location.href = at }", address)
            assert '"success":false' in await page.content()
    assert len(statuses(paying)) > 120
    assert {*statuses(paying)} == {403}
    assert emulator.ledger.requests_total == 0
    async with aiohttp.ClientSession(paying.url) as client:
        async with client.get("/v1/batches") as response:
            assert (await response.json())["items"] == []
        assert (await usage(client))["items"] == []
