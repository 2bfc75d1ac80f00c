"""What can be said of the tables without a database."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import sqlite

from meetcoord.adapters.sql.schema import REVISIONS, metadata
from meetcoord.adapters.sql.types import UtcDateTime
from meetcoord.domain.access import ApiKey
from meetcoord.domain.agencies import Agency, Person, Recipient
from meetcoord.domain.attendance import RoomEvent
from meetcoord.domain.challenges import Challenge, SeatDevice
from meetcoord.domain.collected import KeptCosignature, KeptFork, WitnessAnswer
from meetcoord.domain.invitations import Admission, Invitation
from meetcoord.domain.key_notices import KeyNotice
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.outbox import Message
from meetcoord.domain.reservations import Reservation
from meetcoord.ports.stored_witnesses import LogImport

STORED: tuple[tuple[type[msgspec.Struct], str, set[str]], ...] = (
    (Agency, "agencies", set()),
    (Person, "persons", set()),
    (ApiKey, "api_keys", set()),
    (Recipient, "recipients", {"key_digest"}),
    (Invitation, "invitations", set()),
    (Admission, "admissions", set()),
    (Challenge, "challenges", set()),
    (SeatDevice, "proofs", set()),
    (Reservation, "reservations", set()),
    (RoomEvent, "room_events", {"digest"}),
    (Message, "outbox", {"due_at"}),
    (KeyNotice, "key_notices", {"due_at"}),
    (Minutes, "minutes", set()),
    (KeptCosignature, "cosignatures", set()),
    (WitnessAnswer, "witness_answers", set()),
    (KeptFork, "forks", {"digest"}),
    (LogImport, "log_imports", set()),
)


@pytest.mark.parametrize(("kind", "table", "more"), STORED)
def test_every_field_has_its_column(kind: type[msgspec.Struct], table: str, more: set[str]) -> None:
    assert {column.name for column in metadata.tables[table].c} == {*kind.__struct_fields__, *more}


def test_the_code_names_every_migration_there_is() -> None:
    configuration = Config()
    configuration.set_main_option("script_location", "meetcoord.adapters.sql:migrations")
    steps = ScriptDirectory.from_config(configuration).walk_revisions()
    assert tuple(step.revision for step in steps)[::-1] == REVISIONS


def test_an_instant_is_written_in_a_form_that_sorts_by_time() -> None:
    kind, dialect = UtcDateTime(), sqlite.dialect()
    summer = datetime(2027, 7, 1, 11, 0, tzinfo=timezone(timedelta(hours=2)))
    instants = [summer, summer + timedelta(microseconds=1), summer + timedelta(hours=1)]
    written = [kind.process_bind_param(instant, dialect) for instant in instants]
    assert written[0] == "2027-07-01T09:00:00.000000Z"
    assert written == sorted(written)
    read = [kind.process_result_value(text, dialect) for text in written]
    assert read == instants
    assert all(instant is not None and instant.tzinfo is UTC for instant in read)


def test_a_time_that_could_be_several_moments_is_not_stored() -> None:
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(datetime(2027, 7, 1), sqlite.dialect())
