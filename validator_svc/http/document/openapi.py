"""The document of the API, made from the routes: OpenAPI 3.1, for people, clients and checks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import orjson

from validator_svc.http.assets import Asset
from validator_svc.http.document.contents import CSV_FILE
from validator_svc.http.document.doc import Answer, Content, Doc
from validator_svc.http.document.page import page_of
from validator_svc.http.document.parameter_table import PARAMETERS, Parameter
from validator_svc.http.document.schemas import SCHEMAS, ref
from validator_svc.http.route import Route
from validator_svc.http.twilio.errors import error_body

Json = dict[str, object]

ABOUT = (
    "Validates phone numbers in bulk: the numbering plan for free, paid lookups once.\n\n"
    "Parameters, keys and fields that a route does not know are refused with 400, naming the one meant."
)
ERRORS = {
    400: "Something is malformed, missing or not known; the message names it.",
    401: "There is no valid key.",
    403: "The key may not do this, or a page of another origin asks.",
    404: "There is nothing of this name.",
    408: "The request took too long to arrive.",
    409: "The state of the thing does not allow it.",
    413: "It is too large; the message names the limit.",
    414: "A line of the request's head is too long.",
    415: "The body is of a type, charset or coding that is not known.",
    417: "The only expectation understood is 100-continue.",
    422: "The file cannot be read; the message has the line.",
    429: "Too many requests, numbers or dollars, or too much open; Retry-After says when to come again.",
    500: "A fault of the service.",
    502: "The system that a request is for cannot be reached, or its answer broke off.",
    503: "Something that the service stands on is away; Retry-After says when to come again.",
    504: "The system that a request is for did not answer in time; it may have got the request.",
    507: "The disk of the service is full.",
}
HEADERS_OF_ERRORS = {429: ("Retry-After", "RateLimit", "RateLimit-Policy"), 503: ("Retry-After",)}
EVERY_ROUTE = (400, 408, 414, 417, 429, 500, 503)
WITH_KEY = (401, 403)
EXAMPLE_ERROR = {
    "success": False,
    "error": True,
    "code": "invalid_parameter",
    "message": "type: expected one of format, analysis, validation",
}
ERROR_EXAMPLES = {"Error": EXAMPLE_ERROR, "TwilioError": error_body(401, "expected a valid key")}
# Refused before it is known what is asked for.
BELOW_ROUTES = (408, 414)
HEADERS = {
    name: {"description": description, "schema": {"type": "string"}}
    for name, description in {
        "Location": "where to ask for it",
        "RateLimit": "what is left of the key's requests a second, where it has a limit",
        "RateLimit-Policy": "how many requests the key may send in how many seconds, where it has a limit",
        "Retry-After": "in how many seconds to come again",
    }.items()
}
RATE = ("RateLimit", "RateLimit-Policy")
# Where the answer to a creation has what the paths of its routes name.
MADE = {"batch_id": "request_uuid", "key_id": "id"}
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "appid": {"type": "apiKey", "in": "query", "name": "appid"},
    "basic": {"type": "http", "scheme": "basic", "description": "with the key as password"},
}


class ApiDocument(NamedTuple):
    """The document in the forms in which it is served."""

    openapi: bytes
    page: Asset
    summaries: dict[str, str]
    """Of each route, by method and path."""


def api_document(routes: Iterable[Route], version: str) -> ApiDocument:
    """The document of these routes."""
    documented = [(route, route.doc) for route in routes if route.doc is not None]
    document = openapi_of(documented, version)
    summaries = {f"{route.method} {route.path}": doc.summary for route, doc in documented}
    page = Asset(page_of(document), "text/html")
    return ApiDocument(orjson.dumps(document), page, summaries)


def openapi_of(documented: list[tuple[Route, Doc]], version: str) -> Json:
    """The document as an object."""
    paths: dict[str, dict[str, Json]] = {}
    for route, doc in documented:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route, doc, documented)
    responses = {
        f"{name}{status}": {
            "description": description,
            "content": {"application/json": {"schema": ref(name), "example": example}},
        }
        for name, example in ERROR_EXAMPLES.items()
        for status, description in ERRORS.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "validator_svc", "version": version, "description": ABOUT},
        "paths": paths,
        "components": {"schemas": SCHEMAS, "responses": responses, "securitySchemes": SECURITY},
    }


def operation(route: Route, doc: Doc, documented: list[tuple[Route, Doc]]) -> Json:
    """What the document says of one route."""
    found: Json = {"operationId": doc.name, "summary": doc.summary}
    if doc.description:
        found["description"] = doc.description
    in_path = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    names = (*in_path, *route.parameters, *doc.headers)
    placed = [of_route(PARAMETERS[name], in_path) for name in names]
    found["parameters"] = [
        parameter(each, each.is_required and each.name not in doc.optional) for each in placed
    ]
    if doc.bodies:
        found["requestBody"] = {"required": True, "content": bodies(route, doc)}
    # Where nobody asks for keys, as on a loopback address, one may come without.
    either: list[Json] = [{"bearer": []}, {"appid": []}]
    if doc.is_twilio:
        either.append({"basic": []})
    found["security"] = [] if route.needs == "nothing" else [{}, *either] if route.needs == "key" else either
    more = RATE if route.needs == "key" else ()
    answers = {str(each.status): answer(each, documented, more) for each in doc.answers}
    refusals = {*EVERY_ROUTE, *doc.refusals, *(WITH_KEY if route.needs != "nothing" else (403,))}
    errors = {
        str(each): {"$ref": f"#/components/responses/{error_name(doc, each)}"} for each in sorted(refusals)
    }
    return found | {"responses": errors | answers}


def error_name(doc: Doc, status: int) -> str:
    """The name of what an error with this status is answered with."""
    return f"TwilioError{status}" if doc.is_twilio and status not in BELOW_ROUTES else f"Error{status}"


def of_route(known: Parameter, in_path: Sequence[str]) -> Parameter:
    """A parameter where a route has it: what some have in their path others have in the query, if at all."""
    is_elsewhere = known.place == "path" and known.name not in in_path
    return known._replace(place="query", is_required=False) if is_elsewhere else known


def parameter(known: Parameter, is_required: bool) -> Json:
    """A parameter as the document has it."""
    shown: Json = {
        "name": known.name,
        "in": known.place,
        "description": known.description,
        "schema": known.schema,
        "example": known.example,
    }
    if is_required:
        shown["required"] = True
    return shown


def bodies(route: Route, doc: Doc) -> dict[str, Json]:
    """The bodies that a route takes, by media type; of a file a form too."""
    shown = {each.media_type: media(each) for each in doc.bodies}
    if "name" in route.parameters:
        properties: dict[str, object] = {name: PARAMETERS[name].schema for name in route.parameters}
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        form = {"type": "object", "properties": {"file": file} | properties, "required": ["file"]}
        fields = {name: PARAMETERS[name].example for name in ("type", "name")} | {"file": CSV_FILE}
        schema = form | {"additionalProperties": False}
        shown["multipart/form-data"] = {"schema": schema, "example": fields}
    return shown


def headers(*names: str) -> Json:
    """Headers of an answer."""
    return {name: HEADERS[name] for name in names}


def answer(each: Answer, documented: list[tuple[Route, Doc]], more: tuple[str, ...]) -> Json:
    """An answer, with links to what can be done with what was made. `more`: headers of all answers."""
    shown: Json = {"description": each.description}
    if each.contents:
        shown["content"] = {content.media_type: media(content) for content in each.contents}
    if each.headers or more:
        shown["headers"] = headers(*each.headers, *more)
    if each.makes:
        key = each.makes.rpartition("{")[2][:-1]
        values: Mapping[str, str] = {key: f"$response.body#/{MADE[key]}"}
        shown["links"] = {
            doc.name: {"operationId": doc.name, "parameters": values}
            for route, doc in documented
            if route.path.startswith(each.makes)
        }
    return shown


def media(content: Content) -> Json:
    """A body of one media type."""
    shown: Json = {}
    if content.schema is not None:
        shown["schema"] = content.schema
    if content.lines is not None:
        shown["x-lines"] = content.lines
    if content.example is not None:
        shown["example"] = content.example
    if content.file:
        path = f"/docs/{content.file}"
        how = (
            f"`curl -O http://127.0.0.1:8080{path}` gets it, and"
            f" `curl -H 'Content-Type: {content.media_type}' --data-binary @{content.file} …` sends it."
        )
        shown["examples"] = {content.file: {"summary": how, "externalValue": path}}
    return shown
