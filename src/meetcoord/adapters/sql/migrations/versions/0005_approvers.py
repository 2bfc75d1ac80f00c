"""Keys of those who approve, keys withdrawn, and which agencies have a common list of keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.add_column("recipients", sa.Column("withdrawn_at", INSTANT))
    _approvers()
    _circles()


def _approvers() -> None:
    op.create_table(
        "approvers",
        sa.Column("public", sa.LargeBinary, nullable=False),
        sa.Column("agency", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", TEXT, nullable=False),
        sa.Column("withdrawn_at", INSTANT),
        sa.PrimaryKeyConstraint("public", name="pk_approvers"),
        sa.ForeignKeyConstraint(["agency"], ["agencies.id"], name="fk_approvers_agency_agencies"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_approvers_person_persons"),
    )
    op.create_index("ix_approvers_agency", "approvers", ["agency"])


def _circles() -> None:
    op.create_table(
        "circles",
        sa.Column("circle", TEXT, nullable=False),
        sa.Column("agency", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("circle", "agency", name="pk_circles"),
        sa.ForeignKeyConstraint(["agency"], ["agencies.id"], name="fk_circles_agency_agencies"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_circles_agency_circle", "circles", ["agency", "circle"])
