"""`/v1/validation` as a client of the public API uses it."""

import io

import aiohttp
import orjson
import pytest
from yarl import URL

from tests.numbering.written import JAKARTA, MARKED, SCIENTIFIC, UNSEEN
from validator_svc.record.record import wire_names

JSON = {"Content-Type": "application/json"}
GUIDE_ORDER = [
    "phone_number",
    "is_valid",
    "country_code",
    "e164_format",
    "national_format",
    "ported",
    "mcc",
    "mnc",
    "phone_type",
    "carrier_name",
    "risky_destination",
    "unallocated_range",
    "reachable",
    "roaming",
    "timezone",
    "cost",
    "error_code",
]


async def one(client: aiohttp.ClientSession, **params: str) -> dict[str, object]:
    async with client.get("/v1/validation", params=params) as response:
        assert response.status == 200
        assert response.content_type == "application/json"
        record = orjson.loads(await response.read())
        assert isinstance(record, dict)
        return record


async def listed(client: aiohttp.ClientSession, body: object) -> dict[str, object]:
    async with client.post("/v1/validation", data=io.BytesIO(orjson.dumps(body)), headers=JSON) as response:
        assert response.status == 200
        answer = orjson.loads(await response.read())
        assert isinstance(answer, dict)
        return answer


async def test_a_record_has_every_field_in_the_guides_order(client: aiohttp.ClientSession) -> None:
    record = await one(client, phone_number="6281234567000", type="validation")
    second = {"valid", "number_type", "charge"}
    assert [name for name in record if name not in second] == [*GUIDE_ORDER, "source", "reason"]
    assert second < set(record)


async def test_the_guides_example_has_the_guides_values(client: aiohttp.ClientSession) -> None:
    record = await one(client, phone_number="6281234567000", type="validation")
    assert record == {
        "phone_number": "6281234567000",
        "is_valid": True,
        "valid": True,
        "country_code": "ID",
        "e164_format": "+6281234567000",
        "national_format": "0812-3456-7000",
        "ported": False,
        "mcc": "510",
        "mnc": "10",
        "phone_type": "mobile",
        "number_type": "mobile",
        "carrier_name": "Telkomsel",
        "risky_destination": False,
        "unallocated_range": False,
        "reachable": None,
        "roaming": None,
        "timezone": "UTC+07:00",
        "cost": "0",
        "charge": "0",
        "error_code": "000",
        "source": "plan",
        "reason": None,
    }


async def test_fields_of_deeper_types_are_absent(client: aiohttp.ClientSession) -> None:
    plain = await one(client, phone_number="6281234567000", type="format")
    analysis = await one(client, phone_number="6281234567000", type="analysis")
    assert tuple(plain) == tuple(name for name, _ in wire_names("format", both_names=True))
    assert "ported" not in plain
    assert "ported" in analysis
    assert "timezone" not in analysis


PLUS = [
    ("+6281234567000", "+6281234567000", "ID"),
    ("tel:+20224802999", "tel:+20224802999", "EG"),
    ("tel:+20-2-24802999", "tel:+20-2-24802999", "EG"),
    ("(+20)224802999", "(+20)224802999", "EG"),
    ("%28+20%29224802999", "(+20)224802999", "EG"),
    ("%20+20224802999", " +20224802999", "EG"),
    ("%27+20224802999", "'+20224802999", "EG"),
    ("'+20224802999", "'+20224802999", "EG"),
    ('"+20224802999"', '"+20224802999"', "EG"),
    ("%3D%22+20224802999%22", '="+20224802999"', "EG"),
    ("%5B+20%5D%20224802999", "[+20] 224802999", "EG"),
    ("%E2%80%AA+20224802999", "\u202a+20224802999", "EG"),
    ("++20224802999", "++20224802999", "EG"),
    ("%EF%BC%8B20224802999", "＋20224802999", "EG"),
    # What forms, and clients that encode like them, make of a space.
    ("+44+7400+123456", "+44 7400 123456", "GB"),
    ("%2B44+7400+123456", "+44 7400 123456", "GB"),
    ("%2b44+7400+123456", "+44 7400 123456", "GB"),
    ("+%2B44+7400+123456", " +44 7400 123456", "GB"),
    ("%28%2B20%29+224802999", "(+20) 224802999", "EG"),
    ("(201)+555-6721", "(201) 555-6721", "US"),
    ("201+555+6721", "201 555 6721", "US"),
    ("%28201%29+555-6721+", "(201) 555-6721 ", "US"),
    ("1-201+-+5556721", "1-201 - 5556721", "US"),
    ("%D9%A2%D9%A0%D9%A1+%D9%A5%D9%A5%D9%A5+%D9%A6%D9%A7%D9%A2%D9%A1", "٢٠١ ٥٥٥ ٦٧٢١", "US"),
]


