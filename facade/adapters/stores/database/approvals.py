"""Approvals in a database."""

from sqlalchemy import RowMapping, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement

from facade.adapters.stores import codec
from facade.adapters.stores.database.engine import Database
from facade.adapters.stores.database.tables import approvals as table
from facade.guard import Approval, ApprovalState, unusable
from facade.kernel import Json, Micros


class DatabaseApprovals:
    """`Approvals` that survive a restart. Every change is one conditional statement, so two claims cannot both win."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, approval: Approval) -> None:
        """Keep a new proposal.

        Raises:
            LedgerUnavailable: it was not kept.
        """
        async with self._database.writing() as connection:
            await connection.execute(insert(table), [_row_of(approval)])

    async def find(self, approval_id: str, *, tenant_id: str) -> Approval | None:
        """The approval of this tenant, in its present state.

        Raises:
            LedgerUnavailable: the store is down.
        """
        async with self._database.reading() as connection:
            return await _found(connection, approval_id, tenant_id)

    async def claim(self, approval_id: str, *, tenant_id: str, principal: tuple[str, str], now: Micros) -> Approval:
        """Move OPEN to CLAIMED, once, atomically, and return it as claimed.

        Raises:
            ConsentInvalid: not open, expired, or not this principal's.
            LedgerUnavailable: the store is down; nothing was claimed.
        """
        mine = and_(_open_for(approval_id, tenant_id, principal), table.c.expires > now)
        async with self._database.writing() as connection:
            moved = update(table).where(mine).values(state=ApprovalState.CLAIMED.value).returning(table)
            row = (await connection.execute(moved)).mappings().first()
            if row is not None:
                return _approval_of(row)
            known = await _found(connection, approval_id, tenant_id)
            raise unusable(known, principal=principal, wanted=ApprovalState.OPEN)

    async def finish(self, approval_id: str, *, tenant_id: str, result: Json) -> None:
        """Move CLAIMED to DONE with what the calls answered.

        Raises:
            LedgerUnavailable: the store is down; the approval stays CLAIMED, which never runs again.
        """
        claimed = and_(_named(approval_id, tenant_id), table.c.state == ApprovalState.CLAIMED.value)
        async with self._database.writing() as connection:
            done = {"state": ApprovalState.DONE.value, "result": codec.dumps(result)}
            await connection.execute(update(table).where(claimed).values(done))

    async def decline(self, approval_id: str, *, tenant_id: str, principal: tuple[str, str]) -> bool:
        """Move OPEN to DECLINED; False when it was not open for this principal.

        Raises:
            LedgerUnavailable: the store is down.
        """
        mine = _open_for(approval_id, tenant_id, principal)
        async with self._database.writing() as connection:
            moved = update(table).where(mine).values(state=ApprovalState.DECLINED.value)
            return (await connection.execute(moved)).rowcount == 1


def _named(approval_id: str, tenant_id: str) -> ColumnElement[bool]:
    return and_(table.c.tenant == tenant_id, table.c.id == approval_id)


def _open_for(approval_id: str, tenant_id: str, principal: tuple[str, str]) -> ColumnElement[bool]:
    issuer, subject = principal
    return and_(
        _named(approval_id, tenant_id),
        table.c.issuer == issuer,
        table.c.subject == subject,
        table.c.state == ApprovalState.OPEN.value,
    )


async def _found(connection: AsyncConnection, approval_id: str, tenant_id: str) -> Approval | None:
    row = (await connection.execute(select(table).where(_named(approval_id, tenant_id)))).mappings().first()
    return _approval_of(row) if row is not None else None


def _row_of(approval: Approval) -> dict[str, object]:
    issuer, subject = approval.principal
    return {
        "tenant": approval.tenant,
        "id": approval.id,
        "issuer": issuer,
        "subject": subject,
        "conversation": approval.conversation,
        "calls": codec.dumps(approval.calls),
        "digests": codec.dumps(approval.digests),
        "created": approval.created,
        "expires": approval.expires,
        "state": approval.state.value,
        "result": codec.dumps(approval.result),
    }


def _approval_of(row: RowMapping) -> Approval:
    return Approval(
        id=row["id"],
        tenant=row["tenant"],
        principal=(row["issuer"], row["subject"]),
        conversation=row["conversation"],
        calls=codec.calls_of(row["calls"]),
        digests=codec.digests_of(row["digests"]),
        created=row["created"],
        expires=row["expires"],
        state=ApprovalState(row["state"]),
        result=codec.loads(row["result"]),
    )
