"""JSON arrays are split as they come, whatever they are cut into, and nothing in them is looked at again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator_svc.formats.json_array import BLOCK_BYTES, Splitter

CELLS = st.recursive(
    st.text(st.sampled_from('1+[]{},:"\\ né\n'), max_size=12) | st.none() | st.integers(0, 9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('a,]\\"', max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


def split(text: bytes, cuts: list[int]) -> bytes:
    splitter, done, start = Splitter(b""), b"", 0
    for end in [*sorted(cut % (len(text) + 1) for cut in cuts), len(text)]:
        splitter.add(text[start:end])
        done, start = done + splitter.elements(), end
    assert splitter.has_ended
    return done


@given(st.lists(CELLS, max_size=6), st.lists(st.integers(0, 200), max_size=8))
def test_elements_are_the_same_however_the_text_is_cut(cells: list[object], cuts: list[int]) -> None:
    done = split(json.dumps(cells, ensure_ascii=False).encode()[1:], cuts)
    assert [json.loads(line) for line in done.splitlines()] == cells


@pytest.mark.parametrize("cell", [b"a", b"\\n", b'\\"', b"\\\\", b"[", b","])
def test_a_string_without_an_end_is_looked_at_once(cell: bytes) -> None:
    splitter = Splitter(b'"')
    block = cell * (BLOCK_BYTES // len(cell))
    for _ in range(16):
        before = splitter.looked_at
        splitter.add(block[1:] + block[:1])
        assert splitter.elements() == b""
        # All that was added, but for a backslash whose character is still to come.
        assert splitter.looked_at >= before + len(block) - 1
        assert splitter.looked_at >= len(splitter.pending) - 1