@pytest.mark.parametrize(("sent", "meant", "country"), PLUS)
async def test_a_plus_that_was_not_encoded_is_still_a_plus(
    client: aiohttp.ClientSession, sent: str, meant: str, country: str
) -> None:
    url = URL(f"/v1/validation?type=format&phone_number={sent}&country=US", encoded=True)
    async with client.get(url) as response:
        record = await response.json()
    assert (record["phone_number"], record["country_code"]) == (meant, country)
    assert record["is_valid"] is True


async def test_a_plus_is_a_space_in_every_other_parameter(client: aiohttp.ClientSession) -> None:
    body = b"home phone,x\n6281234567000,1\n"
    url = URL("/v1/stream?type=format&column=home+phone", encoded=True)
    async with client.post(url, data=body, headers={"Content-Type": "text/csv"}) as response:
        assert orjson.loads(await response.read())["is_valid"] is True


async def test_country_reads_national_numbers(client: aiohttp.ClientSession) -> None:
    record = await one(client, phone_number="0812 3456 7000", type="format", country="id")
    assert record["e164_format"] == "+6281234567000"
    assert record["phone_number"] == "0812 3456 7000"


async def test_a_list_is_answered_in_order_duplicates_included(client: aiohttp.ClientSession) -> None:
    numbers = ["+6281234567000", "no number", "+6281234567000", ""]
    answer = await listed(client, {"type": "format", "phone_numbers": numbers, "async": False})
    assert {k: v for k, v in answer.items() if k != "items"} == {
        "status": "success",
        "count": 4,
        "pending": 0,
    }
    items = answer["items"]
    assert isinstance(items, list)
    assert [item["phone_number"] for item in items] == numbers
    assert [item["reason"] for item in items] == [None, "not_a_number", None, "empty"]
    assert all(item["valid"] is item["is_valid"] for item in items)


async def test_a_list_comes_as_ndjson_when_asked_for(client: aiohttp.ClientSession) -> None:
    body = {"type": "analysis", "phone_numbers": [f"+62812345670{n:02}" for n in range(100)]}
    document = await listed(client, body)
    headers = {"Accept": "application/x-ndjson"}
    async with client.post("/v1/validation", json=body, headers=headers) as response:
        assert response.content_type == "application/x-ndjson"
        lines = (await response.read()).splitlines()
    assert [orjson.loads(line) for line in lines] == document["items"]


async def test_the_largest_list_is_taken(client: aiohttp.ClientSession) -> None:
    numbers = [f"+6281{n:09}" for n in range(100_000)]
    answer = await listed(client, {"type": "format", "phone_numbers": numbers})
    items = answer["items"]
    assert isinstance(items, list)
    assert [item["phone_number"] for item in items] == numbers


async def test_null_for_an_optional_parameter_counts_as_not_given(client: aiohttp.ClientSession) -> None:
    body = {"type": "format", "phone_numbers": ["1"], "async": None, "force": None, "country": None}
    assert (await listed(client, body))["count"] == 1


async def test_marks_around_a_number_are_no_part_of_it(client: aiohttp.ClientSession) -> None:
    texts = [*MARKED, *UNSEEN[::50], *SCIENTIFIC]
    for country in ({}, {"country": "ID"}):
        body = {"type": "format", "phone_numbers": texts, **country}
        items = (await listed(client, body))["items"]
        assert isinstance(items, list)
        wrong = [
            item
            for item in items
            if (item["phone_number"] in SCIENTIFIC) != (item["reason"] == "scientific_notation")
            or (item["phone_number"] not in SCIENTIFIC and item["e164_format"] != JAKARTA)
        ]
        assert wrong == []
        assert [item["phone_number"] for item in items] == texts


async def test_one_number_with_marks_around_it(client: aiohttp.ClientSession) -> None:
    assert (await one(client, phone_number='"6281234567000.0"', type="format"))["e164_format"] == JAKARTA
    assert (await one(client, phone_number='="6.28E+11"', type="format"))["reason"] == "scientific_notation"
