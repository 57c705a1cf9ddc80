"""Every field, error, source and reason has its words."""

from validator_svc.numbering import facts
from validator_svc.record.meanings import ERRORS, MEANING, REASONS, UNKNOWN, Value, meaning_of
from validator_svc.record.record import Record, fields_of, unreadable_line


def values(record: Record) -> dict[str, Value]:
    return {field: getattr(record, field) for field in fields_of("validation")}


def test_every_field_has_its_words() -> None:
    assert tuple(MEANING) == fields_of("validation")
    assert set(UNKNOWN) <= set(MEANING)


def test_every_reason_of_the_numbering_plan_has_its_words() -> None:
    assert tuple(REASONS) == facts.REASONS


def test_every_error_code_has_its_words() -> None:
    assert set(ERRORS) == {"000", "013", "021", "041", "042", "091"}


def test_null_is_never_no() -> None:
    record = values(Record("+1", is_valid=True))
    for field in ("ported", "reachable", "roaming"):
        assert meaning_of(field, record).endswith("null is never no")


def test_what_is_invalid_has_nothing_to_tell_but_why() -> None:
    record = values(unreadable_line())
    assert "nothing to tell of an invalid number" in meaning_of("carrier_name", record)
    assert meaning_of("reason", record).endswith("the line could not be read")


def test_the_carrier_of_the_plan_is_that_of_the_range() -> None:
    record = values(Record("+62", is_valid=True, carrier_name="Telkomsel"))
    assert "the range was given to" in meaning_of("carrier_name", record)
    record["source"] = "wavix"
    assert "the range was given to" not in meaning_of("carrier_name", record)
