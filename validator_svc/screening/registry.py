"""The systems whose requests are screened."""

from importlib import import_module

from validator_svc.screening.system import System

NAMES = (
    "wavix-call",
    "tryvox-call",
    "signalwire-call",
    "voicecall",
    "wavix-message",
    "wavix-campaign",
    "wavix-e911",
)
"""A line each, which is also the name of its file."""


def system_in(name: str) -> System:
    """The system that is written down in the file of that name."""
    system: System = import_module(f"validator_svc.screening.{name.replace('-', '_')}").SYSTEM
    return system


SYSTEMS = {name: system_in(name) for name in NAMES}
"""By the name that the routes have in their path."""
