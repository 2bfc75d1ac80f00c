"""Statements that are constants: SQLite answers them as through SQLAlchemy."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Executable, bindparam, exc, select, text

from meetcoord.adapters.sql.compiled import MOST, Phrases
from meetcoord.adapters.sql.embedded import Embedded
from meetcoord.adapters.sql.schema import agencies, meetings, persons
from meetcoord.adapters.sql.storage import SqlStorage
from tests.contracts.stored_meetings import with_meeting

ONE = select(persons).where(persons.c.agency == bindparam("wanted"), persons.c.active.is_(True))
SEVERAL = select(agencies).where(agencies.c.id.in_(bindparam("some", expanding=True))).order_by(agencies.c.id)
OTHERS = agencies.update().where(agencies.c.id.not_in(bindparam("some", expanding=True)))
CONSTANTS = [
    (ONE, {"wanted": "city"}),
    (SEVERAL, {"some": ["city", "prefecture"]}),
    (SEVERAL, {"some": ["city"]}),
    (SEVERAL, {"some": []}),
    (select(meetings.c.body, meetings.c.created_at.label("since")), {}),
]


@pytest.fixture
async def line() -> AsyncIterator[Embedded]:
    async with SqlStorage.open("sqlite://") as storage:
        await with_meeting(storage)
        async with storage.transaction() as tx:
            assert isinstance(tx.block.line, Embedded)
            yield tx.block.line


@pytest.mark.parametrize(("statement", "values"), CONSTANTS)
async def test_a_constant_is_answered_as_through_sqlalchemy(
    line: Embedded, statement: Executable, values: dict[str, object]
) -> None:
    usual, quick = (await line.execute(statement, values)).all(), (await line.say(statement, values)).all()
    assert line.phrases.of(statement, values)
    assert [row._asdict() for row in quick] == [row._asdict() for row in usual]


async def test_a_list_may_be_as_long_as_it_likes_from_one_time_to_the_next(line: Embedded) -> None:
    for some, changed in (["city"], 2), (["city", "prefecture"], 1), ([], 3):
        assert (await line.say(OTHERS, {"some": some, "name": "Another name"})).rowcount == changed


async def test_a_value_that_is_missing_is_never_taken_for_none(line: Embedded) -> None:
    with pytest.raises(KeyError, match="wanted"):
        await line.say(ONE, {})


async def test_errors_keep_the_names_that_sqlalchemy_gives_them(line: Embedded) -> None:
    with pytest.raises(exc.IntegrityError) as refused:
        await line.say(agencies.insert(), {"id": "city", "name": "Again"})
    assert "Again" not in str(refused.value)
    with pytest.raises(exc.ProgrammingError):
        await line.say(ONE, {"wanted": object()})


async def test_sql_that_was_written_by_hand_goes_the_usual_way(line: Embedded) -> None:
    words = text("SELECT 1 AS one")
    assert line.phrases.of(words, None) is None
    assert [row.one for row in (await line.say(words)).all()] == [1]


async def test_statements_that_are_no_constants_do_not_pile_up(line: Embedded) -> None:
    phrases = Phrases(line.connection)
    for _ in range(MOST + 10):
        phrases.of(select(agencies.c.id), None)
    assert len(phrases.known) <= MOST
