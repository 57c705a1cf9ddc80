"""Who calls: the key that comes with a request, recognised without asking Redis each time."""

import asyncio
import hmac
import math
import time
from collections import OrderedDict
from typing import NamedTuple

from redis.exceptions import RedisError

from validator_svc.access.api_key import ApiKey, digest_of, id_in
from validator_svc.access.key_store import KeyStore
from validator_svc.moments import now_ms
from validator_svc.networks import Network

# A key that is disabled or deleted stops within that time, in every process.
FRESH_S = 2.0
REFRESH_S = 1.0
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

    caller: Caller | None
    sha256: str
    """Of the key; NOBODY where there is none."""
    networks: list[Network]
    at_s: float


class Callers:
    """Recognises callers by their keys; one for a process.

    Whatever is wrong with a key, the same steps are gone: `is_admin`, `remembered`, `asked` where that gave
    nothing, and `judged`. Digests are those of `digest_of`.
    """

    def __init__(self, store: KeyStore, admin_key: str | None) -> None:
        self.store = store
        self._admin_digest = digest_of(admin_key) if admin_key else NOBODY
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._noted_s: dict[str, float] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    def is_admin(self, digest: str) -> bool:
        """Whether this is the administrator's key."""
        return hmac.compare_digest(digest, self._admin_digest)

    def remembered(self, secret: str) -> Known | None:
        """What is known of the id that a key names; None when that is too long ago.

        A key that goes on being used is asked for again meanwhile, so that hardly any request waits for that.
        """
        key_id = id_in(secret)
        known = self._known.get(key_id)
        if known is None:
            return None
        age_s = time.monotonic() - known.at_s
        if age_s >= FRESH_S:
            return None
        if age_s >= REFRESH_S and known.caller is not None and key_id not in self._asking:
            self._asking[key_id] = asyncio.create_task(self._ask_again(key_id, secret))
        return known

    async def _ask_again(self, key_id: str, secret: str) -> None:
        try:
            async with asyncio.timeout(FRESH_S):
                await self.asked(secret)
        except (RedisError, TimeoutError):
            # The next request that waits for the store is told.
            pass
        finally:
            del self._asking[key_id]

    async def asked(self, secret: str) -> Known:
        """What the store knows of the id that a key names. Raises redis.exceptions.RedisError."""
        key_id, now_s = id_in(secret), time.monotonic()
        key = await self.store.find(key_id)
        known = (
            Known(None, NOBODY, [], now_s)
            if key is None
            else Known(Caller(key), key.sha256, key.networks, now_s)
        )
        self._known[key_id] = known
        self._known.move_to_end(key_id)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return known

    def judged(self, digest: str, known: Known) -> Caller | None:
        """The caller whose key this is; None when it is nobody's, or disabled.

        Where it is for some networks only, what follows is known to the holder of the key alone.
        """
        is_right = hmac.compare_digest(digest, known.sha256)
        caller = known.caller if is_right else None
        return caller if caller is not None and caller.key is not None and caller.key.enabled else None

    def is_to_be_noted(self, caller: Caller) -> bool:
        """Whether the last note of the use of the caller's key is a minute old."""
        if caller.key is None:
            return False
        return time.monotonic() - self._noted_s.get(caller.key.id, -NOTE_USE_S) >= NOTE_USE_S

    def fresh_until_s(self, caller: Caller, known: Known) -> float:
        """Until when the caller need not be looked up or noted again, by `time.monotonic`."""
        noted_s = self._noted_s.get(caller.key.id, -NOTE_USE_S) if caller.key else math.inf
        return min(known.at_s + REFRESH_S, noted_s + NOTE_USE_S)

    async def note_use(self, caller: Caller) -> None:
        """Note that the caller's key is used. Raises redis.exceptions.RedisError."""
        if caller.key is not None:
            self._noted_s[caller.key.id] = time.monotonic()
            await self.store.note_use(caller.key.id, now_ms())
