"""The slow way: the numbering plan as the `phonenumbers` package answers it.

`phonenumbers` is the oracle: whatever is faster than this module must agree with it.
"""

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult, carrier, timezone

from validator_svc.numbering import facts, reading
from validator_svc.numbering.facts import PlanAnswer, RangeFacts, unparsed

phonenumbers.enable_pattern_cache()

LINE_TYPE = {
    PhoneNumberType.MOBILE: facts.MOBILE,
    PhoneNumberType.FIXED_LINE: facts.LANDLINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: facts.LANDLINE_OR_MOBILE,
    PhoneNumberType.TOLL_FREE: facts.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: facts.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST: facts.SHARED_COST,
    PhoneNumberType.VOIP: facts.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: facts.PERSONAL,
    PhoneNumberType.PAGER: facts.PAGER,
    PhoneNumberType.UAN: facts.UAN,
    PhoneNumberType.VOICEMAIL: facts.VOICEMAIL,
}

LENGTH_REASON = {
    ValidationResult.IS_POSSIBLE: facts.UNALLOCATED_RANGE,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: facts.LOCAL_ONLY,
    ValidationResult.INVALID_COUNTRY_CODE: facts.INVALID_COUNTRY_CODE,
    ValidationResult.TOO_SHORT: facts.TOO_SHORT,
    ValidationResult.INVALID_LENGTH: facts.INVALID_LENGTH,
    ValidationResult.TOO_LONG: facts.TOO_LONG,
}

NON_GEOGRAPHIC_REGION = "001"


def look_up(text: str, region_code: str | None = None) -> PlanAnswer:
    """Read one text (see `reading.read`) and answer it."""
    number, reason = reading.read(text, region_code)
    if number is None:
        return unparsed(reason or "")
    return answer(number)


def answer(number: PhoneNumber) -> PlanAnswer:
    """What `phonenumbers` knows of a parsed number; an extension plays no part.

    Raises nothing for a number that `phonenumbers.parse` returned.
    """
    if number.extension is not None:
        number.extension = None
    return PlanAnswer(
        facts=range_facts(number),
        calling_code=number.country_code,
        nsn=phonenumbers.national_significant_number(number),
        national_format=phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
    )


def range_facts(number: PhoneNumber) -> RangeFacts:
    """Validity, region, type, allocated carrier and time zones of a parsed number."""
    region_code = phonenumbers.region_code_for_number(number)
    if region_code is None or not phonenumbers.is_valid_number_for_region(number, region_code):
        return RangeFacts(LENGTH_REASON[phonenumbers.is_possible_number_with_reason(number)])
    zones = timezone.time_zones_for_number(number)
    region_code = None if region_code == NON_GEOGRAPHIC_REGION else region_code
    return RangeFacts(
        reason=None,
        region_code=region_code,
        line_type=LINE_TYPE[phonenumbers.number_type(number)],
        original_carrier=carrier.name_for_number(number, "en") or None,
        time_zones=() if zones == (timezone.UNKNOWN_TIMEZONE,) else tuple(zones),
        is_portable=is_portable(region_code),
    )


def is_portable(region_code: str | None) -> bool:
    """Whether mobile numbers of a region may be taken along to another carrier; not without a region."""
    return region_code is not None and phonenumbers.is_mobile_number_portable_region(region_code)
