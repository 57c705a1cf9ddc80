"""Segments in the object store: rows as they came in, records as they go out, compressed with zstd.

Under `batches/ID/`: `rows/NNNNNNNN.texts` (JSON), `rows/NNNNNNNN.cells` (CSV, where rows have
columns of their own), `results/NNNNNNNN.GENERATION` (NDJSON) and `….part` for what was answered when
the upstream went away. An object is there whole or not at all, on every store.
"""

import asyncio
import csv
import io
import sys
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import obstore
import orjson
from obstore.store import ObjectStore

from validator_svc.batches.rows import Chunk
from validator_svc.lookup.read_ahead import Text

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Fast: numbers shrink to a third at any level, and more levels would cost more than classifying does.
LEVEL = 1
# Rows of CSV that are read or written in one go: meanwhile no other thread runs, nor the event loop.
SLICE = 500


class Rows(NamedTuple):
    """The rows of a segment."""

    texts: list[Text]
    """The number of each row as it came; None for a line that could not be read."""
    regions: list[str | None] | None
    """Region code of each row where rows name their own; None elsewhere."""


class StorageError(Exception):
    """The object store does not take, or does not give, what it should; asking again may help."""


class MissingObjectError(Exception):
    """An object that must be there is not: somebody deleted it."""


class Segments:
    """The segments of all batches. Methods without `async` block: they belong in a thread.

    All raise StorageError while the store cannot do it.
    """

    def __init__(self, store: ObjectStore) -> None:
        self.store = store

    def put_rows(self, batch_id: str, index: int, chunk: Chunk, regions: list[str | None] | None) -> None:
        """Store the rows of a segment."""
        value = {"texts": chunk.texts, "regions": regions}
        self._put(rows_path(batch_id, index, "texts"), orjson.dumps(value))
        if chunk.cells is not None:
            self._put(rows_path(batch_id, index, "cells"), packed_cells(chunk.cells))

    def _put(self, path: str, data: bytes) -> None:
        try:
            obstore.put(self.store, path, zstd.compress(data, LEVEL))
        except (obstore.exceptions.BaseError, OSError) as error:
            raise StorageError(reason(error)) from None

    async def rows(self, batch_id: str, index: int) -> Rows:
        """The rows of a segment. Raises MissingObjectError."""
        value = orjson.loads(await self._get(rows_path(batch_id, index, "texts")))
        return Rows(value["texts"], value["regions"])

    async def cells(self, batch_id: str, index: int) -> list[list[str]]:
        """The cells of a segment's rows. Raises MissingObjectError."""
        return await asyncio.to_thread(unpacked_cells, await self._get(rows_path(batch_id, index, "cells")))

    async def put_result(self, batch_id: str, index: int, generation: int, lines: bytes) -> bytes:
        """Store the records of a segment, one line a row; those of another run stay if there are any.

        Returns what is stored now.
        """
        path = result_path(batch_id, index, generation)
        try:
            await obstore.put_async(self.store, path, zstd.compress(lines, LEVEL), mode="create")
        except obstore.exceptions.AlreadyExistsError:
            return await self.result(batch_id, index, generation)
        except (obstore.exceptions.BaseError, OSError) as error:
            raise StorageError(reason(error)) from None
        return lines

    async def result(self, batch_id: str, index: int, generation: int) -> bytes:
        """The records of a segment. Raises MissingObjectError."""
        return await self._get(result_path(batch_id, index, generation))

    async def put_part(self, batch_id: str, index: int, generation: int, lines: bytes) -> None:
        """Store what is answered of a segment so far; a later part takes its place."""
        path = result_path(batch_id, index, generation) + ".part"
        try:
            await obstore.put_async(self.store, path, zstd.compress(lines, LEVEL))
        except (obstore.exceptions.BaseError, OSError) as error:
            raise StorageError(reason(error)) from None

    async def part(self, batch_id: str, index: int, generation: int) -> bytes:
        """What is answered of a segment so far. Raises MissingObjectError."""
        return await self._get(result_path(batch_id, index, generation) + ".part")

    async def erase(self, batch_id: str) -> None:
        """Delete every object of a batch; repeatable."""
        try:
            async for objects in obstore.list(self.store, f"batches/{batch_id}/"):
                await obstore.delete_async(self.store, [each["path"] for each in objects])
        except FileNotFoundError:
            return
        except (obstore.exceptions.BaseError, OSError) as error:
            raise StorageError(reason(error)) from None

    async def _get(self, path: str) -> bytes:
        try:
            found = await obstore.get_async(self.store, path)
            return zstd.decompress(await found.bytes_async())
        except FileNotFoundError:
            raise MissingObjectError(path) from None
        except (obstore.exceptions.BaseError, OSError) as error:
            raise StorageError(reason(error)) from None


def rows_path(batch_id: str, index: int, what: str) -> str:
    """Where the rows of a segment are."""
    return f"batches/{batch_id}/rows/{index:08}.{what}"


def result_path(batch_id: str, index: int, generation: int) -> str:
    """Where the records of a segment are."""
    return f"batches/{batch_id}/results/{index:08}.{generation}"


def packed_cells(cells: Sequence[Sequence[str]]) -> bytes:
    """Rows as CSV, which gives every cell back as it was, bytes that are not UTF-8 too (PEP 383)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for start in range(0, len(cells), SLICE):
        writer.writerows(cells[start : start + SLICE])
    return text.getvalue().encode("utf-8", "surrogateescape")


def unpacked_cells(data: bytes) -> list[list[str]]:
    """The rows back."""
    reader = csv.reader(io.StringIO(data.decode("utf-8", "surrogateescape"), newline=""))
    rows: list[list[str]] = []
    while part := list(islice(reader, SLICE)):
        rows += part
    return rows


def reason(error: Exception) -> str:
    """The first line of what the store says, without its address."""
    return str(error).partition("\n")[0][:200]
