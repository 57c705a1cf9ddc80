"""An XLSX workbook: one of its sheets, as CSV, read by a process of its own (`workbook_reader`)."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import validator_svc
from validator_svc.formats.errors import Option, UnreadableFileError

MAX_PACKED_BYTES = 64 * 1024 * 1024
BLOCK_BYTES = 64 * 1024
# Each may take some times the size of its workbook; so many are read at once by one process of ours.
PLACES = threading.BoundedSemaphore(2)
LOOK_S = 0.2
# It has a limit of its own on the time that it computes; this is for a machine that does not let it.
PATIENCE_S = 600.0

READER = "validator_svc.formats.workbook_reader"
# A hostile workbook shall find no secrets in the process that reads it.
VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")

TOO_MUCH = "the workbook takes too much memory or time to read, or is broken; expected a smaller one, or CSV"

StillWanted = Callable[[], None]
"""Raises when nobody waits any more for what is read."""


class Sheet(NamedTuple):
    """A sheet that was read."""

    name: str
    rows: BinaryIO
    """Its rows as CSV in UTF-8; a file on the disk that is gone when it is closed."""


def read_sheet(
    blocks: Iterator[bytes], wanted: str | None, most_columns: int, still_wanted: StillWanted
) -> Sheet:
    """The sheet of a workbook that is wanted by name, or the first visible one that has numbers.

    `blocks` are the bytes of the workbook. Blocks, for as long as it takes or `still_wanted` lets it.
    Raises UnreadableFileError for what is not a workbook, is protected by a password, has no rows, takes
    too much memory or time, or has no sheet of that name; OSError where the disk is full; and what
    `still_wanted` raises.
    """
    # A workbook can only be read from its end.
    with tempfile.TemporaryFile() as book:
        spool(blocks, book)
        rows = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            name = sheet_read(book, rows, wanted, most_columns, still_wanted)
            rows.seek(0)
        except BaseException:
            rows.close()
            raise
    return Sheet(name, rows)


def blocks_of(rows: BinaryIO) -> Iterator[bytes]:
    """The bytes of a file, which is closed when they are done with."""
    with rows:
        while block := rows.read(BLOCK_BYTES):
            yield block


def spool(blocks: Iterator[bytes], book: BinaryIO) -> None:
    """Copy a workbook to where it can be read from its end."""
    for block in blocks:
        book.write(block)
        if book.tell() > MAX_PACKED_BYTES:
            raise UnreadableFileError(
                f"the workbook is over {MAX_PACKED_BYTES // 2**20} MiB; expected less, or CSV"
            )
    book.seek(0)


def sheet_read(
    book: BinaryIO, rows: BinaryIO, wanted: str | None, most_columns: int, still_wanted: StillWanted
) -> str:
    """Have the rows of the sheet written; returns its name."""
    while not PLACES.acquire(timeout=LOOK_S):
        still_wanted()
    try:
        said = said_by_reader(book, rows, wanted, most_columns, still_wanted)
    finally:
        PLACES.release()
    if "sheet" in said:
        return str(said["sheet"])
    code = said.get("errno")
    if isinstance(code, int):
        raise OSError(code, os.strerror(code))
    # The reader is another process, of which only the text comes.
    option = Option("sheet", "NAME") if str(said["error"]).startswith("sheet: ") else None
    raise UnreadableFileError(str(said["error"]), option=option)


def said_by_reader(
    book: BinaryIO, rows: BinaryIO, wanted: str | None, most_columns: int, still_wanted: StillWanted
) -> dict[str, object]:
    """What the process says that reads the workbook; it does not outlive this."""
    arguments = [str(most_columns), *([] if wanted is None else [wanted])]
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-S", "-B", "-m", READER, *arguments],
        stdin=book,
        stdout=rows,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    give_up_s = time.monotonic() + PATIENCE_S
    with process:
        try:
            while True:
                try:
                    return understood(process.communicate(timeout=LOOK_S)[1])
                except subprocess.TimeoutExpired:
                    still_wanted()
                    if time.monotonic() > give_up_s:
                        return {"error": TOO_MUCH}
        finally:
            process.kill()


def understood(text: bytes) -> dict[str, object]:
    """The last line that a reader has written; what is broken in its midst has not come to that."""
    try:
        said = json.loads(text.splitlines()[-1])
    except (ValueError, IndexError):
        said = None
    return said if isinstance(said, dict) and said.keys() & {"sheet", "error"} else {"error": TOO_MUCH}


def environment() -> dict[str, str]:
    """The variables for a reader, which starts faster without looking for packages as others do."""
    places = [str(Path(validator_svc.__file__).parent.parent), *filter(None, sys.path)]
    given = {name: os.environ[name] for name in VARIABLES if name in os.environ}
    return given | {"PYTHONPATH": os.pathsep.join(places), "PYTHONUTF8": "1"}
