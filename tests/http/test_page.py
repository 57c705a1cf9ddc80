"""The page at `/` as a client gets it: for browsers only, small, and held to itself."""

import re
from collections.abc import Iterator

import aiohttp
import orjson
import phonenumbers
import pytest

from tests.access.keyed import ADMIN
from tests.service import Service, running
from validator_svc.batches.spec import UNENDED
from validator_svc.batches.stored_results import ONLY
from validator_svc.http.routes.page import ASSETS, PAGE
from validator_svc.numbering.facts import LINE_TYPES, REASONS
from validator_svc.record.record import fields_of
from validator_svc.upstreams.outcome import FAILURES

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
MOST_BYTES = 200_000
STRICT = ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'",
          "base-uri 'none'", "require-trusted-types-for 'script'")  # fmt: skip


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that asks for keys."""
    more = {"VALIDATOR_AUTH": "on", "VALIDATOR_ADMIN_KEY": ADMIN}
    with running(tmp_path_factory.mktemp("data"), **more) as service:
        yield service


ACCEPTS = [
    (BROWSER, "text/html"), ("text/html", "text/html"), ("text/*", "text/html"),
    ("TEXT/HTML;q=0.1", "text/html"),
    ("text/html, application/json;q=0.9", "text/html"), (None, "application/json"),
    ("*/*", "application/json"), ("application/json", "application/json"),
    ("application/json, text/html", "application/json"),
    ("text/html;q=0.5, application/json", "application/json"), ("text/html;q=0", "application/json"),
    ("image/png", "application/json"), ("", "application/json"),
    ("application/*, text/html;q=0.2", "application/json"),
]  # fmt: skip


async def test_browsers_get_the_page_and_programs_the_routes(keyed: Service) -> None:
    async with aiohttp.ClientSession(keyed.url, skip_auto_headers=["Accept"]) as client:
        for accept, expected in ACCEPTS:
            headers = {} if accept is None else {"Accept": accept}
            async with client.get("/", headers=headers) as response:
                assert response.status == 200, accept
                assert response.content_type == expected, accept
                assert "Accept" in response.headers["Vary"]


async def test_the_page_is_held_to_itself(keyed: Service) -> None:
    paths = ["/", *(f"/page/{name}" for name in ASSETS), "/docs", "/docs/filter.js"]
    async with aiohttp.ClientSession(keyed.url, headers={"Accept": "text/html"}) as client:
        for path in paths:
            async with client.get(path) as response:
                assert response.status == 200, path
                policy = response.headers["Content-Security-Policy"]
                assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "unsafe" not in policy
            for part in STRICT:
                assert part in policy
        for path in ("/page/..%2fassets.py", "/page/nothing.js", "/page/"):
            async with client.get(path) as response:
                assert response.status in (401, 404), path


async def test_what_a_browser_has_is_not_sent_again(keyed: Service) -> None:
    async with aiohttp.ClientSession(keyed.url, auto_decompress=False) as client:
        etags = set()
        for coding in ("gzip", "identity"):
            headers = {"Accept": BROWSER, "Accept-Encoding": coding}
            async with client.get("/", headers=headers) as response:
                etag = response.headers["ETag"]
                assert response.headers.get("Content-Encoding", "identity") == coding
                assert response.headers["Cache-Control"] == "no-cache"
            for known in (etag, f'"other", {etag}', "*", f"W/{etag}"):
                async with client.get("/", headers=headers | {"If-None-Match": known}) as response:
                    assert (response.status, await response.read()) == (304, b"")
                    assert response.headers["ETag"] == etag
            async with client.get("/", headers=headers | {"If-None-Match": '"other"'}) as response:
                assert response.status == 200
            etags.add(etag)
        assert len(etags) == 2


async def test_it_is_small(keyed: Service) -> None:
    size = 0
    headers = {"Accept": BROWSER, "Accept-Encoding": "gzip, deflate, br, zstd"}
    async with aiohttp.ClientSession(keyed.url, auto_decompress=False, headers=headers) as client:
        for path in ["/", *(f"/page/{name}" for name in ASSETS if name != PAGE)]:
            async with client.get(path) as response:
                size += len(await response.read())
                assert response.headers["Content-Encoding"] == "gzip"
    assert size < MOST_BYTES, size


def test_nothing_of_it_makes_markup_of_text_or_asks_another_host() -> None:
    for name, asset in ASSETS.items():
        text = asset.bodies["identity"].decode()
        bad = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc"
        assert not re.search(bad, text), name
        assert not re.search(r"localStorage|document\.cookie|appid", text), name
        urls = [url for url in re.findall(r"(?:https?:)?//[\w.-]+\.\w+", text) if "www.w3.org" not in url]
        assert urls == [], name
    page = ASSETS[PAGE].bodies["identity"].decode()
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|style=", page)
    for asset in re.findall(r"/page/([\w.]+)", page):
        assert asset in ASSETS


def test_it_knows_the_words_of_the_api() -> None:
    script = ASSETS["wire.js"].bodies["identity"].decode()
    words = {name: orjson.loads(values) for name, values in re.findall(r"const (\w+) = (\[.*\]);", script)}
    assert words == {
        "TYPES": [*LINE_TYPES],
        "REASONS": [*REASONS],
        "OUTCOMES": [*ONLY],
        "FAILURES": sorted(FAILURES),
        "UNENDED": [*UNENDED],
    }
    countries = re.search(r'COUNTRY_CODES = "([A-Z ]*)"', script)
    assert countries
    assert countries[1].split() == sorted(phonenumbers.SUPPORTED_REGIONS)
    headings = ASSETS["text.js"].bodies["identity"].decode().partition("HEADINGS = {")[2].partition("}")[0]
    named = set(re.findall(r"(\w+):", headings))
    assert named
    assert named <= set(fields_of("validation"))
