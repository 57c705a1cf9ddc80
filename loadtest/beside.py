"""Work that goes on in a thread beside what is measured."""

import threading
from types import TracebackType
from typing import Self


class Beside:
    """Runs `run` in a thread for as long as the block; it has to end when `ends` is set."""

    def __init__(self) -> None:
        self.ends = threading.Event()
        self._thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        """What is done."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ends.set()
        self._thread.join()
