"""The letter about keys: neutral, complete, the same in text and page, in three languages."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from meetcoord.adapters.mail.inspection import inspect
from meetcoord.adapters.mail.messages import compose, header_names
from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.key_letters import KeyLetter, NamedKey
from meetcoord.domain.key_notices import KeyChange
from meetcoord.domain.values import Language
from tests.mail.letters import SENDER, read, text_of, words_of_html

KEY = NamedKey(
    agency="Préfecture du Haut-Rhin",
    kind=RecipientKind.AUDITOR,
    label="Contrôle interne",
    fingerprint=" ".join(["0a1b2c3d"] * 8),
)
LETTER = KeyLetter(
    change=KeyChange.RECIPIENT_ADDED,
    message_id="notice@meet.example.org",
    written_at=datetime(2026, 11, 3, 9, 0, tzinfo=UTC),
    to_address="auditor@city.example.org",
    to_name="Auditor of the city",
    language=Language.FRENCH,
    by_console=False,
    by_function="Administratrice des clés",
    by_agency="Préfecture du Haut-Rhin",
    keys=(KEY,),
    entry=None,
    help_phone="+33 3 00 00 00 00",
)


def of(change: KeyChange, language: Language) -> KeyLetter:
    if change is not KeyChange.POLICY_IN_FORCE:
        return replace(LETTER, change=change, language=language)
    approver = replace(KEY, kind=None, label="")
    return replace(LETTER, change=change, language=language, keys=(KEY, approver), entry=4711)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("change", KeyChange)
def test_it_leaves_well_formed_and_says_the_same_in_text_and_page(
    change: KeyChange, language: Language
) -> None:
    letter = of(change, language)
    data = compose(letter, SENDER)
    assert data == compose(letter, SENDER)
    inspect(data, header_names(SENDER), SENDER.address, letter.to_address)
    message = read(letter)
    text, page = text_of(message, "text/plain"), text_of(message, "text/html")
    assert message["Content-Language"] == language.value
    for each in letter.keys:
        assert each.fingerprint in text
    assert "Administratrice des clés" in text
    assert ("4711" in text) is (change is KeyChange.POLICY_IN_FORCE)
    assert set(words_of_html(page)) >= {word for word in text.split() if word.isalpha()}
    assert "{" not in text


@pytest.mark.parametrize(
    ("language", "subject", "what_to_do"),
    [
        (Language.FRENCH, "Clé ajoutée\u00a0: Préfecture du Haut-Rhin", "comparez l’empreinte par téléphone"),
        (
            Language.ENGLISH,
            "Key added: Préfecture du Haut-Rhin",
            "compare the fingerprint with that agency by",
        ),
        (
            Language.GERMAN,
            "Schlüssel hinzugefügt: Préfecture du Haut-Rhin",
            "vergleichen Sie den Fingerabdruck",
        ),
    ],
)
def test_it_says_whose_key_and_what_to_do_if_it_was_not_expected(
    language: Language, subject: str, what_to_do: str
) -> None:
    message = read(of(KeyChange.RECIPIENT_ADDED, language))
    assert str(message["Subject"]) == subject
    assert what_to_do in text_of(message, "text/plain")


@pytest.mark.parametrize("language", Language)
def test_who_did_it_is_a_function_the_console_or_the_service(language: Language) -> None:
    ways = [
        LETTER,
        replace(LETTER, by_console=True, by_function=""),
        replace(LETTER, by_console=False, by_function=""),
    ]
    texts = [text_of(read(replace(each, language=language)), "text/plain") for each in ways]
    assert len(set(texts)) == 3


def test_a_label_cannot_forge_a_line_or_a_header() -> None:
    hostile = replace(KEY, agency="A\r\nBcc: x@evil.example.org", label="\u202eB\r\n\r\nForged")
    message = read(replace(LETTER, keys=(hostile,)))
    assert message["Bcc"] is None
    assert "\nForged" not in text_of(message, "text/plain")
