"""The kernel in machine code beside the one in Python, and under the compiler's sanitizers."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.kernel import sanitize
from tests.kernel.conftest import RISK_LIST, kernel_named, new_tally
from tests.kernel.odd_texts import damaged, odd_json_lines, odd_lines, odd_rows, odd_text
from validator_svc import kernel as kernels
from validator_svc.kernel.interface import UNKNOWN_COUNTRY, Answer, CsvLayout, Kernel, Kind, Tally
from validator_svc.kernel.plan import Plan
from validator_svc.numbering import reference
from validator_svc.numbering.facts import REQUEST_TYPES
from validator_svc.numbering.risk import NO_LIST

SEED = 7
BLOCKS = 300
TEXTS = 4_000
REGIONS = ("GB", "US", "IT", "AR", "JP", "RU", "BR", "HU")

Read = Callable[[Kernel, bytes, Tally, bool], Answer]


@pytest.fixture(scope="module", params=[NO_LIST, RISK_LIST], ids=["no list", "risk list"])
def both(request: pytest.FixtureRequest, plan: Plan) -> tuple[Kernel, Kernel]:
    return kernel_named("python", plan, request.param), kernel_named("native", plan, request.param)


def odd_kind(chance: random.Random) -> Kind:
    region_code = chance.choice((None, None, *REGIONS, UNKNOWN_COUNTRY))
    return Kind(chance.choice(REQUEST_TYPES), region_code, chance.random() < 0.2)


def countries(cell: str) -> str | None:
    name = cell.strip().upper()
    return name if name in REGIONS else UNKNOWN_COUNTRY if name else None


def odd_work(chance: random.Random) -> tuple[bytes, Read]:
    """A block, and how it is to be read."""
    kind = odd_kind(chance)
    what = chance.choice(("lines", "ndjson", "csv", "csv"))
    if what == "lines":
        return odd_lines(chance), lambda kernel, block, tally, is_last: kernel.lines(
            block, kind, tally, is_last
        )
    if what == "ndjson":
        return odd_json_lines(chance), lambda kernel, block, tally, is_last: kernel.ndjson(
            block, kind, "phone_number", tally, is_last
        )
    kind = Kind(kind.request_type, kind.region_code)
    width = chance.randrange(1, 6)
    delimiter = chance.choice(",;\t|")
    by_row = (chance.randrange(width), countries) if chance.random() < 0.4 else (None, None)
    layout = CsvLayout(delimiter, chance.randrange(width), width, *by_row)
    form = chance.choice(("csv", "csv", "ndjson"))
    return odd_rows(chance, delimiter, width), lambda kernel, block, tally, is_last: kernel.csv(
        block, kind, layout, tally, "ndjson" if form == "ndjson" else "csv", is_last
    )


def in_pieces(kernel: Kernel, block: bytes, read: Read, tally: Tally, step: int) -> tuple[bytes, int]:
    """What comes of a block that arrives in pieces, and how many rows that was."""
    output, carried, rows = [], b"", 0
    for start in range(0, len(block), step):
        carried += block[start : start + step]
        answer = read(kernel, carried, tally, False)
        output.append(answer.output)
        rows += answer.rows
        carried = carried[answer.consumed :]
    answer = read(kernel, carried, tally, True)
    return b"".join([*output, answer.output]), rows + answer.rows


def test_both_kernels_give_the_same_bytes_and_counts(both: tuple[Kernel, Kernel], plan: Plan) -> None:
    chance = random.Random(SEED)
    python, native = both
    for _ in range(BLOCKS):
        block, read = odd_work(chance)
        block = damaged(chance, block)
        expected, found = new_tally(plan), new_tally(plan)
        answer = read(python, block, expected, True)
        step = chance.choice((1, 7, 64, 100, 1_000, 1_000_000))
        assert in_pieces(native, block, read, found, step) == (answer.output, answer.rows), block
        counted = (found.counts, found.assumed_international, found.duplicates)
        assert counted == (expected.counts, expected.assumed_international, expected.duplicates), block


def test_both_kernels_find_the_same(both: tuple[Kernel, Kernel]) -> None:
    chance = random.Random(SEED)
    python, native = both
    for region_code in (None, UNKNOWN_COUNTRY, *REGIONS):
        texts = [odd_text(chance) for _ in range(100)]
        assert python.find(texts, region_code) == native.find(texts, region_code)


def test_odd_texts_are_read_as_the_oracle_reads_them(kernel: Kernel, plan: Plan) -> None:
    chance = random.Random(SEED)
    for region_code in (None, *REGIONS):
        texts = [odd_text(chance) for _ in range(TEXTS // (len(REGIONS) + 1))]
        columns = kernel.find(texts, region_code)
        for text, record_id, digits in zip(texts, columns.records, columns.digits, strict=True):
            answer = reference.look_up(text, region_code)
            assert (plan.records[record_id].facts, digits) == (answer.facts, answer.e164[1:]), text


def test_threads_share_a_kernel(plan: Plan) -> None:
    """Also while the constants that all of them need are being made."""
    native = kernel_named("native", plan)
    chance = random.Random(SEED)
    blocks = [
        "\n".join(odd_text(chance, 1).replace("\n", " ") for _ in range(500)).encode() for _ in range(16)
    ]

    def answered(block: bytes) -> bytes:
        return native.lines(block, Kind("validation"), new_tally(plan), is_last=True).output

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(answered, blocks * 4))
    assert found == [answered(block) for block in blocks] * 4


def test_half_characters_are_taken_for_what_they_are(plan: Plan) -> None:
    texts = ["+44 20 7946 0018", "\ud83d", "+4420\udc007946 0018"]
    output = kernel_named("native", plan).texts(texts, Kind("format"))
    assert output == kernel_named("native", plan).texts(
        ["+44 20 7946 0018", "\ufffd", "+4420\ufffd7946 0018"], Kind("format")
    )


@pytest.mark.parametrize(("sanitizers", "threads"), [(sanitize.MEMORY, 1), (sanitize.RACES, 4)])
def test_machine_code_stays_within_its_memory(tmp_path: Path, sanitizers: str, threads: int) -> None:
    """Damaged plans and made-up bytes, also in several threads; longer with `make sanitize`."""
    if not (kernels.HAS_NATIVE and sanitize.is_possible(tmp_path, sanitizers)):
        pytest.skip("no compiler with these sanitizers here")
    sanitize.build(tmp_path / "fuzz", sanitizers)
    done = sanitize.run(tmp_path / "fuzz", tmp_path, SEED, 3, threads)
    assert done.returncode == 0, done.stderr
