"""The systems' own Python libraries, pointed here: what they ask for is screened, and sent on."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from wavix import MessageBody, Wavix
from wavix.core.api_error import ApiError
from wavix.errors import BadRequestError

from loadtest.call_emulator import CallEmulator
from tests.access.keyed import ADMIN
from tests.screening.examples import PREMIUM
from tests.service import Service

CALLER, DESTINATION = "+13524815863", "+447911123456"


class Here(TwilioHttpClient):  # type: ignore[misc]
    """The library's own client, with this service's URL before the path of each request."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.base = f"{url}/v1/forward/signalwire-call"

    def request(self, method: str, url: str, *arguments: Any, **named: Any) -> Response:
        return super().request(method, url.replace("https://api.twilio.com", self.base), *arguments, **named)


@pytest.fixture
def twilio(forwarding: Service) -> Iterator[Client]:
    """A client whose auth token is a key of this service."""
    here = Here(forwarding.url)
    yield Client("AC" + "0" * 32, ADMIN, http_client=here)
    here.session.close()


@pytest.fixture
def wavix(forwarding: Service) -> Iterator[Callable[[str], Wavix]]:
    """Clients whose token is a key of this service, for one system each."""
    with httpx.Client() as client:
        yield lambda system: Wavix(
            base_url=f"{forwarding.url}/v1/forward/{system}", token=ADMIN, httpx_client=client
        )


async def test_twilios_library_places_a_call(twilio: Client, system: CallEmulator) -> None:
    call = await asyncio.to_thread(
        twilio.calls.create,
        to="+44 7911 123456",
        from_="1 (352) 481-5863",
        url="https://example.com/call",
        status_callback_event=["initiated", "completed"],
        timeout=30,
        record=True,
    )
    assert call.status == "queued"
    (arrived,) = system.arrived
    assert arrived.path == f"/api/laml/2010-04-01/Accounts/AC{'0' * 32}/Calls.json"
    assert arrived.body == {
        "To": [DESTINATION],
        "From": [CALLER],
        "Url": ["https://example.com/call"],
        "StatusCallbackEvent": ["initiated", "completed"],
        "Timeout": ["30"],
        "Record": ["true"],
    }


async def test_twilios_library_raises_its_own_error(twilio: Client, system: CallEmulator) -> None:
    with pytest.raises(TwilioRestException) as refused:
        await asyncio.to_thread(twilio.calls.create, to=PREMIUM, from_=CALLER, url="https://example.com/call")
    assert refused.value.status == 400
    assert "To: is in a risky range, premium-rate (refuse_risky)" in refused.value.msg
    assert not system.arrived


async def test_the_platforms_library_places_a_call(
    wavix: Callable[[str], Wavix], system: CallEmulator
) -> None:
    client = wavix("wavix-call")
    call = await asyncio.to_thread(
        client.call_control.create,
        from_="1 352 481 5863",
        to="+44 7911 123456",
        callback_url="https://example.com/status",
        timeout=30,
    )
    assert call.event_type == "call_setup"
    (arrived,) = system.arrived
    assert arrived.path == "/v1/calls"
    assert arrived.body == {
        "from": CALLER,
        "to": DESTINATION,
        "callback_url": "https://example.com/status",
        "timeout": 30,
    }
    with pytest.raises(BadRequestError) as refused:
        await asyncio.to_thread(
            client.call_control.create, from_=CALLER, to=PREMIUM, callback_url="https://example.com/status"
        )
    assert refused.value.body["message"] == "to: is in a risky range, premium-rate (refuse_risky)"
    assert len(system.arrived) == 1


async def test_the_platforms_library_sends_a_message(
    wavix: Callable[[str], Wavix], system: CallEmulator
) -> None:
    client = wavix("wavix-message")
    message = await asyncio.to_thread(
        client.sms_and_mms.messages.send,
        from_="Wavix",
        to="44 7911 123456",
        message_body=MessageBody(text="Hi"),
    )
    assert message.message_id
    (arrived,) = system.arrived
    assert arrived.path == "/v3/messages"
    assert (arrived.body["to"], arrived.body["message_body"]["text"]) == (DESTINATION, "Hi")
    body = MessageBody(text="Hi", media=["https://example.com/a.png"])
    with pytest.raises(BadRequestError) as refused:
        await asyncio.to_thread(
            client.sms_and_mms.messages.send, from_="Wavix", to=DESTINATION, message_body=body
        )
    assert refused.value.body["message"].startswith("to: expected a US or CA number")
    assert len(system.arrived) == 1


async def test_a_library_that_tries_again_sends_nothing_twice(
    wavix: Callable[[str], Wavix], system: CallEmulator
) -> None:
    system.fault = "cut"
    with pytest.raises(ApiError) as failed:
        await asyncio.to_thread(
            wavix("wavix-call").call_control.create,
            from_=CALLER,
            to=DESTINATION,
            callback_url="https://example.com/twice",
        )
    assert failed.value.status_code == 409
    assert "may have reached the system" in failed.value.body["message"]
    assert len(system.arrived) == 1
