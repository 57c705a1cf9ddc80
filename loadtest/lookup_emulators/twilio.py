"""Twilio Lookup v2: https://www.twilio.com/docs/lookup/v2-api."""

from typing import Any

from loadtest.lookup_emulators.single import BasicApi
from loadtest.wavix_emulator.answers import Item, calling_code
from loadtest.wavix_emulator.server import Emulator

PACKAGES = (
    *("caller_name", "sim_swap", "call_forwarding", "line_status", "line_type_intelligence"),
    *("identity_match", "reassigned_number", "sms_pumping_risk"),
)


class TwilioApi(BasicApi):
    """`GET /v2/PhoneNumbers/{number}?Fields=line_type_intelligence`, with Basic credentials."""

    path = "/v2/PhoneNumbers/{number}"

    def body(self, item: Item) -> dict[str, Any]:
        """With the package for the type of line; the others were not asked for."""
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
