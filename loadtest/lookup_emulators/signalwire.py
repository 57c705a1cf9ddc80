"""SignalWire phone number lookup: https://developer.signalwire.com/rest/."""

from typing import Any

from loadtest.lookup_emulators.single import BasicApi
from loadtest.wavix_emulator.answers import Item, calling_code
from loadtest.wavix_emulator.server import Emulator

LINE_TYPES = {"mobile": "wireless", "landline": "landline", None: None}


class SignalWireApi(BasicApi):
    """`GET /api/relay/rest/lookup/phone_number/{+e164}?include=carrier`, with Basic credentials."""

    path = "/api/relay/rest/lookup/phone_number/{number}"

    def body(self, item: Item) -> dict[str, Any]:
        """With the carrier."""
        code = calling_code(item["e164_format"][1:])
        return {
            "country_code_number": int(code),
            "national_number": item["e164_format"][1 + len(code) :],
            "possible_number": True,
            "valid_number": item["is_valid"],
            "national_number_formatted": item["national_format"],
            "international_number_formatted": item["e164_format"],
            "e164": item["e164_format"],
            "location": None,
            "country_code": item["country_code"],
            "timezones": [],
            "carrier": {"linetype": LINE_TYPES.get(item["phone_type"]), "lec": item["carrier_name"]},
        }

    def failure(self, status: int, message: str) -> dict[str, Any]:
        """A list of errors."""
        error = {"type": "client_error", "code": "not_found", "message": message, "attribute": None}
        return {"errors": [error | {"url": "https://developer.signalwire.com/rest/"}]}


class SignalWireEmulator(Emulator):
    """SignalWire, as it looks to a client."""

    api = SignalWireApi
