"""Codes asked for, and devices on which seats were proven."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "challenges",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("invitation", TEXT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("spent", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_challenges"),
        sa.ForeignKeyConstraint(
            ["invitation"], ["invitations.id"], name="fk_challenges_invitation_invitations"
        ),
    )
    op.create_index("ix_challenges_invitation_issued_at_id", "challenges", ["invitation", "issued_at", "id"])
    op.create_table(
        "proofs",
        sa.Column("invitation", TEXT, nullable=False),
        sa.Column("revision", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("invitation", "revision", "number", name="pk_proofs"),
        sa.ForeignKeyConstraint(["invitation"], ["invitations.id"], name="fk_proofs_invitation_invitations"),
    )
