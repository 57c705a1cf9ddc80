"""Telnyx number lookup: https://developers.telnyx.com/api/number-lookup."""

from typing import Any

from loadtest.lookup_emulators.single import SingleApi
from loadtest.wavix_emulator.answers import Item
from loadtest.wavix_emulator.server import Emulator

PORTED = {True: "Y", False: "N", None: ""}
LINE_TYPES = {"mobile": "mobile", "landline": "fixed line", None: None}


class TelnyxApi(SingleApi):
    """`GET /v2/number_lookup/{+e164}?type=carrier`, with a bearer key."""

    path = "/v2/number_lookup/{number}"

    def body(self, item: Item) -> dict[str, Any]:
        """As with `type=carrier`; the codes of the mobile network are a region and an area code."""
        return {
            "data": {
                "record_type": "number_lookup",
                "phone_number": item["e164_format"],
                "country_code": item["country_code"],
                "national_format": item["national_format"],
                "valid_number": item["is_valid"],
                "fraud": None,
                "caller_name": None,
                "carrier": {
                    "name": item["carrier_name"] or "",
                    "normalized_carrier": "",
                    "type": LINE_TYPES.get(item["phone_type"]),
                    "mobile_country_code": item["country_code"],
                    "mobile_network_code": item["national_format"][:3],
                    "error_code": None,
                },
                "portability": {
                    "lrn": "",
                    "ported_status": PORTED[item["ported"]],
                    "ported_date": "",
                    "ocn": "",
                    "line_type": "",
                    "spid": "",
                    "spid_carrier_name": "",
                    "spid_carrier_type": "",
                    "city": "",
                    "state": "",
                },
            }
        }

    def failure(self, status: int, message: str) -> dict[str, Any]:
        """A list of errors."""
        return {"errors": [{"code": str(10_000 + status), "title": message, "detail": message}]}


class TelnyxEmulator(Emulator):
    """Telnyx, as it looks to a client."""

    api = TelnyxApi
