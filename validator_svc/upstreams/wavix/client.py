"""A client of the Wavix Number Validator API: lists at once, or by jobs that are polled."""

import contextlib
from collections.abc import AsyncIterator, Sequence

from validator_svc.numbering.facts import RequestType
from validator_svc.upstreams import http
from validator_svc.upstreams.errors import LostJobError, UnknownRouteError
from validator_svc.upstreams.protocol import Jobs, Keeping, Reply, Upstream
from validator_svc.upstreams.wavix.mapping import NAME, TELLS, TELLS_NOW, read_job_id, read_reply
from validator_svc.upstreams.wavix.settings import Settings

# The public reference allows no more a request.
MAX_NUMBERS = 1_000


class WavixClient(Upstream, Jobs):
    """One account, over one pool of connections."""

    name = NAME
    keeping = Keeping()

    def __init__(self, settings: Settings, client: http.HttpClient) -> None:
        self.client = client
        self.url = f"{settings.base}/v1/validation"
        self.limits = settings.limits(MAX_NUMBERS)
        self.prices = {"analysis": settings.price_analysis, "validation": settings.price_validation}
        self.tells = {"analysis": TELLS, "validation": TELLS | TELLS_NOW}
        self.jobs = self
        self.above, self.timeout_s = settings.sync_max, settings.job_timeout

    def answers(self, request_type: RequestType, region_code: str | None) -> bool:
        """Analyses and validations, of all countries."""
        return request_type in self.prices

    async def look_up(self, request_type: RequestType, numbers: Sequence[str]) -> Reply:
        """Ask for numbers and wait for the answer."""
        return read_reply(await self._submit(request_type, numbers, run_async=False), numbers)

    async def start_job(self, request_type: RequestType, numbers: Sequence[str]) -> str:
        """Have numbers looked up in the background; returns the job's id."""
        return read_job_id(await self._submit(request_type, numbers, run_async=True))

    async def poll(self, job_id: str, numbers: Sequence[str]) -> Reply:
        """What a job has found so far; asking again is always safe."""
        try:
            return read_reply(await self.client.request("GET", f"{self.url}/{job_id}"), numbers)
        except UnknownRouteError:
            raise LostJobError("the job is not known") from None

    async def _submit(
        self, request_type: RequestType, numbers: Sequence[str], run_async: bool
    ) -> dict[str, object]:
        payload = {"type": request_type, "phone_numbers": list(numbers), "async": run_async}
        return await self.client.request("POST", self.url, payload)


@contextlib.asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Upstream]:
    """The account of the settings, whose key is set."""
    assert settings.appid is not None
    headers = {"Authorization": f"Bearer {settings.appid.get_secret_value()}"}
    async with http.client(headers, settings.timeout, settings.concurrency) as client:
        yield WavixClient(settings, client)
