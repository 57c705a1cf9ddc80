"""The command line: arguments in, exit status out. What a command does stands in its own module."""

from typing import Annotated

import typer

app = typer.Typer(
    help="Validates phone numbers in bulk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def root() -> None:
    """Validates phone numbers in bulk."""


def fail(message: str) -> typer.Exit:
    """Say in one line why the arguments or the input cannot be used; exit status 2."""
    typer.echo(f"validator-svc: {message}", err=True)
    return typer.Exit(2)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (VALIDATOR_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0: any free one (VALIDATOR_PORT).")] = None,
) -> None:
    """Serve the HTTP API until SIGTERM."""
    from validator_svc.config import ConfigError, load_settings
    from validator_svc.embedded import DataDirInUseError
    from validator_svc.http.serve import serve as run

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    try:
        run(load_settings(**given))
    except (ConfigError, DataDirInUseError, OSError) as error:
        raise fail(str(error)) from None


def main() -> None:
    """The `validator-svc` command."""
    app()
