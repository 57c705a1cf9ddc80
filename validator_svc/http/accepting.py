"""Accepting a list as a batch: stored safely first, then answered with 201."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

from aiohttp import web

from validator_svc.batches.idempotency import IdempotencyKey, Noted
from validator_svc.batches.ingest import TooManyRowsError
from validator_svc.batches.segments import StorageError
from validator_svc.batches.spec import Order, Plan, given
from validator_svc.batches.upload import UploadTooLargeError
from validator_svc.formats.errors import Option, UnreadableFileError, advised
from validator_svc.http import context
from validator_svc.http.errors import ApiError, bad_parameter, unavailable
from validator_svc.http.gate import CALLER
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError

STORAGE_RETRY_S = 10
MAX_KEY = 255
# How often a list looks whether the one that is being stored under its key is a batch by now.
LOOKS, LOOK_S = 100, 0.1
IN_USE_RETRY_S = 5

Take = Callable[[], Awaitable[tuple[Plan, str]]]
"""Stores the list; returns its plan and the SHA-256 of what was sent."""


class Sent(NamedTuple):
    """A list that is being sent."""

    order: Order
    asked: list[object]
    """Whatever else changes what becomes of it, of which JSON can be made."""
    take: Take
    sha256: Callable[[], Awaitable[str]]
    """Reads the list to its end without storing it, in place of `take`; the same SHA-256."""

    def fingerprint(self, sha256: str) -> str:
        """The same for lists that become the same batch."""
        # How old a cached answer may be is a moment by now, another one at each attempt.
        order = given(self.order._replace(not_before_ms=0, request_id="", trace=""))
        return hashlib.sha256(json.dumps([sha256, order, self.asked]).encode()).hexdigest()


async def accepted(request: web.Request, sent: Sent) -> web.Response:
    """Store a list, accept it as a batch, and answer with its id.

    With an Idempotency-Key the same list under the same key is the same batch. Raises ApiError 422
    for a file that cannot be read (with its line) or a key that was used for another list, 409 while
    another list is being stored under the key, 413 for one that is too large, 503 while it cannot be stored.
    """
    key = idempotency_key(request)
    batching = request.app[context.BATCHING]
    try:
        if key is None:
            plan, _ = await stored(sent.take)
            await batching.accept(plan)
            return created(request, plan.batch_id)
        batches = batching.batches
        # What one caller names so is no business of another's.
        named = IdempotencyKey(batches.redis, f"{request[CALLER].owner}\n{key}", batches.retention_ms)
        return created(request, await accepted_once(request, sent, named))
    except STORE_ERRORS as error:
        raise StoreAwayError(error) from None


async def accepted_once(request: web.Request, sent: Sent, key: IdempotencyKey) -> str:
    """The id of the batch that the key stands for. Raises ApiError."""
    batching = request.app[context.BATCHING]
    async with key.held() as is_held:
        noted = await key.noted()
        if is_held and noted is None:
            plan, sha256 = await stored(sent.take)
            if not await key.is_held():
                await batching.ingest.discard(plan.batch_id)
                raise in_use()
            await key.note(Noted(sent.fingerprint(sha256), plan.batch_id))
            await batching.accept(plan)
            return plan.batch_id
    fingerprint = sent.fingerprint(await sent.sha256())
    noted = noted or await awaited(key)
    if noted.fingerprint != fingerprint:
        raise ApiError(422, "idempotency_key_reused", "Idempotency-Key: was used for another list before")
    return noted.batch_id


async def awaited(key: IdempotencyKey) -> Noted:
    """What the key stands for once the list that is being stored under it is a batch. Raises ApiError 409."""
    for _ in range(LOOKS):
        is_free = await key.is_free()
        noted = await key.noted()
        if noted is not None:
            return noted
        if is_free:
            break
        await asyncio.sleep(LOOK_S)
    raise in_use()


def in_use() -> ApiError:
    """409 for a key under which another list is being stored."""
    return ApiError(
        409,
        "idempotency_key_in_use",
        "Idempotency-Key: a list is being stored under it; send this one again later",
        {"Retry-After": str(IN_USE_RETRY_S)},
    )


async def sha256_of(pieces: AsyncIterator[bytes], max_bytes: int) -> str:
    """The SHA-256 of what is sent, in hex. Raises ApiError 413 when that is more than `max_bytes`."""
    digest, size = hashlib.sha256(), 0
    async for piece in pieces:
        digest.update(piece)
        size += len(piece)
        if size > max_bytes:
            raise ApiError(413, "body_too_large", f"file: expected at most {max_bytes} bytes")
    return digest.hexdigest()


async def stored(take: Take) -> tuple[Plan, str]:
    """Store a list. Raises ApiError for what is wrong with it."""
    try:
        return await take()
    except UnreadableFileError as error:
        raise ApiError(422, "unreadable_file", f"file: {advised(error, in_query)}") from None
    except UploadTooLargeError as error:
        raise ApiError(413, "body_too_large", f"file: {error}") from None
    except TooManyRowsError as error:
        raise ApiError(413, "too_many_numbers", f"file: {error}") from None
    except StorageError as error:
        raise unavailable(f"the object store takes nothing: {error}", STORAGE_RETRY_S) from None


def in_query(option: Option) -> str:
    """How an option is said here."""
    return f"{option.name}={option.sample} in the query says which"


def idempotency_key(request: web.Request) -> str | None:
    """The Idempotency-Key of a request. Raises ApiError 400."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= MAX_KEY:
        raise bad_parameter("Idempotency-Key", f"expected 1 to {MAX_KEY} characters")
    return key


def created(request: web.Request, batch_id: str) -> web.Response:
    """201 with both names of the id, and where to ask for it."""
    folder = "/v1/batches" if request.path.startswith("/v1/batches") else "/v1/validation"
    return web.json_response(
        {"request_uuid": batch_id, "request_id": batch_id},
        status=201,
        headers={"Location": f"{folder}/{batch_id}"},
    )
