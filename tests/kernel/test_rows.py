"""Rows of text and CSV: where they end, what they keep, and what stands behind them."""

import csv
import io
from array import array
from collections.abc import Iterator

import orjson
import pytest

from tests.kernel.conftest import new_tally
from validator_svc.kernel.interface import UNKNOWN_COUNTRY, CsvLayout, Form, Kernel, Kind, Tally
from validator_svc.kernel.plan import Plan
from validator_svc.numbering import facts

FORMAT = Kind("format")
NUMBER = "+442079460018"
RESULT = ",true,GB,+442079460018,020 7946 0018,0,000,plan,"


def texts_of(output: bytes) -> list[str]:
    return [orjson.loads(line)["phone_number"] for line in output.splitlines()]


@pytest.mark.parametrize(
    ("block", "texts"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"1\n2\n", ["1", "2"]),
        (b"1\n2", ["1", "2"]),
        (b"1\r\n\r\n2\r\n", ["1", "", "2"]),
        (b"1\r2\r\r3", ["1", "2", "", "3"]),
        (b"1\r\r\n2\r", ["1", "", "2"]),
        (b'a"b\\c\t\x01\x7f\xff\n', ['a"b\\c\t\x01\x7f\ufffd']),
        ("é٣\u2028\U0001f600\n".encode(), ["é٣\u2028\U0001f600"]),
    ],
)
def test_each_line_has_a_record(kernel: Kernel, plan: Plan, block: bytes, texts: list[str]) -> None:
    tally = new_tally(plan)
    answer = kernel.lines(block, FORMAT, tally, is_last=True)
    assert texts_of(answer.output) == texts
    assert (answer.rows, answer.consumed, sum(tally.counts)) == (len(texts), len(block), len(texts))


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_lines_come_in_pieces_of_any_size(kernel: Kernel, plan: Plan, step: int) -> None:
    block = b"".join(b"+4420794600%02d\r\n\rx\n\n" % each for each in range(30))
    whole = kernel.lines(block, FORMAT, new_tally(plan), is_last=True)
    output, carried = b"", b""
    tally = new_tally(plan)
    for start in range(0, len(block), step):
        carried += block[start : start + step]
        answer = kernel.lines(carried, FORMAT, tally)
        output, carried = output + answer.output, carried[answer.consumed :]
    assert output + kernel.lines(carried, FORMAT, tally, is_last=True).output == whole.output
    assert tally.duplicates == 0
    assert sum(tally.counts) == whole.rows


def written(kernel: Kernel, plan: Plan, block: str, layout: CsvLayout, form: Form = "csv") -> str:
    tally = new_tally(plan)
    answer = kernel.csv(block.encode(), FORMAT, layout, tally, form, is_last=True)
    assert answer.rows == sum(tally.counts)
    return answer.output.decode()


@pytest.mark.parametrize(
    ("row", "before", "echo", "behind"),
    [
        (f"a,{NUMBER},b\n", f"a,{NUMBER},b", NUMBER, ""),
        (f"a,{NUMBER},b\r\n", f"a,{NUMBER},b", NUMBER, ""),
        (f"a,{NUMBER},b", f"a,{NUMBER},b", NUMBER, ""),
        (f'"a","{NUMBER}","b ""x"""\n', f'"a","{NUMBER}","b ""x"""', NUMBER, ""),
        (f'"two\nlines, and ""more""",{NUMBER},\n', f'"two\nlines, and ""more""",{NUMBER},', NUMBER, ""),
        (f'"lone\rreturn",{NUMBER},"\r\n"\n', f'"lone\rreturn",{NUMBER},"\r\n"', NUMBER, ""),
        (f"a,{NUMBER}\n", f"a,{NUMBER},", NUMBER, ""),
        (f"a,{NUMBER},b,c,\n", f"a,{NUMBER},b", NUMBER, ",c,"),
        (f'a,"{NUMBER}" ,b,"c,d"\n', f'a,"{NUMBER}" ,b', f"{NUMBER} ", ',"c,d"'),
        (f'a,"""{NUMBER}""",\n', f'a,"""{NUMBER}""",', f'"""{NUMBER}"""', ""),
        (f'a,"{NUMBER},",\n', f'a,"{NUMBER},",', f'"{NUMBER},"', ""),
    ],
)
def test_rows_keep_their_own_bytes(
    kernel: Kernel, plan: Plan, row: str, before: str, echo: str, behind: str
) -> None:
    expected = f"{before},{echo}{RESULT}{behind}\r\n"
    assert written(kernel, plan, row, CsvLayout(",", 1, 3)) == expected
    assert (
        written(kernel, plan, row * 3 if row.endswith("\n") else row, CsvLayout(",", 1, 3))[: len(expected)]
        == expected
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "~", "^"])
def test_results_can_be_read_with_any_delimiter(kernel: Kernel, plan: Plan, delimiter: str) -> None:
    out = written(kernel, plan, f'1{delimiter}"{NUMBER}"\n', CsvLayout(delimiter, 1, 2))
    assert next(csv.reader(io.StringIO(out, newline=""), delimiter=delimiter)) == [
        *("1", NUMBER, NUMBER, "true", "GB", NUMBER, "020 7946 0018", "0", "000", "plan", ""),
    ]


