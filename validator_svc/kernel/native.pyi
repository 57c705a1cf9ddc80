from array import array
from collections.abc import Callable, Sequence
from mmap import mmap
from typing import TypeVar, overload

from validator_svc.kernel.interface import Pieces, Template

Value = TypeVar("Value")
Meaning = TypeVar("Meaning")

class JsonTexts(Sequence[str]):
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

class NativePlan:
    def __init__(
        self,
        content: bytes | mmap,
        records: int,
        reasons: int,
        reason_ids: tuple[int, ...],
        patterns_known: bool,
        verdicts: dict[str, bool],
    ) -> None: ...
    def join(
        self,
        texts: list[str],
        shapes: array[int],
        digits: list[str],
        groups: array[int],
        pieces: list[Pieces],
    ) -> bytes: ...
    def find(self, texts: list[str | None], region: int) -> tuple[bytes, bytes, list[str], bytes]: ...

class NativeConstants:
    def __init__(
        self,
        plan: NativePlan,
        before: bytes,
        make: Callable[[int, bool | None], tuple[bytes, bytes, bytes]],
    ) -> None: ...

class NativeState:
    def __init__(self, counts_duplicates: bool, keeps_valid: bool) -> None: ...
    def has(self, number: int) -> bool: ...

class NativeTemplates:
    def __init__(self, plan: NativePlan, templates: list[Template], kinds: tuple[str, ...]) -> None: ...
    def fill(
        self, plan: NativePlan, constants: NativeConstants, region: int, block: bytes
    ) -> tuple[bytes, int, int, bytes]: ...

class Work:
    rows: int
    assumed: int
    duplicates: int
    consumed: int
    is_irregular: bool

    def __init__(
        self,
        plan: NativePlan,
        constants: NativeConstants,
        state: NativeState | None,
        region: int,
        delimiter: str,
        slow: Callable[[bytes, int, bool], bytes],
    ) -> None: ...
    def lines(self, block: bytes, is_last: bool) -> bytes: ...
    def ndjson(self, block: bytes, key: bytes, is_last: bool) -> bytes: ...
    def texts(self, texts: list[str | None]) -> bytes: ...
    def listed(self, texts: list[str] | JsonTexts, before: bytes, after: bytes) -> bytes: ...
    def csv(
        self,
        block: bytes,
        column: int,
        width: int,
        country_column: int | None,
        countries: Callable[[str], int],
        line_end: bytes | None,
        is_last: bool,
    ) -> bytes: ...
    def valid_count(self) -> int: ...
    def valid(self) -> bytes: ...
    def count(self, counts: array[int]) -> None: ...

def alike(
    records: array[int], verdicts: Sequence[object], answers: Sequence[object]
) -> tuple[bytes, list[int], list[int]]: ...
def distinct(numbers: array[int]) -> tuple[bytes, bytes]: ...
def bulk_strings(beginning: bytes, numbers: array[int]) -> bytes: ...
def meanings(values: list[Value], meaning: Callable[[Value], Meaning]) -> list[Meaning]: ...
def lengths_of(values: Sequence[object]) -> tuple[int, int] | None: ...
def json_texts(body: bytes) -> tuple[JsonTexts, bytes] | None: ...
def count_line_ends(text: bytes, most: int) -> int: ...
def rendered(
    records: bytes, rows: bytes | None, delimiter: str, width: int, line_end: bytes
) -> bytes | None: ...
