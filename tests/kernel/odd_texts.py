"""Texts made up to be odd: what people, pages and spreadsheets do to numbers, one thing on top of another."""

import csv
import io
import json
import random
from functools import cache

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from validator_svc.numbering import characters

QUOTES = characters.DOUBLE_QUOTES + characters.SINGLE_QUOTES
INVISIBLE = sorted(characters.INVISIBLE)
OTHER_DIGITS = ["".join(chr(zero + value) for value in range(10)) for zero in (0x660, 0x966, 0xFF10, 0x1D7CE)]
DECIMALS = (".0", ".00", ".000", "．0", "٫0", ".0 ", "0", ".1", " .0")
LABELS = (
    *(
        "ext",
        "ext.",
        "x",
        "X",
        "xt",
        "extn",
        "extensión",
        "extensio\u0301n",
        "extension",
        "EXT",
        "Ext ",
        "extensio",
    ),
    *(
        "ｅｘｔｎ",
        "ｘｔ",
        "доб",
        "ДОБ",
        "\u1c81\u1c82б",
        "anexo",
        "#",
        "＃",
        "~",
        "～",
        "int",
        "INT",
        "ｉｎｔ",
        "ｘ",
        "e",
        "xx",
        "n",
    ),
    *(",", ",,", ";", ";ext=", ";EXT=", ":", ".", "．", " ", "-", "- ", "x x"),
)
EXTENSION_LENGTHS = (1, 2, 3, 5, 6, 7, 9, 10, 15, 16, 20, 21)
IN_FRONT = (
    "tel:",
    "Tel. ",
    "call ",
    "p: ",
    "_",
    "no.",
    "#",
    "x",
    "(",
    "00 ",
    "00",
    "0 0",
    "0",
    "+",
    "++",
    "011",
    "é",
)
INSIDE = ("/x123", " / x5", "\\ x", ";phone-context=+44", ";isub=12", "+", "00")
CURIOUS = (
    "ー\u0130\u0131\u017f\u212a⁰⓪²०_#*/\\x;,.:=\"'`e+＋／∼～（）［］[]()~ \t\n\r"
    "\u02bc\u02ba\ufffd😀é中абд\u0301oón"
)
SCIENTIFIC = ("6.28E+11", "628e11", "6,28 E 011", "-6.E+1", "٦e1", "+6.28Ｅ+11", "6.28e+1234")
NO_NUMBERS = ("N/A", "", "name", "-", "0", "00", "+", "12", "1", "1-800-FLOWERS", "+1 800 GOT-JUNK", "000")
LENGTHS = (1, 240, 250, 252, 990, 1001)


@cache
def examples() -> list[str]:
    """Numbers of every region and type as people write them."""
    formats = [value for value in vars(PhoneNumberFormat).values() if isinstance(value, int)]
    types = [value for value in vars(PhoneNumberType).values() if isinstance(value, int)]
    found = [
        phonenumbers.example_number_for_type(region, each)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for each in types
    ]
    return [phonenumbers.format_number(number, form) for number in found if number for form in formats]


def digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices("0123456789", k=count))


def text_to_begin_with(chance: random.Random) -> str:
    what = chance.randrange(10)
    if what < 5:
        return chance.choice(examples())
    if what == 5:
        return digits(chance, chance.randrange(25))
    if what == 6:
        return "+" + digits(chance, chance.choice((1, 2, 3, 10, 15, 17, 19, 20, 21, 22, 36, 37, 40)))
    if what == 7:
        return "".join(chance.choices(CURIOUS + "0123456789+ -.x", k=chance.randrange(14)))
    return chance.choice(NO_NUMBERS + SCIENTIFIC)


def quoted(chance: random.Random, text: str) -> str:
    return chance.choice(QUOTES) + text + chance.choice(QUOTES)


def marked(chance: random.Random, text: str) -> str:
    before: str = chance.choice(["", '="', *QUOTES, *characters.EQUALS_SIGNS])
    behind: str = chance.choice(["", '"', " ", *characters.LIST_MARKS])
    return before + text + behind


def with_decimals(chance: random.Random, text: str) -> str:
    return text + chance.choice(DECIMALS)


