"""Rows that name their country: known by any of its names, and never read as another's when unknown."""

import csv
import io
import tomllib
from importlib import resources
from pathlib import Path

import aiohttp
import orjson
import phonenumbers
import pytest

from loadtest.wavix_emulator import Emulator
from tests.batches.asking import Json, posted, reached, records, results
from tests.batches.processes import Processes
from validator_svc.numbering.countries import MOST_CELLS, UNKNOWN, region_named, region_of
from validator_svc.numbering.country_names import is_code, key_of, words_of

TABLE: dict[str, list[str]] = tomllib.loads(
    resources.files("validator_svc.numbering").joinpath("data/countries.toml").read_text("utf-8")
)["regions"]
FIELD_CASES = Path(__file__).parent.parent / "data" / "field_cases"

EXPECTED = {
    "country_names.csv": {
        **{"Anna": "+4915123456789", "Bert": "+4915123456789", "Cleo": "+4915123456789"},
        **{"Dora": "+420601123456", "Emil": "+905012345678", "Fay": "+38343201234", "Gus": "+79123456789"},
        **{"Jon": "+447400123456", "Kim": "+26876123456", "Lee": "+38972345678", "Mia": "+2389911234"},
        **{"Ned": "+9592123456", "Oli": "+59171234567", "Qin": "+2252121234567", "Ray": "+447400123456"},
        **{"Sue": "+12015550123", "Tom": "+12015550123"},
    },
    "ddd_country_col.csv": {
        **{"Anna": "+447400123456", "Budi": "+6281234567000", "Carl": "+12015550123", "Dora": "+4930123456"},
        **{"Eva": "+390212345678", "Fay": "+33612345678", "Gus": "+12015550123", "Hal": "+84912345678"},
        **{"Jon": "+79123456789", "Kim": "+2252121234567", "Lee": "+447400123456", "Mia": "+905012345678"},
        **{"Ned": "+447400123456", "Oli": "+12015550123", "Pam": "+38343201234", "Qin": "+85251234567"},
        **{"Ray": "+31612345678", "Sue": "+447400123456", "Tom": "+447400123456", "Una": "+447400123456"},
        **{"Vic": "+447400123456", "Wes": "+2252121234567", "Yan": "+420601123456", "Zed": "+242066123456"},
    },
}

UNREADABLE = "name,country,phone\nAda,Narnia,0812 3456 7000\nBob,,0812 3456 7000\nCy,n/a,+62 812 3456 7000\n"
UNREADABLE += (
    "Di,Atlantis,\uff0b62 812 3456 7000\nEd,Narnia,0062 812 3456 7000\nFox,Oz,6281234567000\nGus,Oz,\n"
)


async def estimated(client: aiohttp.ClientSession, body: bytes, **params: str) -> Json:
    async with client.post(
        "/v1/estimate", params={"type": "format"} | params, data=body, headers={"Content-Type": "text/csv"}
    ) as response:
        assert response.status == 200, await response.text()
        estimate: Json = await response.json()
        return estimate


@pytest.mark.parametrize("name", EXPECTED)
async def test_field_cases_are_read_in_the_country_that_each_row_names(
    client: aiohttp.ClientSession, name: str
) -> None:
    body, expected = (FIELD_CASES / name).read_bytes(), EXPECTED[name]
    batch_id = await posted(client, body, "text/csv", country="column:country")
    table = csv.DictReader(io.StringIO((await results(client, batch_id, format="csv")).decode()))
    assert {row["name"]: row["e164_format"] for row in table if row["is_valid"] == "true"} == expected
    estimate = await estimated(client, body, country="column:country")
    assert (estimate["count"], estimate["valid"]) == (len(expected), len(expected))


async def test_a_row_of_an_unknown_country_is_read_only_when_it_needs_none(
    client: aiohttp.ClientSession,
) -> None:
    batch_id = await posted(
        client, UNREADABLE.encode(), "text/csv", country="column:country", type="analysis"
    )
    found = await records(client, batch_id)
    assert [record["reason"] for record in found] == [
        *("unknown_country", "invalid_country_code", None, None, None, "unknown_country", "unknown_country")
    ]
    assert {name for name, value in found[0].items() if value not in (None, False, "")} == {
        *("phone_number", "cost", "error_code", "source", "reason")
    }
    assert (found[0]["cost"], found[0]["error_code"], found[0]["source"]) == ("0", "021", "plan")
    shown = await reached(client, batch_id, "success")
    assert shown["summary"]["reason"] == {"unknown_country": 3, "invalid_country_code": 1}  # type: ignore[index]
    assert (shown["valid"], shown["invalid"]) == (3, 4)
    estimate = await estimated(client, UNREADABLE.encode(), country="column:country", type="analysis")
    assert (estimate["valid"], estimate["invalid"]) == (3, 4)


async def test_what_names_no_country_never_costs_anything(paying: Processes, emulator: Emulator) -> None:
    service = paying.serve()
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(
            client, UNREADABLE.encode(), "text/csv", country="column:country", type="validation"
        )
        shown = await reached(client, batch_id, "success")
        found = await records(client, batch_id)
    # Three rows are one number.
    assert (shown["paid"], shown["invalid"], emulator.ledger.billed_total) == (1, 4, 1)
    assert [record["cost"] for record in found if record["reason"] == "unknown_country"] == ["0"] * 3


