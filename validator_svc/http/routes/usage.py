"""`GET /v1/usage`: what was used, and what it cost: records, and what they add up to."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import orjson
from aiohttp import web

from validator_svc.access.usage import NOTHING_USED, Figures, Use
from validator_svc.access.usage_report import Sum, UsageQuery
from validator_svc.http import context
from validator_svc.http.accept import best_type
from validator_svc.http.errors import bad_parameter
from validator_svc.http.found_batch import store_errors
from validator_svc.http.gate import CALLER
from validator_svc.http.open_at_once import OPEN
from validator_svc.http.paging import asked_page, pagination
from validator_svc.http.parameters import request_type
from validator_svc.http.route import QUERY
from validator_svc.http.routes.api_keys import ID, unknown_key
from validator_svc.http.sending import CSV, JSON, NDJSON, send
from validator_svc.http.while_connected import while_connected
from validator_svc.lookup.money import usd
from validator_svc.moments import DAY_MS, now_ms, rfc3339

DEFAULT_DAYS = 30
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIME_EXPECTED = "expected a day such as 2026-01-05, or a time such as 2026-01-05T09:00:00Z"
COLUMNS = (
    *("time", "key", "type", "kind", "request_uuid", "requests", "count", "valid", "invalid", "unknown"),
    *("duplicates", "cached", "paid", "cost", "saved", "duration_s"),
)


@store_errors
async def usage(request: web.Request) -> web.StreamResponse:
    """`GET /v1/usage`: 200 with a page of records and sums; as CSV or NDJSON all records, or that page."""
    asked = asked_usage(request)
    report = request.app[context.USAGE_REPORT]
    await request.app[context.USAGE].flush()
    days = await report.days(asked)
    page = asked_page(request)
    media_type = best_type(request, (JSON, NDJSON, CSV))
    if media_type == JSON:
        items = [shown(use) async for use in first(report.records(asked, days, page.offset), page.per_page)]
        total = sum(day.records for day in days.values())
        body = {"items": items, "stats": stats(days), "pagination": pagination(page, total)}
        return web.Response(body=orjson.dumps(body), content_type=JSON)
    is_page = {"page", "per_page"} & request[QUERY].values.keys()
    if is_page:
        parts = one_part(first(report.records(asked, days, page.offset), page.per_page))
    else:
        parts = report.records(asked, days)
    with request.app[OPEN].counted(request, "downloads"), while_connected(request):
        return await send(request, media_type, csv_of(parts) if media_type == CSV else ndjson_of(parts))


def asked_usage(request: web.Request) -> UsageQuery:
    """What the query asks for, of what the caller may see. Raises ApiError 400, 404."""
    values, caller = request[QUERY].values, request[CALLER]
    latest_ms = now_ms() + DAY_MS
    kept_ms = (request.app[context.SETTINGS].usage_days + 1) * DAY_MS
    to_ms = min(moment("to", values["to"], of_whole_day=True), latest_ms) if "to" in values else latest_ms
    if "from" in values:
        from_ms = max(moment("from", values["from"], of_whole_day=False), latest_ms - DAY_MS - kept_ms)
    else:
        from_ms = max(start_of_day(min(to_ms, now_ms())) - DEFAULT_DAYS * DAY_MS, 0)
    key_id = values.get("key")
    if key_id is not None and not ID.fullmatch(key_id):
        raise bad_parameter("key", "expected the id of a key: 12 hex digits")
    if caller.key is not None:
        if key_id not in (None, caller.key.id):
            raise unknown_key()
        key_id = caller.key.id
    asked_type = request_type(values["type"]) if "type" in values else None
    return UsageQuery(from_ms, to_ms, key_id, asked_type)


def moment(name: str, text: str, of_whole_day: bool) -> int:
    """A day or a time as milliseconds since the epoch; `of_whole_day`: the end of the day, not its begin.

    Raises ApiError 400.
    """
    try:
        if DATE.fullmatch(text):
            day = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
            return milliseconds(day + timedelta(days=1) if of_whole_day else day)
        # In a query a `+` that is not percent-encoded is a space.
        time = datetime.fromisoformat(text.replace(" ", "+"))
        if time.tzinfo is None:
            raise bad_parameter(name, f"{TIME_EXPECTED}: the time's zone is missing")
        return milliseconds(time)
    except (ValueError, OverflowError):
        raise bad_parameter(name, TIME_EXPECTED) from None


def milliseconds(time: datetime) -> int:
    """A time as milliseconds since the epoch."""
    return round(time.timestamp() * 1_000)


def start_of_day(at_ms: int) -> int:
    """When the day (UTC) of a moment began."""
    return at_ms // DAY_MS * DAY_MS


def shown(use: Use) -> dict[str, object]:
    """A record as it is told."""
    figures = use.figures
    return {
        "time": rfc3339(use.at_ms),
        "key": use.owner or None,
        "type": use.request_type,
        "kind": use.kind,
        "request_uuid": use.batch_id or None,
        **told(figures),
        "cost": usd(figures.cost_nano),
        "saved": usd(figures.saved_nano),
        "duration_s": figures.duration_ms / 1_000,
    }


def told(figures: Figures) -> dict[str, int]:
    """The figures that are counts."""
    return {
        "requests": figures.requests,
        "count": figures.numbers,
        "valid": figures.valid,
        "invalid": figures.invalid,
        "unknown": figures.unknown,
        "duplicates": figures.duplicates,
        "cached": figures.cached,
        "paid": figures.paid,
    }


def stats(days: Mapping[date, Sum]) -> dict[str, object]:
    """What all records add up to, and those of each day."""
    total = NOTHING_USED
    for day in days.values():
        total = total.plus(day.figures)
    by_day = [{"date": day.isoformat(), **sums(found.figures)} for day, found in days.items()]
    return {**sums(total), "days": by_day}


def sums(figures: Figures) -> dict[str, object]:
    """What records add up to; `amount` is what they cost."""
    return {
        **told(figures),
        "amount": usd(figures.cost_nano),
        "saved": usd(figures.saved_nano),
        "duration_s": figures.duration_ms / 1_000,
    }


async def first(parts: AsyncIterator[Sequence[Use]], most: int) -> AsyncIterator[Use]:
    """The first records, one by one."""
    async for part in parts:
        for use in islice(part, most):
            yield use
        most -= len(part)
        if most <= 0:
            return


async def one_part(uses: AsyncIterator[Use]) -> AsyncIterator[Sequence[Use]]:
    """Records that are not many, in one go."""
    yield [use async for use in uses]


async def ndjson_of(parts: AsyncIterator[Sequence[Use]]) -> AsyncIterator[bytes]:
    """The records, a JSON object a line."""
    async for part in parts:
        yield b"".join(orjson.dumps(shown(use)) + b"\n" for use in part)


async def csv_of(parts: AsyncIterator[Sequence[Use]]) -> AsyncIterator[bytes]:
    """The records as rows under the names of their fields. No value has a comma, a quote or a line end."""
    yield csv_row(COLUMNS)
    async for part in parts:
        yield b"".join(csv_row([shown(use)[name] for name in COLUMNS]) for use in part)


def csv_row(values: Sequence[object]) -> bytes:
    """One row; null is an empty cell."""
    return ",".join("" if value is None else str(value) for value in values).encode() + b"\r\n"
