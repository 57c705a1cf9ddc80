"""Settings of a fault that say how, not when: latencies, sizes, limits, wordings."""

import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, NamedTuple

from loadtest.wavix_emulator.gate import counting_number

BYTES_IN = {"": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
SECONDS_IN = {"ms": 0.001, "s": 1.0, "m": 60.0}
MIXED = "mixed"


class Latency(NamedTuple):
    """A distribution of times in seconds.

    `fixed` at `a`, `uniform` from `a` to `b`, or `lognormal` with median `a` and sigma `b`.
    """

    shape: str
    a: float
    b: float = 0.0

    def draw_s(self, rng: random.Random) -> float:
        """One time, in seconds."""
        if self.shape == "uniform":
            return rng.uniform(self.a, self.b)
        if self.shape == "lognormal" and self.a > 0:
            return rng.lognormvariate(math.log(self.a), self.b)
        return self.a


class RetryAfter(NamedTuple):
    """The Retry-After header of 429 and 503: in `seconds`, as a `date`, a `strange` one, or `none`."""

    form: str
    delay_s: float = 0.0

    def headers(self) -> dict[str, str]:
        """The header, or nothing. RFC 9110, 10.2.3: whole seconds, or an HTTP date; rounded up."""
        if self.form == "none":
            return {}
        if self.form == "strange":
            return {"Retry-After": "Thu, 26 Nov 2026 01:00:00 +99999999999"}
        if self.form == "seconds":
            return {"Retry-After": str(math.ceil(self.delay_s))}
        until = datetime.now(UTC) + timedelta(seconds=self.delay_s + 0.999999)
        return {"Retry-After": format_datetime(until.replace(microsecond=0), usegmt=True)}


class Progress(NamedTuple):
    """How an async job goes on: over so many `polls`, or over `time`, in equal steps."""

    by: str
    steps: int
    duration_s: float = 0.0

    def share(self, polls: int, age_s: float) -> float:
        """What part of the job is done at this poll (from 1) and age: 0 to 1."""
        step = polls if self.by == "polls" else self.step_at(age_s)
        return min(step, self.steps) / self.steps

    def step_at(self, age_s: float) -> int:
        """Steps done at this age, by time."""
        return int(age_s / self.duration_s * self.steps) if self.duration_s else self.steps


NO_LATENCY = Latency("fixed", 0.0)
AFTER_ONE_SECOND = RetryAfter("seconds", 1.0)
AT_FIRST_POLL = Progress("polls", 1)


@dataclass(frozen=True)
class Options:
    """Every option with its default; names and help are in `PARSERS`."""

    latency: Latency = NO_LATENCY
    rate: int | None = None
    retry_after: RetryAfter = AFTER_ONE_SECOND
    progress: Progress = AT_FIRST_POLL
    funds: int | None = None
    huge_size: int = 64_000_000
    slow_for: float = 2.0
    names: str = "new"
    echo: str = "as-sent"
    status: str = "in progress"
    charge: str = "string"
    error_code: str = "string"


def parse_duration_s(text: str) -> float:
    """`200ms`, `1.5s`, `2m`, in seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", text)
    if not match:
        raise ValueError(f"{text!r} is not a duration such as 200ms or 1.5s")
    return float(match[1]) * SECONDS_IN[match[2]]


def parse_bytes(text: str) -> int:
    """`5000`, `64kB`, `1MB`, in bytes."""
    match = re.fullmatch(r"(\d+)(|kB|MB|GB)", text)
    if not match:
        raise ValueError(f"{text!r} is not a size such as 64kB or 100MB")
    return int(match[1]) * BYTES_IN[match[2]]


def parse_latency(text: str) -> Latency:
    """`200ms`, `uniform:50ms:400ms` or `lognormal:MEDIAN:SIGMA`."""
    match text.split(":"):
        case [fixed]:
            return Latency("fixed", parse_duration_s(fixed))
        case ["fixed", fixed]:
            return Latency("fixed", parse_duration_s(fixed))
        case ["uniform", low, high] if parse_duration_s(low) <= parse_duration_s(high):
            return Latency("uniform", parse_duration_s(low), parse_duration_s(high))
        case ["lognormal", median, sigma] if re.fullmatch(r"\d+(\.\d+)?", sigma):
            return Latency("lognormal", parse_duration_s(median), float(sigma))
    raise ValueError(f"{text!r} is not 200ms, uniform:50ms:400ms or lognormal:100ms:0.8")


def parse_retry_after(text: str) -> RetryAfter:
    """`2s`, `date:2s`, `strange` or `none`."""
    form, colon, delay = text.partition(":")
    if text in ("none", "strange"):
        return RetryAfter(text)
    if form in ("seconds", "date") and colon:
        return RetryAfter(form, parse_duration_s(delay))
    return RetryAfter("seconds", parse_duration_s(text))


def parse_progress(text: str) -> Progress:
    """`polls:3` (done at the third poll) or `time:2s:4` (four steps in two seconds)."""
    match text.split(":"):
        case ["polls", steps]:
            return Progress("polls", counting_number(steps))
        case ["time", duration]:
            return Progress("time", 10, parse_duration_s(duration))
        case ["time", duration, steps]:
            return Progress("time", counting_number(steps), parse_duration_s(duration))
    raise ValueError(f"{text!r} is not polls:N, time:DURATION or time:DURATION:STEPS")


def parse_whole(text: str) -> int:
    """0, 1, 2, …"""
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def one_of(*words: str) -> Callable[[str], str]:
    """A parser that takes one of these words, or `mixed`: another one for each reply."""

    def parse(text: str) -> str:
        if text not in (*words, MIXED):
            raise ValueError(f"{text!r} is not one of {', '.join((*words, MIXED))}")
        return text

    return parse


WORDINGS: dict[str, tuple[str, ...]] = {
    "names": ("new", "old", "both"),
    "echo": ("as-sent", "plus", "bare"),
    "status": ("in progress", "in_progress", "progress"),
    "charge": ("string", "number"),
    "error_code": ("string", "int"),
}

PARSERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "latency": (
        parse_latency,
        "time before each reply but 401, 403, 429: 200ms, uniform:50ms:400ms, lognormal:100ms:0.8",
    ),
    "rate": (counting_number, "requests accepted within any one second; more get 429"),
    "retry_after": (parse_retry_after, "the header of 429 and 503: 2s, date:2s, strange, none"),
    "progress": (parse_progress, "of async jobs: polls:3 (done at the third), time:2s:4 (four steps in 2 s)"),
    "funds": (parse_whole, "numbers that can be billed, then 091 until a top-up"),
    "huge_size": (parse_bytes, "bytes of a `huge` body: 64MB"),
    "slow_for": (parse_duration_s, "how long a `slow` body takes: 2s"),
    "names": (one_of(*WORDINGS["names"]), "generation of field names: new, old, both, mixed"),
    "echo": (one_of(*WORDINGS["echo"]), "numbers come back as-sent, plus, bare, mixed"),
    "status": (
        one_of(*WORDINGS["status"]),
        "of an unfinished job: 'in progress', in_progress, progress, mixed",
    ),
    "charge": (one_of(*WORDINGS["charge"]), "as string, number, mixed"),
    "error_code": (one_of(*WORDINGS["error_code"]), "as string, int, mixed"),
}

assert {field.name for field in fields(Options)} == set(PARSERS)
