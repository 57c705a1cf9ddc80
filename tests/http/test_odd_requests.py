"""Odd values for everything that can be said: never a fault of the service, always the one error body."""

import json
import uuid
from urllib.parse import quote, quote_from_bytes

import aiohttp
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from tests.service import Service
from validator_svc.http.route import Route
from validator_svc.http.route_table import FILE, ROUTES

EXAMPLES = 150
BATCH = str(uuid.uuid4())
FIELDS = ["type", *FILE]

ODD = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                "0",
                "-1",
                "+1",
                "1e9",
                "9" * 15,
                "9" * 30,
                "٣",
                "１",
                "²",
                "NaN",
                "inf",
                "0x1",
                "1_0",
                " 1",
                "1 ",
            ),
            *(
                "true",
                "TRUE",
                "null",
                "None",
                "ID",
                "id",
                "001",
                "ZZ",
                "column:",
                "column:x",
                "column:0",
                "..",
                "/",
            ),
            *(
                "format",
                "analysis",
                "validation",
                "csv",
                "ndjson",
                "excel",
                "valid",
                "http://[",
                "http://x:99999",
            ),
            *(
                "http://user@x",
                "\0",
                "\n",
                "\x1b",
                "\ufeff",
                "\u202e",
                "\U0001f600",
                "%",
                "%zz",
                "{}",
                "[]",
                "utf-16",
            ),
            *(
                "idna",
                "hex",
                "unicode_escape",
                "punycode",
                "utf-8\0",
                "a" * 3_000,
                "0.000000001",
                "1" * 10 + ".5",
            ),
        ]
    ),
    st.text(max_size=20),
    st.integers().map(str),
)


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


RAW = st.one_of(
    ODD.map(lambda text: quote(as_bytes(text), safe="")), st.binary(max_size=8).map(quote_from_bytes)
)
TYPES = st.sampled_from(
    [
        "",
        "text/plain",
        "text/csv",
        "application/json",
        "application/x-ndjson",
        "multipart/form-data; boundary=x",
    ]
)
BODIES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"",
            b"1\n",
            b"phone,x\n1,2\n",
            b"{}",
            b"[]",
            b'{"phone_number":1}\n',
            b'"\\ud800"\n',
            b"\x00",
            b"\xff\xfe1\x00",
        ]
    ),
    st.lists(st.sampled_from([b"a", b",", b'"', b"\n", b"\r", b";", b"\t", b"1", b"\xff", b"\x00"])).map(
        b"".join
    ),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=9)
    | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ROUTE_PATHS = [route for route in ROUTES if not route.path.endswith("/events")]
GOOD = {"type": "format", "phone_number": "1"}
STATUSES = frozenset({200, 201, 204, 400, 403, 404, 405, 409, 413, 415, 422})

OUR_ERROR = {"success", "error", "code", "message"}

often = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def no_faults(service: Service) -> None:
    """The log is looked at after each request."""
    service.log.clear()


async def ask(service: Service, method: str, url: str, body: bytes, media_type: str) -> None:
    """Send a request; its answer has to be a good one, or an error in the one shape."""
    headers = {"Content-Type": media_type} if media_type else {}
    async with (
        aiohttp.ClientSession(service.url) as client,
        client.request(method, URL(url, encoded=True), data=body, headers=headers) as response,
    ):
        answer = await response.read()
    assert response.status in STATUSES, (url, answer)
    if response.status >= 400:
        error = orjson.loads(answer)
        keys = {"code", "message", "more_info", "status"} if url.startswith("/v2/") else OUR_ERROR
        assert error.keys() == keys
    assert not [line for line in service.log if b"Traceback" in line]


@st.composite
def queries(draw: st.DrawFn, route: Route) -> str:
    """A query that a route knows, most of it as it should be."""
    names = draw(st.sets(st.sampled_from([*route.parameters, "appid"]), max_size=3))
    said = {name: value for name, value in GOOD.items() if name in route.parameters}
    said |= {name: draw(RAW) for name in sorted(names)}
    return "&".join(f"{name}={value}" for name, value in said.items())


@often
@given(st.data())
async def test_odd_parameters_and_bodies(service: Service, data: st.DataObject) -> None:
    route = data.draw(st.sampled_from(ROUTE_PATHS))
    path = route.path.replace("{batch_id}", data.draw(st.sampled_from([BATCH, "%00", "x", "..%2f"])))
    body = b"" if route.method == "GET" else data.draw(BODIES)
    await ask(service, route.method, f"{path}?{data.draw(queries(route))}", body, data.draw(TYPES))


@often
@given(
    st.dictionaries(st.sampled_from(["async", "force", "country", "max_age", "appid"]), JSON, max_size=2),
    JSON,
)
async def test_odd_lists(service: Service, said: dict[str, object], numbers: object) -> None:
    body = {"type": "format", "phone_numbers": numbers if isinstance(numbers, list) else ["1"]} | said
    await ask(service, "POST", "/v1/validation", json.dumps(body).encode(), "application/json")


@often
@given(
    st.lists(
        st.tuples(st.sampled_from(FIELDS), st.one_of(ODD.map(as_bytes), st.binary(max_size=9))), max_size=4
    )
)
async def test_odd_forms(service: Service, fields: list[tuple[str, bytes]]) -> None:
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (n.encode(), v) for n, v in fields
    ]
    file = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nphone\n1\n\r\n'
    parts.insert(len(parts) // 2, file)
    await ask(
        service, "POST", "/v1/batches", b"".join(parts) + b"--x--\r\n", "multipart/form-data; boundary=x"
    )
