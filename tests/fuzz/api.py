"""Requests made from the document of the API, sent to services of their own, keys off and on.

`python -m tests.fuzz.api --requests 100000 --seconds 600`. Most are made by hypothesis, see `sender`; then
schemathesis, which is slower, sends examples, every bound of every schema, random ones, and chains along
the links, for a sixth of the time. Fails at a 5xx, and at an answer that is not in the document.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.documented import DOCUMENT
from tests.service import Service, running

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "use_after_free",
    "ensure_resource_availability",
)
ROOT = Path(__file__).parent.parent.parent
ADMIN_KEY = "an-administrators-key-for-the-fuzzer"
WITH_KEYS = {"VALIDATOR_AUTH": "on", "VALIDATOR_ADMIN_KEY": ADMIN_KEY}
SETTINGS = {"off": {"VALIDATOR_ADMIN_KEY": ADMIN_KEY, "VALIDATOR_AUTH": "off"}, "on": WITH_KEYS}
OPERATIONS = sum(len(methods) for methods in DOCUMENT["paths"].values())


def fuzzed(service: Service, requests: int, seconds: int, *more: str) -> "subprocess.CompletedProcess[str]":
    """Send about so many requests in at most so many seconds; the exit status is 0 when all was well."""
    command = [
        *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{service.url}/openapi.json"),
        *("--checks", ",".join(CHECKS), "--max-examples", str(max(1, requests // OPERATIONS))),
        *("--max-time", str(seconds), "--request-timeout", "60", "--generation-database", "none"),
        *("--suppress-health-check", "all", "--warnings", "off", "--no-color"),
        *("--continue-on-failure", "--no-shrink", "--header", f"Authorization: Bearer {ADMIN_KEY}"),
        *more,
    ]
    with tempfile.TemporaryDirectory() as folder:
        hooks = {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            command, cwd=folder, env=os.environ | hooks, text=True, capture_output=True, check=False
        )


def sending(service: Service, keys: str, requests: int, seconds: int) -> "subprocess.Popen[str]":
    """Begin to send so many requests that hypothesis makes."""
    command = [
        *(sys.executable, "-m", "tests.fuzz.sender", service.url, "--keys", keys),
        *("--requests", str(requests), "--seconds", str(seconds), "--admin-key", ADMIN_KEY),
    ]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def main() -> None:
    """Ask both services, side by side, and tell what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=600)
    arguments = parser.parse_args()
    seconds = arguments.seconds // 6
    failed = False
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        services = {
            keys: stack.enter_context(running(Path(folder) / keys, **settings))
            for keys, settings in SETTINGS.items()
        }
        senders = {
            keys: sending(service, keys, arguments.requests // 2, 5 * seconds)
            for keys, service in services.items()
        }
        for keys, sender in senders.items():
            print(f"keys {keys}: {sender.communicate()[0]}", flush=True)
            failed |= sender.returncode != 0
        for keys, service in services.items():
            done = fuzzed(service, arguments.requests // 20, seconds // 2)
            memory = service.highest_kb() // 1024
            print(f"keys {keys}; highest memory {memory} MiB", done.stdout, done.stderr, flush=True)
            failed |= done.returncode != 0 or service.process.poll() is not None
    sys.exit(failed)


if __name__ == "__main__":
    main()
