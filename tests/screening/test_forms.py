"""Requests of a list that are alike are read once: what is answered is what each by itself is answered."""

import types

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.screening.examples import GOOD, INVALID, PREMIUM, UUID, changed
from tests.screening.rules import RULES
from validator_svc.access.call_policy import checked
from validator_svc.kernel.classify import Classifier
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.screening.forms import Forms, form_of
from validator_svc.screening.number_answers import NumberReader
from validator_svc.screening.policy import Policy
from validator_svc.screening.registry import SYSTEMS
from validator_svc.screening.runs import Run
from validator_svc.screening.screener import Screener

READER = NumberReader(types.SimpleNamespace(classifier=Classifier()))  # type: ignore[arg-type]
WANTED = Wanted("analysis", None)
NUMBERS = ["+13524815863", "447911123456", "0062 812 3456 7000", "x", "1" * 251, INVALID, PREMIUM, "+1\u0661"]
CALL = '{"from":"%s","to":"%s"%s}'


def answered(screener: Screener, lines: list[bytes]) -> list[bytes]:
    asked, texts = screener.lines_read(lines)
    return screener.lines(asked, READER.free(texts, WANTED)).splitlines()


def each_alone(screener: Screener, lines: list[bytes]) -> list[bytes]:
    return [answer for line in lines for answer in answered(screener, [line])]


@pytest.mark.parametrize(
    "policy", [{}, {"refuse_invalid": False, "deny_countries": ["GB"]}, {"own_numbers": ["1"]}]
)
@pytest.mark.parametrize("system", GOOD)
def test_a_request_is_answered_as_it_is_by_itself(system: str, policy: dict[str, object]) -> None:
    screener = Screener(SYSTEMS[system], Policy(checked(policy)))
    changes: list[dict[str, object]] = [{}] + [
        {name: bad[0]} for (of, name), (bad, _) in RULES.items() if of == system
    ]
    lines = []
    for change in changes:
        for number in NUMBERS:
            numbers = {place.name: number for place in SYSTEMS[system].places[:2]} | change
            texts = {path: f"{number} and \u00fc %b" for path in ("tag", "name") if path in GOOD[system]}
            lines.append(orjson.dumps(changed(system, texts | numbers)))
    assert answered(screener, lines) == each_alone(screener, lines)


# Names that come twice or elsewhere, values with escapes, other spaces, what is no text, what is no JSON.
ODD = [
    *(',"x":{"from":"12"}', ',"x":{"to":"%s"}', ',"from":"12"', ',"\\u0066rom":"12"', ',"tag":"a"'),
    *(', "tag": "b%%"', ',"tag":""', ',"tag":"\\n"', ',"tag":1', ',"timeout":-1', ',"callback_url":"x"'),
    *(',"x":NaN', ",", "}", "\r", " ", ',"x":"{\\"from\\":\\"1\\"}"', ',"recording":"true"', ',"x":1e999'),
    ',"x":123456789012345678901234567890',
]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(NUMBERS),
            st.sampled_from([*NUMBERS, "\\u002b1", ""]),
            st.sampled_from(["", *ODD]),
            st.integers(0, 9),
        ),
        max_size=40,
    )
)
def test_lines_made_to_look_alike(rows: list[tuple[str, str, str, int]]) -> None:
    screener = Screener(SYSTEMS["wavix-call"], Policy())
    lines = []
    for caller, to, odd, way in rows:
        line = (CALL % (caller, to, odd % to if "%s" in odd else odd)).encode()
        changes = {
            0: (b'":', b'": '),
            1: (b'":', b'":  '),
            2: (b'"+', b'"\xff+'),
            3: (b'{"from', b'{"\\u0066rom'),
        }
        lines.append(line.replace(*changes[way]) if way in changes else line)
    assert answered(screener, lines) == each_alone(screener, lines)


def test_those_of_one_form_are_one_run() -> None:
    screener = Screener(SYSTEMS["wavix-call"], Policy())
    lines = [
        orjson.dumps(changed("wavix-call", {"to": f"+4479111{n:05}", "tag": f"n{n}"})) for n in range(50)
    ]
    first, second, run = screener.lines_read(lines)[0]
    assert isinstance(run, Run)
    assert (run.numbers, type(first), type(second)) == (96, type(first), type(first))


def test_lists_without_forms_are_not_looked_at_for_long() -> None:
    forms = Forms(SYSTEMS["voicecall"])
    lines = [orjson.dumps(changed("voicecall", {"client_uid": UUID[:-3] + f"{n:03}"})) for n in range(100)]
    before = form_of.cache_info()
    assert [forms.of(line) for line in lines] == [None] * 100
    assert form_of.cache_info() == before
    assert len(forms._seen) <= 16
