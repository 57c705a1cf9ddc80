"""A real browser for tests: Debian's Chromium, headless, driven by Playwright."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from playwright import sync_api
from playwright.async_api import Browser, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # What Chromium asks its maker's hosts for by itself.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed: apt-get install chromium, or make browser as root"
)


@asynccontextmanager
async def browser(*flags: str) -> AsyncIterator[Browser]:
    """A Chromium of its own with more flags; mark tests that take it with `needs_browser`."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        try:
            yield launched
        finally:
            await launched.close()


@contextmanager
def browser_for_tests(*flags: str) -> Iterator[sync_api.Browser]:
    """The same for tests that are no coroutines, which may share it; none that is one may run meanwhile."""
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        try:
            yield launched
        finally:
            launched.close()
