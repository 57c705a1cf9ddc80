"""Workbooks are read by processes of their own, which end with the wish for them."""

import contextlib
import errno
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batches.test_bad_files import row, workbook
from tests.formats.hostile import NUMBER
from validator_svc.formats import workbook as reading
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.workbook import PLACES, READER, Sheet, read_sheet
from validator_svc.formats.workbook_checks import check_sheets, expanded_size

BOOK = workbook(row("name", "phone") + row("Ann, B.", 6281234567000.0) + row("", "x"))


class GoneError(Exception):
    """Nobody waits any more."""


def gone() -> None:
    raise GoneError


def readers() -> list[int]:
    """The processes that read workbooks for this one."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and READER.encode() in (path / "cmdline").read_bytes():
                found.append(int(path.name))
    return found


def read(book: bytes, wanted: str | None = None) -> Sheet:
    return read_sheet(iter([book]), wanted, 10, gone)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Who waits looks at once whether that is still wanted."""
    monkeypatch.setattr(reading, "LOOK_S", 0)
    yield
    assert all([PLACES.acquire(blocking=False), PLACES.acquire(blocking=False)])
    PLACES.release(2)


def test_a_sheet_comes_with_its_name_as_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LOOK_S", 60)
    sheet = read(BOOK, "people")
    with sheet.rows:
        assert (sheet.name, sheet.rows.read()) == (
            "People",
            b'name,phone\r\n"Ann, B.",6281234567000\r\n,x\r\n',
        )


@pytest.mark.parametrize("by", [1, 10, 10_000, 2**31])
def test_an_archive_that_leads_before_its_beginning_is_its_senders_fault(by: int) -> None:
    book = bytearray(BOOK)
    # Where the list of what is in it begins, as the end of the archive says.
    place = slice(book.rindex(b"PK\5\6") + 16, book.rindex(b"PK\5\6") + 20)
    book[place] = (int.from_bytes(book[place], "little") + by).to_bytes(4, "little")
    with pytest.raises(UnreadableFileError):
        read(bytes(book))


class FailingDisk(io.BytesIO):
    """A file whose disk fails at one of the reads."""

    def __init__(self, content: bytes, at: int) -> None:
        super().__init__(content)
        self.left = at

    def read(self, size: int | None = -1, /) -> bytes:
        if not self.left:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self.left -= 1
        return super().read(size)


@pytest.mark.parametrize("at", range(4))
def test_a_failing_disk_is_no_fault_of_the_workbook(at: int) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        check_sheets(book := FailingDisk(BOOK, at), expanded_size(book), 100)


def test_what_nobody_waits_for_is_ended(impatient: None) -> None:
    with pytest.raises(GoneError):
        read(workbook(row("phone") + row(NUMBER) * 50_000))
    assert not readers()


def test_it_waits_for_a_place_no_longer_than_it_is_wanted(impatient: None) -> None:
    with PLACES, PLACES, pytest.raises(GoneError):
        read(BOOK)


def test_the_reader_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALIDATOR_ADMIN_KEY", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert "secret" not in reading.environment().values()


def test_files_that_held_a_sheet_do_not_stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reading, "LOOK_S", 60)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    read(BOOK).rows.close()
    assert not [*tmp_path.iterdir()]
