"""Findings are data: checks return them, policy decides what to do with them."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters; ERROR keeps an operation from agents, or a start from happening."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, where it is, and what would mend it.

    Attributes:
        code: stable, dotted, lower case, such as `schema.type`.
        place: RFC 6901 JSON pointer, settings path (`apis.main.spec`) or argument name.
        message: one clear line that says what is wrong and the mend.
    """

    code: str
    place: str
    message: str
    severity: Severity = Severity.ERROR
