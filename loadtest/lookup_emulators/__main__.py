"""`python -m loadtest.lookup_emulators SUPPLIER …`: an emulator on the command line."""

import sys

from loadtest.lookup_emulators import EMULATORS
from loadtest.wavix_emulator.__main__ import main

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in EMULATORS:
        sys.exit(f"expected one of {', '.join(EMULATORS)}, then options; --help after it tells which")
    sys.exit(main(EMULATORS[sys.argv[1]], sys.argv[2:]))
