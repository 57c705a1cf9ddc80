"""The first results of `validator-svc check` as a table, for whoever sits at a terminal."""

from collections.abc import Mapping
from typing import BinaryIO, cast

import orjson

from validator_svc.commands.number_table import show_table
from validator_svc.record.meanings import Value

ROWS = 10


class Head:
    """Takes records, NDJSON, and keeps the first of them."""

    def __init__(self) -> None:
        self._kept = b""
        self._rows = 0

    def write(self, data: bytes) -> int:
        """Keep what is among the first records."""
        if self._rows < ROWS:
            lines = data.splitlines(keepends=True)[: ROWS - self._rows]
            self._rows += len(lines)
            self._kept += b"".join(lines)
        return len(data)

    def flush(self) -> None:
        """Nothing is written anywhere."""

    def isatty(self) -> bool:
        """It is no terminal: what it keeps is shown in the end."""
        return False

    @property
    def file(self) -> BinaryIO:
        """This as what results are written to."""
        return cast(BinaryIO, self)

    def show(self, rows: int) -> None:
        """Print the records that were kept, of so many."""
        records: list[Mapping[str, Value]] = [orjson.loads(line) for line in self._kept.splitlines()]
        show_table(records)
        more = rows - len(records)
        rest = f"{more:,} more rows; " if more > 0 else ""
        print(f"\n{rest}--output FILE writes all, --output - prints all as NDJSON\n", flush=True)
