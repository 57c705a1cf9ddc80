"""The upstream itself, without its wire: its faults, its ledger, its jobs, and its answer to a call."""

import time
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from loadtest.wavix_emulator import wording
from loadtest.wavix_emulator.answers import Item
from loadtest.wavix_emulator.calls import Call
from loadtest.wavix_emulator.faults import Faults
from loadtest.wavix_emulator.jobs import Job
from loadtest.wavix_emulator.ledger import DEFAULT_PRICES, Entry, Ledger
from loadtest.wavix_emulator.lookups import look_up, mangled

MAX_NUMBERS = 1_000


class Reply(NamedTuple):
    """What is to be sent: the HTTP status and the JSON body."""

    status: int
    payload: dict[str, Any]


class Upstream:
    """Everything that outlives a request.

    `faults` and `seed` are those of `Faults`; `prices` USD a number by type; `key` the only bearer
    key accepted (None: any, but there must be one); `max_numbers` the most a request may hold.
    """

    def __init__(
        self,
        faults: Mapping[str, str] | None = None,
        *,
        seed: int = 0,
        prices: Mapping[str, Decimal] | None = None,
        bill_failed: bool = False,
        key: str | None = None,
        max_numbers: int = MAX_NUMBERS,
    ) -> None:
        self.ledger = Ledger(prices={**DEFAULT_PRICES, **(prices or {})}, bill_failed=bill_failed)
        self.key = key
        self.max_numbers = max_numbers
        self.jobs: dict[str, Job] = {}
        self.faults = Faults({}, seed)
        self.set_faults(faults or {})

    def set_faults(self, settings: Mapping[str, str], seed: int | None = None) -> None:
        """Put these faults in force instead of those before; None keeps the seed. Raises FaultError.

        Funds are set to what the `funds` option says: unlimited without it.
        """
        self.faults = Faults(settings, self.faults.seed if seed is None else seed)
        self.chance = self.faults.rng("how")
        self.ledger.funds = self.faults.options.funds

    def top_up(self, numbers: int) -> None:
        """Add funds for so many numbers; funds without a limit stay so."""
        if self.ledger.funds is not None:
            self.ledger.funds += numbers

    def forget_jobs(self) -> None:
        """Make every async id unknown, as after a restart."""
        self.jobs.clear()

    def reset(self) -> None:
        """As just started: an empty ledger, no jobs, the same faults from their beginning."""
        self.ledger.reset()
        self.forget_jobs()
        self.set_faults(self.faults.settings)

    def reply(self, call: Call, entry: Entry) -> Reply | None:
        """Answer a call that has no problem, and bill it; None for a poll of an unknown job."""
        words = wording.choose(self.faults.options, self.chance)
        if call.kind == "poll":
            return self._reply_to_poll(call, words)
        if call.kind == "async":
            return self._start_job(call, entry, words)
        asked = len(call.numbers)
        cut = self._part(asked) if call.kind == "sync" and self.faults.fires("partial", "sync") else asked
        items = self._look_up(call.numbers[:cut], entry)
        if call.kind == "single":
            return Reply(200, wording.worded(items[0], words))
        return self._list_reply(call, items, asked, asked - cut, words)

    def single_item(self, call: Call, entry: Entry) -> Item:
        """The item of a call for one number, billed."""
        return self._look_up(call.numbers, entry)[0]

    def _start_job(self, call: Call, entry: Entry, words: wording.Wording) -> Reply:
        asked = len(call.numbers)
        stuck = self.faults.fires("stuck", "async")
        partial = not stuck and self.faults.fires("partial", "async")
        cut = asked // 2 if stuck else self._part(asked) if partial else asked
        items = self._look_up(call.numbers[:cut], entry)
        job_id = str(uuid.uuid4())  # not of the seed: an id of an earlier run must stay unknown
        never_done = asked - cut if stuck else 0
        progress = self.faults.options.progress
        self.jobs[job_id] = Job(asked, items, never_done, progress, started_s=time.monotonic())
        return Reply(201, wording.job_started(job_id, words))

    def _reply_to_poll(self, call: Call, words: wording.Wording) -> Reply | None:
        job = self.jobs.get(call.job_id)
        if job is None:
            return None
        if self.faults.fires("forgotten", "poll"):
            del self.jobs[call.job_id]
            return None
        items, pending = job.poll(time.monotonic())
        return self._list_reply(call, items, job.count, pending, words)

    def _look_up(self, numbers: tuple[str, ...], entry: Entry) -> list[dict[str, Any]]:
        return mangled(look_up(numbers, entry, self.faults, self.ledger), entry, self.faults, self.chance)

    def _part(self, count: int) -> int:
        """How many of these numbers a partial answer holds: fewer than all."""
        return self.chance.randrange(count)

    def _list_reply(
        self, call: Call, items: list[dict[str, Any]], count: int, pending: int, words: wording.Wording
    ) -> Reply:
        early = pending > 0 and self.faults.fires("early_success", call.kind)
        status = "success" if pending == 0 or early else words.status
        return Reply(200, wording.item_list(items, count, pending, status, words))
