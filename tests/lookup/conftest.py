from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from loadtest.wavix_emulator import Emulator
from tests.service import Service, running
from tests.store import Store, running_store

KEY = "an-account-key"

StartService = Callable[..., Service]


@pytest.fixture
def store() -> Iterator[Store]:
    """A store of its own for each test, so that nothing is cached by another one."""
    with running_store() as store:
        yield store


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """An upstream without faults; tests set their own by `set_faults`."""
    async with Emulator(key=KEY, seed=1) as emulator:
        yield emulator


def at_upstream(emulator: Emulator) -> dict[str, str]:
    """Settings of a process that pays the emulator."""
    return {
        "VALIDATOR_WAVIX_URL": emulator.url,
        "VALIDATOR_WAVIX_APPID": KEY,
        "VALIDATOR_WAVIX_RATE": "500",
        # The upstream is a task of the test, which now and then does something else.
        "VALIDATOR_WAVIX_TIMEOUT": "120",
    }


@pytest.fixture
def start_service(tmp_path: Path, store: Store, emulator: Emulator) -> Iterator[StartService]:
    """Starts services that share the store and pay the emulator."""
    with ExitStack() as stack:

        def start_service(**settings: str) -> Service:
            upstream = {"REDIS_URL": store.url} | at_upstream(emulator)
            return stack.enter_context(running(tmp_path / "data", **(upstream | settings)))

        yield start_service
