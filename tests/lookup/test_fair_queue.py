"""Owners take turns, whatever each has put in."""

from validator_svc.lookup.fair_queue import FairQueue


def filled(**of_owner: str) -> FairQueue[str]:
    queue: FairQueue[str] = FairQueue()
    for owner, items in of_owner.items():
        for item in items:
            queue.put(owner, item)
    return queue


def test_owners_take_turns() -> None:
    queue = filled(one="abcdef", other="xy", third="z")
    assert [list(queue.take(2)) for _ in range(4)] == [["a", "b"], ["x", "y"], ["z", "c"], ["d", "e"]]
    assert len(queue) == 1
    assert [*queue.take(2), *queue.take(2)] == ["f"]
    assert not queue


def test_what_had_its_turn_comes_first() -> None:
    queue = filled(one="ab", other="xy")
    assert [*queue.take(1), *queue.take(1)] == ["a", "x"]
    queue.put_back("other", "x")
    queue.put("one", "c")
    assert [list(queue.take(1)) for _ in range(4)] == [["x"], ["b"], ["y"], ["c"]]
