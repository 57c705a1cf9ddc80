"""Another system is one file, and one line."""

from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

import validator_svc
from tests.screening.asking import errors, screened, screened_form, screened_list
from tests.service import Service, running
from validator_svc.screening import registry

FILE = '''"""Pagers: a page is sent."""

from pydantic import Field

from validator_svc.screening.system import System
from validator_svc.screening.values import CallRequest, Destination, Flag, Text


class Page(CallRequest):
    """One page."""

    pager: Destination
    text: Text = Field()
    is_urgent: Flag | None = None


SYSTEM = System("pager-page", Page, paths=r"pages")
'''
LAST = '    "wavix-e911",\n'
LINE = '    "pager-page",\n'


@pytest.fixture(scope="module")
def with_pagers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service from a copy of the package to which a file and a line were added."""
    folder = tmp_path_factory.mktemp("copy")
    package = Path(validator_svc.__file__).parent
    screening = folder / package.name / "screening"
    screening.mkdir(parents=True)
    for path in package.iterdir():
        if path.name != "screening":
            (folder / package.name / path.name).symlink_to(path)
    for path in (package / "screening").glob("*.py"):
        (screening / path.name).write_text(path.read_text())
    (screening / "pager_page.py").write_text(FILE)
    before = Path(registry.__file__).read_text()
    assert LAST in before
    (screening / "registry.py").write_text(before.replace(LAST, LAST + LINE))
    paths = {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}
    with running(tmp_path_factory.mktemp("data"), **paths) as service:
        yield service


async def test_a_system_is_a_file_and_a_line(with_pagers: Service) -> None:
    page = {"pager": "0062 812-3456-7000", "text": "Come"}
    async with aiohttp.ClientSession(with_pagers.url) as client:
        found = await screened(client, "pager-page", page)
        assert (found["allowed"], found["request"]) == (True, page | {"pager": "+6281234567000"})
        wrong = {"pager": "+1 900 234 5678", "is_urgent": "yes", "txt": "?"}
        found = await screened(client, "pager-page", wrong)
        assert set(errors(found)) == {
            ("pager", "risky_destination"),
            ("text", "missing"),
            ("is_urgent", "wrong_type"),
        }
        assert "did you mean text?" in str(found["findings"])
        listed = await screened_list(client, "pager-page", [page] * 5)
        assert [each["allowed"] for each in listed] == [True] * 5
        async with client.get("/openapi.json") as response:
            assert "pager-page" in await response.text()
        table = {"kind": "screen", "system": "pager-page", "type": "analysis"}
        body = b"pager;text\n+6281234567000;Come\n"
        async with client.post(
            "/v1/batches", params=table, data=body, headers={"Content-Type": "text/csv"}
        ) as response:
            assert response.status == 201
        # The seven are there as before.
        assert not (await screened_form(client, "signalwire-call", {"To": "1"}))["allowed"]
