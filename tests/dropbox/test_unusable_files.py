"""Files that cannot be used: each in `failed` with the reason beside it, and the watcher goes on."""

import ctypes
import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.batches.processes import Processes
from tests.dropbox.dropping import DropFolder, contacts
from tests.service import START_S, command, environment

VALID = "+6281234567000"
# linux/prctl.h, linux/capability.h
PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


async def is_alive(folder: DropFolder, name: str) -> None:
    """A file that is dropped now is answered."""
    folder.drop(f"after {name}.csv", contacts(VALID))
    assert (await folder.report(f"after {name}.csv"))["count"] == 1


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("empty.csv", "", "the file is empty"),
        ("header.csv", "name,phone\n", "line 1: the file is only a header"),
        ("quote.csv", 'name,phone\nAnn,12\n"Bob,13\n', "line 3: a cell opened with a quote is never closed"),
        ("nophone.csv", "a,b\nx,y\n", "no phone column found"),
        ("cut.csv.gz", b"\x1f\x8b\x08\x00cut", "the gzip file is corrupt or cut short"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200), "expected text"),
    ],
)
async def test_the_reason_names_the_line(
    watched: DropFolder, name: str, data: bytes | str, says: str
) -> None:
    watched.drop(name, data)
    error = await watched.error(name)
    assert error.startswith(f"{name} could not be validated.")
    assert says in error
    assert (watched.failed / name).exists()
    assert not list(watched.outbox.glob(f"{name}.*"))


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ('type = "format"\ncolunm = "x"\n', "line 2: colunm: there is no such option; expected one of type,"),
        ('\ntype = "all"\n', "line 2: type: expected 'format', 'analysis' or 'validation'"),
        ('country = "Atlantis"\n', "line 1: country: expected an ISO 3166-1 alpha-2 code"),
        ('type = "format"\nformat csv\n', "line 2: Expected '='"),
        ("header = 1\n", "line 1: header: "),
        ("max_cost = -1\n", "line 1: max_cost: "),
        ('[column]\nname = "x"\n', "line 1: column: "),
        ('column = "other"\n', "there is no column 'other'; the columns are"),
        ('encoding = "klingon"\n', "klingon"),
        (b"type = '\xff'\n", "line 1: expected UTF-8"),
        ("#\n" * 9_000, "expected at most 16384 bytes"),
        ("\n" * 200_000 + "speed = 1", "expected at most 16384 bytes"),
        # What takes long to read, or to tell the line of, when it is read without thought.
        ("\n" * 16_000 + "speed = 1", "line 16001: speed: there is no such option"),
        (" \t\n" * 5_000 + "speed = 1", "line 5001: speed: there is no such option"),
        ("#\n" + "[" * 8_000, "line 2: expected at most 1000 characters on a line"),
        ("a." * 490 + "a = 1\n", "line 1: a: there is no such option"),
        ("column = " + "[\n" * 8_000, "nested too deeply"),
        ("\n'" + " " * 900 + "x' = 1", "line 2: "),
    ],
    ids=range(18),
)
async def test_options_that_cannot_be_used_are_named(
    watched: DropFolder, request: pytest.FixtureRequest, toml: str | bytes, says: str
) -> None:
    name = f"options {request.node.callspec.id}.csv"
    (watched.inbox / f"{name}.toml").write_bytes(toml.encode() if isinstance(toml, str) else toml)
    watched.drop(name, contacts(VALID))
    error = await watched.error(name)
    assert says in error
    if says.startswith("line"):
        assert f"{name}.toml, line" in error
    assert (watched.failed / f"{name}.toml").exists()


async def test_defaults_that_cannot_be_used_are_named(watched: DropFolder) -> None:
    (watched.root / "dropbox.toml").write_text('type = "format"\nspeed = "high"\n')
    try:
        watched.drop("defaults.csv", contacts(VALID))
        assert "dropbox.toml, line 2: speed: there is no such option" in await watched.error("defaults.csv")
    finally:
        (watched.root / "dropbox.toml").unlink()


