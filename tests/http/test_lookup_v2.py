"""Twilio Lookup v2's own shape, field by field, for numbers of many kinds and countries."""

import asyncio
from typing import Any, NamedTuple
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from tests.service import Service
from validator_svc.http.routes.lookup_v2 import SLICE, in_slices

PACKAGES = (
    *("caller_name", "sim_swap", "call_forwarding", "line_status", "line_type_intelligence"),
    *("identity_match", "reassigned_number", "sms_pumping_risk", "phone_number_quality_score", "pre_fill"),
)
NOTHING = dict.fromkeys(PACKAGES)

Json = dict[str, Any]


class Valid(NamedTuple):
    """A number, asked for in a country, and what is answered."""

    asked: str
    country: str | None
    calling_country_code: str
    country_code: str | None
    phone_number: str
    national_format: str
    type: str
    network: tuple[str, str, str] | None = None
    """MCC, MNC and carrier."""

    def answer(self, url: str) -> Json:
        mcc, mnc, carrier = self.network or (None, None, None)
        line = {"mobile_country_code": mcc, "mobile_network_code": mnc, "carrier_name": carrier}
        return NOTHING | {
            "calling_country_code": self.calling_country_code,
            "country_code": self.country_code,
            "phone_number": self.phone_number,
            "national_format": self.national_format,
            "valid": True,
            "validation_errors": [],
            "line_type_intelligence": line | {"type": self.type, "error_code": None},
            "url": f"{url}/v2/PhoneNumbers/{self.phone_number}",
        }


TELKOMSEL = ("510", "10", "Telkomsel")
VALID = [
    # The example of its own documentation.
    Valid("+14159929960", None, "1", "US", "+14159929960", "(415) 992-9960", "unknown"),
    Valid("4159929960", None, "1", "US", "+14159929960", "(415) 992-9960", "unknown"),
    Valid("+16135550123", None, "1", "CA", "+16135550123", "(613) 555-0123", "unknown"),
    Valid("+18005551234", None, "1", "US", "+18005551234", "(800) 555-1234", "tollFree"),
    Valid("+19002345678", None, "1", "US", "+19002345678", "(900) 234-5678", "premium"),
    Valid("+6281234567000", None, "62", "ID", "+6281234567000", "0812-3456-7000", "mobile", TELKOMSEL),
    Valid("0812-3456-7000", "ID", "62", "ID", "+6281234567000", "0812-3456-7000", "mobile", TELKOMSEL),
    Valid("+442079460958", None, "44", "GB", "+442079460958", "020 7946 0958", "landline"),
    Valid("020 7946 0958", "gb", "44", "GB", "+442079460958", "020 7946 0958", "landline"),
    Valid("+448001234567", None, "44", "GB", "+448001234567", "0800 123 4567", "tollFree"),
    Valid("+449098790000", None, "44", "GB", "+449098790000", "0909 879 0000", "premium"),
    Valid("+4918012345", None, "49", "DE", "+4918012345", "0180 1 2345", "sharedCost"),
    Valid("+447012345678", None, "44", "GB", "+447012345678", "070 1234 5678", "personal"),
    Valid("+445612345678", None, "44", "GB", "+445612345678", "056 1234 5678", "nonFixedVoip"),
    Valid("+445512345678", None, "44", "GB", "+445512345678", "055 1234 5678", "uan"),
    Valid("+447640123456", None, "44", "GB", "+447640123456", "076 4012 3456", "pager"),
    Valid("+33123456789", None, "33", "FR", "+33123456789", "01 23 45 67 89", "landline"),
    Valid("+80012345678", None, "800", None, "+80012345678", "1234 5678", "tollFree"),
    Valid("+390612345678", None, "39", "IT", "+390612345678", "06 1234 5678", "landline"),
    Valid("tel:+41-44-668-18-00", None, "41", "CH", "+41446681800", "044 668 18 00", "landline"),
    Valid("+17876543210", None, "1", "PR", "+17876543210", "(787) 654-3210", "unknown"),
]

