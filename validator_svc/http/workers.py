"""Worker processes: several share one listening socket, so that the service uses every core."""

import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

import structlog

from validator_svc.stopping import Stop, heeded

log = structlog.get_logger()

# A worker that ends sooner than this after its start would only do so again.
VIABLE_S = 1.0

FIGURES_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@contextlib.contextmanager
def shared_figures(workers: int) -> Iterator[None]:
    """A folder in which several workers keep their figures together, so that each can tell all of them.

    prometheus-client asks for it in the environment, before it is imported.
    """
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="validator-svc-") as folder:
        os.environ[FIGURES_FOLDER] = folder
        yield


class Workers:
    """Keeps `count` processes running `work` until asked to stop.

    They are forks of this process: what is loaded before is shared. A worker that dies is replaced,
    unless it dies at its start: then everything ends, with status 1. `on_end` is told the process id
    of each that ended.
    """

    def __init__(
        self, count: int, work: Callable[[], None], on_end: Callable[[int], None], stop: Stop
    ) -> None:
        self.count = count
        self.work = work
        self.on_end = on_end
        self.stop = stop
        self.started_s: dict[int, float] = {}
        self.status = 0

    def run(self) -> int:
        """Run until told to stop; returns the exit status."""
        stops = frozenset(heeded())
        watched = stops | {signal.SIGCHLD}
        before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
        try:
            for _ in range(self.count):
                self._start(before)
            while not self.stop.is_asked and signal.sigwait(watched) not in stops:
                if not self._replace_ended(before):
                    break
            self._stop()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self.status

    def _start(self, mask: set[int | signal.Signals]) -> None:
        pid = os.fork()
        if pid:
            self.started_s[pid] = time.monotonic()
            return
        # What the parent has to clean up, its store above all, is no business of the fork's.
        status = 1
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            self.work()
            status = 0
        except BaseException:
            log.exception("worker_broke")
        finally:
            try:
                sys.stderr.flush()
            finally:
                os._exit(status)

    def _replace_ended(self, mask: set[int | signal.Signals]) -> bool:
        """Replace workers that ended; False when one ended too soon to try again."""
        while ended := self._reaped(os.WNOHANG):
            pid, lived_s = ended
            log.error("worker_ended", pid=pid, lived_s=round(lived_s, 1))
            if lived_s < VIABLE_S:
                self.status = 1
                return False
            self._start(mask)
        return True

    def _stop(self) -> None:
        for pid in self.started_s:
            os.kill(pid, signal.SIGTERM)
        while self._reaped(0):
            pass

    def _reaped(self, options: int) -> tuple[int, float] | None:
        """One of our workers that ended, and how long it lived; None when there is none (left)."""
        for pid in list(self.started_s):
            ended, _ = os.waitpid(pid, options)
            if ended:
                self.on_end(pid)
                return pid, time.monotonic() - self.started_s.pop(pid)
        return None
