"""The operator's list of risky prefixes, from its file."""

from pathlib import Path

from validator_svc.numbering.risk import NO_LIST, RiskList, parse_risk_list


class RiskFileError(Exception):
    """The file cannot be used; the message names the setting and what is wrong, with its line."""


def load_risk_list(path: str | Path | None) -> RiskList:
    """Read the list; no path means an empty one. Raises RiskFileError."""
    if not path:
        return NO_LIST
    try:
        return parse_risk_list(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RiskFileError(f"VALIDATOR_RISK_FILE: {path}: {error}") from None
