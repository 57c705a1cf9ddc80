"""Rows read as international for want of a country are counted, and the column that would help is named."""

import aiohttp
import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.batches.asking import posted, reached
from tests.batches.test_countries import estimated
from validator_svc.formats.assumed import count_assumed
from validator_svc.formats.country_column import find_country_column, is_country_name
from validator_svc.kernel.classify import Classifier
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType
from validator_svc.numbering.reading import begins_international

# Two that were national numbers, one that is international without its `+`; and others that do not count.
NATIONAL = ["(201) 555-6721", "0812 3456 7000", "6281234567000"]
OTHERS = ["+6281234567000", "006281234567000", "\uff0b6281234567000", "(+62) 812 3456 7000", "", "n/a", "12"]
OTHERS += ["6.28E+11", "999123456"]
ROWS = [*NATIONAL, *OTHERS]
# Nobody has calling code 0.
ASSUMED = 2

COUNTRIES = ["US", "ID", "Indonesia", "Indonesia", "ID", "ID", "", "Germany", "DEU", "ID", "ID", "DE"]


def as_csv(header: str, *columns: list[str]) -> bytes:
    rows = "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in zip(*columns, strict=True))
    return f"{header}\n{rows}".encode()


BODY = as_csv("phone,land", ROWS, COUNTRIES)


@pytest.mark.parametrize("request_type", REQUEST_TYPES)
async def test_a_batch_and_its_estimate_count_them(
    client: aiohttp.ClientSession, request_type: RequestType
) -> None:
    body = as_csv("phone,land", ROWS * 300, COUNTRIES * 300)
    for given_country, expected in (
        ({}, ASSUMED * 300),
        ({"country": "US"}, 0),
        ({"country": "column:land"}, 0),
    ):
        params = {"type": request_type, **given_country}
        shown = await reached(client, await posted(client, body, "text/csv", **params), "success")
        estimate = await estimated(client, body, **params)
        assert (shown["assumed_international"], estimate["assumed_international"]) == (expected, expected)
        assert shown["summary"]["reason"] == estimate["summary"]["reason"]  # type: ignore[index]
        assert (shown["valid"], shown["invalid"]) == (estimate["valid"], estimate["invalid"])


async def test_rows_that_name_no_country_are_among_them(client: aiohttp.ClientSession) -> None:
    body = as_csv("phone,land", [*ROWS, *NATIONAL], [""] * len(ROWS) + ["US", "ID", "Narnia"])
    shown = await reached(client, await posted(client, body, "text/csv", country="column:land"), "success")
    estimate = await estimated(client, body, country="column:land")
    assert (shown["assumed_international"], estimate["assumed_international"]) == (ASSUMED, ASSUMED)
    assert estimate["summary"]["reason"]["unknown_country"] == 1  # type: ignore[index]


@pytest.mark.parametrize("media_type", ["text/csv", "application/x-ndjson"])
async def test_an_estimate_names_the_column_that_looks_like_countries(
    client: aiohttp.ClientSession, media_type: str
) -> None:
    body = BODY
    if media_type == "application/x-ndjson":
        rows = ({"phone": text, "land": country} for text, country in zip(ROWS, COUNTRIES, strict=True))
        body = b"\n".join(map(orjson.dumps, rows))

    async def named(**params: str) -> object:
        async with client.post(
            "/v1/estimate",
            params={"type": "format"} | params,
            data=body,
            headers={"Content-Type": media_type},
        ) as response:
            assert response.status == 200, await response.text()
            return (await response.json()).get("country_column")

    assert await named() == "land"
    assert await named(country="US") is None
    assert await named(country="column:land") is None
    assert "country_column" not in await estimated(client, b"phone,name\n+6281234567000,Ann\n")
    assert "country_column" not in await estimated(client, b"+6281234567000\n")


@given(
    st.lists(
        st.none()
        | st.sampled_from(
            [*ROWS, "00", "+", "0", " +62812", "'628", "a\nb", "\n", '"628123"', "\\", "tel:+62"]
        )
        | st.text(alphabet="0123456789+ (-\u0660\uff0b'\"\n\\a", max_size=16),
        max_size=8,
    ),
    st.sampled_from(REQUEST_TYPES),
    st.booleans(),
)
@example([None, "", "6281234567000", "(201) 555-6721"], "format", False)
@settings(max_examples=300, deadline=None)
def test_each_row_counts_by_itself(
    texts: list[str | None], request_type: RequestType, with_regions: bool
) -> None:
    classifier = Classifier()
    lines = classifier.rows(texts, request_type)
    regions = [None if at % 2 else "ID" for at in range(len(texts))] if with_regions else None
    expected = sum(
        (regions is None or regions[at] is None)
        and not begins_international(text or "")
        and bool(orjson.loads(line)["e164_format"])
        for at, (text, line) in enumerate(zip(texts, lines.splitlines(), strict=True))
    )
    assert count_assumed(texts, lines, regions) == expected


@pytest.mark.parametrize(
    ("header", "cells", "found"),
    [
        ("phone country", [["1", "DE"], ["2", "Austria"]], "country"),
        ("phone Land", [["1", "49"], ["2", "43"]], "Land"),
        ("phone size", [["1", "49"], ["2", "43"]], None),
        ("phone code", [["1", "+49"], ["2", "+43"]], "code"),
        ("phone market country", [["1", "DE", "AT"], ["2", "AT", "DE"]], "country"),
        ("phone market billingCountry", [["1", "DE", "??"], ["2", "AT", "??"]], "market"),
        ("phone language", [["1", "de"], ["2", "fr"]], None),
        ("phone state", [["1", "CA"], ["2", "IN"]], None),
        ("phone x", [["1", "DE"], ["2", "no idea"], ["3", "?"]], None),
        ("phone x", [["1", "DE"], ["2", "AT"], ["3", "CH"], ["4", "Narnia"], ["5", "FR"], ["6"]], "x"),
        ("phone \u56fd", [["1", "\u65e5\u672c"]], "\u56fd"),
        ("phone x", [["1", ""], ["2", ""]], None),
        ("phone x", [], None),
        ("DE x", [["DE", "1"]], None),
    ],
)
def test_which_column_looks_like_countries(header: str, cells: list[list[str]], found: str | None) -> None:
    assert find_country_column(header.split(), cells, phone_column=0) == found


@pytest.mark.parametrize(
    "name",
    [
        *("country", "Country Code", "country_code", "CountryCode", "billingCountry", "L\u00e4nder", "PAYS"),
        *(
            "pa\u00eds",
            "pais",
            "\u0421\u0442\u0440\u0430\u043d\u0430",
            "\u56fd",
            "Land (ISO)",
            "negara",
            "nation",
        ),
    ],
)
def test_names_of_such_columns(name: str) -> None:
    assert is_country_name(name)
