"""No number and no cell of a file reaches the log: not by tracebacks, not by reasons, not by libraries."""

import re
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.batches.processes import processes
from tests.dropbox.dropping import DropFolder
from tests.waiting import wait_until
from validator_svc.redaction import masked, redacted

NUMBERS = [
    "+12125553333",
    "12125553333",
    "+1 (212) 555-3333",
    "0044 20 7946 0958",
    "+62.812.3456.7000",
    "+1\u00a0212\u00a0555\u00a03333",
    "２１２５５５３３３３",
    "٠١٢٣٤٥٦٧٨٩",
    "tel:+1-212-555-3333;ext=5",
    "1212-555-3333x5",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_most_of_a_number_is_taken_out(number: str) -> None:
    for text in (number, f"no column {number}, it says", f"{number}{number}"):
        assert number not in masked(text)
        assert not re.search(r"(?:\d[ ().-]*){7}", masked(text))


@pytest.mark.parametrize(
    "text",
    ["7a7a4c0e-9836-4f97-9c05-d1c8cd6b15ff", "iso-8859-15", "over 1,048,576 characters"],
)
def test_what_is_no_number_stays(text: str) -> None:
    assert redacted(f"it is {text}") == f"it is {text}"


FAULTS = """
import asyncio, gc, logging, threading, warnings
import structlog
from validator_svc.logs import set_up_logging

set_up_logging("FORMAT")
NUMBER, CELL = "+12125553333", "Müller"
def fail():
    try:
        int(NUMBER + "x")
    except ValueError as error:
        raise KeyError(CELL) from error
def group():
    raise ExceptionGroup(CELL, [ValueError(NUMBER), OSError(2, "No such file", CELL)])
for fault in (fail, group):
    try:
        fault()
    except Exception:
        structlog.get_logger().exception("broke")
        logging.getLogger("aiohttp.server").exception("Error handling request from %r", NUMBER)
structlog.get_logger().warning("rejected", why=f"there is no column {NUMBER}; the columns are '{CELL}'")
warnings.warn(f"{NUMBER} and '{CELL}'")
thread = threading.Thread(target=fail); thread.start(); thread.join()
class Broken:
    def __del__(self): fail()
Broken(); gc.collect()
async def forgotten():
    task = asyncio.create_task(failing()); await asyncio.sleep(0.01); del task; gc.collect()
async def failing(): fail()
asyncio.run(forgotten())
fail()
"""


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_faults_are_told_without_what_was_sent(log_format: str) -> None:
    code = FAULTS.replace("FORMAT", log_format)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("KeyError") >= 5
    assert "in fail" in done.stderr
    assert "2125" not in done.stderr
    assert "ller" not in done.stderr


async def test_no_cell_of_a_refused_file_reaches_the_log(tmp_path: Path) -> None:
    folder = DropFolder(tmp_path / "drop")
    with processes(tmp_path / "data", VALIDATOR_DROP_DIR=str(tmp_path / "drop")) as group:
        service = group.serve()
        folder.drop("contacts.csv", b"Mueller,Berlin-Mitte\r\nSchmidt,Hamburg\r\n")
        async with aiohttp.ClientSession(service.url) as client:
            params = {"type": "format", "column": "+12125553333"}
            body = b"name,+12125554444\nA,1\nB,2\n"
            headers = {"Content-Type": "text/csv"}
            async with client.post("/v1/batches", params=params, data=body, headers=headers) as response:
                said = await response.text()
                assert response.status == 422
        await wait_until(lambda: any(b"file_rejected" in line for line in list(service.log)))
        assert service.stop() == 0
    log = b"".join(service.log)
    for cell in (b"Mueller", b"Berlin", b"Schmidt", b"2125553333", b"2125554444"):
        assert cell not in log
    assert "2125553333" not in said
    assert "2125554444" not in said


@pytest.mark.parametrize(
    "text", ["no column 'Anna", 'no column "Anna', "no column 'An\\'na", "no column b'Anna"]
)
def test_a_quote_without_an_end_is_taken_out_up_to_the_end_of_its_line(text: str) -> None:
    assert "na" not in redacted(text)
    assert redacted(text + "\nit says").endswith("\nit says")
