"""A name for each request: in the head of its answer, and in its line of the log."""

import itertools
import os
import secrets

from aiohttp import web

HEADER = "X-Request-Id"
KEY = "request_id"


class Names:
    """Names that no other process gives."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin anew, as another process."""
        self._process = secrets.token_hex(4)
        self._numbers = itertools.count(1)

    def next(self) -> str:
        """A name that was not given yet."""
        return f"{self._process}-{next(self._numbers):x}"


NAMES = Names()
# The processes that share a port are copies of one.
os.register_at_fork(after_in_child=NAMES.renew)


def request_id(request: web.BaseRequest) -> str:
    """The name of a request. What callers send as theirs is not taken: it would stand in the log."""
    found = request.get(KEY)
    if found is None:
        found = request[KEY] = NAMES.next()
    return str(found)
