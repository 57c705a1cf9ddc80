"""Paid answers kept in Redis, so that nobody pays for them again."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from redis.asyncio import Redis

from validator_svc.kernel.columns import meanings
from validator_svc.lookup import keys, metrics
from validator_svc.lookup.cached_answer import Kept, mark_of, packed, packed_moment, unpacked, with_moment
from validator_svc.lookup.money import nano
from validator_svc.lookup.payer import Payer
from validator_svc.lookup.redis_client import NumberedKeys, values_of
from validator_svc.numbering.facts import RequestType
from validator_svc.record.record import FREE
from validator_svc.upstreams.filling import filled
from validator_svc.upstreams.outcome import Outcome
from validator_svc.upstreams.protocol import Keeping

# Numbers of one reply often have one answer, moment and all: each is unpacked once.
UNPACKED_KEPT = 4_096

# A script, so that the answers of a whole reply, and what they cost, are one change; the jobs in which they
# were looked up are over with them. KEYS: a live answer each, then the job of each, then accounts. ARGV:
# TTL (s), how many answers, then for each answer its value (empty: none came), what marks it as its payer's
# own, the number of its payer's account (0: none), its cost in billionths, and 1 if its number is one more.
# An answer that the same part has paid for already is not added to its account a second time.
WRITE = """
local count = tonumber(ARGV[2])
local paid, cost = {}, {}
for i = 1, count do
  local at = 5 * i - 2
  local before = false
  if ARGV[at] ~= '' then
    before = redis.pcall('get', KEYS[i])
    if type(before) == 'table' then before = false end
    redis.call('set', KEYS[i], ARGV[at], 'EX', ARGV[1])
    redis.call('del', KEYS[count + i])
  end
  local account = tonumber(ARGV[at + 2])
  if account > 0 and not (before and string.find(before, ARGV[at + 1], 1, true)) then
    paid[account] = (paid[account] or 0) + tonumber(ARGV[at + 4])
    cost[account] = (cost[account] or 0) + tonumber(ARGV[at + 3])
  end
end
for account, numbers in pairs(paid) do
  local key = KEYS[2 * count + account]
  if redis.call('exists', key) == 1 then
    redis.call('hincrby', key, 'paid', numbers)
    redis.call('hincrby', key, 'cost_nano', string.format('%.0f', cost[account]))
  end
