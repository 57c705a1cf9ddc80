"""The page in a browser: one browser for all, one service a module, and a watch on what the page does."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request, expect

from tests.browser import browser_for_tests
from tests.service import Service
from tests.waiting import PATIENCE_S

PATIENCE_MS = 1_000 * PATIENCE_S
expect.set_options(timeout=PATIENCE_MS)


class Watch:
    """What a page must not do: ask other hosts, break its own policy, run what was sent to it, fail."""

    def __init__(self, service: Service) -> None:
        self.host = urlsplit(service.url).netloc
        self.seen: list[str] = []

    def over(self, page: Page) -> None:
        """Watch a page from now on."""
        page.on("request", self.on_request)
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.seen.append(f"error: {error}"))
        page.on("dialog", self.on_dialog)

    def on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "blob" and parts.netloc != self.host:
            self.seen.append(f"asked {request.url}")
        if "appid" in request.url:
            self.seen.append(f"a key in a URL: {parts.path}")

    def on_console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "TrustedHTML" in message.text:
            self.seen.append(message.text)

    def on_dialog(self, dialog: Dialog) -> None:
        if dialog.type == "alert":
            self.seen.append(f"alert: {dialog.message}")
        dialog.accept()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with browser_for_tests() as launched:
        yield launched


@pytest.fixture
def watch(service: Service) -> Iterator[Watch]:
    watch = Watch(service)
    yield watch
    assert watch.seen == []


@pytest.fixture
def context(chromium: Browser, service: Service) -> Iterator[BrowserContext]:
    """A browser window of its own, with nothing kept from others."""
    context = chromium.new_context(base_url=service.url, locale="en-US", accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, watch: Watch) -> Page:
    page = context.new_page()
    watch.over(page)
    return page


def fact(page: Page, name: str) -> str:
    """What stands under a name among the figures."""
    return page.locator("dl.facts div", has=page.get_by_text(name, exact=True)).locator("dd").inner_text()


def paste(page: Page, text: str) -> None:
    """Paste a list, and wait until it is priced."""
    page.get_by_label("Paste numbers").fill(text)
    expect(page.get_by_text("To be paid", exact=True)).to_be_visible()


def start(page: Page, state: str) -> None:
    """Start the list, and wait until it is in that state."""
    page.get_by_role("button", name="Validate").click()
    expect(page.locator("h1 .state")).to_have_text(state)
