"""One API behind the facade: where it is, what describes it, what it is told about the tenant."""

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from facade.config.section import Networks, Section, one_as_many, surroundings_of
from facade.config.templates import Template, holes_of
from facade.config.upstream import BreakerSettings, OutlierSettings, ShareSettings, UpstreamTlsSettings
from facade.kernel import FRAMING_HEADERS, HEADER_NAME, Location, WriteClass

_PIN = re.compile(rf"(?:{'|'.join(x.value for x in Location)})\.[^\s.]\S*\Z")


def _origin(url: str) -> str:
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise PydanticCustomError("url", "should be an address such as https://app.example")
    if parts.username is not None or parts.query or parts.fragment:
        raise PydanticCustomError("url", "should have no user, query or fragment; credentials belong in `context`")
    if parts.path not in {"", "/"}:
        message = "should end after the host; put {path} into `base_path`"
        raise PydanticCustomError("url", message, {"path": parts.path})
    return url.rstrip("/")


def _origins(written: tuple[str, ...]) -> tuple[str, ...]:
    origins = tuple(_origin(each) for each in written)
    twice = next((each for i, each in enumerate(origins) if each in origins[:i]), None)
    if twice is not None:
        raise PydanticCustomError("upstream.twice", "names {origin} twice; remove one", {"origin": twice})
    if len({urlsplit(each).scheme for each in origins}) > 1:
        raise PydanticCustomError("upstream.schemes", "mixes http and https; write all of them alike")
    return origins


def _path(value: str) -> str:
    parts = value.split("/")
    if value and (parts[0] or not parts[1] or {".", ".."} & set(parts) or not re.fullmatch(r"[\w\-.~/]*", value)):
        raise PydanticCustomError("path", "should be a plain path such as /api/v1")
    return value.rstrip("/")


def _mount(value: str) -> str:
    return value if value == "/" else _path(value)


def _locator(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str) or not value:
        return value
    return value if re.match(r"https?://", value) else str(surroundings_of(info).base_dir / value)


def _header(name: str) -> str:
    if name.lower() in FRAMING_HEADERS:
        raise PydanticCustomError("header.framing", "{name} is set by HTTP itself; remove it", {"name": name})
    return name


def _pin(name: str) -> str:
    if not _PIN.match(name):
        places = ", ".join(f"{x.value}.NAME" for x in Location)
        raise PydanticCustomError("pin", "should name a parameter as one of {places}", {"places": places})
    return name


Origins = Annotated[
    tuple[str, ...],
    BeforeValidator(one_as_many),
    AfterValidator(_origins),
    Field(min_length=1, max_length=64),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
"""Scheme, host and port of the application; or several of them."""
PlainPath = Annotated[str, AfterValidator(_path)]
"""'' or a path that begins with a slash and does not end with one."""
MountPath = Annotated[str, AfterValidator(_mount)]
"""'/' or a plain path."""
Locator = Annotated[str, BeforeValidator(_locator)]
"""A URL, or a file relative to the settings file."""
HeaderName = Annotated[str, Field(pattern=f"^{HEADER_NAME.pattern}$"), AfterValidator(_header)]
"""A header that is not part of HTTP's own framing."""
PinName = Annotated[str, AfterValidator(_pin)]
"""`path.NAME`, `query.NAME`, `header.NAME`, `cookie.NAME` or `body.NAME`."""
Switch = Annotated[Literal["off", "observe", "enforce"], BeforeValidator(lambda v: "off" if v is False else v)]
"""YAML 1.1 readers turn a bare `off` into false; both mean the same here."""


class TimeoutSettings(Section):
    """How long the application may take, in seconds."""

    connect_s: float = Field(default=5, gt=0, le=600)
    """Until a connection stands."""
    first_byte_s: float = Field(default=30, gt=0, le=3600)
    """From the request's end to the answer's first byte."""
    total_s: float = Field(default=60, gt=0, le=86_400)
    """A whole agent call."""
    idle_s: float = Field(default=60, gt=0, le=86_400)
    """Longest silence of the application while the proxy passes an exchange on."""
    keep_alive_s: float = Field(default=15, gt=0, le=3600)
    """How long an idle connection is kept; shorter than the application keeps it."""


def _or_word(schema: dict[str, Any]) -> None:
    written = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"enum": ["none", "passthrough"]}, written]


