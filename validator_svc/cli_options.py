"""Options that several commands have, and what becomes of their values."""

import os
import re
from typing import Annotated, Literal

import typer

from validator_svc.commands.output_file import OutputError, format_of
from validator_svc.commands.submit_progress import DEFAULT_SERVER
from validator_svc.formats.output_formats import BY_NAME, NAMES, OutputFormat
from validator_svc.formats.width import MAX_COLUMNS, MOST_COLUMNS
from validator_svc.numbering.facts import RequestType

Depth = Annotated[
    RequestType | None,
    typer.Option(
        "--type",
        help="How much to tell; analysis and validation ask the upstream, if one is set, for money."
        " [default: all that the numbering plan tells, for nothing]",
    ),
]
"""`--type` of the commands that spend nothing unless it is given."""

Country = Annotated[
    str | None, typer.Option(help="Region of numbers without calling code, such as ID, or column:NAME.")
]
Column = Annotated[str | None, typer.Option(help="Phone column: its name, or its number from 1.")]
Header = Annotated[
    bool | None, typer.Option("--header/--no-header", help="Whether the first row names the columns.")
]
Encoding = Annotated[str | None, typer.Option(help="Character encoding, such as cp1252.")]
Sheet = Annotated[str | None, typer.Option(help="Of a workbook. [default: the first with numbers]")]
Dialect = Annotated[Literal["default", "excel"], typer.Option(help="excel: CSV that survives a spreadsheet.")]
MaxCost = Annotated[str | None, typer.Option(metavar="USD", help="Refuse to begin what would cost more.")]
IsEstimate = Annotated[
    bool, typer.Option("--estimate", help="Say what it would cost, and spend and write nothing.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before money is spent.")]
ServerUrl = Annotated[str, typer.Option(envvar="VALIDATOR_SERVER", help="Base URL of the service.")]
CallerKey = Annotated[str | None, typer.Option(envvar="VALIDATOR_KEY", help="API key.")]


def fail(message: str) -> typer.Exit:
    """Say in one line why the arguments or the input cannot be used; exit status 2."""
    typer.echo(f"validator-svc: {message}", err=True)
    return typer.Exit(2)


def columns_max() -> int:
    """The setting of that name, read without the others; exit status 2 when it is no number."""
    given = os.environ.get("VALIDATOR_COLUMNS_MAX", "")
    if not given:
        return MOST_COLUMNS
    if given.isascii() and given.isdecimal() and 1 <= int(given[:6]) <= MAX_COLUMNS:
        return int(given)
    raise fail(f"VALIDATOR_COLUMNS_MAX: expected a whole number from 1 to {MAX_COLUMNS}")


def region_of(country: str | None) -> str | None:
    """The region code that `--country` gives; exit status 2 when it has no numbering plan."""
    from phonenumbers import SUPPORTED_REGIONS

    if country is None or country.upper() in SUPPORTED_REGIONS:
        return country and country.upper()
    raise fail("--country: expected an ISO 3166-1 alpha-2 code with a numbering plan, such as ID")


def amount_of_usd(max_cost: str | None) -> str | None:
    """What `--max-cost` gives; exit status 2 when it is no amount."""
    if max_cost is None or re.fullmatch(r"\d{1,9}(\.\d{1,9})?", max_cost, re.ASCII):
        return max_cost
    raise fail("--max-cost: expected an amount of USD, such as 12.50")


def format_to_write(output: str, asked: str | None) -> OutputFormat | None:
    """The format that `--output` and `--format` say; exit status 2 when a name promises another one."""
    if asked is not None and asked not in BY_NAME:
        raise fail(f"--format: expected {NAMES}")
    try:
        return format_of(output, asked)
    except OutputError as error:
        raise fail(f"--output {output}: {error}") from None


def base_url(server: str) -> str:
    """The URL that `--server` gives; exit status 2 when it is none."""
    if re.match("https?://.", server, re.IGNORECASE):
        return server
    raise fail(f"--server: expected a base URL, such as {DEFAULT_SERVER}")
