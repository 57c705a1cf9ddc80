"""Settings that are mistyped, and a REDIS_URL that cannot be used, over the commands that read them."""

import importlib.metadata
import subprocess
from pathlib import Path

import orjson
import pytest

from tests.service import START_S, command, environment, ran, running
from validator_svc.environment import unread

UNUSABLE = [
    "localhost:6379",
    "redis.internal",
    "http://:secret@host",
    "valkey://:secret@host",
    "memory://",
    "REDIS://host",
    "redis://:secret@host:port/0",
    "redis://:secret@host:99999/0",
    "redis://:secret@host/name",
    "redis://:secret@host/0?nonsense=1",
    "redis://:secret@[::1",
    "unix://",
    "redis+sentinel://:secret@host:26379",
    "redis+sentinel://:secret@host:26379/",
    "redis+sentinel:///main",
    "redis+sentinel://:secret@host:port/main",
    "redis+sentinel://:secret@host,other:99999/main",
    "rediss+sentinel://:secret@host/main/first",
    "redis+sentinel://:secret@host/main?socket_timeout=soon",
    "redis+cluster://:secret@host:6379/1",
    "redis+cluster://:secret@host:port",
    "unix+cluster:///secret",
    "redis+clusters://:secret@host",
]


def run(data_dir: Path, *arguments: str, status: int, **settings: str) -> "subprocess.CompletedProcess[str]":
    done = ran(data_dir, *arguments, typed="+6281234567000\n", **settings)
    assert done.returncode == status, done.stderr
    return done


@pytest.mark.parametrize("url", UNUSABLE)
def test_a_redis_url_that_cannot_be_used_is_named_and_not_shown(tmp_path: Path, url: str) -> None:
    said = run(tmp_path, "serve", status=2, REDIS_URL=url).stderr
    assert said.startswith("validator-svc: REDIS_URL: ")
    assert "expected redis://" in said
    assert said.count("\n") == 1
    assert "secret" not in said


@pytest.mark.parametrize("arguments", [["worker"], ["watch", "drop"], ["check", "-", "--type", "analysis"]])
def test_every_command_that_needs_redis_says_so(tmp_path: Path, arguments: list[str]) -> None:
    settings = {"REDIS_URL": "localhost:6379", "VALIDATOR_WAVIX_APPID": "any"}
    assert "REDIS_URL: expected" in run(tmp_path, *arguments, status=2, **settings).stderr


def test_variables_that_nobody_reads_are_named(tmp_path: Path) -> None:
    settings = {"VALIDATOR_PROT": "secret", "VALIDATOR_ADMINS": "secret", "VALIDATOR_KEY": "known"}
    said = run(tmp_path, "check", "-", status=0, **settings).stderr.splitlines()
    assert (
        "VALIDATOR_PROT is no setting of this version and is ignored; did you mean VALIDATOR_PORT?" in said[1]
    )
    assert said[0].startswith("validator-svc: VALIDATOR_ADMINS is no setting")
    assert "secret" not in "".join(said)
    said = run(tmp_path, "submit", "nowhere", status=2, VALIDATOR_PROT="1").stderr.splitlines()
    assert "VALIDATOR_PORT?" in said[0]
    with running(tmp_path, VALIDATOR_PROT="1") as service:
        first = orjson.loads(service.log[0])
        assert (first["event"], first["level"]) == ("unknown_variable", "warning")
        assert "VALIDATOR_PORT?" in first["what"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("VALIDATOR_WAVIX_APP_ID", "VALIDATOR_WAVIX_APPID"),
        ("VALIDATOR_WAVIX_RATES", "VALIDATOR_WAVIX_RATE"),
        ("VALIDATOR_REDIS_URL", "REDIS_URL"),
        ("VALIDATOR_DATADIR", "VALIDATOR_DATA_DIR"),
        ("VALIDATOR_DROPDIR", "VALIDATOR_DROP_DIR"),
        ("VALIDATOR_WORKER", "VALIDATOR_WORKERS"),
        ("validator_hotss", "VALIDATOR_HOSTS"),
    ],
)
def test_the_variable_meant_is_found(name: str, meant: str) -> None:
    (said,) = unread({name: "x"})
    assert said.endswith(f"; did you mean {meant}?")


def test_what_others_set_is_not_complained_about() -> None:
    kubernetes = {
        "VALIDATOR_SERVICE_HOST": "10.0.0.1",
        "VALIDATOR_SERVICE_PORT_HTTP": "80",
        "VALIDATOR_SVC_PORT": "tcp://10.0.0.1:80",
        "VALIDATOR_PORT_80_TCP_ADDR": "10.0.0.1",
    }
    assert unread(kubernetes | {"validator_port": "80", "PATH": "", "VALIDATION": ""}) == []


def test_a_data_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for arguments in (["serve"], ["worker"], ["watch", str(tmp_path / "drop")]):
        said = run(file, *arguments, status=2).stderr
        assert said.startswith(f"validator-svc: VALIDATOR_DATA_DIR: {file}: ")
        assert said.count("\n") == 1


def test_a_disk_that_takes_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *command("serve")],
        env=environment(tmp_path / "data"),
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("validator-svc: VALIDATOR_DATA_DIR: ")
    assert done.stderr.count("\n") == 1


def test_the_version_is_told() -> None:
    done = subprocess.run(command("--version"), capture_output=True, text=True, timeout=START_S, check=True)
    assert done.stdout == f"validator-svc {importlib.metadata.version('validator-svc')}\n"


def test_the_module_goes_by_the_command_s_name() -> None:
    done = subprocess.run(command("--help"), capture_output=True, text=True, timeout=START_S, check=True)
    assert "Usage: validator-svc" in done.stdout


def test_what_leaves_the_machine_code_out_is_read() -> None:
    assert unread({"VALIDATOR_NO_NATIVE": "1"}) == []
