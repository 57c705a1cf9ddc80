"""`/v1/batches/{id}/results`: records as NDJSON, or as CSV beside the file's own columns."""

from collections.abc import AsyncIterator
from typing import Literal, NamedTuple

from aiohttp import web

from validator_svc.batches.rendered_results import as_csv, as_ndjson, header_of
from validator_svc.batches.spec import Plan
from validator_svc.batches.stored_results import ONLY, Only, Results
from validator_svc.http import context
from validator_svc.http.accept import best_type
from validator_svc.http.content_encoding import (
    Coding,
    accepted_coding,
    encoded,
    from_frames,
    headed,
    headers_of,
)
from validator_svc.http.errors import bad_parameter
from validator_svc.http.route import QUERY
from validator_svc.http.routes.batches import found, store_errors
from validator_svc.http.sending import CSV, NDJSON, TSV, send


class Asked(NamedTuple):
    """How results are to come."""

    format: Literal["ndjson", "csv"]
    for_excel: bool
    only: Only | None
    offset: int


@store_errors
async def results(request: web.Request) -> web.StreamResponse:
    """`GET /v1/batches/{id}/results`: in input order, following the batch until it ends."""
    batch, asked = await found(request), asked_by(request)
    coding = accepted_coding(request)
    # Bytes of what may still grow, and comes in codings, are not counted; rows are, see `offset`.
    headers = {**headers_of(coding), "Accept-Ranges": "none"}
    body = body_of(request.app[context.BATCHING].results, batch.plan, asked, coding)
    if asked.format == "ndjson":
        return await send(request, NDJSON, body, headers)
    media_type, ending = (TSV, "tsv") if batch.plan.layout.is_tab_separated else (CSV, "csv")
    headers["Content-Disposition"] = f'attachment; filename="{batch.plan.batch_id}.{ending}"'
    return await send(request, f"{media_type}; charset=utf-8", body, headers)


def body_of(results: Results, plan: Plan, asked: Asked, coding: Coding) -> AsyncIterator[bytes]:
    """The results in that coding: as they are stored where they are stored so, else made now."""
    is_csv = asked.format == "csv"
    # The header only before the first row, so that parts fit together.
    with_header = is_csv and not asked.offset
    is_stored = not asked.for_excel and (plan.keeps_csv or not is_csv)
    if is_stored and asked.only is None and asked.offset % plan.segment_rows == 0:
        frames = results.frames(plan, asked.offset, is_csv)
        return from_frames(headed(header_of(plan), frames) if with_header else frames, coding)
    parts = results.parts(plan, asked.offset, asked.only, with_cells=is_csv, follow=True)
    made = as_csv(parts, plan, asked.for_excel, with_header) if is_csv else as_ndjson(parts)
    return encoded(made, coding)


def asked_by(request: web.Request) -> Asked:
    """Check the query. Raises ApiError 400."""
    query = request[QUERY]
    by_accept = "csv" if best_type(request, (NDJSON, CSV, TSV)) in (CSV, TSV) else "ndjson"
    dialect = query.values.get("dialect", "default")
    if dialect not in ("default", "excel"):
        raise bad_parameter("dialect", "expected default or excel")
    wanted = query.values.get("format", "csv" if dialect == "excel" else by_accept)
    if wanted not in ("ndjson", "csv"):
        raise bad_parameter("format", "expected ndjson or csv")
    given = query.values.get("only")
    only = next((each for each in ONLY if each == given), None)
    if given is not None and only is None:
        raise bad_parameter("only", "expected one of " + ", ".join(ONLY))
    return Asked(
        "csv" if wanted == "csv" else "ndjson",
        dialect == "excel",
        only,
        query.whole_number("offset", 0),
    )
