"""Reading what a client asks: which kind of request, for which numbers, and what is wrong with it."""

from dataclasses import dataclass

import orjson
from aiohttp import web

from loadtest.wavix_emulator.answers import TYPES
from loadtest.wavix_emulator.ledger import Kind


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a client. With a `problem`, the message of a 400, nothing is looked up."""

    kind: Kind
    request_type: str | None = None
    numbers: tuple[str, ...] = ()
    job_id: str = ""
    problem: str | None = None


async def read_call(request: web.Request, max_numbers: int) -> Call:
    """The call that a request to one of the three API routes makes."""
    if "job_id" in request.match_info:
        return Call("poll", job_id=request.match_info["job_id"])
    if request.method == "GET":
        return read_query(request)
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        return Call("sync", problem="the body is not JSON")
    return read_body(body, max_numbers)


def read_query(request: web.Request) -> Call:
    """The call of `GET /v1/validation?phone_number=…&type=…`."""
    request_type, number = request.query.get("type"), request.query.get("phone_number")
    if request_type not in TYPES:
        return Call("single", problem=f"type: one of {', '.join(TYPES)}")
    if not number:
        return Call("single", problem="phone_number: a phone number is required")
    return Call("single", request_type, (number,))


def read_body(body: object, max_numbers: int) -> Call:
    """The call of a `POST /v1/validation` body."""
    if not isinstance(body, dict):
        return Call("sync", problem="the body is not a JSON object")
    kind: Kind = "async" if body.get("async") is True else "sync"
    request_type, numbers = body.get("type"), body.get("phone_numbers")
    if not isinstance(body.get("async", False), bool):
        return Call(kind, problem="async: true or false")
    if request_type not in TYPES:
        return Call(kind, problem=f"type: one of {', '.join(TYPES)}")
    if not isinstance(numbers, list) or not numbers or not all(isinstance(each, str) for each in numbers):
        return Call(kind, problem="phone_numbers: a list of at least one string")
    if len(numbers) > max_numbers:
        return Call(kind, problem=f"phone_numbers: {len(numbers)} numbers, at most {max_numbers} a request")
    return Call(kind, request_type, tuple(numbers))
