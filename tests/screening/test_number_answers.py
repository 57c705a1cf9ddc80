"""What is known of numbers: the same whether it is read from the numbering plan or from finished records."""

import types

import pytest

from tests.screening.examples import INVALID, PREMIUM
from validator_svc.access.call_policy import checked
from validator_svc.kernel.classify import Classifier
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.numbering.facts import RequestType
from validator_svc.numbering.risk import RiskList
from validator_svc.record.finished import FROM_PLAN
from validator_svc.screening.number_answers import NumberAnswers, NumberReader, are_of_plan, of_records
from validator_svc.screening.policy import Policy
from validator_svc.screening.registry import SYSTEMS
from validator_svc.screening.screener import Screener

CLASSIFIER = Classifier(RiskList({"44": True, "1900": False}))
READER = NumberReader(types.SimpleNamespace(classifier=CLASSIFIER))  # type: ignore[arg-type]
NUMBERS = [
    "+13524815863",
    "447911123456",
    "0812 3456 7000",
    "x",
    INVALID,
    PREMIUM,
    "+19005550123",
    "+800",
    "1" * 99,
]
POLICY = {"refuse_risky": True, "allow_countries": ["ID", "US"], "deny_types": ["mobile"]}


@pytest.mark.parametrize("request_type", ["analysis", "validation"])
def test_of_records_of_the_plan_the_same_is_found(request_type: RequestType) -> None:
    answers = READER.free(NUMBERS, Wanted(request_type, "ID"))
    assert are_of_plan(answers.records)

    def found(answers: NumberAnswers) -> list[bytes]:
        screener, texts = Screener(SYSTEMS["wavix-call"], Policy(checked(POLICY))), list[str]()
        asked = [screener.read({"from": number, "to": number}, texts) for number in NUMBERS]
        return screener.lines(asked, twice(answers))

    assert found(answers) == found(of_records(answers.records))


def twice(answers: NumberAnswers) -> NumberAnswers:
    """Each answer two times: a request has two numbers."""
    lines, digits, traits = ([each for each in values for _ in range(2)] for values in answers[1:])
    return NumberAnswers(b"", lines, digits, traits)  # type: ignore[arg-type]


def test_records_that_tell_of_more_than_the_plan_are_none_of_it() -> None:
    records = READER.free(NUMBERS, Wanted("analysis")).records
    assert are_of_plan(b"")
    assert not are_of_plan(records.replace(FROM_PLAN, b'"source":"cache"', 1))
    assert not are_of_plan(records.replace(b'"error_code":"000"', b'"error_code":"041"', 1))