INVALID = {
    # The example of its own documentation.
    "+141599299600": ("+141599299600", "TOO_LONG"),
    "+1415": ("+1415", "TOO_SHORT"),
    "+442079": ("+442079", "TOO_SHORT"),
    "+999123456": ("+999123456", "INVALID_COUNTRY_CODE"),
    "+15550100000": ("+15550100000", "INVALID_BUT_POSSIBLE"),
    "nobody": ("nobody", "NOT_A_NUMBER"),
    "6.28123E+11": ("6.28123E+11", "NOT_A_NUMBER"),
    "👋": ("👋", "NOT_A_NUMBER"),
    "a/b": ("a/b", "NOT_A_NUMBER"),
}


async def fetched(service: Service, number: str, query: dict[str, str], status: int = 200) -> Json:
    path = f"/v2/PhoneNumbers/{quote(number, safe='+')}"
    async with (
        aiohttp.ClientSession(service.url) as client,
        client.get(URL(path, encoded=True).with_query(query)) as response,
    ):
        assert response.status == status, await response.text()
        answer: Json = await response.json()
        return answer


@pytest.mark.parametrize("expected", VALID, ids=lambda each: each.asked)
async def test_valid_numbers_field_by_field(service: Service, expected: Valid) -> None:
    query = {"Fields": "line_type_intelligence"}
    if expected.country:
        query["CountryCode"] = expected.country
    answer = expected.answer(service.url)
    given = await fetched(service, expected.asked, query)
    assert given == answer
    assert list(given)[6:] == [*PACKAGES, "url"]
    # Without packages it is the same without them.
    del query["Fields"]
    assert await fetched(service, expected.asked, query) == answer | {"line_type_intelligence": None}


@pytest.mark.parametrize("number", INVALID)
async def test_numbers_that_are_not_valid_are_answered_too(service: Service, number: str) -> None:
    shown, why = INVALID[number]
    answer = await fetched(service, number, {"Fields": "line_type_intelligence,line_status,caller_name"})
    assert answer.pop("url").startswith(f"{service.url}/v2/PhoneNumbers/")
    assert answer == NOTHING | {
        "calling_country_code": None,
        "country_code": None,
        "phone_number": shown,
        "national_format": None,
        "valid": False,
        "validation_errors": [why],
    }


async def test_a_package_of_which_nothing_is_known_fails_alone(service: Service) -> None:
    query = {"Fields": ",".join(("validation", *PACKAGES)), "FirstName": "A"}
    answer = await fetched(service, "+6281234567000", query)
    assert answer["valid"]
    assert answer["line_type_intelligence"]["error_code"] is None
    for name in set(PACKAGES) - {"line_type_intelligence"}:
        package = answer[name]
        assert package.pop("error_code") == 60610, name
        assert not any(value is not None for value in package.values())


REFUSED = [
    ("+6281234567000", {"Fields": "carrier"}, 400, 20001, "Fields: expected some of"),
    ("+6281234567000", {"CountryCode": "Indonesia"}, 400, 20001, "CountryCode: expected"),
    ("+6281234567000", {"fields": "validation"}, 400, 20001, "did you mean Fields?"),
    (" ", {}, 404, 20404, "not found"),
    ("1" * 2_000, {}, 404, 20404, "not found"),
]


@pytest.mark.parametrize(("number", "query", "status", "code", "message"), REFUSED)
async def test_errors_have_its_own_shape(
    service: Service, number: str, query: dict[str, str], status: int, code: int, message: str
) -> None:
    error = await fetched(service, number, query, status)
    assert message in error.pop("message")
    assert error == {
        "code": code,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }


async def test_several_numbers_at_once(client: aiohttp.ClientSession, service: Service) -> None:
    asked = [
        {
            "correlation_id": str(at),
            "phone_number": each.asked,
            "country_code": each.country,
            "fields": ["line_type_intelligence"] if at % 2 else [],
            "identity_match": {"first_name": "Ada"},
        }
        for at, each in enumerate(VALID)
    ] + [{"phone_number": "nobody"}]
    async with client.post("/v2/batch/query", json={"phone_numbers": asked}) as response:
        assert response.status == 200, await response.text()
        *answers, nobody = (await response.json())["phone_numbers"]
    for at, (each, answer) in enumerate(zip(VALID, answers, strict=True)):
        assert (answer.pop("correlation_id"), answer.pop("twilio_error_code")) == (str(at), None)
        query = {"Fields": "line_type_intelligence"} if at % 2 else {}
        query |= {"CountryCode": each.country} if each.country else {}
        alone = await fetched(service, each.asked, query)
        del alone["url"]
        assert answer == alone
    assert (nobody["correlation_id"], nobody["validation_errors"]) == (None, ["NOT_A_NUMBER"])


