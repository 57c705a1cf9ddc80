"""Addresses that a caller gives us to call."""

from urllib.parse import urlsplit

from validator_svc.http.errors import bad_parameter

MAX_URL = 2_000


def checked_webhook(url: str | None) -> str | None:
    """Check the form of a webhook's URL; where it leads is checked when it is called.

    Raises ApiError 400.
    """
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or len(url) > MAX_URL or not url.isascii() or parts.username is not None:
        raise bad_parameter("webhook_url", "expected an http or https URL without credentials")
    return url
