from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.access.keyed import ADMIN
from tests.batches.processes import Processes
from tests.lookup.conftest import emulator
from tests.service import Service, running
from tests.store import Store, running_store

__all__ = ["emulator"]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """A store that the tests of a module share."""
    with running_store() as store:
        yield store


@pytest.fixture(scope="module")
def settings(store: Store) -> dict[str, str]:
    return {"REDIS_URL": store.url, "VALIDATOR_AUTH": "on", "VALIDATOR_ADMIN_KEY": ADMIN}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[list[Service]]:
    """Two services that ask for keys and share a store."""
    data = tmp_path_factory.mktemp("data")
    with ExitStack() as stack:
        group = Processes(data, **settings)
        stack.callback(group.end)
        yield [group.serve(), group.serve()]


@pytest.fixture(scope="module")
def keyed(pair: list[Service]) -> Service:
    """One of them."""
    return pair[0]


@pytest.fixture(scope="module")
def open_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service without keys on loopback, with a name of its own and one origin that may use it."""
    more = {"VALIDATOR_HOSTS": "numbers.internal", "VALIDATOR_CORS_ORIGINS": "https://app.example.com"}
    with running(tmp_path_factory.mktemp("open"), **more) as service:
        yield service
