"""The texts of a list in JSON, read where they stand in its bytes: nothing is made of each."""

from collections.abc import Sequence

from validator_svc.kernel import HAS_NATIVE

if HAS_NATIVE:
    from validator_svc.kernel import native


def json_texts(body: bytes) -> tuple[Sequence[str], bytes] | None:
    """The texts of the first array of JSON, and what is outside of it, its brackets included.

    None where an element is anything but a string of printable ASCII without escapes, and where there is no
    array, or an empty one; in plain Python always, which would gain nothing. A bracket in a string may be
    taken for an array: then it stands in a string outside as well.
    """
    return native.json_texts(body) if HAS_NATIVE else None
