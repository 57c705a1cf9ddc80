"""The command line of what is done with a server: `submit`, `batches`, `fetch`, `cancel`."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from validator_svc.cli_options import (
    CallerKey,
    Column,
    Country,
    Dialect,
    Encoding,
    Header,
    ServerUrl,
    Sheet,
    Yes,
    amount_of_usd,
    base_url,
    fail,
    format_to_write,
)
from validator_svc.commands.output_file import results_ending
from validator_svc.commands.submit_progress import DEFAULT_SERVER
from validator_svc.formats.output_formats import CSV, NDJSON
from validator_svc.numbering.facts import RequestType

app = typer.Typer()

BatchId = Annotated[str, typer.Argument(metavar="ID", help="Of the batch, see batches.")]
STANDARD_INPUT = "-"


@app.command()
def submit(
    file: Annotated[str, typer.Argument(help="Whatever check takes; -: standard input.")],
    server: ServerUrl = DEFAULT_SERVER,
    request_type: Annotated[RequestType, typer.Option("--type", help="How much to tell.")] = "validation",
    country: Country = None,
    column: Column = None,
    header: Header = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write, in the format that its name ends in."
            " [default: FILE.results.csv, .tsv or .xlsx, as the file is]",
        ),
    ] = None,
    dialect: Dialect = "default",
    max_cost: Annotated[
        str | None, typer.Option(metavar="USD", help="The batch pauses before it costs more.")
    ] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Say what it would cost, and do nothing else.")
    ] = False,
    yes: Yes = False,
    key: CallerKey = None,
) -> int:
    """Have a server work a file, watch it, and fetch the results.

    The server may restart meanwhile. Interrupted, the batch goes on: batches lists it, fetch gets its
    results, cancel stops it.

    Exit status: 0 done, 1 done but some lookups failed or the batch did, 2 unusable arguments or input.
    """
    from validator_svc.commands.submit import Submission
    from validator_svc.commands.submit import submit as run

    name = "standard-input" if file == STANDARD_INPUT else file
    output = output or Path(name).with_name(Path(name).name + results_ending(name))
    parameters = {
        "type": request_type,
        "country": country,
        "column": column,
        "header": None if header is None else str(header).lower(),
        "encoding": encoding,
        "sheet": sheet,
        "max_cost": amount_of_usd(max_cost),
    }
    given = {name: value for name, value in parameters.items() if value is not None}
    wanted = results_parameters(output, dialect)
    with told():
        return run(Submission(file, base_url(server), output, wanted, given, key, estimate, yes))


@app.command()
def batches(server: ServerUrl = DEFAULT_SERVER, key: CallerKey = None) -> int:
    """List the batches of a server, the newest first.

    A table on a terminal, NDJSON in a pipe.
    """
    from validator_svc.commands.batches import listing
    from validator_svc.commands.server import Server

    with told():
        return listing(Server(base_url(server), key))


@app.command()
def fetch(
    batch_id: BatchId,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write, in the format that its name ends in."
            " [default: NAME.results.csv, .tsv or .xlsx]",
        ),
    ] = None,
    dialect: Dialect = "default",
    server: ServerUrl = DEFAULT_SERVER,
    key: CallerKey = None,
) -> int:
    """Wait for a batch, and fetch its results.

    Exit status: 0 done, 1 done but some lookups failed or the batch did, 2 there is no such batch.
    """
    from validator_svc.commands.batches import fetch as run
    from validator_svc.commands.server import Server

    wanted = None if output is None else results_parameters(output, dialect)
    with told():
        return run(Server(base_url(server), key), batch_id, output, wanted or {"dialect": dialect})


@app.command()
def cancel(batch_id: BatchId, server: ServerUrl = DEFAULT_SERVER, key: CallerKey = None) -> int:
    """Stop a batch; what is answered stays, and nothing more is paid."""
    from validator_svc.commands.batches import cancel as run
    from validator_svc.commands.server import Server

    with told():
        return run(Server(base_url(server), key), batch_id)


def results_parameters(output: Path, dialect: str) -> dict[str, str]:
    """The format and the dialect of the results under that name; exit status 2 where they do not fit."""
    form = format_to_write(str(output), None) or (CSV if dialect == "excel" else NDJSON)
    if dialect != "default" and form.name != CSV.name:
        raise fail(f"--dialect {dialect}: excel goes with format csv only")
    return {"format": form.name, "dialect": dialect}


@contextlib.contextmanager
def told() -> Iterator[None]:
    """A block whose errors are told in one line, with exit status 2."""
    from validator_svc.commands.server import ServerError

    try:
        yield
    except (ServerError, ValueError) as error:
        raise fail(str(error)) from None
