"""The settings: one table, read from the environment and checked at the start.

Those of suppliers are in their folders of `upstreams`. It holds values, never connections. `VALIDATOR_` goes
before each name, but for `REDIS_URL`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from validator_svc.data_directory import default_data_dir
from validator_svc.logs import LogFormat, LogLevel
from validator_svc.networks import EXPECTED as NETWORK_EXPECTED
from validator_svc.networks import Network, is_loopback, network
from validator_svc.redis_url import redis_url
from validator_svc.traces import checked_traces_url

Model = TypeVar("Model", bound=BaseSettings)

MIB = 1024 * 1024
GIB = 1024 * MIB
DAY_S = 24 * 60 * 60
LEAST_ADMIN_KEY = 16


class ConfigError(Exception):
    """A setting that cannot be used; the message names it and says what was expected."""


def checked_redis_url(url: str | None) -> str | None:
    """The URL, if Redis can be reached by it at all. Raises ValueError, which does not repeat it."""
    if url is None:
        return None
    redis_url(url)
    return url.strip()


def parts_of(value: object) -> object:
    """A list as it stands in the environment: its parts between commas."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def networks_of(value: object) -> object:
    """Networks from their texts. Raises ValueError."""
    parts = parts_of(value)
    try:
        return tuple(network(str(part)) for part in parts) if isinstance(parts, tuple) else value
    except ValueError:
        raise ValueError(f"{NETWORK_EXPECTED}, several with commas between") from None


def checked_origin(origin: str) -> str:
    """An origin as browsers send it, such as `https://app.example.com`. Raises ValueError."""
    parts = urlsplit(origin)
    if (
        parts.scheme not in ("http", "https")
        or not parts.netloc
        or origin != f"{parts.scheme}://{parts.netloc}"
    ):
        raise ValueError("expected origins such as https://app.example.com, several with commas between")
    return origin


def checked_admin_key(key: SecretStr | None) -> SecretStr | None:
    """A key that cannot be guessed, and that a header can carry. Raises ValueError."""
    if key is not None:
        text = key.get_secret_value()
        if len(text) < LEAST_ADMIN_KEY or not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError(
                f"expected at least {LEAST_ADMIN_KEY} letters, digits and signs: `openssl rand -hex 24`"
            )
    return key


Parts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(parts_of)]
Origins = Annotated[
    tuple[Annotated[str, AfterValidator(checked_origin)], ...], NoDecode, BeforeValidator(parts_of)
]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(networks_of)]


