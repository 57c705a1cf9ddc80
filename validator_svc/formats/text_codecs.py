"""The character encodings that text may be in, by the names that Python and others have for them."""

import codecs

# Python has codecs that are none of text, or that no table is in (`zlib`, `idna`, `punycode`), and some
# whose text is not what it seems (UTF-7). These are what programs write, and nothing else is looked up.
NAMES = frozenset(
    {
        "ascii",
        "utf-8",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-le",
        "utf-32-be",
        *(f"iso8859-{part}" for part in (*range(1, 12), 13, 14, 15, 16)),
        *(f"cp{page}" for page in range(1250, 1259)),
        *(f"cp{page}" for page in (437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865)),
        *(f"cp{page}" for page in (866, 869, 874, 932, 949, 950, 1125)),
        *("koi8-r", "koi8-u", "koi8-t", "kz1048", "ptcp154", "tis-620", "hp-roman8"),
        *("cp037", "cp273", "cp424", "cp500", "cp1026", "cp1140"),
        *(
            "mac-roman",
            "mac-latin2",
            "mac-cyrillic",
            "mac-greek",
            "mac-turkish",
            "mac-iceland",
            "mac-croatian",
        ),
        *("big5", "big5hkscs", "gb2312", "gbk", "gb18030", "hz"),
        *("shift_jis", "shift_jis_2004", "shift_jisx0213", "euc_jp", "euc_jis_2004", "euc_jisx0213"),
        *("iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_ext"),
        *("euc_kr", "johab", "iso2022_kr"),
    }
)
MAX_NAME = 40
# Without a mark the order of bytes shows in the first one, as text begins with ASCII; else it is that of
# the WHATWG Encoding Standard: https://encoding.spec.whatwg.org/
ORDERED = {"utf-16": 2, "utf-32": 4}
MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


class UnknownEncodingError(ValueError):
    """A name of no encoding that text may be in."""


def codec_named(name: str) -> str:
    """Python's name of an encoding: `utf-8` for `UTF8`, `cp1252` for `windows-1252`.

    Raises UnknownEncodingError.
    """
    try:
        codec = codecs.lookup(name.strip()[: MAX_NAME + 1]).name
    except (LookupError, ValueError, TypeError, ImportError):
        raise UnknownEncodingError(name) from None
    if codec == "utf-8-sig":
        return "utf-8"
    if codec not in NAMES:
        raise UnknownEncodingError(name)
    return codec


def decoder_of(codec: str, errors: str) -> codecs.IncrementalDecoder:
    """What decodes text in blocks. `codec` is a name of Python's, `errors` what becomes of broken bytes.

    A byte order mark stays in the text, but for UTF-16 and UTF-32, which need none.
    """
    if codec in ORDERED:
        return OrderedDecoder(codec, errors)
    return codecs.getincrementaldecoder(codec)(errors)


class OrderedDecoder(codecs.IncrementalDecoder):
    """UTF-16 or UTF-32, with a byte order mark or without one."""

    def __init__(self, codec: str, errors: str) -> None:
        super().__init__(errors)
        self._codec = codec
        self._start = b""
        self._decoder: codecs.IncrementalDecoder | None = None

    def decode(self, data: bytes, final: bool = False) -> str:  # type: ignore[override]
        """The text of a block."""
        if self._decoder is None:
            self._start += data
            if len(self._start) < max(ORDERED.values()) and not final:
                return ""
            data = self._start
            self._decoder = codecs.getincrementaldecoder(self._order())(self.errors)
        return self._decoder.decode(data, final)

    def _order(self) -> str:
        size = ORDERED[self._codec]
        if self._start.startswith(tuple(mark for mark in MARKS if len(mark) == size)):
            return self._codec
        return f"{self._codec}-be" if self._start[:1] == b"\0" else f"{self._codec}-le"
