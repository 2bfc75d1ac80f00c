"""Values of the domain to begin a test with."""

from datetime import UTC, datetime, timedelta

import msgspec

from meetcoord.domain.invitations import Invitation, Seat
from meetcoord.domain.meetings import (
    Answer,
    Choice,
    Convened,
    Delegate,
    Meeting,
    MeetingState,
    Slot,
    SlotChoice,
)
from meetcoord.domain.profiles import SHIPPED, Profile, ProfileName
from meetcoord.domain.values import AgencyId, InvitationId, MeetingId, PersonId, SlotId

NOW = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
START = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
CITY, HEALTH, PREFECTURE, UNIVERSITY = map(AgencyId, ("city", "health", "prefecture", "university"))
FIRST, SECOND, THIRD = map(SlotId, ("s1", "s2", "s3"))
SECRETARY, GUEST = PersonId("secretary"), PersonId("guest")


def slots() -> tuple[Slot, ...]:
    return tuple(
        Slot(id=each, start=START + timedelta(days=day), end=END + timedelta(days=day))
        for day, each in enumerate((FIRST, SECOND, THIRD))
    )


def answer(agency: AgencyId, *choices: Choice, terms: int = 1) -> Answer:
    """One choice for all three slots, or one for each."""
    each = choices if len(choices) == 3 else choices * 3
    said = tuple(
        SlotChoice(slot=slot, choice=choice)
        for slot, choice in zip((FIRST, SECOND, THIRD), each, strict=True)
    )
    return Answer(agency=agency, terms=terms, choices=said, by=SECRETARY, at=NOW)


def proposed(**changes: object) -> Meeting:
    """The city convenes the health agency and the prefecture, and the university if it likes."""
    meeting = Meeting(
        id=MeetingId("meeting"),
        version=1,
        title="Crisis cell",
        agenda="",
        profile=ProfileName.STANDARD,
        organiser=CITY,
        convened=(
            Convened(agency=HEALTH, required=True),
            Convened(agency=PREFECTURE, required=True),
            Convened(agency=UNIVERSITY, required=False),
        ),
        slots=slots(),
        time_zone="Europe/Paris",
        terms=1,
        answers=(answer(CITY, Choice.YES),),
        delegates=(),
        state=MeetingState.PROPOSED,
        settled=None,
        room="room",
        created_by=SECRETARY,
        created_at=NOW,
    )
    return msgspec.structs.replace(meeting, **changes)


def settled() -> Meeting:
    """On the first slot, with a guest of the prefecture."""
    meeting = proposed().answered(answer(HEALTH, Choice.YES)).answered(answer(PREFECTURE, Choice.YES))
    return meeting.settled_on(FIRST, NOW).with_delegates(
        PREFECTURE, (Delegate(person=GUEST, agency=PREFECTURE),)
    )


def invitation(**changes: object) -> Invitation:
    some = Invitation(
        id=InvitationId("invitation"),
        meeting=MeetingId("meeting"),
        person=GUEST,
        agency=PREFECTURE,
        alias="alias",
        name="Head of unit (Prefecture)",
        revision=1,
        active=True,
        created_at=NOW,
    )
    return msgspec.structs.replace(some, **changes)


def seat(profile: Profile = SHIPPED.standard, **changes: object) -> Seat:
    return Seat(invitation=invitation(**changes), meeting=settled(), profile=profile)
