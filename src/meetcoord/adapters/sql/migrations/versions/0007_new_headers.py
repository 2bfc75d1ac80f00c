"""Headers of sealed files made anew for other keys, until somebody else has opened one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "new_headers",
        sa.Column("meeting", TEXT, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("leaf", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("header", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("meeting", "seq", "leaf", name="pk_new_headers"),
        sa.ForeignKeyConstraint(
            ["meeting", "seq"],
            ["minutes.meeting", "minutes.seq"],
            name="fk_new_headers_meeting_seq_minutes",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
