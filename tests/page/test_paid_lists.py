"""Lists in the page of a service with keys and a live source: signing in, budgets, restarts, keys."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access.keyed import ADMIN, bearer
from tests.browser import needs_browser
from tests.lookup.paid import numbers
from tests.page.conftest import Watch, fact, paste, start
from tests.page.looks import looks_right
from tests.service import Service, lasting_port, running
from tests.waiting import PATIENCE_S

pytestmark = needs_browser


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    """The URL of a live source that takes its time."""
    command = [sys.executable, "-m", "loadtest.wavix_emulator", "--fault", "latency=150ms"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().split()[-1]
        process.terminate()


@pytest.fixture(scope="module")
def settings(upstream: str) -> dict[str, str]:
    return {
        "VALIDATOR_PORT": str(lasting_port()),
        "VALIDATOR_AUTH": "on",
        "VALIDATOR_ADMIN_KEY": ADMIN,
        "VALIDATOR_WAVIX_URL": upstream,
        "VALIDATOR_WAVIX_APPID": "an-account-key",
        "VALIDATOR_WAVIX_RATE": "20",
        "VALIDATOR_WAVIX_CONCURRENCY": "1",
        "VALIDATOR_SEGMENT_ROWS_UPSTREAM": "5",
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def service(data: Path, settings: dict[str, str]) -> Iterator[Service]:
    with running(data, **settings) as service:
        yield service


def sign_in(page: Page, key: str) -> None:
    page.get_by_label("API key").fill(key)
    page.get_by_role("dialog").get_by_role("button", name="Sign in").click()


@pytest.fixture
def signed_in(page: Page) -> Page:
    """The page with the administrator's key."""
    page.goto("/")
    page.get_by_role("button", name="Sign in").click()
    sign_in(page, ADMIN)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


def until(page: Page, key: str, status: int) -> None:
    """Wait until the service answers so to a key: every process may remember it for two seconds."""
    deadline_s = time.monotonic() + PATIENCE_S
    while page.request.get("/v1/batches", headers=bearer(key)).status != status:
        assert time.monotonic() < deadline_s
        page.wait_for_timeout(100)


def lines(count: int, first: int) -> str:
    return "\n".join(numbers(count, first))


def test_a_key_is_asked_for_and_a_wrong_one_refused(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Paste numbers").fill("+6281234567000")
    expect(page.get_by_role("dialog")).to_be_visible()
    looks_right(page, "sign in")
    sign_in(page, "not-a-key")
    expect(page.get_by_role("alert")).to_contain_text("does not accept this key")
    sign_in(page, ADMIN)
    expect(page.get_by_text("To be paid", exact=True)).to_be_visible()
    assert ADMIN not in page.url
    assert page.evaluate("[localStorage.length, document.cookie, sessionStorage.length]") == [0, "", 1]
    page.get_by_role("button", name="Sign out").click()
    assert page.evaluate("sessionStorage.length") == 0
    expect(page.get_by_label("Paste numbers")).to_have_value("")
    page.get_by_label("Paste numbers").fill("+6281234567000")
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("alert")).to_contain_text("expected a valid key")


def test_a_list_pauses_at_its_budget_and_goes_on_with_more(signed_in: Page) -> None:
    page = signed_in
    paste(page, lines(20, 100))
    assert (fact(page, "To be paid"), fact(page, "Known already")) == ("20", "0")
    cost = fact(page, "Cost")
    assert cost != "$0.00"
    page.get_by_label("Spend at most").fill("much")
    page.get_by_role("button", name="Validate").click()
    expect(page.locator("#main")).to_contain_text("Validate a list")
    page.get_by_label("Spend at most").fill("0.05")
    start(page, "paused")
    expect(page.locator(".note", has_text="could cost more than max_cost allows")).to_be_visible()
    page.get_by_label("Spend at most (USD)").fill("5")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("h1 .state")).to_have_text("success")
    assert fact(page, "Spent") == f"{cost} of $5.00"
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").click()
    assert coming.value.suggested_filename == "Pasted list.results.csv"
    assert coming.value.path().read_bytes().count(b"\n") == 20 + 1
    looked_up(page)


