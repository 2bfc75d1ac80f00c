"""Who takes part in the demo: three agencies, nine persons, known by their roles."""

import msgspec


class Part(msgspec.Struct, frozen=True):
    """`roles` are what the person may do in meetcoord; everybody here can be sent to a meeting."""

    mailbox: str
    name: str
    function: str
    roles: tuple[str, ...]
    moderator: bool = False


class Troupe(msgspec.Struct, frozen=True):
    id: str
    name: str
    parts: tuple[Part, ...]

    def address(self, part: Part) -> str:
        return f"{part.mailbox}@{self.id}.example.org"


CITY = Troupe(
    "city",
    "Ville",
    (
        Part(
            "secretariat",
            "Secrétariat de la ville",
            "Secrétariat général",
            ("secretary", "administrator"),
            moderator=True,
        ),
        Part("direction-crise", "Direction de crise", "Gestion de crise", ()),
        Part("archives", "Archives municipales", "Archives", ("auditor",)),
    ),
)
HEALTH_AGENCY = Troupe(
    "health-agency",
    "Agence régionale de santé",
    (
        Part("secretariat", "Secrétariat de l’agence", "Secrétariat", ("secretary", "administrator")),
        Part("veille", "Veille sanitaire", "Veille et alertes", ()),
        Part("controle", "Contrôle interne", "Audit", ("auditor",)),
    ),
)
PREFECTURE = Troupe(
    "prefecture",
    "Préfecture",
    (
        Part("secretariat", "Secrétariat de la préfecture", "Secrétariat", ("secretary", "administrator")),
        Part("cabinet", "Cabinet", "Direction de cabinet", ()),
        # Her mailbox is full for good: the board must say so, and nobody else may be held up by it.
        Part("permanence", "Permanence", "Astreinte", ("auditor",)),
    ),
)
TROUPES = (CITY, HEALTH_AGENCY, PREFECTURE)
UNREACHABLE = PREFECTURE.address(PREFECTURE.parts[2])

SCOPES = {
    "secretary": (
        "agencies:read", "persons:read", "meetings:read", "meetings:write", "minutes:read", "minutes:write", "log:read",
    ),
    "administrator": ("agencies:read", "agencies:write", "persons:read", "persons:write"),
    "auditor": ("agencies:read", "meetings:read", "minutes:read", "log:read"),
}  # fmt: skip
