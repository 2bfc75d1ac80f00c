"""Files of persons, as offices send them: what is read, what is refused, and how each is said."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meetcoord.domain.csv_files import FILE_MAX, LINES_MAX, ROWS_MAX, Encoding, Separator
from meetcoord.domain.errors import Invalid
from meetcoord.domain.person_files import BadEntry, Entry, PersonFile, read_persons
from meetcoord.domain.values import Language

HEAD = "Nom;Prénom;Fonction;Courriel;Langue\r\n"
ROW = "de la mairie;Secrétaire;Secrétariat général;secretaire@city.example.org;fr\r\n"
SECRETARY = Entry(
    line=2,
    name="Secrétaire de la mairie",
    function="Secrétariat général",
    address="secretaire@city.example.org",
    language=Language.FRENCH,
)


def read(text: str) -> PersonFile:
    return read_persons(text.encode())


def only(text: str) -> Entry:
    (entry,) = read(text).entries
    assert isinstance(entry, Entry), entry
    return entry


def refusal(row: str, head: str = "Nom;Fonction;Courriel\n") -> str:
    (entry,) = read(head + row).entries
    assert isinstance(entry, BadEntry), entry
    return entry.reason


@pytest.mark.parametrize(
    ("encoded", "encoding"),
    [
        ((HEAD + ROW).encode(), Encoding.UTF_8),
        ((HEAD + ROW).encode("utf-8-sig"), Encoding.UTF_8_WITH_MARK),
        ((HEAD + ROW).encode("cp1252"), Encoding.WINDOWS_1252),
    ],
)
def test_a_file_says_the_same_in_each_encoding_and_the_encoding_is_told(
    encoded: bytes, encoding: Encoding
) -> None:
    found = read_persons(encoded)
    assert (found.encoding, found.entries) == (encoding, (SECRETARY,))


@pytest.mark.parametrize("separator", Separator)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_found(separator: Separator, end: str) -> None:
    found = read((HEAD + ROW).replace(";", separator.value).replace("\r\n", end))
    assert (found.separator, found.entries) == (separator, (SECRETARY,))


@pytest.mark.parametrize(
    "head",
    [
        "NOM ;PRÉNOM;FONCTION;E-MAIL;LANGUE",
        "nom;prenom;fonction;mél;langue",
        "Nom*;Pre\u0301nom;Intitulé du poste;Adresse électronique;Langue",
        "Last name;First name;Job title;E-mail address;Language",
        "Surname;Given name;Function;Email;Language",
        "Nachname;Vorname;Funktion;E-Mail-Adresse;Sprache",
        '"Nom";"Prénom";"Fonction";"Courriel professionnel";"Langue"',
        "sep=;\r\nNom;Prénom;Fonction;Courriel;Langue",
    ],
)
def test_headings_are_known_in_three_languages(head: str) -> None:
    found = only(f"{head}\r\n{ROW}")
    assert (found.name, found.function, found.address) == (
        SECRETARY.name, SECRETARY.function, SECRETARY.address,
    )  # fmt: skip


def test_columns_that_are_not_taken_are_named_and_roles_are_among_them() -> None:
    found = read(
        "Civilité;Nom;Fonction;Rôle;Courriel;;\nM.;Astreinte;Cadre;operator;astreinte@city.example.org\n"
    )
    assert found.ignored == ("Civilité", "Rôle")


def test_a_full_name_makes_its_parts_needless() -> None:
    found = read("Nom complet;Nom;Fonction;Mail\nCadre de permanence;x;Cadre;cadre@city.example.org\n")
    assert isinstance(found.entries[0], Entry)
    assert (found.entries[0].name, found.ignored) == ("Cadre de permanence", ("Nom",))


def test_a_cell_of_several_lines_becomes_one_line_and_lines_are_still_counted() -> None:
    function = '"Directeur ""adjoint""\r\nde cabinet; intérim"'
    rows = f"Cadre;{function};a@x.example.org\n\n;;\nAutre;Cadre;b@x.example.org"
    first, second = read(f"Nom;Fonction;Mail\n{rows}").entries
    assert isinstance(first, Entry)
    assert first.function == 'Directeur "adjoint" de cabinet; intérim'
    assert (first.line, second.line) == (2, 6)


def test_what_a_file_does_not_say_of_a_language_is_left_open() -> None:
    assert only("Nom;Fonction;Mail;Langue\nCadre;Cadre;a@x.example.org\n").language is None
    assert only("Nom;Fonction;Mail;Langue\nCadre;Cadre;a@x.example.org;Deutsch").language is Language.GERMAN
    assert only("Nom;Fonction;Mail;Langue\nCadre;Cadre;a@x.example.org;fr-FR").language is Language.FRENCH
    assert "fr, en and de" in refusal("Cadre;Cadre;a@x.example.org;xx", "Nom;Fonction;Mail;Langue\n")


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-2", "@SUM(A1)", " =1+1", "\u00a0=1", "＝1+1", "＠x"])
@pytest.mark.parametrize("column", [0, 1, 2])
def test_what_a_spreadsheet_would_compute_is_refused(cell: str, column: int) -> None:
    cells = ["Cadre", "Cadre", "cadre@city.example.org"]
    cells[column] = cell
    assert "as a formula does" in refusal(";".join(cells))


@pytest.mark.parametrize("cell", ["\tx", '"\rx"', '"\r=cmd|calc"'])
def test_what_hides_behind_a_control_character_is_refused(cell: str) -> None:
    assert "as a formula does" in refusal(f"{cell};Cadre;cadre@city.example.org")


@pytest.mark.parametrize(
    "address",
    [
        "evil@x.example.org <a@b.example.org>", "Cadre <cadre@city.example.org>", '"""a b""@city.example.org"',
        "a@city.example.org,b@city.example.org", "a@b@city.example.org", "cadre@[192.0.2.1]", "cadre@éxample.org",
        "càdre@city.example.org", "mailto:cadre@city.example.org", "cadre@localhost", "a%b@city.example.org",
        "a@city.example.org\u202e", "a@city.exam\u200bple.org", '"a@city.example.org\nbcc: b@x.example.org"', "",
        "x" * 65 + "@city.example.org", "a(b)@city.example.org", "@x.example.org:a@city.example.org ",
    ],
)  # fmt: skip
def test_an_address_is_bare_or_refused(address: str) -> None:
    said = refusal(f"Cadre;Cadre;{address}")
    assert "bare address" in said or "as a formula does" in said


