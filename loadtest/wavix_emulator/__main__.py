"""`python -m loadtest.wavix_emulator`: the emulator on the command line."""

import argparse
import asyncio
import contextlib
import signal
import sys
from decimal import Decimal, InvalidOperation

from loadtest.wavix_emulator.answers import TYPES
from loadtest.wavix_emulator.faults import FaultError, help_text, parse_settings
from loadtest.wavix_emulator.ledger import DEFAULT_PRICES
from loadtest.wavix_emulator.server import Emulator
from loadtest.wavix_emulator.upstream import MAX_NUMBERS

EXAMPLE = """example:
  python -m loadtest.wavix_emulator --port 9090 --fault latency=200ms --fault http500=0.1 --seed 7
  curl -H 'Authorization: Bearer any' 'http://127.0.0.1:9090/v1/validation?type=analysis&phone_number=971501390098'
  curl http://127.0.0.1:9090/emulator/ledger

"""


def parser() -> argparse.ArgumentParser:
    """The options, with every fault in the help."""
    out = argparse.ArgumentParser(
        prog="python -m loadtest.wavix_emulator",
        description="An emulator of the Wavix Number Validator API with a ledger and faults by setting.",
        epilog=EXAMPLE + help_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    out.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    out.add_argument("--port", type=port, default=0, help="port, 0 for a free one (default %(default)s)")
    out.add_argument(
        "--fault", action="append", default=[], metavar="NAME=VALUE", help="see below; repeatable"
    )
    out.add_argument("--seed", type=int, default=0, help="of all chance (default %(default)s)")
    out.add_argument("--key", help="the only key accepted (default: any, but there must be one)")
    prices = ", ".join(f"{name}={price}" for name, price in DEFAULT_PRICES.items())
    out.add_argument(
        "--price",
        action="append",
        default=[],
        type=price,
        metavar="TYPE=USD",
        help=f"a number (default {prices})",
    )
    out.add_argument(
        "--bill-failed", action="store_true", help="bill lookups that fail with 013, 041, 042 too"
    )
    out.add_argument(
        "--max-numbers", type=int, default=MAX_NUMBERS, help="most numbers a request (default %(default)s)"
    )
    return out


def price(text: str) -> tuple[str, Decimal]:
    """`analysis=0.005` as type and USD."""
    name, _, amount = text.partition("=")
    with contextlib.suppress(InvalidOperation):
        if name in TYPES and (usd := Decimal(amount)).is_finite() and usd >= 0:
            return name, usd
    raise argparse.ArgumentTypeError(f"{text!r}: expected TYPE=USD with TYPE one of {', '.join(TYPES)}")


def port(text: str) -> int:
    """0 to 65535."""
    if not (text.isascii() and text.isdigit() and int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"{text!r}: expected 0 to 65535")
    return int(text)


async def serve(emulator: Emulator, host: str, port: int) -> None:
    """Listen until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await emulator.start(host, port)
    print(f"emulator listening on {emulator.url}", flush=True)
    await stop.wait()
    await emulator.stop()


def main(emulator_of: type[Emulator] = Emulator, words: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    arguments = parser()
    given = arguments.parse_args(words)
    try:
        emulator = emulator_of(
            parse_settings(given.fault),
            seed=given.seed,
            prices=dict(given.price),
            bill_failed=given.bill_failed,
            key=given.key,
            max_numbers=given.max_numbers,
        )
        asyncio.run(serve(emulator, given.host, given.port))
    except FaultError as error:
        arguments.error(str(error))
    except OSError as error:
        arguments.error(f"cannot listen on {given.host}:{given.port}: {error.strerror}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
