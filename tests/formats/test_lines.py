"""Lines keep their order and their content, however the blocks are cut."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.lines import MAX_LINE, blocks_of_lines, blocks_of_raw_lines

TEXT = st.text(st.sampled_from("1é😀\n\r\x0b\x85\u2028,"), max_size=40)


def blocks_of(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


@given(TEXT, st.integers(1, 9), st.sampled_from(["utf-8", "utf-16", "utf-16-be", "gb18030"]))
def test_raw_lines_are_those_of_the_whole_text(text: str, size: int, encoding: str) -> None:
    blocks = blocks_of(text.encode(encoding), size)
    lines = [line for block in blocks_of_raw_lines(blocks, encoding) for line in block]
    assert lines == list(io.StringIO(text, newline=""))


@given(TEXT, st.integers(1, 9))
def test_lines_have_no_ends_and_only_a_final_end_adds_none(text: str, size: int) -> None:
    lines = [line for block in blocks_of_lines(blocks_of(text.encode(), size), "utf-8") for line in block]
    expected = re.split("\r\n|\r|\n", text)
    assert lines == (expected if expected[-1] else expected[:-1])


@pytest.mark.parametrize("before", [0, 3])
def test_a_line_without_end_is_refused_in_bounded_memory(before: int) -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        yield b"1\n" * before
        while True:
            taken += 1
            yield b"1" * 65_536

    with pytest.raises(UnreadableFileError, match=f"^line {before + 1}: ") as caught:
        list(blocks_of_lines(endless(), "utf-8"))  # type: ignore[arg-type]
    assert caught.value.line_number == before + 1
    assert taken * 65_536 <= MAX_LINE + 2 * 65_536


def test_a_long_line_that_ends_is_refused_too() -> None:
    blocks = blocks_of(b"\n" + b"1" * (MAX_LINE + 1) + b"\n2\n", 65_536)
    with pytest.raises(UnreadableFileError, match=r"^line 2: "):
        list(blocks_of_raw_lines(blocks, "utf-8"))


def test_bytes_that_are_not_utf_8_are_kept_raw_or_marked() -> None:
    assert list(blocks_of_raw_lines([b"a\xff\n"], "utf-8")) == [["a\udcff\n"]]
    assert list(blocks_of_lines([b"a\xff\n"], "utf-8")) == [["a\ufffd"]]
