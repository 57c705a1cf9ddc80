"""A real browser for tests: Debian's Chromium, headless, driven by Playwright."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
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
