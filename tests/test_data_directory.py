"""The data directory: what others could have put there is refused before it is used, and named."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from tests.batches.asking import posted, reached
from tests.service import ran, running
from validator_svc.data_directory import is_own_file
from validator_svc.kernel.plan_store import PACKAGED, current_plan

NOBODY = 65_534
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")


def refusal(data_dir: Path, **settings: str) -> str:
    """What `serve` says when it does not start."""
    done = ran(data_dir, "serve", **settings)
    assert done.returncode not in (0, -6, -9, -11), done.stderr
    return done.stderr


def anothers(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700)
    os.chown(data_dir, NOBODY, NOBODY)


def everybodys(data_dir: Path) -> None:
    data_dir.mkdir()
    data_dir.chmod(0o777)


def with_link_as_lock(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "lock").symlink_to(data_dir.parent / "precious")


def with_hard_link_as_lock(data_dir: Path) -> None:
    data_dir.mkdir()
    os.link(data_dir.parent / "precious", data_dir / "lock")


def with_pipe_as_lock(data_dir: Path) -> None:
    data_dir.mkdir()
    os.mkfifo(data_dir / "lock")


def with_link_as_store(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir.parent / "elsewhere").mkdir()
    (data_dir / "valkey").symlink_to(data_dir.parent / "elsewhere")


def with_store_of_everybody(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "valkey").mkdir()
    (data_dir / "valkey").chmod(0o777)


def with_link_as_segments(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir.parent / "elsewhere").mkdir()
    (data_dir / "segments").symlink_to(data_dir.parent / "elsewhere")


HOSTILE_DIRECTORIES: list[tuple[Callable[[Path], None], str]] = [
    (everybodys, "everybody may write"),
    (with_link_as_lock, "lock is a link"),
    (with_hard_link_as_lock, "no plain file of this user's"),
    (with_pipe_as_lock, "no plain file of this user's"),
    (with_link_as_store, "no link to one"),
    (with_store_of_everybody, "others may write"),
    (with_link_as_segments, "no link to one"),
]


@pytest.mark.parametrize(
    ("prepare", "says"),
    [pytest.param(anothers, "belongs to another user", marks=AS_ROOT), *HOSTILE_DIRECTORIES],
)
def test_what_others_may_have_put_there_is_refused(
    tmp_path: Path, prepare: Callable[[Path], None], says: str
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    prepare(tmp_path / "data")
    said = refusal(tmp_path / "data")
    assert "VALIDATOR_" in said
    assert says in said
    assert precious.read_text() == "precious"


def test_a_link_to_a_directory_of_ones_own_will_do(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "disk")
    with running(tmp_path / "data") as service:
        assert service.stop() == 0
    assert stat.S_IMODE((tmp_path / "disk" / "lock").stat().st_mode) == 0o600


async def test_links_among_segments_are_not_followed_and_results_are_ours_alone(
    tmp_path: Path,
) -> None:
    batches = tmp_path / "data" / "segments" / "batches"
    outside = tmp_path / "outside"
    outside.write_bytes(b"precious")
    with running(tmp_path / "data") as service:
        await links_are_not_followed(service.url, batches, tmp_path)
    assert outside.read_bytes() == b"precious"


async def links_are_not_followed(url: str, batches: Path, tmp_path: Path) -> None:
    async with aiohttp.ClientSession(url) as client:
        batch_id = await posted(client, b"+12125553333\n" * 10)
        await reached(client, batch_id, "success")
        stored = [path for path in (batches / batch_id).rglob("*") if path.is_file()]
        assert stored
        assert {stat.S_IMODE(path.stat().st_mode) for path in stored} == {0o600}
        (result,) = (batches / batch_id / "results").iterdir()
        kept = tmp_path / "kept"
        shutil.move(result, kept)
        result.symlink_to(kept)
        async with client.get(f"/v1/batches/{batch_id}/results") as response:
            assert response.status != 200 or b"+12125553333" not in await response.content.read(-1)
        (batches / batch_id / "rows" / "more").symlink_to(tmp_path)
        async with client.delete(f"/v1/batches/{batch_id}") as response:
            assert response.status == 204
    assert kept.is_file()


def test_a_plan_that_another_may_have_written_is_not_opened(tmp_path: Path) -> None:
    plan = tmp_path / "plan.bin"
    shutil.copy(PACKAGED, plan)
    plan.chmod(0o644)
    assert is_own_file(plan)
    (tmp_path / "link").symlink_to(plan)
    assert not is_own_file(tmp_path / "link")
    plan.chmod(0o666)
    assert not is_own_file(plan)
    assert current_plan(tmp_path).meta
