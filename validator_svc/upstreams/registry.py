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

if TYPE_CHECKING:
    from validator_svc.config import Settings
    from validator_svc.upstreams.protocol import Upstream

# By name, in the order in which they are asked; and the setting without which a supplier is not used.
SUPPLIERS = {
    "wavix": "wavix_appid",
}


def has_any_key(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether there is anything to spend money on, without the settings, which take long to import."""
    return any(environment.get(f"VALIDATOR_{key.upper()}") for key in SUPPLIERS.values())


def configured(settings: "Settings") -> list[str]:
    """The names of the suppliers that have a key."""
    return [name for name, key in SUPPLIERS.items() if getattr(settings, key) is not None]


def connected(name: str, settings: "Settings") -> "AbstractAsyncContextManager[Upstream]":
    """The account at the supplier of this name, for as long as the context."""
    # Only what is used is imported, and nobody else knows a supplier's modules.
    package = importlib.import_module(f"validator_svc.upstreams.{name}")
    opened: AbstractAsyncContextManager[Upstream] = package.connected(settings)
    return opened
