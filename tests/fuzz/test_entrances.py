"""Made-up input through every entrance: some of it here, more by `make fuzz`."""

from pathlib import Path

import httpx
import pytest

from tests.fuzz import inputs
from tests.fuzz.entrances import ENTRANCES, reply, sent, upstream
from tests.service import START_S, Service, running

OFTEN = 400
# Of what is several requests, and work in the background.
INPUTS = {"file": 120, "stream": 200, "form": 200}


@pytest.mark.parametrize("name", ENTRANCES)
def test_no_input_is_a_fault_of_the_service(service: Service, name: str) -> None:
    with httpx.Client(base_url=service.url, timeout=START_S) as client:
        sent(client, *ENTRANCES[name], inputs_wanted=INPUTS.get(name, OFTEN), is_repeatable=True)
        assert client.get("/healthz").status_code == 200


def test_no_reply_of_an_upstream_is_a_fault_of_the_service(tmp_path: Path) -> None:
    with upstream() as url:
        live = {"VALIDATOR_WAVIX_URL": url, "VALIDATOR_WAVIX_APPID": "any", "VALIDATOR_SYNC_TIMEOUT": "1"}
        with (
            running(tmp_path / "data", VALIDATOR_WAVIX_RATE="500", **live) as service,
            httpx.Client(base_url=service.url, timeout=START_S) as client,
        ):
            sent(client, inputs.REPLIES, reply, inputs_wanted=150, is_repeatable=True)
