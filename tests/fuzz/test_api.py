"""Requests made from the document of the API: some of them here, the rest by `make fuzz-api`."""

from pathlib import Path

from tests.fuzz.api import SETTINGS, fuzzed
from tests.service import running


def test_no_request_gets_a_5xx_or_an_answer_that_is_not_in_the_document(tmp_path: Path) -> None:
    with running(tmp_path / "data", **SETTINGS["on"]) as service:
        done = fuzzed(service, 4_000, 45)
        assert done.returncode == 0, done.stdout + done.stderr
        assert service.process.poll() is None
