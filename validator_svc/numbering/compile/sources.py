"""What a plan file is made from, so that nobody uses it with anything else."""

import hashlib
import re
import unicodedata
from functools import cache
from importlib import resources

import phonenumbers
from phonenumbers import phonenumberutil

from validator_svc.numbering.plan_file import Meta

MODULES = ("characters.py", "facts.py", "plan_file.py", "reference.py", "risk.py")
"""Of the package `validator_svc.numbering`."""

# By which `phonenumbers` takes a text apart; the rules of reading are written after them.
PATTERNS = (
    "_PLUS_CHARS_PATTERN",
    "_CAPTURING_DIGIT_PATTERN",
    "_VALID_START_CHAR_PATTERN",
    "_SECOND_NUMBER_START_PATTERN",
    "_UNWANTED_END_CHAR_PATTERN",
    "_VALID_ALPHA_PHONE_PATTERN",
    "_VALID_PHONE_NUMBER_PATTERN",
    "_EXTN_PATTERN",
    "_RFC3966_PREFIX",
    "_RFC3966_PHONE_CONTEXT",
    "_RFC3966_ISDN_SUBADDRESS",
    "_MAX_INPUT_STRING_LENGTH",
    "_MIN_LENGTH_FOR_NSN",
    "_MAX_LENGTH_FOR_NSN",
    "_ALPHA_PHONE_MAPPINGS",
)
KNOWN_PATTERNS = "f113dd8f572f56e993e71674947511bd324a77264dc7e5f682d00123edc8f6ee"
"""Digest of the patterns for which somebody has made sure that the rules of reading are right."""


@cache
def current() -> Meta:
    """What a file that is made now is made from."""
    patterns = patterns_digest()
    return Meta(
        phonenumbers=phonenumbers.__version__,
        unicode=unicodedata.unidata_version,
        sources=sources_digest(),
        patterns=patterns,
        patterns_known=patterns == KNOWN_PATTERNS,
    )


def sources_digest() -> str:
    numbering = resources.files("validator_svc.numbering")
    files = [numbering / name for name in MODULES]
    files += [each for each in (numbering / "compile").iterdir() if each.name.endswith(".py")]
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda each: each.name):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def patterns_digest() -> str:
    digest = hashlib.sha256()
    for name in PATTERNS:
        value = getattr(phonenumberutil, name, None)
        described = f"{value.pattern!r} {value.flags}" if isinstance(value, re.Pattern) else repr(value)
        digest.update(f"{name} = {described}\n".encode())
    return digest.hexdigest()