class Settings(BaseSettings):
    """Every setting with its default; the description carries the unit."""

    model_config = SettingsConfigDict(env_prefix="VALIDATOR_", env_ignore_empty=True, extra="ignore")

    redis_url: Annotated[
        str | None,
        NoDecode,
        Field(
            validation_alias="REDIS_URL",
            description="Redis or Valkey to use; unset: a Valkey of its own, in the data directory",
        ),
    ] = None
    _check_redis_url = field_validator("redis_url")(checked_redis_url)

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="TCP port to listen on; 0: any free one")
    workers: int = Field(
        1, ge=1, le=256, description="processes that share the port, one for each core to use"
    )
    data_dir: Path = Field(
        default_factory=default_data_dir, description="directory for the embedded store and caches on disk"
    )
    auth: Literal["on", "off"] | None = Field(
        None, description="`on`: callers need a key; `off`: none; unset: `on` unless the address is loopback"
    )
    admin_key: Annotated[SecretStr | None, AfterValidator(checked_admin_key)] = Field(
        None, description="key of the administrator, who makes the other keys and sees everything"
    )
    trusted_proxies: Networks = Field(
        (), description="proxies whose `X-Forwarded-For` counts: addresses and networks with commas between"
    )
    hosts: Parts = Field(
        (), description="names besides loopback under which a service without keys may be called, likewise"
    )
    cors_origins: Origins = Field(
        (), description="origins whose pages may use the service, such as `https://app.example.com`, likewise"
    )
    risk_file: Path | None = Field(
        None, description="file of number prefixes to call risky (`+8821`) or not (`allow +88213`)"
    )
    sync_max: int = Field(100_000, ge=1, description="numbers in one synchronous request")
    sync_max_upstream: int = Field(
        1_000, ge=1, description="numbers in one synchronous request that an upstream has to answer"
    )
    sync_timeout: float = Field(
        120.0,
        gt=0,
        description="seconds in which `/v1/validation` answers; what is not known by then is `041`, "
        "and cached when it comes",
    )
    body_max: int = Field(4 * MIB, ge=1024, description="bytes of a JSON request body, decompressed")
    requests: int = Field(
        1_000,
        ge=1,
        description="requests that a process answers at the same time; more are told to come back",
    )
    head_timeout: float = Field(15.0, gt=0, description="seconds that the head of a request gets")
    body_timeout: float = Field(30.0, gt=0, description="seconds in which more of a request body has to come")
    answer_timeout: float = Field(60.0, gt=0, description="seconds in which more of an answer has to be read")
    keep_alive: float = Field(
        75.0, gt=0, description="seconds that a connection without a request is kept open"
    )
    upstreams: str | None = Field(
        None,
        description="upstreams in the order in which they are asked, each with the countries and types it is "
        "for, such as `telnyx:US,CA;wavix`; unset: all that have a key",
    )
    upstreams_order: Literal["listed", "cheapest"] = Field(
        "listed",
        description="`listed`: the first of the upstreams that takes a number is asked; `cheapest`: the one "
        "that takes it for least, by the prices that are set",
    )
    upstreams_fill: str | None = Field(
        None,
        description="fields such as `ported,reachable` for which one more upstream is asked, and paid, when "
        "the one that answered a number leaves them null; unset: none",
    )
    cache_ttl_analysis: int = Field(
        30 * DAY_S, ge=1, description="seconds that paid analysis answers are kept"
    )
    cache_ttl_validation: int = Field(
        DAY_S, ge=1, description="seconds that paid validation answers are kept"
    )
    cache_ttl_reachable: int = Field(
        3_600,
        ge=0,
        description="seconds that `reachable` and `roaming` are kept, and told in results of batches; 0: not "
        "at all",
    )
    screen_policy: str | None = Field(
        None, description='what screening refuses by default, as JSON such as `{"deny_countries": ["CU"]}`'
    )
    rate_file: Path | None = Field(
        None, description="CSV of prefixes and prices of a minute in USD (`+4490,1.20`), for screening"
    )
    forward_urls: str | None = Field(
        None,
        description="where allowed requests are sent on to, such as `wavix-call=https://api.wavix.com`, "
        "several with `;` between; unset: nowhere",
    )
    forward_credentials: SecretStr | None = Field(
        None, description="`SYSTEM=KEY`, or `USER:PASSWORD` as the system has it, for each of them, likewise"
    )
    forward_timeout: float = Field(
        30.0, gt=0, description="seconds that the system gets for its answer to a request that is sent on"
    )
    storage_url: str | None = Field(
        None, description="store for segments of batches (`file:///…`, `s3://bucket/prefix`); unset: data_dir"
    )
    upload_max: int = Field(16 * GIB, ge=1024, description="bytes of a file for a batch, decompressed")
    columns_max: int = Field(4_096, ge=1, le=16_384, description="columns, or keys, of a file")
    uploads: int = Field(32, ge=1, description="files that are taken in at the same time")
    caller_uploads: int = Field(
        16, ge=1, description="of these from one key, and from one address, in each process"
    )
    caller_streams: int = Field(
        128,
        ge=1,
        description="`/v1/stream` and `/v1/screen` at the same time from one key or address, likewise",
    )
    caller_followers: int = Field(
        32, ge=1, description="requests that follow a batch (its results, its events), likewise"
    )
    caller_downloads: int = Field(
        16, ge=1, description="downloads of results of batches that have ended, and of usage, likewise"
    )
    batch_max: int = Field(50_000_000, ge=1, description="rows of a batch")
    segment_rows: int = Field(10_000, ge=1, description="rows of a segment that needs no upstream")
    segment_rows_upstream: int = Field(
        1_000, ge=1, description="rows of a segment that needs the upstream, or has requests to be screened"
    )
    batch_concurrency: int = Field(
        4,
        ge=0,
        description="segments worked at the same time by one process, and half as many of small batches; "
        "0: `serve` works none",
    )
    batch_tries: int = Field(
        5,
        ge=1,
        description="times that a segment or a dropped file may break the work on it, or end the process "
        "at it, before it is given up",
    )
    batch_retention: int = Field(7 * DAY_S, ge=1, description="seconds that an ended batch is kept")
    usage_days: int = Field(400, ge=1, le=4_000, description="days that records of usage are kept")
    drop_dir: Path | None = Field(
        None, description="drop folder that `serve` watches, see below; unset: none"
    )
    drop_settle: float = Field(
        1.0, gt=0, description="seconds that a dropped file must not change before it is taken"
    )
    webhook_secret: SecretStr | None = Field(
        None, description="secret that webhooks are signed with; unset: no webhooks"
    )
    webhook_private: bool = Field(
        False, description="whether webhooks may go to private and loopback addresses"
    )
    metrics_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="TCP port where `worker` and `watch` tell `/metrics`, to everybody who reaches "
        "`VALIDATOR_HOST`; unset: nowhere",
    )
    traces_url: Annotated[str | None, AfterValidator(checked_traces_url)] = Field(
        None,
        description="where traces go by OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`; unset: "
        "nowhere",
    )
    log_format: LogFormat = Field(
        "auto", description="`json`: an object a line; `text`: for people; `auto`: text on a terminal only"
    )
    log_level: LogLevel = Field("info", description="least that is logged: `debug` to `error`")
    shutdown_grace: float = Field(10.0, ge=0, description="seconds that requests get to end after SIGTERM")

    @property
    def asks_for_keys(self) -> bool:
        """Whether callers need a key."""
        return self.auth == "on" or (self.auth is None and not is_loopback(self.host))


def load_settings(**given: Any) -> Settings:
    """Read the settings from the environment; what is `given`, on a command line, goes before it.

    Raises ConfigError with one line for each setting that cannot be used; values are not repeated,
    as they may be secrets.
    """
    return loaded(Settings, variable, **given)


def loaded(model: type[Model], variable_of: Callable[[str], str], **given: Any) -> Model:
    """Settings of some kind, likewise; `variable_of` gives the variable of a field."""
    try:
        return model(**given)
    except ValidationError as error:
        lines = [
            f"{variable_of(str(each['loc'][0]))}: {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors(include_input=False)
        ]
        raise ConfigError("\n".join(lines)) from None


def variable(field: str) -> str:
    """The environment variable of a setting."""
    return "REDIS_URL" if field.lower() == "redis_url" else f"VALIDATOR_{field.upper()}"
