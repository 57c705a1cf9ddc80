"""How long texts are."""

from collections.abc import Sequence
from typing import cast

from validator_svc.kernel import HAS_NATIVE

if HAS_NATIVE:
    from validator_svc.kernel import native


def lengths_of(values: Sequence[object]) -> tuple[int, int] | None:
    """The characters of the longest text, and of all; None where one is no text."""
    return native.lengths_of(values) if HAS_NATIVE else lengths_slowly(values)


def lengths_slowly(values: Sequence[object]) -> tuple[int, int] | None:
    """The same in plain Python."""
    texts = cast(Sequence[str], values)
    try:
        total = len("".join(texts))
    except TypeError:
        return None
    return max(map(len, texts), default=0), total
