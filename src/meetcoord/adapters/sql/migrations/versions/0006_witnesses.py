"""Cosignatures, what each witness said last, proofs of a fork, and what was brought back from outside."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    _cosignatures()
    _answers()
    op.create_table(
        "forks",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("witness", TEXT, nullable=False),
        sa.Column("ours", TEXT, nullable=False),
        sa.Column("theirs", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_forks"),
    )
    op.create_index("ix_forks_found_at_digest", "forks", ["found_at", "digest"])
    op.create_table(
        "log_imports",
        sa.Column("first", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("beyond", sa.BigInteger, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("first", name="pk_log_imports"),
    )


def _cosignatures() -> None:
    op.create_table(
        "cosignatures",
        sa.Column("size", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("witness", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("line", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("size", "witness", name="pk_cosignatures"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "witnessed",
        sa.Column("policy", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("policy", "size", name="pk_witnessed"),
        sqlite_with_rowid=False,
    )


def _answers() -> None:
    op.create_table(
        "witness_answers",
        sa.Column("witness", TEXT, nullable=False),
        sa.Column("held", sa.BigInteger),
        sa.Column("asked_at", INSTANT),
        sa.Column("answered_at", INSTANT),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("fault", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("witness", name="pk_witness_answers"),
    )
