"""Installing where there is no compiler: the loop in machine code is left out, and all else works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ONE_NUMBER = """
from validator_svc.kernel import HAS_NATIVE, new_kernel
from validator_svc.kernel.interface import Kind
from validator_svc.kernel.plan_store import current_plan
assert not HAS_NATIVE
assert b'"is_valid":true' in new_kernel(current_plan()).texts(["+442079460018"], Kind("format"))
"""


def test_without_a_compiler_the_loop_is_left_out(tmp_path: Path) -> None:
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(
        ROOT / "validator_svc",
        tmp_path / "validator_svc",
        ignore=shutil.ignore_patterns("*.so", "__pycache__"),
    )
    missing = str(tmp_path / "no-compiler")
    build = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    environment = os.environ | {"CC": missing, "CXX": missing}
    built = subprocess.run(build, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert "no-compiler" in built.stderr
    assert list(tmp_path.rglob("*.so")) == []
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", ONE_NUMBER], cwd=tmp_path, env=environment, check=True)
