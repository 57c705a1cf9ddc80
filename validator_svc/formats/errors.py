"""What is wrong with a file, said so that its owner can mend it."""


class UnreadableFileError(Exception):
    """A file that cannot be read on; nothing of it after `line_number` was looked at.

    `message` names what was found and what was expected, and holds no phone number. `line_number`
    counts from 1; None where the whole file is meant.
    """

    def __init__(self, message: str, line_number: int | None = None) -> None:
        super().__init__(message, line_number)
        self.message = message
        self.line_number = line_number

    def __str__(self) -> str:
        return self.message if self.line_number is None else f"line {self.line_number}: {self.message}"


class UnwritableError(Exception):
    """Results that the format asked for does not hold; the message says what was expected."""
