"""The few words that a text of minutes is built with, in three languages."""

from msgspec import Struct

from meetcoord.domain.drafts import Participation
from meetcoord.domain.values import Language


class Words(Struct, frozen=True, kw_only=True):
    """Words before a colon come without it: French sets a space before."""

    minutes: str
    attendance: str
    declared: str
    times: str
    decision: str
    action: str
    owner: str
    due: str
    vote: str
    in_favour: str
    against: str
    abstained: str
    outcome: str
    closing: str
    present: str
    substitute: str
    excused: str
    expected: str
    missing: str
    remote: str
    late: str
    left_early: str
    colon: str

    def participation(self, mode: Participation) -> str:
        match mode:
            case Participation.PRESENT:
                return self.present
            case Participation.SUBSTITUTE:
                return self.substitute
            case Participation.EXCUSED:
                return self.excused
            case Participation.EXPECTED:
                return self.expected
            case Participation.MISSING:
                return self.missing


_FRENCH = Words(
    minutes="Compte rendu",
    attendance="Présences",
    declared="Présences déclarées par le système de visioconférence.",
    times="Heures",
    decision="Décision",
    action="Action",
    owner="Responsable",
    due="Échéance",
    vote="Vote",
    in_favour="Pour",
    against="Contre",
    abstained="Abstentions",
    outcome="Résultat",
    closing="Clôture",
    present="présence",
    substitute="représentation par suppléance",
    excused="absence excusée",
    expected="présence attendue",
    missing="absence",
    remote="à distance",
    late="arrivée en retard",
    left_early="départ avant la fin",
    colon="\u00a0:",
)
_ENGLISH = Words(
    minutes="Minutes",
    attendance="Attendance",
    declared="Attendance as declared by the video system.",
    times="Times",
    decision="Decision",
    action="Action",
    owner="Owner",
    due="Due",
    vote="Vote",
    in_favour="For",
    against="Against",
    abstained="Abstentions",
    outcome="Outcome",
    closing="Closing",
    present="present",
    substitute="represented by a substitute",
    excused="excused",
    expected="expected",
    missing="missing",
    remote="remote",
    late="arrived late",
    left_early="left early",
    colon=":",
)
_GERMAN = Words(
    minutes="Protokoll",
    attendance="Anwesenheit",
    declared="Anwesenheit nach Angabe des Videosystems.",
    times="Zeiten",
    decision="Beschluss",
    action="Aufgabe",
    owner="Verantwortlich",
    due="Frist",
    vote="Abstimmung",
    in_favour="Dafür",
    against="Dagegen",
    abstained="Enthaltungen",
    outcome="Ergebnis",
    closing="Schluss",
    present="anwesend",
    substitute="vertreten",
    excused="entschuldigt",
    expected="erwartet",
    missing="abwesend",
    remote="aus der Ferne",
    late="später gekommen",
    left_early="früher gegangen",
    colon=":",
)


def words_of(language: Language) -> Words:
    match language:
        case Language.FRENCH:
            return _FRENCH
        case Language.ENGLISH:
            return _ENGLISH
        case Language.GERMAN:
            return _GERMAN
