"""Building the plan file: every calling code and every region's dialling, out of `phonenumbers`."""

import json
import struct
import tempfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from phonenumbers import SUPPORTED_REGIONS

from validator_svc.numbering import facts
from validator_svc.numbering.compile.calling_codes import roots_of
from validator_svc.numbering.compile.characters import Glyph, UnexpectedCharacterError, glyph_table
from validator_svc.numbering.compile.dial_rules import region_roots_of
from validator_svc.numbering.compile.graph import Graph, Op, Reference
from validator_svc.numbering.compile.shapes import Shape
from validator_svc.numbering.compile.sources import current
from validator_svc.numbering.plan_file import (
    BLOCK,
    CODE_POINTS,
    FORMAT,
    HEADER,
    LEAF,
    MAGIC,
    OP,
    PIECE,
    SECTION,
    SHAPE,
    Goal,
    Meta,
    Section,
    item_size,
)

ALIGNMENT = 8
READABLE = 0o644
"""For everybody: who installs the package is seldom who runs it."""
NARROW, WIDE = 2, 4
MOST_NARROW = 1 << 15


@dataclass(frozen=True, slots=True)
class World:
    """All that a file holds, before it is written."""

    graph: Graph
    roots: list[Reference]
    """For dialled digits, then for stripped ones."""
    regions: list[str]
    region_roots: list[Reference]
    glyphs: tuple[bytes, bytes]
    meta: Meta


def build() -> bytes:
    """The plan file; takes about twenty seconds."""
    graph = Graph()
    stripped = roots_of(graph, Goal.STRIPPED)
    dialled = roots_of(graph, Goal.DIALLED)
    regions = sorted(SUPPORTED_REGIONS)
    region_roots = [root for region in regions for root in region_roots_of(graph, region)]
    meta = current()
    try:
        glyphs = glyph_table()
    except UnexpectedCharacterError:
        glyphs, meta = plain_glyphs(), meta._replace(patterns_known=False)
    return written(World(graph, dialled + stripped, regions, region_roots, glyphs, meta))


def build_into(path: Path) -> None:
    """Make the plan file, unless the one in its place was made from the same. Raises OSError."""
    if made_from(path) != current():
        replace_file(path, build())


def made_from(path: Path) -> Meta | None:
    """What a plan file was made from; None when there is none, or a damaged one."""
    try:
        content = path.read_bytes()
        _, _, _, checksum, _ = HEADER.unpack_from(content)
        _, offset, size = SECTION.unpack_from(content, HEADER.size)
        is_whole = zlib.crc32(content[HEADER.size :]) == checksum
        return Meta(**json.loads(content[offset : offset + size])) if is_whole else None
    except (OSError, struct.error, TypeError, ValueError):
        return None


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one go: nobody ever reads half of it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        try:
            file.write(content)
            file.flush()
            Path(file.name).chmod(READABLE)
            Path(file.name).replace(path)
        except OSError:
            Path(file.name).unlink()
            raise


def plain_glyphs() -> tuple[bytes, bytes]:
    """ASCII, and nothing known of the rest."""
    blocks = bytes(range(BLOCK)) + bytes([Glyph.OTHER]) * BLOCK
    return b"\0" + b"\1" * (CODE_POINTS // BLOCK - 1), blocks


def written(world: World) -> bytes:
    """The file for a world."""
    graph = world.graph
    width = NARROW if max(len(graph.nodes), len(graph.leaves)) <= MOST_NARROW else WIDE
    pieces, texts = pieces_of(graph.shapes)
    first, glyphs = world.glyphs
    sections = {
        Section.META: as_json(world.meta._asdict()),
        Section.FACTS: as_json(facts_of(graph)),
        Section.NODES: references((each for node in graph.nodes for each in node), width),
        Section.LEAVES: b"".join(LEAF.pack(*leaf, 0) for leaf in graph.leaves),
        Section.OPS: b"".join(map(packed_op, graph.ops)),
        Section.ROOTS: references(world.roots, width),
        Section.REGIONS: "".join(world.regions).encode(),
        Section.REGION_ROOTS: references(world.region_roots, width),
        Section.SHAPES: shapes_of(graph.shapes),
        Section.PIECES: pieces,
        Section.TEXT: texts,
        Section.CHARS: first,
        Section.GLYPHS: glyphs,
    }
    return assembled(sections, width)


def assembled(sections: dict[Section, bytes], width: int) -> bytes:
    """Header, table and sections."""
    offset = aligned(HEADER.size + len(sections) * SECTION.size)
    table, body = b"", b""
    for section, content in sections.items():
        table += SECTION.pack(section, offset + len(body), len(content) // item_size(section, width))
        body += content.ljust(aligned(len(content)), b"\0")
    content = table.ljust(offset - HEADER.size, b"\0") + body
    return HEADER.pack(MAGIC, FORMAT, width, zlib.crc32(content), len(sections)) + content


def aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def references(values: Iterable[Reference], width: int) -> bytes:
    return b"".join(value.to_bytes(width, "little", signed=True) for value in values)


def packed_op(op: Op) -> bytes:
    strip = op.strip
    literal = strip.literal.encode()
    return OP.pack(len(literal), literal, strip.start, strip.stop, strip.drop, op.goal, op.source, 0)


def facts_of(graph: Graph) -> dict[str, object]:
    """Reasons first, each a record without number; then the ranges' records."""
    zones: dict[tuple[str, ...], int] = {(): 0}
    records: list[list[object]] = [[reason, None, None, None, 0, False, False] for reason in facts.REASONS]
    for (*described, time_zones, is_portable), is_satellite in graph.records:
        number = zones.setdefault(time_zones, len(zones))
        records.append([*described, number, is_portable, is_satellite])
    return {"zones": list(zones), "records": records}


def shapes_of(shapes: Iterable[Shape]) -> bytes:
    packed, first = b"", 0
    for shape in shapes:
        count = len(pairs(shape))
        packed += SHAPE.pack(first, count)
        first += count
    return packed


def pieces_of(shapes: Iterable[Shape]) -> tuple[bytes, bytes]:
    """The pieces of all shapes, and the texts they point to."""
    texts: dict[str, int] = {}
    size, packed = 0, b""
    for shape in shapes:
        for literal, (start, stop) in pairs(shape):
            if literal not in texts:
                texts[literal] = size
                size += len(literal.encode("ascii"))
            packed += PIECE.pack(len(literal), start, stop - start, 0, texts[literal])
    return packed, "".join(texts).encode()


def pairs(shape: Sequence[str | tuple[int, int]]) -> list[tuple[str, tuple[int, int]]]:
    """A shape as literals, each with the digits that follow it."""
    found: list[tuple[str, tuple[int, int]]] = []
    literal = ""
    for part in shape:
        if isinstance(part, str):
            literal += part
        else:
            found.append((literal, part))
            literal = ""
    return [*found, (literal, (0, 0))] if literal else found
