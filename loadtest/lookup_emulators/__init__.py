"""Emulators of lookup APIs that take one number a request: Telnyx, Twilio Lookup v2, SignalWire.

They speak what the suppliers' public references say, know nothing of the client under test, and have the
faults, the ledger and the admin routes of the Wavix emulator. On the command line:
`python -m loadtest.lookup_emulators telnyx --port 9091 --fault http500=0.1`.
"""

from loadtest.lookup_emulators.signalwire import SignalWireEmulator
from loadtest.lookup_emulators.telnyx import TelnyxEmulator
from loadtest.lookup_emulators.twilio import TwilioEmulator
from loadtest.wavix_emulator.server import Emulator

EMULATORS: dict[str, type[Emulator]] = {
    "telnyx": TelnyxEmulator,
    "twilio": TwilioEmulator,
    "signalwire": SignalWireEmulator,
}

__all__ = ["EMULATORS", "SignalWireEmulator", "TelnyxEmulator", "TwilioEmulator"]
