"""A format is one file and one line of a registry; every entrance takes what the registries hold."""

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

import validator_svc
from tests.batches.asking import posted, reached, results
from tests.dropbox.dropping import DropFolder
from tests.service import RUNNING, Service, environment

NUMBER = "+6281234567000"

INPUT = '''
"""Address cards: a number is what stands behind `TEL:`."""

from validator_svc.formats.input_formats import InputFormat, TextRows


def card_rows(file, hints, still_wanted):
    """The numbers of all cards, a line each."""
    if not file.sample.startswith(b"BEGIN:CARD"):
        return None
    lines = b"".join(file.blocks()).splitlines()
    return TextRows(iter([line[4:] + b"\\n" for line in lines if line.startswith(b"TEL:")]), "text")


CARDS = InputFormat("cards", (".card",), frozenset({"text/x-card"}), is_told=False, rows=card_rows)
'''

OUTPUT = '''
"""A list for people: a number a line, with its reason where it is wrong."""

import orjson


class PlainWriter:
    """Writes lines of `number: reason`."""

    def __init__(self, file, layout, request_type):
        self._file = file

    def begin(self):
        self._file.write(b"# numbers\\n")

    def write(self, cells, lines):
        for record in map(orjson.loads, lines.splitlines()):
            self._file.write(f"{record['phone_number']}: {record['reason']}\\n".encode())

    def end(self):
        pass

    def close(self):
        pass
'''

CARDS = f"BEGIN:CARD\nTEL:{NUMBER}\nEND:CARD\nBEGIN:CARD\nTEL:12\nEND:CARD\n".encode()
PLAIN = f"# numbers\n{NUMBER}: None\n12: too_short\n"


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package to which an input and an output format were added: a file and a line each."""
    root = tmp_path_factory.mktemp("extended")
    package = root / "validator_svc"
    shutil.copytree(Path(validator_svc.__file__).parent, package)
    formats = package / "formats"
    (formats / "cards.py").write_text(INPUT)
    (formats / "plain.py").write_text(OUTPUT)
    add(
        formats / "input_formats.py",
        "\nINPUT_FORMATS = (",
        "\nfrom validator_svc.formats.cards import CARDS\n\nINPUT_FORMATS = (\n    CARDS,",
    )
    add(
        formats / "output_formats.py",
        "\nOUTPUT_FORMATS = (",
        "\nfrom validator_svc.formats.plain import PlainWriter\n\nOUTPUT_FORMATS = (\n"
        '    OutputFormat("plain", "text/x-plain", (".plain",), PlainWriter, has_cells=False),\n',
    )
    return root


def add(file: Path, place: str, line: str) -> None:
    text = file.read_text()
    assert text.count(place) == 1
    file.write_text(text.replace(place, line))


def started(extended: Path, cwd: Path, *arguments: str, **settings: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "validator_svc", *arguments],
        cwd=cwd,
        env=environment(cwd / "data", PYTHONPATH=str(extended), **settings),
        stdout=subprocess.PIPE if arguments[0] == "check" else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("output", [["--format", "plain"], ["-o", "x.plain"], ["-o", "x.plain.gz"]])
def test_check_takes_it(extended: Path, tmp_path: Path, output: list[str]) -> None:
    (tmp_path / "a.card").write_bytes(CARDS)
    said = started(extended, tmp_path, "check", "a.card", *output).communicate()
    written = said[0]
    if output[0] == "-o":
        data = (tmp_path / output[1]).read_bytes()
        written = gzip.decompress(data) if output[1].endswith(".gz") else data
    assert written.decode() == PLAIN, said


async def test_every_entrance_of_a_service_takes_it(extended: Path, tmp_path: Path) -> None:
    folder = DropFolder(tmp_path / "drop")
    (folder.root / "dropbox.toml").write_text('format = "plain"\ntype = "format"\n')
    service = Service(started(extended, tmp_path, "serve", VALIDATOR_DROP_DIR=str(folder.root)))
    try:
        service.wait_until_listening()
        # Its document has these formats, and not the one that answers are held against.
        RUNNING.pop(service.url)
        async with aiohttp.ClientSession(service.url) as client:
            batch_id = await posted(client, CARDS, "text/x-card")
            await reached(client, batch_id, "success")
            assert (await results(client, batch_id, format="plain")).decode() == PLAIN
            accept = {"Accept": "text/x-plain"}
            async with client.get(f"/v1/batches/{batch_id}/results", headers=accept) as response:
                assert (await response.text(), response.content_type) == (PLAIN, "text/x-plain")
            async with client.post("/v1/estimate?type=format", data=CARDS) as response:
                estimate = await response.json()
            assert (estimate["count"], estimate["valid"]) == (2, 1)
            assert estimate["read_as"]["format"] == "cards"
        folder.drop("a.card", CARDS)
        assert (await folder.report("a.card"))["read_as"]["format"] == "cards"
        assert (folder.outbox / "a.card.results.plain").read_text() == PLAIN
    finally:
        service.stop()
