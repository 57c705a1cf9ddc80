"""`python -m validator_svc.numbering.compile FILE` makes the plan file, where it is not up to date."""

import sys
from pathlib import Path

from validator_svc.numbering.compile.build import build_into

if __name__ == "__main__":
    build_into(Path(sys.argv[1]))
