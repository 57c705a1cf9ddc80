import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator_svc.kernel.lengths import lengths_of, lengths_slowly


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=30), max_size=20))
def test_texts_are_as_long_as_their_characters(texts: list[str]) -> None:
    lengths = [len(text) for text in texts]
    assert lengths_of(texts) == lengths_slowly(texts) == (max(lengths, default=0), sum(lengths))


@pytest.mark.parametrize("value", [None, 1, b"1", ["1"], {"1": "1"}])
def test_what_is_no_text_has_no_length(value: object) -> None:
    assert lengths_of(["1", value, "1"]) is lengths_slowly(["1", value, "1"]) is None
