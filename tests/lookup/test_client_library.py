"""The public API's own client library works against this service unchanged."""

import asyncio
import warnings

import pytest

from tests.lookup.conftest import StartService
from tests.lookup.paid import numbers

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the library's own, about its own use of pydantic
    from wavix import BadRequestError, Wavix


def client_of(url: str) -> Wavix:
    return Wavix(base_url=url, token="any")


async def test_one_number(start_service: StartService) -> None:
    client = client_of(start_service().url)
    answer = await asyncio.to_thread(
        client.number_validator.get, phone_number="+6281234567000", type="validation"
    )
    assert (answer.valid, answer.country_code, answer.e164format) == (True, "ID", "+6281234567000")
    assert (answer.number_type, answer.charge, answer.error_code) == ("mobile", "0.01", "000")
    assert answer.timezone == "UTC+07:00"


async def test_a_list_at_once(start_service: StartService) -> None:
    client = client_of(start_service().url)
    answer = await asyncio.to_thread(
        client.number_validator.create_bulk,
        phone_numbers=[*numbers(20), "nothing"],
        type="analysis",
        async_=False,
    )
    assert (answer.status, answer.pending, answer.count) == ("success", 0, 21)
    assert [item.phone_number for item in answer.items] == [*numbers(20), "nothing"]
    assert answer.items[-1].error_code == "021"


async def test_an_error(start_service: StartService) -> None:
    client = client_of(start_service().url)
    with pytest.raises(BadRequestError) as raised:
        await asyncio.to_thread(client.number_validator.get, phone_number="", type="validation")
    assert raised.value.body["code"] == "invalid_parameter"
