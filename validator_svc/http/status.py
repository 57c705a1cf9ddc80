"""How the service is: alive, ready, and what it is."""

import redis.exceptions
from aiohttp import web

from validator_svc.http import context
from validator_svc.http.errors import unavailable

RETRY_AFTER_S = 2


async def index(request: web.Request) -> web.Response:
    """`/`: what this is, and where to go on."""
    return web.json_response(
        {
            "service": "validator_svc",
            "version": request.app[context.VERSION],
            "routes": {
                "GET /v1/validation": "one number: phone_number, type, country",
                "POST /v1/validation": "a list of numbers: JSON in, JSON or NDJSON out",
                "POST /v1/stream": "text, NDJSON or CSV in, NDJSON out while the request is still being sent",
                "GET /healthz": "alive",
                "GET /readyz": "ready to answer",
            },
        }
    )


async def healthz(request: web.Request) -> web.Response:
    """`/healthz`: 200 while the process answers."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """`/readyz`: 200 when the store answers too, 503 while it does not."""
    try:
        await request.app[context.STORE].ping()
    except (redis.exceptions.RedisError, OSError):
        raise unavailable("the store (Redis) does not answer", RETRY_AFTER_S) from None
    return web.json_response({"status": "ready"})
