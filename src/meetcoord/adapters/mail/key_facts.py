"""What the templates of a letter about keys are filled with."""

from collections.abc import Mapping
from typing import Any

from meetcoord.adapters.mail.key_wording import KEY_WORDINGS, KeyWording
from meetcoord.adapters.mail.wording import WORDINGS, visible_line
from meetcoord.domain.key_letters import KeyLetter, NamedKey


def key_subject(letter: KeyLetter) -> str:
    sentence = KEY_WORDINGS[letter.language].subject[letter.change]
    return sentence.format(agency=visible_line(letter.keys[0].agency) if letter.keys else "")


def key_facts(letter: KeyLetter, genuine: str, signature: str) -> Mapping[str, Any]:
    common, words = WORDINGS[letter.language], KEY_WORDINGS[letter.language]
    return {
        "words": common,
        "said": words,
        "language": letter.language.value,
        "greeting": common.greeting.format(name=visible_line(letter.to_name)),
        "opening": words.opening[letter.change],
        "heading": words.heading if letter.entry is None else words.list_heading,
        "title": key_subject(letter),
        "keys": [_shown(key, words) for key in letter.keys],
        "effect": words.effect[letter.change].format(entry=letter.entry),
        "doer": _doer(letter, words),
        "unexpected": words.unexpected if letter.entry is None else words.list_unexpected,
        "help_phone": visible_line(letter.help_phone),
        "signature": signature,
        "genuine": genuine,
    }


def _shown(key: NamedKey, words: KeyWording) -> tuple[str, str]:
    """Whose and of what kind, then the fingerprint."""
    what = [visible_line(key.agency), words.kinds[key.kind], visible_line(key.label)]
    return ", ".join(part for part in what if part), key.fingerprint


def _doer(letter: KeyLetter, words: KeyWording) -> str:
    agency, function = visible_line(letter.by_agency), visible_line(letter.by_function)
    if letter.by_console:
        return words.by_console.format(agency=agency)
    if not function:
        return words.by_service.format(agency=agency)
    return words.by_person.format(function=function, agency=agency)
