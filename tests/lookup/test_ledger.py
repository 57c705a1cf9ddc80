"""The count of paid lookups is exact: one for each distinct, valid, uncached number."""

import asyncio
import random

from loadtest.wavix_emulator import Emulator
from tests.lookup.conftest import StartService
from tests.lookup.paid import assert_true, count, numbers, streamed

DISTINCT = 30_000
CACHED = 10_000
INVALID = 5_000
DUPLICATES = 15_000


def mixed_list(seed: int) -> list[str]:
    """50,000 texts: 30 % duplicates, 10 % invalid, 20 % of numbers that are cached beforehand."""
    rng = random.Random(seed)
    distinct = numbers(CACHED + DISTINCT - CACHED)
    texts = (
        distinct
        + rng.choices(distinct, k=DUPLICATES)
        + ["+62 812"] * (INVALID // 2)
        + ["none"] * (INVALID // 2)
    )
    rng.shuffle(texts)
    return [text.replace("+", "00") if rng.random() < 0.3 else text for text in texts]


async def test_a_list_of_50_000(start_service: StartService, emulator: Emulator) -> None:
    service = start_service()
    await streamed(service, numbers(CACHED), "analysis")
    assert emulator.ledger.billed_total == CACHED
    texts = mixed_list(seed=1)
    records = await streamed(service, texts, "analysis")
    assert [record["phone_number"] for record in records] == texts
    assert emulator.ledger.billed_total == emulator.ledger.distinct_numbers == DISTINCT
    assert count(records, source="wavix", cost="0.005") == DISTINCT - CACHED
    assert count(records, source="plan", is_valid=False) == INVALID
    assert count(records, source="cache", cost="0") == CACHED + DUPLICATES
    for record in records[::50]:
        if record["source"] != "plan":
            assert_true(record, "analysis")


async def test_overlapping_lists_of_4_clients_at_2_services(
    start_service: StartService, emulator: Emulator
) -> None:
    emulator.set_faults({"latency": "uniform:5ms:60ms", "progress": "polls:2"})
    services = [start_service(VALIDATOR_WAVIX_SYNC_MAX="300") for _ in range(2)]
    lists = [numbers(6_000, start) for start in (0, 1_500, 3_000, 4_500)]
    for number, texts in enumerate(lists):
        random.Random(number).shuffle(texts)
    answers = await asyncio.gather(
        *(streamed(services[index % 2], texts) for index, texts in enumerate(lists))
    )
    distinct = {text for texts in lists for text in texts}
    assert emulator.ledger.billed_total == emulator.ledger.distinct_numbers == len(distinct)
    paid = sum(count(records, source="wavix") for records in answers)
    assert paid == len(distinct)
    for texts, records in zip(lists, answers, strict=True):
        assert [record["phone_number"] for record in records] == texts
        for record in records[::20]:
            assert_true(record)


async def test_many_single_requests_for_one_number_pay_once(
    start_service: StartService, emulator: Emulator
) -> None:
    emulator.set_faults({"latency": "100ms"})
    services = [start_service() for _ in range(2)]
    records = await asyncio.gather(*(streamed(services[n % 2], numbers(1)) for n in range(40)))
    assert emulator.ledger.billed_total == 1
    assert sum(records[n][0]["source"] == "wavix" for n in range(40)) == 1


async def test_single_requests_share_requests_to_the_upstream(
    start_service: StartService, emulator: Emulator
) -> None:
    emulator.set_faults({"latency": "50ms"})
    service = start_service(VALIDATOR_WAVIX_RATE="4")
    await asyncio.gather(*(streamed(service, [text]) for text in numbers(100)))
    assert emulator.ledger.billed_total == 100
    assert emulator.ledger.requests_total < 40
