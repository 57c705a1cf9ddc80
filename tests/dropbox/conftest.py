from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batches.conftest import emulator, group, paying, store
from tests.batches.processes import processes
from tests.dropbox.dropping import DropFolder

__all__ = ["emulator", "group", "paying", "store"]


@pytest.fixture
def folder(tmp_path: Path) -> DropFolder:
    """A drop folder that nobody watches yet."""
    return DropFolder(tmp_path / "drop")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DropFolder]:
    """A drop folder that is watched, on the embedded default, for all tests of a module."""
    root = tmp_path_factory.mktemp("watched")
    with processes(root / "data") as group:
        group.watch(root / "drop")
        yield DropFolder(root / "drop")
