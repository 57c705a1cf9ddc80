"""An emulator of each supplier, and services that pay some of them."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import pytest

from loadtest.lookup_emulators import EMULATORS
from loadtest.wavix_emulator import Emulator
from tests.service import START_S, Service, running
from tests.store import Store, running_store

KEY = "an-account-key"
KEY_SETTING = {
    "wavix": "VALIDATOR_WAVIX_APPID",
    "telnyx": "VALIDATOR_TELNYX_KEY",
    "twilio": "VALIDATOR_TWILIO_SECRET",
    "signalwire": "VALIDATOR_SIGNALWIRE_TOKEN",
}

StartService = Callable[..., Service]


def paying(emulators: dict[str, Emulator], *suppliers: str) -> dict[str, str]:
    """The settings of a service that pays these suppliers, in order."""
    settings = {"VALIDATOR_UPSTREAMS": ";".join(suppliers)}
    for name in suppliers:
        setting = f"VALIDATOR_{name.upper()}"
        settings |= {
            KEY_SETTING[name]: KEY,
            f"{setting}_URL": emulators[name].url,
            f"{setting}_RATE": "500",
            f"{setting}_TIMEOUT": "120",
        }
    return settings


@contextlib.contextmanager
def in_thread(emulator: Emulator) -> Iterator[Emulator]:
    """An emulator that is up in a loop and a thread of its own, for as many tests as want it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def done(work: Coroutine[None, None, object]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(START_S)

    done(emulator.__aenter__())
    try:
        yield emulator
    finally:
        done(emulator.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_S)
        loop.close()


@pytest.fixture
def store() -> Iterator[Store]:
    with running_store() as store:
        yield store


@pytest.fixture
async def emulators() -> AsyncIterator[dict[str, Emulator]]:
    """An emulator of each supplier."""
    async with AsyncExitStack() as stack:
        kinds: dict[str, type[Emulator]] = {"wavix": Emulator, **EMULATORS}
        yield {name: await stack.enter_async_context(kind(key=KEY, seed=1)) for name, kind in kinds.items()}


@pytest.fixture
def start_service(tmp_path: Path, store: Store, emulators: dict[str, Emulator]) -> Iterator[StartService]:
    """Starts services that pay these suppliers, in order."""
    with ExitStack() as stack:

        def start_service(*suppliers: str, **settings: str) -> Service:
            set_to = {"REDIS_URL": store.url} | paying(emulators, *suppliers) | settings
            return stack.enter_context(running(tmp_path / "data", **set_to))

        yield start_service
