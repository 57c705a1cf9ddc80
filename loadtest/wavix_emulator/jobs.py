"""Async jobs: what a poll gets to see of one, and when."""

from dataclasses import dataclass

from loadtest.wavix_emulator.answers import Item
from loadtest.wavix_emulator.options import Progress


@dataclass(slots=True)
class Job:
    """One async request. Its numbers are looked up and billed when it is accepted, and shown bit by bit."""

    count: int
    """Numbers asked."""
    items: list[Item]
    """All that it will ever show."""
    never_done: int
    """Numbers that stay pending for good: not 0 for a stuck job."""
    progress: Progress
    started_s: float
    """When it was accepted, of the monotonic clock."""
    polls: int = 0

    def poll(self, now_s: float) -> tuple[list[Item], int]:
        """The items there are by now, and how many numbers are pending; counts as a poll."""
        self.polls += 1
        share = self.progress.share(self.polls, now_s - self.started_s)
        pending = self.count - int((self.count - self.never_done) * share)
        return self.items[: int(len(self.items) * share)], pending
