"""The sentences of problems that belong to HTTP, and the titles of all problems in three languages."""

from collections.abc import Mapping

from meetcoord.domain.values import Language

INTERNAL = "Something went wrong on our side. Nothing you can change: tell the operator the request_id of this answer."
UNAVAILABLE = "A part of the service does not answer just now: try again in a few seconds."

SAID: Mapping[int, str] = {
    400: "The request cannot be read: check its address, its headers and its body.",
    404: "There is nothing here that you may see: check the address and the identifiers you sent.",
    405: "This address does not know that method: the Allow header names those it knows.",
    408: "The body did not arrive in time: send the request again.",
    413: "The body is too large: send less in one request.",
}
"""For errors found before any handler of ours is reached."""


def _titles(french: str, english: str, german: str) -> Mapping[Language, str]:
    return {Language.FRENCH: french, Language.ENGLISH: english, Language.GERMAN: german}


TITLES: Mapping[str, Mapping[Language, str]] = {
    "bad_request": _titles("Requête illisible", "Unreadable request", "Anfrage nicht lesbar"),
    "method_not_allowed": _titles("Méthode non prévue", "Method not allowed", "Methode nicht vorgesehen"),
    "request_timeout": _titles("Requête trop lente", "Request too slow", "Anfrage zu langsam"),
    "body_too_large": _titles("Corps trop volumineux", "Body too large", "Inhalt zu groß"),
    "unsupported_media_type": _titles("Format non accepté", "Unsupported format", "Format nicht unterstützt"),
    "misdirected_request": _titles("Mauvais hôte", "Wrong host", "Falscher Host"),
    "precondition_required": _titles("Version à préciser", "Version required", "Version erforderlich"),
    "internal": _titles("Erreur interne", "Internal error", "Interner Fehler"),
    "refused": _titles("Demande refusée", "Request refused", "Anfrage abgelehnt"),
    "invalid": _titles("Donnée non valable", "Invalid value", "Ungültige Angabe"),
    "unclear_time": _titles("Heure ambiguë", "Unclear time", "Unklare Uhrzeit"),
    "unauthenticated": _titles("Clé d’API requise", "API key required", "API-Schlüssel erforderlich"),
    "forbidden": _titles("Droit manquant", "Right missing", "Fehlendes Recht"),
    "not_found": _titles("Introuvable", "Not found", "Nicht gefunden"),
    "conflict": _titles("Impossible dans cet état", "Not possible now", "Derzeit nicht möglich"),
    "erased": _titles("Fichier effacé", "File erased", "Datei gelöscht"),
    "stale": _titles("Version dépassée", "Outdated version", "Veraltete Version"),
    "join_refused": _titles("Entrée refusée", "Entry refused", "Eintritt verweigert"),
    "link_invalid": _titles("Lien non valable", "Invalid link", "Ungültiger Link"),
    "link_replaced": _titles("Lien remplacé", "Link replaced", "Link ersetzt"),
    "too_early": _titles("Trop tôt", "Too early", "Zu früh"),
    "too_late": _titles("Réunion terminée", "Meeting over", "Besprechung beendet"),
    "meeting_cancelled": _titles("Réunion annulée", "Meeting cancelled", "Besprechung abgesagt"),
    "meeting_moved": _titles("Réunion déplacée", "Meeting moved", "Besprechung verschoben"),
    "room_full": _titles("Salle pleine", "Room full", "Raum voll"),
    "proof_needed": _titles("Code demandé", "Code needed", "Code erforderlich"),
    "code_wrong": _titles("Code inexact", "Wrong code", "Falscher Code"),
    "code_expired": _titles("Code périmé", "Code expired", "Code abgelaufen"),
    "too_many_tries": _titles("Trop d’essais", "Too many tries", "Zu viele Versuche"),
    "used_elsewhere": _titles("Lien utilisé ailleurs", "Used elsewhere", "Anderswo benutzt"),
    "damaged": _titles("Donnée altérée", "Damaged data", "Beschädigte Daten"),
    "read_only": _titles("Service en lecture seule", "The service is read-only", "Der Dienst ist nur lesbar"),
    "unavailable": _titles("Momentanément indisponible", "Unavailable just now", "Derzeit nicht verfügbar"),
}


def preferred_language(accepted: str) -> Language:
    """The language of ours that an Accept-Language header (RFC 9110, 12.5.4) likes best; English if none."""
    best, weight = Language.ENGLISH, 0.0
    for wish in accepted.split(",")[:20]:
        name, _, quality = wish.partition(";")
        known = next((each for each in Language if name.strip().lower().split("-")[0] == each.value), None)
        if known and _weight(quality) > weight:
            best, weight = known, _weight(quality)
    return best


def _weight(quality: str) -> float:
    stated = quality.strip().removeprefix("q=")
    try:
        return float(stated) if stated else 1.0
    except ValueError:
        return 0.0
