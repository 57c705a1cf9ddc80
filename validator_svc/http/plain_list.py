"""A JSON object with one list of plain texts, which are read where they stand in its bytes."""

from collections.abc import Sequence

from validator_svc.http.json_body import short_object
from validator_svc.kernel.json_texts import json_texts


def plain_object(
    body: bytes, known: Sequence[str], key: str
) -> tuple[dict[str, object], Sequence[str]] | None:
    """The object without the elements of its list, and these; None where it is not as most are.

    `known`: the keys that it may have. `key`: that of the list. Raises ApiError 400 where it is no object
    without the list, or for its keys.
    """
    found = json_texts(body)
    if found is None:
        return None
    texts, outside = found
    value = short_object(outside, known)
    # The array is that of the key where there is no other bracket.
    return (value, texts) if value.get(key) == [] and outside.count(b"[") == 1 else None
