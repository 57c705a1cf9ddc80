"""The README and the documents say what is so."""

import asyncio
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import aiohttp
import orjson

from tests.batches.processes import processes
from tests.service import START_S, command
from tests.waiting import wait_until
from validator_svc.config import Settings, variable
from validator_svc.dropbox.options import Options
from validator_svc.lookup import keys
from validator_svc.numbering.facts import LINE_TYPES, REASONS
from validator_svc.record.record import fields_of
from validator_svc.upstreams import registry

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = {
    path.relative_to(ROOT): path.read_text("utf-8")
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
}
SETTINGS, API, DROP_FOLDER, OPERATIONS = (
    (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    for name in ("settings", "api", "drop-folder", "operations")
)


def test_every_setting_has_its_line() -> None:
    fields = {variable(name): field for name, field in Settings.model_fields.items()}
    for supplier in registry.SUPPLIERS:
        own = registry.settings_class(supplier).model_fields
        fields |= {registry.variable(supplier, name): field for name, field in own.items()}
    for name, field in fields.items():
        row = re.search(rf"^\| `{name}` \| (.*?) \| (.*) \|$", SETTINGS, re.MULTILINE)
        assert row, name
        assert row[2] == field.description
        if isinstance(field.default, int | float | str):
            assert (
                row[1] == f"`{field.default:g}`" if isinstance(field.default, float) else f"`{field.default}`"
            )


def test_every_field_reason_and_type_is_named() -> None:
    for word in (*fields_of("validation"), *REASONS, *LINE_TYPES):
        assert f"`{word}`" in API, word


def test_every_key_is_named() -> None:
    for key in (keys.live("format", "1"), keys.claim("format", "1"), keys.job("format", "1"), keys.REPLICAS):
        assert f"`{key.replace('format:1', 'TYPE:DIGITS')}`" in OPERATIONS


def test_the_python_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"Python {project['requires-python'].removeprefix('>=')} or newer" in README


async def test_the_first_answer_is_real(client: aiohttp.ClientSession) -> None:
    shown = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert shown
    async with client.get("/v1/validation?phone_number=6281234567000&type=validation") as response:
        assert list(orjson.loads(shown[1]).items()) == list(orjson.loads(await response.read()).items())


def test_the_failures_shown_are_real() -> None:
    shown = re.search(r"\$ printf '(.*?)' \| validator-svc (.*)\n((?:\{.*\n)+)```", README)
    assert shown
    done = subprocess.run(
        command(*shown[2].split()),
        input=shown[1].replace("\\n", "\n").encode(),
        capture_output=True,
        check=True,
        timeout=START_S,
    )
    assert done.stdout.decode() == shown[3]


async def test_the_drop_folder_can_be_tried_out(tmp_path: Path, sample: Path) -> None:
    shown = re.search(r"\$ validator-svc watch (\S+)\n\$ (cp (\S+) \S+)\n", DROP_FOLDER)
    assert shown
    answers = re.search(r"Soon `(\S+)` has `(\S+)` .* and `(\S+)`", DROP_FOLDER)
    assert answers
    shutil.copy(sample / "sample.csv", tmp_path / shown[3])
    with processes(tmp_path / "data") as group:
        group.watch(tmp_path / shown[1])
        copying = await asyncio.create_subprocess_shell(shown[2], cwd=tmp_path)
        assert await copying.wait() == 0
        outbox = tmp_path / answers[1]
        await wait_until((outbox / answers[3]).exists)
        assert (outbox / answers[2]).read_bytes()
        await wait_until((tmp_path / shown[1] / "done" / shown[3]).exists)


def test_the_options_of_the_drop_folder_are_all_shown() -> None:
    shown = re.search(r"```toml\n(.*?)```", DROP_FOLDER, re.DOTALL)
    assert shown
    options = tomllib.loads(shown[1])
    assert options.keys() == Options.model_fields.keys()
    assert Options.model_validate(options)


def test_files_and_targets_that_are_named_exist() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for path, text in DOCUMENTS.items():
        for link in re.findall(r"\]\((?!https?:|#)(.+?)\)", text):
            assert (ROOT / path.parent / link.partition("#")[0]).exists(), (path, link)
        for target in re.findall(r"`make ([a-z-]+)`", text):
            assert target in targets, (path, target)


def test_every_document_is_reached_from_the_first_one() -> None:
    for path in DOCUMENTS:
        assert path.name == "README.md" or f"]({path.as_posix()})" in README, path
