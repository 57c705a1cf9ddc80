"""Bodies of requests cut into slices of whole lines, however they come."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator_svc.http.lines import MAX_LINE
from validator_svc.http.screened_lines import SLICE_LINES, slices_of


def slices(blocks: Sequence[bytes]) -> list[bytes]:
    async def body() -> AsyncIterator[bytes]:
        for block in blocks:
            yield block

    async def taken() -> list[bytes]:
        return [each async for each in slices_of(body())]

    return asyncio.run(taken())


@given(st.lists(st.sampled_from([b"", b"\n", b"a", b"a\nb", b"ab\n", b"\r\n"]), max_size=12))
def test_slices_are_the_body_with_its_last_line_ended(blocks: list[bytes]) -> None:
    whole = b"".join(blocks)
    found = slices(blocks)
    assert b"".join(found) == whole + (b"" if whole.endswith(b"\n") or not whole else b"\n")
    assert all(each.endswith(b"\n") for each in found)


@pytest.mark.parametrize("lines", [0, 1, SLICE_LINES - 1, SLICE_LINES, SLICE_LINES + 1, 3 * SLICE_LINES])
def test_a_slice_has_so_many_lines_at_most(lines: int) -> None:
    counts = [each.count(b"\n") for each in slices([b"{}\n" * lines])]
    assert counts == [SLICE_LINES] * (lines // SLICE_LINES) + [lines % SLICE_LINES] * (
        lines % SLICE_LINES > 0
    )


def test_of_a_line_that_does_not_end_no_more_is_held_than_shows_that_it_is_too_long() -> None:
    assert slices([b"x" * 1_000] * 1_000) == [b"x" * (MAX_LINE + 1) + b"\n"]
    first, last = slices([b"x" * 1_000] * 1_000 + [b"\ny"])
    assert (len(first), last) == (MAX_LINE + 2, b"y\n")
