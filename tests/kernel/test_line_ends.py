from hypothesis import given
from hypothesis import strategies as st

from validator_svc.kernel.line_ends import count_line_ends, counted_slowly

BLOCKS = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"," * 61, b"b" * 64]), max_size=60).map(
    b"".join
)


@given(BLOCKS)
def test_line_ends_are_counted_as_text_has_them(block: bytes) -> None:
    lines = block.decode().replace("\r\n", "\n").replace("\r", "\n").count("\n")
    assert count_line_ends(block) == counted_slowly(block) == lines
    for size in range(len(block) + 1):
        assert count_line_ends(block, size) == counted_slowly(block[:size])
