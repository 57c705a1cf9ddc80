"""`/v1/keys`: the keys of callers, made and managed with the administrator's key."""

import re

from aiohttp import web

from validator_svc.access.key_fields import NAMES, FieldError
from validator_svc.access.key_store import Listed
from validator_svc.http import context
from validator_svc.http.errors import ApiError, bad_parameter
from validator_svc.http.found_batch import store_errors
from validator_svc.http.json_body import json_object
from validator_svc.http.paging import asked_page, pagination
from validator_svc.moments import rfc3339

ID = re.compile(r"[0-9a-f]{12}")
MAX_BODY = 64 * 1024


@store_errors
async def create(request: web.Request) -> web.Response:
    """`POST /v1/keys`: 201 with the key, whose secret is shown this once."""
    fields = await json_object(request, MAX_BODY, NAMES)
    if "name" not in fields:
        raise bad_parameter("name", "expected what to call the key")
    try:
        key, secret = await request.app[context.KEYS].create(fields)
    except FieldError as error:
        raise ApiError(400, "invalid_parameter", str(error)) from None
    body = shown(Listed(key, None))
    return web.json_response(
        {"id": key.id, "key": secret} | body, status=201, headers={"Location": f"/v1/keys/{key.id}"}
    )


@store_errors
async def listing(request: web.Request) -> web.Response:
    """`GET /v1/keys`: all keys, the oldest first, `page` (from 1) by `per_page`."""
    page = asked_page(request)
    keys = await request.app[context.KEYS].listed()
    items = [shown(each) for each in keys[page.offset : page.offset + page.per_page]]
    return web.json_response({"items": items, "pagination": pagination(page, len(keys))})


@store_errors
async def show(request: web.Request) -> web.Response:
    """`GET /v1/keys/{key_id}`: one key, without its secret."""
    return web.json_response(shown(await found(request)))


@store_errors
async def change(request: web.Request) -> web.Response:
    """`PATCH /v1/keys/{key_id}`: 200 with the key; what is not named stays."""
    key_id = id_of(request)
    fields = await json_object(request, MAX_BODY, NAMES)
    if not fields:
        raise bad_parameter("body", f"expected some of {', '.join(NAMES)}")
    try:
        if not await request.app[context.KEYS].change(key_id, fields):
            raise unknown_key()
    except FieldError as error:
        raise ApiError(400, "invalid_parameter", str(error)) from None
    return web.json_response(shown(await found(request)))


@store_errors
async def delete(request: web.Request) -> web.Response:
    """`DELETE /v1/keys/{key_id}`: 204; gone for good."""
    if not await request.app[context.KEYS].delete(id_of(request)):
        raise unknown_key()
    return web.Response(status=204)


async def found(request: web.Request) -> Listed:
    """The key that the path names. Raises ApiError 404."""
    key = await request.app[context.KEYS].show(id_of(request))
    if key is None:
        raise unknown_key()
    return key


def id_of(request: web.Request) -> str:
    """The id in the path. Raises ApiError 404 for what no key has."""
    key_id = request.match_info["key_id"].lower()
    if not ID.fullmatch(key_id):
        raise unknown_key()
    return key_id


def unknown_key() -> ApiError:
    """404 for an id that no key has, or has any more."""
    return ApiError(404, "unknown_key", "there is no key of this id")


def shown(listed: Listed) -> dict[str, object]:
    """A key as its administrator sees it."""
    key = listed.key
    return {
        "id": key.id,
        "name": key.name,
        "enabled": key.enabled,
        "created_at": rfc3339(key.created_ms),
        "last_used_at": rfc3339(listed.last_used_ms),
        "allowed_networks": list(key.allowed_networks),
        "requests_per_second": key.requests_per_second,
        "numbers_per_day": key.numbers_per_day,
        "spend_per_day": key.spend_per_day,
        "allowed_types": list(key.allowed_types),
        "policy": key.policy,
        "may_forward": key.may_forward,
    }
