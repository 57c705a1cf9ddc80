"""Carrier to MCC/MNC: well-known networks, the form of the table, and how much of the plan it covers."""

import json
import re
import tomllib
from collections.abc import Iterator
from importlib import resources

import phonenumbers
import pytest
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, PhoneNumberType, carrier
from phonenumbers.carrierdata import CARRIER_DATA

from validator_svc.numbering.data import build_networks
from validator_svc.numbering.data.carrier_regions import calling_code_of, numbers_behind, regions_of
from validator_svc.numbering.data.network_names import normalized
from validator_svc.numbering.networks import network_of, networks

# What the table reached with phonenumbers 9.0.43; it may only rise.
LEAST_SHARE = 0.93
LEAST_MOBILE_SHARE = 0.95

phonenumbers.enable_pattern_cache()

DATA = resources.files("validator_svc.numbering").joinpath("data")


@pytest.mark.parametrize(
    ("region_code", "original_carrier", "expected"),
    [
        ("BD", "Grameenphone", "470-01"),
        ("BR", "Vivo", "724-06"),
        ("BR", "TIM", "724-02"),
        ("BR", "Claro", "724-05"),
        ("CN", "China Mobile", "460-00"),
        ("CN", "China Unicom", "460-01"),
        ("DE", "Eplus", "262-03"),
        ("DE", "O2", "262-07"),
        ("DE", "T-Mobile", "262-01"),
        ("DE", "Vodafone", "262-02"),
        ("ES", "Movistar", "214-07"),
        ("ES", "Orange", "214-03"),
        ("ES", "Vodafone", "214-01"),
        ("FI", "Telia", "244-91"),
        ("FR", "Bouygues", "208-20"),
        ("FR", "Free Mobile", "208-15"),
        ("FR", "Orange France", "208-01"),
        ("FR", "SFR", "208-10"),
        ("GB", "EE", "234-30"),
        ("GB", "O2", "234-10"),
        ("GB", "Three", "234-20"),
        ("GB", "Vodafone", "234-15"),
        ("ID", "Telkomsel", "510-10"),
        ("IN", "Airtel", "404-10"),
        ("IN", "Telenor", "404-10"),
        ("IN", "Idea", "404-20"),
        ("IT", "TIM", "222-01"),
        ("IT", "Vodafone", "222-10"),
        ("IT", "WIND", "222-88"),
        ("JE", "Sure", "234-55"),
        ("KZ", "Kcell/Activ", "401-02"),
        ("NG", "MTN", "621-30"),
        ("PH", "Globe", "515-02"),
        ("PK", "Jazz", "410-01"),
        ("RE", "Telco OI", "647-03"),
        ("RU", "MTS", "250-01"),
        ("TH", "AIS", "520-03"),
        ("TR", "Turkcell", "286-01"),
        ("UA", "Kyivstar", "255-03"),
        ("VN", "Viettel", "452-04"),
    ],
)
def test_well_known_networks(region_code: str, original_carrier: str, expected: str) -> None:
    mcc, mnc = network_of(region_code, original_carrier)

    assert f"{mcc}-{mnc}" == expected


@pytest.mark.parametrize(
    ("region_code", "original_carrier", "expected"),
    [
        ("ID", None, ("510", None)),
        ("ID", "nobody's name", ("510", None)),
        ("RU", None, ("250", None)),  # 255 stands in the list's Russian rows
        ("FR", "Prixtel", ("208", None)),  # an MVNO without a code of its own
        ("IN", None, (None, None)),  # 404 and 405
        ("GB", None, (None, None)),  # 234 and 235
        ("US", None, (None, None)),
        ("001", "globalstar", (None, None)),
    ],
)
def test_unknown_is_none(
    region_code: str, original_carrier: str | None, expected: tuple[str | None, str | None]
) -> None:
    assert network_of(region_code, original_carrier) == expected


def test_every_code_has_the_form_of_e212() -> None:
    for only_mcc, codes in networks().values():
        assert only_mcc is None or re.fullmatch(r"[2-7]\d\d", only_mcc)
        assert all(re.fullmatch(r"[2-7]\d\d-\d{2,3}", code) for code in codes.values())


def test_a_region_with_one_mcc_has_no_network_under_another() -> None:
    for only_mcc, codes in networks().values():
        assert only_mcc is None or {code[:3] for code in codes.values()} <= {only_mcc}


def test_the_table_is_joined_with_the_installed_phonenumbers() -> None:
    header = json.loads(DATA.joinpath("networks.json").read_text("utf-8"))

    assert header["joined_with"] == build_networks.HEADER["joined_with"], "rebuild it: build_networks.py"


def test_every_hand_kept_row_is_used() -> None:
    carriers = build_networks.carriers_by_region()
    for region_code, rows in tomllib.loads(DATA.joinpath("network_aliases.toml").read_text("utf-8")).items():
        for name in rows:
            assert name in carriers[region_code]
            assert name in networks()[region_code][1]


def test_names_are_equal_without_case_accents_and_legal_form() -> None:
    assert normalized("Götalandsnätet AB") == normalized("GOTALANDSNATET")
    assert normalized("SŽ - Infrastruktura, d.o.o.") == normalized("SŽ - Infrastruktura")
    assert normalized("Telia Sverige AB") != normalized("Telia")


def test_prefixes_of_shared_calling_codes_find_their_regions() -> None:
    assert regions_of("7701") == ("KZ",)
    assert regions_of("447781") == ("GG",)
    assert regions_of("262639") == ("YT",)


def test_share_of_carrier_prefixes_with_a_known_network() -> None:
    """Every prefix weighs the same and speaks through one number behind it."""
    known, known_mobile = [], []
    for number in one_number_a_prefix():
        region_code = phonenumbers.region_code_for_number(number)
        mcc, mnc = network_of(region_code or "", carrier.name_for_number(number, "en"))
        known.append(bool(mcc and mnc))
        if phonenumbers.number_type(number) == PhoneNumberType.MOBILE:
            known_mobile.append(known[-1])
    share, mobile_share = sum(known) / len(known), sum(known_mobile) / len(known_mobile)
    figures = (
        f"MCC and MNC known for {share:.2%} of {len(known):,} carrier prefixes,"
        f" {mobile_share:.2%} of the {len(known_mobile):,} that are mobile"
    )
    print(figures)

    assert share >= LEAST_SHARE, figures
    assert mobile_share >= LEAST_MOBILE_SHARE, figures


def one_number_a_prefix() -> Iterator[PhoneNumber]:
    """The first valid number behind each carrier prefix that has a name and belongs to a country."""
    for prefix, names in CARRIER_DATA.items():
        calling_code = calling_code_of(prefix)
        regions = COUNTRY_CODE_TO_REGION_CODE[calling_code]
        if "en" in names and regions != ("001",):
            valid = filter(phonenumbers.is_valid_number, numbers_behind(prefix, calling_code, regions))
            if number := next(valid, None):
                yield number
