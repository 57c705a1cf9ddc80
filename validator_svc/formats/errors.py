"""What is wrong with a file, said so that its owner can mend it."""

from validator_svc.redaction import masked


class UnreadableFileError(Exception):
    """A file that cannot be read on; nothing of it after `line_number` was looked at.

    `message` names what was found and what was expected, and holds no phone number. `line_number`
    counts from 1; None where the whole file is meant.
    """

    def __init__(self, message: str, line_number: int | None = None) -> None:
        # Where a name of a column or sheet is repeated, it may be a number that stands in the header's place.
        self.message = masked(message)
        super().__init__(self.message, line_number)
        self.line_number = line_number

    def __str__(self) -> str:
        return self.message if self.line_number is None else f"line {self.line_number}: {self.message}"


class UnwritableError(Exception):
    """Results that the format asked for does not hold; the message says what was expected."""
