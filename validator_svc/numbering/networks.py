"""Carrier to network: the MCC and MNC of the operator that a number range was allocated to.

The codes name the network, not the subscriber: they are wrong after porting, and where an operator
has a code for each part of the country (India), its principal one stands for all.
"""

from functools import cache
from importlib import resources

import orjson

Table = dict[str, tuple[str | None, dict[str, str]]]
"""Region to its only MCC (None when it has several), and `MCC-MNC` by carrier name."""


def network_of(region_code: str, original_carrier: str | None) -> tuple[str | None, str | None]:
    """MCC (3 digits) and MNC (2 or 3 digits) of a carrier's network, ITU-T E.212, as strings.

    `region_code` is ISO 3166-1 alpha-2, `original_carrier` the English name that `phonenumbers` gives
    (`"Telkomsel"`). None is unknown: the MNC where the carrier has no network of its own, both
    where the country has several MCCs besides. Source: data/networks.json.
    """
    only_mcc, codes = networks().get(region_code, (None, {}))
    code = codes.get(original_carrier or "")
    if code is None:
        return only_mcc, None
    mcc, _, mnc = code.partition("-")
    return mcc, mnc


@cache
def networks() -> Table:
    """The table, read at its first use (about a millisecond)."""
    data = resources.files("validator_svc.numbering").joinpath("data/networks.json").read_bytes()
    table: Table = orjson.loads(data)["regions"]
    return table
