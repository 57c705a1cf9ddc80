"""Segments in the object store: rows as they came in, results as they go out, compressed with zstd.

Under `batches/ID/`: `rows/NNNNNNNN.cells` (clean CSV, where rows have columns of their own),
`rows/NNNNNNNN.texts` (JSON, where the numbers are not one of the columns),
`results/NNNNNNNN.GENERATION` (the records as NDJSON; what else results come as is made of that and of the
cells), and `….part` for what was answered when the upstream went away (an empty line for each row that was
not).
An object is there whole or not at all, on every store. Each has a checksum in its frame (XXH64), so that what
rots on a disk is found out, and never passes for rows.
"""

import contextlib
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import obstore
import orjson
from obstore.store import ObjectStore

from validator_svc.batches.spec import Plan
from validator_svc.batches.storage import link_on, remove_links, root_of
from validator_svc.formats.clean_csv import column_of
from validator_svc.formats.segmenter import Segment, region_column
from validator_svc.lookup.read_ahead import Text
from validator_svc.lookup.store import OUT_OF_HANDLES, TOO_MANY_OPEN
from validator_svc.moments import now_ms
from validator_svc.numbering.countries import regions_of
from validator_svc.record.finished import as_told_now
from validator_svc.turns import ONE_AT_A_TIME

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Fast: numbers shrink to a third at any level, and more levels would cost more than classifying does.
OPTIONS: dict[int, int] = {
    zstd.CompressionParameter.compression_level: 1,
    zstd.CompressionParameter.checksum_flag: 1,
}
OS_ERROR = re.compile(r"\(os error (\d+)\)")
STATUS = re.compile(r"status code: (\d{3}(?: [A-Z][A-Za-z]*)*)")
ADDRESS = re.compile(r"\b\w++://\S+")


class SegmentRows(NamedTuple):
    """The rows of a segment."""

    texts: list[Text]
    """The number of each row as it came; None for a line that could not be read."""
    regions: list[str | None] | None
    """Region code of each row where rows name their own, see `countries.regions_of`; None elsewhere."""

    def chosen(self, indices: Sequence[int]) -> "SegmentRows":
        """Some of the rows."""
        regions = None if self.regions is None else [self.regions[at] for at in indices]
        return SegmentRows([self.texts[at] for at in indices], regions)


class StorageError(Exception):
    """The object store does not take, or does not give, what it should; asking again may help."""


class MissingObjectError(Exception):
    """An object that must be there is not, or is broken; the message says which, and where."""


