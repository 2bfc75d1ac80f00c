"""Text that claims a classification level is refused: this service is not approved for such matter.

One rule for titles, agendas and minutes. It looks for markings, not for the words they are made of.
"""

import re
import unicodedata

from meetcoord.domain.errors import Invalid

_GAP = r"[\s_/-]+"
_LEVEL = rf"(?:(?:cosmic{_GAP})?top{_GAP}secret|secret|confidential|restricted)"
_NIVEAU = rf"(?:tres{_GAP}secret|secret|confidentiel|restreint|diffusion{_GAP}restreinte)"

# Names of levels that are hardly ever ordinary words: refused wherever they stand.
_NAMES = re.compile(
    rf"\b(?:diffusion{_GAP}restreinte|secret{_GAP}defense|confidentiel{_GAP}defense|special{_GAP}france"
    rf"|(?:nato|otan){_GAP}(?:{_LEVEL}|{_NIVEAU})|(?:{_LEVEL}|{_NIVEAU}){_GAP}(?:nato|otan)"
    rf"|cosmic{_GAP}(?:top{_GAP}secret|tres{_GAP}secret)"
    rf"|(?-i:EU){_GAP}{_LEVEL}|{_NIVEAU}{_GAP}(?-i:UE)|r-ue/eu-r"
    rf"|vs{_GAP}nfd|vs{_GAP}vertraulich|vs{_GAP}nur{_GAP}fur{_GAP}den{_GAP}dienstgebrauch)\b",
    re.IGNORECASE,
)
# Levels whose names are ordinary words: a marking when they are written as one.
_WRITTEN_OUT = re.compile(
    rf"\b(?:TRES{_GAP}SECRET|Tres{_GAP}Secret|TOP{_GAP}SECRET|Top{_GAP}Secret|STRENG{_GAP}GEHEIM)\b"
)
_ALONE = re.compile(
    rf"(?:(?:classification|classifie|niveau|mention|marquage|marking|einstufung)\s*:?\s*)?"
    rf"(?:secret|tres{_GAP}secret|top{_GAP}secret|streng{_GAP}geheim|geheim)",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"\n|\s[\u2013\u2014|/-]\s|[()\[\]|]|\*\*")
_ORNAMENT = " \t\u00a0\u202f.,;:!*_#>=+~\"'`\u00ab\u00bb\u201c\u201d\u2013\u2014-"
_UNSEEN = str.maketrans("_\u00a0", "  ", "\u00ad\u200c\u200d*\\`~")
"""What stands between letters without being seen as a letter, Markdown's own signs among it."""


def refuse_marking(text: str, what: str, pointer: str = "") -> str:
    """`text`, unless it claims a classification level. Raises Invalid, with what to do instead.

    The names of national, NATO and EU levels are refused anywhere; those that are ordinary words as well (“secret”,
    “très secret”) only where they stand alone on a line or between dashes or brackets, or are written as a marking.
    """
    found = _marking(text)
    if found:
        raise Invalid(
            f"{what} says “{found}”: meetcoord is not meant for Diffusion Restreinte or classified matter. "
            "Use the network approved for that level, or remove the marking if the content does not carry it.",
            pointer,
        )
    return text


def _marking(text: str) -> str:
    plain = _without_accents(text)
    seen = plain.translate(_UNSEEN)
    found = _NAMES.search(seen) or _WRITTEN_OUT.search(seen)
    if found:
        return " ".join(found.group().split())
    for part in _BREAKS.split(plain):
        alone = part.translate(_UNSEEN).strip(_ORNAMENT)
        if _ALONE.fullmatch(alone):
            return alone
    return ""


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
