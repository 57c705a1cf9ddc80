"""What pages are made of: bytes that never change while the service runs, packed once, with an ETag."""

import gzip
import hashlib
from importlib import resources
from typing import Literal

from aiohttp import web

from validator_svc.http.accept import best_coding

Coding = Literal["gzip", "identity"]
CODINGS: tuple[Coding, ...] = ("gzip", "identity")
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# A page asks nobody but this service, and runs nothing but its own scripts; none makes markup of text.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    # Another version of the service has another page: browsers ask each time whether it is the same.
    "Cache-Control": "no-cache",
    "Vary": "Accept, Accept-Encoding",
}


class Asset:
    """A file of a page, as it is and packed."""

    def __init__(self, body: bytes, media_type: str) -> None:
        self.media_type = media_type
        self.bodies: dict[Coding, bytes] = {"identity": body, "gzip": gzip.compress(body, 9, mtime=0)}
        self.digest = hashlib.sha256(body).hexdigest()[:20]

    def answer(self, request: web.Request) -> web.Response:
        """200 with the body as the client likes it; 304 for one that has it."""
        coding = best_coding(request, CODINGS, "identity")
        etag = f"{self.digest}-{coding}"
        headers = {**HEADERS, "ETag": f'"{etag}"'}
        known = request.if_none_match or ()
        if any(each.value in (etag, "*") for each in known):
            return web.Response(status=304, headers=headers)
        if coding != "identity":
            headers["Content-Encoding"] = coding
        charset = None if self.media_type.startswith("application/") else "utf-8"
        return web.Response(
            body=self.bodies[coding], content_type=self.media_type, charset=charset, headers=headers
        )


def assets_in(package: str) -> dict[str, Asset]:
    """The files in the folder `assets` of a package, by name."""
    folder = resources.files(package) / "assets"
    return {
        each.name: Asset(each.read_bytes(), TYPES[f".{each.name.rpartition('.')[2]}"])
        for each in folder.iterdir()
        if each.is_file()
    }
