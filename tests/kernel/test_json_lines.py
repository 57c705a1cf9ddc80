"""NDJSON in: where on a line the number stands."""

import orjson
import pytest

from validator_svc.kernel.interface import Kernel, Kind, Tally
from validator_svc.numbering import facts

KEY = "phone_number"
UNREADABLE = None


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("", ""),
        (" \t", ""),
        ("\u00a0", ""),
        ('"+44 20 7946 0018"', "+44 20 7946 0018"),
        (
            ' {"a": {"phone_number": "no"}, "phone_number" : "yes" , "z": [1, -2.5e3, null, true, {}]} ',
            "yes",
        ),
        ('{"phone_number": "first", "phone_number": "last"}', "last"),
        ('{"phone\\u005fnumber": "escaped key"}', "escaped key"),
        (r'"\u002b44\t\/\"\\\u00e9\ud83d\ude00"', '+44\t/"\\é😀'),
        ("442079460018", "442079460018"),
        ('{"phone_number": 442079460018}', "442079460018"),
        ('{"phone_number": 6.28123E+11}', "6.28123E+11"),
        ("-5", "-5"),
        ("[" * 50 + "]" * 50, UNREADABLE),
        ('{"x": ' + "[" * 50 + "]" * 50 + ', "phone_number": "deep"}', "deep"),
        ("null", UNREADABLE),
        ("true", UNREADABLE),
        ("[1]", UNREADABLE),
        ("{}", UNREADABLE),
        ('{"phone_number": null}', UNREADABLE),
        ('{"phone_number": ["1"]}', UNREADABLE),
        ('{"phone_number": "x",}', UNREADABLE),
        ('{"phone_number": "x"} y', UNREADABLE),
        ('"open', UNREADABLE),
        ('"a\tb"', UNREADABLE),
        (r'"\x41"', UNREADABLE),
        (r'"\ud800"', UNREADABLE),
        ("01", UNREADABLE),
        ("1.", UNREADABLE),
        ("+44", UNREADABLE),
        ("nul", UNREADABLE),
    ],
)
def test_the_number_of_a_line(kernel: Kernel, tally: Tally, line: str, text: str | None) -> None:
    answer = kernel.ndjson(f"{line}\n".encode(), Kind("format"), KEY, tally)
    record = orjson.loads(answer.output)
    assert record["phone_number"] == (text or "")
    assert (record["reason"] == facts.UNREADABLE_LINE) == (text is None)
    assert (answer.rows, sum(tally.counts)) == (1, 1)


def test_any_key_may_hold_the_number(kernel: Kernel, tally: Tally) -> None:
    answer = kernel.ndjson('{"téléphone": "1"}\n'.encode(), Kind("format"), "téléphone", tally)
    assert orjson.loads(answer.output)["phone_number"] == "1"


def test_lines_that_are_not_whole_wait(kernel: Kernel, tally: Tally) -> None:
    answer = kernel.ndjson(b'"1"\n"2', Kind("format"), KEY, tally)
    assert (answer.rows, answer.consumed) == (1, 4)
    answer = kernel.ndjson(b'"2"', Kind("format"), KEY, tally, is_last=True)
    assert (answer.rows, answer.consumed) == (1, 3)
