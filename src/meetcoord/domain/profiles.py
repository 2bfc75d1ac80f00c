"""The three profiles: one choice that governs link, mail, room, minutes and approvals."""

from datetime import timedelta
from enum import Enum

import msgspec

from meetcoord.domain.errors import Invalid

PASS_LIFE_MAX = timedelta(minutes=15)
"""No room pass lives longer, whatever the profile."""

DOORS_MAX = timedelta(hours=1)

OCCUPANTS_MAX = 10_000


class ProfileName(Enum):
    STANDARD = "standard"
    SENSITIVE = "sensitive"
    CRITICAL = "critical"


class Proof(Enum):
    """How a person shows, beyond holding the link, that the seat is hers."""

    LINK = "link"
    MAILED_CODE = "mailed_code"
    AGENCY_LOGIN_OR_PHONE_CODE = "agency_login_or_phone_code"


class Approval(Enum):
    """Who must approve minutes before they are sealed."""

    ORGANISER = "organiser"
    EVERY_REQUIRED_AGENCY = "every_required_agency"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """`doors` is how long before the start people may enter, `pass_life` how long a room pass opens the room.

    `signed_approvals`: minutes circulate only when every agency that must approve them has named a key to sign with.
    `archive_visa`: sealed minutes are erased only with the number under which the archives allowed it.
    `max_occupants` is how many connections a room takes; 0: as many as its standing seats ask for.
    """

    name: ProfileName
    proof: Proof
    neutral_mail: bool
    doors: timedelta
    pass_life: timedelta
    lobby: bool
    recording_allowed: bool
    custodian_allowed: bool
    approval: Approval
    signed_approvals: bool
    archive_visa: bool
    max_occupants: int

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.doors <= DOORS_MAX:
            raise Invalid("The doors open between 0 and 60 minutes before the start.", "/doors_minutes")
        if not timedelta(minutes=1) <= self.pass_life <= PASS_LIFE_MAX:
            raise Invalid("A room pass lives between 1 and 15 minutes.", "/token_minutes")
        if not 0 <= self.max_occupants <= OCCUPANTS_MAX:
            raise Invalid(
                f"A room takes between 1 and {OCCUPANTS_MAX} connections, or 0: by its seats.",
                "/max_occupants",
            )


class Profiles(msgspec.Struct, frozen=True, kw_only=True):
    """The table in force on this service."""

    standard: Profile
    sensitive: Profile
    critical: Profile

    def named(self, name: ProfileName) -> Profile:
        match name:
            case ProfileName.STANDARD:
                return self.standard
            case ProfileName.SENSITIVE:
                return self.sensitive
            case ProfileName.CRITICAL:
                return self.critical


# Minutes of public bodies are public archives whatever their profile, and these are destroyed with a visa only.
SHIPPED = Profiles(
    standard=Profile(
        name=ProfileName.STANDARD,
        proof=Proof.LINK,
        neutral_mail=False,
        doors=timedelta(minutes=15),
        pass_life=timedelta(minutes=15),
        lobby=False,
        recording_allowed=True,
        custodian_allowed=True,
        approval=Approval.ORGANISER,
        signed_approvals=False,
        archive_visa=True,
        max_occupants=0,
    ),
    sensitive=Profile(
        name=ProfileName.SENSITIVE,
        proof=Proof.MAILED_CODE,
        neutral_mail=True,
        doors=timedelta(minutes=15),
        pass_life=timedelta(minutes=10),
        lobby=True,
        recording_allowed=False,
        custodian_allowed=True,
        approval=Approval.EVERY_REQUIRED_AGENCY,
        signed_approvals=False,
        archive_visa=True,
        max_occupants=0,
    ),
    critical=Profile(
        name=ProfileName.CRITICAL,
        proof=Proof.AGENCY_LOGIN_OR_PHONE_CODE,
        neutral_mail=True,
        doors=timedelta(minutes=10),
        pass_life=timedelta(minutes=5),
        lobby=True,
        recording_allowed=False,
        custodian_allowed=False,
        approval=Approval.EVERY_REQUIRED_AGENCY,
        signed_approvals=True,
        archive_visa=True,
        max_occupants=0,
    ),
)
