"""Lists in one document, with what they add up to."""

import random
from array import array

import pytest

from tests.kernel.odd_texts import odd_text
from validator_svc.kernel.interface import Kernel, Kind

NUMBER = "+6281234567000"
# Only `phonenumbers` reads what has an extension.
WITH_EXTENSION = "+62 812-3456-7000 ;isub=5"


@pytest.mark.parametrize("kind", [Kind("format", "GB"), Kind("analysis", both_names=True)])
@pytest.mark.parametrize("before", [b"[", b"", b"[" * 100_000])
def test_a_list_has_the_records_of_its_texts(kernel: Kernel, kind: Kind, before: bytes) -> None:
    rng = random.Random(5)
    texts = [NUMBER, "a\n,b", "", *(odd_text(rng) for _ in range(300)), "x" * 5_000, NUMBER]
    tally = kernel.new_tally()
    tally.valid = array("Q")
    lines = kernel.texts(texts, kind, tally)
    listed = kernel.listed(texts, kind, before, b"]")
    assert listed.document == before + lines[:-1].replace(b"\n", b",") + b"]"
    assert (listed.valid, listed.duplicates) == (len(tally.valid), tally.duplicates)


@pytest.mark.parametrize(
    ("texts", "valid", "duplicates"),
    [
        (["n/a"], 0, 0),
        ([NUMBER], 1, 0),
        ([NUMBER, "", NUMBER, "+442079460018"], 3, 1),
        ([NUMBER, WITH_EXTENSION], 2, 1),
        ([WITH_EXTENSION, WITH_EXTENSION, NUMBER], 3, 2),
        ([WITH_EXTENSION], 1, 0),
        ([f"+62812{at:08}" for at in range(34_567_000, 34_568_000)] * 2, 2_000, 1_000),
    ],
)
def test_the_valid_ones_of_a_list_are_counted(
    kernel: Kernel, texts: list[str], valid: int, duplicates: int
) -> None:
    assert kernel.listed(texts, Kind("format"), b"[", b"]")[1:] == (valid, duplicates)
