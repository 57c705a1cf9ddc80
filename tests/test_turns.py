"""Of all that is worked in slices on the event loop, one slice runs in each of its rounds."""

import asyncio
import functools

import pytest

from validator_svc.turns import ONE_AT_A_TIME, alone, next_turn


async def test_one_slice_runs_in_each_round() -> None:
    rounds, slices = 0, list[int]()

    async def work() -> None:
        for _ in range(20):
            await next_turn()
            slices.append(rounds)

    works = [asyncio.create_task(work()) for _ in range(10)]
    while not all(each.done() for each in works):
        await asyncio.sleep(0)
        rounds += 1
    assert len(slices) == 200
    assert len(set(slices)) == 200


async def test_turns_come_in_the_order_in_which_they_were_asked_for() -> None:
    came = list[int]()

    async def work(number: int) -> None:
        for _ in range(3):
            await next_turn()
            came.append(number)

    await asyncio.gather(*map(work, range(4)))
    assert came == [0, 1, 2, 3] * 3


async def test_a_turn_of_one_who_was_canceled_goes_to_the_next() -> None:
    turns = [asyncio.create_task(next_turn()) for _ in range(3)]
    await asyncio.sleep(0)
    turns[1].cancel()
    await asyncio.gather(turns[0], turns[2])
    with pytest.raises(asyncio.CancelledError):
        await turns[1]
    await next_turn()


async def test_what_works_alone_has_no_company_and_keeps_its_order() -> None:
    running, most, came = 0, 0, list[int]()

    def work(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        came.append(number)
        running -= 1
        return number

    assert await asyncio.gather(*(alone(functools.partial(work, number)) for number in range(20))) == [
        *range(20)
    ]
    assert (most, came) == (1, [*range(20)])


async def test_what_works_alone_works_while_no_thread_of_its_kind_does() -> None:
    assert await alone(ONE_AT_A_TIME.locked)
    assert not ONE_AT_A_TIME.locked()
