"""From a wish to an answer: `Call` -> `BuiltCall` -> `ApprovedCall` -> `Answer`. Each type is a receipt."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from facade.kernel.findings import Finding
from facade.kernel.operation import Operation, OperationKey
from facade.kernel.tenant import Counted, Secret, Standing, Tenant
from facade.kernel.values import Json, Micros


class Entrance(StrEnum):
    """Through which door a spend came in."""

    PROXY = "proxy"
    CHAT = "chat"
    MCP = "mcp"
    A2A = "a2a"
    AG_UI = "ag-ui"
    CONTROL = "control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """Arguments by location. `body` is the whole body; None means no body (a JSON null body is not supported)."""

    path: Mapping[str, Json] = field(default_factory=dict)
    query: Mapping[str, Json] = field(default_factory=dict)
    header: Mapping[str, Json] = field(default_factory=dict)
    cookie: Mapping[str, Json] = field(default_factory=dict)
    body: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operation with its arguments, as any agent entrance asks for it. Untrusted."""

    operation: OperationKey
    arguments: Arguments = Arguments()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRequest:
    """Exactly what goes on the wire: method, target (origin form, encoded), headers we set, body.

    Attributes:
        secret_headers: values that the digest and logs leave out (credentials).
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    secret_headers: tuple[tuple[str, Secret], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltCall:
    """A call that its contract allows, with its exact request. Made by `contract.build` alone.

    Attributes:
        contract_version: hash of the contract that built it.
        tenant_id: the tenant whose context filled it.
        digest: hash that consent binds (D4): contract version, tenant, method, target, headers we set, body.
    """

    call: Call
    operation: Operation
    request: OutboundRequest
    tenant_id: str
    contract_version: str
    digest: str


def digest_of(request: OutboundRequest, *, api: str, tenant_id: str, contract_version: str) -> str:
    """SHA-256 over a canonical, unambiguous encoding of what the user consents to."""
    body_hash = hashlib.sha256(request.body or b"").hexdigest()
    parts = [
        api,
        tenant_id,
        contract_version,
        request.method,
        request.target,
        sorted(request.headers),
        body_hash,
    ]
    canonical = json.dumps(parts, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A receipt: this tenant was admitted and charged for this. Made by `flow.spend` alone.

    Attributes:
        id: UUIDv7 of the spend.
        what: operation id, `METHOD /path` of a passage, or `turn`.
        units: what was charged.
        until: when whoever asked stops waiting; None for nothing said.
    """

    id: str
    tenant: Tenant
    entrance: Entrance
    api: str
    what: str
    method: str
    units: Mapping[Counted, int]
    request_id: str
    at: Micros
    standing: tuple[Standing, ...] = ()
    plan: str | None = None
    until: Micros | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedCall:
    """The only thing that the upstream accepts from agents. Made by `guard.approve` alone.

    Attributes:
        approval: id of the consent that covers it, or None where none is needed.
    """

    built: BuiltCall
    ticket: Ticket
    approval: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the application said.

    Attributes:
        body: parsed JSON, or None when it is not JSON.
        text: decoded body when it is textual and not JSON, cut to the size cap.
        size: octets of the body, content encodings undone; 0 where there was none or nobody counted.
        findings: where it differs from the contract.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str = ""
    body: Json = None
    text: str | None = None
    size: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """True for 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP success range

    def header(self, name: str) -> str | None:
        """First value of a header, by case-insensitive name."""
        return _first(self.headers, name.lower())


def _first(headers: Iterable[tuple[str, str]], lower_name: str) -> str | None:
    return next((v for k, v in headers if k.lower() == lower_name), None)
