"""What a file of persons would do to an address book, row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from meetcoord.domain.agencies import Person, Role
from meetcoord.domain.person_imports import FieldChange, ImportRow, PersonImport, RowState, person_import
from meetcoord.domain.values import Language, PersonId
from tests.builders import agency, person, random_id

HEAD = "Nom;Fonction;Courriel;Langue\n"
KNOWN = person("Head of unit", address="Head@city.example.org", roles=frozenset({Role.SECRETARY}))


def found(rows: str, *known: Person, language: Language = Language.FRENCH) -> PersonImport:
    return person_import((HEAD + rows).encode(), agency("city", language=language), known)


def only(rows: str, *known: Person) -> ImportRow:
    (row,) = found(rows, *known).preview.rows
    return row


def as_she_is(address: str = KNOWN.address) -> str:
    return f"{KNOWN.name};{KNOWN.function};{address};{KNOWN.language.value}\n"


def test_an_address_nobody_has_is_a_new_person_in_the_language_of_her_agency() -> None:
    done = found("Deputy;Deputy;deputy@city.example.org;\n", KNOWN, language=Language.GERMAN)
    (row,) = done.preview.rows
    assert (row.state, row.language) == (RowState.NEW, Language.GERMAN)
    assert [(each.address, each.language) for each in done.new] == [(row.address, Language.GERMAN)]


def test_a_person_who_is_as_the_row_says_stays() -> None:
    assert only(as_she_is(), KNOWN).state is RowState.KNOWN
    assert not found(as_she_is(), KNOWN).preview.would_change


def test_a_change_says_what_was_and_what_will_be() -> None:
    row = only("New name;New function;Head@city.example.org;en\n", KNOWN)
    assert row.state is RowState.CHANGED
    assert row.changes == (
        FieldChange("name", KNOWN.name, "New name"),
        FieldChange("function", KNOWN.function, "New function"),
        FieldChange("language", KNOWN.language.value, "en"),
    )


def test_a_changed_person_keeps_her_roles_and_her_address() -> None:
    (changed,) = found("New name;New;head@CITY.example.org;\n", KNOWN).changed
    assert changed == replace(KNOWN, name="New name", function="New", version=KNOWN.version + 1)


def test_capitals_make_no_second_person_of_one_mailbox() -> None:
    assert only(as_she_is("hEAD@City.example.org"), KNOWN).state is RowState.KNOWN
    upper = replace(KNOWN, id=person("Other").id, address="HEAD@city.example.org", name="Other")
    assert only(as_she_is(), upper, KNOWN).state is RowState.KNOWN, (
        "but one that is written so is meant first"
    )


def test_a_row_said_twice_is_a_duplicate_and_one_said_otherwise_is_refused() -> None:
    rows = found(
        "Deputy;Deputy;deputy@city.example.org;\n"
        "Deputy;Deputy;Deputy@city.example.org;\n"
        "Another;Deputy;deputy@city.example.org;\n"
    ).preview.rows
    assert [row.state for row in rows] == [RowState.NEW, RowState.DUPLICATE, RowState.REFUSED]
    assert rows[1].duplicate_of == 2
    assert "Line 2 says something else" in rows[2].reason


def test_who_is_no_longer_active_is_not_brought_back() -> None:
    row = only(as_she_is(), replace(KNOWN, active=False))
    assert (row.state, "no longer active" in row.reason) == (RowState.REFUSED, True)


def test_the_rows_are_counted_and_named_by_their_lines() -> None:
    preview = found(
        f"{as_she_is()}Deputy;Deputy;deputy@city.example.org;\n=1;x;y@z.example.org;\n", KNOWN
    ).preview
    assert (preview.counts.known, preview.counts.new, preview.counts.refused) == (1, 1, 1)
    assert [row.line for row in preview.having(RowState.REFUSED)] == [4]


@pytest.mark.parametrize("other", ["file", "book", "agency"])
def test_the_digest_stands_for_the_file_the_agency_and_the_outcome(other: str) -> None:
    rows, book, its = "Deputy;Deputy;deputy@city.example.org;\n", (KNOWN,), "city"
    first = found(rows, *book).preview.digest
    if other == "file":
        rows += "\n"
    elif other == "book":
        book = (replace(KNOWN, address="deputy@city.example.org"),)
    else:
        its = "prefecture"
    assert found("Deputy;Deputy;deputy@city.example.org;\n", KNOWN).preview.digest == first
    assert person_import((HEAD + rows).encode(), agency(its), book).preview.digest != first


def after(done: PersonImport, known: list[Person]) -> list[Person]:
    """The address book once the import is done."""
    changed = {each.id: each for each in done.changed}
    new = [
        replace(person(each.name), id=PersonId(random_id(each.address)), address=each.address,
                function=each.function, language=each.language or Language.FRENCH)
        for each in done.new
    ]  # fmt: skip
    return [changed.get(each.id, each) for each in known] + new


ROWS = st.lists(
    st.builds(
        "{};{};{}@city.example.org;{}".format,
        st.sampled_from(["Head", "Deputy", "=1", ""]),
        st.sampled_from(["Head", "Deputy"]),
        st.sampled_from(["head", "Head", "HEAD", "deputy", "a b"]),
        st.sampled_from(["", "fr", "de", "xx"]),
    ),
    min_size=1,
    max_size=8,
)


@given(ROWS, ROWS)
def test_what_was_imported_is_known_and_no_mailbox_is_there_twice(
    first: list[str], second: list[str]
) -> None:
    book: list[Person] = [KNOWN]
    for rows in (first, second):
        text = "\n".join(rows) + "\n"
        book = after(found(text, *book), book)
        assert not found(text, *book).preview.would_change
        assert len({each.address.lower() for each in book}) == len(book)
