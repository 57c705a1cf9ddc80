"""Line ends of a block, counted."""

from validator_svc.kernel import HAS_NATIVE

if HAS_NATIVE:
    from validator_svc.kernel import native


def count_line_ends(block: bytes, size: int | None = None) -> int:
    """How many line ends there are: LF, CRLF or CR; in the first `size` bytes, where that is given."""
    size = len(block) if size is None else size
    return native.count_line_ends(block, size) if HAS_NATIVE else counted_slowly(block[:size])


def counted_slowly(block: bytes) -> int:
    """The same in plain Python."""
    # Looking for one byte takes a tenth of the time that counting two takes.
    lone_returns = block.count(b"\r") - block.count(b"\r\n") if b"\r" in block else 0
    return block.count(b"\n") + lone_returns
