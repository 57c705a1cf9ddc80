"""Requests of a list that are alike are read once: what is answered is what each by itself is answered."""

import types

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.screening.examples import GOOD, INVALID, PREMIUM, UUID, changed
from tests.screening.rules import RULES
from validator_svc.access.call_policy import checked
from validator_svc.kernel import HAS_NATIVE
from validator_svc.kernel.classify import Classifier
from validator_svc.kernel.interface import Kind
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.numbering.facts import RequestType
from validator_svc.numbering.risk import RiskList
from validator_svc.screening.form_answers import template_of
from validator_svc.screening.forms import Forms, form_of, left_of
from validator_svc.screening.free_list import FreeList
from validator_svc.screening.number_answers import NumberReader
from validator_svc.screening.policy import Policy
from validator_svc.screening.registry import SYSTEMS
from validator_svc.screening.runs import Run
from validator_svc.screening.screener import Screener
from validator_svc.screening.values import host_in, host_of

CLASSIFIER = Classifier(RiskList({"44": True, "1900": False}))
READER = NumberReader(types.SimpleNamespace(classifier=CLASSIFIER))  # type: ignore[arg-type]
WANTED = Wanted("analysis", None)
NUMBERS = ["+13524815863", "447911123456", "0062 812 3456 7000", "x", "1" * 251, INVALID, PREMIUM, "+1\u0661"]
OTHERS = ["sip:user@example.com", "sips:x", "Sender", "12345", "+1 352 481 5863 ext. 7"]
CALL = '{"from":"%s","to":"%s"%s}'
POLICIES = [
    {},
    {"refuse_invalid": False, "deny_countries": ["GB"]},
    {"own_numbers": ["1"]},
    {"refuse_risky": True, "deny_types": ["mobile"]},
]
native = pytest.mark.skipif(not HAS_NATIVE, reason="nothing is answered from templates here")


def answered(screener: Screener, lines: list[bytes], wanted: Wanted = WANTED) -> list[bytes]:
    """The answers to a list, the same by both ways."""
    asked, texts = screener.lines_read(lines)
    answers = READER.free(texts, wanted)
    whole = screener.lines(asked, answers)
    requests = FreeList(screener, READER, wanted)
    half = len(lines) // 2
    parts = [requests.answered(b"\n".join([*part, b""])) for part in (lines[:half], lines[half:]) if part]
    assert b"".join(part.lines for part in parts) == b"".join(whole)
    assert sum(part.numbers for part in parts) == len(texts)
    assert sum(part.valid for part in parts) == answers.records.count(b'"is_valid":true')
    return whole


def each_alone(screener: Screener, lines: list[bytes]) -> list[bytes]:
    return [answer for line in lines for answer in answered(screener, [line])]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("system", GOOD)
def test_a_request_is_answered_as_it_is_by_itself(system: str, policy: dict[str, object]) -> None:
    screener = Screener(SYSTEMS[system], Policy(checked(policy)))
    changes: list[dict[str, object]] = [{}] + [
        {name: bad[0]} for (of, name), (bad, _) in RULES.items() if of == system
    ]
    lines = []
    for change in changes:
        for number in [*NUMBERS, *OTHERS]:
            numbers = {place.name: number for place in SYSTEMS[system].places[:2]} | change
            texts = {path: f"{number} and \u00fc %b" for path in ("tag", "name") if path in GOOD[system]}
            lines.append(orjson.dumps(changed(system, texts | numbers)))
    assert answered(screener, lines) == each_alone(screener, lines)


@pytest.mark.parametrize("region_code", [None, "ID", "GB"])
@pytest.mark.parametrize("request_type", ["format", "validation"])
def test_it_is_so_of_every_type_and_country(request_type: RequestType, region_code: str | None) -> None:
    screener = Screener(SYSTEMS["wavix-call"], Policy())
    dialled = [*NUMBERS, "0812 3456 7000", "07911 123456"]
    lines = [orjson.dumps(changed("wavix-call", {"to": number})) for number in dialled * 4]
    assert len(answered(screener, lines, Wanted(request_type, region_code))) == len(lines)


# Names that come twice or elsewhere, values with escapes, other spaces, what is no text, what is no JSON.
ODD = [
    *(',"x":{"from":"12"}', ',"x":{"to":"%s"}', ',"from":"12"', ',"\\u0066rom":"12"', ',"tag":"a"'),
    *(', "tag": "b%%"', ',"tag":""', ',"tag":"\\n"', ',"tag":1', ',"timeout":-1', ',"callback_url":"x"'),
    *(',"x":NaN', ",", "}", "\r", " ", ',"x":"{\\"from\\":\\"1\\"}"', ',"recording":"true"', ',"x":1e999'),
    ',"x":123456789012345678901234567890',
    *(',"callback_url":"https://example.com/%s"', ',"callback_url":"http://[/%s"', ',"callback_url":"/%s"'),
    *(',"callback_url":"https://example.com:0/%s"', ',"callback_url":"https://example.com?a#b"'),
    ',"callback_url":"https://example.com/' + 1990 * "x" + '%s"',
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
    lines = [orjson.dumps(changed("voicecall", {"price_rate": f"0.{n:03}"})) for n in range(100)]
    before = form_of.cache_info()
    assert [forms.of(line) for line in lines] == [None] * 100
    assert form_of.cache_info() == before
    assert len(forms._seen) <= 16


OWN_VALUES = [
    ("wavix-call", {"callback_url": "https://example.com/status/%d", "tag": "call %d", "to": "+4479111%05d"}),
    ("tryvox-call", {"answer_url": "https://example.com:8443/answer?call=%d#x", "to": "+4479111%05d"}),
    ("voicecall", {"client_uid": UUID[:-6] + "%06d", "external_uid": "call %d", "to_number": "+4479111%05d"}),
    ("signalwire-call", {"Url": "https://example.com/%d", "To": "+4479111%05d"}),
    ("wavix-message", {"to": "+4479111%05d", "tag": "%d"}),
    ("wavix-e911", {"phone_number": "+1352481%04d", "address.street_number": "%d"}),
    ("wavix-campaign", {"voice_campaign.contact": "+4479111%05d"}),
]


@native
@pytest.mark.parametrize(("system", "own"), OWN_VALUES, ids=[system for system, _ in OWN_VALUES])
def test_requests_with_values_of_their_own_are_of_one_form(system: str, own: dict[str, str]) -> None:
    screener = Screener(SYSTEMS[system], Policy())
    lines = [
        orjson.dumps(changed(system, {name: text % number for name, text in own.items()}))
        for number in range(1000, 1100)
    ]
    form = form_of(SYSTEMS[system], left_of(SYSTEMS[system], lines[0]))
    assert form is not None
    template = template_of(form, screener, READER.traits)
    fill = CLASSIFIER.kernel.filler([template] if template else [])
    assert fill is not None
    filled = fill(b"\n".join([*lines, b""]), Kind("analysis"))
    assert not filled.left
    assert filled.output == b"".join(each_alone(screener, lines))


@given(
    st.lists(
        st.sampled_from(["http", "https", ":", "/", "//", "?", "#", "[", "]", "@", "a.example", "99999", "x"])
    )
)
def test_of_a_url_what_is_behind_its_host_does_not_matter(parts: list[str]) -> None:
    url = "".join(parts)
    assert host_of(url) == (host_in(url) if url else None)
