"""What a person sees again: its conversations, their turns, what it thought of them, and where its limits stand.

Each but the last costs one request of the tenant's allowance and no turn; everything is its own user's alone, and
another's looks the same as none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from facade import guard, plan
from facade.flow.look import Looked, seen_now
from facade.flow.spend import Purpose, attempt, spend
from facade.flow.turns import Origin
from facade.kernel import Micros, NotFound, Operation, Standing, Tenant, WriteClass
from facade.plan import Transcript, TurnTold
from facade.ports import Heading, Ports, Rating

RECALLING = "history"
"""`what` of a request about conversations."""

SHOWN_TURNS = 100
"""Turns of one conversation that are told, the latest."""

EXAMPLES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """One conversation.

    Attributes:
        turns: the latest `SHOWN_TURNS`.
        looked: the proposals among them, as they are now.
        earlier: turns before them that are not told.
    """

    id: str
    turns: tuple[TurnTold, ...]
    looked: Mapping[str, Looked]
    ratings: Mapping[int, Rating]
    earlier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Myself:
    """Who is asking, and what it may do.

    Attributes:
        examples: reads that need no argument, so that there is something to begin with.
    """

    tenant: Tenant
    standing: tuple[Standing, ...]
    examples: tuple[Operation, ...]


async def conversations(
    tenant: Tenant, ports: Ports, *, limit: int, before: tuple[Micros, str] | None, origin: Origin
) -> tuple[Heading, ...]:
    """This user's conversations, latest first.

    Raises:
        LimitExceeded, LedgerUnavailable: admission, or the store.
    """
    async with spend(tenant, _recalling(origin), ports) as ticket:
        with attempt(ticket, 1, ports):
            user = tenant.principal.person
            return await ports.conversations.listed(tenant_id=tenant.id, user=user, limit=limit, before=before)


async def conversation(id_: str, tenant: Tenant, ports: Ports, *, origin: Origin) -> Recalled:
    """One conversation of this user.

    Raises:
        NotFound: none of that id for this user. LimitExceeded, LedgerUnavailable: as above.
    """
    async with spend(tenant, _recalling(origin), ports) as ticket:
        with attempt(ticket, 1, ports):
            known = await _own(id_, tenant, ports)
            turns = plan.turns_of(known)
            shown = turns[-SHOWN_TURNS:]
            ratings = await ports.conversations.ratings(id_, tenant_id=tenant.id, user=tenant.principal.person)
            looked = await _looked(shown, tenant, ports)
            return Recalled(id=id_, turns=shown, looked=looked, ratings=ratings, earlier=len(turns) - len(shown))


async def rate(id_: str, turn: int, rating: Rating | None, tenant: Tenant, ports: Ports, *, origin: Origin) -> None:
    """Keep what this user thinks of one turn, or take it back with None.

    Raises:
        NotFound: no such conversation of this user, or no such turn. LimitExceeded, LedgerUnavailable: as above.
    """
    async with spend(tenant, _recalling(origin), ports) as ticket:
        with attempt(ticket, 1, ports):
            known = await _own(id_, tenant, ports)
            if not 1 <= turn <= len(plan.turns_of(known)):
                raise NotFound("There is no such turn.")
            await ports.conversations.rate(id_, turn, rating, tenant_id=tenant.id, user=tenant.principal.person)


async def myself(tenant: Tenant, ports: Ports) -> Myself:
    """Where this user stands. Charges nothing, so that it can be asked when everything is used up."""
    standing = await ports.limiter.standing(tenant, ports.clock.now())
    return Myself(tenant=tenant, standing=standing, examples=_examples(tenant, ports))


def _recalling(origin: Origin) -> Purpose:
    return Purpose.visit(RECALLING, origin)


async def _own(id_: str, tenant: Tenant, ports: Ports) -> Transcript:
    known = await ports.conversations.load(id_, tenant_id=tenant.id, user=tenant.principal.person)
    if known is None:
        raise NotFound("There is no such conversation.")
    return known


async def _looked(turns: tuple[TurnTold, ...], tenant: Tenant, ports: Ports) -> Mapping[str, Looked]:
    mine, found = guard.principal_key(tenant.principal), {}
    for approval_id in (t.proposed for t in turns if t.proposed is not None):
        approval = await ports.approvals.find(approval_id, tenant_id=tenant.id)
        if approval is not None and approval.principal == mine:
            found[approval_id] = seen_now(approval, tenant, ports)
    return found


def _examples(tenant: Tenant, ports: Ports) -> tuple[Operation, ...]:
    fitting = (o for o in ports.catalogue if _begins(o) and guard.allowed(o, tenant))
    return tuple(sorted(fitting, key=lambda o: o.path.count("/"))[:EXAMPLES])


def _begins(operation: Operation) -> bool:
    needed = any(p.required for p in operation.inputs) or (operation.body is not None and operation.body.required)
    return operation.write_class is WriteClass.READ and not needed
