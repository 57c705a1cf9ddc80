"""`validator-svc check` as people run it: real files, real pipes, exit statuses."""

import csv
import gzip
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from backports import zstd

from tests.batches.test_bad_files import row, workbook_of
from tests.numbering.written import MARKED, SCIENTIFIC, UNSEEN
from tests.service import START_S
from validator_svc.record.record import fields_of

NUMBER = "+6281234567000"
COMMAND = [sys.executable, "-m", "validator_svc", "check"]


def check(*arguments: str | Path, stdin: bytes = b"", status: int = 0) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)], input=stdin, capture_output=True, timeout=START_S, check=False
    )
    assert done.returncode == status, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return done


def records(output: bytes) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in output.splitlines()]


def table(output: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(output.decode(), newline=""), delimiter=delimiter))


def test_text_from_stdin_gives_ndjson_on_stdout() -> None:
    done = check("-", stdin=f"{NUMBER}\n\nnobody".encode())
    first, second, third = records(done.stdout)
    assert tuple(first) == fields_of("validation")
    assert first["e164_format"] == NUMBER
    assert (second["reason"], third["reason"]) == ("empty", "not_a_number")


def test_marks_around_a_number_are_no_part_of_it() -> None:
    texts = [*MARKED, *SCIENTIFIC, *UNSEEN]
    found = records(check("-", stdin=b"\n".join(map(orjson.dumps, texts))).stdout)
    assert [record["phone_number"] for record in found] == texts
    lost = {record["phone_number"] for record in found if record["reason"] == "scientific_notation"}
    assert lost == set(SCIENTIFIC)
    assert {record["e164_format"] for record in found} == {NUMBER, ""}


def test_the_summary_is_on_stderr(sample: Path) -> None:
    done = check(sample / "sample.csv", "--type", "format")
    summary = done.stderr.decode().splitlines()
    lines = done.stdout.splitlines()
    valid = sum(b'"is_valid":true' in line for line in lines)
    assert summary[0] == "read as CSV with header, utf-8, delimiter ',', numbers in 'phone'"
    assert summary[1].startswith(f"rows     {len(lines):,} in ")
    assert summary[2] == f"valid    {valid:,}"
    assert summary[3].startswith(f"invalid  {len(lines) - valid:,}: ")
    assert "not_a_number" in summary[3]
    assert summary[4].startswith("top countries: US ")


@pytest.mark.parametrize("output_format", ["csv", "ndjson"])
def test_numbers_assumed_to_be_international_are_counted(output_format: str) -> None:
    rows = "phone,land of origin\n(201) 555-6721,US\n0812 3456 7000,Indonesia\n6281234567000,ID\n"
    rows += "+6281234567000,\n"
    seen = check("-", "--format", output_format, stdin=rows.encode()).stderr.decode()
    assert "\nassumed  2 international, having neither +, 00 nor a country\n" in seen
    assert "the column 'land of origin' looks like countries" in seen
    assert "--country 'column:land of origin'" in seen
    seen = check("-", "--country", "US", stdin=rows.encode()).stderr.decode()
    assert "assumed" not in seen
    assert "looks like countries" not in seen


@pytest.mark.parametrize(
    ("text", "assumed", "column"),
    [
        ("+6281234567000\n006281234567000\n", 0, None),
        ("6281234567000\n+6281234567000\n", 1, None),
        ("phone,name\n6281234567000,Ann\n", 1, None),
        ("phone,name\n+6281234567000,DE\n", 0, None),
        ('{"phone":"6281234567000","land":"ID"}\n', 1, "land"),
        ('[{"phone":"6281234567000","land":"ID"}]', 1, "land"),
        ("phone;land\n" + "6281234567000;DE\n" * 50_000, 50_000, "land"),
        ("phone;text;land\n" + '6281234567000;"a\nb";AT\n' * 20_000, 20_000, "land"),
    ],
)
def test_the_column_that_would_help_is_named(text: str, assumed: int, column: str | None) -> None:
    for encoding in ("utf-8", "utf-16"):
        seen = check("-", stdin=text.encode(encoding)).stderr.decode()
        assert (f"assumed  {assumed:,} " in seen) == bool(assumed)
        assert (f"the column {column!r} looks like countries" in seen) == bool(column)


