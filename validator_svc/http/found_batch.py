"""The batch that a path names, if it is the caller's; and the answers while what holds batches is away."""

import functools
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web

from validator_svc.batches.batch import Batch, UnreadableBatchError, is_of_wrong_type
from validator_svc.batches.segments import MissingObjectError, StorageError
from validator_svc.batches.stored_results import BatchGoneError
from validator_svc.http import context
from validator_svc.http.accepting import STORAGE_RETRY_S
from validator_svc.http.errors import ApiError, unavailable
from validator_svc.http.gate import CALLER
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

Response = TypeVar("Response", bound=web.StreamResponse)


def store_errors(
    handler: Callable[[web.Request], Awaitable[Response]],
) -> Callable[[web.Request], Awaitable[Response]]:
    """A handler that answers 503 while the store, or the object store, does not; 404 for a batch deleted."""

    @functools.wraps(handler)
    async def handle(request: web.Request) -> Response:
        try:
            return await handler(request)
        except STORE_ERRORS as error:
            if is_of_wrong_type(error):
                raise UnreadableBatchError(type(error).__name__) from None
            raise StoreAwayError(error) from None
        except BatchGoneError:
            raise unknown_batch() from None
        except StorageError as error:
            raise unavailable(f"the object store fails: {error}", STORAGE_RETRY_S) from None
        except MissingObjectError as error:
            raise unavailable(f"a stored object of this batch is lost: {error}", STORAGE_RETRY_S) from None

    return handle


async def found(request: web.Request) -> Batch:
    """The batch that the path names, if it is the caller's. Raises ApiError 404, UnreadableBatchError."""
    batches, batch_id = request.app[context.BATCHING].batches, request.match_info["batch_id"].lower()
    # What is no id is not looked for: a key of Redis is made of it.
    if ID.fullmatch(batch_id) is None:
        raise unknown_batch()
    try:
        batch = await batches.load(batch_id)
    except UnreadableBatchError:
        # Whose it is stands in its state, too.
        if request[CALLER].owner and not await batches.is_listed(batch_id, request[CALLER].owner):
            raise unknown_batch() from None
        raise
    if batch is None or not request[CALLER].may_see(batch.plan.order.owner):
        raise unknown_batch()
    return batch


def unknown_batch() -> ApiError:
    """404 for an id that no batch has, or has any more."""
    return ApiError(404, "unknown_batch", "there is no batch of this id; it may have expired")


async def found_numbers(request: web.Request) -> Batch:
    """The same, of numbers; raises ApiError 409 for one of screened requests."""
    batch = await found(request)
    if batch.plan.order.system:
        raise ApiError(409, "wrong_kind", "this batch has screened requests; GET /v1/batches/UUID/results")
    return batch


def wrong_state(batch: Batch, expected: str) -> ApiError:
    """409 for an action that the batch's state does not allow."""
    return ApiError(409, "wrong_state", f"expected {expected}; this one is {batch.status}")
