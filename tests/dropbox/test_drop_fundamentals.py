"""What the drop folder does for its users, one thing a test."""

import gzip
import hashlib
import io
import os

import orjson
import pytest

from tests.batches.test_bad_files import row, workbook
from tests.dropbox.dropping import DropFolder, contacts
from tests.formats.test_xlsx import rows_in

VALID = "+6281234567000"


async def test_a_file_is_answered_beside_it(watched: DropFolder) -> None:
    text = contacts(VALID, "12", VALID)
    watched.drop("plain.csv", text)
    report = await watched.report("plain.csv")
    assert (report["status"], report["count"], report["pending"]) == ("success", 3, 0)
    assert (report["valid"], report["invalid"], report["duplicates"]) == (2, 1, 1)
    assert (report["type"], report["cost"], report["saved"]) == ("validation", "0", "0")
    assert report["summary"]["reason"] == {"too_short": 1}
    assert report["input_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert report["duration_s"] > 0
    assert report["reused_from"] is None
    rows = watched.rows("plain.csv")
    assert [row["name"] for row in rows] == ["Ann 0", "Ann 1", "Ann 2"]
    assert [row["is_valid"] for row in rows] == ["true", "false", "true"]
    assert (watched.done / "plain.csv").read_text() == text
    assert watched.progress("plain.csv") == {}


# A batch's, and what only a file has.
FIELDS = {
    *("request_uuid", "request_id", "name", "type", "status", "count", "pending", "valid", "invalid"),
    *("unknown", "duplicates", "cached", "paid", "cost", "saved", "created_at", "finished_at", "eta_s"),
    *("assumed_international", "input_sha256", "duration_s", "reused_from"),
}


async def test_a_report_has_the_fields_of_a_batch_and_of_its_file(watched: DropFolder) -> None:
    text = contacts("6281234567000", VALID, "21")
    for name in ("new.csv", "known.csv"):
        watched.drop(name, text)
        report = await watched.report(name)
        assert report.keys() >= FIELDS
        assert report["input_sha256"] == hashlib.sha256(text.encode()).hexdigest()
        assert report["assumed_international"] > 0
        assert report["duration_s"] >= 0
        assert report["finished_at"].endswith("Z")


async def test_files_whose_names_differ_in_their_ending_do_not_meet(watched: DropFolder) -> None:
    watched.drop("same.csv", contacts(VALID))
    watched.drop("same.txt", f"{VALID}\n12\n")
    assert (await watched.report("same.csv"))["count"] == 1
    assert (await watched.report("same.txt"))["count"] == 2


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", f"{VALID}\n12\n"),
        ("a.tsv", f"who\tphone\nAnn\t{VALID}\nBob\t12\n"),
        ("a.ndjson", f'{{"phone_number":"{VALID}"}}\n"12"\n'),
        ("a.json", f'["{VALID}", "12"]'),
        ("a.csv.gz", gzip.compress(contacts(VALID, "12").encode())),
    ],
    # Archives have the time in them, and the workers of a run must agree on the names of tests.
    ids=["text", "tsv", "ndjson", "json", "gzip"],
)
async def test_every_format_is_taken(watched: DropFolder, name: str, data: bytes | str) -> None:
    watched.drop(name, data)
    report = await watched.report(name)
    assert (report["count"], report["valid"]) == (2, 1)
    assert [row["is_valid"] for row in watched.rows(name)] == ["true", "false"]


async def test_the_name_may_say_type_and_country(watched: DropFolder) -> None:
    watched.drop("named.format.ID.csv", contacts("0812-3456-7000"))
    assert (await watched.report("named.format.ID.csv"))["type"] == "format"
    (answered,) = watched.rows("named.format.ID.csv")
    assert answered["e164_format"] == "+6281234567000"
    assert "carrier_name" not in answered


async def test_a_sidecar_goes_before_the_name_and_moves_with_its_file(watched: DropFolder) -> None:
    (watched.inbox / "side.analysis.csv.toml").write_text('type = "format"\nformat = "ndjson"\ncolumn = 2\n')
    watched.drop("side.analysis.csv", f"other,mine\n12,{VALID}\n")
    assert (await watched.report("side.analysis.csv"))["type"] == "format"
    line = (watched.outbox / "side.analysis.csv.results.ndjson").read_bytes()
    assert orjson.loads(line)["phone_number"] == VALID
    assert (watched.done / "side.analysis.csv.toml").exists()
    assert not (watched.inbox / "side.analysis.csv.toml").exists()


