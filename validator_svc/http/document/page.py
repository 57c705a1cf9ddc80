"""The document as a page: plain HTML, readable without a script, with a command to try for each route."""

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

Json = Mapping[str, Any]

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>validator_svc: the API</title><link rel="stylesheet" href="/docs/style.css">
<script src="/docs/filter.js" defer></script></head><body>
"""
SERVER = "http://127.0.0.1:8080"
FILES = {"text/csv": "people.csv", "text/plain": "numbers.txt"}


def page_of(document: Json) -> bytes:
    """The page that shows an OpenAPI document."""
    operations = [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    info = document["info"]
    parts = [
        HEAD,
        "<nav><input type=search id=filter placeholder='Filter' aria-label='Filter' hidden>",
        links(operations),
        "<a href='#schemas'>Schemas</a></nav><main>",
        f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>",
        *(f"<p>{marked(text)}</p>" for text in info["description"].split("\n\n")),
        "<p><a href='/openapi.json'>openapi.json</a> has this for machines (OpenAPI 3.1).</p>",
        *(section(document, *each) for each in operations),
        "<h2 id=schemas>Schemas</h2>",
        *(schema_section(name, schema) for name, schema in document["components"]["schemas"].items()),
        "</main></body></html>\n",
    ]
    return "".join(parts).encode()


def links(operations: Iterable[tuple[str, str, Json]]) -> str:
    """The contents."""
    return "".join(
        f"<a href='#{each['operationId']}'><b>{method.upper()}</b> {escape(path)}</a>"
        for method, path, each in operations
    )


def section(document: Json, method: str, path: str, operation: Json) -> str:
    """One route."""
    name = operation["operationId"]
    content = operation.get("requestBody", {}).get("content", {})
    return (
        f"<section id='{name}'><h2><b>{method.upper()}</b> {escape(path)}</h2>"
        f"<p>{marked(operation['summary'])}. {marked(operation.get('description', ''))}</p>"
        f"<pre><code>{escape(command(method, path, operation))}</code></pre>"
        + parameters(operation["parameters"])
        + "".join(body("Body", media_type, each) for media_type, each in content.items())
        + "".join(answer(document, status, each) for status, each in operation["responses"].items())
        + "</section>"
    )


def command(method: str, path: str, operation: Json) -> str:
    """What to type to try a route, with the required parameters."""
    query = []
    for each in operation["parameters"]:
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", str(each["example"]))
        elif each["in"] == "query" and each.get("required"):
            query.append(f"{each['name']}={quote(str(each['example']))}")
    url = f"{SERVER}{path}{'?' if query else ''}{'&'.join(query)}"
    given = f" -X {method.upper()}" if method not in ("get", "post") else ""
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content and "text/csv" not in content:
        example = json.dumps(content["application/json"]["example"])
        return f"curl{given} --json '{example}' '{url}'"
    if content:
        media_type = next(iter(content))
        return f"curl -H 'Content-Type: {media_type}' --data-binary @{FILES[media_type]} '{url}'"
    return f"curl{' -X POST' if method == 'post' else given} '{url}'"


def parameters(known: Iterable[Json]) -> str:
    """The parameters of a route."""
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code>{' *' if each.get('required') else ''}</td>"
        f"<td>{each['in']}</td><td>{escape(kind(each['schema']))}</td><td>{marked(each['description'])}</td></tr>"
        for each in known
    )
    return f"<table><tr><th>name<th>in<th>type<th></tr>{rows}</table>" if rows else ""


def answer(document: Json, status: str, response: Json) -> str:
    """An answer; of errors the status and what it says."""
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        return f"<p class=error><b>{status}</b> {marked(response['description'])}</p>"
    shown = f"<h3>{status}</h3><p>{marked(response['description'])}</p>"
    return shown + "".join(body("", *each) for each in response.get("content", {}).items())


def body(what: str, media_type: str, content: Json) -> str:
    """A body of one media type, with its example."""
    schema = content.get("schema") or content.get("x-lines")
    each_line = " a line" if "x-lines" in content else ""
    example = content.get("example")
    text = example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
    kept = f"<pre><code>{escape(text)}</code></pre>" if example is not None else ""
    shown = f": {linked(schema)}{each_line}" if schema else ""
    for name, file in content.get("examples", {}).items():
        kept += f"<p><a href='{file['externalValue']}'>{escape(name)}</a>: {marked(file['summary'])}</p>"
    return f"<p>{what} <code>{media_type}</code>{shown}</p>{kept}"


def linked(schema: Json) -> str:
    """The kind of a schema, with a link where it has a name."""
    if "$ref" not in schema:
        return escape(kind(schema))
    name = schema["$ref"].rpartition("/")[2]
    return f"<a href='#{name}'>{name}</a>"


def schema_section(name: str, schema: Json) -> str:
    """A schema with its fields."""
    required = schema.get("required", ())
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code>{'' if field in required else ' ?'}</td>"
        f"<td>{linked(each)}</td><td>{marked(each.get('description', ''))}</td></tr>"
        for field, each in schema["properties"].items()
    )
    head = f"<h3>{name}</h3><p>{marked(schema['description'])}</p>"
    return f"<section id='{name}'>{head}<table>{rows}</table></section>"


def kind(schema: Json) -> str:
    """The type of a value in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(kind(each) for each in schema["anyOf"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join("null" if each is None else str(each) for each in schema["enum"])
    types = schema.get("type", "anything")
    name = " or ".join(types) if isinstance(types, list) else str(types)
    if "items" in schema:
        name += f" of {kind(schema['items'])}"
    return f"{name} ({schema['format']})" if "format" in schema else name


def marked(text: str) -> str:
    """Text in which pairs of backquotes mark code."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces))
