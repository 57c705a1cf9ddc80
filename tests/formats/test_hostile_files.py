"""Files made to do harm fail themselves, once, with a reason, and nothing else; memory is watched."""

import io
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.batches.asking import posted, reached
from tests.dropbox.dropping import DropFolder, contacts
from tests.formats.hostile import FILES, NUMBER, WORKBOOKS
from tests.peak import with_peak_kb
from tests.service import Service, running

# What a service takes that has answered some requests, and what it may take on top.
MOST_KB = 260_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DropFolder:
    return DropFolder(tmp_path_factory.mktemp("hostile") / "drop")


@pytest.fixture(scope="module")
def watching(folder: DropFolder) -> Iterator[Service]:
    """A service of its own, whose memory nobody else has used."""
    with running(folder.root.parent / "data", VALIDATOR_DROP_DIR=str(folder.root)) as service:
        yield service


async def test_what_is_uploaded_is_refused(watching: Service) -> None:
    async with aiohttp.ClientSession(watching.url) as client:
        for path in ("/v1/batches", "/v1/estimate"):
            for file in FILES:
                async with client.post(
                    path, params={"type": "format", "name": file.name}, data=io.BytesIO(file.data)
                ) as response:
                    answer = await response.json()
                assert (response.status, answer["code"]) == (422, "unreadable_file"), (file.name, answer)
                assert file.says in answer["message"], (file.name, answer)
                async with client.get("/healthz") as health:
                    assert health.status == 200
        assert watching.highest_kb() < MOST_KB
        await reached(client, await posted(client, NUMBER.encode()), "success")


async def test_what_is_dropped_fails_once(watching: Service, folder: DropFolder) -> None:
    for file in FILES:
        folder.drop(file.name, file.data)
    for file in FILES:
        assert file.says in await folder.error(file.name)
    folder.drop("after.csv", contacts(NUMBER))
    assert (await folder.report("after.csv"))["count"] == 1
    assert not [path for path in folder.inbox.iterdir() if path.name[0] != "."]
    assert watching.highest_kb() < MOST_KB


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_check_refuses_it_in_little_memory(file: object, tmp_path: Path) -> None:
    assert isinstance(file, type(FILES[0]))
    (tmp_path / file.name).write_bytes(file.data)
    done, peak_kb = with_peak_kb(tmp_path, "check", file.name, "-o", "out.csv")
    assert file.says in done.stderr.decode()
    assert done.returncode == 2
    # A reader of a small workbook may take a quarter of a gigabyte; most take a tenth of that.
    assert peak_kb < (300_000 if file in WORKBOOKS else 160_000)