async def test_results_come_as_a_workbook(watched: DropFolder) -> None:
    (watched.inbox / "book.csv.toml").write_text('type = "format"\nformat = "xlsx"\n')
    watched.drop("book.csv", contacts(VALID))
    await watched.report("book.csv")
    header, row = rows_in(watched.outbox / "book.csv.results.xlsx")
    assert [row[header.index(name)] for name in ("e164_format", "error_code")] == [VALID, "000"]


async def test_a_workbook_is_answered_with_a_workbook(watched: DropFolder) -> None:
    """Its own columns first and in their order, every cell text; unless told otherwise."""
    book = workbook(row("who", "phone", "city") + row("Ann", VALID, "Bonn") + row("Bob", "0012", "Ulm"))
    watched.drop("own.format.xlsx", book)
    await watched.report("own.format.xlsx")
    header, *rows = rows_in(watched.outbox / "own.format.xlsx.results.xlsx")
    assert header[:4] == ["who", "phone", "city", "phone_number"]
    assert [each[:3] for each in rows] == [["Ann", VALID, "Bonn"], ["Bob", "0012", "Ulm"]]
    assert [each[header.index("error_code")] for each in rows] == ["000", "021"]
    assert not (watched.outbox / "own.format.xlsx.results.csv").exists()
    for name, told in (("told.xlsx", 'format = "csv"'), ("dialect.xlsx", 'dialect = "excel"')):
        (watched.inbox / f"{name}.toml").write_text(told)
        watched.drop(name, book)
        await watched.report(name)
        assert len(watched.rows(name, "utf-8-sig")) == 2


async def test_results_that_a_workbook_does_not_hold_are_refused(watched: DropFolder) -> None:
    (watched.inbox / "long.csv.toml").write_text('type = "format"\nformat = "xlsx"\n')
    watched.drop("long.csv", f"note,phone\n{'x' * 32_768},{VALID}\n")
    assert "expected fewer, or another format: csv" in await watched.error("long.csv")
    assert not (watched.outbox / "long.csv.results.xlsx").exists()


async def test_the_folder_has_defaults(watched: DropFolder) -> None:
    defaults = watched.root / "dropbox.toml"
    defaults.write_text('type = "analysis"\ncountry = "ID"\ndialect = "excel"\n')
    try:
        watched.drop("default.csv", contacts("0812-3456-7000"))
        watched.drop("default.format.csv", contacts("0812-3456-7000"))
        assert (await watched.report("default.csv"))["type"] == "analysis"
        assert (await watched.report("default.format.csv"))["type"] == "format"
        (answered,) = watched.rows("default.csv", "utf-8-sig")
        assert answered["e164_format"] == '="+6281234567000"'
    finally:
        defaults.unlink()


async def test_each_row_may_name_its_country(watched: DropFolder) -> None:
    (watched.inbox / "rows.csv.toml").write_text('country = "column:land"\n')
    watched.drop("rows.csv", "land,phone\nID,0812-3456-7000\nGermany,030 901820\n")
    await watched.report("rows.csv")
    assert [row["e164_format"] for row in watched.rows("rows.csv")] == ["+6281234567000", "+4930901820"]


async def test_the_report_counts_what_was_assumed_and_what_no_country_could_be_found_for(
    watched: DropFolder,
) -> None:
    text = "land,phone\n,(201) 555-6721\nNarnia,0812-3456-7000\nIDN,0812-3456-7000\n,+6281234567000\n"
    (watched.inbox / "unknown.csv.toml").write_text('country = "column:land"\n')
    watched.drop("unknown.csv", text)
    report = await watched.report("unknown.csv")
    assert report["assumed_international"] == 1
    assert report["summary"]["reason"] == {"unknown_country": 1}
    watched.drop("assumed.csv", text)
    assert (await watched.report("assumed.csv"))["assumed_international"] == 1


