"""Reading Telnyx's answers.

Its `mobile_country_code` and `mobile_network_code` hold a region and an area code, by its own
documentation: they are never an MCC or an MNC.
"""

from collections.abc import Mapping
from decimal import Decimal

from validator_svc.numbering import facts
from validator_svc.upstreams.errors import MalformedReplyError
from validator_svc.upstreams.fields import money, text
from validator_svc.upstreams.one_number import Read, check_number
from validator_svc.upstreams.outcome import LiveAnswer, Outcome

NAME = "telnyx"
TELLS = frozenset({"ported", "line_type", "current_carrier"})

LINE_TYPES = {
    "mobile": facts.MOBILE,
    "wireless": facts.MOBILE,
    "fixed line": facts.LANDLINE,
    "landline": facts.LANDLINE,
    "voip": facts.VOIP,
    "toll free": facts.TOLL_FREE,
    "premium rate": facts.PREMIUM_RATE,
    "shared cost": facts.SHARED_COST,
    "personal": facts.PERSONAL,
    "pager": facts.PAGER,
    "uan": facts.UAN,
    "voicemail": facts.VOICEMAIL,
}
PORTED = {"Y": True, "N": False}


def reader(price: Decimal) -> Read:
    """Reads replies, each of which costs this (USD)."""
    cost = money(str(price))

    def read(document: Mapping[str, object], digits: str, at_ms: int) -> Outcome:
        data = document.get("data")
        if not isinstance(data, dict):
            raise MalformedReplyError("expected data")
        check_number(data.get("phone_number"), digits)
        if data.get("valid_number") is False:
            return Outcome(LiveAnswer(at_ms, is_valid=False), None, NAME, cost)
        carrier, portability = data.get("carrier"), data.get("portability")
        if not isinstance(carrier, dict):
            raise MalformedReplyError("expected a carrier")
        ported = text(portability.get("ported_status")) if isinstance(portability, dict) else None
        answer = LiveAnswer(
            at_ms,
            is_valid=True,
            ported=PORTED.get(ported or ""),
            line_type=LINE_TYPES.get((text(carrier.get("type")) or "").lower()),
            current_carrier=text(carrier.get("name")) or text(carrier.get("normalized_carrier")),
        )
        return Outcome(answer, None, NAME, cost)

    return read
