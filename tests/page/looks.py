"""Whether a view is for everybody: in light and dark, on a phone, to a screen reader."""

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

PHONE, DESK = (360, 740), (1280, 900)


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