async def test_others_go_on_between_the_slices_of_a_list() -> None:
    places, others = list[int](), list[int]()
    async for part in in_slices(range(2 * SLICE + 1)):
        assert len(part) <= SLICE
        places += part
        asyncio.get_running_loop().call_soon(others.append, len(places))
    assert places == [*range(2 * SLICE + 1)]
    assert others == [SLICE, 2 * SLICE]


BAD_BODIES = [
    ({}, 400, "phone_numbers: expected"),
    ({"phone_numbers": []}, 400, "phone_numbers: expected"),
    ({"phone_numbers": "+14159929960"}, 400, "phone_numbers: expected"),
    ({"phone_numbers": ["+14159929960"]}, 400, "phone_numbers[0]: expected an object"),
    ({"phone_numbers": [{}]}, 400, "phone_numbers[0].phone_number: expected a string"),
    ({"phone_numbers": [{"phone_number": 1}]}, 400, "phone_numbers[0].phone_number: expected a string"),
    ({"phone_numbers": [{"phone_number": "1" * 2_000}]}, 400, "phone_numbers[0].phone_number: expected"),
    ({"phone_numbers": [{"phone_number": "1", "fields": "x"}]}, 400, "phone_numbers[0].fields: expected"),
    ({"phone_numbers": [{"phone_number": "1", "fields": ["x"]}]}, 400, "phone_numbers[0].fields: expected"),
    ({"phone_numbers": [{"phone_number": "1", "country_code": 1}]}, 400, "[0].country_code: expected"),
    ({"phone_numbers": [{"phone_number": "1", "correlation_id": 1}]}, 400, "[0].correlation_id: expected"),
    ({"phone_numbers": [{"phone_number": "1", "number": "1"}]}, 400, "did you mean phone_number?"),
    ({"phone_numbers": [{"phone_number": "1"}] * 501}, 413, "at most 500"),
    ([], 400, "body: expected an object"),
]


@pytest.mark.parametrize(("body", "status", "message"), BAD_BODIES)
async def test_bodies_that_cannot_be_used(
    client: aiohttp.ClientSession, body: object, status: int, message: str
) -> None:
    async with client.post("/v2/batch/query", json=body) as response:
        assert response.status == status, await response.text()
        error = await response.json()
    assert message in error["message"]
    assert error["status"] == status
    assert error.keys() == {"code", "message", "more_info", "status"}


@pytest.mark.parametrize("path", ["/v2/PhoneNumbers", "/v2/PhoneNumbers/", "/v2/batch/query", "/v2/nothing"])
async def test_paths_that_are_none(client: aiohttp.ClientSession, path: str) -> None:
    async with client.get(path) as response:
        assert response.status in (404, 405)
        error = await response.json()
    assert error["status"] == response.status
    assert error["code"] == {404: 20404, 405: 20004}[response.status]


@pytest.mark.parametrize(
    "number", ["%ff", "%00", "%ED%A0%80", "%2F%2e%2e%2F", "+1%0d%0a", "%F0%9F%98%80" * 60]
)
async def test_whatever_stands_in_the_path_is_answered(client: aiohttp.ClientSession, number: str) -> None:
    async with client.get(URL(f"/v2/PhoneNumbers/{number}", encoded=True)) as response:
        assert response.status == 200
        assert (await response.json())["valid"] is False


async def test_numbers_in_paths_do_not_reach_the_log(service: Service) -> None:
    await fetched(service, "+442079460958", {"Fields": "line_type_intelligence"})
    await fetched(service, "+442079460958", {"Fields": "carrier"}, 400)
    log = b"".join(service.log)
    assert b"/v2/PhoneNumbers/{PhoneNumber}" in log
    assert b"2079460958" not in log
