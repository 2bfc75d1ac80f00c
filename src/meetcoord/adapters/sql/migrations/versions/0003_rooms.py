"""Meetings found by their room, the openings that were asked for, and what the video system said went on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
ROOM_IN_BODY = {"sqlite": "json_extract(body, '$.room')", "postgresql": "body::json ->> 'room'"}


def upgrade() -> None:
    _room_of_a_meeting()
    _reservations()
    _room_events()


def _room_of_a_meeting() -> None:
    op.add_column("meetings", sa.Column("room", TEXT))
    meetings = sa.table("meetings", sa.column("room", TEXT))
    found = sa.text(ROOM_IN_BODY[op.get_bind().dialect.name])
    op.execute(meetings.update().values(room=found))
    op.create_index("ix_meetings_room", "meetings", ["room"], unique=True)


def _reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("meeting", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_reservations"),
        sa.ForeignKeyConstraint(["meeting"], ["meetings.id"], name="fk_reservations_meeting_meetings"),
    )
    op.create_index("ix_reservations_meeting_name", "reservations", ["meeting", "name"])


def _room_events() -> None:
    op.create_table(
        "room_events",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("meeting", TEXT, nullable=False),
        sa.Column("invitation", TEXT),
        sa.Column("participant", TEXT, nullable=False),
        sa.Column("breakout", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_room_events"),
        sa.ForeignKeyConstraint(["meeting"], ["meetings.id"], name="fk_room_events_meeting_meetings"),
        sa.ForeignKeyConstraint(
            ["invitation"], ["invitations.id"], name="fk_room_events_invitation_invitations"
        ),
    )
    op.create_index("ix_room_events_meeting_at", "room_events", ["meeting", "at"])