class Segments:
    """The segments of all batches. All methods block: they belong in a thread.

    All raise StorageError while the store cannot do it.
    """

    def __init__(self, store: ObjectStore, moment_ttl_s: int = 3_600) -> None:
        """`moment_ttl_s`: for how long it is told what was true for a moment only."""
        self.store = store
        self._moment_ttl_ms = moment_ttl_s * 1_000
        self._root = root_of(store)

    def put_rows(self, batch_id: str, index: int, segment: Segment) -> None:
        """Store the rows of a segment."""
        if segment.texts is not None:
            self._put(rows_path(batch_id, index, "texts"), orjson.dumps(segment.texts))
        if segment.cells is not None:
            self._put(rows_path(batch_id, index, "cells"), segment.cells)

    def rows(self, plan: Plan, index: int) -> SegmentRows:
        """The rows of a segment. Raises MissingObjectError."""
        layout = plan.layout
        region_at = region_column(layout, plan.order.region_column)
        if layout.format == "csv":
            cells = self.cells(plan, index)
            texts: list[Text] = [*column_of(cells, layout.delimiter, layout.phone_column)]
        else:
            cells = self.cells(plan, index) if plan.has_cells and region_at is not None else b""
            texts = orjson.loads(self._get(rows_path(plan.batch_id, index, "texts")))
        if region_at is None or not cells:
            return SegmentRows(texts, None)
        names = column_of(cells, layout.delimiter, region_at)
        return SegmentRows(texts, regions_of(names, texts))

    def cells(self, plan: Plan, index: int) -> bytes:
        """The rows' own cells as clean CSV. Raises MissingObjectError."""
        return self._get(rows_path(plan.batch_id, index, "cells"))

    def put_result(self, batch_id: str, index: int, generation: int, lines: bytes) -> bytes:
        """Store the records of a segment, one line a row; those of another run stay if there are any.

        Returns what is stored now.
        """
        try:
            self._put(result_path(batch_id, index, generation), lines, "create")
        except obstore.exceptions.AlreadyExistsError:
            return self.result(batch_id, index, generation)
        return lines

    def result(self, batch_id: str, index: int, generation: int) -> bytes:
        """The records of a segment. Raises MissingObjectError."""
        return self._get(result_path(batch_id, index, generation))

    def told(self, plan: Plan, index: int, generation: int) -> bytes:
        """The records of a segment as whoever asks for them may have them now. Raises MissingObjectError."""
        lines = self.result(plan.batch_id, index, generation)
        if plan.order.request_type != "validation":
            return lines
        with ONE_AT_A_TIME:
            return as_told_now(lines, now_ms() - self._moment_ttl_ms, plan.order.shows_checked_at)

    def put_partial(self, batch_id: str, index: int, generation: int, lines: bytes) -> None:
        """Store what is answered of a segment so far (see `partial_records`), in place of what was before."""
        self._put(result_path(batch_id, index, generation) + ".part", lines)

    def partial(self, batch_id: str, index: int, generation: int) -> bytes:
        """What is answered of a segment so far. Raises MissingObjectError."""
        return self._get(result_path(batch_id, index, generation) + ".part")

    def erase(self, batch_id: str) -> None:
        """Delete every object of a batch; repeatable."""
        with storage_errors(), contextlib.suppress(FileNotFoundError):
            if self._root is not None:
                remove_links(self._root, f"batches/{batch_id}")
            for objects in obstore.list(self.store, f"batches/{batch_id}/"):
                obstore.delete(self.store, [each["path"] for each in objects])

    def _put(self, path: str, data: bytes, mode: Literal["create", "overwrite"] = "overwrite") -> None:
        self._refuse_link(path)
        with storage_errors():
            obstore.put(self.store, path, zstd.compress(data, options=OPTIONS), mode=mode)
            if self._root is not None:
                (self._root / path).chmod(0o600)

    def _get(self, path: str) -> bytes:
        return verified(path, self._packed(path))

    def _refuse_link(self, path: str) -> None:
        link = None if self._root is None else link_on(self._root, path)
        if link is not None:
            raise MissingObjectError(f"{path} is not here: {link.name} is a link, which is not followed")

    def _packed(self, path: str) -> bytes:
        self._refuse_link(path)
        try:
            with storage_errors():
                # Else it would be a buffer of the store's own kind.
                return bytes(obstore.get(self.store, path).bytes())
        except FileNotFoundError:
            raise MissingObjectError(f"{path} is missing") from None

    def stored(self) -> list[str]:
        """The ids of the batches that have objects, or of anything else that has a folder there."""
        with storage_errors(), contextlib.suppress(FileNotFoundError):
            folders = obstore.list_with_delimiter(self.store, "batches/")["common_prefixes"]
            return [folder.rpartition("/")[2] for folder in folders]
        return []

    def last_written(self, batch_id: str) -> datetime | None:
        """When the last object of a batch was written; None when it has none."""
        last = None
        with storage_errors(), contextlib.suppress(FileNotFoundError):
            for objects in obstore.list(self.store, f"batches/{batch_id}/"):
                last = max([*([last] if last else []), *(each["last_modified"] for each in objects)])
        return last


def verified(path: str, frame: bytes) -> bytes:
    """What a stored frame holds, once its checksum has been found right. Raises MissingObjectError."""
    try:
        return zstd.decompress(frame)
    except zstd.ZstdError:
        raise MissingObjectError(f"{path} is broken: what it holds does not fit its checksum") from None


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Raise StorageError for what goes wrong in the object store, but for what is there, or is not."""
    try:
        yield
    except (FileNotFoundError, obstore.exceptions.AlreadyExistsError):
        raise
    except (obstore.exceptions.BaseError, OSError) as error:
        raise StorageError(reason(error)) from None


def rows_path(batch_id: str, index: int, what: str) -> str:
    """Where the rows of a segment are."""
    return f"batches/{batch_id}/rows/{index:08}.{what}"


def result_path(batch_id: str, index: int, generation: int) -> str:
    """Where the records of a segment are."""
    return f"batches/{batch_id}/results/{index:08}.{generation}"


def reason(error: Exception) -> str:
    """The first line of what the store says, without its address; of handles where these ran out."""
    number = OS_ERROR.search(str(error))
    if number is not None and int(number[1]) in TOO_MANY_OPEN:
        return OUT_OF_HANDLES
    status = STATUS.search(str(error))
    if status is not None:
        return f"it answers {status[1]}"
    return ADDRESS.sub("(address)", str(error).partition("\n")[0])[:200]
