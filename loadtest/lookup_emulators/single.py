"""The HTTP side of a supplier that takes one number a request, over the faults and the ledger of all."""

import base64
import binascii
from abc import abstractmethod
from typing import Any

from aiohttp import web

from loadtest.wavix_emulator.answers import FINE, Item
from loadtest.wavix_emulator.api import Api
from loadtest.wavix_emulator.calls import Call
from loadtest.wavix_emulator.ledger import Entry
from loadtest.wavix_emulator.lookups import NO_FUNDS
from loadtest.wavix_emulator.upstream import Reply


class SingleApi(Api):
    """One route: GET `path`, which names the `number`."""

    path: str

    @abstractmethod
    def body(self, item: Item) -> dict[str, Any]:
        """What is sent of an item (see `answers`) that was looked up."""

    @abstractmethod
    def failure(self, status: int, message: str) -> dict[str, Any]:
        """What is sent with a status that is no success."""

    def add_routes(self, app: web.Application) -> None:
        """Put the supplier's API into `app`."""
        app.router.add_get(self.path, self.handle, allow_head=False)

    async def _read(self, request: web.Request) -> Call:
        number = request.match_info["number"]
        if not number.startswith("+"):
            return Call("single", problem="the number must be in E.164 format")
        return Call("single", "validation", (number,))

    def _reply(self, call: Call, entry: Entry) -> Reply | None:
        item = self._upstream.single_item(call, entry)
        match item["error_code"]:
            case code if code == FINE:
                return Reply(200, self.body(item))
            case code if code == NO_FUNDS:
                return Reply(402, self.failure(402, "Payment Required"))
            case str():
                return Reply(404, self.failure(404, "Not Found"))
        # Fields of strange types.
        return Reply(200, {name: [value] for name, value in self.body(item).items()})


def basic_secret(request: web.Request) -> str:
    """The secret of Basic credentials; empty where there are none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(token).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


class BasicApi(SingleApi):
    """With the key as the secret of Basic credentials."""

    def _knows_key_of(self, request: web.Request) -> bool:
        key = basic_secret(request)
        return key == self._upstream.key if self._upstream.key is not None else bool(key)
