"""The character encoding of a file, found from its bytes."""

import codecs
import re

from validator_svc.formats.errors import Option, UnreadableFileError
from validator_svc.formats.foreign import EXPECTED, refuse_binary
from validator_svc.formats.latin import latin_encoding
from validator_svc.formats.sample import SampledFile
from validator_svc.formats.text_codecs import UnknownEncodingError, codec_named

# Longest first: the mark of UTF-16 is the beginning of that of UTF-32.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# What exports of address books and customer lists come in; the rarer ones only lead the guess astray.
LEGACY_ENCODINGS = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "koi8_r",
    "gb18030",
    "big5",
    "cp932",
    "euc_jp",
    "cp949",
]
# The WHATWG Encoding Standard's default too: https://encoding.spec.whatwg.org/
USUAL_LEGACY = "cp1252"

# What is declared as the smaller one is as a rule the greater: https://encoding.spec.whatwg.org/
SUPERSETS = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
# Japanese between escape sequences, in ASCII bytes (RFC 1468).
ISO_2022_JP = re.compile(rb"\x1b\$[@B][\x21-\x7e]+\x1b\([BJ]")
NO_CHARSETS = frozenset({"", "binary"})

MIN_HANGUL_SHARE = 0.9
EVIDENCE_BYTES = 32 * 1024
MAX_NUL_SHARE = 0.01
# Text has line ends and tabs, and a few programs write ESC or Ctrl-Z; many of the others are binary data.
NO_CONTROLS = bytes([*range(9, 14), 26, 27, *range(32, 256)])
MAX_CONTROL_SHARE = 0.05
FEW_CONTROLS = 100


def encoding_of(file: SampledFile, given: str | None, charset: str | None) -> str:
    """The Python codec to read the file with: of the encoding given, or declared, or found.

    `given` is what somebody says of this file, `charset` what a program says of what it sends (RFC 9110,
    8.3.2). Raises UnreadableFileError, see `known_encoding` and `find_encoding`.
    """
    if given is not None:
        return known_encoding(given)
    if charset is None or charset.strip().lower() in NO_CHARSETS or file.sample == b"":
        return find_encoding(file)
    declared = known_encoding(charset)
    return sure_encoding(file.sample) or SUPERSETS.get(declared, declared)


def encoding_seen(file: SampledFile, given: str | None, charset: str | None) -> str:
    """The same, but where nobody says it only what is seen for sure; else UTF-8."""
    if given is not None or charset is not None:
        return encoding_of(file, given, charset)
    return sure_encoding(file.sample) or "utf-8"


def find_encoding(file: SampledFile) -> str:
    """The Python codec to read the file with; one that drops a byte order mark where there is one.

    UTF-8 and UTF-16 are recognised for sure; of older encodings the likeliest is taken (see
    `legacy_encoding`). Raises UnreadableFileError for an empty file and for what is not text.
    """
    sample = file.sample
    if not sample or (file.is_whole and not without_marks(sample)):
        raise UnreadableFileError(f"the file is empty; {EXPECTED}")
    refuse_binary(sample)
    if sure := sure_encoding(sample):
        return sure
    if ISO_2022_JP.search(sample) and sample.isascii():
        return "iso2022_jp"
    controls = len(sample.translate(None, NO_CONTROLS))
    if sample.count(0) > len(sample) * MAX_NUL_SHARE or controls > max(
        FEW_CONTROLS, len(sample) * MAX_CONTROL_SHARE
    ):
        raise UnreadableFileError(f"the file holds binary data; {EXPECTED}")
    foreign = file.first_foreign_bytes()
    return "utf-8" if is_utf_8(foreign) else legacy_encoding(foreign)


def sure_encoding(sample: bytes) -> str | None:
    """The encoding that a byte order mark names, or that NULs show; None when neither is there."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if sample.startswith(mark):
            return encoding
    return utf_16_without_mark(sample)


def without_marks(sample: bytes) -> bytes:
    """The sample but for the byte order marks at its beginning."""
    for mark, _ in BYTE_ORDER_MARKS:
        while sample.startswith(mark):
            sample = sample[len(mark) :]
    return sample


def known_encoding(name: str) -> str:
    """The codec of an encoding that the user names. Raises UnreadableFileError when there is none."""
    try:
        codec = codec_named(name)
    except UnknownEncodingError:
        raise UnreadableFileError(
            f"unknown encoding {name[:40]!r}; expected one of text, such as utf-8 or cp1252",
            option=Option("encoding", "cp1252"),
        ) from None
    return "utf-8-sig" if codec == "utf-8" else codec


def utf_16_without_mark(sample: bytes) -> str | None:
    """UTF-16 in the byte order that shows in digits and Latin letters, each with a NUL; else None."""
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        nuls, others = sample[first::2], sample[1 - first :: 2]
        if nuls.count(0) > len(nuls) / 2 and others.count(0) <= len(others) * MAX_NUL_SHARE:
            return encoding
    return None


def is_utf_8(sample: bytes) -> bool:
    """Whether the bytes are UTF-8, or were meant to be, but for some rows from another source.

    Text of another encoding has next to no character that happens to be UTF-8. A sample may be cut
    inside a character at both its ends.
    """
    start = next((at for at in range(min(3, len(sample))) if sample[at] & 0xC0 != 0x80), 0)
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample[start:])
    broken = sum("\udc80" <= c <= "\udcff" for c in text)
    return broken == 0 or sum(not c.isascii() for c in text) > 2 * broken


def legacy_encoding(sample: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8.

    Latin letters tell by the language that they make. A handful of names rarely proves more than "one of
    these": Windows-1252 is taken where nothing speaks against it. Of other scripts the best guess of
    charset-normalizer is taken.
    """
    evidence = b"\n".join(line for line in sample.splitlines() if not line.isascii())[:EVIDENCE_BYTES]
    if latin := latin_encoding(evidence):
        return latin
    # Few files need it.
    from charset_normalizer import from_bytes

    matches = from_bytes(evidence, cp_isolation=LEGACY_ENCODINGS)
    best = matches.best()
    if best is None or any(
        USUAL_LEGACY in m.could_be_from_charset and m.chaos <= best.chaos for m in matches
    ):
        return USUAL_LEGACY
    return "gb18030" if best.encoding == "cp949" and not is_korean(evidence) else best.encoding


def is_korean(evidence: bytes) -> bool:
    """Whether bytes that could be Korean are Hangul, as Korean is; of Chinese in GB 18030 a part would be."""
    text = evidence.decode("cp949", "replace")
    hangul = sum("\uac00" <= c <= "\ud7a3" for c in text)
    return hangul > sum(not c.isascii() for c in text) * MIN_HANGUL_SHARE
