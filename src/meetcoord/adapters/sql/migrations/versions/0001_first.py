"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    _people()
    _keys()
    _meetings()
    _invitations()
    _outbox()
    _minutes()
    _log()
    op.execute(
        sa.text("INSERT INTO log_head (id, size, frontier) VALUES (1, 0, :nothing)").bindparams(nothing=b"")
    )


def _people() -> None:
    op.create_table(
        "agencies",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agencies"),
    )
    op.create_table(
        "persons",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("agency", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("function", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("roles", TEXT, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_persons"),
        sa.ForeignKeyConstraint(["agency"], ["agencies.id"], name="fk_persons_agency_agencies"),
        sa.UniqueConstraint("agency", "address", name="uq_persons_agency_address"),
    )
    op.create_index("ix_persons_agency_name_id", "persons", ["agency", "name", "id"])


def _keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("scopes", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_api_keys_person_persons"),
    )
    op.create_index("ix_api_keys_person", "api_keys", ["person"])
    op.create_table(
        "recipients",
        sa.Column("key_digest", sa.LargeBinary, nullable=False),
        sa.Column("agency", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key_digest", name="pk_recipients"),
        sa.ForeignKeyConstraint(["agency"], ["agencies.id"], name="fk_recipients_agency_agencies"),
    )
    op.create_index("ix_recipients_agency", "recipients", ["agency"])


def _meetings() -> None:
    op.create_table(
        "meetings",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("organiser", TEXT, nullable=False),
        sa.Column("agencies", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meetings"),
        sa.ForeignKeyConstraint(["organiser"], ["agencies.id"], name="fk_meetings_organiser_agencies"),
    )
    op.create_table(
        "meeting_agencies",
        sa.Column("agency", TEXT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("meeting", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("agency", "created_at", "meeting", name="pk_meeting_agencies"),
        sa.ForeignKeyConstraint(["agency"], ["agencies.id"], name="fk_meeting_agencies_agency_agencies"),
        sa.ForeignKeyConstraint(["meeting"], ["meetings.id"], name="fk_meeting_agencies_meeting_meetings"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_meeting_agencies_meeting", "meeting_agencies", ["meeting"])


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("meeting", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("agency", TEXT, nullable=False),
        sa.Column("alias", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.ForeignKeyConstraint(["meeting"], ["meetings.id"], name="fk_invitations_meeting_meetings"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_invitations_person_persons"),
        sa.UniqueConstraint("meeting", "person", name="uq_invitations_meeting_person"),
    )
    op.create_table(
        "admissions",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("invitation", TEXT, nullable=False),
        sa.Column("meeting", TEXT, nullable=False),
        sa.Column("click", TEXT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_admissions"),
        sa.ForeignKeyConstraint(
            ["invitation"], ["invitations.id"], name="fk_admissions_invitation_invitations"
        ),
        sa.UniqueConstraint("invitation", "click", name="uq_admissions_invitation_click"),
    )
    op.create_index("ix_admissions_meeting_at_id", "admissions", ["meeting", "at", "id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("meeting", TEXT, nullable=False),
        sa.Column("invitation", TEXT, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("delivery", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("reply", TEXT, nullable=False),
        sa.Column("uncertain", sa.Boolean, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(["invitation"], ["invitations.id"], name="fk_outbox_invitation_invitations"),
        sa.ForeignKeyConstraint(["meeting"], ["meetings.id"], name="fk_outbox_meeting_meetings"),
    )
    op.create_index("ix_outbox_due_at_id", "outbox", ["due_at", "id"])
    op.create_index("ix_outbox_meeting_created_at_id", "outbox", ["meeting", "created_at", "id"])


def _minutes() -> None:
    op.create_table(
        "minutes",
        sa.Column("meeting", TEXT, nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("author_agency", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content", TEXT),
        sa.Column("policy", sa.BigInteger),
        sa.Column("approvals", TEXT, nullable=False),
        sa.Column("leaf", sa.BigInteger),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("meeting", "seq", name="pk_minutes"),
        sa.ForeignKeyConstraint(["meeting"], ["meetings.id"], name="fk_minutes_meeting_meetings"),
    )
    op.create_index("ix_minutes_state_changed_at", "minutes", ["state", "changed_at"])
    op.create_table(
        "minutes_texts",
        sa.Column("meeting", TEXT, nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("locked", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("meeting", "seq", name="pk_minutes_texts"),
        sa.ForeignKeyConstraint(
            ["meeting", "seq"],
            ["minutes.meeting", "minutes.seq"],
            name="fk_minutes_texts_meeting_seq_minutes",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_table(
        "sealed_files",
        sa.Column("meeting", TEXT, nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("header", sa.LargeBinary, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("meeting", "seq", name="pk_sealed_files"),
        sa.ForeignKeyConstraint(
            ["meeting", "seq"],
            ["minutes.meeting", "minutes.seq"],
            name="fk_sealed_files_meeting_seq_minutes",
            deferrable=True,
            initially="DEFERRED",
        ),
    )


def _log() -> None:
    op.create_table(
        "log_pending",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("entry", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log_pending"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "log_leaves",
        sa.Column("index", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("entry", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("index", name="pk_log_leaves"),
    )
    op.create_index("ix_log_leaves_about_index", "log_leaves", ["about", "index"])
    op.create_table(
        "log_nodes",
        sa.Column("level", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name="pk_log_nodes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log_head"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoints"),
    )
