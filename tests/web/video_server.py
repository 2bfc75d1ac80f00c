"""The bodies that a Jitsi server sends, in its own order and spelling."""

from datetime import timedelta
from typing import Any

import httpx

from meetcoord.domain.meetings import Meeting
from tests.agencies import MORNING
from tests.web.conftest import Asking

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
MINUTE = timedelta(minutes=1)
OWNER = "mail_owner=29dd4443-0c2b-4b8e-9c1c-6f0b7f6c2f10%40meet.test"
START = "start_time=2026-11-22T21%3a02%3a38.000Z"


async def ask(jitsi: Asking, name: str) -> httpx.Response:
    """In the order and the spelling of Prosody."""
    return await jitsi("POST", "/jitsi/conference", content=f"{OWNER}&{START}&name={name}", headers=FORM)


async def tell(jitsi: Asking, what: str, **body: Any) -> int:
    return (await jitsi.post(f"/jitsi/events/{what}", body)).status_code


def seconds(minute: int) -> int:
    return int((MORNING + minute * MINUTE).timestamp())


def occupant(who: str, minute: int, uuid: str = "29dd4443", **more: Any) -> dict[str, Any]:
    return {
        "occupant_jid": f"{uuid}-0c2b-4b8e-9c1c-6f0b7f6c2f10@meet.jitsi/Kq3",
        "joined_at": seconds(minute),
        "name": "Nobody's Business",
        "email": "somebody@example.org",
        "id": who,
        **more,
    }


def of(meeting: Meeting, **more: Any) -> dict[str, Any]:
    return {
        "event_name": "muc-something",
        "is_breakout": False,
        "room_name": meeting.room,
        "room_jid": f"{meeting.room}@conference.meet.jitsi",
        **more,
    }
