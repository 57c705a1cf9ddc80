"""The rules of the seven references: each broken by itself is refused by name; what keeps to it passes."""

import aiohttp
import pytest

from tests.screening.asking import errors, screened, screened_form, screened_list
from tests.screening.examples import GOOD, changed
from tests.screening.rules import BROKEN, KEPT, RULES
from validator_svc.screening.registry import SYSTEMS


def test_every_parameter_has_its_rule() -> None:
    known = {(name, parameter) for name, system in SYSTEMS.items() for parameter in system.parameters}
    # What the library of the platform takes, and the reference says nothing of.
    extra = {("wavix-message", name) for name in ("callback_url", "validity", "tag")}
    assert known - extra == RULES.keys()


@pytest.mark.parametrize("system", GOOD)
async def test_the_example_of_a_reference_passes(client: aiohttp.ClientSession, system: str) -> None:
    found = await screened(client, system, GOOD[system])
    assert (found["allowed"], found["findings"]) == (True, [])
    assert found["request"] == GOOD[system]
    numbers = {place.name for place in SYSTEMS[system].places} - {"from", "To"}
    assert numbers <= found["numbers"].keys()
    assert all(each["is_valid"] for each in found["numbers"].values())


async def test_the_example_passes_as_a_form(client: aiohttp.ClientSession) -> None:
    found = await screened_form(client, "signalwire-call", GOOD["signalwire-call"])
    assert (found["allowed"], found["findings"]) == (True, [])
    assert found["request"] == GOOD["signalwire-call"]


@pytest.mark.parametrize(("system", "parameter"), RULES)
async def test_a_rule(client: aiohttp.ClientSession, system: str, parameter: str) -> None:
    bad, good = RULES[system, parameter]
    refused = await screened_list(client, system, [changed(system, {parameter: each}) for each in bad])
    for value, found in zip(bad, refused, strict=True):
        assert not found["allowed"], value
        assert {name for name, _ in errors(found)} == {parameter}, (value, found["findings"])
        assert all(each["message"].startswith(f"{parameter}: ") for each in found["findings"]), found
    allowed = await screened_list(client, system, [changed(system, {parameter: each}) for each in good])
    for value, found in zip(good, allowed, strict=True):
        assert found["allowed"], (value, found["findings"])


async def test_either_a_url_or_an_application_is_needed(client: aiohttp.ClientSession) -> None:
    found = await screened(client, "signalwire-call", changed("signalwire-call", {"Url": None}))
    assert errors(found) == [("Url", "missing")]
    changes = {"Url": None, "ApplicationSid": "AP123"}
    assert (await screened(client, "signalwire-call", changed("signalwire-call", changes)))["allowed"]


async def test_a_message_without_media_goes_anywhere(client: aiohttp.ClientSession) -> None:
    for media in ([], ["https://example.com/a.png"]):
        body = changed(
            "wavix-message", {"to": "+6281234567000", "message_body": {"text": "Hi", "media": None}}
        )
        if media:
            body["message_body"]["media"] = media
        found = await screened(client, "wavix-message", body)
        assert errors(found) == ([("to", "mms_destination")] if media else [])


async def test_what_an_address_lacks_to_be_registered_is_told(client: aiohttp.ClientSession) -> None:
    found = await screened(client, "wavix-e911", changed("wavix-e911", {"address.zip_plus_four": None}))
    assert found["allowed"]
    (told,) = found["findings"]
    assert (told["parameter"], told["code"]) == ("address.zip_plus_four", "needed_to_register")


async def test_numbers_come_out_in_the_form_of_the_system(client: aiohttp.ClientSession) -> None:
    found = await screened(client, "wavix-call", changed("wavix-call", {"to": " tel:+44 (7911) 123-456 "}))
    assert found["request"] == GOOD["wavix-call"]
    campaign = {
        "voice_campaign": {"contact": "+1 672-992-3812", "caller_id": "+13123310912", "callflow_id": "7"}
    }
    found = await screened(client, "wavix-campaign", campaign)
    assert found["request"]["voice_campaign"]["contact"] == "16729923812"
    found = await screened(
        client, "wavix-call", {"from": "+13524815863", "to": "0812-3456-7000"}, country="ID"
    )
    assert found["request"] == {"from": "+13524815863", "to": "+6281234567000"}


async def test_what_is_not_known_is_passed_on_and_told(client: aiohttp.ClientSession) -> None:
    body = changed("wavix-message", {"calback_url": "x", "message_body.texd": {"deep": [1]}})
    found = await screened(client, "wavix-message", body)
    assert found["allowed"]
    assert [(each["parameter"], each["severity"]) for each in found["findings"]] == [
        ("calback_url", "warning"),
        ("message_body.texd", "warning"),
    ]
    assert "did you mean callback_url?" in found["findings"][0]["message"]
    assert "did you mean message_body.text?" in found["findings"][1]["message"]
    assert found["request"] == body


def test_there_are_cases_for_both_ends() -> None:
    assert len(BROKEN) > 250
    assert len(KEPT) > 130
