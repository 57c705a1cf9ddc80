from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from hypothesis import HealthCheck, settings

from tests.documented import answers_are_documented
from tests.service import Service, running

__all__ = ["answers_are_documented"]

# How long an example takes says what else the machine does.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def own_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test writes where the service of whoever runs it keeps its data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VALIDATOR_DATA_DIR", str(tmp_path_factory.mktemp("own")))
        yield


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service on the embedded default for all tests of a worker process."""
    with running(tmp_path_factory.mktemp("data")) as service:
        yield service


@pytest.fixture
async def client(service: Service) -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP client of the service."""
    async with aiohttp.ClientSession(service.url, auto_decompress=True) as client:
        yield client


@pytest.fixture(scope="session")
def sample() -> Path:
    """The folder of sample files."""
    return Path(__file__).parent / "data"
