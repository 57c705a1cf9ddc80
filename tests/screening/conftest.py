from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from loadtest.call_emulator import CallEmulator
from tests.access.keyed import ADMIN
from tests.service import Service, lasting_port, running
from tests.store import Store, running_store

PORT = lasting_port()
BASE = f"http://127.0.0.1:{PORT}"
SYSTEMS = {
    "wavix-call": (BASE, "the-wavix-key"),
    "wavix-message": (f"{BASE}/", "the-wavix-key"),
    "signalwire-call": (f"{BASE}/api/laml", "project:token"),
    "tryvox-call": (BASE, "user:token"),
    # Nothing listens there.
    "voicecall": ("http://127.0.0.1:9/base", "key"),
}
SETTINGS = {
    "VALIDATOR_AUTH": "on",
    "VALIDATOR_ADMIN_KEY": ADMIN,
    "VALIDATOR_FORWARD_URLS": ";".join(f"{name}={url}" for name, (url, _) in SYSTEMS.items()),
    "VALIDATOR_FORWARD_CREDENTIALS": ";".join(f"{name}={key}" for name, (_, key) in SYSTEMS.items()),
    "VALIDATOR_FORWARD_TIMEOUT": "1.5",
    "VALIDATOR_SCREEN_POLICY": '{"deny_countries": ["CU"]}',
}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with running_store() as store:
        yield store


@pytest.fixture(scope="module")
def forwarding(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that asks for keys, and sends requests on."""
    rates = tmp_path_factory.mktemp("rates") / "rates.csv"
    rates.write_text("1,0.01\n62,0.10\n6281,0.25\n")
    settings = SETTINGS | {"REDIS_URL": store.url, "VALIDATOR_RATE_FILE": str(rates)}
    with running(tmp_path_factory.mktemp("data"), **settings) as service:
        yield service


@pytest.fixture
async def system() -> AsyncIterator[CallEmulator]:
    """The systems that requests are sent on to."""
    emulator = CallEmulator()
    await emulator.start(PORT)
    yield emulator
    await emulator.stop()


@pytest.fixture
async def admin(forwarding: Service) -> AsyncIterator[aiohttp.ClientSession]:
    """A client with the administrator's key."""
    headers = {"Authorization": f"Bearer {ADMIN}"}
    async with aiohttp.ClientSession(forwarding.url, headers=headers) as client:
        yield client
