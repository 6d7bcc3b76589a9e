"""Customers, tiers and roles, as the settings file declares them."""

from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from facade.config.allowances import QuotaSettings, RateSettings
from facade.config.section import Label, SecretText, Section, Texts
from facade.kernel import Autonomy, TenantState


def _rule_or_text(schema: dict[str, Any]) -> None:
    written = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string"}, written]


class RuleSettings(Section):
    """Selects operations; every selector given must match. Also a text: an operation id or glob (`tickets.*`),
    or method and path (`GET /tickets*`)."""

    model_config = ConfigDict(json_schema_extra=_rule_or_text)

    operations: Texts = ()
    """Operation ids or globs."""
    methods: Texts = ()
    """HTTP methods."""
    paths: Texts = ()
    """Path templates as in the description, or globs. A request that the description lacks is judged by its whole path
    at the application, base path included."""
    tags: Texts = ()
    """Tags of the description, or globs."""
    apis: Texts = ()
    """Names under `apis`, or globs."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        method, gap, path = value.strip().partition(" ")
        if gap and path.strip().startswith(("/", "*")):
            return {"methods": [method], "paths": [path.strip()]}
        return {"operations": [value]}

    @field_validator("methods")
    @classmethod
    def _upper(cls, methods: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(m.upper() for m in methods)

    @model_validator(mode="after")
    def _selects(self) -> "RuleSettings":
        if not (self.operations or self.methods or self.paths or self.tags or self.apis):
            raise PydanticCustomError("rule.empty", "selects nothing; name operations, methods, paths, tags or apis")
        return self


class RightsSettings(Section):
    """Which operations may be called."""

    allow: tuple[RuleSettings, ...] = ()
    """An operation must match one of these; none listed allows all."""
    deny: tuple[RuleSettings, ...] = ()
    """An operation that matches one of these is refused, whatever `allow` says."""


class TierSettings(RightsSettings):
    """A named set of limits, rights and prices."""

    autonomy: Autonomy = Autonomy.CONFIRM
    """What an agent may do unasked: `read_only` never writes, `confirm` writes after consent, `auto` writes at once."""
    rates: tuple[RateSettings, ...] = ()
    """Rates, all of which hold."""
    quotas: tuple[QuotaSettings, ...] = ()
    """Quotas of the calendar day or month (UTC), all of which hold."""
    concurrency: int = Field(default=0, ge=0, le=100_000)
    """Exchanges in flight at once per tenant; 0 means unbounded."""
    max_writes: int = Field(default=20, ge=1, le=1000)
    """The largest set of writes that one approval may cover."""
    price_list: str = "none"
    """Version of the prices that usage records refer to."""

    @model_validator(mode="after")
    def _distinct(self) -> "TierSettings":
        labels = [*(rate.label for rate in self.rates), *(quota.label for quota in self.quotas)]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            message = "has two limits named {name}; give one of them another `name`"
            raise PydanticCustomError("tier.limits", message, {"name": twice[0]})
        return self


class TenantSettings(Section):
    """A customer declared here; the control plane cannot change it."""

    tier: str
    """Name under `tiers`."""
    state: TenantState = TenantState.ACTIVE
    """`active`, or `suspended`: known, and refused."""
    attributes: dict[str, Label] = Field(default_factory=dict)
    """Names that context templates may use as `{attributes.NAME}`, such as `account_id`."""
    secret: SecretText | None = None
    """The application's credential of this whole customer, for templates as `{secret}`."""
    locale: str = Field(default="en", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    """Language of its users, BCP 47."""
    time_zone: str = "UTC"
    """IANA name; relative dates are read in it."""

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (KeyError, ValueError, OSError):
            raise PydanticCustomError(
                "time_zone", "should be an IANA name such as Europe/Berlin, not {name}", {"name": name}
            ) from None