async def test_the_same_content_is_answered_from_the_first_result(watched: DropFolder) -> None:
    text = contacts(VALID, "13")
    watched.drop("first.csv", text)
    first = await watched.report("first.csv")
    watched.drop("second.csv", text)
    second = await watched.report("second.csv")
    assert second["reused_from"] == second["request_uuid"] == first["request_uuid"]
    assert second["name"] == "second.csv"
    assert watched.rows("second.csv") == watched.rows("first.csv")
    watched.drop("third.format.csv", text)
    assert (await watched.report("third.format.csv"))["reused_from"] is None


async def test_a_changed_file_of_the_same_name_is_a_new_batch(watched: DropFolder) -> None:
    watched.drop("changing.csv", contacts(VALID))
    first = await watched.report("changing.csv")
    (watched.outbox / "changing.csv.report.json").unlink()
    watched.drop("changing.csv", contacts(VALID, VALID))
    second = await watched.report("changing.csv")
    assert second["request_uuid"] != first["request_uuid"]
    assert second["reused_from"] is None
    assert len(watched.rows("changing.csv")) == 2
    assert (watched.done / "changing.csv").read_text() == contacts(VALID)
    assert (watched.done / "changing (2).csv").read_text() == contacts(VALID, VALID)


async def test_the_results_of_a_changed_format_take_the_place_of_the_old_ones(watched: DropFolder) -> None:
    watched.drop("turned.csv", contacts(VALID))
    await watched.report("turned.csv")
    (watched.outbox / "turned.csv.report.json").unlink()
    (watched.inbox / "turned.csv.toml").write_text('format = "ndjson"\n')
    watched.drop("turned.csv", contacts("14"))
    await watched.report("turned.csv")
    assert orjson.loads((watched.outbox / "turned.csv.results.ndjson").read_bytes())["phone_number"] == "14"
    assert not (watched.outbox / "turned.csv.results.csv").exists()


async def test_a_copy_that_stalls_is_waited_for(watched: DropFolder) -> None:
    with (watched.inbox / "stalling.csv").open("w") as file:
        file.write(contacts(VALID))
        file.flush()
        os.fsync(file.fileno())
        # Another file, dropped later and answered, shows that there was time to take this one.
        for at in range(2):
            watched.drop(f"passing {at}.csv", contacts(VALID, str(at)))
            await watched.report(f"passing {at}.csv")
        assert not (watched.outbox / "stalling.csv.results.csv").exists()
        file.write(f"Bob,{VALID}\n")
    assert (await watched.report("stalling.csv"))["count"] == 2


@pytest.mark.parametrize(
    "name", ["two  words.csv", "Ünïcode 名簿.csv", "quote'\"$(x).csv", "new\nline.csv", "n" * 251 + ".csv"]
)
async def test_any_name_will_do(watched: DropFolder, name: str) -> None:
    watched.drop(name, contacts(VALID))
    path = watched.done / name
    await watched.until(path.exists)
    stem = name
    if len(name) > 230:
        stem = f"{name[:221]}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    assert len(watched.rows(stem)) == 1
    assert orjson.loads((watched.outbox / f"{stem}.report.json").read_bytes())["count"] == 1


async def test_a_name_that_is_not_utf_8_will_do(watched: DropFolder) -> None:
    name = os.fsdecode(b"caf\xe9.csv")
    watched.drop(name, contacts(VALID))
    assert (await watched.report(name))["name"] == "caf\N{REPLACEMENT CHARACTER}.csv"


async def test_progress_is_told_while_a_file_is_worked(watched: DropFolder) -> None:
    text = io.StringIO()
    for number in range(200_000):
        text.write(f"+62812{number:08}\n")
    watched.drop("long.txt", text.getvalue())
    seen: list[str] = []

    def has_moved() -> bool:
        progress = watched.progress("long.txt")
        if progress:
            assert progress["file"] == "long.txt"
            seen.append(progress["status"])
        return "progress" in seen or (watched.done / "long.txt").exists()

    await watched.until(has_moved)
    assert seen
    report = await watched.report("long.txt")
    assert report["valid"] == 200_000
    assert watched.progress("long.txt") == {}