async def test_a_second_failure_keeps_the_first(watched: DropFolder) -> None:
    for text in ("", "phone\n"):
        watched.drop("twice.csv", text)
        await watched.until(lambda: not (watched.inbox / "twice.csv").exists())
    assert "empty" in (watched.failed / "twice.csv.error.txt").read_text()
    assert "header" in (watched.failed / "twice (2).csv.error.txt").read_text()
    assert (watched.failed / "twice (2).csv").read_text() == "phone\n"


async def test_a_folder(watched: DropFolder) -> None:
    (watched.inbox / "folder").mkdir()
    (watched.inbox / "folder" / "inner.csv").write_text(contacts(VALID))
    assert "this is a folder; expected a file" in await watched.error("folder")
    assert (watched.failed / "folder" / "inner.csv").exists()
    await is_alive(watched, "folder")


async def test_a_link_out_of_the_folder(watched: DropFolder, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(contacts(VALID))
    (watched.inbox / "link.csv").symlink_to(secret)
    assert "this is a symbolic link; expected a file" in await watched.error("link.csv")
    assert secret.read_text() == contacts(VALID)
    await is_alive(watched, "link")


async def test_a_link_as_sidecar(watched: DropFolder, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    (watched.inbox / "linked.csv.toml").symlink_to(secret)
    watched.drop("linked.csv", contacts(VALID))
    error = await watched.error("linked.csv")
    assert "linked.csv.toml: is a symbolic link; expected a file" in error
    assert "a secret" not in error


async def test_a_named_pipe(watched: DropFolder) -> None:
    os.mkfifo(watched.inbox / "pipe.csv")
    assert "this is a named pipe; expected a file" in await watched.error("pipe.csv")
    await is_alive(watched, "pipe")


async def test_a_named_pipe_where_the_folder_has_its_id(group: Processes, folder: DropFolder) -> None:
    watcher = group.watch(folder.root)
    identity = folder.root / ".drop-id"
    text = identity.read_text()
    identity.unlink()
    os.mkfifo(identity)
    folder.drop("waiting.csv", contacts(VALID))
    await folder.until(lambda: any(b"this is a named pipe" in line for line in watcher.log))
    identity.unlink()
    identity.write_text(text)
    assert (await folder.report("waiting.csv"))["count"] == 1


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_cannot_be_the_id_of_a_folder_is_said(folder: DropFolder, tmp_path: Path, kind: str) -> None:
    identity = folder.root / ".drop-id"
    make: dict[str, Callable[[], None]] = {
        "pipe": lambda: os.mkfifo(identity),
        "link": lambda: identity.symlink_to("/dev/zero"),
        "folder": identity.mkdir,
    }
    make[kind]()
    run = subprocess.run(
        command("watch", str(folder.root)),
        env=environment(tmp_path / "data"),
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )
    assert run.returncode == 2
    assert ".drop-id: this is a" in run.stderr
    assert "Traceback" not in run.stderr


async def test_a_socket(watched: DropFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    # A socket's path may not be long.
    monkeypatch.chdir(watched.inbox)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.csv")
    assert "this is a socket; expected a file" in await watched.error("socket.csv")
    await is_alive(watched, "socket")


async def test_a_file_that_may_not_be_read(group: Processes, folder: DropFolder) -> None:
    folder.drop("secret.csv", contacts(VALID))
    (folder.inbox / "secret.csv").chmod(0)
    folder.drop("options.csv", contacts(VALID))
    (folder.inbox / "options.csv.toml").write_text('type = "format"')
    (folder.inbox / "options.csv.toml").chmod(0)
    group.before_exec = without_privilege
    group.watch(folder.root)
    assert "no permission to read" in await folder.error("secret.csv")
    assert "options.csv.toml: may not be read" in await folder.error("options.csv")
    await is_alive(folder, "secret")


def without_privilege() -> None:
    """Give up the right to read what permission bits forbid, which root has."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH:
            assert libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0
