"""`python -m loadtest.screenshots FOLDER DOCS`: pictures of all views, light and dark, on a desk and a phone.

What the README shows of them goes to DOCS. Starts a service that pays the emulator of a live source,
validates a made-up list in the page, and looks at it.
"""

import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, FloatRect, Page, expect

from loadtest.bench.corpus import numbers
from tests.browser import browser_for_tests
from tests.service import running

ADMIN = "the-administrators-key-0123456789"
ROWS = 3_000
SIZES = {"desktop": (1160, 780), "phone": (390, 844)}
WAIT_MS = 120_000
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
IN_README = {"list": "light", "new-list": "dark"}
IN_README_HEIGHT = 1_040
NAMES = ["José Müller", "Siti Nurhaliza", "Łukasz Żółć", "Ольга Иванова", "Anna Smith", "Bob O'Neill"]
CITIES = ["Jakarta", "São Paulo", "München", "New York", "Hà Nội", "Lagos"]


def written(path: Path) -> Path:
    """A file of customers."""
    chance = random.Random(1)
    rows = [f"{chance.choice(NAMES)},{number},{chance.choice(CITIES)}" for number in numbers(ROWS, seed=1)]
    path.write_text("\n".join(["name,phone,city", *rows]), encoding="utf-8")
    return path


def asked_for_a_key(page: Page, path: Path) -> None:
    """The key is asked for."""
    page.goto("/#/operators")
    expect(page.get_by_label("API key")).to_be_visible(timeout=WAIT_MS)


def progress(page: Page, path: Path) -> None:
    """A list that is being worked, by who signed in and made keys."""
    page.get_by_label("API key").fill(ADMIN)
    page.get_by_label("API key").press("Enter")
    for name in ("web shop", "call centre"):
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_role("button", name="Create a key").click()
        expect(page.get_by_role("row", name=name)).to_be_visible(timeout=WAIT_MS)
    new_list(page, path)
    page.get_by_role("button", name="Validate").click()
    expect(page.get_by_text("Rows 1 to")).to_be_visible(timeout=WAIT_MS)


def new_list(page: Page, path: Path) -> None:
    """A file, read and priced."""
    page.goto("/#/new")
    page.locator("#file").set_input_files(path)
    expect(page.get_by_text("To be paid", exact=True)).to_be_visible(timeout=WAIT_MS)


def a_list(page: Page, path: Path) -> None:
    """A list that was worked."""
    page.goto("/#/batches")
    page.get_by_role("link", name=path.name).first.click()
    expect(page.locator("h1 .state")).to_have_text("success", timeout=WAIT_MS)
    expect(page.get_by_text("Rows 1 to 100")).to_be_visible(timeout=WAIT_MS)


def lists(page: Page, path: Path) -> None:
    """All lists."""
    page.goto("/#/batches")
    expect(page.get_by_role("link", name=path.name).first).to_be_visible(timeout=WAIT_MS)


def one_number(page: Page, path: Path) -> None:
    """One number, in words."""
    page.goto("/#/number")
    page.get_by_label("Phone number").fill("+62 812-3456-7000")
    page.get_by_role("button", name="Look it up").click()
    expect(page.get_by_role("rowheader", name="Time zone")).to_be_visible(timeout=WAIT_MS)


def operators(page: Page, path: Path) -> None:
    """What goes on, and the keys."""
    page.goto("/#/operators")
    expect(page.get_by_role("row", name="web shop")).to_be_visible(timeout=WAIT_MS)


VIEWS: dict[str, Callable[[Page, Path], None]] = {
    "sign-in": asked_for_a_key,
    "progress": progress,
    "list": a_list,
    "new-list": new_list,
    "lists": lists,
    "number": one_number,
    "operators": operators,
}


def taken(chromium: Browser, url: str, path: Path, folder: Path, docs: Path) -> None:
    """Every picture."""
    context = chromium.new_context(base_url=url, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    for view, show in VIEWS.items():
        width, height = SIZES["desktop"]
        page.set_viewport_size({"width": width, "height": height})
        show(page, path)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=folder / f"{view}-{scheme}-{size}.png", full_page=True)
                if IN_README.get(view) == scheme and size == "desktop":
                    clip: FloatRect = {"x": 0, "y": 0, "width": width, "height": IN_README_HEIGHT}
                    page.screenshot(path=docs / f"{view}.png", full_page=True, clip=clip)
    context.close()


def main(folder: Path, docs: Path) -> None:
    """Take them all."""
    for each in (folder, docs):
        each.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "loadtest.wavix_emulator"]
    with (
        tempfile.TemporaryDirectory() as data,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as upstream,
    ):
        assert upstream.stdout
        settings = {
            "VALIDATOR_AUTH": "on",
            "VALIDATOR_ADMIN_KEY": ADMIN,
            "VALIDATOR_WAVIX_URL": upstream.stdout.readline().split()[-1],
            "VALIDATOR_WAVIX_APPID": "an-account-key",
            "VALIDATOR_WAVIX_RATE": "2",
            # The picture of its progress is of a part.
            "VALIDATOR_SEGMENT_ROWS_UPSTREAM": "250",
        }
        path = written(Path(data) / "customers.csv")
        with running(Path(data) / "data", **settings) as service, browser_for_tests() as chromium:
            taken(chromium, service.url, path, folder, docs)
        upstream.terminate()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
