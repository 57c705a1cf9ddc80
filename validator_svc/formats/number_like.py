"""Whether a cell looks like a phone number, and not like the other digits that tables hold."""

import re

# Digits with what people put between them; then perhaps an extension.
DIGITS = re.compile(
    r"(?P<before>\D{0,16}?)(?P<digits>[+\uff0b(]{0,2}\d(?:[^\w\n:]{0,4}\d){5,19})"
    r"(?:\s*+[,;]?\s*+(?:x|ext|extn|extension|durchwahl|dw|poste|ramal|int|доб|内线|#)\W{0,3}\d{1,6})?\W{0,12}",
    re.IGNORECASE,
)
SCIENTIFIC = re.compile(r"\W{0,3}\d[.,]?\d{0,14} ?E\+?\d{1,3}\W{0,3}", re.IGNORECASE)
FLOAT_TAIL = re.compile(r"(?<=\d{6})[.,]0{1,2}$")
BLANK_OR_MARK = re.compile(r"[\W_]*")
MIN_LENGTH, MAX_LENGTH = 6, 120
MAX_DIGITS = 15
# With an international prefix, or a trunk zero in brackets.
MAX_DIALLED = 18

# What has enough digits and is something else.
OTHERS = re.compile(
    "|".join(
        [
            r"[12]\d{3}([-/. ])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?:[T ]+\d.*)?",  # 2026-11-01
            r"(?:0?[1-9]|[12]\d|3[01])([-/. ])(?:0?[1-9]|[12]\d|3[01])\2[12]\d{3}(?:,? +\d.*)?",  # 01.11.2026
            r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])",  # 20261101
            r"[-+]?[1-9]\d{0,2}(?:[.,' ]\d{3})*[.,]\d{1,2}",  # 1,234,567.50
            r"[-+]?\d+[.,]\d{1,2}",  # 123456.78
            r"-?[1-9]?\d{1,2}\.\d{4,}",  # 52.520008
            r"-\d+",
            r"\d{5}-\d{3,4}",  # a postcode of Brazil or of the USA
            r"\d{3}\.\d{3}\.\d{3}-\d{2}",  # CPF
            r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}",  # CNPJ
            r"\d{3}-\d{2}-\d{4}",  # SSN
            r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)",  # an address of IPv4
            r"[3-6]\d{3}([- ])\d{4}\3\d{4}\3\d{4}",  # a payment card
        ]
    ),
    re.ASCII,
)
# Letters that people write before a number, on their own.
LABELS = frozenset(
    "t p m h w c d tel ph phone mob mobile cell call wa whatsapp home work main".split()  # noqa: SIM905
)


def looks_like_number(cell: str) -> bool:
    """Whether a cell could be a phone number: 6 digits or more, with what may stand between them.

    Dates, times, amounts, postcodes, card and tax numbers, and numbers with letters before them
    (`ORD-100045`, an IBAN) do not; neither do row numbers. A number in scientific notation does: it was one.
    """
    text = cell.strip()
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH + len(".00"):
        return False
    text = FLOAT_TAIL.sub("", text)
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
        return False
    found = DIGITS.fullmatch(text)
    if found is None:
        return SCIENTIFIC.fullmatch(text) is not None
    digits = sum(map(str.isdecimal, found["digits"]))
    is_dialled = found["digits"][0] in "+\uff0b(0"
    return (
        digits <= (MAX_DIALLED if is_dialled else MAX_DIGITS)
        and is_label(found["before"])
        and OTHERS.fullmatch(text.strip("'\" ")) is None
    )


def is_label(text: str) -> bool:
    """Whether what stands before the digits is nothing, marks, or a word such as `tel:`."""
    if BLANK_OR_MARK.fullmatch(text):
        return True
    words = re.findall(r"[^\W\d_]+", text.casefold())
    # In scripts without spaces, as in those with, a label is a word of few letters before a mark.
    return len(words) == 1 and (words[0] in LABELS or (not words[0].isascii() and len(words[0]) <= 10))


def is_explicit(cell: str) -> bool:
    """Whether the digits of a cell begin with `+` or `00`: an international number beyond doubt."""
    return re.match(r"[^\d+\uff0b]*(?:[+\uff0b]|00)", cell) is not None
