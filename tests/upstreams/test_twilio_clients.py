"""Twilio's own clients, Python and Node, with their base URL pointed here, work unchanged."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.rest.lookups.v2.query import QueryList

from loadtest.lookup_emulators import TwilioEmulator
from loadtest.wavix_emulator import Emulator
from tests.access.keyed import ADMIN, Json, as_holder, new_key
from tests.lookup.paid import numbers
from tests.service import START_S, Service, running
from tests.upstreams.paying import KEY, in_thread, paying
from tests.waiting import PATIENCE_S

LINE_TYPE = "line_type_intelligence"
NODE = Path(__file__).with_name("lookups.js")


class Place(NamedTuple):
    """A service in the middle between a client and a supplier of the same API."""

    service: Service
    supplier: Emulator
    key: Json

    def client(self, secret: str | None = None) -> Client:
        """The client that points here."""
        return client_of(self.service.url, secret or self.key["key"])


def client_of(url: str, secret: str) -> Client:
    client = Client("AC" + "0" * 32, secret)
    client.lookups.base_url = url
    return client


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One for all tests, each of which asks for numbers of its own."""
    with in_thread(TwilioEmulator(key=KEY, seed=1)) as emulator:
        settings = paying({"twilio": emulator}, "twilio")
        settings |= {"VALIDATOR_AUTH": "on", "VALIDATOR_ADMIN_KEY": ADMIN}
        with running(tmp_path_factory.mktemp("data"), **settings) as service:
            yield Place(service, emulator, asyncio.run(new_key(service)))


def fetched(client: Client, number: str, **how: str) -> Any:
    return client.lookups.v2.phone_numbers(number).fetch(**how)


async def test_one_number_with_and_without_a_package(place: Place) -> None:
    client = place.client()
    basic = await asyncio.to_thread(fetched, client, "+14159929960")
    assert (basic.valid, basic.validation_errors, basic.country_code) == (True, [], "US")
    assert (basic.national_format, basic.calling_country_code) == ("(415) 992-9960", "1")
    assert basic.line_type_intelligence is None
    before = place.supplier.ledger.billed_total
    national = await asyncio.to_thread(fetched, client, "0812-3456-7000", country_code="ID")
    assert national.phone_number == "+6281234567000"
    for _ in range(2):
        paid = await asyncio.to_thread(fetched, client, "+6281234567001", fields=LINE_TYPE)
        assert (paid.line_type_intelligence["type"], paid.line_type_intelligence["error_code"]) == (
            "mobile",
            None,
        )
    assert place.supplier.ledger.billed_total == before + 1
    invalid = await asyncio.to_thread(fetched, client, "+141599299600", fields=LINE_TYPE)
    assert (invalid.valid, invalid.validation_errors) == (False, ["TOO_LONG"])


async def test_what_the_original_answers_is_answered_here(place: Place) -> None:
    """Of 20 numbers, asked there and here: their validity, and what their package has."""
    original = client_of(place.supplier.url, KEY)
    asked = [
        *numbers(14, 100),
        "+12015550123",
        "+13105550100",
        "+442079460958",
        "+447700900123",
        "+4915112345678",
    ]
    asked += ["+33612345678"]
    for number in asked:
        there = await asyncio.to_thread(fetched, original, number, fields=LINE_TYPE)
        here = await asyncio.to_thread(fetched, place.client(), number, fields=LINE_TYPE)
        assert (here.valid, here.phone_number) == (there.valid, there.phone_number), number
        package = there.line_type_intelligence
        if package is not None and package["carrier_name"] is not None:
            assert here.line_type_intelligence == package, number


async def test_several_numbers_at_once(place: Place) -> None:
    asked = [
        QueryList.LookupBatchRequest(
            {"correlation_id": number, "phone_number": number, "fields": [LINE_TYPE] if at % 2 else None}
        )
        for at, number in enumerate([*numbers(10, 200), "nobody"])
    ]
    request = QueryList.LookupRequest({"phone_numbers": asked})
    answer = await asyncio.to_thread(place.client().lookups.v2.query.create, request)
    assert answer.phone_numbers is not None
    shown: list[Any] = answer.phone_numbers
    assert [each["correlation_id"] for each in shown] == [*numbers(10, 200), "nobody"]
    assert [each[LINE_TYPE] is not None for each in shown] == [
        each["valid"] and at % 2 == 1 for at, each in enumerate(shown)
    ]
    assert shown[-1]["validation_errors"] == ["NOT_A_NUMBER"]
    paid = set(place.supplier.ledger.times_billed) & {number[1:] for number in numbers(10, 200)}
    assert len(paid) == 5


def raised(client: Client, number: str, **how: str) -> TwilioRestException:
    with pytest.raises(TwilioRestException) as error:
        fetched(client, number, **how)
    return error.value


