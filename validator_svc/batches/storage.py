"""The object store that a URL names."""

import os
from pathlib import Path

from obstore.store import LocalStore, ObjectStore, from_url


def open_storage(url: str | None, data_dir: Path) -> ObjectStore:
    """The store at `url` (`file:///…`, `s3://bucket/prefix`, …); None: a directory in `data_dir`.

    Access to buckets is taken from the usual variables (`AWS_*`, …). Raises ValueError, OSError or
    obstore's errors for a URL that cannot be used.
    """
    if url is None or url.startswith("file://"):
        path = data_dir / "segments" if url is None else Path(url.removeprefix("file://"))
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return LocalStore(path, automatic_cleanup=True)
    # Who names a plain http endpoint, inside of one network, means it; the library asks to be told.
    allow_http = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    return from_url(url, client_options={"allow_http": allow_http})
