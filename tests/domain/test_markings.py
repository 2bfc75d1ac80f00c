"""A text that claims a classification level is refused; one that only uses the same words is not."""

import time

import pytest

from meetcoord.domain.errors import Invalid
from meetcoord.domain.markings import refuse_marking


@pytest.mark.parametrize(
    "text",
    [
        "Diffusion Restreinte",
        "DIFFUSION  RESTREINTE",
        "point diffusion-restreinte",
        "Diffusion\u00a0Restreinte",
        "diffusion\nrestreinte",
        "DIFFUSION_RESTREINTE",
        "**Diffusion** *Restreinte*",
        "Diffusion\\_Restreinte",
        "Diffu\u00adsion Res\u200dtreinte",
        "Ｄｉｆｆｕｓｉｏｎ Ｒｅｓｔｒｅｉｎｔｅ",
        "Secret Défense",
        "secret-defense",
        "CONFIDENTIEL DÉFENSE",
        "Très Secret",
        "TRES SECRET",
        "SPÉCIAL FRANCE",
        "NATO SECRET",
        "NATO RESTRICTED",
        "OTAN Confidentiel",
        "Secret OTAN",
        "COSMIC TOP SECRET",
        "EU RESTRICTED",
        "EU Confidential",
        "RESTREINT UE",
        "RESTREINT UE/EU RESTRICTED",
        "TRÈS SECRET UE/EU TOP SECRET",
        "TOP SECRET",
        "VS-NfD",
        "VS – Nur für den Dienstgebrauch".replace("–", "-"),
        "STRENG GEHEIM",
    ],
)
def test_a_marking_of_a_protection_level_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(Invalid, match="network approved for that level") as refusal:
        refuse_marking(f"Note — {text}, page 1", "The title", "/title")
    assert refusal.value.pointer == "/title"


@pytest.mark.parametrize(
    "marking",
    ["Secret", "SECRET", "très secret", "top secret", "Geheim", "Classification : Secret", "secret."],
)
@pytest.mark.parametrize("text", ["{}", "Point\n{}\nSuite", "# {}", "**{}**", "Budget — {}", "Budget ({})"])
def test_a_level_standing_alone_is_a_marking_whatever_its_letters(text: str, marking: str) -> None:
    with pytest.raises(Invalid, match="remove the marking"):
        refuse_marking(text.format(marking), "The text", "/body")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Le secrétariat",
        "secret médical",
        "Le secret médical est rappelé à tous.",
        "Le vote a lieu à bulletin secret.",
        "Vote à bulletins secrets : 12 voix pour.",
        "Le directeur est resté très secret sur ses intentions.",
        "Le secret professionnel, le secret des affaires et le secret de l’instruction",
        "Secret professionnel : rappel",
        "Une question de défense des droits",
        "Le secret de la défense civile",
        "diffusion large",
        "diffusion du compte rendu restreinte aux agents",
        "restreinte budgétaire",
        "Document confidentiel remis en séance",
        "Données confidentielles des patients",
        "Il a eu confidentiellement connaissance du dossier",
        "Il a eu secret sur secret à garder",
        "This stays top secret until Monday, the mayor joked.",
        "Access is restricted to staff.",
        "Access stays restricted. NATO staff were told.",
        "Der Vorgang bleibt geheim, bis er entschieden ist.",
        "Die Wahl ist geheim und frei.",
        "OTAN : exercice de secours",
        "France : mission spéciale",
    ],
)
def test_ordinary_words_are_no_marking(text: str) -> None:
    assert refuse_marking(text, "The text") == text


def test_a_long_text_is_read_through_quickly() -> None:
    begun = time.process_time()
    for text in ("é secret " * 50_000, "diffusion " * 50_000, "- " * 250_000, "tres " + " " * 400_000):
        refuse_marking(text, "The text")
    assert time.process_time() - begun < 5
