"""Chunks of lines are cut into slices that hold the event loop for a moment only."""

from hypothesis import example, given
from hypothesis import strategies as st

from validator_svc.lookup.resolver import end_of_slice


@given(st.lists(st.text("1", max_size=40), max_size=60), st.booleans(), st.integers(1, 20))
@example([""] * 50, True, 1)
@example(["1" * 200] * 3, False, 1)
def test_slices_are_whole_lines_and_not_too_many(texts: list[str], is_ended: bool, lines: int) -> None:
    chunk = "\n".join(texts) + "\n" * is_ended
    slices = []
    start = 0
    while start < len(chunk):
        end = end_of_slice(chunk, start, lines)
        slices.append(chunk[start:end])
        start = end
    assert "".join(slices) == chunk
    assert all(each.endswith("\n") for each in slices[:-1])
    assert all(each.count("\n") <= 2 * lines + 1 for each in slices)
