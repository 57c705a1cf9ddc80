"""The image and what surrounds it, as far as they can be looked at without an engine for containers."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from validator_svc.config import Settings, variable

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def instructions() -> list[tuple[str, str]]:
    """The instructions with their arguments, comments and line breaks taken out."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def last_stage() -> list[tuple[str, str]]:
    """The instructions of the image itself."""
    found = instructions()
    return found[max(at for at, (name, _) in enumerate(found) if name == "FROM") :]


def test_every_file_that_it_copies_is_there_and_not_left_out() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    for name, rest in instructions():
        if name == "COPY" and "--from" not in rest:
            for source in shlex.split(rest)[:-1]:
                assert (ROOT / source).exists(), source
                assert source.removeprefix("./") not in ignored


@pytest.mark.parametrize("command", [rest for name, rest in instructions() if name == "RUN"])
def test_its_steps_are_commands_of_a_shell(command: str) -> None:
    subprocess.run(["sh", "-n", "-c", command], check=True)
    assert "apt-get upgrade" not in command
    if "apt-get install" in command:
        assert "--no-install-recommends" in command
        assert "rm -rf /var/lib/apt/lists/*" in command


def test_the_image_runs_as_nobody_in_particular_and_has_nothing_to_build_with() -> None:
    stage = last_stage()
    names = [name for name, _ in stage]
    assert names.count("USER") == 1
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert int(dict(stage)["USER"]) > 0
    assert dict(stage)["STOPSIGNAL"] == "SIGTERM"
    assert "validator_svc.health" in dict(stage)["HEALTHCHECK"]
    assert "apt-get" not in " ".join(rest for _, rest in stage)
    assert "pip uninstall -y cython setuptools pip" in DOCKERFILE
    # Isolated, as the sources in the folder where it runs have no machine code beside them.
    assert '/app/bin/python -I -c "from validator_svc.kernel' in DOCKERFILE


def test_settings_are_settings() -> None:
    known = {variable(name) for name in Settings.model_fields}
    given = set(re.findall(r"(VALIDATOR_[A-Z_]+)[=:]", DOCKERFILE + (ROOT / "compose.yaml").read_text()))
    assert given <= known | {"VALIDATOR_WAVIX_APPID"}
    assert {"VALIDATOR_HOST", "VALIDATOR_DATA_DIR", "VALIDATOR_ADMIN_KEY"} <= given


def test_the_composition_has_a_store_an_api_and_two_workers() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert services.keys() == {"redis", "api", "worker"}
    assert services["worker"]["deploy"]["replicas"] == 2
    assert services["worker"]["command"] == ["worker"]
    for each in (services["api"], services["worker"]):
        assert each["read_only"] is True
        assert each["depends_on"]["redis"]["condition"] == "service_healthy"
        assert each["environment"]["REDIS_URL"] == "redis://redis:6379"
        assert (
            int(each["stop_grace_period"].removesuffix("s")) > Settings.model_fields["shutdown_grace"].default
        )
    assert services["redis"]["healthcheck"]["test"][-1] == "ping"


def test_a_release_is_made_of_what_is_there() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())["jobs"]
    assert jobs["release"]["needs"] == ["wheels", "source", "image"]
    systems = {each["name"] for each in jobs["wheels"]["strategy"]["matrix"]["include"]}
    assert systems == {
        *("linux-x86_64", "linux-aarch64", "macos-arm64", "macos-x86_64", "windows-x86_64"),
    }
    for job in jobs.values():
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            subprocess.run(["bash", "-n", "-c", step.get("run", ":")], check=True)
            # A name without a version would be another program tomorrow.
            assert "uses" not in step or "@v" in step["uses"]
