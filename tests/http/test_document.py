"""`/openapi.json` says what is so, and `/docs` shows it."""

import json
import re
import shlex
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema_rs
import pytest
import yarl

from tests.batches.asking import posted, reached
from tests.documented import DOCUMENT, check, validator
from validator_svc.http.document import contents
from validator_svc.http.document.parameter_table import PARAMETERS
from validator_svc.http.document.schemas import ref
from validator_svc.http.route import Route
from validator_svc.http.route_table import ROUTES
from validator_svc.http.routes import status

OPERATIONS = [
    (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
MEANINGFUL = {"get", "post", "patch", "delete"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_has_its_entry(route: Route) -> None:
    assert route.doc is not None, "its Route needs a doc="
    operation = DOCUMENT["paths"][route.path][route.method.lower()]
    known = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
    assert known == set(route.parameters)
    if route.keys:
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        schema = DOCUMENT["components"]["schemas"][body["$ref"].rpartition("/")[2]]
        assert schema["properties"].keys() - {"appid"} == set(route.keys)


def test_names_of_operations_differ() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert {method for method, _, _ in OPERATIONS} <= MEANINGFUL


def test_examples_are_what_their_schemas_say() -> None:
    seen = 0
    for _, _, operation in OPERATIONS:
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (each for body in bodies for each in body.get("content", {}).values()):
            if "schema" in content and "example" in content:
                validator(json.dumps(content["schema"])).validate(content["example"])
                seen += 1
        for each in operation["parameters"]:
            validator(json.dumps(each["schema"])).validate(each["example"])
    assert seen > 15


def test_every_body_has_an_example() -> None:
    contents_of = [
        (where, media_type, content)
        for method, path, operation in OPERATIONS
        for where, part in [("body", operation.get("requestBody", {})), *operation["responses"].items()]
        for media_type, content in part.get("content", {}).items()
    ]
    contents_of += [
        (name, media_type, content)
        for name, response in DOCUMENT["components"]["responses"].items()
        for media_type, content in response["content"].items()
    ]
    assert [each[:2] for each in contents_of if not {"example", "examples"} & each[2].keys()] == []
    for _, _, content in contents_of:
        if "x-lines" in content:
            lines = validator(json.dumps(content["x-lines"]))
            for line in content["example"].splitlines():
                lines.validate(json.loads(line))


def test_an_answer_that_is_not_in_the_document_is_noticed() -> None:
    record = contents.PUBLIC_RECORD
    path, media_type = "/v1/validation", "application/json"
    check("GET", path, 200, media_type, json.dumps(record).encode())
    wrong: list[object] = [record | {"more": 1}, record | {"is_valid": None}, record | {"reason": "odd"}, {}]
    for each in wrong:
        with pytest.raises(jsonschema_rs.ValidationError):
            check("GET", path, 200, media_type, json.dumps(each).encode())
    with pytest.raises(AssertionError, match="418: not in the document"):
        check("GET", path, 418, media_type, b"{}")
    with pytest.raises(AssertionError, match="text/html is not in the document"):
        check("GET", path, 200, "text/html", b"<p>")


async def test_it_is_served_as_it_is_made(client: aiohttp.ClientSession) -> None:
    async with client.get("/openapi.json") as response:
        assert response.status == 200
        served = await response.json()
    assert served["openapi"] == "3.1.0"
    assert served["paths"] == DOCUMENT["paths"]
    async with client.get("/") as response:
        routes = (await response.json())["routes"]
    assert routes.keys() == {f"{route.method} {route.path}" for route in ROUTES}


async def test_its_examples_are_real(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/validation?phone_number=6281234567000&type=format") as response:
        assert await response.json() == contents.PUBLIC_RECORD
    batch_id = await posted(client, contents.CSV_FILE.encode(), "text/csv", name="people.csv")
    shown = await reached(client, batch_id, "success")
    own = ("request_uuid", "request_id", "created_at", "finished_at")
    assert {**shown, **dict.fromkeys(own)} == {**contents.BATCH_EXAMPLE, **dict.fromkeys(own)}
    headers = {"Content-Type": "text/csv"}
    async with client.post("/v1/estimate?type=format", data=contents.CSV_FILE, headers=headers) as response:
        assert await response.json() == contents.ESTIMATE_EXAMPLE


@pytest.mark.parametrize("path", ["/v1/stream", "/v1/batches", "/v1/estimate", "/v1/preview"])
async def test_every_example_of_a_body_is_taken(client: aiohttp.ClientSession, path: str) -> None:
    for media_type, content in DOCUMENT["paths"][path]["post"]["requestBody"]["content"].items():
        if media_type == "multipart/form-data":
            async with client.post(path, data=form_of(content["example"])) as response:
                assert response.status in (200, 201), await response.text()
            continue
        for body in [each async for each in bodies_of(client, content)]:
            headers = {"Content-Type": media_type}
            async with client.post(f"{path}?type=format", data=body, headers=headers) as response:
                assert response.status in (200, 201), (media_type, await response.text())


def form_of(fields: dict[str, str]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, value, filename="people.csv" if name == "file" else None)
    return form


async def bodies_of(client: aiohttp.ClientSession, content: dict[str, Any]) -> AsyncIterator[bytes]:
    """The examples of a body: as they stand there, or as they are served."""
    if "example" in content:
        example = content["example"]
        yield (example if isinstance(example, str) else json.dumps(example)).encode()
    for each in content.get("examples", {}).values():
        async with client.get(each["externalValue"]) as response:
            assert response.status == 200
            yield await response.read()


async def test_examples_of_results_are_real(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, contents.CSV_FILE.encode(), "text/csv", name="people.csv")
    await reached(client, batch_id, "success")
    of_results = DOCUMENT["paths"]["/v1/batches/{batch_id}/results"]["get"]["responses"]["200"]["content"]
    for file_format, media_type in (("ndjson", "application/x-ndjson"), ("csv", "text/csv")):
        async with client.get(f"/v1/batches/{batch_id}/results?format={file_format}") as response:
            assert await response.text() == of_results[media_type]["example"]


async def test_the_page_shows_every_route_and_asks_nobody_else(client: aiohttp.ClientSession) -> None:
    async with client.get("/docs") as response:
        page = await response.text()
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for method, path, _ in OPERATIONS:
        assert f"<b>{method.upper()}</b> {path}" in page
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)
    assert not re.search(r"<script>|<style|\son\w+=|style=", page)
    assets = re.findall(r"(?:src|href)=\"(/docs/.+?)\"", page)
    assert len(assets) == 2
    for asset in assets:
        async with client.get(asset) as response:
            assert response.status == 200
            assert "http" not in await response.text()
    async with client.get("/docs/..%2fpage.py") as response:
        assert response.status == 404


async def test_the_commands_of_the_page_work(client: aiohttp.ClientSession) -> None:
    async with client.get("/docs") as response:
        page = await response.text()
    commands = re.findall(r"<pre><code>(curl .*?)</code></pre>", page)
    assert len(commands) == len(OPERATIONS)
    example = shlex.split(next(each for each in commands if "/v1/validation?" in each).replace("&#x27;", "'"))
    async with client.get(yarl.URL(example[-1].replace("&amp;", "&")).relative()) as response:
        assert response.status == 200


def test_assets_are_in_the_package() -> None:
    folder = Path(status.__file__).parent.parent / "document" / "assets"
    assert {each.suffix for each in folder.iterdir()} == {".css", ".js", ".xlsx"}


def test_no_parameter_is_left_over() -> None:
    used = {name for route in ROUTES for name in route.parameters}
    used |= {name for route in ROUTES if route.doc for name in route.doc.headers}
    in_paths = {name for route in ROUTES for name in re.findall(r"\{(\w+)\}", route.path)}
    assert used | in_paths == PARAMETERS.keys()
    assert ref("Error")
