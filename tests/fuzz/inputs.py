"""Input made by a grammar: what people send, and what is nearly that."""

import gzip
import json
from functools import cache

from hypothesis import strategies as st

from tests.batches import test_bad_files as bad_files

SEPARATORS = st.sampled_from([" ", "-", ".", "/", "(", ")", "\u00a0", "\u2013", "\u200b", "", "", ""])
DIGITS = st.text(st.sampled_from("0123456789\u0661\uff11"), max_size=6)
MARKS = st.sampled_from(
    ["", "", "+", "00", "\uff0b", "tel:", "'", '="', '"', "=", "@", "ext. ", "x", ";ext="]
)
JUNK = st.text(max_size=12)
NUMBERS = st.one_of(
    st.builds("".join, st.lists(st.one_of(MARKS, DIGITS, SEPARATORS), max_size=12)),
    st.sampled_from(["6281234567000", "+44 20 7946 0958", "1-800-FLOWERS", "6.28E+11", "", "0", "+"]),
    JUNK,
)
NAMES = st.one_of(st.sampled_from(["phone", "Telefon", "tel", "country", "name", "phone_number"]), JUNK)
DELIMITERS = st.sampled_from([",", ";", "\t", "|"])
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "shift_jis"])
OWN_NUMBER = "442079460958"
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), NUMBERS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=8,
)


def cell(text: str, is_quoted: bool) -> str:
    """A cell, quoted as it should be, or not at all."""
    return '"' + text.replace('"', '""') + '"' if is_quoted else text


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    """Tables, some with rows of other widths, open quotes and odd encodings."""
    delimiter, end = draw(DELIMITERS), draw(LINE_ENDS)
    cells = st.builds(cell, st.one_of(NUMBERS, NAMES), st.booleans())
    rows = draw(st.lists(st.lists(cells, max_size=5), max_size=6))
    return end.join(delimiter.join(row) for row in rows).encode(draw(ENCODINGS), "replace")


@st.composite
def ndjson_files(draw: st.DrawFn) -> bytes:
    """Lines of JSON, one or the other of them broken."""
    lines = draw(st.lists(st.one_of(VALUES.map(json.dumps), JUNK), max_size=6))
    return draw(LINE_ENDS).join(lines).encode("utf-8", "surrogatepass")


@cache
def workbook() -> bytes:
    """A small one that is as it should be."""
    rows = [("name", "phone"), ("Ada", "+442079460958"), ("Bob", "12")]
    return bad_files.workbook("".join(bad_files.row(*texts) for texts in rows))


@st.composite
def changed(draw: st.DrawFn, whole: bytes) -> bytes:
    """Bytes with some of them changed, cut out or doubled."""
    body = bytearray(whole)
    for _ in range(draw(st.integers(0, 6))):
        at, length = draw(st.integers(0, len(body))), draw(st.integers(0, 8))
        body[at : at + length] = draw(
            st.one_of(st.binary(max_size=8), st.just(bytes(body[at : at + length] * 2)))
        )
    return bytes(body)


FILES = st.one_of(
    csv_files(),
    ndjson_files(),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.lists(NUMBERS, max_size=8).map(lambda texts: "\n".join(texts).encode("utf-8", "surrogatepass")),
    st.binary(max_size=64),
    st.deferred(lambda: changed(workbook())),
    st.deferred(lambda: changed(gzip.compress(b"phone\n+442079460958\n"))),
)


@st.composite
def forms(draw: st.DrawFn) -> bytes:
    """Forms with the boundary `x`, some of them broken."""
    name = draw(st.sampled_from(["file", "type", "country", "colour", ""]))
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="type"\r\n\r\nformat\r\n',
        f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="a.csv"\r\n\r\n'.encode(),
        draw(FILES) + b"\r\n--x--\r\n",
    ]
    return draw(changed(b"".join(parts)))


FIELDS = ("is_valid", "cost", "error_code", "mcc", "mnc", "carrier_name", "ported", "phone_type", "timezone")
REPLIES = st.one_of(
    VALUES,
    st.fixed_dictionaries(
        {"status": st.one_of(LEAVES, st.just("success")), "pending": LEAVES, "count": LEAVES},
        optional={
            "request_uuid": LEAVES,
            "items": st.lists(
                st.fixed_dictionaries(
                    {"phone_number": st.one_of(st.just(OWN_NUMBER), LEAVES)},
                    optional=dict.fromkeys(
                        (
                            "is_valid",
                            "cost",
                            "error_code",
                            "mcc",
                            "mnc",
                            "carrier_name",
                            "ported",
                            "phone_type",
                        ),
                        VALUES,
                    ),
                ),
                max_size=3,
            ),
        },
    ),
)
SIDECARS = st.one_of(
    st.binary(max_size=64),
    st.lists(st.builds("{} = {}".format, NAMES, VALUES.map(json.dumps)), max_size=5).map(
        lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass")
    ),
    st.deferred(lambda: changed(b'type = "format"\ncountry = "ID"\nmax_cost = "1.5"\nformat = "csv"\n')),
)
