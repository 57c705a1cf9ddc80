"""Files answered block by block: the same records, wherever blocks are cut."""

import io
from collections.abc import Iterator

import orjson
import pytest

from validator_svc.formats import sample
from validator_svc.formats.answered import MAX_ROW, answers
from validator_svc.formats.contents import open_numbers
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.layout import Hints
from validator_svc.formats.lines import MAX_LINE
from validator_svc.kernel import new_kernel
from validator_svc.kernel.interface import Form, Kernel, Kind
from validator_svc.kernel.plan_store import current_plan

NUMBER = "+6281234567000"
RESULT = f"{NUMBER},true,ID,{NUMBER},0812-3456-7000,0,000,plan,"


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    return new_kernel(current_plan())


def answered(kernel: Kernel, content: bytes, hints: Hints, form: Form = "ndjson") -> Iterator[bytes]:
    numbers = open_numbers(io.BytesIO(content), hints)
    tally = kernel.new_tally()
    rows = 0
    for answer in answers(numbers, kernel, Kind("format"), tally, form):
        rows += answer.rows
        yield answer.output
    assert rows == sum(tally.counts)


@pytest.mark.parametrize("block_bytes", [1, 3, 17, 64 * 1024])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blocks_may_be_cut_anywhere(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, block_bytes: int, encoding: str, end: str
) -> None:
    monkeypatch.setattr(sample, "BLOCK_BYTES", block_bytes)
    header = f'"Straße{end}und Nr.",phone,"a ""b"""{end}'
    row = f'"Königsallee 1{end}2. Stock",{NUMBER},"x"{end}'
    content = f"{header}{row}{row}Süd,n/a{end}"
    written = b"".join(answered(kernel, content.encode(encoding), Hints(encoding=encoding), "csv")).decode()
    mended = row.removesuffix(end) + f",{RESULT}{end}"
    assert written == f"{mended}{mended}Süd,n/a,,n/a,false,,,,0,021,plan,not_a_number{end}"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.txt", f"{NUMBER}\n\nx\r\n"),
        ("list.ndjson", f'"{NUMBER}"\n\n"x"'),
        ("list.csv", f"a,phone\n1,{NUMBER}\n2\n3,x\n"),
        ("list.json", f'["{NUMBER}", "", "x"]'),
        ("list", f"{NUMBER};{NUMBER};{NUMBER}"),
    ],
)
def test_files_of_every_kind_are_answered(kernel: Kernel, name: str, content: str) -> None:
    lines = b"".join(answered(kernel, content.encode(), Hints(name))).splitlines()
    reasons = [orjson.loads(line)["reason"] for line in lines]
    assert reasons == ([None] * 3 if name == "list" else [None, "empty", "not_a_number"])


def test_a_quote_that_is_never_closed_is_told_with_its_line(kernel: Kernel) -> None:
    content = f'phone,note\n{NUMBER},"two\nlines"\n{NUMBER},"never\n'.encode() + b"x\n" * 1000
    outputs = answered(kernel, content, Hints("list.csv"), "csv")
    assert next(outputs).decode() == f'{NUMBER},"two\nlines",{RESULT}\n'
    with pytest.raises(UnreadableFileError, match="line 4: a cell opened with a quote is never closed"):
        list(outputs)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b'phone\n+6281234567000\n"' + b"x\n" * MAX_ROW, "line 3: a cell of this row is over"),
        ("a.txt", b"1\n2\n" + b"3" * (2 * MAX_LINE), "line 3: the line is over"),
        ("a.ndjson", b'"1"\n"2' + b"3" * (2 * MAX_LINE), "line 2: the line is over"),
    ],
)
def test_memory_does_not_grow_with_a_row(kernel: Kernel, name: str, content: bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message):
        list(answered(kernel, content, Hints(name)))
