"""Texts of a list of JSON that are read where they stand."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator_svc.kernel import HAS_NATIVE
from validator_svc.kernel.json_texts import json_texts
from validator_svc.kernel.lengths import lengths_of

PLAIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters='"\\'), max_size=30)


@pytest.mark.skipif(not HAS_NATIVE, reason="plain Python finds none")
@given(st.lists(PLAIN, min_size=1, max_size=40), st.sampled_from([b"", b" ", b"\r\n\t"]))
def test_plain_texts_are_found(texts: list[str], space: bytes) -> None:
    spaced = [space + orjson.dumps(text) + space for text in texts]
    body = b'{"a": [%b], "b": 1}' % b",".join(spaced)
    found = json_texts(body)
    assert found is not None
    assert [*found[0]] == texts
    assert (len(found[0]), found[0][-1], found[0][1:]) == (len(texts), texts[-1], texts[1:])
    assert found[1] == b'{"a": [], "b": 1}'
    assert lengths_of(found[0]) == lengths_of(texts)


@given(st.lists(st.one_of(st.text(max_size=9), st.none(), st.integers(0, 9), st.lists(PLAIN)), max_size=9))
def test_what_is_found_is_there(values: list[object]) -> None:
    found = json_texts(orjson.dumps(values))
    assert found is None or [*found[0]] == values


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"[",
            b"]",
            b"[]",
            b"[ ]",
            b'["',
            b'["1',
            b'["1"',
            b'["1",',
            b'["1",]',
            b'["1" "2"]',
            b'["1"}',
        ),
        *(
            b"[1]",
            b'["1",null]',
            b'["\\n"]',
            b'["\n"]',
            b'["\xc3\xbc"]',
            b'["\x7f"]',
            b'["\x00"]',
            b'[["1"]]',
        ),
    ],
)
def test_all_else_is_none(body: bytes) -> None:
    assert json_texts(body) is None
