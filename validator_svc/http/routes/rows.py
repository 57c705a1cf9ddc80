"""`/v1/batches/{id}/rows`: rows with their records, searched, some at a time, for who looks at them."""

from collections.abc import Sequence

import orjson
from aiohttp import web

from validator_svc.batches.search import FILTERS, Row, Search, search
from validator_svc.batches.spec import Plan
from validator_svc.formats.clean_csv import well_formed
from validator_svc.formats.layout import Layout
from validator_svc.http import context
from validator_svc.http.document.parameter_table import PARAMETERS
from validator_svc.http.errors import bad_parameter
from validator_svc.http.found_batch import found_numbers, store_errors
from validator_svc.http.parameters import Query
from validator_svc.http.route import QUERY
from validator_svc.http.routes.results import only_asked_by
from validator_svc.http.sending import JSON
from validator_svc.numbering.reading import MAX_TEXT


@store_errors
async def rows(request: web.Request) -> web.Response:
    """`GET /v1/batches/{id}/rows`: 200 with rows from `offset` on, and where to go on."""
    batch, query = await found_numbers(request), request[QUERY]
    wanted = wanted_by(query)
    offset, limit = query.whole_number("offset"), max(1, query.whole_number("per_page"))
    results = request.app[context.BATCHING].results
    answered = await search(results, batch.plan, wanted, offset, limit)
    body = table(batch.plan, answered.rows) | {"count": batch.plan.rows, "next": answered.next}
    return web.Response(body=orjson.dumps(body), content_type=JSON)


def wanted_by(query: Query) -> Search:
    """What is looked for. Raises ApiError 400."""
    text = query.values.get("q", "").strip()
    if len(text) > MAX_TEXT:
        raise bad_parameter("q", f"expected at most {MAX_TEXT} characters")
    for name in FILTERS:
        known = PARAMETERS[name].schema.get("enum")
        if name in query.values and isinstance(known, list) and query.values[name] not in known:
            raise bad_parameter(name, "expected one of " + ", ".join(known))
    fields = tuple((name, query.values[name]) for name in FILTERS if name in query.values)
    return Search(text, only_asked_by(query), fields)


def table(plan: Plan, rows: Sequence[Row]) -> dict[str, object]:
    """Rows of a list with their records, and the names of their columns."""
    names = columns_of(plan)
    return {
        "columns": names,
        "column": column_of(plan.layout) if plan.has_cells else 0,
        "items": [{"row": row.at, "cells": row.cells, "record": orjson.Fragment(row.record)} for row in rows],
    }


def columns_of(plan: Plan) -> list[str]:
    """The names of the rows' own columns; of rows that have none, of the number alone."""
    return [*map(well_formed, plan.layout.columns)] if plan.has_cells else ["phone_number"]


def column_of(layout: Layout) -> int:
    """Which column has the numbers, from 0."""
    if layout.format == "csv":
        return layout.phone_column
    return layout.columns.index(layout.phone_key) if layout.phone_key in layout.columns else 0