def looked_up(page: Page) -> None:
    """One of these numbers again: while it is typed nothing is paid."""
    page.get_by_role("link", name="One number", exact=True).click()
    page.get_by_label("Phone number").fill(numbers(1, 100)[0])
    expect(page.locator(".verdict.valid")).to_be_visible()
    expect(page.get_by_role("row", name="Source")).to_contain_text("the numbering plan, for nothing")
    page.get_by_label("How deep to look").select_option("analysis")
    page.get_by_role("button", name="Look it up").click()
    expect(page.get_by_role("row", name="Source")).to_contain_text("paid for before and kept")
    page.get_by_label("Phone number").fill(numbers(2, 100)[1])
    page.get_by_label("Phone number").press("Enter")
    expect(page.get_by_role("row", name="As it was sent")).to_contain_text(numbers(2, 100)[1])
    expect(page.get_by_role("row", name="Source")).to_contain_text("paid for before and kept")


def test_the_page_goes_on_by_itself_when_the_service_was_restarted(
    signed_in: Page, service: Service, data: Path, settings: dict[str, str]
) -> None:
    page = signed_in
    paste(page, lines(150, 1_000))
    start(page, "progress")
    expect(page.get_by_text(re.compile(r"^[1-9]\d* of 150$"))).to_be_visible()
    assert service.stop() == 0
    expect(page.get_by_text("The connection to the service is lost; trying again…")).to_be_visible()
    with running(data, **settings):
        expect(page.get_by_text("The connection to the service is lost; trying again…")).to_be_hidden()
        expect(page.locator("h1 .state")).to_have_text("success")
        expect(page.get_by_text("150 of 150", exact=True)).to_be_visible()
        expect(page.get_by_text("Rows 1 to 100 of 150")).to_be_visible()


@pytest.fixture
def restarted(service: Service, data: Path, settings: dict[str, str]) -> Iterator[None]:
    """The service, if a test ended it."""
    if service.process.poll() is None:
        yield
        return
    with running(data, **settings):
        yield


@pytest.mark.usefixtures("restarted")
def test_an_operator_makes_and_stops_keys(signed_in: Page, chromium: Browser, watch: Watch) -> None:
    page = signed_in
    page.get_by_role("link", name="Operators").click()
    expect(page.get_by_text("works", exact=True)).to_be_visible()
    name = "<b>web shop</b>"
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Only from").fill("nowhere")
    page.get_by_role("button", name="Create a key").click()
    expect(page.get_by_role("alert")).to_contain_text("allowed_networks")
    page.get_by_label("Only from").fill("")
    page.get_by_role("button", name="Create a key").click()
    secret = page.locator(".secret").inner_text()
    row = page.get_by_role("row", name=name)
    expect(row).to_contain_text("enabled")
    looks_right(page, "operators")
    other = chromium.new_context(base_url=page.url.partition("#")[0])
    caller = other.new_page()
    watch.over(caller)
    caller.goto("/#/batches")
    sign_in(caller, secret)
    expect(caller.get_by_text("There is none yet.")).to_be_visible()
    caller.get_by_role("link", name="Operators").click()
    expect(caller.get_by_text("This needs the administrator's key.").first).to_be_visible()
    row.get_by_role("button", name="Disable").click()
    expect(row).to_contain_text("disabled")
    until(page, secret, 401)
    caller.get_by_role("link", name="Lists", exact=True).click()
    expect(caller.get_by_role("dialog").get_by_role("alert")).to_contain_text("does not accept this key")
    row.get_by_role("button", name="Enable").click()
    until(page, secret, 200)
    sign_in(caller, secret)
    expect(caller.get_by_text("There is none yet.")).to_be_visible()
    allowed = row.get_by_label(f"Networks of {name}")
    allowed.fill("192.0.2.0/24")
    allowed.press("Enter")
    until(page, secret, 401)
    expect(allowed).to_have_value("192.0.2.0/24")
    caller.get_by_role("link", name="One number", exact=True).click()
    caller.get_by_label("Phone number").fill("+6281234567000")
    expect(caller.get_by_role("dialog").get_by_role("alert")).to_contain_text("does not accept this key")
    row.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    other.close()
