"""Who calls: the key that comes with a request, recognised without asking Redis each time."""

import hmac
import time
from collections import OrderedDict
from typing import NamedTuple

from validator_svc.access.api_key import ApiKey, digest_of, id_in
from validator_svc.access.key_store import KeyStore
from validator_svc.networks import Address, Network, is_within

# A key that is disabled or deleted stops within that time, in every process.
FRESH_S = 2.0
MOST_REMEMBERED = 10_000
NOTE_USE_S = 60.0
NOBODY = "0" * 64
"""The digest of no key."""


class Caller(NamedTuple):
    """Who sent a request. Without a key it is the administrator, or anybody where no keys are asked for."""

    key: ApiKey | None = None

    @property
    def owner(self) -> str:
        """What belongs to the caller has this mark: the id of the key, empty where there is none."""
        return self.key.id if self.key else ""

    @property
    def has_days(self) -> bool:
        """Whether the caller is limited by the day."""
        return self.key is not None and self.key.has_days

    def may_see(self, owner: str) -> bool:
        """Whether something of an owner is the caller's business."""
        return self.key is None or self.key.id == owner


ANYBODY = Caller()


class Known(NamedTuple):
    """What is remembered of an id: its key, if there is one, and since when."""

    key: ApiKey | None
    networks: list[Network]
    at_s: float


class Callers:
    """Recognises callers by their keys; one for a process."""

    def __init__(self, store: KeyStore, admin_key: str | None) -> None:
        self.store = store
        self._admin_digest = digest_of(admin_key) if admin_key else NOBODY
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._noted_s: dict[str, float] = {}

    def is_admin(self, secret: str) -> bool:
        """Whether this is the administrator's key."""
        return hmac.compare_digest(digest_of(secret), self._admin_digest)

    async def of(self, secret: str, address: Address | None) -> Caller | None:
        """The caller whose key this is; None when it is nobody's, disabled, or not for this address.

        Whatever is wrong with it, the same steps are gone. Raises redis.exceptions.RedisError.
        """
        if self.is_admin(secret):
            return ANYBODY
        digest = digest_of(secret)
        known = await self._remembered(id_in(secret))
        key = known.key
        is_right = hmac.compare_digest(digest, key.sha256 if key else NOBODY)
        is_here = not known.networks or is_within(address, known.networks)
        if key is None or not (is_right and is_here and key.enabled):
            return None
        await self._note_use(key.id)
        return Caller(key)

    async def _remembered(self, key_id: str) -> Known:
        now_s = time.monotonic()
        known = self._known.get(key_id)
        if known is None or now_s - known.at_s > FRESH_S:
            key = await self.store.find(key_id)
            known = self._known[key_id] = Known(key, key.networks if key else [], now_s)
            self._known.move_to_end(key_id)
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return known

    async def _note_use(self, key_id: str) -> None:
        now_s = time.monotonic()
        if now_s - self._noted_s.get(key_id, -NOTE_USE_S) < NOTE_USE_S:
            return
        self._noted_s[key_id] = now_s
        await self.store.note_use(key_id, time.time_ns() // 1_000_000)
