"""Requests made by hypothesis from the document of the API: as it says, and nearly so."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.documented import DOCUMENT
from tests.fuzz.inputs import JUNK, LEAVES, NUMBERS, VALUES

Json = dict[str, Any]

WHO = ("admin", "admin", "holder", "holder", "holder", "limited", "nobody", "wrong")
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
OPERATIONS = [
    (method, template, operation)
    for template, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
FILES: st.SearchStrategy[bytes] = st.one_of(
    st.builds(lambda rows: "\n".join(rows).encode("utf-8", "replace"), st.lists(NUMBERS, max_size=4)),
    st.builds(
        lambda rows: ("phone\n" + "\n".join(rows)).encode("utf-8", "replace"), st.lists(NUMBERS, max_size=4)
    ),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=40),
)


class Made(NamedTuple):
    """A request; numbers in its path are places among the ids that earlier answers made."""

    method: str
    template: str
    path: dict[str, Any]
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes | None
    who: str


def values_of(schema: Json) -> st.SearchStrategy[Any]:
    """Values that a schema allows; where it is no simple one, some that it may not."""
    if "$ref" in schema:
        return objects_of(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    if "anyOf" in schema:
        return st.one_of([values_of(each) for each in schema["anyOf"]])
    types = schema.get("type", "string")
    return st.one_of([of_type(each, schema) for each in (types if isinstance(types, list) else [types])])


def of_type(name: str, schema: Json) -> st.SearchStrategy[Any]:
    """Values of one JSON type."""
    if name == "integer":
        return st.integers(schema.get("minimum", -(2**40)), schema.get("maximum", 2**40))
    if name == "number":
        return st.floats(schema.get("minimum", 0), schema.get("maximum", 1e6), allow_nan=False)
    if name == "boolean":
        return st.booleans()
    if name == "null":
        return st.none()
    if name == "array":
        return st.lists(values_of(schema.get("items", {})), max_size=4)
    if name == "object":
        return objects_of(schema)
    return texts_of(schema)


def texts_of(schema: Json) -> st.SearchStrategy[str]:
    """Texts of a format or a pattern, or any."""
    if schema.get("format") == "uuid":
        return st.uuids().map(str)
    if schema.get("format") == "date":
        return st.dates().map(str)
    if schema.get("format") == "date-time":
        return st.datetimes().map(lambda time: time.isoformat() + "Z")
    if "pattern" in schema:
        return st.from_regex(str(schema["pattern"]), fullmatch=True)
    return st.one_of(NUMBERS, JUNK)


def objects_of(schema: Json) -> st.SearchStrategy[Any]:
    """Objects with all that is required, and perhaps more of what is known."""
    known = {name: values_of(each) for name, each in schema.get("properties", {}).items()}
    required = schema.get("required", [])
    return st.fixed_dictionaries(
        {name: each for name, each in known.items() if name in required},
        optional={name: each for name, each in known.items() if name not in required},
    )


def bodies_of(media_type: str, content: Json) -> st.SearchStrategy[bytes]:
    """Bodies of a media type, one in a few of them another one's."""
    if media_type == "application/json" and "schema" in content:
        right = st.one_of(values_of(content["schema"]), st.just(content.get("example")))
        return st.one_of(right, right, VALUES).map(lambda value: json.dumps(value).encode("utf-8", "replace"))
    if "example" in content and isinstance(content["example"], str):
        return st.one_of(FILES, st.just(content["example"].encode()))
    return FILES


class Kit(NamedTuple):
    """Values of which many requests are put together: to make each of them anew would take far longer."""

    parameters: dict[str, list[Any]]
    """Of each parameter the example, one that its schema allows, and any."""
    bodies: dict[tuple[str, str, str], list[bytes]]
    """Of each method, path and media type."""
    unknown: tuple[str, str]
    choices: list[int]


def kits() -> st.SearchStrategy[Kit]:
    """Values for all parameters and bodies of the document."""
    parameters: dict[str, st.SearchStrategy[list[Any]]] = {}
    bodies: dict[tuple[str, str, str], st.SearchStrategy[list[bytes]]] = {}
    for method, template, operation in OPERATIONS:
        for each in operation["parameters"]:
            some = st.tuples(st.just(each["example"]), values_of(each["schema"]), LEAVES)
            parameters[each["name"]] = some.map(list)
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            some_bodies = st.lists(bodies_of(media_type, content), min_size=2, max_size=2)
            bodies[method, template, media_type] = some_bodies
    choices = st.lists(st.integers(0, 2**32), min_size=64, max_size=64)
    return st.builds(
        Kit, st.fixed_dictionaries(parameters), st.fixed_dictionaries(bodies), st.tuples(JUNK, JUNK), choices
    )


def requests_of(kit: Kit, rounds: int) -> Iterator[Made]:
    """So many requests to each route."""
    random = Random(str(kit.choices))
    for _ in range(rounds):
        for method, template, operation in OPERATIONS:
            yield request_of(kit, random, method, template, operation)


def request_of(kit: Kit, random: Random, method: str, template: str, operation: Json) -> Made:
    """A request to one route."""
    path: dict[str, Any] = {}
    query: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    for each in operation["parameters"]:
        name, place = each["name"], each["in"]
        value = random.choices(kit.parameters[name], (7, 2, 1))[0]
        if place == "path":
            path[name] = random.choice((random.randrange(10**6), random.randrange(10**6), value))
        elif each.get("required") or not random.randrange(9):
            text = value if isinstance(value, str) else json.dumps(value)
            if place == "query":
                query.append((name, text))
            elif text.isascii() and text.isprintable():
                headers[name] = text
    # Now and then what is required is missing, given twice, or something is given that nobody knows.
    oddity = random.randrange(30)
    if query and oddity < 2:
        query = query[1:] if oddity else [*query, query[0]]
    elif oddity == 2:
        query.append(kit.unknown)
    body = None
    if "requestBody" in operation:
        media_type = random.choice(sorted(operation["requestBody"]["content"]))
        body = random.choice(kit.bodies[method, template, media_type])
        headers["Content-Type"] = media_type if oddity != 3 else "text/html"
        if media_type == "multipart/form-data":
            headers["Content-Type"] = f"{media_type}; boundary=x"
            body = PART + body + b"\r\n--x--\r\n"
    return Made(method.upper(), template, path, query, headers, body, random.choice(WHO))
