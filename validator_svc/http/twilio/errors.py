"""Errors in the shape of Twilio's API, which its clients raise as their own."""

PREFIX = "/v2/"
"""Of the paths that belong to it."""

CODES = {400: 20001, 401: 20003, 405: 20004}
"""By status; of the others the code ends in the status."""
OTHER_CODES = 20_000


def is_its_path(path: str) -> bool:
    """Whether a path is one of its API."""
    return path.startswith(PREFIX)


def error_body(status: int, message: str) -> dict[str, object]:
    """The body of an error with this status."""
    code = CODES.get(status, OTHER_CODES + status)
    return {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