def test_blanks_around_an_address_do_not_count_and_its_domain_is_in_small_letters() -> None:
    assert (
        only("Nom;Fonction;Mail\nCadre;Cadre; Cadre@City.Example.ORG\u00a0").address
        == "Cadre@city.example.org"
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (";Cadre;a@x.example.org", "The name is empty"),
        ("Cadre;;a@x.example.org", "The function is empty"),
        ("Cadre;Cadre", "bare address"),
        ("Cadre;Cadre;a@x.example.org;more", "more cells than the headings"),
        ("Ca\u202edre;Cadre;a@x.example.org", "U+202E"),
        ("Ca\x1b[31mdre;Cadre;a@x.example.org", "U+001B"),
        ("x" * 201 + ";Cadre;a@x.example.org", "keep it to 200"),
        ("a" + "\u0301" * 31 + ";Cadre;a@x.example.org", "piles more than 30 marks"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(row: str, said: str) -> None:
    assert said in refusal(row)


def test_what_is_shown_of_a_refused_row_steers_no_terminal() -> None:
    (entry,) = read(f"Nom;Fonction;Mail\nCa\x1b[31mdre{'x' * 500};Cadre;a\u202e@x\n").entries
    assert isinstance(entry, BadEntry)
    assert (entry.name + entry.address).isprintable()
    assert len(entry.name) <= 60


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "none for the name"),
        (b"\xef\xbb\xbf", "none for the name"),
        (HEAD.encode(), "names nobody"),
        (b"Nom;Fonction\nCadre;Cadre\n", "the address (`Courriel`)"),
        (ROW.encode(), "none for the name"),
        ((HEAD + ROW).encode("utf-16"), "is UTF-16"),
        ((HEAD + ROW).encode("utf-16-le"), "U+0000"),
        ((HEAD + ROW).encode() + b"\xff", "neither UTF-8 nor Windows-1252 (see line 3)"),
        ((HEAD + ROW).encode("utf-8-sig") + b"\xff", "neither UTF-8"),
        (HEAD.encode("cp1252") + b"\x81;", "neither UTF-8"),
        (b"PK\x03\x04" + bytes(100), "workbook"),
        ((HEAD + ROW.replace("mairie", "mai\0rie")).encode(), "U+0000"),
        (b"Nom;Fonction;Mail;Courriel\n", "Two columns give the address"),
        (b"Nom;Fonction;Mail" + b";x" * 60, "more than 60 columns"),
        (b"sep=|\nNom|Fonction|Mail\n", "other than"),
        ((HEAD + 'a;"b;c;d\n' + ROW).encode(), "From line 2 on the quotation marks"),
        ((HEAD + ROW + 'a;"b"c;d;e\n').encode(), "From line 3 on the quotation marks"),
        (HEAD.encode() + b"x" * 140_000, "far too long"),
        (b"x" * 5_000_000, "more than 256 KiB"),
        (b"\n" * FILE_MAX, "more than 20000 lines"),
        (HEAD.encode() + b";;\r\n" * 30_000, "more than 20000 lines"),
        (b"\n" * LINES_MAX, "none for the name"),
        (b";" * FILE_MAX, "none for the name"),
        ((HEAD + ROW * (ROWS_MAX + 1)).encode(), "more than 1000 rows"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)  # fmt: skip
def test_a_file_that_is_none_is_refused_as_a_whole(data: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_persons(data)
    assert said in refused.value.detail
    assert refused.value.pointer == "/file"


def test_a_thousand_rows_are_read() -> None:
    assert len(read(HEAD + ROW * ROWS_MAX).entries) == ROWS_MAX


SHAPES = st.binary(max_size=400) | st.builds(
    lambda head, rows: (head + "\n".join(rows)).encode("utf-8", "surrogatepass"),
    st.sampled_from([HEAD, "Name,Function,Mail\n", "sep=;\nNom;Fonction;Mail\r"]),
    st.lists(st.text(st.sampled_from('aé;,"\t\r\n=@. \0\u202e\ud800'), max_size=30), max_size=8),
)


def answer(data: bytes) -> PersonFile | str:
    """What is read, or the sentence that refuses it."""
    try:
        return read_persons(data)
    except Invalid as refused:
        return refused.detail


@given(SHAPES)
@example(b"\xef\xbb\xbfsep=;\n")
def test_whatever_the_bytes_there_is_one_clear_answer(data: bytes) -> None:
    found = answer(data)
    if isinstance(found, str):
        assert len(found) > 20
        assert found.isprintable()
        return
    assert found.entries
    assert all(each.name.isprintable() for each in found.entries if isinstance(each, BadEntry))
    lines = [each.line for each in found.entries]
    assert lines == sorted(set(lines))
