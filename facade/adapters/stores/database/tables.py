"""The tables, as the newest migration leaves them. Moments are microseconds since the epoch, days are numbered from it.

JSON is kept as text: nothing in SQL looks inside it.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()

attempts = Table(
    "attempts",
    metadata,
    Column("id", Text, primary_key=True),
    # Intent. All NULL while only the settlement has arrived.
    Column("spend", Text),
    Column("attempt", Integer),
    Column("tenant", Text),
    Column("user", Text),
    Column("entrance", Text),
    Column("api", Text),
    Column("what", Text),
    Column("method", Text),
    Column("wire", Boolean),
    Column("requests", BigInteger),
    Column("calls", BigInteger),
    Column("writes", BigInteger),
    Column("turns", BigInteger),
    Column("price_list", Text),
    Column("plan", Text),
    Column("approval", Text),
    Column("request_id", Text),
    Column("at", BigInteger),
    Column("day", Integer),
    # Settlement. All NULL while the outcome is unknown.
    Column("outcome", Text),
    Column("status", Integer),
    Column("settled_at", BigInteger),
    Index("attempts_at", "at"),
    Index("attempts_tenant_at", "tenant", "at"),
    Index("attempts_outcome", "outcome"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("entrance", Text, nullable=False),
    Column("api", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("writes", BigInteger, nullable=False),
    Column("turns", BigInteger, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("day", Integer, nullable=False),
    Index("decisions_at", "at"),
    Index("decisions_tenant_at", "tenant", "at"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("calls", Text, nullable=False),
    Column("digests", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("result", Text, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("fingerprint", Text),
    Column("updated", BigInteger, nullable=False),
    Index("conversations_fingerprint", "tenant", "user", "fingerprint"),
    Index("conversations_updated", "tenant", "user", "updated", "id"),
)

ratings = Table(
    "ratings",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("conversation", Text, primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("up", Boolean, nullable=False),
    Column("comment", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("conversation", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
)
