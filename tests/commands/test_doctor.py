"""`validator-svc doctor`: it finds what is wrong, names the setting, and shows no secret."""

from pathlib import Path

from tests.service import ran


def doctor(data_dir: Path, status: int, **settings: str) -> list[str]:
    done = ran(data_dir, "doctor", **settings)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout.splitlines()


def line_of(lines: list[str], what: str) -> str:
    """The one line on a thing, its columns joined by single blanks."""
    (found,) = [" ".join(line.split()) for line in lines if line[7:].startswith(f"{what} ")]
    return found


def test_a_fresh_start_is_well(tmp_path: Path) -> None:
    lines = doctor(tmp_path, 0)
    assert line_of(lines, "store").startswith("ok store embedded Valkey answers, version ")
    assert line_of(lines, "object store") == "ok object store takes, gives and deletes"
    assert line_of(lines, "upstream").startswith("ok upstream none set")
    assert line_of(lines, "VALIDATOR_DATA_DIR") == f"ok VALIDATOR_DATA_DIR {tmp_path} (environment)"
    for name in ("VALIDATOR_AUTH", "VALIDATOR_HOSTS", "VALIDATOR_TWILIO_SID"):
        assert line_of(lines, name) == f"ok {name} unset (default)"
    assert line_of(lines, "VALIDATOR_BATCH_MAX") == "ok VALIDATOR_BATCH_MAX 50000000 (default)"
    assert not any(path.is_file() for path in (tmp_path / "segments").rglob("*"))


def test_without_machine_code_it_says_so(tmp_path: Path) -> None:
    assert line_of(doctor(tmp_path, 0, VALIDATOR_NO_NATIVE="1"), "kernel").startswith(
        "note kernel plain Python"
    )


def test_what_cannot_be_reached_is_named_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    lines = doctor(
        tmp_path,
        1,
        REDIS_URL="redis://:secret@127.0.0.1:1",
        VALIDATOR_STORAGE_URL=f"file://{tmp_path}/taken",
        VALIDATOR_WAVIX_URL="http://127.0.0.1:1",
        VALIDATOR_WAVIX_APPID="secret",
        VALIDATOR_WAVX_RATE="1",
    )
    for what, setting in [
        ("store", "REDIS_URL"),
        ("object store", "VALIDATOR_STORAGE_URL"),
        ("upstream", "VALIDATOR_WAVIX_URL"),
    ]:
        found = line_of(lines, what)
        assert found.startswith(f"wrong {what} ")
        assert found.endswith(f"; see {setting}")
    assert "did you mean VALIDATOR_WAVIX_RATE?" in line_of(lines, "variable")
    assert "secret" not in "\n".join(lines)


def test_settings_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    lines = doctor(tmp_path, 1, VALIDATOR_PORT="much")
    assert line_of(lines, "setting").startswith("wrong setting VALIDATOR_PORT: ")


def test_a_choice_of_upstreams_that_cannot_be_is_told(tmp_path: Path) -> None:
    for chosen, told in (
        ("vonage;wavix", "VALIDATOR_UPSTREAMS 'vonage' is no supplier"),
        ("wavix", "VALIDATOR_UPSTREAMS names wavix: set its key in VALIDATOR_WAVIX_APPID"),
    ):
        assert any(told in line for line in doctor(tmp_path, 1, VALIDATOR_UPSTREAMS=chosen))
