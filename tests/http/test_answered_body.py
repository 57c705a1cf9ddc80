"""Rows of bodies, answered as they arrive: the same records wherever the body is cut, in bounded memory."""

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest

from validator_svc.http.answered_body import MOST_SLICE, CsvBody, Read, answered, in_utf_8, next_size
from validator_svc.http.csv_rows import MAX_ROW_CHARS
from validator_svc.http.errors import ApiError
from validator_svc.http.lines import MAX_LINE
from validator_svc.http.sniffing import Kind as BodyKind
from validator_svc.kernel import new_kernel
from validator_svc.kernel.interface import Answer, Kernel, Kind
from validator_svc.kernel.plan_store import current_plan

FORMAT = Kind("format")
NUMBER = "+6281234567000"


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    return new_kernel(current_plan())


async def cut(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def echoes(body: bytes, size: int, read: Read, kind: BodyKind) -> list[str]:
    pieces = [piece async for piece in answered(cut(body, size), read, kind)]
    return [orjson.loads(line)["phone_number"] for line in b"".join(pieces).splitlines()]


@pytest.mark.parametrize("size", [1, 2, 7, 100_000])
@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        (f'name,phone\n"a\nb",{NUMBER}\n"c ""d""",x\n', [NUMBER, "x"]),
        (f'sep=;\n"two\nlines";phone\r\na;{NUMBER}\r\nb;', [NUMBER, ""]),
        (f"a,{NUMBER}\rb,x\r", [NUMBER, "x"]),
        (f'5" pipe,{NUMBER}\n"y",x\n', [NUMBER, "x"]),
        ("", []),
    ],
)
async def test_csv_may_be_cut_anywhere(kernel: Kernel, size: int, body: str, numbers: list[str]) -> None:
    read = CsvBody(kernel, FORMAT, None if NUMBER in body else "phone", kernel.new_tally()).read
    assert await echoes(body.encode(), size, read, "csv") == numbers


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (f'phone\n{NUMBER}\n"x\ny\n', 3),
        (f'phone\n"{NUMBER}\n' + "x" * 2 * MAX_ROW_CHARS, 2),
        (f'phone\n{NUMBER}\n5" x\n"y' + "x" * 2 * MAX_ROW_CHARS, 4),
    ],
)
async def test_rows_that_never_end_are_told_with_their_line(kernel: Kernel, body: str, line: int) -> None:
    read = CsvBody(kernel, FORMAT, "phone", kernel.new_tally()).read
    with pytest.raises(ApiError, match=f"body: line {line}: a cell opened with a quote is never closed"):
        await echoes(body.encode(), 50_000, read, "csv")


async def test_a_line_without_an_end_is_cut(kernel: Kernel) -> None:
    tally = kernel.new_tally()
    body = ("é" * 2 * MAX_LINE + f"\n{NUMBER}\n").encode()
    first, second = await echoes(
        body, 999, lambda block, is_last: kernel.lines(block, FORMAT, tally, is_last), "text"
    )
    assert set(first) == {"é"}
    assert MAX_LINE // 2 <= len(first) <= MAX_LINE
    assert second == NUMBER


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "utf-16", "latin-1", "cp1252", "utf-16-le"])
async def test_every_charset_becomes_utf_8(size: int, charset: str) -> None:
    body = "é\r\n1".encode(charset)
    if charset == "utf-8":
        body = b"\xef\xbb\xbf" + body
    assert b"".join([block async for block in in_utf_8(cut(body, size), charset)]).decode() == "é\r\n1"


async def test_the_loop_gets_its_turn_between_slices(kernel: Kernel) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    tally = kernel.new_tally()
    body = f"{NUMBER};phone-context=+44\n".encode() * 5_000
    await echoes(body, len(body), lambda block, is_last: kernel.lines(block, FORMAT, tally, is_last), "text")
    counting.cancel()
    assert turns >= len(body) // MOST_SLICE["text"]


@pytest.mark.parametrize(("took_s", "then"), [(1.0, 4096), (0.004, 8192), (0.0001, 16384)])
def test_slices_grow_and_shrink_with_the_time_they_take(took_s: float, then: int) -> None:
    assert next_size(8192, took_s, MOST_SLICE["text"]) == then


class Records(bytes):
    """Records that tell when nobody holds them any more."""

    held = 0

    def __new__(cls, content: bytes) -> "Records":
        cls.held += 1
        return super().__new__(cls, content)

    def __del__(self) -> None:
        Records.held -= 1


async def test_records_are_let_go_before_the_next_are_made(kernel: Kernel) -> None:
    held: list[int] = []

    def read(block: bytes, is_last: bool) -> Answer:
        held.append(Records.held)
        answer = kernel.lines(block, FORMAT, None, is_last)
        return answer._replace(output=Records(answer.output))

    body = f"{NUMBER}\n".encode() * 50_000
    async for records in answered(cut(body, 100_000), read, "text"):
        assert Records.held == 1
        del records
    assert len(held) > len(body) // MOST_SLICE["text"]
    assert set(held) == {0}
