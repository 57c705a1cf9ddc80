"""The suppliers that there are.

A supplier is a folder of this room and a line of `SUPPLIERS`. Its module `settings` has `Settings`, an
`account_settings.AccountSettings`; its module `client` has `connected(settings)`, an async context manager
that yields its `protocol.Upstream`.
"""

import importlib
import os
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from validator_svc.upstreams.choice import Choice, parse_choices
from validator_svc.upstreams.filling import parse_fill

if TYPE_CHECKING:
    from validator_svc.config import Settings
    from validator_svc.upstreams.account_settings import AccountSettings
    from validator_svc.upstreams.protocol import Upstream

# By name, in the order in which they are asked; and the setting without which a supplier is not used.
SUPPLIERS = {"wavix": "appid", "telnyx": "key", "twilio": "secret", "signalwire": "token"}


def variable(supplier: str, setting: str) -> str:
    """The environment variable of a supplier's setting."""
    return f"VALIDATOR_{supplier.upper()}_{setting.upper()}"


def key_variable(supplier: str) -> str:
    """The environment variable that has the supplier's key."""
    return variable(supplier, SUPPLIERS[supplier])


def has_any_key(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether there is anything to spend money on, without the settings, which take long to import."""
    return any(environment.get(key_variable(name)) for name in SUPPLIERS)


def settings_class(supplier: str) -> "type[AccountSettings]":
    """What is set of a supplier: the names, defaults and descriptions."""
    # Only what is used is imported, and nobody else knows a supplier's modules.
    module = importlib.import_module(f"validator_svc.upstreams.{supplier}.settings")
    settings: type[AccountSettings] = module.Settings
    return settings


def account_settings(supplier: str) -> "AccountSettings":
    """The settings of a supplier, from the environment.

    Raises ConfigError with one line for each that cannot be used.
    """
    from validator_svc.config import loaded

    return loaded(settings_class(supplier), lambda field: variable(supplier, field))


def choices(settings: "Settings") -> list[Choice]:
    """The suppliers that may be asked, first choice first; empty: none has a key.

    Raises ConfigError for a choice that cannot be read, or of a supplier that has no key.
    """
    from validator_svc import config

    accounts = {name: account_settings(name) for name in SUPPLIERS}
    with_key = [name for name, key in SUPPLIERS.items() if getattr(accounts[name], key) is not None]
    if settings.upstreams is None:
        return [Choice(name) for name in with_key]
    name_of_choice = config.variable("upstreams")
    try:
        chosen = parse_choices(settings.upstreams, SUPPLIERS)
    except ValueError as error:
        raise config.ConfigError(f"{name_of_choice} {error}") from None
    for choice in chosen:
        if choice.name not in with_key:
            key = key_variable(choice.name)
            raise config.ConfigError(f"{name_of_choice} names {choice.name}: set its key in {key}")
    return chosen


def fill(settings: "Settings") -> frozenset[str]:
    """The fields of `LiveAnswer` that another supplier is asked for. Raises ConfigError."""
    from validator_svc import config

    try:
        return parse_fill(settings.upstreams_fill or "")
    except ValueError as error:
        raise config.ConfigError(f"{config.variable('upstreams_fill')} {error}") from None


def connected(supplier: str) -> "AbstractAsyncContextManager[Upstream]":
    """The account at the supplier of this name, for as long as the context. Raises ConfigError."""
    module = importlib.import_module(f"validator_svc.upstreams.{supplier}.client")
    opened: AbstractAsyncContextManager[Upstream] = module.connected(account_settings(supplier))
    return opened
