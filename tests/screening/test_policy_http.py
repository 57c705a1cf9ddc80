"""Every line of a policy, as a key has it and as it is set for everybody."""

import datetime
import json
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import aiohttp
import orjson
import pytest

from tests.access.keyed import as_holder, new_key
from tests.access.test_usage import counted
from tests.screening.asking import NDJSON, Json, screened, screened_form, screened_list
from tests.screening.examples import INVALID, PREMIUM, changed
from tests.service import Service, running

CALLER = "+13524815863"
UNALLOCATED = "+441111111111"
JAKARTA, LONDON, PARIS, ANDORRA = "+62215551234", "+442079460018", "+33142685300", "+376312345"


def hours(now: bool) -> str:
    """Hours of the day in London: some that it is now, or some that it is not."""
    hour = datetime.datetime.now(ZoneInfo("Europe/London")).hour
    return "00:00-24:00" if now else f"{(hour + 3) % 24:02}:00-{(hour + 4) % 24:02}:00"


LINES: list[tuple[Json, str, str | None, str]] = [
    # Fields of a policy, a destination, what it is refused for (None: it is not), what the message names.
    ({}, INVALID, "invalid_number", "refuse_invalid"),
    ({}, UNALLOCATED, "unallocated_range", "refuse_unallocated"),
    ({"refuse_unallocated": False}, UNALLOCATED, None, ""),
    ({}, PREMIUM, "risky_destination", "refuse_risky"),
    ({"refuse_risky": False}, PREMIUM, None, ""),
    ({"allow_countries": ["ID"]}, JAKARTA, None, ""),
    ({"allow_countries": ["ID"]}, LONDON, "country_not_allowed", "allow_countries"),
    ({"deny_countries": ["ID"]}, JAKARTA, "country_not_allowed", "deny_countries"),
    ({"deny_countries": ["ID"]}, LONDON, None, ""),
    ({"allow_prefixes": ["+6221"]}, JAKARTA, None, ""),
    ({"allow_prefixes": ["+6222"]}, JAKARTA, "prefix_not_allowed", "allow_prefixes"),
    ({"deny_prefixes": ["6221"]}, JAKARTA, "prefix_not_allowed", "deny_prefixes"),
    ({"deny_prefixes": ["6222"]}, JAKARTA, None, ""),
    ({"allow_types": ["landline"]}, JAKARTA, None, ""),
    ({"allow_types": ["mobile"]}, JAKARTA, "type_not_allowed", "allow_types"),
    ({"deny_types": ["landline"]}, JAKARTA, "type_not_allowed", "deny_types"),
    ({"deny_types": ["mobile"]}, JAKARTA, None, ""),
    ({"max_price_per_minute": "0.1"}, JAKARTA, None, ""),
    ({"max_price_per_minute": "0.0999"}, JAKARTA, "price_too_high", "max_price_per_minute"),
    ({"calling_hours": hours(True)}, LONDON, None, ""),
    ({"calling_hours": hours(False)}, LONDON, "outside_calling_hours", "calling_hours"),
    ({"calling_hours": hours(False), "calling_hours_severity": "warning"}, LONDON, None, ""),
    ({"own_numbers": [CALLER]}, JAKARTA, None, ""),
    ({"own_numbers": ["+13524815864"]}, JAKARTA, "not_own_number", "own_numbers"),
]


@pytest.mark.parametrize(("policy", "to", "code", "named"), LINES, ids=lambda each: str(each)[:40])
async def test_a_line_of_a_keys_policy(
    forwarding: Service, policy: Json, to: str, code: str | None, named: str
) -> None:
    key = await new_key(forwarding, policy=policy)
    async with as_holder(forwarding, key["key"]) as client:
        found = await screened(client, "wavix-call", {"from": CALLER, "to": to})
    refused = [each for each in found["findings"] if each["severity"] == "error"]
    assert [each["code"] for each in refused] == ([code] if code else [])
    assert found["allowed"] is not bool(code)
    assert all(f"({named})" in each["message"] for each in refused)
    if policy.get("calling_hours_severity") == "warning":
        (told,) = found["findings"]
        assert (told["code"], told["severity"]) == ("outside_calling_hours", "warning")


async def test_what_is_not_refused_is_told_all_the_same(forwarding: Service) -> None:
    key = await new_key(forwarding, policy={"refuse_invalid": False, "refuse_unallocated": False})
    async with as_holder(forwarding, key["key"]) as client:
        for to, code in ((INVALID, "invalid_number"), (UNALLOCATED, "unallocated_range")):
            found = await screened(client, "wavix-call", {"from": CALLER, "to": to})
            told = {(each["code"], each["severity"]) for each in found["findings"]}
            assert (code, "warning") in told


