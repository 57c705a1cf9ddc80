"""Lists in the page of a service without keys: pasted or as a file, priced, worked, looked at, downloaded."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser import needs_browser
from tests.page.conftest import Watch, fact, paste, start
from tests.page.looks import looks_right
from tests.service import Service, running

pytestmark = needs_browser

ROWS = [
    ("Ada", "020 7946 0958", "GB"),
    ("Zoë", "+6281234567000", "ID"),
    ("Yi", "+1 900 234 5678", "US"),
    ("Bob", "12", "US"),
    ("Cy", "nothing", ""),
]
TIMES = 50
LIST = "name,phone,country\n" + "".join(
    f"{name} {at},{phone},{country}\n" for at in range(TIMES) for name, phone, country in ROWS
)
ALL = len(ROWS) * TIMES
OUTCOMES = {"": 5, "valid": 3, "invalid": 2, "unknown": 0, "risky": 1}
CHOSEN = {"United Kingdom": "Ada", "premium-rate": "Yi", "Telkomsel": "Zoë", "too short": "Bob"}
DOWNLOADS = [("csv", ""), ("excel", "valid"), ("xlsx", "invalid"), ("ndjson", "unknown"), ("ndjson", "risky")]
ENDINGS = {"csv": "csv", "excel": "csv", "xlsx": "xlsx", "ndjson": "ndjson"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("data"), VALIDATOR_SEGMENT_ROWS="40") as service:
        yield service


def file(name: str, content: str | bytes) -> FilePayload:
    buffer = content.encode() if isinstance(content, str) else content
    return {"name": name, "mimeType": "application/octet-stream", "buffer": buffer}


def expect_valid(page: Page, count: int) -> None:
    """Wait until so many are said to be valid."""
    expect(page.locator("dl.facts .good dd")).to_have_text(str(count))


def test_a_pasted_list_from_the_first_look_to_the_last(page: Page) -> None:
    page.goto("/")
    paste(page, LIST)
    expect(page.get_by_label("Column with the numbers")).to_contain_text("Found: phone")
    assert (fact(page, "Numbers"), fact(page, "Valid"), fact(page, "Cost")) == (f"{ALL}", "100", "$0.00")
    page.get_by_role("button", name="Use it").click()
    expect_valid(page, 150)
    assert (fact(page, "Valid"), fact(page, "Invalid")) == ("150", "100")
    page.get_by_label("First row has names").select_option("false")
    expect(page.get_by_label("The first rows").get_by_role("cell", name="name", exact=True)).to_be_visible()
    page.get_by_label("First row has names").select_option("")
    expect_valid(page, 100)
    page.get_by_label("Country of national numbers").select_option("column:country")
    expect_valid(page, 150)
    page.get_by_label("Column with the numbers").select_option("name")
    expect_valid(page, 0)
    page.get_by_label("Column with the numbers").select_option("")
    expect_valid(page, 150)
    looks_right(page, "a new list")
    start(page, "success")
    expect(page.get_by_text(f"{ALL} of {ALL}", exact=True)).to_be_visible()
    looked_at(page)
    looks_right(page, "a list")
    downloaded(page)


def looked_at(page: Page) -> None:
    """Pictures, filters, a search, and pages of the table."""
    grid = page.get_by_label("Rows of the list")
    expect(page.locator("figure.whole li.valid")).to_have_text("Valid 150 60%")
    expect(page.locator(".risky")).to_contain_text("20% risky")
    for name, who in CHOSEN.items():
        page.locator("figure.bars").get_by_role("button", name=name, exact=True).click()
        expect(grid.locator("tbody tr:first-child td").nth(1)).to_have_text(f"{who} 0")
        expect(grid.locator("tbody tr")).to_have_count(TIMES)
    page.get_by_label("Search").fill("zoë 7")
    page.get_by_label("Reason").select_option("")
    expect(grid.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Search").fill("nobody")
    expect(page.get_by_text("No row is like that.")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text(f"Rows 1 to 100 of {ALL}")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text(f"Rows 101 to 200 of {ALL}")).to_be_visible()
    page.get_by_label("Go to row").fill("249")
    page.get_by_label("Go to row").press("Enter")
    expect(page.get_by_text(f"Rows 249 to 250 of {ALL}")).to_be_visible()
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_text(f"Rows 101 to 200 of {ALL}")).to_be_visible()


def downloaded(page: Page) -> None:
    """Each format, all rows and those of each outcome."""
    for format_, only in DOWNLOADS:
        page.get_by_role("combobox", name="Rows", exact=True).select_option(only)
        page.get_by_role("combobox", name="Format", exact=True).select_option(format_)
        with page.expect_download() as coming:
            page.get_by_role("link", name="Download").click()
        name = ".".join(filter(None, ["Pasted list.results", only, ENDINGS[format_]]))
        assert coming.value.suggested_filename == name
        content = coming.value.path().read_bytes()
        if format_ == "xlsx":
            assert content.startswith(b"PK")
        else:
            assert content.count(b"\n") == OUTCOMES[only] * TIMES + (format_ != "ndjson")


DRINKS = "who,what\nAda,tea\nBob,+6281234567000\nCy,milk\nDi,ale\n"
MARKUP = "<img src=x onerror=alert(1)>"
SCRIPT = "<script>alert(2)</script>"


def test_markup_in_a_name_and_in_cells_is_text_everywhere(page: Page) -> None:
    page.goto("/")
    table = f'name,{SCRIPT},"<b>c</b>"\n{MARKUP},+6281234567000,"a""b"\n<svg onload=alert(3)>,{MARKUP},\n'
    page.locator("#file").set_input_files(file(f"{MARKUP}.csv", table))
    expect(page.locator(".chosen")).to_contain_text(f"{MARKUP}.csv")
    expect(page.get_by_text("To be paid", exact=True)).to_be_visible()
    preview = page.get_by_label("The first rows")
    for text in (SCRIPT, "<b>c</b>", MARKUP):
        expect(preview.get_by_text(text, exact=True).first).to_be_visible()
    start(page, "success")
    expect(page.locator("h1")).to_contain_text(f"{MARKUP}.csv")
    grid = page.get_by_label("Rows of the list")
    for text in (SCRIPT, "<b>c</b>", MARKUP, "<svg onload=alert(3)>", 'a"b'):
        expect(grid.get_by_text(text, exact=True).first).to_be_visible()
    page.get_by_role("link", name="Lists", exact=True).click()
    expect(page.get_by_role("link", name=f"{MARKUP}.csv")).to_be_visible()
    looks_right(page, "lists")
    page.get_by_role("link", name="One number", exact=True).click()
    page.get_by_label("Phone number").fill(MARKUP)
    expect(page.locator("main").get_by_text(MARKUP, exact=True)).to_be_visible()
    assert page.locator("main script, main b, main svg[onload], img[src=x]").count() == 0


def test_a_file_that_cannot_be_read_says_why_and_what_to_do(page: Page) -> None:
    page.goto("/")
    page.locator("#file").set_input_files(file("broken.xlsx", b"PK\3\4 this is no workbook"))
    alarm = page.get_by_role("alert")
    expect(alarm).to_contain_text("file:")
    page.locator("#file").set_input_files(file("people.csv", DRINKS))
    expect(alarm).to_contain_text("no phone column found")
    page.get_by_label("Name the column").fill("what")
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_text("To be paid", exact=True)).to_be_visible()
    assert (fact(page, "Valid"), fact(page, "Invalid")) == ("1", "3")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("To be paid", exact=True)).to_be_hidden()
    page.goto("/#/batch/00000000-0000-4000-8000-000000000000")
    expect(alarm).to_contain_text("there is no batch of this id")


def test_one_number_is_answered_and_explained_as_typing_stops(page: Page) -> None:
    page.goto("/#/number")
    page.get_by_label("Phone number").press_sequentially("020 7946 0958")
    expect(page.locator(".verdict.invalid")).to_contain_text("invalid country code")
    expect(page.get_by_text("read as international without its +")).to_be_visible()
    page.get_by_label("Country, if it is national").select_option("GB")
    expect(page.locator(".verdict.valid")).to_contain_text("+442079460958")
    ported = page.get_by_role("row", name="Ported")
    expect(ported).to_contain_text("null is never no")
    expect(page.get_by_role("rowheader", name="Carrier", exact=True)).to_be_visible()
    looks_right(page, "one number")
    page.get_by_label("Phone number").fill("")
    expect(page.locator(".verdict")).to_have_count(0)


def test_numbers_and_words_are_those_of_the_browsers_language(
    chromium: Browser, service: Service, watch: Watch
) -> None:
    context = chromium.new_context(base_url=service.url, locale="de-DE")
    page = context.new_page()
    watch.over(page)
    page.goto("/")
    paste(page, "+6281234567000\n" * 1_234)
    assert fact(page, "Numbers") == "1.234"
    countries = page.get_by_label("Country of national numbers")
    expect(countries.locator("option[value=ID]")).to_have_text("Indonesien")
    context.close()


def test_it_can_be_used_without_a_mouse(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Validate a list")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Paste numbers")).to_be_focused()
    page.keyboard.insert_text("+6281234567000")
    expect(page.get_by_text("To be paid", exact=True)).to_be_visible()
    button = page.get_by_role("button", name="Validate")
    for _ in range(20):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("h1 .state")).to_have_text("success")
    expect(page.locator("main")).to_be_focused()
