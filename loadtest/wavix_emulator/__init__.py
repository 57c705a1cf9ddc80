"""An emulator of the Wavix Number Validator API, with a ledger of what it billed and faults by setting.

It speaks what the public reference says (https://docs.wavix.com/api-reference/number-validator/),
and misbehaves on demand in every way that the reference leaves open. It knows nothing of the client
under test. On the command line: `python -m loadtest.wavix_emulator --help`; in a test:

    async with Emulator(faults={"http500": "0.1", "latency": "20ms"}, seed=7) as emulator:
        ...  # a client of emulator.url
        assert emulator.ledger.max_times_billed == 1
"""

from loadtest.wavix_emulator.answers import allocated_carrier, answer, digits_of
from loadtest.wavix_emulator.faults import FaultError
from loadtest.wavix_emulator.ledger import Ledger
from loadtest.wavix_emulator.server import Emulator

__all__ = ["Emulator", "FaultError", "Ledger", "allocated_carrier", "answer", "digits_of"]
