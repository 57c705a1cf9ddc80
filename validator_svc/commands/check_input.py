"""The input of `validator-svc check`: opened, its layout found out, its rows read."""

import contextlib
import io
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO, TypeVar, cast

from validator_svc.commands.check_error import CheckError
from validator_svc.commands.check_run import STANDARD_STREAM, Check
from validator_svc.formats.compression import unpacked, unpacked_name
from validator_svc.formats.contents import open_numbers
from validator_svc.formats.errors import Option, UnreadableFileError, advised
from validator_svc.formats.layout import Layout
from validator_svc.formats.output_formats import NDJSON
from validator_svc.formats.rows import NumberFile, RowBlock
from validator_svc.formats.segmenter import region_column
from validator_svc.numbering.countries import regions_of

Read = TypeVar("Read")
Texts = tuple[list[str | None], list[str | None] | None]
"""Numbers, and the regions that their rows name, where they name any."""


def opened_input(name: str, stack: contextlib.ExitStack) -> BinaryIO:
    """The input, open. Raises CheckError."""
    if name == STANDARD_STREAM:
        return standard(sys.stdin, "standard input")
    try:
        return stack.enter_context(Path(name).open("rb"))
    except (OSError, ValueError) as error:
        raise unusable(name, "", error) from None


def opened_numbers(source: BinaryIO, wanted: Check) -> NumberFile:
    """The file of numbers, its layout found out. Raises CheckError naming it."""
    try:
        plain = unpacked(cast(io.BufferedReader, source))
        hints = wanted.hints._replace(name=unpacked_name(wanted.hints.name))
        numbers = open_numbers(cast(BinaryIO, plain), hints)
        region_column(numbers.layout, wanted.region_column)
        return numbers
    except (UnreadableFileError, OSError) as error:
        raise unusable(wanted.input, "standard input", error) from None


def row_blocks_of(numbers: NumberFile, wanted: Check) -> Iterator[RowBlock]:
    """The rows, with their cells where these are wanted. Raises CheckError naming the file."""
    with_cells = wanted.format.has_cells or wanted.region_column is not None
    return named(numbers.row_blocks(with_cells), wanted)


def regions_named(block: RowBlock, layout: Layout, wanted: Check) -> list[str | None] | None:
    """The region that each row names, see `countries.regions_of`; None where rows name none."""
    at = region_column(layout, wanted.region_column)
    if at is None or block.cells is None:
        return None
    return regions_of((row[at] if at < len(row) else "" for row in block.cells), block.texts)


def named(read: Iterator[Read], wanted: Check) -> Iterator[Read]:
    """What is read of the input. Raises CheckError naming it."""
    try:
        yield from read
    except (UnreadableFileError, OSError) as error:
        raise unusable(wanted.input, "standard input", error) from None


def texts_of(source: BinaryIO, wanted: Check) -> Iterator[Texts]:
    """The numbers of the input, block by block. Raises CheckError naming it."""
    numbers = opened_numbers(source, wanted)
    for block in row_blocks_of(numbers, wanted._replace(format=NDJSON)):
        yield block.texts, regions_named(block, numbers.layout, wanted)


def standard(stream: TextIO | None, name: str) -> BinaryIO:
    """The bytes of a standard stream; Python has None for one that was closed. Raises CheckError."""
    if stream is None:
        raise CheckError(f"{name} is closed")
    return stream.buffer


def size_of(source: BinaryIO) -> int | None:
    """Bytes in a regular file; None for a pipe or a terminal."""
    status = os.fstat(source.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def unusable(name: str, standard_stream: str, error: Exception) -> CheckError:
    """What went wrong with a file, in one line."""
    shown = standard_stream if name == STANDARD_STREAM else name
    told = getattr(error, "strerror", None) or advised(error, on_command_line)
    return CheckError(f"{shown}: {told}")


def on_command_line(option: Option) -> str:
    """How an option is said here."""
    return f"--{option.name} {option.sample} says which"
