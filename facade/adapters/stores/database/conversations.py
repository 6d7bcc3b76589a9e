"""Conversations in a database."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, and_, delete, func, insert, outerjoin, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement

from facade.adapters.stores import codec
from facade.adapters.stores.database.dialect import insert_new
from facade.adapters.stores.database.engine import Database
from facade.adapters.stores.database.tables import conversations, events, ratings
from facade.adapters.stores.versions import outrun
from facade.kernel import Micros
from facade.plan import Event, Said, Transcript
from facade.ports import Heading, Rating


class DatabaseConversations:
    """`Conversations` that survive a restart. Tenant and user are part of every key, so an id alone opens nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, conversation_id: str, *, tenant_id: str, user: str) -> Transcript | None:
        """The transcript, for exactly this user of this tenant.

        Raises:
            LedgerUnavailable: the store is down.
        """
        empty = Transcript(id=conversation_id, tenant=tenant_id, user=user)
        async with self._database.reading() as connection:
            known = await connection.scalar(select(conversations.c.version).where(_named(empty)))
            return None if known is None else replace(empty, events=await _events(connection, empty))

    async def locate(self, fingerprint: str, *, tenant_id: str, user: str) -> str | None:
        """The conversation that last left this fingerprint.

        Raises:
            LedgerUnavailable: the store is down.
        """
        marked = and_(
            conversations.c.tenant == tenant_id,
            conversations.c.user == user,
            conversations.c.fingerprint == fingerprint,
        )
        latest = select(conversations.c.id).where(marked).order_by(conversations.c.updated.desc()).limit(1)
        async with self._database.reading() as connection:
            found: str | None = await connection.scalar(latest)
            return found

    async def append(self, transcript: Transcript, events: Sequence[Event], *, fingerprint: str | None) -> Transcript:
        """Add events to the version given; without a fingerprint the one before stays.

        Raises:
            InvalidRequest: another turn was added meanwhile.
            LedgerUnavailable: the store is down; nothing was added.
        """
        longer = replace(transcript, events=(*transcript.events, *events))
        async with self._database.writing() as connection:
            if transcript.version == 0:
                await connection.execute(insert_new(conversations).on_conflict_do_nothing(), [_new_row(transcript)])
            await _move_on(connection, transcript, longer, fingerprint)
            await _add(connection, transcript, events)
        return longer

    async def listed(
        self, *, tenant_id: str, user: str, limit: int, before: tuple[Micros, str] | None
    ) -> tuple[Heading, ...]:
        """The conversations of exactly this user, latest first.

        Raises:
            LedgerUnavailable: the store is down.
        """
        async with self._database.reading() as connection:
            rows = await connection.execute(_list(tenant_id, user, before).limit(limit))
            return tuple(Heading(id=id_, title=_title(kind, body), updated=Micros(at)) for id_, at, kind, body in rows)

    async def rate(self, conversation_id: str, turn: int, rating: Rating | None, *, tenant_id: str, user: str) -> bool:
        """Keep or take back what this user thinks of a turn; False without such a conversation.

        Raises:
            LedgerUnavailable: the store is down; nothing was kept.
        """
        named = Transcript(id=conversation_id, tenant=tenant_id, user=user)
        async with self._database.writing() as connection:
            known = await connection.scalar(select(conversations.c.version).where(_named(named)))
            if known is not None:
                await connection.execute(delete(ratings).where(_rated(named), ratings.c.turn == turn))
            if known is not None and rating is not None:
                kept = {"up": rating.up, "comment": rating.comment, "at": rating.at}
                whose = {"tenant": tenant_id, "user": user, "conversation": conversation_id, "turn": turn}
                await connection.execute(insert(ratings), [whose | kept])
        return known is not None

    async def ratings(self, conversation_id: str, *, tenant_id: str, user: str) -> Mapping[int, Rating]:
        """What this user thinks of the turns of a conversation.

        Raises:
            LedgerUnavailable: the store is down.
        """
        named = Transcript(id=conversation_id, tenant=tenant_id, user=user)
        kept = select(ratings.c.turn, ratings.c.up, ratings.c.comment, ratings.c.at).where(_rated(named))
        async with self._database.reading() as connection:
            rows = await connection.execute(kept)
            return {turn: Rating(up=up, comment=comment, at=Micros(at)) for turn, up, comment, at in rows}


def _list(tenant: str, user: str, before: tuple[Micros, str] | None) -> Select[Any]:
    """Conversations with their first events, by an index on their time."""
    first = and_(
        events.c.tenant == conversations.c.tenant,
        events.c.user == conversations.c.user,
        events.c.conversation == conversations.c.id,
        events.c.position == 0,
    )
    own = and_(conversations.c.tenant == tenant, conversations.c.user == user, conversations.c.version > 0)
    listed = (
        select(conversations.c.id, conversations.c.updated, events.c.kind, events.c.body)
        .select_from(outerjoin(conversations, events, first))
        .where(own)
        .order_by(conversations.c.updated.desc(), conversations.c.id.desc())
    )
    return listed if before is None else listed.where(tuple_(conversations.c.updated, conversations.c.id) < before)


def _title(kind: str | None, body: str | None) -> str:
    first = codec.event_of(kind, body) if kind and body else None
    return first.text if isinstance(first, Said) else ""


def _rated(transcript: Transcript) -> ColumnElement[bool]:
    return and_(
        ratings.c.tenant == transcript.tenant,
        ratings.c.user == transcript.user,
        ratings.c.conversation == transcript.id,
    )


def _named(transcript: Transcript) -> ColumnElement[bool]:
    return and_(
        conversations.c.tenant == transcript.tenant,
        conversations.c.user == transcript.user,
        conversations.c.id == transcript.id,
    )


def _new_row(transcript: Transcript) -> dict[str, object]:
    return {"tenant": transcript.tenant, "user": transcript.user, "id": transcript.id, "version": 0, "updated": 0}


async def _move_on(connection: AsyncConnection, old: Transcript, new: Transcript, fingerprint: str | None) -> None:
    """Take the version, or learn that somebody else has; the rows that follow depend on it."""
    unmoved = and_(_named(old), conversations.c.version == old.version)
    moved = update(conversations).where(unmoved).values(
        version=new.version,
        updated=new.events[-1].at if new.events else 0,
        fingerprint=func.coalesce(fingerprint, conversations.c.fingerprint),
    )  # fmt: skip
    if (await connection.execute(moved)).rowcount != 1:
        raise outrun()


async def _add(connection: AsyncConnection, transcript: Transcript, added: Sequence[Event]) -> None:
    rows = [
        {
            "tenant": transcript.tenant,
            "user": transcript.user,
            "conversation": transcript.id,
            "position": transcript.version + offset,
            "kind": codec.kind_of(event),
            "body": codec.dumps(event),
        }
        for offset, event in enumerate(added)
    ]
    if rows:
        await connection.execute(insert(events), rows)


async def _events(connection: AsyncConnection, transcript: Transcript) -> tuple[Event, ...]:
    of_it = and_(
        events.c.tenant == transcript.tenant,
        events.c.user == transcript.user,
        events.c.conversation == transcript.id,
    )
    rows = await connection.execute(select(events.c.kind, events.c.body).where(of_it).order_by(events.c.position))
    return tuple(codec.event_of(kind, body) for kind, body in rows)
