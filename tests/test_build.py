"""A wheel, built where there is no compiler, in an environment of its own: what it can do."""

import os
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from pathlib import Path

import orjson
import pytest

from tests.service import START_S, Service

ROOT = Path(__file__).parent.parent
NUMBER = "+6281234567000"
WHERE = """
import validator_svc
from validator_svc.kernel import HAS_NATIVE
from validator_svc.kernel.plan_store import PACKAGED, opened
assert not HAS_NATIVE
assert opened(PACKAGED) is not None
print(validator_svc.__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, of the files that a clone has."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    left_out = shutil.ignore_patterns("*.so", "__pycache__", "plan.bin")
    shutil.copytree(ROOT / "validator_svc", folder / "validator_svc", ignore=left_out)
    # What Cython made of the same files need not be made again.
    if (ROOT / "build" / "native").exists():
        shutil.copytree(ROOT / "build" / "native", folder / "build" / "native")
    missing = str(folder / "no-compiler")
    build = [sys.executable, "setup.py", "-q", "bdist_wheel"]
    environment = os.environ | {"CC": missing, "CXX": missing}
    built = subprocess.run(build, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert "no-compiler" in built.stderr
    (path,) = (folder / "dist").glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel, and nothing of this clone.

    What the package needs is taken from the environment of the tests; paths that are put there by files of
    it, such as that of this clone, are not.
    """
    root = tmp_path_factory.mktemp("installed")
    venv.create(root)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = root / "lib" / version / "site-packages"
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = str(root / "bin" / "python")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*install, str(wheel)], check=True)
    return root / "bin"


def environment(folder: Path) -> dict[str, str]:
    """An empty home, and no setting."""
    return {"HOME": str(folder), "PATH": "/usr/bin:/bin", "VALIDATOR_PORT": "0", "LANG": "C.UTF-8"}


def ran(installed: Path, folder: Path, *arguments: str) -> str:
    """The output of a program of that environment, in an empty folder."""
    run = [str(installed / arguments[0]), *arguments[1:]]
    return subprocess.check_output(run, cwd=folder, env=environment(folder), text=True, timeout=START_S)


def test_it_has_what_it_needs_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert not any(name.startswith(("tests/", "loadtest/")) or name.endswith(".so") for name in names)
    for name in ("numbering/data/plan.bin", "report/report.css", "kernel/native.pyx"):
        assert f"validator_svc/{name}" in names
    assert wheel.stat().st_size < 2 * 1024 * 1024


def test_it_looks_up_checks_and_serves(installed: Path, tmp_path: Path) -> None:
    assert ran(installed, tmp_path, "python", "-c", WHERE).startswith(str(installed.parent))
    record = orjson.loads(ran(installed, tmp_path, "validator-svc", "lookup", NUMBER))
    assert (record["is_valid"], record["carrier_name"]) == (True, "Telkomsel")
    (tmp_path / "list.csv").write_text(f"name,phone\nAnn,{NUMBER}\n")
    output = ("-o", "out.csv", "--report", "out.html")
    ran(installed, tmp_path, "validator-svc", "check", "list.csv", *output)
    assert NUMBER in (tmp_path / "out.csv").read_text()
    assert "Telkomsel" in (tmp_path / "out.html").read_text()
    serve = [str(installed / "validator-svc"), "serve"]
    process = subprocess.Popen(serve, cwd=tmp_path, env=environment(tmp_path), stderr=subprocess.PIPE)
    service = Service(process)
    service.wait_until_listening()
    address = f"{service.url}/v1/validation?type=format&phone_number=6281234567000"
    with urllib.request.urlopen(address, timeout=START_S) as answer:
        assert orjson.loads(answer.read())["e164_format"] == NUMBER
    assert service.stop() == 0
    doctor = ran(installed, tmp_path, "validator-svc", "doctor")
    for told in (doctor, b"".join(service.log).decode()):
        assert "pip install --force-reinstall --no-deps validator_svc-" in told
