"""The page for people: `check --report`, and beside the results of a dropped file."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.dropbox.conftest import watched
from tests.dropbox.dropping import DropFolder
from tests.test_check import check, records, table
from validator_svc.record.meanings import REASONS
from validator_svc.report.findings import SAMPLES, Findings
from validator_svc.report.page import MOST_BARS, page

__all__ = ["watched"]

NUMBER = "+6281234567000"
ROWS = f"phone,note\n{NUMBER},a\n+442079460018,b\n+33 12,c\n+33 13,d\n<b>x</b>&amp;,e\n6.28E+11,f\n"


class Words(HTMLParser):
    """The text of a page, and whatever it would load or run."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset", "action")]
        self.loads += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self.lasttag != "style":
            self.words += data.split()

    @property
    def text(self) -> str:
        return " ".join(self.words)


def test_a_report_says_what_the_results_come_to(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(ROWS)
    report = tmp_path / "list.html"
    done = check(tmp_path / "list.csv", "-o", tmp_path / "out.csv", "--report", report)
    assert done.stderr.decode().splitlines()[-2:] == [f"wrote    {tmp_path}/out.csv", f"wrote    {report}"]
    assert len(table((tmp_path / "out.csv").read_bytes())) == 7
    seen = Words(report.read_text("utf-8"))
    assert seen.text.startswith("list.csv list.csv 6 rows 2 valid (33.3 %) 4 invalid (66.7 %)")
    for part in (
        "Read as CSV with header, utf-8, delimiter ',', numbers in 'phone'",
        "Countries GB 1 (50.0 %) ID 1 (50.0 %)",
        "Types of line landline 1 (50.0 %) mobile 1 (50.0 %)",
        "Carriers Telkomsel 1 (50.0 %)",
        "too_short 2 (33.3 %) " + REASONS["too_short"],
        "row 3 +33 12 , row 4 +33 13",
        "row 5 <b>x</b>&amp;",
        "make the column text there and export it again row 6 6.28E+11",
    ):
        assert part in seen.text, part
    assert "b" in seen.tags, "counts are bold"
    assert seen.loads == []
    assert "default-src 'none'" in report.read_text()


@pytest.mark.parametrize(
    ("output", "arguments"),
    [
        ("-", []),
        ("x.csv", []),
        ("x.xlsx", ["--type", "format"]),
        ("x.ndjson", ["--country", "column:note"]),
    ],
)
def test_results_are_the_same_with_a_report(
    output: str, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text(ROWS)
    written: list[bytes] = []
    for more in ([], ["--report", "r.html"]):
        done = check("list.csv", "-o", output, *arguments, *more)
        written.append(done.stdout if output == "-" else Path(output).read_bytes())
    plain, beside = written
    # A workbook has the time in it.
    assert len(plain) == len(beside) if output == "x.xlsx" else plain == beside
    assert Words(Path("r.html").read_text()).text.startswith("list.csv list.csv 6 rows ")


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ("list.csv", "--report list.csv: expected a name that ends in .html"),
        ("list.html", "list.html: this is the input; expected another file to write to"),
        ("nowhere/r.html", "nowhere/r.html: No such file or directory"),
        (".html", "--report .html: expected a name that ends in .html"),
    ],
)
def test_a_report_that_cannot_be_written_is_named(
    report: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("list.csv", "list.html"):
        (tmp_path / name).write_text(ROWS)
    name = "list.html" if report == "list.html" else "list.csv"
    done = check(name, "-o", "out.csv", "--report", report, status=2)
    assert done.stderr.decode() == f"validator-svc: {said}\n"
    assert (tmp_path / name).read_text() == ROWS
    assert not (tmp_path / "out.csv").exists()


async def test_a_dropped_file_has_its_report_as_a_page(watched: DropFolder) -> None:
    watched.drop("list.csv", ROWS)
    report = await watched.report("list.csv")
    seen = Words((watched.outbox / "list.csv.report.html").read_text("utf-8"))
    assert seen.text.startswith("list.csv list.csv 6 rows 2 valid (33.3 %) 4 invalid (66.7 %)")
    assert "All results list.csv.results.csv" in seen.text
    for reason, count in report["summary"]["reason"].items():
        assert f"{reason} {count} (" in seen.text
    watched.drop("again.csv", ROWS)
    await watched.report("again.csv")
    again = Words((watched.outbox / "again.csv.report.html").read_text("utf-8"))
    assert f"Answered from batch {report['request_uuid']}" in again.text


def pieces(lines: list[bytes], size: int) -> Iterator[bytes]:
    for start in range(0, len(lines), size):
        yield b"".join(lines[start : start + size])


@pytest.mark.parametrize("size", [1, 7, 1_000, 100_000])
def test_counts_are_those_of_the_records_in_whatever_pieces_they_come(sample: Path, size: int) -> None:
    lines = check(sample / "sample.csv").stdout.splitlines(keepends=True)[: 10 * size]
    found = Findings()
    for piece in pieces(lines, size):
        found.add(piece)
    expected = records(b"".join(lines))
    assert found.rows == len(expected)
    assert found.valid == sum(record["is_valid"] is True for record in expected)
    for counted, field in (
        (found.countries, "country_code"),
        (found.line_types, "phone_type"),
        (found.carriers, "carrier_name"),
        (found.reasons, "reason"),
    ):
        values = [record[field] for record in expected if record[field] is not None]
        assert dict(counted) == {value: values.count(value) for value in set(values)}
    for reason, samples in found.samples.items():
        rows = [(n, r["phone_number"]) for n, r in enumerate(expected, 1) if r["reason"] == reason]
        assert samples == rows[:SAMPLES]


def test_long_tails_are_one_line() -> None:
    found = Findings()
    found.rows = found.valid = 300
    found.carriers.update({f"Carrier {n}": 20 - n for n in range(20)})
    shown = Words(page("x", [], found).decode()).text
    assert len(re.findall(r"Carrier \d+ ", shown)) == MOST_BARS
    assert f"{20 - MOST_BARS} others" in shown
