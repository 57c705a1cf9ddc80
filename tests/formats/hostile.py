"""Files made to do harm: small on the wire, and without end in the memory or time that reading them takes."""

import gzip
import io
import zipfile
from typing import NamedTuple

import orjson
from backports import zstd

from tests.batches.test_bad_files import SHEET, row, workbook, workbook_of

NUMBER = "+6281234567000"


class Hostile(NamedTuple):
    """A file, and what its owner is told."""

    name: str
    data: bytes
    says: str


def at(reference: str, value: str = NUMBER) -> str:
    """A cell of a sheet at a place."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{value}</t></is></c>'


def shared(string: str, rows: int) -> bytes:
    """A workbook in which all rows have one shared string."""
    strings = f'<sst xmlns="{SHEET}"><si><t>{string}</t></si></sst>'
    cells = f'<row><c t="s"><v>0</v></c>{at("B1").replace(" r=" + chr(34) + "B1" + chr(34), "")}</row>'
    return workbook(cells * rows, **{"xl/sharedStrings.xml": strings.encode()})


def lying(book: bytes) -> bytes:
    """The same archive, its directory saying that its largest file is small."""
    changed = bytearray(book)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        size = max(each.file_size for each in archive.infolist()).to_bytes(4, "little")
    place = book.rindex(size)
    changed[place : place + 4] = (100).to_bytes(4, "little")
    return bytes(changed)


FIRST = f'<row r="1">{at("A1")}</row>'
FAR = f'{FIRST}<row r="1048576">{at("XFD1048576")}</row>'
STOPPED = "the workbook takes too much memory or time to read, or is broken"
BROKEN = "the workbook cannot be read; is it protected by a password, or not an XLSX?"
BEYOND = "a sheet has a cell beyond row 1,048,576 or column 16,384"

WORKBOOKS = [
    Hostile("corners.xlsx", workbook(FAR), "a sheet goes on to row 1,048,576 and column 16,384"),
    Hostile("corners-quoted.xlsx", workbook(FAR.replace(' r="', " r = '").replace('">', "'>")), BROKEN),
    Hostile("corners-spaced.xlsx", workbook(FAR.replace(' r="', '  r ="')), STOPPED),
    Hostile("second.xlsx", workbook_of(("A", row("x"), ""), ("B", FAR, "")), "a sheet goes on to row"),
    Hostile("row.xlsx", workbook(f'{FIRST}<row r="4294967295">{at("A4294967295")}</row>'), BEYOND),
    Hostile("row-only.xlsx", workbook(f'{FIRST}<row r="4294967295"><c><v>1</v></c></row>'), BEYOND),
    Hostile("row-spaced.xlsx", workbook(f'{FIRST}<row r ="4294967295"><c><v>1</v></c></row>'), STOPPED),
    Hostile("column.xlsx", workbook(f'{FIRST}<row r="2">{at("AAAAAAAAA2")}</row>'), BEYOND),
    Hostile("sparse.xlsx", workbook(f'{FIRST}<row r="300000">{at("Z300000")}</row>'), "is there a stray one"),
    Hostile("no-reference.xlsx", workbook(f'{FIRST}<row r="2">{at("!!")}</row>'), BROKEN),
    Hostile("row-zero.xlsx", workbook(f'{FIRST}<row r="2">{at("A0")}</row>'), BROKEN),
    Hostile("letters-only.xlsx", workbook(f'{FIRST}<row r="2">{at("AB")}</row>'), BROKEN),
    Hostile("no-string.xlsx", workbook(f'{FIRST}<row r="2"><c t="s"><v>99</v></c></row>'), BROKEN),
    Hostile("one-string.xlsx", shared("x" * 1_000_000, 3_000), "MiB of text, most of it the same"),
    Hostile("zeros.xlsx", workbook(f"<row>{at('A1', '0' * 100_000_000)}</row>"), "100 times its size"),
    Hostile("lying.xlsx", lying(workbook(f"<row>{at('A1', '0' * 100_000_000)}</row>")), "is cut short"),
    Hostile("wide.xlsx", workbook(row(*["a"] * 5_000)), "a sheet has 5,000 columns; expected at most 4,096"),
    Hostile("cut.xlsx", workbook(FIRST)[:-30], "is cut short"),
]

HEADER = ",".join(["phone", *(f"c{n}" for n in range(100_000))])
KEYS = [f"k{n}" for n in range(22_000)]
MANY_COLUMNS, SHORT = "over 4,096 columns", "the rows are far shorter than the table is wide"
ROWS = f"{NUMBER}\n" * 20_000
NARROW = ",".join(["phone", *(f"c{n}" for n in range(4_000))])

TABLES = [
    Hostile("columns.csv.gz", gzip.compress(f"{HEADER}\n{ROWS}".encode()), MANY_COLUMNS),
    Hostile("columns.csv.zst", zstd.compress(f"{HEADER}\n{ROWS}".encode()), MANY_COLUMNS),
    Hostile("columns.tsv", f"{HEADER}\n{ROWS}".replace(",", "\t").encode(), MANY_COLUMNS),
    Hostile("row.csv", f"{NUMBER}{',x' * 5_000}\n".encode() * 3, MANY_COLUMNS),
    Hostile("short.csv.gz", gzip.compress(f"{NARROW}\n{NUMBER}\n".encode() + b"2\n" * 90_000), SHORT),
    Hostile("blank.csv.gz", gzip.compress(f"{NARROW}\n{NUMBER}\n".encode() + b"\n" * 90_000), SHORT),
    Hostile(
        "keys.ndjson.gz",
        gzip.compress(orjson.dumps(dict.fromkeys(KEYS, "")) + b'\n{"k1":"1"}' * 20_000),
        MANY_COLUMNS,
    ),
    Hostile(
        "keys.json",
        b"["
        + orjson.dumps({"phone": NUMBER} | dict.fromkeys(KEYS[:4_000], ""))
        + b',{"k1":1}' * 40_000
        + b"]",
        SHORT,
    ),
]

JSON = [
    Hostile(
        "open.json.gz", gzip.compress(b'["' + b"a" * 30_000_000), "an element is over 1,048,576 bytes long"
    ),
    Hostile("escapes.json", b'["' + b"\\n" * 3_000_000, "an element is over 1,048,576 bytes long"),
    Hostile("deep.json", b"[" * 3_000_000, "an element is over 1,048,576 bytes long"),
]
SAME = f"{NUMBER}\n".encode() * 6_000_000
AGAIN = "times as large when it is unpacked"
PACKED = [
    Hostile("same.txt.gz", gzip.compress(SAME, 9), AGAIN),
    Hostile("same.txt.zst", zstd.compress(SAME, 9), AGAIN),
]
FILES = [*WORKBOOKS, *TABLES, *JSON, *PACKED]
