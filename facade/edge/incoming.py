"""A request as the stages of one passage see it, and the passage that is made of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web

from facade import contract as contracts
from facade.contract import Contract, Match, Meant
from facade.edge.enforcing import Enforcement
from facade.edge.headers import Caller, ForwardRules, Peer, asked_at, to_application
from facade.edge.informing import Informing
from facade.edge.leaving import spoken
from facade.edge.locations import Moved
from facade.edge.observing import Tee, Watch
from facade.edge.server import REQUEST_ID
from facade.identity import Credential
from facade.kernel import Context, CredentialKind, Pin, Tenant
from facade.ports import Passage, Ports, Relay
from facade.tenancy import owned_headers, secret_headers


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxiedApi:
    """One application in the proxy.

    Attributes:
        mount: what is cut from the front of its paths; '' for nothing.
        watch: compares its traffic with the contract; None does not look.
        enforcement: holds its traffic to the contract; None lets it differ.
    """

    name: str
    relay: Relay
    mount: str = ""
    forward: ForwardRules = field(default_factory=ForwardRules)
    watch: Watch | None = None
    enforcement: Enforcement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Whose passage it is, by which credential, and what the application is told of it."""

    tenant: Tenant
    context: Context
    credential: Credential


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request as the stages of one passage see it.

    Attributes:
        ports: the same for the passage's whole life, also when the settings are reloaded.
        target: origin form as the application gets it; `path` and `query` are its parts.
        known: None for traffic that nobody vouches for.
        meant: without a match, the operations that the application might serve all the same.
        informing: what the client is told before its answer.
        asked, answered: what is kept of the two bodies for the watch; None when it does not look.
    """

    request: web.Request
    informing: Informing
    ports: Ports
    api: ProxiedApi
    target: str
    path: str
    query: str
    known: Known | None
    contract: Contract | None
    match: Match | None
    meant: tuple[Meant, ...]
    asked: Tee | None
    answered: Tee | None

    @property
    def pins(self) -> tuple[Pin, ...]:
        """What the tenant's context fixes."""
        return self.known.context.pins if self.known else ()


def incoming_of(request: web.Request, ports: Ports, api: ProxiedApi, known: Known | None) -> Incoming:
    """Take a request apart."""
    cut = request.raw_path[len(api.mount) :]
    target = cut if cut.startswith("/") else f"/{cut}"
    path, _, query = target.partition("?")
    contract = ports.catalogue.contracts.get(api.name)
    match = _match(contract, request.method, path) if contract else None
    looks = match is not None and api.watch is not None and api.watch.wants()
    return Incoming(
        request=request,
        informing=Informing(request),
        ports=ports,
        api=api,
        target=target,
        path=path,
        query=query,
        known=known,
        contract=contract,
        match=match,
        meant=contracts.meant(contract, path) if contract and known and match is None else (),
        asked=Tee(api.watch.most) if looks and api.watch else None,
        answered=Tee(api.watch.most) if looks and api.watch else None,
    )


def passage_of(incoming: Incoming, body: AsyncIterator[bytes] | None) -> Passage:
    """What goes to the application."""
    request, api, known = incoming.request, incoming.api, incoming.known
    rules = incoming.ports.context_rules[api.name]
    caller = Caller(
        context=known.context if known else None,
        owned=known.context.owned if known else owned_headers(rules),
        secrets=secret_headers(rules),
        credential=known.credential.header if known else "",
        ours=known is not None and known.credential.kind is CredentialKind.JWT,
        request_id=request[REQUEST_ID],
    )
    headers = to_application(
        request.raw_headers, caller, _peer(request), api.forward, new_trace=lambda: trace_of(request[REQUEST_ID])
    )
    return Passage(
        api=api.name,
        method=request.method,
        target=incoming.target,
        headers=headers,
        tenant=known.tenant if known else None,
        body=body,
        body_bytes=request.content_length,
        expects=incoming.informing.expects,
        waits=incoming.informing.waits,
        upgrade=_upgrade_of(request),
        informed=incoming.informing,
    )


def _peer(request: web.Request) -> Peer:
    return Peer(address=request.remote or "", scheme=request.scheme, host=request.headers.get("Host", ""))


def _upgrade_of(request: web.Request) -> bytes | None:
    """The protocols that the client wants to switch to; without `Connection: Upgrade` it names them in vain."""
    if "Upgrade" not in request.headers or not spoken(request):
        return None
    named = ",".join(request.headers.getall("Connection", ())).lower().split(",")
    if "upgrade" not in (token.strip() for token in named):
        return None
    return b", ".join(value for name, value in request.raw_headers if name.lower() == b"upgrade")


def moved_for(incoming: Incoming) -> Moved | None:
    """How the application's own address is replaced by the one that the client used."""
    rules = incoming.api.forward
    if not rules.origins:
        return None
    scheme, host = asked_at(incoming.request.raw_headers, _peer(incoming.request), rules)
    to = f"{scheme}://{host}"
    return Moved(origins=(*rules.origins, to) if rules.client_host else rules.origins, to=to, mount=rules.prefix)


def trace_of(request_id: str) -> bytes:
    """A `traceparent` that begins at us, made of the request's own id, so that both name each other; not sampled.

    Args:
        request_id: a UUID in its text form.
    """
    digits = request_id.replace("-", "")
    return f"00-{digits}-{digits[16:]}-00".encode()


def _match(contract: Contract, method: str, path: str) -> Match | None:
    """The operation; a HEAD without one of its own is judged as its GET."""
    found = contracts.match(contract, method, path)
    return contracts.match(contract, "GET", path) if found is None and method == "HEAD" else found
