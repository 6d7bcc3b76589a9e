"""The whole settings file (D7)."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from facade.config.apis import ApiSettings, PlainPath
from facade.config.contracts import CompilingSettings, ReloadSettings
from facade.config.identity import IdentitySettings
from facade.config.listen import LimitSettings, ListenSettings
from facade.config.section import Label, LocalPath, Networks, SecretText, Section, surroundings_of
from facade.config.tenants import RightsSettings, TenantSettings, TierSettings

_SQLITE = "sqlite:///"


def _database(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str) or not value.startswith(_SQLITE):
        return value
    return _SQLITE + str(surroundings_of(info).base_dir / value.removeprefix(_SQLITE))


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or f"{parts.scheme}://{parts.netloc}" != text:
        raise PydanticCustomError("origin", "should be an exact origin such as https://app.example, without a path")
    if text != text.lower() or "@" in text or "*" in text:
        raise PydanticCustomError("origin", "should be an exact origin in lower case, without a user or a wildcard")
    return text


def _not_root(path: str) -> str:
    if not path:
        raise PydanticCustomError("path", "should be a path of its own, such as /agent")
    return path


Database = Annotated[
    str, BeforeValidator(_database), Field(pattern=r"^(sqlite:///.+|memory:)$"), WithJsonSchema({"type": "string"})
]
Prefix = Annotated[PlainPath, AfterValidator(_not_root)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]
TenantId = Annotated[Label, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class ProxySettings(Section):
    """Existing clients of the application."""

    anonymous: Literal["pass", "refuse"] = "pass"
    """A request without a credential that we know: `pass` it on without any tenant context, so that the application
    decides as it always did, or `refuse` it."""
    trusted_proxies: Networks = ()
    """Addresses or networks in front of us whose forwarding headers are believed."""


class LedgerSettings(Section):
    """Usage and audit, append-only."""

    database: Database = Field(default="sqlite:///facade.db", validate_default=True)
    """The store: `sqlite:///FILE`, relative to the settings file; or `memory:`, which forgets when the process ends."""
    journal: LocalPath = Field(default=Path("facade.journal"), validate_default=True)
    """Folder of the journal that is written before anything leaves; on a local disk."""

    @field_validator("journal", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return str(value) if isinstance(value, Path) else value


class LogSettings(Section):
    """What is said on standard error, one JSON object a line. Never tokens, bodies or arguments."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important level that is written."""


class MonitoringSettings(Section):
    """Metrics and findings of the whole facade. They name operations, never tenants."""

    token: SecretText | None = None
    """What a scraper or a browser must show, as a bearer or as a Basic password; without it whoever reaches the port
    may look."""


class ApprovalSettings(Section):
    """Consent to writes."""

    expires_s: int = Field(default=300, ge=10, le=86_400)
    """How long a proposal waits for its answer."""


class ChatSettings(Section):
    """The chat entrance."""

    model: str = Field(default="facade", pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$")
    """The model name that frontends see and send."""
    max_message_chars: int = Field(default=4000, ge=100, le=100_000)
    """Longest user message, in characters."""
    page: bool = True
    """Serve the chat page for people at `PREFIX/chat`."""
    name: str = Field(default="Facade", min_length=1, max_length=40)
    """What the chat page calls itself, such as your product's name."""


class CorsSettings(Section):
    """Pages of other origins that may use our own API from a browser."""

    origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = ()
    """Exact origins such as `https://app.example`; none by default. The application's own CORS is its own."""


class Settings(Section):
    """The settings of one facade. An unknown key stops the start."""

    version: Literal[1]
    """Version of this form: 1."""
    listen: ListenSettings = ListenSettings()
    """Where clients reach us."""
    prefix: Prefix = "/agent"
    """Where our own entrances stand; every other path belongs to the application."""
    mode: Literal["proxy", "agent_only"] = "proxy"
    """`proxy` also passes every other path on; `agent_only` answers nothing else."""
    apis: dict[Name, ApiSettings] = Field(min_length=1)
    """The applications by name; one is enough."""
    identity: IdentitySettings
    """Whom we believe."""
    tiers: dict[Name, TierSettings] = Field(min_length=1)
    """Limits and rights by name."""
    tenants: dict[TenantId, TenantSettings] = Field(default_factory=dict)
    """Customers declared here, by id."""
    provision: str | None = None
    """Tier of customers without a record; without it they are refused."""
    roles: dict[str, RightsSettings] = Field(default_factory=dict)
    """Rights by role; a user has the union of its roles. None declared: roles do not narrow."""
    roles_optional: bool = False
    """With a credential for a whole tenant the application cannot tell its users apart, so roles must be declared;
    true says that every user of a tenant may do all that its tier allows."""
    proxy: ProxySettings = ProxySettings()
    """Existing clients."""
    ledger: LedgerSettings = LedgerSettings()
    """Usage and audit."""
    monitoring: MonitoringSettings = MonitoringSettings()
    """Who may look at metrics and findings."""
    log: LogSettings = LogSettings()
    """What is said on standard error."""
    limits: LimitSettings = LimitSettings()
    """Bounds of the whole process."""
    approvals: ApprovalSettings = ApprovalSettings()
    """Consent to writes."""
    compiling: CompilingSettings = CompilingSettings()
    """How descriptions are read."""
    reload: ReloadSettings = ReloadSettings()
    """When descriptions are read again."""
    chat: ChatSettings = ChatSettings()
    """The chat entrance."""
    cors: CorsSettings = CorsSettings()
    """Pages of other origins."""

    @model_validator(mode="before")
    @classmethod
    def _paths_follow_the_file(cls, value: object) -> object:
        return {"ledger": {}, "compiling": {}, **value} if isinstance(value, dict) else value
