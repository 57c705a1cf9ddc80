"""The README and the documents say what is so."""

import configparser
import re
import tomllib
from pathlib import Path

import aiohttp
import orjson

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


def test_configurations_that_are_shown_hold_together() -> None:
    """That each program takes them was tried by hand; here, that they speak of what there is."""
    nginx, caddy, unit = (
        re.search(rf"```{kind}\n(.*?)```", OPERATIONS, re.DOTALL) for kind in ("nginx", "caddyfile", "ini")
    )
    assert nginx
    assert caddy
    assert unit
    port = Settings.model_fields["port"].default
    assert f"proxy_pass http://127.0.0.1:{port};" in nginx[1]
    assert nginx[1].count("{") == nginx[1].count("}") == 2
    assert f"reverse_proxy 127.0.0.1:{port} {{" in caddy[1]
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(unit[1])
    assert parser["Service"]["ExecStart"].endswith("validator-svc serve")
    assert int(parser["Service"]["TimeoutStopSec"]) > Settings.model_fields["shutdown_grace"].default


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
