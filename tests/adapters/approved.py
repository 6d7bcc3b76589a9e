"""An approved call for adapter tests: what `guard.approve` would hand over."""

from facade.kernel import (
    ApprovedCall,
    Arguments,
    BuiltCall,
    Call,
    Counted,
    CredentialKind,
    Entrance,
    Micros,
    Operation,
    OperationKey,
    OutboundRequest,
    Principal,
    Tenant,
    TenantRecord,
    Ticket,
    Tier,
    WriteClass,
)

TENANT = Tenant(
    id="acme",
    principal=Principal(
        issuer="https://id.example",
        subject="u1",
        user="u1",
        roles=frozenset(),
        tenants=("acme",),
        tier_claim=None,
        credential_kind=CredentialKind.JWT,
        credential_id="0" * 64,
        expires_at=None,
    ),
    record=TenantRecord(id="acme", tier="free"),
    tier=Tier(name="free"),
    rights=(),
)


def approved(
    request: OutboundRequest | None = None,
    *,
    write: bool = False,
    idempotency_header: str | None = None,
    approval: str | None = None,
    spend: str = "spend-1",
) -> ApprovedCall:
    """A call with exactly this request; `GET /things` by default."""
    sent = request or OutboundRequest(method="GET", target="/things")
    key = OperationKey("main", "op")
    operation = Operation(
        key=key,
        method=sent.method,
        path=sent.target,
        title="Op",
        write_class=WriteClass.WRITE if write else WriteClass.READ,
        idempotency_header=idempotency_header,
    )
    built = BuiltCall(
        call=Call(operation=key, arguments=Arguments()),
        operation=operation,
        request=sent,
        tenant_id="acme",
        contract_version="v1",
        digest="d" * 64,
    )
    ticket = Ticket(
        id=spend,
        tenant=TENANT,
        entrance=Entrance.CHAT,
        api="main",
        what="op",
        method=sent.method,
        units={Counted.CALLS: 1},
        request_id="r1",
        at=Micros(0),
    )
    return ApprovedCall(built=built, ticket=ticket, approval=approval)
