"""Who may read what is written: the user's own files as the umask says, the service's nobody else."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.batches.processes import processes
from tests.dropbox.dropping import DropFolder
from tests.service import ran

NUMBERS = "+6281234567000\n+33 12\n"


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """The umask that processes get which are started in the block."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def only_the_group() -> None:
    os.umask(0o027)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o027, 0o640)])
def test_the_output_of_check_follows_the_umask(tmp_path: Path, mask: int, mode: int) -> None:
    numbers, output = tmp_path / "numbers.txt", tmp_path / "checked.csv"
    numbers.write_text(NUMBERS)
    with umask(mask):
        done = ran(tmp_path / "data", "check", str(numbers), "--type", "format", "--output", str(output))
    assert done.returncode == 0, done.stderr
    assert mode_of(output) == mode


def test_an_output_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    numbers, output = tmp_path / "numbers.txt", tmp_path / "checked.csv"
    numbers.write_text(NUMBERS)
    output.touch(0o600)
    with umask(0o022):
        done = ran(tmp_path / "data", "check", str(numbers), "--type", "format", "--output", str(output))
    assert done.returncode == 0, done.stderr
    assert output.read_text()
    assert mode_of(output) == 0o600


async def test_answers_in_a_drop_folder_follow_the_umask_and_the_services_files_are_its_own(
    tmp_path: Path,
) -> None:
    folder = DropFolder(tmp_path / "drop")
    with processes(tmp_path / "data") as group:
        group.before_exec = only_the_group
        group.watch(folder.root)
        folder.drop("numbers.txt", NUMBERS)
        folder.drop("empty.csv", "")
        await folder.report("numbers.txt")
        await folder.error("empty.csv")
        answers = [*folder.outbox.iterdir(), folder.failed / "empty.csv.error.txt"]
        assert {path.name: mode_of(path) for path in answers} == {path.name: 0o640 for path in answers}
        # Whoever cannot enter a folder reads nothing in it, whatever its own permissions are.
        open_to_others = [path for path in reached(tmp_path / "data") if mode_of(path) & 0o077]
        assert not open_to_others


def reached(folder: Path) -> Iterator[Path]:
    """The folder, and what is in it, as far as others may enter."""
    yield folder
    if mode_of(folder) & 0o077:
        for path in folder.iterdir():
            if path.is_dir():
                yield from reached(path)
            else:
                yield path
