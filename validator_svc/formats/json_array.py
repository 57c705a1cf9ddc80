"""A JSON array as NDJSON: one element a line, as it is written, in bounded memory."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from validator_svc.formats.encoding import encoding_seen
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.foreign import refuse_binary
from validator_svc.formats.lines import MAX_LINE, in_utf_8
from validator_svc.formats.readable_file import joined
from validator_svc.formats.sample import SampledFile

BLOCK_BYTES = 64 * 1024
START_BYTES = 64 * 1024
WHITE = b" \t\r\n"
# Where elements end can be told from these alone; strings are skipped, as far as they are there. Possessive:
# what is there of one is not looked at in other ways.
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(")?|[\[{\]},]', re.DOTALL)
REST_OF_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+(")?', re.DOTALL)
START = re.compile(
    r"""\ufeff*\s*\[\s*(?:
        ["{\[] | $
        | (?:null|true|false|-?\d[\d.eE+-]*)\s*(?: , | $ | \]\s*$ )
        | \]\s*$
    )""",
    re.VERBOSE,
)
QUOTE, OPENING, CLOSING = b'"', (b"[", b"{"), (b"]", b"}")


def is_json_array(start: str) -> bool:
    """Whether a text that begins so is a JSON array: `[`, and any JSON value or `]`.

    A number, or a word of JSON, in brackets of its own is one only when nothing follows: `[44] 7400 123456`
    is a phone number.
    """
    return START.match(start) is not None


def array_elements(file: SampledFile, given: str | None, charset: str | None) -> Iterator[bytes] | None:
    """The elements of a JSON array as NDJSON, in blocks; None for a file that is none.

    `given` and `charset`: see `encoding_of`. Raises UnreadableFileError.
    """
    refuse_binary(file.sample)
    encoding = encoding_seen(file, given, charset)
    if not is_json_array(file.sample[:START_BYTES].decode(encoding, "replace")):
        return None
    return elements(joined(in_utf_8(file.blocks(), encoding)))


def elements(file: BinaryIO) -> Iterator[bytes]:
    """The elements of an array in UTF-8 without a byte order mark, in blocks, each with a line end after it.

    Raises UnreadableFileError with the line in the array.
    """
    splitter = Splitter(file.read(BLOCK_BYTES).lstrip(WHITE)[1:])
    while True:
        if done := splitter.elements():
            yield done
        if splitter.has_ended:
            break
        splitter.check_length()
        block = file.read(BLOCK_BYTES)
        if not block:
            raise UnreadableFileError("the JSON array does not end", splitter.line_number)
        splitter.add(block)
    if splitter.pending.strip(WHITE) or file.read(BLOCK_BYTES).strip(WHITE):
        raise UnreadableFileError("something follows after the end of the JSON array", splitter.line_number)


class Splitter:
    """Splits the text of an array, after its `[`, into its elements. Nothing is looked at twice."""

    def __init__(self, text: bytes) -> None:
        self.pending = text
        """What no element was made of yet."""
        self.line_number = 1
        """The line on which it begins."""
        self.looked_at = 0
        """How much of it has been looked at."""
        self.has_ended = False
        self._depth = 0
        self._in_string = False

    def add(self, text: bytes) -> None:
        """Go on with more text."""
        self.pending += text

    def check_length(self) -> None:
        """Raise UnreadableFileError when an element is too long."""
        if len(self.pending) > MAX_LINE + BLOCK_BYTES:
            raise UnreadableFileError(f"an element is over {MAX_LINE:,} bytes long", self.line_number)

    def elements(self) -> bytes:
        """The whole elements, a line each."""
        text, done, start = self.pending, list[bytes](), 0
        place = self._after_string(text)
        for token in TOKEN.finditer(text, place):
            kind = token[0]
            place = token.end()
            if kind in OPENING:
                self._depth += 1
            elif kind in CLOSING and self._depth:
                self._depth -= 1
            elif kind[:1] == QUOTE:
                self._in_string = token.lastindex is None
            elif not self._depth and kind in (b",", b"]"):
                element = text[start : token.start()].strip(WHITE)
                if element or kind == b",":
                    done.append(element.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n")
                start = place
                if kind == b"]":
                    self.has_ended = True
                    break
        if not (self._in_string or self.has_ended):
            place = len(text)
        self.line_number += text.count(b"\n", 0, start)
        self.pending, self.looked_at = text[start:], place - start
        return b"".join(done)

    def _after_string(self, text: bytes) -> int:
        """Where to go on: behind the string that was not there to its end, or what is there of it by now."""
        if not self._in_string:
            return self.looked_at
        rest = REST_OF_STRING.match(text, self.looked_at)
        assert rest is not None
        self._in_string = rest.lastindex is None
        return rest.end()
