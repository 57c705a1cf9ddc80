"""What is wrong with a file, said so that its owner can mend it."""

from collections.abc import Callable
from typing import NamedTuple

from validator_svc.redaction import masked


class Option(NamedTuple):
    """What would help with a file if it were said: a name, the same at every entrance, and a sample value."""

    name: str
    sample: str


class UnreadableFileError(Exception):
    """A file that cannot be read on; nothing of it after `line_number` was looked at.

    `message` names what was found and what was expected, and holds no phone number. `line_number`
    counts from 1; None where the whole file is meant. `option` would help, where one would.
    """

    def __init__(self, message: str, line_number: int | None = None, option: Option | None = None) -> None:
        # Where a name of a column or sheet is repeated, it may be a number that stands in the header's place.
        self.message = masked(message)
        super().__init__(self.message, line_number)
        self.line_number = line_number
        self.option = option

    def __str__(self) -> str:
        return self.message if self.line_number is None else f"line {self.line_number}: {self.message}"


def advised(error: Exception, how_to_say: Callable[[Option], str]) -> str:
    """What is wrong, and what to type about it where an option would help; each entrance has its own way."""
    option = error.option if isinstance(error, UnreadableFileError) else None
    return str(error) if option is None else f"{error}; {how_to_say(option)}"


class UnwritableError(Exception):
    """Results that the format asked for does not hold; the message says what was expected."""
