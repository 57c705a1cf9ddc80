"""A supplier is added by its folder and a line of the registry: nothing else is touched."""

import shutil
import subprocess
import sys
from pathlib import Path

import orjson

import validator_svc
from tests.service import START_S, environment

PACKAGE = Path(validator_svc.__file__).parent
SETTINGS = """
from decimal import Decimal
from validator_svc.upstreams.account_settings import AccountSettings


class Settings(AccountSettings, supplier="toy"):
    key: str | None = None
    price: Decimal = Decimal("0.001")
"""
CLIENT = """
import contextlib
from validator_svc.upstreams.outcome import LiveAnswer, Outcome
from validator_svc.upstreams.protocol import Keeping, Reply


class Toy:
    name, keeping, jobs = "toy", Keeping(), None

    def __init__(self, settings):
        self.limits = settings.limits(10)
        self.prices = {"analysis": settings.price, "validation": settings.price}
        self.tells = dict.fromkeys(self.prices, frozenset({"current_carrier"}))

    def answers(self, request_type, region_code):
        return region_code == "ID"

    async def look_up(self, request_type, numbers):
        answer = LiveAnswer(1_700_000_000_000, is_valid=True, current_carrier="Toy Mobile")
        return Reply({digits: Outcome(answer, None, self.name, "0.001") for digits in numbers})


@contextlib.asynccontextmanager
async def connected(settings):
    yield Toy(settings)
"""


def with_toy(folder: Path) -> Path:
    """The package with a supplier more: all else stays where it is."""
    package = folder / "validator_svc"
    package.mkdir()
    for each in PACKAGE.iterdir():
        if each.name != "upstreams":
            (package / each.name).symlink_to(each)
    shutil.copytree(PACKAGE / "upstreams", package / "upstreams")
    toy = package / "upstreams" / "toy"
    toy.mkdir()
    (toy / "__init__.py").touch()
    (toy / "settings.py").write_text(SETTINGS)
    (toy / "client.py").write_text(CLIENT)
    registry = package / "upstreams" / "registry.py"
    known, more = "SUPPLIERS = {", 'SUPPLIERS = {"toy": "key", '
    assert known in registry.read_text()
    registry.write_text(registry.read_text().replace(known, more, 1))
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
