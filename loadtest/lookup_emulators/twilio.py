"""Twilio Lookup v2: https://www.twilio.com/docs/lookup/v2-api."""

from dataclasses import replace
from typing import Any

from aiohttp import web

from loadtest.lookup_emulators.single import BasicApi
from loadtest.wavix_emulator.answers import Item, calling_code
from loadtest.wavix_emulator.calls import Call
from loadtest.wavix_emulator.server import Emulator

PACKAGES = (
    *("caller_name", "sim_swap", "call_forwarding", "line_status", "line_type_intelligence"),
    *("identity_match", "reassigned_number", "sms_pumping_risk"),
)

STATUS = {True: "reachable", False: "unreachable", None: "unknown"}


class TwilioApi(BasicApi):
    """`GET /v2/PhoneNumbers/{number}?Fields=line_type_intelligence`, with Basic credentials."""

    path = "/v2/PhoneNumbers/{number}"

    async def _read(self, request: web.Request) -> Call:
        call = await super()._read(request)
        asks_status = "line_status" in request.query.get("Fields", "").split(",")
        return replace(call, request_type="validation" if asks_status else "analysis")

    def body(self, item: Item) -> dict[str, Any]:
        """With the packages for the type of line, and its status where that was asked for."""
        digits = item["e164_format"][1:]
        packages = dict.fromkeys(PACKAGES)
        if item["is_valid"]:
            packages["line_type_intelligence"] = {
                "type": item["phone_type"],
                "carrier_name": item["carrier_name"],
                "mobile_country_code": item["mcc"],
                "mobile_network_code": item["mnc"],
                "error_code": None,
            }
        if item["is_valid"] and "reachable" in item:
            packages["line_status"] = {"status": STATUS[item["reachable"]], "error_code": None}
        return {
            "calling_country_code": calling_code(digits),
            "country_code": item["country_code"],
            "phone_number": item["e164_format"],
            "national_format": item["national_format"],
            "valid": item["is_valid"],
            "validation_errors": [] if item["is_valid"] else ["INVALID_BUT_POSSIBLE"],
            "url": f"https://lookups.twilio.com/v2/PhoneNumbers/{item['e164_format']}",
        } | packages

    def failure(self, status: int, message: str) -> dict[str, Any]:
        """A code, a message, and where to read more."""
        code = 20_000 + status
        more = f"https://www.twilio.com/docs/errors/{code}"
        return {"code": code, "message": message, "more_info": more, "status": status}


class TwilioEmulator(Emulator):
    """Twilio, as it looks to a client."""

    api = TwilioApi
