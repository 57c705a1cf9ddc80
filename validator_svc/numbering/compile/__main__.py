"""`python -m validator_svc.numbering.compile FILE` writes the plan file."""

import sys
from pathlib import Path

from validator_svc.numbering.compile.build import build

if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(build())
