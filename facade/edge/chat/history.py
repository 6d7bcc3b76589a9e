"""Conversations as our own API shows them to their user. Schema: specs/agent.yaml."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from facade.contract import Catalogue
from facade.edge.chat.approvals import looked
from facade.edge.chat.evidence import named, title_of
from facade.edge.chat.extension import choices_json, moment
from facade.edge.chat.requests import json_object
from facade.edge.chat.rules import ChatRules
from facade.flow import Myself, Recalled
from facade.kernel import SECOND, Counted, InvalidRequest, Json, Micros, Standing, Tier
from facade.plan import Failed, Limited, Returned, Tried, TurnTold
from facade.ports import Heading, Rating

MAX_COMMENT_CHARS = 1_000
DEFAULT_LIMIT, MAX_LIMIT = 30, 100
_CURSOR_CHARS = 300


def limit_of(text: str | None) -> int:
    """`limit` of a query.

    Raises:
        InvalidRequest
    """
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_LIMIT):  # noqa: PLR2004 - digits
        raise InvalidRequest(f"limit should be a number from 1 to {MAX_LIMIT}.", place="limit")
    return int(text)


def cursor_of(heading: Heading) -> str:
    """Where the page after this conversation begins. Opaque to clients, and no secret: it opens nothing."""
    return base64.urlsafe_b64encode(json.dumps([heading.updated, heading.id]).encode()).decode().rstrip("=")


def before_of(cursor: str | None) -> tuple[Micros, str] | None:
    """What `cursor_of` wrote.

    Raises:
        InvalidRequest
    """
    if cursor is None:
        return None
    match _decoded(cursor[:_CURSOR_CHARS]):
        case [int() as updated, str() as id_] if 0 <= updated < 1 << 63:
            return Micros(updated), id_
        case _:
            raise InvalidRequest("Take the cursor from the page before, as it is.", place="cursor")


def _decoded(cursor: str) -> Json:
    try:
        value: Json = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return value


def list_json(headings: Sequence[Heading], limit: int) -> dict[str, Json]:
    """One page; `next` is null on the last."""
    shown = headings[:limit]
    rows = [{"id": h.id, "title": h.title, "updated_at": moment(h.updated)} for h in shown]
    return {"conversations": list(rows), "next": cursor_of(shown[-1]) if len(headings) > limit else None}


def conversation_json(recalled: Recalled, catalogue: Catalogue) -> dict[str, Json]:
    """A conversation, turn by turn."""
    turns = [_turn(turn, recalled, catalogue) for turn in recalled.turns]
    return {"id": recalled.id, "earlier": recalled.earlier, "turns": list(turns)}


def _turn(turn: TurnTold, recalled: Recalled, catalogue: Catalogue) -> dict[str, Json]:
    proposal = recalled.looked.get(turn.proposed) if turn.proposed is not None else None
    rating = recalled.ratings.get(turn.number)
    settled = turn.settled
    decision = "approve" if settled is not None and settled.approved else "decline"
    return {
        "turn": turn.number,
        "at": moment(turn.at),
        "said": turn.said,
        "decision": {"id": settled.approval, "decision": decision} if settled is not None else None,
        "text": turn.reply,
        "plan": {"version": 1, "steps": [_step(t, catalogue) for t in turn.tried if not isinstance(t, Limited)]},
        "calls": [_tried(t) for t in turn.tried],
        "approval": looked(proposal) if proposal is not None else None,
        "choices": choices_json(turn.question) if turn.question is not None else [],
        "feedback": _rating(rating) if rating is not None else None,
    }


def _step(tried: Returned | Failed, catalogue: Catalogue) -> Json:
    call = tried.call
    arguments = {place: values for place, values in asdict(call.arguments).items() if values}
    return {"operation": named(call.operation), "title": title_of(call.operation, catalogue), "arguments": arguments}


def _tried(tried: Tried) -> Json:
    """What is kept of a call: no target and no body (D12)."""
    match tried:
        case Returned():
            return {
                "operation": named(tried.call.operation),
                "status": tried.status,
                "micros": tried.micros,
                "error": None,
            }
        case Failed():
            return {"operation": named(tried.call.operation), "status": None, "micros": None, "error": tried.code}
        case Limited():
            return {"operation": None, "status": None, "micros": None, "error": "limit_exceeded"}


def _rating(rating: Rating) -> Json:
    return {"rating": "up" if rating.up else "down", "comment": rating.comment or None}


def rating_of(body: bytes, *, now: Micros) -> Rating | None:
    """`{"rating": "up" | "down" | "none", "comment": ...}`; None takes back.

    Raises:
        InvalidRequest
    """
    document = json_object(body)
    unknown = sorted(set(document) - {"rating", "comment"})
    if unknown:
        raise InvalidRequest(f"{unknown[0][:64]!r} is not known here; known are comment, rating.", place="body")
    rated = document.get("rating")
    if rated not in ("up", "down", "none"):
        raise InvalidRequest('rating should be "up", "down" or "none".', place="rating")
    comment = _comment(document)
    return None if rated == "none" else Rating(up=rated == "up", comment=comment, at=now)


def _comment(document: Mapping[str, Json]) -> str:
    comment = document.get("comment")
    if comment is None:
        return ""
    if not isinstance(comment, str) or len(comment) > MAX_COMMENT_CHARS:
        raise InvalidRequest(f"comment should be a text of at most {MAX_COMMENT_CHARS} characters.", place="comment")
    return comment.strip()


def myself_json(me: Myself, rules: ChatRules) -> dict[str, Json]:
    """Who is asking, and what it may do."""
    principal, record = me.tenant.principal, me.tenant.record
    return {
        "tenant": me.tenant.id,
        "tenants": list(principal.tenants),
        "user": principal.user,
        "roles": sorted(principal.roles),
        "tier": me.tenant.tier.name,
        "autonomy": me.tenant.tier.autonomy.value,
        "locale": record.locale,
        "time_zone": record.time_zone,
        "expires_at": moment(principal.expires_at) if principal.expires_at is not None else None,
        "max_message_chars": rules.max_message_chars,
        "mounts": dict(rules.mounts),
        "limits": [{**_standing(one), **_allows(me.tenant.tier, one)} for one in me.standing],
        "examples": [{"operation": named(o.key), "title": o.title} for o in me.examples],
    }


def _allows(tier: Tier, one: Standing) -> dict[str, Json]:
    """What a limit counts and allows: so many in so many seconds, or at once where that is 0."""
    for rate in tier.rates:
        if rate.name == one.name:
            return {"counts": rate.counts.value, "allows": rate.rate, "per_s": rate.per // SECOND}
    for quota in tier.quotas:
        if quota.name == one.name:
            return {"counts": quota.counts.value, "allows": quota.amount, "per_s": one.window}
    return {"counts": Counted.REQUESTS.value, "allows": one.amount, "per_s": 0}


def _standing(one: Standing) -> dict[str, Json]:
    return {
        "name": one.name,
        "amount": one.amount,
        "remaining": one.remaining,
        "reset_s": one.reset,
    }
