"""Work for a caller who waits: it ends when the caller's connection does."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from validator_svc.http.errors import is_gone

_WORK: web.RequestKey["asyncio.Task[object]"] = web.RequestKey("work", asyncio.Task)


@contextmanager
def while_connected(request: web.Request) -> Iterator[None]:
    """Break the block off with ConnectionResetError once the connection is closed.

    What follows a batch writes nothing for as long as that waits, and would not see that nobody reads it.
    """
    work = asyncio.current_task()
    assert work is not None
    if is_gone(request):
        raise ConnectionResetError("the caller is gone")
    request[_WORK] = work
    try:
        yield
    except asyncio.CancelledError:
        # Whoever else ended it means it.
        if not is_gone(request) or work.uncancel():
            raise
        raise ConnectionResetError("the caller is gone") from None
    finally:
        del request[_WORK]


def connection_closed(request: web.BaseRequest) -> None:
    """End what is done for a request whose connection is closed."""
    if _WORK in request:
        request[_WORK].cancel()
