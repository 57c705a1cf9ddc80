"""The log: one JSON object a line on stderr, ours and what libraries log."""

import logging

import structlog
from redis.exceptions import RedisError

REDIS_AWAY = ("Redis is unavailable", "Redis error in cancellation listener")


def set_up_logging() -> None:
    """Begin to log; how docket finds that Redis is away is said by `store_watch`, once for all parts."""
    processors: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: list[structlog.types.Processor] = [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
    structlog.configure(
        processors=[*processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=processors,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    handler.addFilter(is_no_echo)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # A line or two for each segment, or change of a file, would drown the others.
    logging.getLogger("docket").setLevel(logging.WARNING)
    logging.getLogger("watchfiles").setLevel(logging.WARNING)


def is_no_echo(record: logging.LogRecord) -> bool:
    """False for what docket's parts log, each once a second, for as long as Redis is away."""
    if not record.name.startswith("docket"):
        return True
    error = record.exc_info[1] if record.exc_info else None
    return not (str(record.msg).startswith(REDIS_AWAY) or isinstance(error, RedisError))
