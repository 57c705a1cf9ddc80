"""The numbering plan as one file: its layout, byte for byte.

Everything is little endian. The file is a header, a table of sections, and the sections.

header (24 bytes)
    8 bytes MAGIC · u32 FORMAT · u32 width of a reference (2 or 4 bytes, signed) · u32 CRC-32 of
    everything after the header · u32 number of sections

table, one entry a section (12 bytes): u32 section · u32 offset in the file · u32 count of items.
    Offsets are multiples of 8; each section stands once, in the order of `Section`.

sections (item: what `count` counts)
    META          byte: JSON object, see `Meta`
    FACTS         byte: JSON object {"zones": [[IANA name, …], …], "records": [[reason, region code,
                  line type, carrier, index into zones, is portable, is satellite or network calling
                  code], …]}.
                  The first records are the reasons of `facts.REASONS`, in their order, each for a
                  text in which there is no number; ids of records are places in this list.
    NODES         ten references, one a digit. A reference r ≥ 0 is node r, r < 0 is leaf ~r. A
                  node's references to nodes are all to smaller ones.
    LEAVES        {u8 kind, u8 is valid, u16 a, u16 b, u16 0}
                    RECORD   a = record, b = shape; for a record without number b = `Source`
                    REWRITE  a = op, b = 0
                    SLOW     a = b = 0: `phonenumbers` must say
    OPS           {u8 length of the literal, 9 bytes literal (ASCII digits, padded with zeros), u8 start,
                  u8 stop, u8 drop, u8 goes to (`Goal`), u8 `Source`, u8 0}:
                  new digits = literal + digits[start:stop] + digits[drop:], and the walk begins again
    ROOTS         reference: for international digits as dialled (national prefixes still to be dealt
                  with) of MIN_DIGITS to MAX_DIGITS digits, calling code and all, then the same for
                  stripped ones (36 in all)
    REGIONS       2 bytes: ISO 3166-1 alpha-2, sorted
    REGION_ROOTS  reference: for each region, for MIN_REGION_DIGITS to MAX_DIGITS digits as dialled
                  there without a `+` (19 a region)
    SHAPES        {u32 first piece, u32 count of pieces}: a national format
    PIECES        {u8 length of the literal, u8 start, u8 length, u8 0, u32 offset in TEXT}: a literal,
                  then so many of the full international digits
    TEXT          byte: literals, ASCII
    CHARS         u8: the block of each 128 code points, 8,704 in all
    GLYPHS        u8[128]: blocks, the glyph of each code point (see `compile.characters`)

A walk takes at most as many digits as there are (`soundness` proves it), and at most two
rewritings: a region's, and a national prefix's. After a third, and when a rewriting gives fewer than
MIN_DIGITS or more than MAX_DIGITS digits, the number is for `phonenumbers`.
"""

import struct
from enum import IntEnum
from typing import NamedTuple

from validator_svc.numbering.facts import RangeFacts

MAGIC = b"VPLAN\0\0\1"
FORMAT = 1

HEADER = struct.Struct("<8sIIII")
SECTION = struct.Struct("<III")
LEAF = struct.Struct("<BBHHH")
OP = struct.Struct("<B9sBBBBBB")
SHAPE = struct.Struct("<II")
PIECE = struct.Struct("<BBBBI")

MIN_DIGITS = 3
MAX_DIGITS = 44
LENGTHS = MAX_DIGITS - MIN_DIGITS + 1
MIN_REGION_DIGITS = 2
REGION_LENGTHS = MAX_DIGITS - MIN_REGION_DIGITS + 1
MAX_LITERAL = 9
MAX_REWRITINGS = 2
CODE_POINTS = 0x110000
BLOCK = 128


class Section(IntEnum):
    """The sections, in their order in the file."""

    META = 1
    FACTS = 2
    NODES = 3
    LEAVES = 4
    OPS = 5
    ROOTS = 6
    REGIONS = 7
    REGION_ROOTS = 8
    SHAPES = 9
    PIECES = 10
    TEXT = 11
    CHARS = 12
    GLYPHS = 13


class LeafKind(IntEnum):
    """What a walk ends in."""

    RECORD = 0
    REWRITE = 1
    SLOW = 2


class Goal(IntEnum):
    """Where the walk begins again after a rewriting."""

    DIALLED = 0
    STRIPPED = 1


class Source(IntEnum):
    """How dialled digits say which country they are for."""

    INTERNATIONAL = 0
    """Not asked: the digits were international already."""
    IDD = 1
    """An international prefix (IDD) was in front."""
    CODE = 2
    """The region's calling code was in front."""
    DEFAULT = 3
    """Neither: a number of the region."""


class Meta(NamedTuple):
    """What the file was made from; with other versions it must be made anew."""

    phonenumbers: str
    """Version of the package."""
    unicode: str
    """Version of `unicodedata`."""
    sources: str
    """SHA-256 of the modules that make the file."""
    patterns: str
    """SHA-256 of the patterns and constants by which `phonenumbers` reads texts."""
    patterns_known: bool
    """Whether the rules of reading were written after these patterns; if not, they hold for plain texts."""


class PlanRecord(NamedTuple):
    """What the plan says of a range, but for the format of its numbers."""

    facts: RangeFacts
    is_satellite: bool
    """Whether the calling code is one of satellite systems and networks, which are risky."""


class PlanFileError(ValueError):
    """A file that is not a plan, or not a sound one; says what is wrong with it."""


def item_size(section: Section, width: int) -> int:
    """Bytes of one item of a section, with references of `width` bytes."""
    return {
        Section.NODES: 10 * width,
        Section.LEAVES: LEAF.size,
        Section.OPS: OP.size,
        Section.ROOTS: width,
        Section.REGIONS: 2,
        Section.REGION_ROOTS: width,
        Section.SHAPES: SHAPE.size,
        Section.PIECES: PIECE.size,
        Section.GLYPHS: BLOCK,
    }.get(section, 1)
