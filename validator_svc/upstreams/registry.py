"""The suppliers that there are.

A supplier is a folder of this room, a line of `SUPPLIERS`, and its settings in `config`, whose names begin
with its own, `NAME_url` among them. Its package has `connected(settings)`, an async context manager that
yields its `protocol.Upstream`.
"""

import importlib
import os
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from validator_svc.upstreams.choice import Choice, parse_choices

if TYPE_CHECKING:
    from validator_svc.config import Settings
    from validator_svc.upstreams.protocol import Upstream

# By name, in the order in which they are asked; and the setting without which a supplier is not used.
SUPPLIERS = {
    "wavix": "wavix_appid",
    "telnyx": "telnyx_key",
    "twilio": "twilio_secret",
    "signalwire": "signalwire_token",
}


def has_any_key(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether there is anything to spend money on, without the settings, which take long to import."""
    return any(environment.get(f"VALIDATOR_{key.upper()}") for key in SUPPLIERS.values())


def choices(settings: "Settings") -> list[Choice]:
    """The suppliers that may be asked, first choice first; empty: none has a key.

    Raises ConfigError for a choice that cannot be read, or of a supplier that has no key.
    """
    from validator_svc.config import ConfigError, variable

    with_key = [name for name, key in SUPPLIERS.items() if getattr(settings, key) is not None]
    if settings.upstreams is None:
        return [Choice(name) for name in with_key]
    try:
        chosen = parse_choices(settings.upstreams, SUPPLIERS)
    except ValueError as error:
        raise ConfigError(f"{variable('upstreams')} {error}") from None
    for choice in chosen:
        if choice.name not in with_key:
            key = variable(SUPPLIERS[choice.name])
            raise ConfigError(f"{variable('upstreams')} names {choice.name}: set its key in {key}")
    return chosen


def connected(name: str, settings: "Settings") -> "AbstractAsyncContextManager[Upstream]":
    """The account at the supplier of this name, for as long as the context."""
    # Only what is used is imported, and nobody else knows a supplier's modules.
    package = importlib.import_module(f"validator_svc.upstreams.{name}")
    opened: AbstractAsyncContextManager[Upstream] = package.connected(settings)
    return opened
