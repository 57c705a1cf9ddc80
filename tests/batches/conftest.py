from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtest.wavix_emulator import Emulator
from tests.batches.processes import Processes, processes
from tests.lookup.conftest import at_upstream, emulator, store
from tests.store import Store

__all__ = ["emulator", "store"]


@pytest.fixture
def group(tmp_path: Path, store: Store) -> Iterator[Processes]:
    """Processes that share a store and a folder, without an upstream."""
    with processes(tmp_path / "data", REDIS_URL=store.url) as group:
        yield group


@pytest.fixture
def paying(tmp_path: Path, store: Store, emulator: Emulator) -> Iterator[Processes]:
    """Processes that share a store and a folder, and pay the emulator."""
    settings = {
        "REDIS_URL": store.url,
        **at_upstream(emulator),
    }
    with processes(tmp_path / "data", **settings) as group:
        yield group
