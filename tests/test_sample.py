"""The sample: built again it is the same, and every row comes out as it was made to."""

import csv
from pathlib import Path

import orjson

from tests.data.build_sample import DIRT, JUNK, build
from validator_svc.formats.layout import Hints
from validator_svc.formats.rows import NumberFile
from validator_svc.kernel.classify import Classifier


def test_the_sample_is_what_its_script_builds(sample: Path, tmp_path: Path) -> None:
    build(tmp_path)
    for name in ("sample.csv", "sample.txt"):
        assert (tmp_path / name).read_bytes() == (sample / name).read_bytes(), (
            "run tests/data/build_sample.py"
        )


def test_every_row_comes_out_as_it_was_made_to(sample: Path) -> None:
    with (sample / "sample.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = Classifier().lines([row["phone"] for row in rows], "format").splitlines()
    wrong = [
        row
        for row, line in zip(rows, lines, strict=True)
        if row["expected_reason"] != (orjson.loads(line)["reason"] or "")
    ]
    assert wrong == []


def test_the_sample_is_large_and_has_all_kinds_of_dirt(sample: Path) -> None:
    with (sample / "sample.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 2_000
    assert len({row["region"] for row in rows}) > 240
    assert {row["dirt"] for row in rows} >= {*DIRT, *JUNK, "scientific", "unallocated_range", "local_only"}


def test_its_layout_is_found(sample: Path) -> None:
    with (sample / "sample.csv").open("rb") as file:
        layout = NumberFile(file, Hints("sample.csv")).layout
        assert layout.columns[layout.phone_column] == "phone"
    with (sample / "sample.txt").open("rb") as file:
        assert NumberFile(file, Hints("sample.txt")).layout.format == "text"
