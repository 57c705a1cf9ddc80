"""Lines out of a body that is still being sent."""

import codecs
import io
from collections.abc import AsyncIterator

from validator_svc.http.errors import ApiError

# A longer line is cut here: far over any number, it is answered `too_long` with what was kept.
MAX_LINE = 64 * 1024


async def blocks_of_lines(pieces: AsyncIterator[bytes], charset: str) -> AsyncIterator[list[str]]:
    """The body's lines in order, those of each piece together, without their line ends.

    LF, CRLF and CR end a line; the last line needs no end. Bytes that are not `charset` become
    U+FFFD. Raises ApiError 415 for a charset that is not known.
    """
    decoder = newline_decoder(charset)
    rest = ""
    first = True
    async for piece in pieces:
        text = decoder.decode(piece)
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        *lines, tail = text.split("\n")
        if lines:
            lines[0] = rest + lines[0]
            rest = tail
            yield lines
        else:
            rest = (rest + tail)[:MAX_LINE]
    *lines, tail = decoder.decode(b"", final=True).split("\n")
    if lines:
        yield [rest + lines[0], *lines[1:]]
        rest = tail
    elif rest + tail:
        yield [rest + tail]


def newline_decoder(charset: str) -> io.IncrementalNewlineDecoder:
    """Bytes to text with every line end as LF. Raises ApiError 415."""
    try:
        decoder = codecs.getincrementaldecoder(charset)("replace")
        "".encode(charset)
    except (LookupError, TypeError, ValueError):
        raise ApiError(
            415, "unsupported_charset", "Content-Type: expected a known charset, such as utf-8"
        ) from None
    return io.IncrementalNewlineDecoder(decoder, translate=True)
