"""Why a room was not opened, as Jitsi shows it to the person who tried."""

from collections.abc import Mapping

from meetcoord.domain.values import Language

SAID: Mapping[Language, Mapping[str, str]] = {
    Language.FRENCH: {
        "not_found": "Cette salle ne peut pas être ouverte. Entrez par le lien personnel que vous avez reçu.",
        "too_early": "La salle n’est pas encore ouverte. Revenez par votre lien personnel : il dit quand elle ouvre.",
        "too_late": "La réunion est terminée. Le compte rendu viendra de l’organisme qui l’a organisée.",
        "meeting_cancelled": "Cette réunion est annulée. Vous n’avez rien à faire.",
        "meeting_moved": "Cette réunion est déplacée. Un nouveau lien viendra par messagerie, "
        "une fois la nouvelle heure convenue.",
    },
    Language.ENGLISH: {
        "not_found": "This room cannot be opened. Enter by the personal link you received.",
        "too_early": "The room is not open yet. Come back by your personal link: it says when the room opens.",
        "too_late": "The meeting is over. Its minutes will come from the organising agency.",
        "meeting_cancelled": "This meeting is cancelled. There is nothing for you to do.",
        "meeting_moved": "This meeting has been moved. A new link comes by mail once the new time is agreed.",
    },
    Language.GERMAN: {
        "not_found": "Dieser Raum kann nicht geöffnet werden. Treten Sie über Ihren persönlichen Link ein.",
        "too_early": "Der Raum ist noch nicht offen. Kommen Sie über Ihren persönlichen Link wieder: "
        "Er sagt, wann der Raum öffnet.",
        "too_late": "Die Besprechung ist beendet. Das Protokoll kommt von der einladenden Stelle.",
        "meeting_cancelled": "Diese Besprechung ist abgesagt. Sie müssen nichts tun.",
        "meeting_moved": "Diese Besprechung wird verschoben. Ein neuer Link kommt per E-Mail, "
        "sobald die neue Zeit vereinbart ist.",
    },
}
"""By the code of the error. What is unknown is not told apart from what never was."""
