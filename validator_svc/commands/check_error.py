"""What ends `validator-svc check` before its time."""


class CheckError(Exception):
    """Arguments or input that cannot be used, or what stands in the way, in one line."""
