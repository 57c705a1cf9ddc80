"""Files that are no lists of numbers: known by how they begin, named, and refused with what to do."""

import re
from typing import Any

from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.ndjson import PHONE_KEY, value_of

EXPECTED = "expected text (CSV, TSV, NDJSON, a JSON array, a number a line) or XLSX"
SAVE = "open it in a spreadsheet program and save it as XLSX or CSV"
EXPORT = "export it as CSV or XLSX"

# By the first bytes.
MAGIC = (
    (b"PK\x03\x04", "a ZIP archive or an XLSX workbook", EXPECTED),
    (
        b"\xd0\xcf\x11\xe0",
        "an old binary workbook (.xls), or one protected by a password",
        "save it as XLSX without a password, or as CSV",
    ),
    (b"\x1f\x8b", "gzip once more", "compress it once only"),
    (b"\x28\xb5\x2f\xfd", "zstd once more", "compress it once only"),
    (b"BZh", "bzip2", "unpack it, or use gzip or zstd"),
    (b"\xfd7zXZ", "xz", "unpack it, or use gzip or zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it and send what is in it"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it and send what is in it"),
    (b"%PDF", "PDF", "send the list it was made from; " + EXPECTED),
    (b"%!PS", "PostScript", EXPECTED),
    (b"SQLite format 3\x00", "an SQLite database", EXPORT),
    (b"PAR1", "Parquet", EXPORT),
    (b"ARROW1", "Arrow", EXPORT),
    (b"Obj\x01", "Avro", EXPORT),
    (b"\x89PNG", "a picture", EXPECTED),
    (b"\xff\xd8\xff", "a picture", EXPECTED),
    (b"GIF8", "a picture", EXPECTED),
    (b"II*\x00", "a picture", EXPECTED),
    (b"MM\x00*", "a picture", EXPECTED),
    (b"\x7fELF", "a program", EXPECTED),
)
TAR_AT, TAR = 257, b"ustar"

XML = r"(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)*"
# A line each: were there many ways to match them, a hostile file could take for ever.
COMMENTS = r"(?:(?:--|/\*)[^\n]*\n\s*)*"
# By the first text, in lower case.
TEXTS = (
    (XML + r"(?:<\?mso-application[^>]*>|<(?:ss:)?workbook\b)", "an XML spreadsheet of 2003", SAVE),
    (
        XML + r"<(?:!doctype html|(?:html|head|meta|body|table|div|style)\b)",
        "HTML, perhaps under the name of a spreadsheet",
        SAVE,
    ),
    (r"<(?:\?xml|!doctype|[a-z][\w:.-]*(?:\s[^<>]*)?/?>)", "XML", EXPORT),
    (r"begin:v(?:card|calendar)\b", "vCard or iCalendar", "export the contacts as CSV"),
    (r"(?:(?:#|version:)[^\n]*\n\s*)*dn::? ", "LDIF", "export the entries as CSV"),
    (r"\{\\rtf", "RTF", "save it as text or CSV"),
    (r"(?:mime-version|return-path|received|content-type): ", "an e-mail or a web archive", SAVE),
    (r"version https://git-lfs", "a pointer of Git LFS", "send the file that it stands for"),
    (r"--\S+\r?\ncontent-disposition:", "a form", "send it as multipart/form-data"),
    (COMMENTS + r"(?:create table|insert into|drop table|pragma foreign)\b", "SQL", EXPORT),
)
START_CHARS = 4096


def refuse_binary(sample: bytes) -> None:
    """Raise UnreadableFileError, naming what the file is, when its first bytes tell another format."""
    for magic, kind, advice in MAGIC:
        if sample.startswith(magic):
            raise foreign(kind, advice)
    if sample[TAR_AT:].startswith(TAR):
        raise foreign("a tar archive", "unpack it and send what is in it")


def refuse_text(text: str, is_whole: bool) -> None:
    """Raise UnreadableFileError, naming what the file is, when its text is no list.

    `text` is the beginning of the file; `is_whole` whether it is all there is.
    """
    start = text[:START_CHARS].lstrip("\ufeff \t\r\n")
    for pattern, kind, advice in TEXTS:
        if re.match(pattern, start.casefold()):
            raise foreign(kind, advice)
    if start.startswith("{"):
        refuse_object(text.lstrip("\ufeff \t\r\n"), is_whole)


def refuse_object(text: str, is_whole: bool) -> None:
    """Raise UnreadableFileError when the text is one JSON object over many lines, or wraps a list."""
    first, _, rest = text.partition("\n")
    value = value_of(first)
    if isinstance(value, dict):
        is_wrapped = is_whole and not rest.strip() and wraps_list(value)
    else:
        goes_on = first.rstrip().endswith(("{", "[", ",", ":"))
        is_wrapped = goes_on or (not rest and not is_whole) if re.match(r'\{\s*(?:"|$)', text) else False
    if is_wrapped:
        raise foreign(
            "a JSON object around a list, or written over many lines",
            "send the list by itself (a JSON array), or one JSON object a line (NDJSON)",
        )


def wraps_list(value: dict[str, Any]) -> bool:
    """Whether an object holds a list instead of a number."""
    return PHONE_KEY not in value and any(isinstance(each, list) and each for each in value.values())


def foreign(kind: str, advice: str) -> UnreadableFileError:
    """The error for a file of another format."""
    return UnreadableFileError(f"the file is {kind}; {advice}")
