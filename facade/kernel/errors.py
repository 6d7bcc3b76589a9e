"""The error tree: shallow, named by what happened, free of HTTP.

`edge/problem.py` alone maps a leaf to a status and a title. A message names our concepts, never a driver, a key or
another tenant.
"""

from typing import ClassVar

from facade.kernel.findings import Finding
from facade.kernel.tenant import Standing
from facade.kernel.values import Micros


class FacadeError(Exception):
    """Something a caller can be told about. Only leaves are raised."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Unauthenticated(FacadeError):
    """The credential is missing, malformed, expired or not one we trust; `doubt`: nobody could be asked just now."""

    code = "unauthenticated"

    def __init__(self, detail: str, *, doubt: bool = False) -> None:
        super().__init__(detail)
        self.doubt = doubt


class Forbidden(FacadeError):
    """The principal is known, but this is outside its tenant, tier or role."""

    code = "forbidden"


class NotFound(FacadeError):
    """Nothing of that name exists for this principal."""

    code = "not_found"


class InvalidRequest(FacadeError):
    """The request to us is malformed; `place` is the field, header or argument."""

    code = "invalid_request"

    def __init__(self, detail: str, *, place: str = "") -> None:
        super().__init__(detail)
        self.place = place


class TooLarge(FacadeError):
    """The request to us is larger than we take; `place` is what is too large."""

    code = "too_large"

    def __init__(self, detail: str, *, place: str) -> None:
        super().__init__(detail)
        self.place = place


class ContextConflict(FacadeError):
    """The client sent a value of its own for something that the tenant context fixes."""

    code = "context_conflict"

    def __init__(self, detail: str, *, place: str) -> None:
        super().__init__(detail)
        self.place = place


class ContractViolation(FacadeError):
    """The contract does not allow this call; the findings say where."""

    code = "contract_violation"

    def __init__(self, detail: str, *, findings: tuple[Finding, ...]) -> None:
        super().__init__(detail)
        self.findings = findings


class ConsentInvalid(FacadeError):
    """The approval is absent, expired, used, declined, another principal's, or for other calls."""

    code = "consent_invalid"


class LimitExceeded(FacadeError):
    """A rate, a quota or a concurrency cap of the tenant is reached.

    Attributes:
        retry_after: how long until one unit is available again.
        policies: names of the violated limits, as in `RateLimit-Policy`.
        standing: where each limit that counts this stands now; the refusal's `RateLimit` fields (I4).
    """

    code = "limit_exceeded"

    def __init__(
        self,
        detail: str,
        *,
        retry_after: Micros,
        policies: tuple[str, ...],
        standing: tuple[Standing, ...] = (),
    ) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.policies = policies
        self.standing = standing


class Overloaded(FacadeError):
    """We, not the tenant, are out of room for a moment."""

    code = "overloaded"

    def __init__(self, detail: str, *, retry_after: Micros) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class LedgerUnavailable(FacadeError):
    """The ledger cannot be written, so nothing billable may start."""

    code = "ledger_unavailable"


class UpstreamUnavailable(FacadeError):
    """No connection to the application was made; nothing was sent.

    Attributes:
        retry_after: where none was tried, because it failed too often: until the next one is; None otherwise.
    """

    code = "upstream_unavailable"

    def __init__(self, detail: str, *, retry_after: Micros | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class UpstreamTimeout(FacadeError):
    """The application did not answer a read within its deadline."""

    code = "upstream_timeout"


class UpstreamBroken(FacadeError):
    """The application's answer to a read was cut, malformed or too large.

    Attributes:
        stale: a connection that was kept ended before any of an answer came; most likely the request was not read.
    """

    code = "upstream_broken"

    def __init__(self, detail: str, *, stale: bool = False) -> None:
        super().__init__(detail)
        self.stale = stale


class OutcomeUnknown(FacadeError):
    """A write was sent and its answer was lost: it may or may not have happened, and is not sent again."""

    code = "outcome_unknown"


class SettingsInvalid(FacadeError):
    """The settings do not hold together; every problem is in `findings`."""

    code = "settings_invalid"

    def __init__(self, detail: str, *, findings: tuple[Finding, ...]) -> None:
        super().__init__(detail)
        self.findings = findings


class DescriptionInvalid(FacadeError):
    """The OpenAPI description as a whole cannot be used; single operations become findings instead."""

    code = "description_invalid"

    def __init__(self, detail: str, *, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(detail)
        self.findings = findings
