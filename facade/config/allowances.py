"""Rates and quotas as people write them: `60 requests/minute burst 20`, `1000 calls/day`."""

import re
from typing import Any, ClassVar

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from facade.config.section import Section
from facade.kernel import Counted, Period

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_WHOLE = 2**31
_COUNTED = "|".join(f"{c.value}?" for c in Counted)
_RATE = re.compile(
    rf"(?P<rate>\d+)\s+(?P<counts>{_COUNTED})\s*(?:/|\s+per\s+)\s*(?:(?P<times>\d+)\s*)?"
    rf"(?P<unit>{'|'.join(_SECONDS)})s?(?:\s+burst\s+(?P<burst>\d+))?"
)
_QUOTA = re.compile(rf"(?P<amount>\d+)\s+(?P<counts>{_COUNTED})\s*(?:/|\s+per\s+)\s*(?P<period>day|month)")


def _or_text(pattern: str) -> Any:
    def extend(schema: dict[str, Any]) -> None:
        written = dict(schema)
        schema.clear()
        schema["anyOf"] = [{"type": "string", "pattern": f"^{pattern}$"}, written]

    return extend


def _read(value: object, pattern: re.Pattern[str], told: tuple[str, str]) -> re.Match[str] | None:
    """The parts of a text; None for what is no text, and is read as a mapping."""
    if not isinstance(value, str):
        return None
    found = pattern.fullmatch(value.strip().lower())
    if found is None:
        kind, example = told
        facts = {"kind": kind, "example": example}
        raise PydanticCustomError("allowance.text", "is no {kind}; write it like `{example}`", facts)
    return found


def _counted(word: str) -> str:
    return word if word.endswith("s") else f"{word}s"


class RateSettings(Section):
    """A rate: `60 requests/minute burst 20`, or the same as a mapping."""

    model_config = ConfigDict(json_schema_extra=_or_text(r"\d+ \w+ *(/| per ).+"))
    example: ClassVar[str] = "60 requests/minute burst 20"

    counts: Counted
    """What is counted: requests, calls, writes or turns."""
    rate: int = Field(ge=1, lt=_WHOLE)
    """Units in the long run per `per_s`."""
    per_s: int = Field(default=60, ge=1, le=31 * 86_400)
    """Seconds that `rate` refers to."""
    burst: int | None = Field(default=None, ge=1, lt=_WHOLE)
    """Units at once; without it as many as `rate`."""
    name: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    """Name in `RateLimit-Policy`; without it made from the rest, such as `requests-per-60s`."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        found = _read(value, _RATE, ("rate", cls.example))
        if found is None:
            return value
        per_s = int(found["times"] or 1) * _SECONDS[found["unit"]]
        return {
            "counts": _counted(found["counts"]),
            "rate": int(found["rate"]),
            "per_s": per_s,
            "burst": found["burst"] and int(found["burst"]),
        }

    @property
    def label(self) -> str:
        """The name, given or made."""
        return self.name or f"{self.counts.value}-per-{self.per_s}s"


class QuotaSettings(Section):
    """A quota of a calendar day or month (UTC): `1000 calls/day`, or the same as a mapping."""

    model_config = ConfigDict(json_schema_extra=_or_text(r"\d+ \w+ *(/| per ).+"))
    example: ClassVar[str] = "1000 calls/day"

    counts: Counted
    """What is counted: requests, calls, writes or turns."""
    amount: int = Field(ge=0, lt=_WHOLE)
    """Units in each period; 0 forbids them."""
    period: Period
    """Calendar window, UTC: day or month."""
    name: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    """Name in `RateLimit-Policy`; without it made from the rest, such as `calls-per-day`."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        found = _read(value, _QUOTA, ("quota", cls.example))
        if found is None:
            return value
        return {"counts": _counted(found["counts"]), "amount": int(found["amount"]), "period": found["period"]}

    @property
    def label(self) -> str:
        """The name, given or made."""
        return self.name or f"{self.counts.value}-per-{self.period.value}"
