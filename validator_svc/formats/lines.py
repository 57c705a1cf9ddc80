"""Lines out of a file's bytes, a block at a time, in bounded memory."""

import codecs
import io
from collections.abc import Iterable, Iterator
from typing import TypeVar

from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.text_codecs import decoder_of

# Far over any row that a person or a program wrote on purpose; the memory of a reader grows with it.
MAX_LINE = 1024 * 1024
UTF_8 = ("utf-8", "utf-8-sig")
# Programs that join files, or write a mark before a text that has one, leave several.
MARK = "\ufeff"

Piece = TypeVar("Piece", bytes, str)


def blocks_of_lines(blocks: Iterable[bytes], encoding: str) -> Iterator[list[str]]:
    """The lines of each block together, without their ends (LF, CRLF or CR).

    The last line needs no end; an end after it adds no line. Bytes that are not of the encoding
    become U+FFFD. Raises UnreadableFileError for a line of more than `MAX_LINE` characters.
    """
    for text in whole_lines(blocks, encoding, "replace", translate=True):
        yield text.removesuffix("\n").split("\n")


def blocks_of_raw_lines(blocks: Iterable[bytes], encoding: str) -> Iterator[list[str]]:
    """The same, with their line ends as they came, and with what is not UTF-8 kept.

    In UTF-8 such bytes become lone surrogates (PEP 383), which `surrogateescape` writes as the bytes
    that they were. In other encodings they become U+FFFD: they would mean nothing in UTF-8 output.
    """
    errors = "surrogateescape" if encoding in UTF_8 else "replace"
    for text in whole_lines(blocks, encoding, errors, translate=False):
        yield list(io.StringIO(text, newline=""))


def in_utf_8(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The same text in UTF-8, without byte order marks at its beginning.

    What is not UTF-8 in a UTF-8 file stays; in other encodings it becomes U+FFFD.
    """
    return without_marks(blocks if encoding in UTF_8 else decoded_to_utf_8(blocks, encoding), codecs.BOM_UTF8)


def decoded_to_utf_8(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The text of another encoding in UTF-8."""
    decoder = decoder_of(encoding, "replace")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def without_marks(pieces: Iterable[Piece], mark: Piece) -> Iterator[Piece]:
    """The pieces of a text without the marks at its beginning, where a mark may be cut in two."""
    pieces = iter(pieces)
    start = mark[:0]
    for piece in pieces:
        start += piece
        while start.startswith(mark):
            start = start[len(mark) :]
        if not mark.startswith(start):
            break
    yield start
    yield from pieces


def whole_lines(blocks: Iterable[bytes], encoding: str, errors: str, translate: bool) -> Iterator[str]:
    """The text of the blocks, cut anew at line ends; with `translate` every line end is LF."""
    decoder = io.IncrementalNewlineDecoder(decoder_of(encoding, errors), translate)
    rest = ""
    lines_before = 0
    for text in without_marks(decoded(blocks, decoder), MARK):
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        if not end:
            rest += text
            check_length(len(rest), lines_before)
            continue
        check_length(len(rest) + min(text.find("\n") % end, text.find("\r") % end), lines_before)
        whole, rest = rest + text[:end], text[end:]
        lines_before += count_lines(whole)
        yield whole
    if rest:
        yield rest


def decoded(blocks: Iterable[bytes], decoder: io.IncrementalNewlineDecoder) -> Iterator[str]:
    """The text of the blocks."""
    for block in blocks:
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def count_lines(text: str) -> int:
    """How many line ends there are."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def check_length(length: int, lines_before: int) -> None:
    """Raise UnreadableFileError for a line that is over the limit."""
    if length > MAX_LINE:
        raise UnreadableFileError(f"the line is over {MAX_LINE:,} characters long", lines_before + 1)
