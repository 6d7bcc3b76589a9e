"""Attempts, decisions, approvals and conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the first tables."""
    _attempts()
    _decisions()
    _approvals()
    _conversations()


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("spend", sa.Text),
        sa.Column("attempt", sa.Integer),
        sa.Column("tenant", sa.Text),
        sa.Column("user", sa.Text),
        sa.Column("entrance", sa.Text),
        sa.Column("api", sa.Text),
        sa.Column("what", sa.Text),
        sa.Column("method", sa.Text),
        sa.Column("wire", sa.Boolean),
        sa.Column("requests", sa.BigInteger),
        sa.Column("calls", sa.BigInteger),
        sa.Column("writes", sa.BigInteger),
        sa.Column("turns", sa.BigInteger),
        sa.Column("price_list", sa.Text),
        sa.Column("plan", sa.Text),
        sa.Column("approval", sa.Text),
        sa.Column("request_id", sa.Text),
        sa.Column("at", sa.BigInteger),
        sa.Column("day", sa.Integer),
        sa.Column("outcome", sa.Text),
        sa.Column("status", sa.Integer),
        sa.Column("settled_at", sa.BigInteger),
    )
    op.create_index("attempts_at", "attempts", ["at"])
    op.create_index("attempts_tenant_at", "attempts", ["tenant", "at"])
    op.create_index("attempts_outcome", "attempts", ["outcome"])


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("entrance", sa.Text, nullable=False),
        sa.Column("api", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("requests", sa.BigInteger, nullable=False),
        sa.Column("calls", sa.BigInteger, nullable=False),
        sa.Column("writes", sa.BigInteger, nullable=False),
        sa.Column("turns", sa.BigInteger, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
    )
    op.create_index("decisions_at", "decisions", ["at"])
    op.create_index("decisions_tenant_at", "decisions", ["tenant", "at"])


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("conversation", sa.Text, nullable=False),
        sa.Column("calls", sa.Text, nullable=False),
        sa.Column("digests", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
    )


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.Text),
        sa.Column("updated", sa.BigInteger, nullable=False),
    )
    op.create_index("conversations_fingerprint", "conversations", ["tenant", "user", "fingerprint"])
    op.create_table(
        "events",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("conversation", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
