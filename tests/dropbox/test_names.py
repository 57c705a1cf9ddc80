"""What a file's name says of how it is to be worked: type and country, as parts before its ending."""

import pytest

from tests.dropbox.dropping import DropFolder, contacts
from validator_svc.dropbox.options import given_by_name

NATIONAL = "0812-3456-7000"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("contacts.ID.csv", {"country": "ID"}),
        ("contacts.ID.csv.gz", {"country": "ID"}),
        ("contacts.ID.CSV.GZ", {"country": "ID"}),
        ("contacts.analysis.ID.csv", {"type": "analysis", "country": "ID"}),
        ("contacts.ID.Format.csv", {"type": "format", "country": "ID"}),
        ("contacts.ID", {"country": "ID"}),
        # Ambiguous, and taken: words in capitals cannot be told from regions.
        ("Contacts.IT.csv", {"country": "IT"}),
        ("CONTACTS.NO.CSV", {"country": "NO"}),
        # Of two regions the last one, next to the ending.
        ("US.IT.csv", {"country": "IT"}),
        ("list.US.IT.csv", {"country": "IT"}),
        # Words, and endings, in small letters.
        ("contacts.id.csv", {}),
        ("contacts.it.csv", {}),
        ("people.to.call.in.csv", {}),
        ("Contacts.Id.csv", {}),
        ("contacts.iD.csv", {}),
        ("me.at.my.de", {}),
        # Not a part of their own, or not the last ones.
        ("ID.csv", {}),
        ("contacts-ID.csv", {}),
        ("contacts_ID.csv", {}),
        ("contacts ID.csv", {}),
        ("contacts.ID.final.csv", {}),
        ("contacts.ID .csv", {}),
        ("IT", {}),
        # Not regions: ISO 3166-1 has GB.
        ("contacts.UK.csv", {}),
        ("contacts.EU.csv", {}),
        ("contacts.IDN.csv", {}),
        ("contacts.ＩＤ.csv", {}),
    ],
)
def test_a_region_is_a_part_of_its_own_in_capitals(name: str, given: dict[str, str]) -> None:
    assert given_by_name(name) == given


@pytest.mark.parametrize(("part", "is_region"), [("ID", True), ("id", False), ("Id", False)])
async def test_numbers_are_read_in_the_region_of_the_name(
    watched: DropFolder, part: str, is_region: bool
) -> None:
    name = f"people.{part}.csv"
    watched.drop(name, contacts(NATIONAL, part))
    await watched.report(name)
    assert (watched.rows(name)[0]["country_code"] == "ID") is is_region