def test_rows_of_results_end_as_they_are_to(kernel: Kernel, plan: Plan) -> None:
    layout = CsvLayout(",", 0, 1, line_end="\n")
    assert written(kernel, plan, f"{NUMBER}\r\n{NUMBER},more\n", layout) == (
        f"{NUMBER},{NUMBER}{RESULT}\n{NUMBER},{NUMBER}{RESULT},more\n"
    )


def test_a_line_that_could_not_be_read_has_its_place(kernel: Kernel) -> None:
    tally = kernel.new_tally()
    lines = kernel.texts(["1", None, NUMBER], FORMAT, tally).splitlines()
    assert [orjson.loads(line)["reason"] for line in lines] == [facts.TOO_SHORT, facts.UNREADABLE_LINE, None]
    assert sum(tally.counts) == 3


def test_duplicates_are_counted_where_they_are_wanted(kernel: Kernel) -> None:
    for is_wanted in (True, False):
        tally = kernel.new_tally(is_wanted)
        kernel.lines(f"{NUMBER}\n".encode() * 3, FORMAT, tally)
        assert tally.duplicates == 2 * is_wanted


def test_many_texts_keep_their_order_and_are_counted_together(kernel: Kernel) -> None:
    texts = [f"+4420794{each:05}" for each in range(1_300)]
    tally = kernel.new_tally()
    assert texts_of(kernel.texts(texts * 2, FORMAT, tally)) == texts * 2
    assert (sum(tally.counts), tally.duplicates) == (2_600, 1_300)


def test_a_blank_row_is_one_empty_cell(kernel: Kernel, plan: Plan) -> None:
    rows = written(kernel, plan, "\n\r\n", CsvLayout(",", 0, 3)).split("\r\n")
    assert rows == [",,,,false,,,,0,021,plan,empty"] * 2 + [""]


IRREGULAR = [
    'a "quoted" word,{n}\nb,{n}\n',
    'x,{n}\n5" pipe,{n}\n"y\nz",{n}\n',
    "old,{n}\rmac,{n}\rend,{n}\n",
    'x,{n}\n"closed"open"again",{n}\n',
    'x,{n}\n"a"b,{n}\r"c",{n}\n',
]


def by_csv_module(block: str) -> Iterator[list[str]]:
    yield from csv.reader(io.StringIO(block, newline=""))


@pytest.mark.parametrize("block", IRREGULAR)
@pytest.mark.parametrize("step", [1, 5, 1000])
def test_quotes_that_cannot_be_counted_are_read_as_the_csv_module_does(
    kernel: Kernel, tally: Tally, block: str, step: int
) -> None:
    content = block.replace("{n}", NUMBER).encode()
    layout = CsvLayout(",", 1, 2)
    output, carried = b"", b""
    for start in range(0, len(content), step):
        carried += content[start : start + step]
        answer = kernel.csv(carried, FORMAT, layout, tally)
        output, carried = output + answer.output, carried[answer.consumed :]
    output += kernel.csv(carried, FORMAT, layout, tally, is_last=True).output
    cells = list(by_csv_module(output.decode()))
    assert [row[:2] for row in cells] == list(by_csv_module(content.decode()))
    assert all(row[2:5] == [NUMBER, "true", "GB"] for row in cells)


