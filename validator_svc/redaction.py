"""Logs without what callers sent: tracebacks without the texts of errors, texts without numbers and quotes.

The text of an error often repeats what could not be read, a number or a cell of a header; where it came from
and of which kind it is tells a fault as well.
"""

import re
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

# Ids are left as they are. A number may be written with signs between its digits.
ID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
NUMBER = re.compile(rf"{ID}|(\+?\d{{1,3}})(?:[ \u00a0()./\-]{{0,3}}\d){{6,}}")
# In names of files: shorter ones are days.
LONG_NUMBER = re.compile(r"(\d{3})\d{6,}")
QUOTED = re.compile(r"""'(?:[^'\\\n]|\\.)*+'?|"(?:[^"\\\n]|\\.)*+\"?""")
# Errors of connections: what they say is of addresses and commands, and tells what to mend.
SPEAKING = ("redis.", "aiohttp.", "ssl")

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def masked(text: str) -> str:
    """A text with the most of every number in it taken out; fewer than seven digits are none."""
    return NUMBER.sub(lambda found: f"{found[1]}…" if found[1] else found[0], text)


def redacted(text: str) -> str:
    """A text without what stands in quotes, and with numbers masked."""
    return masked(QUOTED.sub("'…'", text))


def traceback_without_data(exc_info: ExcInfo) -> str:
    """The traceback of an error and of those that it came from, the oldest first, without their texts."""
    return "\n".join(lines_of(exc_info[1], set()))


def lines_of(error: BaseException, seen: set[int]) -> Iterator[str]:
    """The lines of a traceback; `seen`: the ids of errors that were told, as they may go round."""
    seen.add(id(error))
    origin = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if origin is not None and id(origin) not in seen:
        yield from lines_of(origin, seen)
        yield ""
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):"
        yield "".join(traceback.format_tb(error.__traceback__)).rstrip("\n")
    text = text_of(error)
    yield f"{type(error).__qualname__}: {text}" if text else type(error).__qualname__
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            if id(each) not in seen:
                yield from ("  " + line.replace("\n", "\n  ") for line in lines_of(each, seen))


def text_of(error: BaseException) -> str:
    """What may be told of an error's text; empty for most kinds."""
    if isinstance(error, OSError) and error.strerror:
        return redacted(error.strerror)
    return redacted(str(error)) if type(error).__module__.startswith(SPEAKING) else ""


def without_data(_logger: Any, _method: str, event: Any) -> Any:
    """A processor of structlog: reasons (`why`), errors, paths and files without what callers sent."""
    for name in ("why", "error", "path"):
        if isinstance(event.get(name), str):
            event[name] = redacted(event[name])
    if isinstance(event.get("file"), str):
        event["file"] = LONG_NUMBER.sub(r"\1…", event["file"])
    return event


def foreign_without_data(_logger: Any, _method: str, event: Any) -> Any:
    """The same for what libraries log: of their texts nothing is known."""
    event["event"] = redacted(str(event["event"]))
    return event
