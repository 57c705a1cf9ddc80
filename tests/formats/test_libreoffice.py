"""Results as LibreOffice opens them: what shall be text is text. Skipped where it is not installed."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from tests.test_check import check, records

SOFFICE = shutil.which("soffice")
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
# Comma, double quote, UTF-8, from the first row on, formulas evaluated as a double click may do.
CSV_OPTIONS = "CSV:44,34,76,1,,0,false,true,false,false,false,-1,true"


class Cell(NamedTuple):
    kind: str
    shown: str


def opened(file: Path, *options: str) -> Iterator[list[Cell]]:
    """The rows that LibreOffice has of a file, as their types and texts are there."""
    folder = file.parent
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [str(SOFFICE), profile, "--headless", *options, "--convert-to", "fods", "--outdir", str(folder)]
    subprocess.run([*command, str(file)], check=True, capture_output=True, timeout=240)
    for row in ElementTree.parse(file.with_suffix(".fods")).iter(f"{TABLE}table-row"):
        cells: list[Cell] = []
        for cell in row.iter(f"{TABLE}table-cell"):
            times = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
            shown = "\n".join("".join(part.itertext()) for part in cell.iter(f"{TEXT}p"))
            cells += [Cell(cell.get(f"{OFFICE}value-type", ""), shown)] * min(times, 100)
        for _ in range(min(int(row.get(f"{TABLE}number-rows-repeated", "1")), 1_000)):
            yield cells


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed (Debian: libreoffice-calc)")
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_every_number_and_error_code_arrives_as_text(sample: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"results.{ending}"
    more = () if ending == "xlsx" else ("--dialect", "excel")
    check(sample / "sample.csv", "-o", file, "--type", "format", *more)
    header, *rows = opened(file, *(() if ending == "xlsx" else (f"--infilter={CSV_OPTIONS}",)))
    expected = records(check(sample / "sample.csv", "--type", "format").stdout)
    names = [cell.shown for cell in header]
    for name in ("e164_format", "error_code"):
        at = names.index(name)
        # An empty cell has no type.
        assert [row[at] for row in rows[: len(expected)]] == [
            Cell("string" if record[name] else "", str(record[name])) for record in expected
        ]
