"""What a supplier of paid lookups is to the rest of the service: the only thing that is known of it.

A supplier is a folder beside this file: an HTTP client that speaks its API, apart from it a mapping of
its replies to our terms, and its settings (see `registry`).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from validator_svc.numbering.facts import RequestType
from validator_svc.upstreams.outcome import Outcome


class Limits(NamedTuple):
    """How a supplier may be asked."""

    numbers_per_request: int
    requests_per_s: float
    """Of all replicas together, polls of jobs included."""
    concurrency: int
    """Requests under way at the same time, of one process."""
    probe_s: float
    """Seconds between attempts while it refuses the key or has no funds."""


class Keeping(NamedTuple):
    """For how long a supplier lets its answers be kept, in seconds; None: as long as the settings say."""

    answer_s: int | None = None
    moment_s: int | None = None
    """`reachable` and `roaming`, which are true for a moment only. 0: they may not be kept at all."""


class Reply(NamedTuple):
    """Outcomes of some of the numbers that were asked for."""

    outcomes: dict[str, Outcome]
    """By digits of E.164. What was asked and is not in it was not answered."""
    pending: int = 0
    """Of a job: how many numbers it has yet to answer."""


class Jobs(Protocol):
    """Lookups in the background: a job is started, and polled until nothing is pending."""

    above: int
    """Lists of more numbers than this go by a job."""
    timeout_s: float
    """How long a job may take."""

    async def start_job(self, request_type: RequestType, numbers: Sequence[str]) -> str:
        """Have numbers (digits of E.164) looked up in the background; returns the job's id.

        Raises `errors.UpstreamError`.
        """
        ...

    async def poll(self, job_id: str, numbers: Sequence[str]) -> Reply:
        """What a job has found so far of these numbers; asking again costs nothing.

        Raises `errors.UpstreamError`, of these `LostJobError` for a job that is not known any more.
        """
        ...


class Upstream(Protocol):
    """One account at a supplier.

    Each method sends one request. When, how often and for whom is decided by `lookup`; whoever calls
    keeps to the limits.
    """

    name: str
    """In lower case: `source` of the records that it answers."""
    limits: Limits
    keeping: Keeping
    prices: Mapping[RequestType, Decimal]
    """USD a number, for estimates; what was really charged comes with each outcome."""
    tells: Mapping[RequestType, frozenset[str]]
    """Fields of `LiveAnswer` that it may know of a number; where it leaves one out, another may be asked."""
    jobs: Jobs | None
    """None: there are none, all lists are answered at once."""

    def answers(self, request_type: RequestType, region_code: str | None) -> bool:
        """Whether it can be asked this type of numbers of this region.

        `region_code` is ISO 3166-1 alpha-2, None for calling codes that belong to no country.
        """
        ...

    async def look_up(self, request_type: RequestType, numbers: Sequence[str]) -> Reply:
        """Ask for numbers (digits of E.164, at most `limits.numbers_per_request`) and wait for the answer.

        Raises `errors.UpstreamError`, which says what becomes of the numbers.
        """
        ...
