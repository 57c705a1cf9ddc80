"""The command line of `validator-svc keys`."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from validator_svc.config import Settings

app = typer.Typer(help="Make, list and change the API keys of callers.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the key: the twelve characters after vs_.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What to call the key.")],
    network: Annotated[list[str] | None, typer.Option(help="Address or network it may be used from.")] = None,
    request_type: Annotated[list[str] | None, typer.Option("--type", help="Type it may be used for.")] = None,
    requests_per_second: Annotated[float | None, typer.Option(help="Requests a second at most.")] = None,
    numbers_per_day: Annotated[int | None, typer.Option(help="Numbers a day (UTC) at most.")] = None,
    spend_per_day: Annotated[str | None, typer.Option(help="USD a day (UTC) at most.")] = None,
) -> int:
    """Make a key and print it: it is kept nowhere, and shown this once."""
    from validator_svc.commands.keys import create as run

    fields = {
        "name": name,
        "allowed_networks": network or [],
        "allowed_types": request_type or [],
        "requests_per_second": requests_per_second,
        "numbers_per_day": numbers_per_day,
        "spend_per_day": spend_per_day,
    }
    with told():
        typer.echo(run(settings(), fields))
    return 0


@app.command("list")
def listing() -> int:
    """List all keys."""
    from validator_svc.commands.keys import listing as run

    with told():
        typer.echo(run(settings()))
    return 0


@app.command()
def disable(key_id: Id) -> int:
    """Let a key not be used any more, until it is enabled."""
    return changed(key_id, {"enabled": False})


@app.command()
def enable(key_id: Id) -> int:
    """Let a disabled key be used again."""
    return changed(key_id, {"enabled": True})


@app.command()
def allow(
    key_id: Id,
    networks: Annotated[
        list[str] | None, typer.Argument(help="Addresses and networks; none: from anywhere.")
    ] = None,
) -> int:
    """Say from where a key may be used, in place of what was said before."""
    return changed(key_id, {"allowed_networks": networks or []})


@app.command()
def delete(key_id: Id) -> int:
    """Delete a key for good."""
    from validator_svc.commands.keys import delete as run

    with told():
        run(settings(), key_id)
    return 0


def changed(key_id: str, fields: dict[str, object]) -> int:
    """Change a key."""
    from validator_svc.commands.keys import change as run

    with told():
        run(settings(), key_id, fields)
    return 0


def settings() -> "Settings":
    """The settings."""
    from validator_svc.config import load_settings

    return load_settings()


@contextlib.contextmanager
def told() -> Iterator[None]:
    """A block whose errors are told in one line, with exit status 2."""
    from validator_svc.access.key_fields import FieldError
    from validator_svc.commands.keys import KeyCommandError
    from validator_svc.config import ConfigError
    from validator_svc.embedded import DataDirInUseError

    try:
        yield
    except (FieldError, KeyCommandError, ConfigError, DataDirInUseError, OSError) as error:
        typer.echo(f"validator-svc: {error}", err=True)
        raise typer.Exit(2) from None
