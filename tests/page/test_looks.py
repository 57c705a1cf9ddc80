"""How the page looks to everybody: in light and dark, on a phone, to a screen reader."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.browser import needs_browser
from tests.page.conftest import paste, start
from tests.service import Service, running

pytestmark = needs_browser

LIST = "name,phone\nAda,+442079460958\nZoë,+6281234567000\nYi,+1 900 234 5678\nBob,12\n"
PHONE, DESK = (360, 740), (1280, 900)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    more = {"VALIDATOR_ADMIN_KEY": "the-administrators-key-0123456789"}
    with running(tmp_path_factory.mktemp("data"), **more) as service:
        yield service


def test_every_view_is_for_everybody(page: Page) -> None:
    page.goto("/")
    paste(page, LIST)
    looks_right(page, "new list")
    start(page, "success")
    expect(page.get_by_role("row", name="Zoë")).to_be_visible()
    looks_right(page, "list")
    page.get_by_role("link", name="Lists", exact=True).click()
    expect(page.get_by_role("heading", name="Lists")).to_be_visible()
    expect(page.get_by_role("link", name="Pasted list")).to_be_visible()
    looks_right(page, "lists")
    page.get_by_role("link", name="One number", exact=True).click()
    page.get_by_label("Phone number").fill("+6281234567000")
    expect(page.get_by_role("rowheader", name="Carrier", exact=True)).to_be_visible()
    looks_right(page, "one number")
    page.get_by_role("button", name="Sign in").click()
    looks_right(page, "sign in")
    page.get_by_label("API key").fill("the-administrators-key-0123456789")
    page.get_by_label("API key").press("Enter")
    page.get_by_role("link", name="Operators").click()
    page.get_by_label("Name", exact=True).fill("web shop")
    page.get_by_role("button", name="Create a key").click()
    expect(page.get_by_role("row", name="web shop")).to_be_visible()
    looks_right(page, "operators")


def looks_right(page: Page, view: str) -> None:
    """Nothing serious for axe, in neither scheme; nothing wider than a phone."""
    axe = Axe()
    for scheme, options in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = axe.run(page, options=options).response["violations"]
        serious = [
            (each["id"], [node["html"][:200] for node in each["nodes"]])
            for each in found
            if each["impact"] in ("serious", "critical")
        ]
        assert serious == [], f"{view}, {scheme}"
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE[0], f"{view} is {wide} px wide on a phone"
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
