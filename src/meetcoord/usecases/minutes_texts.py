"""What is kept of minutes until they are sealed, and who may know that it exists."""

from meetcoord.domain.access import Actor
from meetcoord.domain.errors import Damaged, NotFound
from meetcoord.domain.frames import Frame
from meetcoord.domain.kept import Kept
from meetcoord.domain.leaves import content_hash
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.minutes import SEQ_MAX, Minutes, MinutesState
from meetcoord.ports.sealing import DraftVault
from meetcoord.ports.storage import Transaction


def draft_place(minutes: Minutes) -> str:
    """The context a draft is locked in; it names the version, so that an older text cannot be put back."""
    return f"draft {minutes.meeting}/{minutes.seq} version {minutes.version}"


def frame_place(minutes: Minutes) -> str:
    return f"frame {minutes.meeting}/{minutes.seq}"


async def minutes_for(tx: Transaction, actor: Actor, meeting: Meeting, seq: int) -> Minutes:
    """The minutes; NotFound for another agency's draft as for one that does not exist."""
    try:
        found = await tx.minutes.get(meeting.id, seq) if 0 <= seq <= SEQ_MAX else None
    except NotFound:
        found = None
    if found is None or (found.state is MinutesState.DRAFT and meeting.organiser != actor.agency):
        raise NotFound("There are no such minutes, or they have not been circulated yet.")
    return found


def open_frame(vault: DraftVault, minutes: Minutes, locked: bytes) -> bytes:
    """The circulated text in its frame. Raises Damaged unless it is the very one whose hash was circulated."""
    return _circulated(vault, minutes, locked).text.encode()


def _circulated(vault: DraftVault, minutes: Minutes, locked: bytes) -> Kept:
    kept = Kept.parse(vault.unlock(locked, frame_place(minutes)))
    if content_hash(kept.text.encode()) != minutes.content:
        what = f"minutes {minutes.meeting}/{minutes.seq}"
        raise Damaged(what, "the kept text is not the one that was circulated")
    return kept


async def kept_text(tx: Transaction, vault: DraftVault, minutes: Minutes) -> Kept:
    """What is kept before the seal. Raises Damaged when it is not the text last written or circulated."""
    locked = await tx.minutes.text(minutes.meeting, minutes.seq)
    if minutes.state is MinutesState.DRAFT:
        return Kept.parse(vault.unlock(locked, draft_place(minutes)))
    return _circulated(vault, minutes, locked)


def body_of(minutes: Minutes, kept: Kept) -> str:
    return kept.text if minutes.state is MinutesState.DRAFT else Frame.parse(kept.text.encode()).body


async def keep(tx: Transaction, vault: DraftVault, minutes: Minutes, kept: Kept) -> None:
    """Put `kept` in the place of what was kept of these minutes."""
    place = draft_place(minutes) if minutes.state is MinutesState.DRAFT else frame_place(minutes)
    await tx.minutes.keep_text(minutes.meeting, minutes.seq, vault.lock(kept.encode(), place))
