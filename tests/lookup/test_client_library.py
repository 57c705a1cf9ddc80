"""The public API's own client library works against this service unchanged."""

import asyncio
import warnings
from collections.abc import Iterator

import httpx
import pytest

from tests.lookup.conftest import StartService
from tests.lookup.paid import numbers
from tests.waiting import PATIENCE_S

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the library's own, about its own use of pydantic
    from wavix import BadRequestError, PhoneValidationBatchResultResponse, Wavix


@pytest.fixture
def client(start_service: StartService) -> Iterator[Wavix]:
    with httpx.Client() as connections:
        yield Wavix(base_url=start_service().url, token="any", httpx_client=connections)


async def test_one_number(client: Wavix) -> None:
    answer = await asyncio.to_thread(
        client.number_validator.get, phone_number="+6281234567000", type="validation"
    )
    assert (answer.valid, answer.country_code, answer.e164format) == (True, "ID", "+6281234567000")
    assert (answer.number_type, answer.charge, answer.error_code) == ("mobile", "0.01", "000")
    assert answer.timezone == "UTC+07:00"


async def test_a_list_at_once(client: Wavix) -> None:
    answer = await asyncio.to_thread(
        client.number_validator.create_bulk,
        phone_numbers=[*numbers(20), "nothing"],
        type="analysis",
        async_=False,
    )
    assert (answer.status, answer.pending, answer.count) == ("success", 0, 21)
    assert [item.phone_number for item in answer.items] == [*numbers(20), "nothing"]
    assert answer.items[-1].error_code == "021"


async def test_an_error(client: Wavix) -> None:
    with pytest.raises(BadRequestError) as raised:
        await asyncio.to_thread(client.number_validator.get, phone_number="", type="validation")
    assert raised.value.body["code"] == "invalid_parameter"


async def test_a_list_in_the_background(client: Wavix) -> None:
    started = await asyncio.to_thread(
        client.number_validator.create_bulk, phone_numbers=numbers(20), type="validation", async_=True
    )
    assert started.request_id

    async def result() -> PhoneValidationBatchResultResponse:
        return await asyncio.to_thread(client.number_validator.results.get, started.request_id)

    async with asyncio.timeout(PATIENCE_S):
        while (answer := await result()).pending:
            assert answer.status == "progress"
    assert (answer.status, answer.count) == ("success", 20)
    assert [item.phone_number for item in answer.items] == numbers(20)
