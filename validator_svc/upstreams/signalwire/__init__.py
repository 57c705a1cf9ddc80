"""SignalWire phone number lookup (https://developer.signalwire.com/rest/)."""
