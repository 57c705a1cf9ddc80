"""The log on stderr, ours and what libraries log: a JSON object a line, or lines for people on a terminal."""

import logging
import os
import sys
import threading
from types import TracebackType
from typing import Literal, TextIO

import structlog
from redis.exceptions import RedisError

from validator_svc.redaction import foreign_without_data, traceback_without_data, without_data

REDIS_AWAY = ("Redis is unavailable", "Redis error in cancellation listener")


JSON = structlog.processors.JSONRenderer()

LogFormat = Literal["auto", "json", "text"]
LogLevel = Literal["debug", "info", "warning", "error"]


class Handler(logging.StreamHandler[TextIO]):
    """Writes the log to stderr."""

    is_json = False


def json_stream() -> TextIO | None:
    """Where the log goes, for whoever writes whole lines of JSON there by himself.

    None where lines are made for people, or only what is worse than `info` is logged.
    """
    root = logging.getLogger()
    streams = [each.stream for each in root.handlers if isinstance(each, Handler) and each.is_json]
    return streams[0] if streams and root.isEnabledFor(logging.INFO) else None


def set_up_logging(log_format: LogFormat = "auto", level: LogLevel = "info") -> None:
    """Begin to log; `auto` is text where stderr is a terminal, else JSON.

    How docket finds that Redis is away is said by `store_watch`, once for all parts.
    """
    processors: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_data,
    ]
    render: list[structlog.types.Processor] = [
        structlog.processors.ExceptionRenderer(traceback_without_data),
        for_people() if log_format == "text" or (log_format == "auto" and is_terminal()) else JSON,
    ]
    structlog.configure(
        processors=[*processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = Handler()
    handler.is_json = render[-1] is JSON
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*processors, foreign_without_data],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    handler.addFilter(is_no_echo)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # A line or two for each segment, or change of a file, would drown the others.
    logging.getLogger("docket").setLevel(logging.WARNING)
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    logging.captureWarnings(True)
    tell_faults_in_the_log()


def tell_faults_in_the_log() -> None:
    """Say there what Python would print by itself, with the texts of errors: faults that nobody caught."""
    log = structlog.get_logger()

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("uncaught", exc_info=(kind, error, trace))

    def told_in_thread(fault: threading.ExceptHookArgs) -> None:
        if fault.exc_value is not None:
            told(fault.exc_type, fault.exc_value, fault.exc_traceback)

    def told_unraisable(fault: "sys.UnraisableHookArgs") -> None:
        if fault.exc_value is not None:
            told(fault.exc_type, fault.exc_value, fault.exc_traceback)

    sys.excepthook = told
    threading.excepthook = told_in_thread
    sys.unraisablehook = told_unraisable


def is_terminal() -> bool:
    """Whether somebody watches stderr; Python has None for one that was closed."""
    return sys.stderr is not None and sys.stderr.isatty()


def for_people() -> structlog.types.Processor:
    """Lines for people; colours on terminals only, and not where NO_COLOR is set (no-color.org)."""
    colors = is_terminal() and not os.environ.get("NO_COLOR")
    return structlog.dev.ConsoleRenderer(
        colors=colors, pad_event_to=20, exception_formatter=structlog.dev.plain_traceback
    )


def is_no_echo(record: logging.LogRecord) -> bool:
    """False for what docket's parts log, each once a second, for as long as Redis is away."""
    if not record.name.startswith("docket"):
        return True
    error = record.exc_info[1] if record.exc_info else None
    return not (str(record.msg).startswith(REDIS_AWAY) or isinstance(error, RedisError))