def with_extension(chance: random.Random, text: str) -> str:
    label = (
        chance.choice(("", "", " ", ", "))
        + chance.choice(LABELS)
        + chance.choice(("", "", " ", "-", ",", ":"))
    )
    second = chance.choice(LABELS) if chance.random() < 0.3 else ""
    return (
        text
        + label
        + second
        + digits(chance, chance.choice(EXTENSION_LENGTHS))
        + chance.choice(("", "", "#"))
    )


def with_words(chance: random.Random, text: str) -> str:
    return chance.choice(IN_FRONT) + text


def in_other_digits(chance: random.Random, text: str) -> str:
    script, share = chance.choice(OTHER_DIGITS), chance.choice((0.2, 1))
    return "".join(script[int(c)] if c in "0123456789" and chance.random() < share else c for c in text)


def with_other_spaces(chance: random.Random, text: str) -> str:
    space, dash = chance.choice(characters.SPACES), chance.choice(characters.DASHES)
    return text.replace(" ", space).replace("-", dash)


def with_something_inside(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    every = (INVISIBLE, CURIOUS, characters.SPACES, characters.DASHES, INSIDE, LABELS)
    return text[:at] + chance.choice(chance.choice(every)) + text[at:]


def with_letters(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    letters = "".join(chance.choices("ABCxyzflow", k=chance.randrange(1, 6)))
    return text[:at] + letters + text[at + chance.randrange(5) :]


def very_long(chance: random.Random, text: str) -> str:
    return text + chance.choice(" 1x-") * chance.choice(LENGTHS)


CHANGES = (
    *(quoted, marked, with_decimals, with_extension, with_words, in_other_digits, with_other_spaces),
    *(with_something_inside, with_letters, very_long),
)


def odd_text(chance: random.Random, most_changes: int = 4) -> str:
    """One text, changed up to so many times."""
    text = text_to_begin_with(chance)
    for _ in range(chance.randrange(most_changes + 1)):
        text = chance.choice(CHANGES)(chance, text)
    return text


def odd_lines(chance: random.Random) -> bytes:
    """Lines of text, each with one of the line ends that there are."""
    ends = ("\n", "\n", "\r\n", "\r")
    return "".join(odd_text(chance) + chance.choice(ends) for _ in range(chance.randrange(30))).encode()


def odd_json_lines(chance: random.Random) -> bytes:
    """Lines of NDJSON, and of what is nearly that."""
    return "".join(
        odd_json_line(chance) + chance.choice(("\n", "\r\n")) for _ in range(chance.randrange(30))
    ).encode()


def odd_json_line(chance: random.Random) -> str:
    text, is_ascii = odd_text(chance), chance.random() < 0.5
    values = (
        text,
        text,
        {"a": 1.5, "phone_number": text, "z": [1, {"q": None}, "\u1234\\"]},
        {"phone_number": 628},
    )
    line = json.dumps(chance.choice(values), ensure_ascii=is_ascii)
    if chance.random() < 0.2:
        at = chance.randrange(len(line))
        line = line[:at] + chance.choice('"\\{}[]:,0e ') + line[at + 1 :]
    return line


def odd_rows(chance: random.Random, delimiter: str, width: int) -> bytes:
    """Rows of CSV, some of them too short or too long or broken."""
    file = io.StringIO()
    end = chance.choice(("\r\n", "\n"))
    writer = csv.writer(
        file,
        delimiter=delimiter,
        lineterminator=end,
        quoting=chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
    )
    cells = ("x", "", f"a{delimiter}b", 'q"q', "line\nbreak", "GB", "us", "Nowhere")
    broken = ("\n", '"open', 'a"b"c\n', f'"x"y{delimiter}1\n', "\r", '""\n', f'"{delimiter}')
    for _ in range(chance.randrange(30)):
        count = chance.choice((width,) * 8 + (1, width + 1, width + 3))
        writer.writerow([chance.choice((odd_text(chance), *cells)) for _ in range(count)])
        if chance.random() < 0.03:
            file.write(chance.choice(broken))
    return file.getvalue().encode()


def damaged(chance: random.Random, block: bytes) -> bytes:
    """Now and then with some other bytes in it."""
    content = bytearray(block)
    if content and chance.random() < 0.1:
        for _ in range(chance.randrange(1, 4)):
            content[chance.randrange(len(content))] = chance.choice(b'\xff\x80\xc3",;\n\r\\{}[]:0a\0')
    return bytes(content)
