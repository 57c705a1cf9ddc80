"""Whether the service that runs here is well: `python -m validator_svc.health`, for containers.

Whatever runs says so in a folder of this user's, by its process id: where `serve` listens, or that
`worker` and `watch` still move. Exit status 0 when all of them are well, 1 when one is not or none is there.
It takes nothing but Python itself, as it is run every few seconds.
"""

import contextlib
import json
import os
import stat
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ANSWER_S = 3.0
BEAT_S = 5.0
# An event loop that does not come round for so long is stuck.
STUCK_S = 60.0
# Of addresses that stand for every one of the machine.
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def private_folder() -> Path:
    """A folder of this user's alone, which is there until the machine or container ends. Raises OSError."""
    folder = Path(tempfile.gettempdir()) / f"validator-svc-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = folder.lstat()
    if owner.st_uid != os.getuid() or not stat.S_ISDIR(owner.st_mode) or owner.st_mode & 0o077:
        raise PermissionError(f"{folder} must be a directory that only this user can enter")
    return folder


@contextlib.contextmanager
def shown(url: str | None) -> Iterator[Path | None]:
    """Say that this process runs, for as long as the block: where it listens, or None where it beats.

    Yields the file whose time is its beat; None where nothing can be written, which stops no service.
    """
    try:
        file = private_folder() / f"{os.getpid()}.running"
        file.write_text(json.dumps({"url": url}))
    except OSError:
        yield None
        return
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


def url_of(host: str, port: int) -> str:
    """Where a service that listens on an address is reached from its own machine."""
    host = LOOPBACK.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def complaints() -> list[str]:
    """What is wrong with the services that run here, a line each; that there is none is wrong too."""
    files = [file for file in private_folder().glob("*.running") if is_alive(int(file.stem))]
    if not files:
        return ["no service runs here"]
    return [f"process {file.stem}: {why}" for file in files if (why := complaint(file))]


def complaint(file: Path) -> str | None:
    """What is wrong with one of them."""
    url = json.loads(file.read_text())["url"]
    if url is None:
        silent_s = time.time() - file.stat().st_mtime
        return f"has not moved for {silent_s:.0f} s" if silent_s > STUCK_S else None
    try:
        # Nobody's proxy stands between a service and itself.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(f"{url}/healthz", timeout=ANSWER_S).close()
    except (OSError, urllib.error.URLError) as error:
        return f"{url} does not answer: {error}"
    return None


def is_alive(pid: int) -> bool:
    """Whether the process lives; a killed one leaves its file behind."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


if __name__ == "__main__":
    found = complaints()
    print("\n".join(found) or "well")
    sys.exit(1 if found else 0)
