"""Three consumers for locust: single numbers, batches of files, streams as long as files.

    locust -f loadtest/locustfile.py --host http://127.0.0.1:8080

`python -m loadtest.load` runs it against a service of its own and writes a report.
"""

import random
import time

from locust import FastHttpUser, between, events, task

ROWS = 5_000
STREAM_ROWS = 20_000
KNOWN = 5_000


def number(most: int = KNOWN) -> str:
    """A valid number, one of so many."""
    return f"+62812{random.randrange(most):08}"


class Singles(FastHttpUser):
    """A form that checks each number as it is typed."""

    weight = 6
    wait_time = between(0.0, 0.02)

    @task(3)
    def free(self) -> None:
        self._ask("format")

    @task
    def paid(self) -> None:
        self._ask("analysis")

    def _ask(self, request_type: str) -> None:
        params = {"phone_number": number(), "type": request_type}
        self.client.get("/v1/validation", params=params, name=f"GET one, {request_type}")


class Batches(FastHttpUser):
    """A CRM that sends its contacts at night."""

    weight = 1
    wait_time = between(0.5, 1.5)

    @task
    def contacts(self) -> None:
        rows = "".join(f'{at},"Name, {at}",{number(10**8)}\n' for at in range(ROWS))
        began_s = time.perf_counter()
        headers = {"Content-Type": "text/csv"}
        body = f"id,name,phone\n{rows}"
        with self.client.post(
            "/v1/batches?type=format", data=body, headers=headers, name="POST a file", catch_response=True
        ) as sent:
            if sent.status_code != 201:
                sent.failure(f"status {sent.status_code}")
                return
            batch_id = sent.json()["request_uuid"]
        results = f"/v1/batches/{batch_id}/results?format=csv"
        with self.client.get(results, name="GET results", catch_response=True) as got:
            if got.status_code != 200 or got.content.count(b"\n") != ROWS + 1:
                got.failure(f"status {got.status_code}, {len(got.content or b'')} bytes")
        took_ms = (time.perf_counter() - began_s) * 1e3
        events.request.fire(  # type: ignore[no-untyped-call]
            request_type="BATCH",
            name=f"a file of {ROWS:,} rows, there and back",
            response_time=took_ms,
            response_length=0,
            exception=None,
            context={},
        )
        self.client.delete(f"/v1/batches/{batch_id}", name="DELETE")


class Streams(FastHttpUser):
    """A pipeline that sends a file through."""

    weight = 1
    wait_time = between(0.2, 0.5)

    @task
    def file(self) -> None:
        body = "".join(f"{number(10**8)}\n" for _ in range(STREAM_ROWS))
        headers = {"Content-Type": "text/plain"}
        with self.client.post(
            "/v1/stream?type=format",
            data=body,
            headers=headers,
            name=f"POST a stream of {STREAM_ROWS:,} lines",
            catch_response=True,
        ) as got:
            if got.status_code != 200 or got.content.count(b"\n") != STREAM_ROWS:
                got.failure(f"status {got.status_code}, {len(got.content or b'')} bytes")
