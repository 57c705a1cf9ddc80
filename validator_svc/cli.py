"""The command line: arguments in, exit status out. What a command does stands in its own module."""

import os
import re
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer.exceptions import TyperException

from validator_svc.cli_keys import app as keys
from validator_svc.commands.output_file import OutputError, format_of, results_ending
from validator_svc.environment import unread
from validator_svc.formats.output_formats import BY_NAME, CSV, NAMES, NDJSON, OutputFormat, in_dialect
from validator_svc.formats.width import MAX_COLUMNS, MOST_COLUMNS
from validator_svc.numbering.facts import RequestType
from validator_svc.stopping import INTERRUPTED, Stop, ends_by_itself

COLUMN = "column:"
Depth = Annotated[
    RequestType | None,
    typer.Option(
        "--type",
        help="How much to tell; analysis and validation ask the upstream, if one is set, for money."
        " [default: all that the numbering plan tells, for nothing]",
    ),
]
"""`--type` of the commands that spend nothing unless it is given."""

SERVICES = ("serve", "worker", "watch")

app = typer.Typer(
    help="Validates phone numbers in bulk.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(keys, name="keys")


def show_version(is_asked: bool) -> None:
    """Print the version, and end."""
    if is_asked:
        import importlib.metadata

        typer.echo(f"validator-svc {importlib.metadata.version('validator-svc')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Validates phone numbers in bulk."""
    warn_of_unread_variables(context.invoked_subcommand in SERVICES)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


def warn_of_unread_variables(in_log: bool) -> None:
    """Name each variable that looks like a setting and is none; in the log of a command that writes one."""
    sentences = unread(os.environ)
    if in_log and sentences:
        import structlog

        from validator_svc.logs import set_up_logging

        set_up_logging()
        for each in sentences:
            structlog.get_logger().warning("unknown_variable", what=each)
        return
    for each in sentences:
        typer.echo(f"validator-svc: {each}", err=True)


def fail(message: str) -> typer.Exit:
    """Say in one line why the arguments or the input cannot be used; exit status 2."""
    typer.echo(f"validator-svc: {message}", err=True)
    return typer.Exit(2)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (VALIDATOR_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0: any free one (VALIDATOR_PORT).")] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that share the port (VALIDATOR_WORKERS).")
    ] = None,
) -> int:
    """Serve the HTTP API until SIGTERM."""
    from validator_svc.config import ConfigError, load_settings
    from validator_svc.embedded import DataDirInUseError
    from validator_svc.http.workers import shared_figures
    from validator_svc.risk_file import RiskFileError

    options = {"host": host, "port": port, "workers": workers}
    given = {name: value for name, value in options.items() if value is not None}
    try:
        settings = load_settings(**given)
        stop = Stop()
        with shared_figures(settings.workers):
            from validator_svc.commands.serve import serve as run

            return run(settings, stop)
    except (ConfigError, DataDirInUseError, RiskFileError, OSError) as error:
        raise fail(str(error)) from None


@app.command()
def worker() -> None:
    """Work batches until SIGTERM; any number of workers share the work with `serve`."""
    run_worker(None)


@app.command()
def watch(
    folder: Annotated[Path, typer.Argument(help="Drop folder; files go into its subfolder inbox.")],
) -> None:
    """Work the files that are dropped into a folder, until SIGTERM; several may watch one folder."""
    run_worker(folder)


def run_worker(drop_dir: Path | None) -> None:
    """Work batches, and files dropped into a folder if one is given."""
    from validator_svc.commands.worker import work
    from validator_svc.config import ConfigError, load_settings
    from validator_svc.embedded import DataDirInUseError
    from validator_svc.risk_file import RiskFileError

    try:
        settings = load_settings()
        settings = settings.model_copy(update={"batch_concurrency": settings.batch_concurrency or 4})
        work(settings, Stop(), drop_dir)
    except (ConfigError, DataDirInUseError, RiskFileError, OSError) as error:
        raise fail(str(error)) from None


