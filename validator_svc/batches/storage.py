"""The object store that a URL names."""

import os
from datetime import timedelta
from pathlib import Path

from obstore.store import LocalStore, ObjectStore, from_url

from validator_svc.data_directory import open_directory, open_own_directory

# By itself the library goes on for three minutes, in which nobody is told why nothing happens.
ANSWER = timedelta(seconds=20)
CONNECT = timedelta(seconds=5)
RETRIED = timedelta(seconds=30)
RETRIES = 5


def open_storage(url: str | None, data_dir: Path) -> ObjectStore:
    """The store at `url` (`file:///…`, `s3://bucket/prefix`, …); None: a directory in `data_dir`.

    Access to buckets is taken from the usual variables (`AWS_*`, …). Raises ValueError, OSError or
    obstore's errors for a URL that cannot be used.
    """
    if url is None or url.startswith("file://"):
        path = data_dir / "segments" if url is None else Path(url.removeprefix("file://"))
        open_directory(data_dir if url is None else path)
        if url is None:
            open_own_directory(path)
        # Where the directory itself is open for others to read, what is in it is not.
        open_own_directory(path / "batches")
        return LocalStore(path, automatic_cleanup=True)
    # Who names a plain http endpoint, inside of one network, means it; the library asks to be told.
    allow_http = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    return from_url(
        url,
        client_options={"allow_http": allow_http, "timeout": ANSWER, "connect_timeout": CONNECT},
        retry_config={"max_retries": RETRIES, "retry_timeout": RETRIED},
    )


def root_of(store: ObjectStore) -> Path | None:
    """The directory of a store that is one."""
    return Path(store.prefix) if isinstance(store, LocalStore) and store.prefix is not None else None


def link_on(root: Path, path: str) -> Path | None:
    """The first link among the folders and the file of an object, by which it would be somewhere else."""
    at = root
    for part in path.split("/"):
        at = at / part
        if at.is_symlink():
            return at
    return None


def remove_links(root: Path, path: str) -> None:
    """Remove links at and below a folder: erasing must not follow them. Raises OSError."""
    link = link_on(root, path)
    if link is not None:
        link.unlink()
    for folder, folders, files in os.walk(root / path):
        for each in (Path(folder, name) for name in folders + files):
            if each.is_symlink():
                each.unlink()
