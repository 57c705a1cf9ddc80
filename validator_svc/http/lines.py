"""Lines out of a body that is still being sent."""

import io
from collections.abc import AsyncIterator

from validator_svc.formats.text_codecs import UnknownEncodingError, codec_named, decoder_of
from validator_svc.http.errors import ApiError

# A longer line is cut here: far over any number, it is answered `too_long` with what was kept.
MAX_LINE = 64 * 1024


async def chunks_of_lines(pieces: AsyncIterator[bytes], charset: str) -> AsyncIterator[str]:
    """The body in chunks of whole lines, those of each piece together.

    LF, CRLF and CR end a line, and all come as LF; the last line needs no end. Bytes that are not
    `charset` become U+FFFD. Raises ApiError 415 for a charset that is not known.
    """
    decoder = newline_decoder(charset)
    rest = ""
    first = True
    async for piece in pieces:
        text = decoder.decode(piece)
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        end = text.rfind("\n") + 1
        if end:
            yield rest + text[:end]
            rest = text[end:]
        else:
            rest = (rest + text)[:MAX_LINE]
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest


async def blocks_of_lines(chunks: AsyncIterator[str]) -> AsyncIterator[list[str]]:
    """The lines of each chunk, without their line ends."""
    async for chunk in chunks:
        yield chunk.removesuffix("\n").split("\n")


def newline_decoder(charset: str) -> io.IncrementalNewlineDecoder:
    """Bytes to text with every line end as LF. Raises ApiError 415."""
    return io.IncrementalNewlineDecoder(decoder_of(codec_of(charset), "replace"), translate=True)


def codec_of(charset: str) -> str:
    """Python's name of a charset (see `text_codecs`). Raises ApiError 415 where it has none of text."""
    try:
        return codec_named(charset)
    except UnknownEncodingError:
        raise ApiError(
            415, "unsupported_charset", "Content-Type: expected a known charset, such as utf-8"
        ) from None
