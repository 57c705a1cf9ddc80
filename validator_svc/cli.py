"""The command line: arguments in, exit status out. What a command does stands in its own module."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from validator_svc.cli_keys import app as keys
from validator_svc.cli_options import (
    Column,
    Country,
    Depth,
    Dialect,
    Encoding,
    Header,
    IsEstimate,
    MaxCost,
    Sheet,
    Yes,
    amount_of_usd,
    columns_max,
    fail,
    format_to_write,
    region_of,
)
from validator_svc.cli_server import app as server
from validator_svc.environment import unread
from validator_svc.formats.output_formats import CSV, NDJSON, in_dialect
from validator_svc.stopping import INTERRUPTED, Stop, ends_by_itself

COLUMN = "column:"
SERVICES = ("serve", "worker", "watch")

app = typer.Typer(
    help="Validates phone numbers in bulk.",
    pretty_exceptions_enable=False,
    # Plain help: brackets are brackets, it looks the same in a file, and comes in half the time.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(server)
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
    """Work batches until SIGTERM, beside serve and other workers.

    Any number of them share the work.
    """
    run_worker(None)


@app.command()
def watch(
    folder: Annotated[Path, typer.Argument(help="Drop folder; files go into its subfolder inbox.")],
) -> None:
    """Work the files that are dropped into a folder, until SIGTERM.

    Several may watch one folder.
    """
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
    country: Country = None,
    column: Column = None,
    header: Header = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write, in the format that its name ends in; -: NDJSON on standard output."
            " [default: on a terminal the first rows as a table, else -]",
        ),
    ] = None,
    output_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="ndjson; csv or xlsx, which keep the file's own columns. [default: by the output's name]",
        ),
    ] = None,
    dialect: Dialect = "default",
    report: Annotated[
        Path | None,
        typer.Option(help="Page for people, FILE.html: counts, bars, and what would mend the invalid."),
    ] = None,
    max_cost: MaxCost = None,
    estimate: IsEstimate = False,
    yes: Yes = False,
) -> int:
    """Check a file of phone numbers; what is not given is found out.

    Exit status: 0 done, 1 done but some lookups failed, 2 unusable arguments or input.
    """
    from validator_svc.commands.check import check as run
    from validator_svc.commands.check_error import CheckError
    from validator_svc.commands.check_run import Check
    from validator_svc.commands.check_spending import Spending
    from validator_svc.formats.layout import Hints

    is_shown = output is None and output_format is None and dialect == "default" and is_terminal()
    output = output or "-"
    form = format_to_write(output, output_format) or (CSV if dialect == "excel" else NDJSON)
    try:
        form = in_dialect(form, dialect)
    except ValueError as error:
        raise fail(f"--dialect {dialect}: {error}") from None
    if report is not None and report.suffix.lower() not in (".html", ".htm"):
        raise fail(f"--report {report}: expected a name that ends in .html")
    region_column = country[len(COLUMN) :] if country and country.startswith(COLUMN) else None
    region_code = region_of(country) if region_column is None else None
    hints = Hints(file, column, region_code, header, encoding, sheet=sheet, most_columns=columns_max())
    spending = Spending(amount_of_usd(max_cost), yes)
    given = (output, form, spending, estimate, region_column, is_shown, report)
    wanted = Check(file, hints, request_type, *given)
    try:
        return run(wanted)
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
    max_cost: MaxCost = None,
    yes: Yes = False,
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
def doctor() -> int:
    """Say what is set, what can be reached and what is installed.

    Exit status: 0 nothing is wrong, 1 something is.
    """
    from validator_svc.commands.doctor import doctor as run

    return run()


def is_terminal() -> bool:
    """Whether somebody looks at standard output."""
    return sys.stdout is not None and sys.stdout.isatty()


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
