"""SignalWire phone number lookup (https://developer.signalwire.com/rest/)."""

from validator_svc.upstreams.signalwire.client import connected

__all__ = ["connected"]
