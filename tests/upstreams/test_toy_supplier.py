"""A supplier is added by its folder, a line of the registry and its settings: nothing else is touched."""

import shutil
import subprocess
import sys
from pathlib import Path

import orjson

import validator_svc
from tests.service import START_S, environment

PACKAGE = Path(validator_svc.__file__).parent
FOLDER = """
import contextlib
from validator_svc.upstreams.outcome import LiveAnswer, Outcome
from validator_svc.upstreams.protocol import Keeping, Limits, Reply


class Toy:
    name, key_setting = "toy", "VALIDATOR_TOY_KEY"
    limits, keeping, jobs = Limits(10, 100.0, 1, 60.0), Keeping(), None

    def __init__(self, price):
        self.prices = {"analysis": price, "validation": price}

    def answers(self, request_type, region_code):
        return region_code == "ID"

    async def look_up(self, request_type, numbers):
        answer = LiveAnswer(1_700_000_000_000, is_valid=True, current_carrier="Toy Mobile")
        return Reply({digits: Outcome(answer, None, self.name, "0.001") for digits in numbers})


@contextlib.asynccontextmanager
async def connected(settings):
    yield Toy(settings.toy_price)
"""


def with_toy(folder: Path) -> Path:
    """The package with a supplier more: all else stays where it is."""
    package = folder / "validator_svc"
    package.mkdir()
    for each in PACKAGE.iterdir():
        if each.name not in ("upstreams", "config.py"):
            (package / each.name).symlink_to(each)
    shutil.copytree(PACKAGE / "upstreams", package / "upstreams")
    (package / "upstreams" / "toy").mkdir()
    (package / "upstreams" / "toy" / "__init__.py").write_text(FOLDER)
    registry = package / "upstreams" / "registry.py"
    registry.write_text(
        registry.read_text().replace("SUPPLIERS = {", 'SUPPLIERS = {\n    "toy": "toy_key",', 1)
    )
    settings = (PACKAGE / "config.py").read_text()
    toy = '    toy_url: str = ""\n    toy_key: str | None = None\n    toy_price: Decimal = Decimal("0.001")\n'
    before = "    host: str = Field("
    assert before in settings
    (package / "config.py").write_text(settings.replace(before, toy + before, 1))
    return folder


def test_a_toy_supplier_is_asked(tmp_path: Path) -> None:
    folder = with_toy(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "validator_svc", "check", "--type", "validation", "-"],
        env=environment(tmp_path / "data", VALIDATOR_TOY_KEY="any") | {"PYTHONPATH": str(folder)},
        cwd=folder,
        input=b"+6281234567000\n+6281234567000\n+442079460000\n",
        capture_output=True,
        timeout=START_S,
        check=False,
    )
    records = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert [record["source"] for record in records] == ["toy", "cache", "plan"], done.stderr.decode()
    assert [record["cost"] for record in records] == ["0.001", "0", "0"]
    assert records[0]["carrier_name"] == "Toy Mobile"
