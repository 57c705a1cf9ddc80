"""Running the service: the embedded store or the given one, a socket, and an orderly end."""

import asyncio
import contextlib
import errno
import os
import shlex
import socket
import sys
from pathlib import Path

import structlog
import uvloop
from aiohttp import web
from prometheus_client.multiprocess import mark_process_dead

from validator_svc.access.usage_log import usage_log
from validator_svc.access.usage_store import UsageStore
from validator_svc.commands.machine_code import notice
from validator_svc.config import ConfigError, Settings
from validator_svc.dropbox.folder import open_folder
from validator_svc.gc_tuning import keep_heap_small, spare_what_is_loaded
from validator_svc.health import shown, url_of
from validator_svc.http import context
from validator_svc.http.app import make_app
from validator_svc.http.runner import Runner
from validator_svc.http.time_limits import TimeLimits
from validator_svc.http.workers import Workers
from validator_svc.kernel.classify import Classifier
from validator_svc.logs import is_terminal, set_up_logging
from validator_svc.networks import is_loopback
from validator_svc.numbering.risk import RiskList
from validator_svc.risk_file import load_risk_list
from validator_svc.service import service, store_url
from validator_svc.stopping import Stop
from validator_svc.store_watch import is_there, store_watched

log = structlog.get_logger()

BACKLOG = 1_024
# A request takes the interpreter several times, and each time a thread that reads a file may keep it so long.
SWITCH_S = 0.0005


def serve(settings: Settings, stop: Stop) -> int:
    """Serve until asked to stop; returns the exit status.

    Raises ConfigError, `risk_file.RiskFileError`, `embedded.DataDirInUseError`, or OSError when the
    address cannot be had.
    """
    set_up_logging(settings.log_format, settings.log_level)
    check_access(settings)
    risk_list = load_risk_list(settings.risk_file)
    if settings.drop_dir is not None:
        check_drop_dir(settings.drop_dir)
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listener_at(settings.host, settings.port))
        if stop.is_asked:
            return 0
        host, port = listener.getsockname()[:2]
        stack.enter_context(shown(url_of(host, port)))
        redis_url = stack.enter_context(store_url(settings, may_join=False))
        # Whoever is refused is told of that alone.
        if told := notice():
            log.warning("no_machine_code", what=told)

        def work() -> None:
            uvloop.run(run(settings, redis_url, risk_list, listener, stop))

        if settings.workers == 1:
            work()
            return 0
        return Workers(settings.workers, work, mark_process_dead, stop).run()


def listener_at(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises ConfigError when another program does, OSError otherwise."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise ConfigError(
            f"VALIDATOR_PORT: port {port} of {host} is in use by another program, or by this one;"
            " --port NUMBER takes another, --port 0 any that is free"
        ) from None


def check_access(settings: Settings) -> None:
    """Refuse to be open to others without anybody having said so. Raises ConfigError."""
    if settings.asks_for_keys and settings.admin_key is None and not is_loopback(settings.host):
        raise ConfigError(
            f"VALIDATOR_ADMIN_KEY: expected a key, as others reach {settings.host}; "
            "VALIDATOR_AUTH=off lets everybody in who does"
        )


def check_drop_dir(root: Path) -> None:
    """Make the drop folder now: in a process that shares the port nobody would see why it fails."""
    try:
        open_folder(root)
    except OSError as error:
        raise ConfigError(f"VALIDATOR_DROP_DIR: {error}") from None


def what_to_try(url: str) -> str:
    """What to type first, for somebody who has just started the service on a terminal."""
    return (
        f"\nReady at {url}: open it in a browser for lists and single numbers. Ctrl-C ends it.\n"
        "In another terminal:\n"
        f"  curl '{url}/v1/validation?phone_number=6281234567000&type=analysis'\n"
        f"  {program()} lookup '+62 812-3456-7000'\n"
        f"  {program()} check FILE\n"
    )


def program() -> str:
    """How the command that runs is typed from where it was started."""
    path = Path(sys.argv[0])
    if path.name == "__main__.py":
        return "python -m validator_svc"
    if str(path.parent) in os.get_exec_path():
        return path.name
    is_below = path.is_absolute() and path.is_relative_to(Path.cwd())
    return shlex.quote(str(path.relative_to(Path.cwd()) if is_below else path))


async def run(
    settings: Settings, redis_url: str, risk_list: RiskList, listener: socket.socket, stop: Stop
) -> None:
    """Serve until asked to stop."""
    keep_heap_small()
    spare_what_is_loaded()
    sys.setswitchinterval(SWITCH_S)
    classifier = Classifier(risk_list, settings.data_dir)
    if not await is_there(redis_url, stop):
        return
    async with (
        service(settings, redis_url, classifier, settings.drop_dir) as parts,
        usage_log(UsageStore(parts.store, settings.usage_days)) as usage,
    ):
        app = make_app(
            settings,
            parts.store,
            parts.resolver,
            parts.routes,
            parts.batching,
            parts.screening,
            parts.forwarder,
            usage,
        )
        await serve_app(app, settings, listener, stop)


async def serve_app(app: web.Application, settings: Settings, listener: socket.socket, stop: Stop) -> None:
    """Serve, and end in order: no new connections, then time for what is in flight."""
    limits = TimeLimits(settings.head_timeout, settings.body_timeout, settings.answer_timeout)
    runner = Runner(
        app,
        limits,
        shutdown_timeout=1,
        keepalive_timeout=settings.keep_alive,
    )
    try:
        await runner.setup()
        site = web.SockSite(runner, listener)
        await site.start()
        host, port = listener.getsockname()[:2]
        log.info("listening", url=f"http://{f'[{host}]' if ':' in host else host}:{port}", pid=os.getpid())
        if is_terminal():
            print(what_to_try(url_of(host, port)), file=sys.stderr)
        async with store_watched(app[context.STORE]):
            await stop.wait()
        in_flight = app[context.IN_FLIGHT]
        log.info("stopping", in_flight=in_flight.count)
        await site.stop()
        workers = app[context.BATCHING].workers
        drained, _ = await asyncio.gather(
            in_flight.drained(settings.shutdown_grace), workers.stop(settings.shutdown_grace)
        )
        if not drained:
            log.warning("broken_off", in_flight=in_flight.count)
    finally:
        await runner.cleanup()
        app[context.ACCESS_LOG].write()
