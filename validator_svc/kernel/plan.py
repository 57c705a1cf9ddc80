"""The plan file, opened: its sections found, what stands in words read. Whether a walk through it is
sound is for those who walk to make sure of (`soundness`, and the same in machine code).
"""

import mmap
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import NoneType
from typing import Any

import orjson

from validator_svc.numbering import facts
from validator_svc.numbering.facts import RangeFacts
from validator_svc.numbering.plan_file import (
    BLOCK,
    CODE_POINTS,
    FORMAT,
    HEADER,
    LENGTHS,
    MAGIC,
    REGION_LENGTHS,
    SECTION,
    Meta,
    PlanFileError,
    PlanRecord,
    Section,
    item_size,
)

ALIGNMENT = 8
WIDTHS = (2, 4)


class Plan:
    """A plan file in memory. It never changes; any number of processes may map the same one."""

    def __init__(self, buffer: "bytes | mmap.mmap") -> None:
        """Raises PlanFileError."""
        self.buffer = buffer
        self.is_proven = False
        """Whether somebody has made sure that every walk is sound."""
        self.width, self.counts, self.sections = sections_of(buffer)
        self.meta = meta_of(self.sections[Section.META])
        self.records = records_of(self.sections[Section.FACTS])
        """By record id; the first are the reasons for which a text holds no number."""
        self.regions = regions_of(self.sections[Section.REGIONS])
        """ISO 3166-1 alpha-2 to its place among the regions' roots."""
        expected = {
            Section.ROOTS: 2 * LENGTHS,
            Section.REGION_ROOTS: REGION_LENGTHS * len(self.regions),
            Section.CHARS: CODE_POINTS // BLOCK,
        }
        for section, count in expected.items():
            if self.counts[section] != count:
                raise PlanFileError(f"{self.counts[section]} items in {section.name}, expected {count}")


def open_plan(path: Path) -> Plan:
    """The plan in a file, mapped. Raises PlanFileError, and OSError when it cannot be read."""
    with path.open("rb") as file:
        try:
            return Plan(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except PlanFileError as error:
            raise PlanFileError(f"{path}: {error}") from None
        except ValueError:
            raise PlanFileError(f"{path}: an empty file") from None


def sections_of(
    buffer: "bytes | mmap.mmap",
) -> tuple[int, dict[Section, int], dict[Section, memoryview]]:
    """Width of a reference, counts of items, and contents. Raises PlanFileError."""
    view = memoryview(buffer)
    if len(view) < HEADER.size:
        raise PlanFileError("shorter than a header")
    magic, version, width, checksum, count = HEADER.unpack_from(view)
    if (magic, version) != (MAGIC, FORMAT) or width not in WIDTHS or count != len(Section):
        raise PlanFileError("not a plan of this format")
    if zlib.crc32(view[HEADER.size :]) != checksum:
        raise PlanFileError("damaged: the checksum is another")
    counts: dict[Section, int] = {}
    contents: dict[Section, memoryview] = {}
    at = HEADER.size + count * SECTION.size
    if at > len(view):
        raise PlanFileError("shorter than its table of sections")
    table = SECTION.iter_unpack(view[HEADER.size : at])
    for section, (number, offset, items) in zip(Section, table, strict=True):
        end = offset + items * item_size(section, width)
        if number != section or offset % ALIGNMENT or not at <= offset <= end <= len(view):
            raise PlanFileError(f"section {section.name} is not where it should be")
        counts[section], contents[section] = items, view[offset:end]
        at = end
    return width, counts, contents


def meta_of(content: memoryview) -> Meta:
    try:
        return Meta(**as_json(content))
    except TypeError:
        raise PlanFileError("META has other fields than expected") from None


def records_of(content: memoryview) -> list[PlanRecord]:
    """Raises PlanFileError."""
    stored = as_json(content)
    try:
        zones = [tuple(map(text, names)) for names in stored["zones"]]
        records = planned(zones, *zip(*stored["records"], strict=True))
    except (KeyError, IndexError, TypeError, ValueError):
        raise PlanFileError("FACTS is not as expected") from None
    if records[: len(facts.REASONS)] != [PlanRecord(RangeFacts(reason), False) for reason in facts.REASONS]:
        raise PlanFileError("FACTS does not begin with the reasons that are known")
    return records


def planned(
    zones: list[tuple[str, ...]],
    reasons: Sequence[Any],
    region_codes: Sequence[Any],
    line_types: Sequence[Any],
    carriers: Sequence[Any],
    zone_places: Sequence[Any],
    portable: Sequence[Any],
    satellite: Sequence[Any],
) -> list[PlanRecord]:
    """The records out of columns of JSON. Raises ValueError, IndexError, TypeError.

    Columns have few different values: each is looked at once.
    """
    known = (
        set(reasons) <= {None, *facts.REASONS}
        and set(line_types) <= {None, *facts.LINE_TYPES}
        and set(map(type, portable)) | set(map(type, satellite)) <= {bool}
        and set(map(type, zone_places)) <= {int}
        and min(zone_places, default=0) >= 0
        and set(map(type, (*region_codes, *carriers))) <= {str, NoneType}
    )
    if not known:
        raise ValueError
    columns = (reasons, region_codes, line_types, carriers, map(zones.__getitem__, zone_places), portable)
    return list(map(PlanRecord, map(RangeFacts._make, zip(*columns, strict=True)), satellite))


def text(value: Any) -> str:
    """Raises TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError
    return value


def regions_of(content: memoryview) -> dict[str, int]:
    """Raises PlanFileError."""
    codes = [bytes(content[at : at + 2]) for at in range(0, len(content), 2)]
    if codes != sorted(set(codes)) or not all(code.isalpha() and code.isupper() for code in codes):
        raise PlanFileError("REGIONS are no sorted region codes")
    return {code.decode(): place for place, code in enumerate(codes)}


def as_json(content: memoryview) -> dict[str, Any]:
    """Raises PlanFileError."""
    try:
        value = orjson.loads(content)
    except ValueError:
        raise PlanFileError("a section is no JSON") from None
    if not isinstance(value, dict):
        raise PlanFileError("a section is no JSON object")
    return value
