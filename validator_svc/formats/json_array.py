"""A JSON array as NDJSON: one element a line, as it is written, in bounded memory."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.lines import MAX_LINE

BLOCK_BYTES = 64 * 1024
WHITE = b" \t\r\n"
# Where elements end can be told from these alone, strings being skipped as a whole.
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{\]},"]', re.DOTALL)
START = re.compile(
    r"""\ufeff*\s*\[\s*(?:
        ["{\[] | $
        | (?:null|true|false|-?\d[\d.eE+-]*)\s*(?: , | $ | \]\s*$ )
        | \]\s*$
    )""",
    re.VERBOSE,
)
OPENING, CLOSING = (b"[", b"{"), (b"]", b"}")


def is_json_array(start: str) -> bool:
    """Whether a text that begins so is a JSON array: `[`, and any JSON value or `]`.

    A number, or a word of JSON, in brackets of its own is one only when nothing follows: `[44] 7400 123456`
    is a phone number.
    """
    return START.match(start) is not None


def elements(file: BinaryIO) -> Iterator[bytes]:
    """The elements of an array in UTF-8 without a byte order mark, in blocks, each with a line end after it.

    Raises UnreadableFileError with the line in the array.
    """
    pending = file.read(BLOCK_BYTES).lstrip(WHITE)[1:]
    line_number = 1
    ended = False
    while not ended:
        block = file.read(BLOCK_BYTES)
        done, consumed, ended = split(pending + block)
        if done:
            yield b"".join(done)
        line_number += pending.count(b"\n", 0, consumed)
        pending = (pending + block)[consumed:]
        if not ended and not block:
            raise UnreadableFileError("the JSON array does not end", line_number)
        if len(pending) > MAX_LINE + BLOCK_BYTES:
            raise UnreadableFileError(f"an element is over {MAX_LINE:,} bytes long", line_number)
    if pending.strip(WHITE) or file.read(BLOCK_BYTES).strip(WHITE):
        raise UnreadableFileError("something follows after the end of the JSON array", line_number)


def split(text: bytes) -> tuple[list[bytes], int, bool]:
    """The whole elements at the beginning, how many bytes they took, and whether the array ended."""
    done: list[bytes] = []
    depth, start = 0, 0
    for token in TOKEN.finditer(text):
        kind = token[0]
        if kind == b'"':
            # A string that is not there to its end.
            break
        if kind in OPENING:
            depth += 1
        elif kind in CLOSING and depth:
            depth -= 1
        elif not depth and kind in (b",", b"]"):
            element = text[start : token.start()].strip(WHITE)
            if element or kind == b",":
                done.append(element.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n")
            start = token.end()
            if kind == b"]":
                return done, start, True
    return done, start, False
