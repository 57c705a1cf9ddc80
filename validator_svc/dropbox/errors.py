"""Why a file job ends before its time."""


class RejectedError(Exception):
    """The file cannot be answered; the message tells its owner why."""


class ChangedError(Exception):
    """The file was changed, or another one took its place: it is to settle anew."""


class WithdrawnError(Exception):
    """The file was taken out of the inbox."""


class StaleError(Exception):
    """The batch of another file, which was to answer this one for nothing, did not."""


class LostClaimError(Exception):
    """Another process works the file by now."""
