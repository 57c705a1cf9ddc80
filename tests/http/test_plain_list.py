"""Objects whose list is read apart from them are those that are read as a whole."""

import contextlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator_svc.http.errors import ApiError
from validator_svc.http.json_body import short_object
from validator_svc.http.plain_list import plain_object
from validator_svc.kernel import HAS_NATIVE

KEYS = ("key", "other", "more")
TEXTS = st.text('[]{}",: 1\\', max_size=5)
VALUES = st.one_of(TEXTS, st.none(), st.lists(st.one_of(TEXTS, st.just("1")), max_size=3))


def check(body: bytes) -> None:
    """What is found is what the object has when it is read as a whole."""
    found = None
    with contextlib.suppress(ApiError):
        found = plain_object(body, KEYS, "key")
    if found is not None:
        value, texts = found
        assert value | {"key": [*texts]} == short_object(body, KEYS)


@given(st.dictionaries(st.sampled_from(KEYS), st.one_of(VALUES, st.dictionaries(TEXTS, VALUES, max_size=2))))
def test_objects(value: dict[str, object]) -> None:
    check(orjson.dumps(value))


@given(
    st.lists(
        st.sampled_from(["{", "}", "[", "]", '"', ",", ":", '"key"', '"other"', '"1"', "\\"]), max_size=20
    )
)
def test_anything(pieces: list[str]) -> None:
    check("".join(pieces).encode())


@pytest.mark.skipif(not HAS_NATIVE, reason="plain Python finds none")
def test_the_usual_body_is_read_apart() -> None:
    found = plain_object(b'{"other": "[", "key": ["1", "2"]}', KEYS, "key")
    assert found is None
    found = plain_object(b'{"other": "]", "key": ["1", "2"]}', KEYS, "key")
    assert found is not None
    assert (found[0], [*found[1]]) == ({"other": "]", "key": []}, ["1", "2"])
