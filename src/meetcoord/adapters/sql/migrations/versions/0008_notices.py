"""Devices that were refused, and what administrators and auditors are told of keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    # Whoever is remembered so far was let in; from here on every row says so itself.
    op.add_column("proofs", sa.Column("refused", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "key_notices",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("change", TEXT, nullable=False),
        sa.Column("reader", TEXT, nullable=False),
        sa.Column("agency", TEXT, nullable=False),
        sa.Column("object", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("delivery", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("reply", TEXT, nullable=False),
        sa.Column("uncertain", sa.Boolean, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_key_notices"),
        sa.UniqueConstraint("object", "change", "reader", name="uq_key_notices_object_change_reader"),
        sa.ForeignKeyConstraint(["reader"], ["persons.id"], name="fk_key_notices_reader_persons"),
        sa.ForeignKeyConstraint(["agency"], ["agencies.id"], name="fk_key_notices_agency_agencies"),
    )
    op.create_index("ix_key_notices_due_at_id", "key_notices", ["due_at", "id"])
