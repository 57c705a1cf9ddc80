"""Reading SignalWire's answers. It has no MCC and no MNC, and does not tell of porting."""

from collections.abc import Mapping
from decimal import Decimal

from validator_svc.numbering import facts
from validator_svc.upstreams.errors import MalformedReplyError
from validator_svc.upstreams.fields import money, text
from validator_svc.upstreams.one_number import Read, check_number
from validator_svc.upstreams.outcome import LiveAnswer, Outcome

NAME = "signalwire"
TELLS = frozenset({"line_type", "current_carrier"})

LINE_TYPES = {
    "wireless": facts.MOBILE,
    "mobile": facts.MOBILE,
    "landline": facts.LANDLINE,
    "voip": facts.VOIP,
}


def reader(price: Decimal) -> Read:
    """Reads replies, whose carrier costs this (USD)."""
    cost = money(str(price))

    def read(document: Mapping[str, object], digits: str, at_ms: int) -> Outcome:
        check_number(document.get("e164"), digits)
        is_valid, carrier = document.get("valid_number"), document.get("carrier")
        if not isinstance(is_valid, bool):
            raise MalformedReplyError("expected valid_number")
        if not is_valid:
            return Outcome(LiveAnswer(at_ms, is_valid=False), None, NAME, cost)
        if not isinstance(carrier, dict):
            raise MalformedReplyError("expected a carrier")
        answer = LiveAnswer(
            at_ms,
            is_valid=True,
            line_type=LINE_TYPES.get((text(carrier.get("linetype")) or "").lower()),
            current_carrier=text(carrier.get("lec")),
        )
        return Outcome(answer, None, NAME, cost)

    return read
