"""`/v1/batches/{id}/results`: records as NDJSON, or as CSV beside the file's own columns."""

from typing import Literal, NamedTuple

from aiohttp import web

from validator_svc.batches.reading_results import ONLY, Only
from validator_svc.batches.rendering import as_csv, as_ndjson
from validator_svc.http import context
from validator_svc.http.batches import found, store_errors
from validator_svc.http.coding import accepted_coding, encoded, headers_of
from validator_svc.http.errors import bad_parameter
from validator_svc.http.parameters import Query
from validator_svc.http.sending import NDJSON, send

CSV = "text/csv"


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
    plan, is_csv = batch.plan, asked.format == "csv"
    coding = accepted_coding(request)
    # Bytes of what may still grow, and comes in codings, are not counted; rows are, see `offset`.
    headers = {**headers_of(coding), "Accept-Ranges": "none"}
    reader = request.app[context.BATCHING].results
    if not is_csv and coding == "zstd" and asked.only is None and asked.offset % plan.segment_rows == 0:
        return await send(request, NDJSON, reader.frames(plan, asked.offset), headers)
    parts = reader.parts(plan, asked.offset, asked.only, with_cells=is_csv, follow=True)
    if not is_csv:
        return await send(request, NDJSON, encoded(as_ndjson(parts), coding), headers)
    headers["Content-Disposition"] = f'attachment; filename="{plan.batch_id}.csv"'
    # The header only before the first row, so that parts fit together.
    rows = as_csv(parts, plan, asked.for_excel, with_header=not asked.offset)
    return await send(request, f"{CSV}; charset=utf-8", encoded(rows, coding), headers)


def asked_by(request: web.Request) -> Asked:
    """Check the query. Raises ApiError 400."""
    query = Query(request)
    by_accept = "csv" if CSV in request.headers.get("Accept", "") else "ndjson"
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
