"""What the way to the engine answers instead of a receipt; known without Temporal's library."""

from __future__ import annotations

from workflows.rules.refusals import Refusal


class TemporalUnavailableError(Exception):
    """Temporal was not reached in time; the message (Chinese) names the address."""


class TemporalNotTrustedError(TemporalUnavailableError):
    """One side does not believe the other's certificate: asking again mends nothing."""

    code = "temporal_not_trusted"

    def __init__(self, told: str, mend: str) -> None:
        super().__init__(told + mend)
        self.told, self.mend = told, mend


class GatewayError(Exception):
    """Base of the four answers that are not a receipt."""


class RefusedByCaseError(GatewayError):
    """The case said no; `refusals` holds every reason."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(refusal.code for refusal in refusals))
        self.refusals = refusals


class NotFoundError(GatewayError):
    """There is no such case, open or closed."""

    def __init__(self, application: str) -> None:
        super().__init__(application)
        self.application = application


class UnavailableError(GatewayError):
    """Temporal or the workers cannot be reached; nothing was asked or only a reading failed."""


class UnknownError(GatewayError):
    """No answer in time: perhaps done, perhaps not. Ask again with the same request id."""

    def __init__(self, request_id: str, *, handed_over: bool = False) -> None:
        super().__init__(request_id)
        self.request_id = request_id
        self.handed_over = handed_over