end
"""


class Paid(NamedTuple):
    """What an upstream said of a number, and who pays for it."""

    outcome: Outcome
    payer: Payer | None = None
    first: "Paid | None" = None
    """What another one said before, which this one fills in; it is kept, and paid for."""

    @property
    def whole(self) -> Outcome:
        """What is known now, and what all of it cost."""
        return self.outcome if self.first is None else filled(self.first.outcome, self.outcome)

    @property
    def suppliers(self) -> list[str]:
        """Whose answers it has."""
        return [self.outcome.source, *(self.first.suppliers if self.first else [])]


class Cache:
    """Live answers by type and number.

    A fresh `validation` answer serves `analysis` too, as it holds all of it.
    """

    def __init__(
        self,
        redis: Redis,
        ttl_s: Mapping[RequestType, int],
        moment_ttl_s: int = 3_600,
        keeping: Mapping[str, Keeping] = MappingProxyType({}),
    ) -> None:
        """`moment_ttl_s`: of `reachable` and `roaming`; 0: kept nowhere. `keeping`: by supplier."""
        self.redis = redis
        self.ttl_s = ttl_s
        self.moment_ttl_s = moment_ttl_s
        self.keeping = keeping
        self._write = redis.register_script(WRITE)

    async def read(
        self, request_type: RequestType, numbers: Sequence[str], not_before_ms: int = 0
    ) -> dict[str, Kept]:
        """The answers at hand for `numbers` (digits of E.164), none from before `not_before_ms`.

        Raises redis.exceptions.RedisError while the store is away.
        """
        found = await self.answers(request_type, array("Q", map(int, numbers)), not_before_ms)
        return {digits: kept for digits, kept in zip(numbers, found, strict=True) if kept is not None}

    async def answers(
        self, request_type: RequestType, numbers: "array[int]", not_before_ms: int = 0
    ) -> list[Kept | None]:
        """The same by place: for each number ("Q") its answer, or None where none is at hand."""
        found: list[Kept | None] = []
        for start in range(0, len(numbers), keys.AT_ONCE):
            part = numbers[start : start + keys.AT_ONCE]
            found += await self._answers_at_once(request_type, part, not_before_ms)
        return found

    async def _answers_at_once(
        self, request_type: RequestType, numbers: "array[int]", not_before_ms: int
    ) -> list[Kept | None]:
        found = await self._answers_of_type(request_type, numbers, not_before_ms)
        if request_type == "analysis" and (rows := missing(found)):
            more = await self._answers_of_type("validation", chosen(numbers, rows), not_before_ms)
            for row, kept in zip(rows, more, strict=True):
                found[row] = kept
        return found

    async def _answers_of_type(
        self, request_type: RequestType, numbers: "array[int]", not_before_ms: int
    ) -> list[Kept | None]:
        values = await values_of(self.redis, NumberedKeys(keys.live(request_type, ""), numbers))
        found = self._fit(values, not_before_ms)
        if request_type == "validation":
            await self._add_moments(numbers, found)
        return found

    def _fit(self, values: list[object], not_before_ms: int) -> list[Kept | None]:
        """The answers that will do. Few are different, as those of one reply share an answer."""
        unreadable: set[object] = set()

        def fit(value: object) -> Kept | None:
            if not isinstance(value, bytes):
                return None
            kept = readable(value)
            if kept is None:
                unreadable.add(value)
            return kept if kept and kept.answer.at_ms >= not_before_ms else None

        found = meanings(values, fit)
        if unreadable:
            metrics.UNREADABLE.inc(sum(value in unreadable for value in values))
        return found

    async def _add_moments(self, numbers: "array[int]", found: list[Kept | None]) -> None:
        """Complete answers by what they said of their moment, as far as that is kept."""
        rows = [row for row, kept in enumerate(found) if kept is not None]
        if not rows:
            return
        values = await values_of(self.redis, NumberedKeys(keys.moment(""), chosen(numbers, rows)))
        for row, value in zip(rows, values, strict=True):
            kept = found[row]
            if isinstance(value, bytes) and kept is not None:
                found[row] = completed(kept, value)
                metrics.UNREADABLE.inc(found[row] is kept)

    async def _write_moments(self, paid: Mapping[str, Paid]) -> None:
        """Keep what answers say of their moment, and never what an answer before said."""
        async with self.redis.pipeline(transaction=False) as pipe:
            for digits, each in paid.items():
                answer = each.whole.answer if each.outcome.answer else None
                moment = packed_moment(answer) if answer else None
                limits = [self._keeping(supplier).moment_s for supplier in each.suppliers]
                if moment is not None and (ttl_s := shortest(self.moment_ttl_s, limits)):
                    pipe.set(keys.moment(digits), moment, ex=ttl_s)
            if len(pipe):
                await pipe.execute()

    def _keeping(self, supplier: str) -> Keeping:
        return self.keeping.get(supplier, Keeping())

    async def write(self, request_type: RequestType, paid: Mapping[str, Paid]) -> None:
        """Keep the answers to at most 1,000 numbers (digits of E.164), and charge who paid for them.

        What failed is not kept, but charged if it cost something. A second time changes nothing.
        Raises redis.exceptions.RedisError.
        """
        paid = {digits: each for digits, each in paid.items() if each.outcome.answer or is_charged(each)}
        if not paid:
            return
        charged = (each.payer.account for each in paid.values() if each.payer and is_charged(each))
        if request_type == "validation":
            await self._write_moments(paid)
        accounts = {account: at for at, account in enumerate(dict.fromkeys(charged), 1)}
        suppliers = {supplier for each in paid.values() for supplier in each.suppliers}
        ttl_s = shortest(self.ttl_s[request_type], [self._keeping(each).answer_s for each in suppliers])
        arguments: list[str | bytes | int] = [ttl_s, len(paid)]
        for each in paid.values():
            account = accounts[each.payer.account] if each.payer and is_charged(each) else 0
            is_one_more = each.first is None or each.first.outcome.cost == FREE
            arguments += [value_of(each), mark(each), account, nano(each.outcome.cost), int(is_one_more)]
        names = [keys.live(request_type, digits) for digits in paid]
        names += [keys.job(request_type, digits) for digits in paid]
        await self._write(keys=[*names, *accounts], args=arguments)


def missing(found: Sequence[Kept | None]) -> list[int]:
    """Where there are no answers."""
    return [] if all(found) else [row for row, kept in enumerate(found) if kept is None]


def chosen(numbers: "array[int]", rows: Sequence[int]) -> "array[int]":
    """Those of the numbers ("Q") that stand in these rows."""
    return array("Q", [numbers[row] for row in rows])


def is_charged(paid: Paid) -> bool:
    """Whether somebody's account is to be charged."""
    return paid.payer is not None and paid.outcome.cost != FREE


def value_of(paid: Paid) -> bytes:
    """What is written for an outcome; nothing for a failure."""
    whole, first = paid.whole, paid.first
    if whole.answer is None or paid.outcome.answer is None:
        return b""
    if paid.payer is None:
        return packed(Kept(whole.answer, whole.source, filled_by=filled_by(paid)))
    # The part of another payer is not this one's to tell.
    has_both = first is None or (first.payer is not None and first.payer.part == paid.payer.part)
    cost = whole.cost if has_both else paid.outcome.cost
    return packed(Kept(whole.answer, whole.source, cost, paid.payer.part, filled_by(paid)))


def filled_by(paid: Paid) -> str | None:
    """The second supplier, if there was one."""
    return None if paid.first is None else paid.outcome.source


def mark(paid: Paid) -> str:
    """What a kept answer has in it that is there only if it was paid for so."""
    return mark_of(paid.payer.part, filled_by(paid)) if paid.payer else ""


def shortest(set_s: int, allowed_s: Iterable[int | None]) -> int:
    """For how long something is kept that the settings keep so long, and suppliers allow so long."""
    return min([set_s, *(each for each in allowed_s if each is not None)])


@lru_cache(maxsize=UNPACKED_KEPT)
def completed(kept: Kept, moment: bytes) -> Kept:
    """The answer with what was said of its moment; one object for equal ones."""
    return with_moment(kept, moment)


@lru_cache(maxsize=UNPACKED_KEPT)
def readable(value: bytes) -> Kept | None:
    """The answer, or None for what does not fit: another version wrote it, or it is broken."""
    return unpacked(value)
