"""Whether what a service answers is what its document says: asked of every answer that a test gets."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import aiohttp
import jsonschema_rs
import pytest

from tests import service
from tests.leaks import leaks_in
from validator_svc.http.document.openapi import api_document
from validator_svc.http.route_table import ROUTES

DOCUMENT: dict[str, Any] = json.loads(api_document(ROUTES, "0").openapi)
PATHS = {
    path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path.replace("{path}", ".+"))) for path in DOCUMENT["paths"]
}
# What is answered where there is no such path or method.
NO_ROUTE = ("204", "400", "401", "403", "404", "405", "414", "417", "429")
MOST_LINES = 2_000
# What messages show of how numbers are written; it is nobody's.
EXAMPLE = b"such as +6281234567000"


def closed(schema: Any) -> Any:
    """The schema with nothing allowed that it does not name: what is new must be written down."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {"additionalProperties": False} if isinstance(schema.get("required"), list) else {}
    return {name: closed(each) for name, each in schema.items()} | shut


SCHEMAS = closed(DOCUMENT["components"]["schemas"])


@cache
def validator(schema: str) -> Any:
    """What checks values against a schema, given as JSON."""
    whole = closed(json.loads(schema)) | {"components": {"schemas": SCHEMAS}}
    return jsonschema_rs.validator_for(whole, validate_formats=True)


def check(method: str, path: str, status: int, media_type: str, body: bytes | None) -> None:
    """Raise AssertionError when an answer is not in the document; `body` is None where it is packed."""
    template = next((each for each, pattern in PATHS.items() if pattern.fullmatch(path)), None)
    operation = DOCUMENT["paths"].get(template, {}).get("get" if method == "HEAD" else method.lower())
    if operation is None:
        # Neither a path nor a method that there is.
        error = "TwilioError404" if path.startswith("/v2/") else "Error404"
        operation = {"responses": {each: {"$ref": f"/{error}"} for each in NO_ROUTE}}
    where = f"{method} {template} {status}"
    response = operation["responses"].get(str(status))
    assert response, f"{where}: not in the document"
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    contents = response.get("content", {})
    if method == "HEAD" or status == 204 or body == b"":
        return
    assert media_type in contents, f"{where}: {media_type} is not in the document"
    if body is None:
        return
    # What a system answers whose requests are passed on is its own.
    if status >= 400 and not path.startswith("/v1/forward/"):
        found = leaks_in(body.replace(EXAMPLE, b""))
        assert found == [], f"{where}: {found}"
    if "x-lines" in contents[media_type]:
        lines = validator(json.dumps(contents[media_type]["x-lines"]))
        for line in body.splitlines()[:MOST_LINES]:
            lines.validate(json.loads(line))
    elif media_type == "application/json":
        validator(json.dumps(contents[media_type].get("schema", {}))).validate(json.loads(body))


@pytest.fixture(scope="session", autouse=True)
def answers_are_documented() -> Iterator[None]:
    """Check every answer of a service that a test reads with aiohttp."""
    read = aiohttp.ClientResponse.read

    async def checked(response: aiohttp.ClientResponse) -> bytes:
        body = await read(response)
        process = service.RUNNING.get(str(response.url.origin()))
        if process is not None and process.poll() is None and not response.history:
            packed = "Content-Encoding" in response.headers
            known = None if packed else body
            check(response.method, response.url.raw_path, response.status, response.content_type, known)
        return body

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiohttp.ClientResponse, "read", checked)
        yield