async def test_what_is_raised_is_what_the_original_raises(place: Place) -> None:
    client = place.client()
    for secret in ("wrong", "vs_000000000000_nothing"):
        error = await asyncio.to_thread(raised, place.client(secret), "+14159929960")
        assert (error.status, error.code) == (401, 20003)
    error = await asyncio.to_thread(raised, client, " ")
    assert (error.status, error.code) == (404, 20404)
    error = await asyncio.to_thread(raised, client, "+14159929960", fields="carrier")
    assert (error.status, error.code) == (400, 20001)


async def test_keys_are_limited_here_as_everywhere(place: Place) -> None:
    of_format = await new_key(place.service, allowed_types=["format"])
    client = place.client(of_format["key"])
    assert (await asyncio.to_thread(fetched, client, "+6281234567000")).valid
    error = await asyncio.to_thread(raised, client, "+6281234567000", fields=LINE_TYPE)
    assert (error.status, error.code) == (403, 20403)
    of_two = await new_key(place.service, spend_per_day="0.01")
    client = place.client(of_two["key"])
    assert (await asyncio.to_thread(fetched, client, numbers(1, 300)[0], fields=LINE_TYPE)).valid
    error = await asyncio.to_thread(raised, client, numbers(1, 301)[0], fields=LINE_TYPE)
    assert (error.status, error.code) == (429, 20429)
    assert "spend_per_day" in error.msg


async def test_a_package_fails_alone_when_the_supplier_does(place: Place) -> None:
    place.supplier.set_faults({"code042": "1"})
    try:
        answer = await asyncio.to_thread(fetched, place.client(), numbers(1, 400)[0], fields=LINE_TYPE)
    finally:
        place.supplier.set_faults({})
    assert answer.valid
    assert answer.line_type_intelligence == {
        "mobile_country_code": None,
        "mobile_network_code": None,
        "carrier_name": None,
        "type": None,
        "error_code": 20503,
    }


async def test_basic_credentials_are_for_its_own_routes_alone(place: Place) -> None:
    def status_of(path: str) -> int:
        response = place.client().request("GET", f"{place.service.url}{path}")
        return int(response.status_code)

    assert await asyncio.to_thread(status_of, "/v2/PhoneNumbers/+14159929960") == 200
    assert await asyncio.to_thread(status_of, "/v1/batches") == 401


async def test_what_is_used_is_counted(place: Place) -> None:
    key = await new_key(place.service)
    client = place.client(key["key"])
    await asyncio.to_thread(fetched, client, "+14159929960")
    await asyncio.to_thread(fetched, client, numbers(1, 500)[0], fields=LINE_TYPE)

    async def used() -> dict[str, tuple[int, int]]:
        async with as_holder(place.service, key["key"]) as holder, holder.get("/v1/usage") as response:
            items = (await response.json())["items"]
            return {each["type"]: (each["count"], each["paid"]) for each in items}

    async with asyncio.timeout(PATIENCE_S):
        # It is written within a second.
        while len(counted := await used()) < 2:
            pass
    assert counted == {"format": (1, 0), "analysis": (1, 1)}


@pytest.fixture(scope="session")
def node_packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where npm has put Twilio's library for Node."""
    npm, folder = shutil.which("npm"), tmp_path_factory.mktemp("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("there is no npm here")
    command = [
        npm,
        "install",
        "--prefix",
        str(folder),
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "twilio@6",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=START_S, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm does not get the library in time")
    if done.returncode:
        pytest.skip(f"npm cannot install the library: {done.stderr.strip().splitlines()[-1:]}")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


async def test_the_client_for_node(place: Place, node_packages: Path) -> None:
    command = ["node", str(NODE), str(node_packages), place.service.url, "AC" + "0" * 32, place.key["key"]]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, timeout=START_S, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["basic"]["valid"], told["basic"]["nationalFormat"]) == (True, "(415) 992-9960")
    assert told["basic"]["lineTypeIntelligence"] is None
    assert told["national"]["phoneNumber"] == "+6281234567000"
    assert told["package"]["lineTypeIntelligence"]["type"] == "mobile"
    assert (told["invalid"]["valid"], told["invalid"]["validationErrors"]) == (False, ["TOO_LONG"])
    first, second = told["batch"]["phoneNumbers"]
    assert (first["correlationId"], first["lineTypeIntelligence"]["type"]) == ("a", "mobile")
    assert (second["correlationId"], second["validationErrors"]) == ("b", ["NOT_A_NUMBER"])
    thrown = {name: (each["status"], each["code"]) for name, each in told.items() if "thrown" in each}
    assert thrown == {"unknownField": (400, 20001), "nothing": (404, 20404), "wrongKey": (401, 20003)}
