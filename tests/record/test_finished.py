"""What is found in finished records as bytes is what stands in them as JSON."""

from collections import Counter

import orjson
from hypothesis import given
from hypothesis import strategies as st

from validator_svc.numbering.facts import REASONS
from validator_svc.record import finished
from validator_svc.record.record import Record, to_dict, to_line

# Of the shapes that records have, with texts that look like fields.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['"is_valid":true,', '\\"cost":"9"', '"source":"wavix"', "\n", '"error_code":"042"']
)
DIGITS = st.text("0123456789", min_size=7, max_size=15)


@st.composite
def records(draw: st.DrawFn) -> Record:
    is_valid = draw(st.booleans())
    is_read = is_valid or draw(st.booleans())
    return Record(
        phone_number=draw(TEXT),
        is_valid=is_valid,
        country_code=draw(st.sampled_from([None, "ID", "US"])) if is_valid else None,
        e164_format=f"+{draw(DIGITS)}" if is_read else "",
        national_format=draw(TEXT) if is_read else "",
        carrier_name=draw(TEXT | st.none()),
        phone_type=draw(st.sampled_from([None, "mobile"])),
        risky_destination=draw(st.booleans() | st.none()),
        cost=draw(st.sampled_from(["0", "0.005", "12"])),
        error_code=draw(st.sampled_from(["000", "013", "021", "041", "042", "091"])),
        source=draw(st.sampled_from(["plan", "cache", "wavix", "planet", "cached"])),
        reason=None if is_valid else draw(st.sampled_from(REASONS)),
    )


LISTS = st.lists(records(), max_size=6)


def lines_of(found: list[Record]) -> bytes:
    return b"".join(to_line(record, "validation") for record in found)


@given(LISTS)
def test_constants_are_counted_where_they_stand(found: list[Record]) -> None:
    lines = lines_of(found)
    for field, constant, value in [
        ("is_valid", finished.VALID, True),
        ("risky_destination", finished.RISKY, True),
        ("cost", finished.COSTS_NOTHING, "0"),
        ("source", finished.FROM_PLAN, "plan"),
        ("source", finished.FROM_CACHE, "cache"),
        ("error_code", finished.IS_FINE, "000"),
        ("error_code", finished.TIMED_OUT, "041"),
    ]:
        assert lines.count(constant) == sum(getattr(record, field) == value for record in found)


@given(LISTS)
def test_patterns_give_the_values(found: list[Record]) -> None:
    lines = lines_of(found)
    assert finished.COST.findall(lines) == [each.cost.encode() for each in found if each.cost != "0"]
    assert finished.REASON.findall(lines) == [each.reason.encode() for each in found if each.reason]
    assert len(finished.FAILED.findall(lines)) == sum(each.error_code not in ("000", "021") for each in found)
    assert len(finished.LIVE.findall(lines)) == sum(each.source not in ("plan", "cache") for each in found)
    read = [each for each in found if each.e164_format]
    assert finished.E164.findall(lines) == [each.e164_format[1:].encode() for each in read]
    texts = [orjson.loads(b'"%b"' % text) for text in finished.NOTHING_READ.findall(lines)]
    assert texts == [each.phone_number for each in found if not each.e164_format]


@given(LISTS)
def test_valid_numbers_and_their_countries(found: list[Record]) -> None:
    lines, valid = lines_of(found), [each for each in found if each.is_valid]
    assert finished.VALID_NUMBER.findall(lines) == [
        ((each.country_code or "").encode(), each.e164_format[1:].encode()) for each in valid
    ]
    cut = finished.valid_of(lines)
    assert len(cut) == len(valid)
    assert finished.countries_of(cut) == Counter(
        each.country_code.encode() for each in valid if each.country_code
    )
    assert finished.distinct_of(cut) == len({each.e164_format for each in valid})


@given(LISTS)
def test_what_was_kept_before_costs_nothing_and_comes_from_the_cache(found: list[Record]) -> None:
    for line, record in zip(finished.kept_before(lines_of(found)).splitlines(), found, strict=True):
        was_live = record.source not in ("plan", "cache")
        wanted = to_dict(record, "validation") | {"cost": "0"}
        assert orjson.loads(line) == wanted | ({"source": "cache"} if was_live else {})


@given(LISTS)
def test_second_names_stand_beside_the_first(found: list[Record]) -> None:
    lines = finished.with_second_names(lines_of(found)).splitlines(keepends=True)
    assert lines == [to_line(record, "validation", both_names=True) for record in found]