async def test_a_request_says_itself_what_a_minute_may_cost(admin: aiohttp.ClientSession) -> None:
    form = {"From": CALLER, "To": JAKARTA, "Url": "https://example.com/"}
    for most, allowed in (("0.1", True), ("0.0999", False)):
        found = await screened_form(admin, "signalwire-call", form | {"MaxPricePerMinute": most})
        assert found["allowed"] is allowed
        assert all("(MaxPricePerMinute)" in each["message"] for each in found["findings"])
    found = await screened_form(admin, "signalwire-call", form | {"To": LONDON, "MaxPricePerMinute": "0.1"})
    assert [(each["code"], each["severity"]) for each in found["findings"]] == [("price_unknown", "warning")]


SET: Json = {
    "refuse_unallocated": False,
    "allow_countries": ["US", "ID", "GB", "FR"],
    "deny_countries": ["FR"],
    "allow_prefixes": ["+1", "+62", "+44", "+33", "+376"],
    "deny_prefixes": ["+4420"],
    "allow_types": ["mobile", "landline", "landline-or-mobile", "toll-free", "premium-rate"],
    "deny_types": ["toll-free"],
    "max_price_per_minute": "0.2",
    "own_numbers": [CALLER],
    "calling_hours": hours(False),
    "calling_hours_severity": "warning",
}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose settings have every field of a policy."""
    folder = tmp_path_factory.mktemp("strict")
    rates = folder / "rates.csv"
    rates.write_text("prefix,price\n1,0.2\n6281,0.2001\n62,0.1\n44,0.01\n33,0.01\n376,0.01\n")
    more = {"VALIDATOR_SCREEN_POLICY": json.dumps(SET), "VALIDATOR_RATE_FILE": str(rates)}
    with running(folder / "data", **more) as service:
        yield service


@pytest.mark.parametrize(
    ("caller", "to", "named"),
    [
        (CALLER, JAKARTA, set()),
        (CALLER, "+13524815864", set()),
        (CALLER, INVALID, {"refuse_invalid"}),
        (CALLER, PREMIUM, {"refuse_risky"}),
        (CALLER, PARIS, {"deny_countries"}),
        (CALLER, ANDORRA, {"allow_countries"}),
        (CALLER, LONDON, {"deny_prefixes"}),
        (CALLER, "+5352345678", {"allow_countries", "allow_prefixes"}),
        (CALLER, "+18002345678", {"deny_types"}),
        (CALLER, "+443001234567", {"allow_types"}),
        (CALLER, "+6281234567000", {"max_price_per_minute"}),
        ("+13524815864", JAKARTA, {"own_numbers"}),
    ],
)
async def test_a_policy_that_is_set_for_everybody(
    strict: Service, caller: str, to: str, named: set[str]
) -> None:
    async with aiohttp.ClientSession(strict.url) as client:
        found = await screened(client, "wavix-call", {"from": caller, "to": to})
    refused = [each["message"] for each in found["findings"] if each["severity"] == "error"]
    assert {message.rpartition("(")[2].rstrip(")") for message in refused} == named
    assert found["allowed"] is not bool(named)
    if to == LONDON:
        told = {(each["code"], each["severity"]) for each in found["findings"]}
        assert ("outside_calling_hours", "warning") in told


async def test_unallocated_ranges_are_told_where_they_are_not_refused(strict: Service) -> None:
    async with aiohttp.ClientSession(strict.url) as client:
        found = await screened(client, "wavix-call", {"from": CALLER, "to": UNALLOCATED})
    told = {(each["code"], each["severity"]) for each in found["findings"]}
    assert ("unallocated_range", "warning") in told


async def test_free_numbers_of_a_list_are_counted_and_limited(forwarding: Service) -> None:
    made = await new_key(forwarding, numbers_per_day=100)
    calls = [changed("wavix-call", {"to": f"+4479111{at:05}" if at % 8 else "1"}) for at in range(48)]
    async with as_holder(forwarding, made["key"]) as client:
        found = await screened_list(client, "wavix-call", calls)
        assert [each["allowed"] for each in found] == [at % 8 > 0 for at in range(48)]
        (item,) = (await counted(client, 1))["items"]
        assert (item["kind"], item["count"], item["valid"], item["invalid"]) == ("screen", 96, 90, 6)
        body = b"".join([orjson.dumps(each) + b"\n" for each in calls[:3]])
        async with client.post("/v1/screen/wavix-call", data=body, headers=NDJSON) as response:
            assert response.status == 429
            assert (await response.json())["code"] == "numbers_per_day"
        assert len((await counted(client, 1))["items"]) == 1
