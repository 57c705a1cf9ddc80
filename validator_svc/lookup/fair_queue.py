"""A queue in which owners take turns: one who puts in much does not make the others wait."""

from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Holds things of owners, each owner's in order."""

    def __init__(self) -> None:
        self._of_owner: OrderedDict[str, deque[Item]] = OrderedDict()
        """Whose turn it is comes first; nobody is here who has nothing."""

    def __len__(self) -> int:
        return sum(map(len, self._of_owner.values()))

    def __bool__(self) -> bool:
        return bool(self._of_owner)

    def put(self, owner: str, item: Item) -> None:
        """Put a thing in, behind the owner's others."""
        self._of_owner.setdefault(owner, deque()).append(item)

    def put_back(self, owner: str, item: Item) -> None:
        """Put a thing in before all others: its turn had come already."""
        self._of_owner.setdefault(owner, deque()).appendleft(item)
        self._of_owner.move_to_end(owner, last=False)

    def take(self, most: int) -> Iterable[Item]:
        """Take out at most so many: the next owner's, and where that one has fewer, those of others."""
        while most > 0 and self._of_owner:
            owner, items = next(iter(self._of_owner.items()))
            taken = [items.popleft() for _ in range(min(most, len(items)))]
            most -= len(taken)
            if items:
                self._of_owner.move_to_end(owner)
            else:
                del self._of_owner[owner]
            yield from taken
