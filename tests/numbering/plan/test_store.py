"""The compiled plan on disk: used when it is whole and current, rebuilt when it is not."""

import shutil
from pathlib import Path

import pytest

from validator_svc.numbering.plan import Kind, Plan, store
from validator_svc.numbering.plan.compiler import Compiler

TEXTS = ["+442079460018", "+4402079460018", "+393331234567", "+1 213 373 4253", "+44"]


def keep_all(directory: Path) -> None:
    plan = Plan(cache_directory=directory)
    plan.complete()
    plan.keep()


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("cache") / "new"
    keep_all(directory)
    return directory


@pytest.fixture
def directory(stored: Path, tmp_path: Path) -> Path:
    shutil.copy(stored / store.FILE_NAME, tmp_path)
    return tmp_path


def lines(directory: Path | None) -> bytes:
    return Plan(cache_directory=directory).texts(TEXTS, Kind("validation"))


def test_what_is_stored_comes_back(stored: Path) -> None:
    codes = store.load(stored)
    for calling_code in ("44", "1", "54", "800"):
        assert store.read_code(codes[calling_code]) == Compiler(int(calling_code)).compile()


def test_a_stored_plan_answers_alike(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = lines(None)
    monkeypatch.setattr(Compiler, "compile", None)
    assert lines(stored) == expected


def test_what_a_run_did_not_need_stays(directory: Path) -> None:
    before = store.load(directory)
    codes = dict(before)
    del codes["44"]
    store.save(directory, {}, codes)
    plan = Plan(cache_directory=directory)
    plan.texts(TEXTS, Kind("analysis"))
    plan.keep()
    assert store.load(directory) == before


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / store.FILE_NAME).mkdir()
    plan = Plan(cache_directory=tmp_path)
    plan.texts(TEXTS, Kind("analysis"))
    with pytest.raises(OSError, match=store.FILE_NAME):
        plan.keep()
    assert [each.name for each in tmp_path.iterdir()] == [store.FILE_NAME]


def test_a_damaged_file_is_rebuilt(directory: Path) -> None:
    file = directory / store.FILE_NAME
    whole = file.read_bytes()
    for damaged in (b"", b"\n", whole[:-1], whole.replace(b"London", b"Lisbon", 1), b"\xff" * 100):
        file.write_bytes(damaged)
        assert store.load(directory) == {}
        assert lines(directory) == lines(None)
    keep_all(directory)
    assert file.read_bytes() == whole


def test_a_stale_file_is_not_used(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phonenumbers.__version__", "0.0.1")
    store.versions.cache_clear()
    try:
        assert store.load(directory) == {}
    finally:
        store.versions.cache_clear()


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"not json",
        b'{"leaves":[],"nodes":[],"dialled":[-1],"stripped":[-1]}',
        b'{"leaves":[null],"nodes":[0],"dialled":[1],"stripped":[-1]}',
        b'{"leaves":[[44]],"nodes":[],"dialled":[-1],"stripped":[-1]}',
    ],
)
def test_a_line_that_is_not_a_plan_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        store.read_code(line)
