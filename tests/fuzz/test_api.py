"""Requests made from the document of the API: some of them here, the rest by `make fuzz-api`."""

from pathlib import Path

import pytest

from tests.fuzz.api import SETTINGS, fuzzed, sending
from tests.service import running


@pytest.mark.parametrize("keys", SETTINGS)
def test_no_request_gets_a_5xx_or_an_answer_that_is_not_in_the_document(tmp_path: Path, keys: str) -> None:
    with running(tmp_path / "data", **SETTINGS[keys]) as service:
        sender = sending(service, keys, 1_500, 60)
        told, _ = sender.communicate()
        assert sender.returncode == 0, told
        if keys == "on":
            done = fuzzed(service, 1_000, 15)
            assert done.returncode == 0, done.stdout + done.stderr
        assert service.process.poll() is None
