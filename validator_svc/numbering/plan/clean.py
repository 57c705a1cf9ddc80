"""Which texts are plain: digits, common punctuation and a leading `+`, read alike by everybody.

That is checked for a whole chunk of lines at a time, and what it takes from `reading` and
`phonenumbers` is only what cannot matter then.
"""

NO_DIGITS = b" -.()/+"
CLEAN = NO_DIGITS + b"0123456789\n"

# A trailing `.0` or `.00` is a spreadsheet's, unless there are more dots.
FLOAT_TAILS = (b".0\n", b".0 ", b".00\n", b".00 ")

# `phonenumbers` refuses texts of more than 250 characters, however few the digits.
WINDOW = 100
"""A line twice as long holds a whole such window of its chunk, without a line end."""
LONG = 150
"""A line twice the window long has more punctuation than this, or more digits than any number."""

# An odd line in a chunk costs the others a second look in pieces of this many lines.
PIECE = 32


def clean_digits(chunk: str, count: int, drop_zeros: bool) -> list[str] | None:
    """The digits of each of the `count` lines of a chunk; None when a line is not plain.

    With `drop_zeros`, without the `00` that stands for a `+`. The end of the last line is not part
    of the chunk.
    """
    if not chunk.isascii():
        return None
    lines = b"\n" + chunk.encode() + b"\n"
    plus_signs = lines.count(b"+")
    if lines.translate(None, CLEAN) or (plus_signs and lines.count(b"\n+") != plus_signs):
        return None
    if b"." in lines and any(tail in lines for tail in FLOAT_TAILS):
        return None
    plain = lines.replace(b"\n00", b"\n") if drop_zeros else lines
    plain = plain.translate(None, NO_DIGITS)
    if len(lines) - len(plain) - plus_signs > LONG and has_long_line(lines):
        return None
    digits = plain.decode().split("\n")
    # A text with line ends inside gives more.
    return digits[1:-1] if len(digits) == count + 2 else None


def has_long_line(lines: bytes) -> bool:
    """Whether a line may be longer than twice the window."""
    windows = range(0, len(lines) - WINDOW, WINDOW)
    return any(lines.find(b"\n", start, start + WINDOW) < 0 for start in windows)
