"""What is recorded of a meeting and its people, read in one go."""

from meetcoord.domain.meetings import Meeting
from meetcoord.domain.proposed_drafts import Known
from meetcoord.ports.storage import Transaction


async def known_of(tx: Transaction, meeting: Meeting) -> Known:
    invitations = await tx.invitations.of_meeting(meeting.id)
    concerned = {i.person for i in invitations} | {d.person for d in meeting.delegates}
    return Known(
        meeting=meeting,
        agencies=tuple(await tx.agencies.every()),
        persons=tuple(await tx.persons.several(sorted(concerned))),
        invitations=tuple(invitations),
        admissions=tuple(await tx.admissions.of_meeting(meeting.id)),
        events=tuple(await tx.room_events.of_meeting(meeting.id)),
    )
