"""The plan file: what is refused, what is harmless, and what happens where other versions are installed."""

import random
import zlib
from pathlib import Path

import phonenumbers
import pytest

from tests.kernel.conftest import kernel_named
from validator_svc.kernel.interface import Kernel, Kind
from validator_svc.kernel.plan import Plan, open_plan
from validator_svc.kernel.plan_store import FILE_NAME, current_plan
from validator_svc.kernel.walk import Walker
from validator_svc.numbering.compile.build import made_from
from validator_svc.numbering.compile.sources import current
from validator_svc.numbering.plan_file import HEADER, SECTION, PlanFileError, Section, item_size

SEED = 7
FLIPS = {"python": 5, "native": 30}
"""Files with a changed byte, for each section: Python takes a tenth of a second for a proof."""
ODD_FILES = 10
LIMITS = (
    0,
    1,
    2,
    3,
    9,
    10,
    19,
    20,
    32,
    33,
    43,
    44,
    45,
    63,
    64,
    65,
    127,
    128,
    255,
    0x7FFF,
    0x8000,
    0xFFFFFFFF,
)
NUMBERS = [
    "+442079460018",
    "+16502530000",
    "+3906",
    "+5491123456789",
    "+80012345678",
    "999",
    "+12",
    "1" * 20,
    "9" * 43,
    "0" * 60,
]


@pytest.fixture(scope="module")
def content(plan: Plan) -> bytes:
    return bytes(plan.buffer)


def checked(content: bytes) -> bytes:
    """The file with the checksum that it needs."""
    magic, version, width, _, count = HEADER.unpack_from(content)
    return (
        HEADER.pack(magic, version, width, zlib.crc32(content[HEADER.size :]), count) + content[HEADER.size :]
    )


def places_of(content: bytes) -> dict[Section, range]:
    """The bytes of each section."""
    _, _, width, _, count = HEADER.unpack_from(content)
    table = content[HEADER.size : HEADER.size + count * SECTION.size]
    return {
        Section(number): range(offset, offset + items * item_size(Section(number), width))
        for number, offset, items in SECTION.iter_unpack(table)
    }


def changed(content: bytes, at: int, chance: random.Random) -> bytes:
    """The file with another byte there."""
    damaged = bytearray(content)
    damaged[at] ^= chance.randrange(1, 256)
    return bytes(damaged)


def test_what_the_builder_makes_can_be_walked(plan: Plan) -> None:
    Walker(plan)


def test_any_changed_byte_is_noticed(content: bytes) -> None:
    chance = random.Random(SEED)
    for at in [*range(HEADER.size), *chance.sample(range(HEADER.size, len(content)), 500)]:
        with pytest.raises(PlanFileError):
            Plan(changed(content, at, chance))


@pytest.mark.parametrize("size", [0, 1, 23, 24, 100, 1_000, -1])
def test_half_a_file_is_refused(content: bytes, tmp_path: Path, size: int) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(content[:size])
    with pytest.raises(PlanFileError, match=FILE_NAME):
        open_plan(path)
    half = content[:size]
    if len(half) >= HEADER.size:
        with pytest.raises(PlanFileError):
            Plan(checked(half))


@pytest.mark.parametrize("name", list(FLIPS))
def test_a_changed_byte_with_the_right_checksum_is_refused_or_harmless(
    content: bytes, plan: Plan, name: str
) -> None:
    kernel_named(name, plan)
    chance = random.Random(SEED)
    table = range(HEADER.size, HEADER.size + len(Section) * SECTION.size)
    refused = tried = 0
    for places in (table, *places_of(content).values()):
        for at in chance.sample(places, min(len(places), FLIPS[name])):
            tried += 1
            try:
                kernel: Kernel = kernel_named(name, Plan(checked(changed(content, at, chance))))
                for region_code in (None, "GB", "AR"):
                    kernel.find(NUMBERS, region_code)
            except (PlanFileError, KeyError):
                refused += 1
    assert 0 < refused < tried


