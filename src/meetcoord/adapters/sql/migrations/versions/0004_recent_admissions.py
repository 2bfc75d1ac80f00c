"""Admissions found by their time: who was let in lately, and has no right to be there any more."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_admissions_at", "admissions", ["at"])
