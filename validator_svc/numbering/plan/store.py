"""Compiled plans on disk, so that a process starts with them.

One file: the SHA-256 of the rest, then a line of JSON that says what it was made from, then for
each calling code a line of JSON. It is data only. A file that is damaged, or was made from other
versions of the metadata, of Python or of this package, is not used, and the next `save` replaces it.
"""

import hashlib
import platform
import tempfile
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import orjson
import phonenumbers

import validator_svc.numbering
from validator_svc.numbering.facts import RangeFacts
from validator_svc.numbering.plan.classes import Leaf, NumberClass, Prefixed
from validator_svc.numbering.plan.compiler import CompiledCode

FILE_NAME = "numbering-plan.jsonl"


def load(directory: Path) -> dict[str, bytes]:
    """What is stored of each calling code, for `read_code`; empty when there is nothing to trust."""
    try:
        digest, _, content = (directory / FILE_NAME).read_bytes().partition(b"\n")
    except OSError:
        return {}
    made_from, *lines = content.splitlines() or [b""]
    if digest != digest_of(content) or made_from != orjson.dumps(versions()):
        return {}
    apart = (line.partition(b" ") for line in lines)
    return {calling_code.decode(): stored for calling_code, _, stored in apart}


def save(directory: Path, codes: dict[str, CompiledCode], unread: dict[str, bytes]) -> None:
    """Store compiled plans, and what `load` gave and nobody needed, in place of what was there.

    Raises OSError.
    """
    made = {name: orjson.dumps(code_as_json(code), default=tuple) for name, code in codes.items()}
    lines = [b"%s %s" % (name.encode(), line) for name, line in sorted((unread | made).items())]
    content = b"\n".join([orjson.dumps(versions()), *lines])
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=directory, prefix=FILE_NAME, delete=False) as file:
        try:
            file.write(digest_of(content) + b"\n" + content)
            file.flush()
            Path(file.name).replace(directory / FILE_NAME)
        except OSError:
            Path(file.name).unlink()
            raise


def digest_of(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


@cache
def versions() -> dict[str, str]:
    """What a compiled plan depends on."""
    folders = (resources.files(validator_svc.numbering), resources.files(__package__))
    files = sorted((each for folder in folders for each in folder.iterdir()), key=lambda each: each.name)
    own = b"".join(each.read_bytes() for each in files if each.name.endswith(".py"))
    return {
        "phonenumbers": phonenumbers.__version__,
        "python": platform.python_version(),
        "sources": digest_of(own).decode(),
    }


def code_as_json(code: CompiledCode) -> dict[str, Any]:
    leaves = [None if isinstance(leaf, Prefixed) else leaf for leaf in code.leaves]
    return code._replace(leaves=leaves)._asdict()  # type: ignore[arg-type]  # on its way to JSON


def read_code(stored: bytes) -> CompiledCode:
    """One calling code from what `load` gave. Raises ValueError when it is not what `save` writes."""
    try:
        fields = orjson.loads(stored)
        leaves = [read_leaf(leaf) for leaf in fields["leaves"]]
        code = CompiledCode(leaves, fields["nodes"], fields["dialled"], fields["stripped"])
        references = [*code.nodes, *code.dialled, *code.stripped]
        is_sound = -len(leaves) <= min(references) and 10 * max(references) < max(len(code.nodes), 1)
    except (KeyError, TypeError) as error:
        raise ValueError("stored plan: not the expected fields") from error
    if not is_sound:
        raise ValueError("stored plan: a reference leads nowhere")
    return code


def read_leaf(leaf: Any) -> Leaf:
    if leaf is None:
        return Prefixed()
    calling_code, facts, shape, length = leaf
    reason, region_code, line_type, original_carrier, time_zones = facts
    pieces = tuple(piece if isinstance(piece, str) else (int(piece[0]), int(piece[1])) for piece in shape)
    range_facts = RangeFacts(reason, region_code, line_type, original_carrier, tuple(time_zones))
    return NumberClass(int(calling_code), range_facts, pieces, int(length))