def with_odd_items(content: bytes, chance: random.Random) -> bytes:
    """The file with some of what walks, rewrites and formats numbers at a limit or beyond it."""
    places = places_of(content)
    sections = [Section(number) for number in range(Section.NODES, Section.PIECES + 1)]
    damaged = bytearray(content)
    for _ in range(chance.randrange(1, 4)):
        within = places[chance.choice(sections)]
        size = chance.choice((1, 2, 4))
        at = within.start + chance.randrange(len(within) // size) * size
        value = chance.choice((*LIMITS, chance.getrandbits(32))) % (1 << 8 * size)
        damaged[at : at + size] = value.to_bytes(size, "little")
    return checked(bytes(damaged))


def written_by(name: str, content: bytes) -> list[bytes] | None:
    """What a kernel makes of numbers with a plan; None when it refuses the plan."""
    try:
        kernel = kernel_named(name, Plan(content))
        return [kernel.texts(NUMBERS, Kind("analysis", region_code)) for region_code in (None, "GB", "AR")]
    except PlanFileError:
        return None


def test_both_kernels_do_the_same_with_a_plan_of_odd_items(content: bytes, plan: Plan) -> None:
    kernel_named("native", plan)
    chance = random.Random(SEED)
    refused = 0
    for _ in range(ODD_FILES):
        odd = with_odd_items(content, chance)
        python, native = written_by("python", odd), written_by("native", odd)
        refused += python is None
        # Only the one in Python looks at what formats and records say beside each other.
        assert python is None or native == python
        assert native is not None or python is None
    assert 0 < refused < ODD_FILES


def test_formats_may_have_nothing_in_them(content: bytes, plan: Plan) -> None:
    kernel_named("native", plan)
    within = places_of(content)[Section.SHAPES]
    empty = checked(content[: within.start] + bytes(len(within)) + content[within.stop :])
    written = written_by("python", empty)
    assert written is not None
    assert b'"e164_format":"+442079460018","national_format":""' in written[0]
    assert written == written_by("native", empty)


def test_a_walk_that_goes_round_is_refused(content: bytes, plan: Plan) -> None:
    first = places_of(content)[Section.NODES].start
    loop = bytearray(content)
    loop[first : first + plan.width] = (0).to_bytes(plan.width, "little")
    with pytest.raises(PlanFileError, match="node 0"):
        Walker(Plan(checked(bytes(loop))))


def test_a_root_for_fewer_digits_than_its_walk_is_refused(content: bytes, plan: Plan) -> None:
    width, places = plan.width, places_of(content)[Section.ROOTS]
    longest = content[places.start + 17 * width : places.start + 18 * width]
    swapped = content[: places.start] + longest + content[places.start + width :]
    with pytest.raises(PlanFileError, match="asks for more"):
        Walker(Plan(checked(swapped)))


def of_another_version(content: bytes) -> bytes:
    version = phonenumbers.__version__
    other = version[:-1] + ("1" if version[-1] != "1" else "2")
    return checked(content.replace(f'"{version}"'.encode(), f'"{other}"'.encode(), 1))


def test_where_another_version_is_installed_the_plan_is_built_anew_and_kept(
    content: bytes, tmp_path: Path
) -> None:
    packaged, directory = tmp_path / "packaged.bin", tmp_path / "data"
    packaged.write_bytes(of_another_version(content))
    assert made_from(packaged) not in (None, current())
    assert current_plan(directory, packaged).meta == current()
    kept = (directory / FILE_NAME).stat()
    assert (directory / FILE_NAME).read_bytes() == content
    assert current_plan(directory, packaged).meta == current()
    assert (directory / FILE_NAME).stat().st_mtime_ns == kept.st_mtime_ns


def test_a_kept_plan_counts_where_the_package_has_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert bytes(current_plan(tmp_path, tmp_path / "no.bin").buffer) == content


def test_the_package_brings_a_plan_of_what_is_installed(plan: Plan) -> None:
    assert plan.meta == current()
    assert plan.meta.patterns_known
