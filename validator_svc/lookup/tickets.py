"""Tickets: who waits for the answer of which number, in this process."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator

from validator_svc.lookup.live import Outcome


class Ticket:
    """One number that is to be looked up, and everybody who waits for it."""

    __slots__ = ("digits", "not_before_ms", "outcome", "waiting")

    def __init__(self, digits: str, not_before_ms: int) -> None:
        self.digits = digits
        self.not_before_ms = not_before_ms
        """No answer from before then (milliseconds since the epoch) will do."""
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.waiting = 1


class Tickets:
    """The open tickets of one request type: each number has at most one."""

    def __init__(self) -> None:
        self.open: dict[str, Ticket] = {}
        self.queue: deque[Ticket] = deque()
        self.elsewhere: dict[str, Ticket] = {}
        """Those that another replica is asking for."""
        self.arrived = asyncio.Event()

    def take(self, digits: str, not_before_ms: int) -> tuple[Ticket, bool]:
        """The number's ticket, and whether it is new: then its taker is the one who pays."""
        ticket = self.open.get(digits)
        if ticket is not None and ticket.not_before_ms >= not_before_ms:
            ticket.waiting += 1
            return ticket, False
        ticket = Ticket(digits, not_before_ms)
        self.open[digits] = ticket
        self.queue.append(ticket)
        self.arrived.set()
        return ticket, True

    def requeue(self, tickets: Iterable[Ticket]) -> None:
        """Put tickets back at the front: their turn had come already."""
        self.queue.extendleft(reversed(list(tickets)))
        self.arrived.set()

    def leave(self, ticket: Ticket) -> None:
        """One who waited waits no longer."""
        ticket.waiting -= 1

    def next_batch(self, most: int) -> list[Ticket]:
        """The tickets whose turn it is, at most `most`; those that nobody waits for are dropped."""
        batch: list[Ticket] = []
        while self.queue and len(batch) < most:
            ticket = self.queue.popleft()
            if ticket.waiting > 0:
                batch.append(ticket)
            else:
                self._forget(ticket)
        if not self.queue:
            self.arrived.clear()
        return batch

    def settle(self, outcomes: Iterable[tuple[Ticket, Outcome]]) -> None:
        """Hand out outcomes."""
        for ticket, outcome in outcomes:
            self._forget(ticket)
            if not ticket.outcome.done():
                ticket.outcome.set_result(outcome)

    def fail(self, tickets: Iterable[Ticket], error: Exception) -> None:
        """Tell whoever waits that it cannot be done."""
        for ticket in tickets:
            self._forget(ticket)
            if not ticket.outcome.done():
                ticket.outcome.set_exception(error)
                # Whoever waited may be gone; an error that nobody fetches is no news then.
                ticket.outcome.exception()

    def _forget(self, ticket: Ticket) -> None:
        if self.open.get(ticket.digits) is ticket:
            del self.open[ticket.digits]
        self.elsewhere.pop(ticket.digits, None)
        if ticket.waiting <= 0:
            ticket.outcome.cancel()

    def by_digits(self) -> Iterator[Ticket]:
        """Every open ticket."""
        return iter(list(self.open.values()))