class CredentialSettings(Section):
    """A credential header of our own making; or, as a text, `none` or `passthrough` (the caller's own)."""

    model_config = ConfigDict(json_schema_extra=_or_word)

    kind: Literal["none", "passthrough", "header"] = "header"
    """`none`, `passthrough` or `header`; usually left out."""
    header: HeaderName | None = None
    """Name of the header, such as Authorization."""
    value: Template | None = None
    """Its template, such as `Bearer {secret}`."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if value is None or value in ("none", "passthrough"):
            return {"kind": value or "none"}
        if isinstance(value, str):
            raise PydanticCustomError("credential", "should be `none`, `passthrough` or {{header, value}}")
        return value

    @model_validator(mode="after")
    def _whole(self) -> "CredentialSettings":
        if (self.kind == "header") != bool(self.header and self.value):
            raise PydanticCustomError("credential", "needs both `header` and `value`, or neither with a `kind`")
        return self


class ContextSettings(Section):
    """What the application is told about the tenant.

    A client's own copies are dropped (headers) or refused (pins). Where no tenant is recognised, a credential of the
    client's own travels on, so that the application decides as it always did.
    """

    headers: dict[HeaderName, Template] = Field(default_factory=dict)
    """Headers by name, each with its template: `X-Account: "{attributes.account_id}"`."""
    pins: dict[PinName, Template] = Field(default_factory=dict)
    """Parameters filled in every operation that has them: `path.account_id: "{attributes.account_id}"`."""
    credential: CredentialSettings = CredentialSettings(kind="none")
    """How the application knows who calls: `none`, `passthrough`, or `{header, value}`."""

    @property
    def templates(self) -> tuple[tuple[str, str], ...]:
        """Every template with its place below `context`."""
        credential = self.credential.value
        return (
            *((f"headers.{name}", value) for name, value in self.headers.items()),
            *((f"pins.{name}", value) for name, value in self.pins.items()),
            *((("credential.value", credential),) if credential is not None else ()),
        )


class OperationSettings(Section):
    """What the description leaves out or gets wrong about one operation."""

    write_class: WriteClass | None = None
    """`read`, `write` or `destroy`; without it by method. Consent is asked by this."""
    title: str | None = Field(default=None, min_length=1, max_length=80)
    """A short name for people."""
    description: str | None = None
    """What it does, in place of the description's own words."""
    hide: bool = False
    """True keeps it from agents; the proxy passes it all the same."""
    allow: bool = False
    """True hands it to agents although a rule calls it risky; `facade operations --kept` lists those."""
    idempotency_header: HeaderName | None = None
    """Header in which the application honours an idempotency key; only then is a write tried again."""


class ObserveSettings(Section):
    """Comparing proxied traffic with the description, off the path of the traffic or on it."""

    mode: Switch = "off"
    """`off`; `observe`: count differences, change nothing; `enforce`: refuse what differs, 422 for a request, 502 in
    place of an answer."""
    enforce: Literal["both", "requests", "responses"] = "both"
    """What `enforce` holds to the contract."""
    undescribed: Literal["pass", "refuse"] = "pass"
    """What `enforce` does with requests that no operation describes."""
    sample: float = Field(default=1.0, ge=0, le=1)
    """Share of exchanges that `observe` looks at; `enforce` looks at all of them."""
    max_bytes: int = Field(default=262_144, ge=1024, le=16_777_216)
    """Bodies above this are not looked at. With `enforce`, a larger JSON or form request is refused, and a larger
    answer passes and is counted as `body.unchecked`."""


class ApiSettings(Section):
    """One application."""

    spec: Locator = Field(min_length=1)
    """Its OpenAPI description: a URL or a file, JSON or YAML."""
    upstream: Origins
    """Its address: scheme, host and port; or a list of them, where several serve the same."""
    base_path: PlainPath = ""
    """What stands before the description's paths, such as /api/v1. The description's `servers` are not believed."""
    mount: MountPath = "/"
    """Where the proxy offers it; several APIs need different ones."""
    host_header: Literal["upstream", "client"] = "upstream"
    """Which Host the application sees; `client` keeps links that reflect it."""
    location: Literal["keep", "rewrite"] = "keep"
    """`rewrite` puts the client's address in place of the application's own in `Location` and `Content-Location`."""
    timeouts: TimeoutSettings = TimeoutSettings()
    """Deadlines."""
    tls: UpstreamTlsSettings | None = None
    """How TLS is spoken with it, and with its description's address when that is the same host."""
    max_response_bytes: int = Field(default=8_388_608, ge=1024, le=1_073_741_824)
    """The largest answer that an agent call reads, decoded."""
    checked_bytes: int = Field(default=1_048_576, ge=1024, le=1_073_741_824)
    """Larger answers of agent calls are not held against the description, and counted as `body.unchecked`."""
    connections: int = Field(default=128, ge=1, le=10_000)
    """Requests to it at once, and so connections in use."""
    shares: ShareSettings = ShareSettings()
    """Who may hold how many of them."""
    breaker: BreakerSettings = BreakerSettings()
    """When it is given a rest."""
    outliers: OutlierSettings = OutlierSettings()
    """When one of several addresses is left out."""
    networks: Networks = ()
    """Networks that its address must lie in, such as 10.0.0.0/8; none means wherever its name leads."""
    attempts: int = Field(default=2, ge=1, le=5)
    """Tries of a call that may safely be repeated, the first included."""
    context: ContextSettings = ContextSettings()
    """What it is told about the tenant."""
    operations: dict[str, OperationSettings] = Field(default_factory=dict)
    """Corrections by operation id or `METHOD /path`."""
    observe: ObserveSettings = ObserveSettings()
    """Whether proxied traffic is compared with the description."""

    @property
    def tenant_wide(self) -> bool:
        """True when the application sees one credential for all users of a tenant, or for everybody (D2)."""
        context = self.context
        return context.credential.kind == "header" or any("secret" in holes_of(t) for _, t in context.templates)