@app.command()
def check(
    file: Annotated[
        str,
        typer.Argument(help="CSV, TSV, NDJSON, a JSON array, XLSX or a number a line; -: standard input."),
    ],
    request_type: Depth = None,
    country: Annotated[
        str | None, typer.Option(help="Region of numbers without calling code, such as ID, or column:NAME.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="Phone column: its name, or its number from 1.")] = None,
    header: Annotated[
        bool | None, typer.Option("--header/--no-header", help="Whether the first row names the columns.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Character encoding, such as cp1252.")] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Of a workbook. [default: the first with numbers]")
    ] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="File to write; -: standard output.")] = "-",
    output_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="ndjson; csv or xlsx, which keep the file's own columns. [default: by the output's name]",
        ),
    ] = None,
    dialect: Annotated[
        Literal["default", "excel"], typer.Option(help="excel: CSV that survives a spreadsheet.")
    ] = "default",
    max_cost: Annotated[
        str | None, typer.Option(metavar="USD", help="Refuse to begin what would cost more.")
    ] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Say what it would cost, and spend and write nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before money is spent.")] = False,
) -> int:
    """Check a file of phone numbers; what is not given is found out.

    Exit status: 0 done, 1 done but some lookups failed, 2 unusable arguments or input.
    """
    from validator_svc.commands.check import Check
    from validator_svc.commands.check import check as run
    from validator_svc.commands.check_error import CheckError
    from validator_svc.commands.check_spending import Spending
    from validator_svc.formats.layout import Hints

    form = format_to_write(output, output_format) or (CSV if dialect == "excel" else NDJSON)
    try:
        form = in_dialect(form, dialect)
    except ValueError as error:
        raise fail(f"--dialect {dialect}: {error}") from None
    region_column = country[len(COLUMN) :] if country and country.startswith(COLUMN) else None
    region_code = region_of(country) if region_column is None else None
    hints = Hints(file, column, region_code, header, encoding, sheet=sheet, most_columns=columns_max())
    spending = Spending(amount_of_usd(max_cost), yes)
    try:
        return run(Check(file, hints, request_type, output, form, spending, estimate, region_column))
    except CheckError as error:
        raise fail(str(error)) from None


@app.command()
def lookup(
    numbers: Annotated[list[str], typer.Argument(metavar="NUMBER...", help="Numbers, as people write them.")],
    request_type: Depth = None,
    country: Annotated[
        str | None, typer.Option(help="Region of numbers without calling code, such as ID.")
    ] = None,
    pretty: Annotated[bool, typer.Option("--json", help="JSON for people. [in a pipe: NDJSON]")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say in words what each field means.")] = False,
    max_cost: Annotated[
        str | None, typer.Option(metavar="USD", help="Refuse to begin what would cost more.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before money is spent.")] = False,
) -> int:
    """Tell what is known of numbers.

    Exit status: 0 done, 1 done but some lookups failed, 2 unusable arguments.
    """
    from validator_svc.commands.check_error import CheckError
    from validator_svc.commands.check_spending import Spending
    from validator_svc.commands.lookup import Lookup
    from validator_svc.commands.lookup import lookup as run

    if pretty and explain:
        raise fail("--json and --explain: expected one of them")
    for place, number in enumerate(numbers, 1):
        if not number.isascii() and number != number.encode(errors="replace").decode():
            raise fail(f"number {place}: expected text in UTF-8")
    spending = Spending(amount_of_usd(max_cost), yes)
    try:
        return run(Lookup(numbers, request_type, region_of(country), spending, pretty, explain))
    except CheckError as error:
        raise fail(str(error)) from None


@app.command()
def submit(
    file: Annotated[Path, typer.Argument(help="Any file that POST /v1/batches takes.")],
    server: Annotated[str, typer.Option(help="Base URL of the service.")] = "http://127.0.0.1:8080",
    request_type: Annotated[RequestType, typer.Option("--type", help="How much to tell.")] = "validation",
    country: Annotated[
        str | None, typer.Option(help="Region of numbers without calling code, or column:NAME.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="Phone column: its name, or its number from 1.")] = None,
    max_cost: Annotated[str | None, typer.Option(help="USD: the batch pauses before it costs more.")] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="File to write. [default: FILE.results.csv, .tsv or .xlsx, as the file is]"
        ),
    ] = None,
    key: Annotated[str | None, typer.Option(envvar="VALIDATOR_KEY", help="API key.")] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Say what it would cost, and do nothing else.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before money is spent.")] = False,
) -> int:
    """Have a server work a file, watch it, and fetch the results; the server may restart meanwhile.

    Exit status: 0 done, 1 done but some lookups failed or the batch did, 2 unusable arguments or input.
    """
    from validator_svc.commands.submit import Submission, SubmitError
    from validator_svc.commands.submit import submit as run

    output = output or file.with_name(file.name + results_ending(file.name))
    form = (format_to_write(str(output), None) or NDJSON).name
    if not re.match("https?://.", server, re.IGNORECASE):
        raise fail("--server: expected a base URL, such as http://127.0.0.1:8080")
    given = {"type": request_type, "country": country, "column": column, "max_cost": amount_of_usd(max_cost)}
    parameters = {name: value for name, value in given.items() if value is not None}
    try:
        return run(Submission(file, server, output, form, parameters, key, estimate, yes))
    except (SubmitError, ValueError) as error:
        raise fail(str(error)) from None


@app.command()
def doctor() -> int:
    """Say what is set, what can be reached and what is installed.

    Exit status: 0 nothing is wrong, 1 something is.
    """
    from validator_svc.commands.doctor import doctor as run

    return run()


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


def main() -> None:
    """Run a command and exit; arguments that cannot be used get one line and exit status 2."""
    try:
        status = app(prog_name="validator-svc", standalone_mode=False)
    except TyperException as error:
        typer.echo(f"validator-svc: {error.format_message()}", err=True)
        status = error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    ends_by_itself()
    sys.exit(status)