@pytest.mark.parametrize("more", [[], ["--format", "csv"]])
def test_numbers_that_need_a_country_are_told_how_to_get_it(more: list[str]) -> None:
    hint = "need their country: --country ID"
    for text, arguments, is_told in (
        ("0812-3456-7000\n", [], True),
        ("0812-3456-7000\n", ["--country", "ID"], False),
        ("+999123\n", ["--country", "ID"], False),
        ("+62 812\n", [], False),
        ("phone,name,land\n0812-3456-7000,Ann,ID\n", ["--country", "column:land"], False),
    ):
        seen = check("-", *arguments, *more, stdin=text.encode()).stderr.decode()
        assert (hint in seen) == is_told, (text, arguments)
    seen = check("-", *more, stdin=b"phone,name,land\n0812-3456-7000,Ann,ID\n").stderr.decode()
    assert "the column 'land' looks like countries" in seen


def test_the_sample_comes_out_as_expected(sample: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    done = check(sample / "sample.csv", "--output", output)
    assert done.stdout == b""
    with output.open(encoding="utf-8", newline="") as file:
        results = list(csv.DictReader(file))
    with (sample / "sample.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [{name: result[name] for name in row} for row, result in zip(rows, results, strict=True)] == rows
    assert [row for row in results if row["reason"] != row["expected_reason"]] == []


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [["Straße", "Téléphone"], ["Königsallee 1\r\n2. Stock", NUMBER], ['"Süd" 3', "n/a"]]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    file = tmp_path / "list.csv"
    file.write_bytes(text.getvalue().encode(encoding))
    written = table(check(file, "--format", "csv", "--type", "format").stdout, delimiter)
    assert [row[:2] for row in written] == rows
    assert written[1][2:6] == [NUMBER, "true", "ID", NUMBER]


def test_options_say_what_cannot_be_found_out(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes("0812-3456-7000;0151 23456789;Œuvre\n".encode("cp1252"))
    for column in ("1", "column_1"):
        given = [
            "--no-header",
            "--column",
            column,
            "--country",
            "id",
            "--encoding",
            "cp1252",
            "--format",
            "csv",
        ]
        if column == "1":
            header, row = table(check(file, *given).stdout, ";")
            assert header[:3] == ["column_1", "column_2", "column_3"]
            assert row[2] == "Œuvre"
            assert row[6] == NUMBER
        else:
            check(file, *given, status=2)


def test_ndjson_in(tmp_path: Path) -> None:
    file = tmp_path / "numbers.jsonl"
    file.write_text(f'{{"msisdn":6281234567000,"id":7}}\n"{NUMBER}"\n{{broken\n')
    results = records(check(file, "--type", "format").stdout)
    assert [each["reason"] for each in results] == [None, None, "unreadable_line"]
    assert results[2]["phone_number"] == ""
    rows = table(check(file, "--type", "format", "--format", "csv").stdout)
    assert rows[0][:3] == ["msisdn", "id", "phone_number"]
    assert rows[1][:3] == ["6281234567000", "7", "6281234567000"]


def test_the_dialect_for_excel(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"phone,note\n{NUMBER},=1+1\n")
    output = check(file, "--dialect", "excel", "--type", "format").stdout
    assert output.startswith(b"\xef\xbb\xbfphone,note,phone_number")
    assert table(output)[1][:2] == [f'="{NUMBER}"', "'=1+1"]
    default = check(file, "--format", "csv", "--type", "format").stdout
    assert default.splitlines()[1].decode().split(",")[:2] == [NUMBER, "=1+1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument"),
        (["nowhere.csv"], "nowhere.csv: No such file"),
        (["."], "Is a directory"),
        (["-", "--type", "deep"], "--type"),
        (["-", "--country", "XX"], "--country"),
        (["-", "--format", "xml"], "--format"),
        (["-", "--dialect", "excel", "--format", "ndjson"], "--dialect excel"),
        (["-", "--encoding", "nonsense"], "standard input: unknown encoding"),
        (["-", "--column", "tel"], "standard input: line 1: there is no column 'tel'"),
        (["-", "--nonsense"], "--nonsense"),
        (["-", "--output", "nowhere/out.csv"], "nowhere/out.csv: No such file"),
        (["-", "--output", "."], "Is a directory"),
    ],
)
def test_arguments_that_cannot_be_used_get_one_line(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = check(*arguments, stdin=b"phone,name\n1,a\n", status=2)
    assert done.stdout == b""
    assert message in done.stderr.decode()
    assert done.stderr.startswith(b"validator-svc: ")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("output", ["c.csv", "./folder/../c.csv", "soft.csv", "hard.csv"])
@pytest.mark.parametrize("through_stdin", [False, True])
def test_the_input_is_never_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, through_stdin: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    content = f"phone,name\n{NUMBER},Ann\n"
    file = tmp_path / "c.csv"
    file.write_text(content)
    (tmp_path / "soft.csv").symlink_to("c.csv")
    (tmp_path / "hard.csv").hardlink_to(file)
    (tmp_path / "folder").mkdir()
    with file.open("rb") as stdin:
        done = subprocess.run(
            [*COMMAND, "-" if through_stdin else "c.csv", "--output", output],
            stdin=stdin,
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith(f"validator-svc: {output}: this is the input")
    assert file.read_text() == content
    assert len(list(tmp_path.iterdir())) == 4


PEOPLE = f"name,land,phone\nAnn,ID,0812-3456-7000\nBob,Germany,030 123456\nEve,Atlantis,12\nJo,,{NUMBER}\n"
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.decompress,
    ".GZ": gzip.decompress,
    ".zst": zstd.decompress,
    ".zstd": zstd.decompress,
}


@pytest.mark.parametrize("packed", UNPACK)
@pytest.mark.parametrize("ending", [".csv", ".ndjson", ".tsv", ".xlsx", ".jsonl", ""])
def test_the_name_of_the_output_says_how_it_is_written(ending: str, packed: str, tmp_path: Path) -> None:
    check("-", "-o", tmp_path / f"x{ending}{packed}", stdin=PEOPLE.encode())
    (path,) = tmp_path.iterdir()
    data = UNPACK[packed](path.read_bytes())
    if ending in (".csv", ".tsv"):
        rows = table(data, "\t" if ending == ".tsv" else ",")
        assert [row[0] for row in rows] == ["name", "Ann", "Bob", "Eve", "Jo"]
    elif ending == ".xlsx":
        assert data.startswith(b"PK")
    else:
        assert [record["phone_number"] for record in records(data)][-1] == NUMBER


AS_NDJSON = "\n".join(json.dumps(row) for row in csv.DictReader(PEOPLE.splitlines()))


@pytest.mark.parametrize("content", [PEOPLE, AS_NDJSON, f"[{AS_NDJSON.replace(chr(10), ',')}]"])
@pytest.mark.parametrize("output", ["-", "x.csv", "x.xlsx"])
def test_each_row_may_name_its_own_country(content: str, output: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_text(content)
    done = check(
        tmp_path / "in", "--country", "column:land", "-o", output if output == "-" else tmp_path / output
    )
    if output == "-":
        found = [(record["e164_format"], record["reason"]) for record in records(done.stdout)]
    else:
        again = check(tmp_path / output, "--column", "phone", "--country", "column:land")
        found = [(record["e164_format"], record["reason"]) for record in records(again.stdout)]
    assert found == [("+6281234567000", None), ("+4930123456", None), ("", "unknown_country"), (NUMBER, None)]
    estimate = check(tmp_path / "in", "--country", "column:land", "--estimate").stdout.decode()
    assert "valid      3\n" in estimate
    refused = check(tmp_path / "in", "--country", "column:nowhere", status=2).stderr.decode()
    assert "country: there is no column 'nowhere'" in refused


def test_a_sheet_may_be_named(tmp_path: Path) -> None:
    book = workbook_of(("A", row("phone") + row(NUMBER), ""), ("B", row("phone") + row("12"), "hidden"))
    (tmp_path / "a.xlsx").write_bytes(book)
    assert records(check(tmp_path / "a.xlsx", "--sheet", "B").stdout)[0]["phone_number"] == "12"
    assert "there is no sheet 'C'" in check(tmp_path / "a.xlsx", "--sheet", "C", status=2).stderr.decode()


def test_the_most_columns_are_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALIDATOR_COLUMNS_MAX", "2")
    assert "over 2 columns" in check("-", stdin=PEOPLE.encode(), status=2).stderr.decode()
    monkeypatch.setenv("VALIDATOR_COLUMNS_MAX", "x")
    assert "VALIDATOR_COLUMNS_MAX: expected" in check("-", stdin=b"1", status=2).stderr.decode()


def test_standard_output_may_not_be_appended_to_the_input(tmp_path: Path) -> None:
    file = tmp_path / "c.txt"
    file.write_text(f"{NUMBER}\n")
    done = subprocess.run(
        ["sh", "-c", f"'{COMMAND[0]}' -m validator_svc check '{file}' >> '{file}'"], check=False
    )
    assert done.returncode == 2
    assert file.read_text() == f"{NUMBER}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "x.xls"], ".xls cannot be written"),
        (["-o", "x.XLSX", "--format", "csv"], "promises xlsx"),
        (["--format", "excel"], "expected ndjson, csv or xlsx"),
        (["-o", "x.csv.bz2"], ".bz2 cannot be written"),
        (["-o", "x.ndjson.xz"], ".xz cannot be written"),
        (["-o", "x.xls.gz"], ".xls cannot be written"),
        (["-o", "x.csv.gz", "--format", "ndjson"], "promises csv"),
        (["-o", "x.json"], ".json with --format ndjson"),
        (["-o", "x.parquet"], ".parquet cannot be written"),
        (["-o", "x.csv", "--format", "ndjson"], "promises csv"),
        (["-o", "x.jsonl", "--format", "csv"], "promises ndjson"),
        (["-o", "x.ndjson", "--dialect", "excel"], "--dialect excel"),
    ],
)
def test_a_name_that_promises_another_format_is_refused(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = check("-", *arguments, stdin=b"1\n", status=2)
    assert message in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1
    assert not any(tmp_path.iterdir())


def test_names_say_the_format(tmp_path: Path) -> None:
    for name, start in (
        ("x.tsv", b"name\tphone\tphone_number"),
        ("x.CSV", b"name,phone,phone_number"),
        ("x.jsonl", b"{"),
        ("x.out", b"{"),
    ):
        check("-", "--output", tmp_path / name, stdin=f"name,phone\nA,{NUMBER}\n".encode())
        assert (tmp_path / name).read_bytes().startswith(start)
    check("-", "--output", tmp_path / "x.json", "--format", "ndjson", stdin=b"1\n")
    assert (tmp_path / "x.json").read_bytes().startswith(b"{")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", b"the file is empty"),
        (b"phone,name\n", b"line 1: the file is only a header"),
        (b"a,b\nx,y\n", b"line 1: no phone column found"),
        (b"PK\x03\x04", b"XLSX"),
        (b'phone,name\n1,"a\n', b"line 2: a cell opened with a quote is never closed"),
        (b"1\n" + b"2" * 1_100_000, b"line 2: the line is over 1,048,576 characters"),
    ],
)
def test_input_that_cannot_be_read_leaves_no_output(content: bytes, message: bytes, tmp_path: Path) -> None:
    file, output = tmp_path / "in.txt", tmp_path / "out.csv"
    file.write_bytes(content)
    output.write_text("before")
    done = check(file, "--output", output, status=2)
    assert message in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert output.read_text() == "before"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.txt", "out.csv"]


