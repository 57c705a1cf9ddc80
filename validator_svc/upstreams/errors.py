"""What can go wrong at an upstream, told apart by what may be done about it."""

from validator_svc.upstreams.outcome import Unanswered


class UpstreamError(Exception):
    """The upstream gave no usable answer; what was asked may have been billed all the same."""

    unanswered: Unanswered | None = Unanswered.LOST
    """What becomes of the numbers of the request."""


class TimedOutError(UpstreamError):
    """No answer in time; it may have been billed and may still be under way."""

    unanswered = None


class MalformedReplyError(UpstreamError):
    """What the upstream sent is not an answer."""


class RefusedError(UpstreamError):
    """The key is wrong, or may not do this. An operator has to act."""

    unanswered = Unanswered.NOT_ASKED


class NoFundsError(UpstreamError):
    """The account is empty. An operator has to act."""

    unanswered = Unanswered.NOT_ASKED


class UnacceptedError(UpstreamError):
    """The upstream takes no such request (400, 413 …): asking the same again is pointless."""

    unanswered = None


class UnavailableError(UpstreamError):
    """The upstream says that it is not available (503), but not when to come back."""

    unanswered = Unanswered.UNAVAILABLE


class UnknownRouteError(UpstreamError):
    """There is nothing at this address (404)."""

    unanswered = Unanswered.NOT_ASKED


class LostJobError(UpstreamError):
    """A job was accepted and its results cannot be had (any more)."""

    unanswered = None


class UnreachedJobError(UpstreamError):
    """The upstream does not tell of a job now; it is noted, so asking for its numbers goes on with it."""

    unanswered = Unanswered.UNDER_WAY


class NotProcessedError(UpstreamError):
    """The upstream did nothing, and said so or was not reached: asking again is safe."""

    unanswered = Unanswered.NOT_ASKED

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
