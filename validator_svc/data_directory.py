"""Where the service keeps what is its own: the embedded store, segments of batches, the compiled plan."""

import os
from pathlib import Path


def default_data_dir() -> Path:
    """Where the XDG base directory specification keeps an application's data."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "validator-svc"


def chosen_data_dir() -> Path:
    """The directory of the settings, for those who must not wait for all settings to be loaded."""
    return Path(os.environ.get("VALIDATOR_DATA_DIR") or default_data_dir())