def test_a_reader_who_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    file = tmp_path / "many.txt"
    file.write_text(f"{NUMBER}\n" * 20_000)
    with subprocess.Popen([*COMMAND, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith(b'{"phone_number"')
        process.stdout.close()
        assert process.wait(START_S) == 0
        assert process.stderr.read() == b""


def test_a_run_that_is_terminated_leaves_nothing(tmp_path: Path) -> None:
    output = tmp_path / "out.ndjson"
    with subprocess.Popen(
        [*COMMAND, "-", "--output", str(output)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        process.stdin.write(f"{NUMBER}\n".encode())
        process.stdin.flush()
        deadline = time.monotonic() + START_S
        while not any(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(START_S) == 0
        assert process.stderr
        assert b"not complete" in process.stderr.read()
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(("closed", "name"), [("<&-", b"input"), (">&-", b"output")])
def test_a_closed_stream_is_named(closed: str, name: bytes) -> None:
    done = subprocess.run(["sh", "-c", f'"$@" - {closed}', "sh", *COMMAND], capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr == b"validator-svc: standard " + name + b" is closed\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_named() -> None:
    assert b"/dev/full: No space left" in check("-", "--output", "/dev/full", stdin=b"1", status=2).stderr


def test_a_terminal_gets_a_progress_bar(tmp_path: Path) -> None:
    file = tmp_path / "many.txt"
    file.write_text(f"{NUMBER}\n" * 3_000)
    ours, theirs = pty.openpty()
    with subprocess.Popen([*COMMAND, str(file)], stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(ours, 65_536):
                seen += piece
        except OSError:
            # Linux reports a terminal whose other side is closed as an error.
            pass
        assert process.wait(START_S) == 0
    os.close(ours)
    assert b"3,000 numbers" in seen
    assert b"top countries: ID 3,000" in seen


def test_the_list_of_risky_prefixes_is_heeded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefixes = tmp_path / "prefixes.txt"
    monkeypatch.setenv("VALIDATOR_RISK_FILE", str(prefixes))
    assert b"VALIDATOR_RISK_FILE" in check("-", stdin=b"1", status=2).stderr
    prefixes.write_text("+62812\n")
    assert records(check("-", stdin=NUMBER.encode()).stdout)[0]["risky_destination"] is True
