"""Accepting a list as a batch: stored safely first, then answered with 201."""

import hashlib
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from validator_svc.batches.ingest import TooManyRowsError
from validator_svc.batches.segments import StorageError
from validator_svc.batches.spec import Order, Plan
from validator_svc.batches.upload import UploadTooLargeError
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.http import context
from validator_svc.http.errors import ApiError, bad_parameter, unavailable
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError

STORAGE_RETRY_S = 10
MAX_KEY = 255

Take = Callable[[], Awaitable[tuple[Plan, str]]]
"""Stores the list; returns its plan and the SHA-256 of what was sent."""


async def accepted(request: web.Request, order: Order, take: Take) -> web.Response:
    """Store a list, accept it as a batch, and answer with its id.

    With an Idempotency-Key the same list under the same key is the same batch. Raises ApiError 422
    for a file that cannot be read (with its line) or a key that was used for another list, 413 for one
    that is too large, 503 while it cannot be stored.
    """
    key = idempotency_key(request)
    batching = request.app[context.BATCHING]
    try:
        plan, sha256 = await stored(take)
        batch_id = plan.batch_id
        if key is not None:
            # How old a cached answer may be is a moment by now, another one at each attempt.
            asked = orjson.dumps(order._replace(not_before_ms=0)._asdict())
            fingerprint = hashlib.sha256(sha256.encode() + asked)
            batch_id = await batching.batches.claim_key(key, fingerprint.hexdigest(), batch_id)
            if not batch_id:
                await batching.ingest.discard(plan.batch_id)
                raise ApiError(
                    422, "idempotency_key_reused", "Idempotency-Key: was used for another list before"
                )
        if batch_id == plan.batch_id:
            await batching.accept(plan)
        else:
            await batching.ingest.discard(plan.batch_id)
    except STORE_ERRORS as error:
        raise StoreAwayError(error) from None
    return created(request, batch_id)


async def stored(take: Take) -> tuple[Plan, str]:
    """Store a list. Raises ApiError for what is wrong with it."""
    try:
        return await take()
    except UnreadableFileError as error:
        raise ApiError(422, "unreadable_file", f"file: {error}") from None
    except UploadTooLargeError as error:
        raise ApiError(413, "body_too_large", f"file: {error}") from None
    except TooManyRowsError as error:
        raise ApiError(413, "too_many_numbers", f"file: {error}") from None
    except StorageError as error:
        raise unavailable(f"the object store takes nothing: {error}", STORAGE_RETRY_S) from None


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