async def test_objects_name_their_country_too(client: aiohttp.ClientSession) -> None:
    rows = [
        {"phone_number": "0812 3456 7000", "land": "Indonésie"},
        {"phone_number": "0812 3456 7000", "land": 62},
        {"phone_number": "0812 3456 7000", "land": None},
        {"phone_number": "0812 3456 7000", "land": "Narnia"},
        {"phone_number": None, "land": "Narnia"},
    ]
    body = b"\n".join(map(orjson.dumps, rows))
    batch_id = await posted(client, body, "application/x-ndjson", country="column:land")
    assert [record["reason"] for record in await records(client, batch_id)] == [
        *(None, None, "invalid_country_code", "unknown_country", "unreadable_line")
    ]


@pytest.mark.parametrize(("region", "names"), TABLE.items())
def test_every_country_is_known_by_all_its_names(region: str, names: list[str]) -> None:
    for name in (region, *names):
        spellings = [name, name.upper(), name.lower(), f" {name} ", f'"{name}"', f"{name}\u200b"]
        spellings += [] if is_code(name) else [f"the {name}"]
        assert {spelling: region_named(spelling) for spelling in spellings} == dict.fromkeys(
            spellings, region
        )


def test_the_table_has_every_country_and_each_name_once() -> None:
    assert TABLE.keys() == phonenumbers.SUPPORTED_REGIONS
    assert all(is_code(names[0]) and len(names[0]) == 3 for names in TABLE.values())
    keys = [name if is_code(name) else key_of(words_of(name)) for names in TABLE.values() for name in names]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("cell", "region"),
    [
        *(
            (f"{cell}", "GB")
            for cell in ("UK", "uk ", "U.K.", "44", "+44", "0044", "44.0", "\uff0b44", "(+44)")
        ),
        *((cell, "US") for cell in ("U.S.", "u.s.a.", "US of A", "the United States", "1", "+1", "US (+1)")),
        *(
            (cell, "DE")
            for cell in ("Germany (DE)", "DE - Germany", "Germany +49", "+49 Germany", "Allemagne")
        ),
        *((cell, "BO") for cell in ("Plurinational State of Bolivia", "Bolivia (Plurinational State of)")),
        *((cell, "CD") for cell in ("Congo, Dem. Rep.", "Democratic Republic of the Congo", "DR Congo")),
        *((cell, "CG") for cell in ("Congo", "Congo, Rep.", "Congo (Brazzaville)", "Republic of Congo")),
        *(
            (cell, "KR")
            for cell in ("Korea, Rep.", "Republic of Korea", "Korea (South)", "\ub300\ud55c\ubbfc\uad6d")
        ),
        *((cell, "KP") for cell in ("Democratic People's Republic of Korea", "North Korea", "Korea (North)")),
        *((cell, "CI") for cell in ("COTE D'IVOIRE", "Co\u0302te d\u2019Ivoire", "Cote D Ivoire")),
        *((cell, "TR") for cell in ("T\u00dcRK\u0130YE", "turkiye", "T\u00fcrk\u0131ye", "Turkey")),
        *((cell, "AS") for cell in ("+1 684", "1-684", "1684", "American Samoa (+1 684)")),
        *(("St. Kitts & Nevis", "KN"), ("Bahamas, The", "BS"), ("People's Republic of China", "CN")),
        *(("Republic of China", "TW"), ("EL", "GR"), ("XK", "XK"), ("Canada (+1)", "CA"), ("\u00c1o", "AT")),
        *(("Guinea-Bissau", "GW"), ("Guinea", "GN"), ("Papua New Guinea", "PG"), ("Equatorial Guinea", "GQ")),
        *(("\u65e5\u672c", "JP"), ("\u0420\u043e\u0441\u0441\u0438\u044f", "RU"), ("Suisse", "CH")),
        *((cell, None) for cell in ("", " ", "\u200b", '""')),
        *(
            (cell, UNKNOWN)
            for cell in ("Narnia", "-", "N/A", "n.a.", "0", "800", "999", "DE/AT", "Georgia, USA")
        ),
        *(
            (cell, UNKNOWN)
            for cell in ("Republic", "en-US", "Germany (+43)", "Congo (Zaire)", "D" * 10_000, "\x00")
        ),
    ],
)
def test_ways_to_write_a_country(cell: str, region: str | None) -> None:
    assert region_of(cell, "0812") == region


def test_a_million_different_cells_are_not_kept() -> None:
    for number in range(2 * MOST_CELLS):
        region_named(f"country {number}")
    assert region_named.cache_info().currsize == MOST_CELLS


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        *(
            (text, True)
            for text in ("+62 812", "0062812", "\uff0b62", "'+62", '"0062"', "(+62) 812", "tel:+62812")
        ),
        *(
            (text, True)
            for text in ("\u0660\u066062", "00 62", "\u200b+62", "=+62", "tel:0812;phone-context=+62")
        ),
        *((text, False) for text in ("62812", "0812", "(0812)", "", "abc", "'0812", "0 062812", "tel:0812")),
    ],
)
def test_what_can_be_read_whatever_the_country(text: str, is_read: bool) -> None:
    assert region_of("Narnia", text) == (None if is_read else UNKNOWN)
