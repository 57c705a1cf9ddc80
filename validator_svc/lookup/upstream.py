"""What can go wrong at an upstream, told apart by what may be done about it."""


class UpstreamError(Exception):
    """The upstream gave no usable answer; what was asked may have been billed all the same."""


class TimedOutError(UpstreamError):
    """No answer in time."""


class MalformedReplyError(UpstreamError):
    """What the upstream sent is not an answer."""


class RefusedError(UpstreamError):
    """The key is wrong, or may not do this. An operator has to act."""


class NoFundsError(UpstreamError):
    """The account is empty. An operator has to act."""


class UnknownJobError(UpstreamError):
    """The upstream does not know the job, or does not know it any more."""


class NotProcessedError(UpstreamError):
    """The upstream did nothing, and said so or was not reached: asking again is safe."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
