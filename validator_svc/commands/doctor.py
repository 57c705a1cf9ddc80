"""`validator-svc doctor`: what is set and where that comes from, what can be reached, what is installed."""

import asyncio
import importlib.metadata
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Literal, NamedTuple

from pydantic import SecretStr

from validator_svc.commands.machine_code import notice
from validator_svc.config import ConfigError, Settings, load_settings, variable
from validator_svc.embedded import DataDirInUseError
from validator_svc.environment import unread
from validator_svc.kernel import HAS_NATIVE, LEFT_OUT
from validator_svc.kernel.plan_store import PACKAGED, opened
from validator_svc.risk_file import RiskFileError, load_risk_list
from validator_svc.service import store_url
from validator_svc.upstreams import registry

REACH_S = 5.0

Verdict = Literal["ok", "note", "wrong"]


class Finding(NamedTuple):
    """One thing that was looked at."""

    verdict: Verdict
    """ok; note: it works, but not as well as it could; wrong: it does not work."""
    what: str
    told: str
    """In one line: what was found and, unless it is ok, what to type."""


def doctor() -> int:
    """Print all findings; returns the exit status: 0 when nothing is wrong, 1 otherwise."""
    found = list(findings())
    width = max(len(each.what) for each in found)
    for each in found:
        print(f"{each.verdict:<5}  {each.what:<{width}}  {each.told}")
    return 1 if any(each.verdict == "wrong" for each in found) else 0


def findings() -> Iterator[Finding]:
    """Everything that is looked at, in order."""
    yield from installed()
    yield from (Finding("note", "variable", sentence) for sentence in unread(os.environ))
    try:
        settings = load_settings()
    except ConfigError as error:
        yield from (Finding("wrong", "setting", line) for line in str(error).splitlines())
        return
    yield from settings_in_force(settings)
    yield risk_file(settings)
    yield store(settings)
    yield storage(settings)
    yield from upstreams(settings)


def installed() -> Iterator[Finding]:
    """Versions, machine code or its twin, the numbering plan."""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("validator-svc", "phonenumbers")]
    yield Finding("ok", "versions", ", ".join([*versions, f"Python {platform.python_version()}"]))
    if HAS_NATIVE:
        yield Finding("ok", "kernel", "machine code")
    elif os.environ.get(LEFT_OUT):
        yield Finding("note", "kernel", f"plain Python, as {LEFT_OUT} is set")
    else:
        yield Finding("note", "kernel", notice() or "plain Python")
    if opened(PACKAGED) is None:
        yield Finding(
            "note",
            "plan",
            "the package's own is not of the installed phonenumbers: one is made at first use (ten seconds)"
            " and kept in the data directory; install the package again to have it at once",
        )
    else:
        yield Finding("ok", "plan", "of the installed phonenumbers")


def settings_in_force(settings: Settings) -> Iterator[Finding]:
    """Each setting with its value and its source; what is secret is not shown."""
    for name in Settings.model_fields:
        value = getattr(settings, name)
        source = "environment" if name in settings.model_fields_set else "default"
        yield Finding("ok", variable(name), f"{shown(name, value)} ({source})")
    for supplier in registry.SUPPLIERS:
        try:
            account = registry.account_settings(supplier)
        except ConfigError as error:
            yield from (Finding("wrong", "setting", line) for line in str(error).splitlines())
            continue
        for name in type(account).model_fields:
            source = "environment" if name in account.model_fields_set else "default"
            told = shown(name, getattr(account, name))
            yield Finding("ok", registry.variable(supplier, name), f"{told} ({source})")


def shown(name: str, value: object) -> str:
    """A setting's value; the URLs of stores may carry a password."""
    if value in (None, "", ()):
        return "unset"
    if isinstance(value, SecretStr) or name in ("redis_url", "storage_url"):
        return "set, not shown"
    return str(value)


def risk_file(settings: Settings) -> Finding:
    """Whether the operator's own list of risky prefixes can be read."""
    try:
        load_risk_list(settings.risk_file and str(settings.risk_file))
    except RiskFileError as error:
        return Finding("wrong", "risk list", str(error))
    return Finding("ok", "risk list", "the built-in one" if settings.risk_file is None else "read")


def store(settings: Settings) -> Finding:
    """Whether Redis, or the embedded Valkey, answers."""
    from validator_svc.lookup.redis_client import connect

    kind = "Redis" if settings.redis_url else "embedded Valkey"

    def ping(url: str) -> str:
        async def version() -> str:
            async with asyncio.timeout(REACH_S), connect(url) as client:
                return str((await client.info("server"))["redis_version"])

        return asyncio.run(version())

    with ExitStack() as stack:
        try:
            url = stack.enter_context(store_url(settings, may_join=True))
        except (DataDirInUseError, OSError) as error:
            return Finding("wrong", "store", str(error))
        return reached("store", "REDIS_URL", lambda: f"{kind} answers, version {ping(url)}")


def storage(settings: Settings) -> Finding:
    """Whether the object store takes a small object, gives it back and lets go of it."""
    from validator_svc.batches.storage import open_storage

    def try_out() -> str:
        opened_store = open_storage(settings.storage_url, settings.data_dir)
        name = f"doctor-{os.getpid()}"
        opened_store.put(name, b"well")
        try:
            opened_store.get(name).bytes()
        finally:
            opened_store.delete(name)
        return "takes, gives and deletes"

    return reached("object store", "VALIDATOR_STORAGE_URL", try_out)


def upstreams(settings: Settings) -> Iterator[Finding]:
    """Whether each supplier answers at all; its key is not tried, since a lookup may cost money."""
    try:
        choices = registry.choices(settings)
    except ConfigError as error:
        yield Finding("wrong", "setting", str(error))
        return
    if not choices:
        yield Finding("ok", "upstream", "none set: answers come from the numbering plan alone")
    for choice in choices:
        yield upstream(choice.name, registry.account_settings(choice.name).url)


def upstream(name: str, url: str) -> Finding:
    """Whether anything answers at a supplier's URL."""

    def ask() -> str:
        import aiohttp

        async def status() -> int:
            timeout = aiohttp.ClientTimeout(total=REACH_S)
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=True) as client,
                client.head(url, allow_redirects=False) as answer,
            ):
                return answer.status

        asyncio.run(status())
        return f"{url} answers; the key is not tried, as a lookup may cost money"

    return reached("upstream", registry.variable(name, "url"), ask)


def reached(what: str, setting: str, reach: Callable[[], str]) -> Finding:
    """What `reach` found out, or that it could not."""
    try:
        return Finding("ok", what, reach())
    except TimeoutError:
        return Finding("wrong", what, f"no answer within {REACH_S:g} s; see {setting}")
    # Each library has errors of its own, and whatever it is, it is told and the next thing looked at.
    except Exception as error:
        lines = str(error).splitlines() or [type(error).__name__]
        return Finding("wrong", what, f"{lines[0]}; see {setting}")