def test_a_row_whose_quotes_never_close_is_not_read(kernel: Kernel, tally: Tally) -> None:
    block = f'{NUMBER}\n"{NUMBER}\nx,y\n'.encode()
    answer = kernel.csv(block, FORMAT, CsvLayout(",", 0, 1), tally, is_last=True)
    assert (answer.rows, answer.consumed) == (1, len(NUMBER) + 1)


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_country_of_the_row_goes_before_the_kinds(kernel: Kernel, plan: Plan, form: Form) -> None:
    known: dict[str, str | None] = {"": None, "Britain": "GB", "Italy": "IT"}
    asked: list[str] = []

    def countries(cell: str) -> str | None:
        asked.append(cell)
        return known.get(cell, UNKNOWN_COUNTRY)

    rows = (
        "Britain,020 7946 0018",
        '"Italy",02 1234 5678',
        "Nowhere,020 7946 0018",
        "Nowhere,+44 20 7946 0018",
    )
    block = "\n".join([*rows, ",442079460018", ""])
    tally = new_tally(plan)
    layout = CsvLayout(",", 1, 2, 0, countries)
    out = kernel.csv(block.encode(), Kind("format", "US"), layout, tally, form, is_last=True).output.decode()
    if form == "ndjson":
        found = [(each["country_code"], each["reason"]) for each in map(orjson.loads, out.splitlines())]
    else:
        found = [(row[4] or None, row[-1] or None) for row in by_csv_module(out)]
    gb, it = ("GB", None), ("IT", None)
    assert found == [gb, it, (None, facts.UNKNOWN_COUNTRY), gb, gb]
    assert tally.assumed_international == 1
    assert set(asked) == {"", "Britain", "Italy", "Nowhere"}


def test_numbers_that_come_again_are_counted(kernel: Kernel, tally: Tally) -> None:
    kernel.lines(f"{NUMBER}\n44 20 7946 0018\nx\nx\n".encode(), FORMAT, tally)
    kernel.csv(f"{NUMBER}\n".encode(), FORMAT, CsvLayout(",", 0, 1), tally)
    assert tally.duplicates == 2
    assert tally.assumed_international == 1


def test_a_listed_prefix_decides_what_is_risky(strict_kernel: Kernel, tally: Tally) -> None:
    numbers = ("442079460018", "441133200000", "12015550123", "79123456789", "6281234567000", "6281134567000")
    block = "\n".join([*numbers, "33123456789"]).encode()
    lines = strict_kernel.lines(block, Kind("analysis"), tally, is_last=True).output.splitlines()
    verdicts = [orjson.loads(line)["risky_destination"] for line in lines]
    assert verdicts == [False, True, True, False, False, True, False]


def test_a_cell_of_a_megabyte_is_echoed(kernel: Kernel, tally: Tally) -> None:
    long = '"' * 2 * 300_000 + "\x01" * 300_000
    block = f'1,"{long}"\n2,{NUMBER}\n'.encode()
    answer = kernel.csv(block, FORMAT, CsvLayout(",", 1, 2), tally, "ndjson", is_last=True)
    first, second = map(orjson.loads, answer.output.splitlines())
    assert (first["phone_number"], first["reason"]) == (long.replace('""', '"'), facts.TOO_LONG)
    assert second["is_valid"]


def test_a_tally_has_the_valid_numbers_when_it_is_asked_for_them(kernel: Kernel) -> None:
    tally = kernel.new_tally(counts_duplicates=False)
    tally.valid = array("Q")
    kernel.lines(b"+62 812-3456-7000\n0062 81234567000\nn/a\n+1 2015556721 ;isub=5\n", Kind("format"), tally)
    kernel.csv(b'x,"+44 20 7946 0018"\r\n', Kind("format"), CsvLayout(",", 1, 2), tally, is_last=True)
    assert sorted(tally.valid) == sorted([6281234567000, 6281234567000, 12015556721, 442079460018])
    assert tally.duplicates == 0
