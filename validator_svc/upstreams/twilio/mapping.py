"""Reading Twilio's answers: validity is free, each package of data may fail by itself."""

from collections.abc import Mapping
from decimal import Decimal

from validator_svc.numbering import facts
from validator_svc.upstreams.errors import MalformedReplyError
from validator_svc.upstreams.fields import money, network_code, text
from validator_svc.upstreams.one_number import Read, check_number
from validator_svc.upstreams.outcome import UPSTREAM_FAILED, LiveAnswer, Outcome, Unanswered

NAME = "twilio"
TELLS = frozenset({"mcc", "mnc", "line_type", "current_carrier"})
LINE_TYPE, LINE_STATUS = "line_type_intelligence", "line_status"

LINE_TYPES = {
    "landline": facts.LANDLINE,
    "mobile": facts.MOBILE,
    "fixedVoip": facts.VOIP,
    "nonFixedVoip": facts.VOIP,
    "personal": facts.PERSONAL,
    "tollFree": facts.TOLL_FREE,
    "premium": facts.PREMIUM_RATE,
    "sharedCost": facts.SHARED_COST,
    "uan": facts.UAN,
    "voicemail": facts.VOICEMAIL,
    "pager": facts.PAGER,
}
# Not approved for the country, outside the coverage: another supplier may know the number.
OF_OTHERS = (60601, 60610)
# The package's quota or rate is used up, or the number was asked for too often.
TOO_MANY = (60611, 60616, 60626)


# A number that is not in service is not reached; one that is may be or not.
REACHABLE = {"reachable": True, "unreachable": False, "inactive": False}


def reader(price: Decimal, price_line_status: Decimal | None) -> Read:
    """Reads replies, whose packages cost this (USD)."""

    def read(document: Mapping[str, object], digits: str, at_ms: int) -> Outcome:
        check_number(document.get("phone_number"), digits)
        is_valid, package = document.get("valid"), document.get(LINE_TYPE)
        if not isinstance(is_valid, bool):
            raise MalformedReplyError("expected valid")
        if not is_valid:
            return Outcome(LiveAnswer(at_ms, is_valid=False), None, NAME)
        if not isinstance(package, dict):
            raise MalformedReplyError(f"expected {LINE_TYPE}")
        status = answered(document.get(LINE_STATUS))
        status_costs = Decimal(0) if status is None or price_line_status is None else price_line_status
        code = package.get("error_code")
        if code is not None:
            why = unanswered(code) if not status_costs else None
            return Outcome(None, UPSTREAM_FAILED, NAME, money(str(status_costs)), unanswered=why)
        line_type = text(package.get("type"))
        answer = LiveAnswer(
            at_ms,
            is_valid=True,
            mcc=network_code(package.get("mobile_country_code"), 3),
            mnc=network_code(package.get("mobile_network_code"), 2),
            line_type=LINE_TYPES.get(line_type or ""),
            current_carrier=text(package.get("carrier_name")),
            reachable=REACHABLE.get(text((status or {}).get("status")) or ""),
        )
        return Outcome(answer, None, NAME, money(str(price + status_costs)))

    return read


def answered(package: object) -> Mapping[str, object] | None:
    """A package that was answered; None where it failed, or was not asked for."""
    return package if isinstance(package, dict) and package.get("error_code") is None else None


def unanswered(code: object) -> Unanswered | None:
    """What becomes of a number whose package failed with this code."""
    if type(code) is not int:
        return None
    if code in OF_OTHERS:
        return Unanswered.NOT_COVERED
    return Unanswered.NOT_ASKED if code in TOO_MANY else None
