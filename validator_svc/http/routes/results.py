"""`/v1/batches/{id}/results`: the records in one of the output formats."""

import re
from collections.abc import AsyncIterator
from typing import NamedTuple
from urllib.parse import quote

from aiohttp import web

from validator_svc.batches.batch import Batch
from validator_svc.batches.rendered_results import rendered
from validator_svc.batches.spec import UNENDED, Plan
from validator_svc.batches.stored_results import ONLY, Only, Results, until_gone
from validator_svc.formats.errors import UnwritableError
from validator_svc.formats.output_formats import (
    BY_NAME,
    CSV,
    NAMES,
    NDJSON,
    OUTPUT_FORMATS,
    OutputFormat,
    in_dialect,
)
from validator_svc.http import context
from validator_svc.http.accept import best_type
from validator_svc.http.content_encoding import (
    Coding,
    accepted_coding,
    encoded,
    headers_of,
)
from validator_svc.http.errors import ApiError, bad_parameter
from validator_svc.http.found_batch import found, store_errors, wrong_state
from validator_svc.http.open_at_once import OPEN
from validator_svc.http.parameters import Query
from validator_svc.http.route import QUERY
from validator_svc.http.sending import send

ENDING = re.compile(r"\.\w+$", re.ASCII)


class ResultsQuery(NamedTuple):
    """How results are to come."""

    format: OutputFormat
    only: Only | None
    offset: int


@store_errors
async def results(request: web.Request) -> web.StreamResponse:
    """`GET /v1/batches/{id}/results`: in input order, following the batch until it ends.

    What can only come once all is known is refused before, with 409.
    """
    batch, asked = await found(request), asked_by(request)
    if asked.format.comes_at_end and batch.plan.order.system:
        raise bad_parameter("format", "expected csv or ndjson, as this batch has screened requests")
    if asked.format.comes_at_end and batch.status in UNENDED:
        raise wrong_state(batch, f"a batch that has ended for {asked.format.name}; csv and ndjson follow it")
    # What comes at its end is packed by itself.
    coding = "identity" if asked.format.comes_at_end else accepted_coding(request)
    # Bytes of what may still grow, and comes in codings, are not counted; rows are, see `offset`.
    headers = {**headers_of(coding), "Accept-Ranges": "none"}
    body = body_of(request.app[context.BATCHING].results, batch.plan, asked, coding)
    with request.app[OPEN].reading(request, batch):
        return await sent(request, batch, asked, body, headers)


async def sent(
    request: web.Request,
    batch: Batch,
    asked: ResultsQuery,
    body: AsyncIterator[bytes],
    headers: dict[str, str],
) -> web.StreamResponse:
    """The answer with the results. Raises ApiError 422 for those that the format cannot hold."""
    if asked.format is NDJSON:
        return await send(request, NDJSON.media_type, body, headers)
    output_format = asked.format.of(batch.plan.layout)
    media_type = output_format.media_type
    headers["Content-Disposition"] = to_be_kept(batch.plan, asked.only, output_format.endings[0])
    is_text = media_type.startswith("text/")
    try:
        return await send(request, f"{media_type}; charset=utf-8" if is_text else media_type, body, headers)
    except UnwritableError as error:
        raise ApiError(422, "unwritable_results", f"format: {error}") from None


def to_be_kept(plan: Plan, only: Only | None, ending: str) -> str:
    """`Content-Disposition` with the name under which a browser keeps results: that of the list.

    For who reads no names beyond ASCII (RFC 6266) it is the id.
    """
    stem = ENDING.sub("", plan.order.name) or plan.batch_id
    name = quote(f"{stem}.results{f'.{only}' if only else ''}{ending}", safe="", errors="replace")
    return f"attachment; filename=\"{plan.batch_id}{ending}\"; filename*=UTF-8''{name}"


def body_of(results: Results, plan: Plan, asked: ResultsQuery, coding: Coding) -> AsyncIterator[bytes]:
    """The results in that coding, made of the stored records and cells."""
    # The header only before the first row, so that downloads fit together.
    with_header = not asked.offset
    blocks = results.blocks(plan, asked.offset, asked.only, with_cells=asked.format.has_cells, follow=True)
    # Half a workbook would pass for a whole one.
    blocks = blocks if asked.format.comes_at_end else until_gone(blocks)
    return encoded(rendered(blocks, plan, asked.format, with_header), coding)


def asked_by(request: web.Request) -> ResultsQuery:
    """Check the query. Raises ApiError 400."""
    query = request[QUERY]
    asked = ResultsQuery(format_asked_by(request), only_asked_by(query), query.whole_number("offset"))
    if asked.offset and asked.format.comes_at_end:
        raise bad_parameter("offset", f"goes with csv and ndjson; {asked.format.name} comes whole")
    return asked


def only_asked_by(query: Query) -> Only | None:
    """The outcome that is asked for; None for all. Raises ApiError 400."""
    given = query.values.get("only")
    only = next((each for each in ONLY if each == given), None)
    if given is not None and only is None:
        raise bad_parameter("only", "expected one of " + ", ".join(ONLY))
    return only


def format_asked_by(request: web.Request) -> OutputFormat:
    """What the query says, or else Accept. Raises ApiError 400."""
    values = request[QUERY].values
    dialect = values.get("dialect", "default")
    if dialect not in ("default", "excel"):
        raise bad_parameter("dialect", "expected default or excel")
    by_accept = best_type(request, [each.media_type for each in OUTPUT_FORMATS])
    accepted = next(each.name for each in OUTPUT_FORMATS if each.media_type == by_accept)
    wanted = values.get("format", CSV.name if dialect == "excel" else accepted)
    if wanted not in BY_NAME:
        raise bad_parameter("format", f"expected {NAMES}")
    # The records have no dialects.
    if BY_NAME[wanted] is NDJSON:
        return NDJSON
    try:
        return in_dialect(BY_NAME[wanted], dialect)
    except ValueError as error:
        raise bad_parameter("dialect", str(error)) from None
