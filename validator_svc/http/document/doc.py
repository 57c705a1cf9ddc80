"""What the declaration of a route says for its readers: what it takes and answers."""

from typing import NamedTuple

Schema = dict[str, object]


class Content(NamedTuple):
    """A body of one media type."""

    media_type: str
    schema: Schema | None = None
    """None where it is no JSON, and is told by its media type."""
    example: object = None
    lines: Schema | None = None
    """Of each line, where every line is a JSON value of its own."""
    file: str = ""
    """The name of an example at `/docs`, where it is no text."""


class Answer(NamedTuple):
    """What is answered when all is well."""

    status: int
    description: str
    contents: tuple[Content, ...] = ()
    headers: tuple[str, ...] = ()
    """Names in `HEADERS`."""
    makes: str = ""
    """The path of what was made, whose routes go on from here."""


class Doc(NamedTuple):
    """The documentation of a route."""

    name: str
    """Of the operation, in camel case; other programs call their functions so."""
    summary: str
    answers: tuple[Answer, ...]
    description: str = ""
    headers: tuple[str, ...] = ()
    """Names of `PARAMETERS` that are headers of the request."""
    bodies: tuple[Content, ...] = ()
    refusals: tuple[int, ...] = ()
    """Statuses of errors, beyond those that every route has."""
    optional: tuple[str, ...] = ()
    """Parameters that other routes require."""
    is_twilio: bool = False
    """Whether it speaks Twilio's API: its errors have that one's shape, and keys come as it has it."""
