"""Whoever types what the README and the documents say gets what they say."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents import Reader, examples_of
from tests.service import Service, environment, running
from tests.test_docs import DOCUMENTS

ADMIN_KEY = "an-administrator-of-documents-only"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Service]]:
    """A service with an administrator, and its data directory."""
    data = tmp_path_factory.mktemp("kept")
    with running(data, VALIDATOR_ADMIN_KEY=ADMIN_KEY) as service:
        yield data, service


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if examples_of(DOCUMENTS[path])], ids=str)
def test_what_a_document_says_to_type_does_what_it_says(
    path: Path, kept: tuple[Path, Service], tmp_path: Path
) -> None:
    data, service = kept
    reader = Reader(tmp_path, service, environment(data, VALIDATOR_ADMIN_KEY=ADMIN_KEY))
    try:
        for example in examples_of(DOCUMENTS[path]):
            if example.is_elsewhere:
                # What cannot be run here is read by the shell all the same.
                subprocess.run(["bash", "-n", "-c", example.command], check=True)
            elif not example.command.endswith("--help"):
                # Those are held against the commands where they are made.
                reader.types(example)
    finally:
        reader.leaves()
