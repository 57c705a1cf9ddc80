"""Rebuilds networks.json: for each carrier name of `phonenumbers`, region by region, its network.

    python -m validator_svc.numbering.data.build_networks path/to/mcc-mnc-list.json

The list is that of the npm package mcc-mnc-list (MIT, see mcc-mnc-list.LICENSE). A carrier's network
is found by its name alone: equal to a brand or an operator of the list once both are normalized
(network_names.py), or by a row of network_aliases.toml. Among several codes, network_principals.toml
decides, otherwise the lowest-numbered operational one. Nothing is matched by likeness.
"""

import json
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import phonenumbers
from phonenumbers.carrierdata import CARRIER_DATA

from validator_svc.numbering.data.carrier_regions import regions_of
from validator_svc.numbering.data.network_names import brand_parts, normalized

HERE = Path(__file__).parent
HEADER = {
    "source": "https://www.npmjs.com/package/mcc-mnc-list",
    "version": "1.1.11",
    "as_of": "spring of 2023, by the newest events in its notes (March 2023)",
    "license": "MIT, Copyright (c) 2016 Peter Bakondy, see mcc-mnc-list.LICENSE",
    "joined_with": f"phonenumbers {phonenumbers.__version__}, names in English",
    "generator": "validator_svc/numbering/data/build_networks.py",
}
# Best first. Whatever is reserved, planned, returned or under test carries nobody's numbers.
STATUSES = ("Operational", "Temporary operational", "Ongoing", "Unknown", "Allocated", "Not operational")
OPERATIONAL = STATUSES.index("Operational")
NOT_OPERATIONAL = STATUSES.index("Not operational")
CODE = re.compile(r"\d{3}-\d{2,3}")

Names = dict[str, dict[str, str]]
"""Region to normalized name to alias or code."""


class Network(NamedTuple):
    """One row of the list."""

    status: int
    """Index into `STATUSES`."""
    code: str
    """`MCC-MNC` (ITU-T E.212), both with their leading zeros."""
    brand: str
    operator: str


def main(list_path: Path) -> None:
    """Read the list, write networks.json beside this script."""
    by_region = networks_by_region(json.loads(list_path.read_text("utf-8")))
    regions = tomllib.loads((HERE / "network_regions.toml").read_text("utf-8"))
    for region_code, listed_under in regions["listed_under"].items():
        by_region[region_code] = by_region[listed_under]
    aliases = hand_kept("network_aliases.toml")
    principals = hand_kept("network_principals.toml")
    check_facts(by_region, aliases, principals)
    carriers = carriers_by_region()
    lines = []
    for region_code in sorted(by_region.keys() | carriers.keys()):
        networks = by_region.get(region_code, [])
        chosen = {
            carrier: code
            for carrier in sorted(carriers.get(region_code, ()))
            if (code := code_of(carrier, networks, aliases[region_code], principals[region_code]))
        }
        mcc = regions["mcc"].get(region_code) or only_mcc(networks)
        if mcc or chosen:
            lines.append(f"{as_json(region_code)}: {as_json([mcc, chosen])}")
    text = as_json(HEADER, indent=0).rstrip("\n}") + ',\n"regions": {\n' + ",\n".join(lines) + "\n}\n}\n"
    (HERE / "networks.json").write_text(text, "utf-8")


def networks_by_region(rows: Iterable[dict[str, str | None]]) -> defaultdict[str, list[Network]]:
    """The usable rows of the list; one that stands for several regions (`YT/RE`) goes to each."""
    result: defaultdict[str, list[Network]] = defaultdict(list)
    for row in rows:
        code = f"{row['mcc']}-{row['mnc']}"
        if row["type"] == "National" and row["status"] in STATUSES and CODE.fullmatch(code):
            network = Network(STATUSES.index(row["status"]), code, row["brand"] or "", row["operator"] or "")
            for region_code in (row["countryCode"] or "").split("/"):
                result[region_code].append(network)
    return result


def hand_kept(file_name: str) -> defaultdict[str, dict[str, str]]:
    """A hand-kept table: region to normalized name to what is written beside it."""
    tables: Names = tomllib.loads((HERE / file_name).read_text("utf-8"))
    return defaultdict(
        dict, {region: {normalized(k): v for k, v in rows.items()} for region, rows in tables.items()}
    )


def check_facts(by_region: dict[str, list[Network]], aliases: Names, principals: Names) -> None:
    """Refuse a hand-kept row that points to nothing in the list."""
    for region_code, rows in aliases.items():
        for name, target in rows.items():
            if not matching(target, by_region[region_code]):
                raise SystemExit(f"network_aliases.toml: {region_code}: {name}: no network is named {target}")
    for region_code, rows in principals.items():
        for name, code in rows.items():
            if code not in {network.code for network in by_region[region_code]}:
                raise SystemExit(f"network_principals.toml: {region_code}: {name}: no network has {code}")


def carriers_by_region() -> dict[str, set[str]]:
    """English carrier names of `phonenumbers`, each with the regions whose numbers bear it."""
    result: defaultdict[str, set[str]] = defaultdict(set)
    for prefix, names in CARRIER_DATA.items():
        if "en" in names:
            for region_code in regions_of(prefix):
                result[region_code].add(names["en"])
    return result


def code_of(
    carrier: str, networks: list[Network], aliases: dict[str, str], principals: dict[str, str]
) -> str | None:
    """`MCC-MNC` of a carrier among its region's networks, None when unknown."""
    own_name = normalized(carrier)
    name = aliases.get(own_name, carrier)
    principal = principals.get(own_name) or principals.get(normalized(name))
    if principal:
        return principal
    candidates = [network for network in matching(name, networks) if not is_taken(network, networks)]
    return min(candidates).code if candidates else None


def matching(name: str, networks: list[Network]) -> list[Network]:
    """The networks of that brand; without one, those that share it; without one, those of that operator."""
    wanted = normalized(name)
    return (
        [network for network in networks if wanted == normalized(network.brand)]
        or [network for network in networks if wanted in brand_parts(network.brand)]
        or [network for network in networks if wanted == normalized(network.operator)]
    )


def is_taken(network: Network, networks: list[Network]) -> bool:
    """Whether a code that is out of operation was given to another network since."""
    return network.status == NOT_OPERATIONAL and any(
        other.code == network.code and other.status == OPERATIONAL for other in networks
    )


def only_mcc(networks: list[Network]) -> str | None:
    """The MCC that all networks of a region share, None when there are several or none."""
    codes = {network.code[:3] for network in networks}
    return codes.pop() if len(codes) == 1 else None


def as_json(value: object, indent: int | None = None) -> str:
    """JSON that a person can review: names in their own letters."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
