"""What is wrong with a file is told with what to type about it, at every entrance in its own words."""

import aiohttp
import orjson
import pytest

from tests.batches.test_bad_files import row, workbook_of
from tests.dropbox.conftest import watched
from tests.dropbox.dropping import DropFolder
from tests.service import Service
from tests.test_check import check
from tests.waiting import wait_until

__all__ = ["watched"]

NO_NUMBERS = b"to,subject\nAnna,Hello\nBen,Hi\n"
PEOPLE = b"name,telephone\nAnna,+6281234567000\n"
BOOK = workbook_of(("A", row("phone") + row("+6281234567000"), ""))


@pytest.mark.parametrize(
    ("name", "content", "given", "says", "option"),
    [
        ("a.csv", NO_NUMBERS, {}, "no phone column found", "column NUMBER"),
        (
            "b.csv",
            PEOPLE,
            {"column": "telefone"},
            """no column 'telefone'; the columns are "name","telephone"; did you mean 'telephone'?""",
            "column NAME",
        ),
        ("c.csv", PEOPLE, {"column": "mobile"}, "did you mean 'telephone'?", "column NAME"),
        ("d.csv", PEOPLE, {"country": "column:land"}, "there is no column 'land'", "country column:NAME"),
        ("e.csv", PEOPLE, {"encoding": "nonsense"}, "unknown encoding 'nonsense'", "encoding cp1252"),
        ("f.xlsx", BOOK, {"sheet": "B"}, "there is no sheet 'B'; the sheets are 'A'", "sheet NAME"),
    ],
)
async def test_every_entrance_says_how_to_say_it(
    service: Service,
    watched: DropFolder,
    name: str,
    content: bytes,
    given: dict[str, str],
    says: str,
    option: str,
) -> None:
    option_name, sample = option.split()
    (watched.root / name).write_bytes(content)
    typed = [part for key, value in given.items() for part in (f"--{key}", value)]
    told = check(watched.root / name, *typed, status=2).stderr.decode()
    assert says in told
    assert told.endswith(f"; --{option_name} {sample} says which\n")
    async with (
        aiohttp.ClientSession(service.url) as client,
        client.post("/v1/batches", params=given | {"name": name, "type": "format"}, data=content) as response,
    ):
        message = orjson.loads(await response.read())["message"]
    assert says in message
    assert message.endswith(f"; {option_name}={sample} in the query says which")
    lines = "".join(f'{key} = "{value}"\n' for key, value in given.items())
    (watched.inbox / f"{name}.toml").write_text(lines)
    watched.drop(name, content)
    error = await watched.error(name)
    assert says in error
    assert (
        f'the line {option_name} = "{sample}" says which, in {name}.toml beside it, or in dropbox.toml'
        in error
    )


async def test_a_request_is_found_in_the_log_by_the_name_in_its_answer(service: Service) -> None:
    names = []
    async with aiohttp.ClientSession(service.url) as client:
        for path in ("/healthz", "/v1/validation?phone_number=12&type=format", "/nowhere", "/openapi.json"):
            async with client.get(path, headers={"X-Request-Id": "+6281234567000"}) as response:
                await response.read()
                names.append(response.headers["X-Request-Id"])
    assert len(set(names)) == len(names)
    assert not any("6281234567000" in name for name in names)
    # Nobody wants to read there how often it was asked whether the service is well.
    for name in names[1:]:
        line = f'"request_id": "{name}"'.encode()
        await wait_until(lambda: any(line in each for each in service.log))  # noqa: B023
