"""What every RoomControl does, told through who is in the rooms afterwards."""

from typing import Protocol

import pytest

from meetcoord.domain.errors import Misconfigured, NotFound, Unavailable
from meetcoord.ports.rooms import RoomControl

ROOM, OTHER = "room2q7gqzv5rjw3n6bt7ycuaa", "other2q7gqzv5rjw3n6bt7ycua"
ADA, BLAISE = "0a1b2c3d", "4e5f6a7b"


class VideoSystem(Protocol):
    """The far side of a RoomControl: who is where, and the misfortunes it can be told to cause."""

    @property
    def control(self) -> RoomControl: ...

    def open(self, room: str, *occupants: str) -> None: ...

    def inside(self, room: str) -> set[str] | None:
        """None for a room that is not open."""
        ...

    def be_silent(self) -> None: ...
    def fail(self) -> None: ...
    def lose_the_reply(self) -> None: ...
    def distrust(self) -> None: ...


class RoomControlContract:
    """Subclasses give a fixture `video`."""

    async def test_one_person_is_put_out_and_the_others_stay(self, video: VideoSystem) -> None:
        video.open(ROOM, ADA, BLAISE)
        video.open(OTHER, ADA)
        await video.control.put_out(ROOM, ADA)
        assert video.inside(ROOM) == {BLAISE}
        assert video.inside(OTHER) == {ADA}

    async def test_an_ended_room_is_gone_and_the_other_stays(self, video: VideoSystem) -> None:
        video.open(ROOM, ADA, BLAISE)
        video.open(OTHER, ADA)
        await video.control.end(ROOM)
        assert video.inside(ROOM) is None
        assert video.inside(OTHER) == {ADA}

    async def test_what_is_not_there_is_not_found(self, video: VideoSystem) -> None:
        video.open(OTHER, ADA)
        with pytest.raises(NotFound):
            await video.control.put_out(ROOM, ADA)
        with pytest.raises(NotFound):
            await video.control.put_out(OTHER, BLAISE)
        with pytest.raises(NotFound):
            await video.control.end(ROOM)
        assert video.inside(OTHER) == {ADA}

    async def test_done_twice_there_is_nothing_left_to_do(self, video: VideoSystem) -> None:
        video.open(ROOM, ADA, BLAISE)
        await video.control.put_out(ROOM, ADA)
        with pytest.raises(NotFound):
            await video.control.put_out(ROOM, ADA)
        await video.control.end(ROOM)
        with pytest.raises(NotFound):
            await video.control.end(ROOM)

    async def test_a_silent_server_is_unavailable(self, video: VideoSystem) -> None:
        video.open(ROOM, ADA)
        video.be_silent()
        with pytest.raises(Unavailable):
            await video.control.put_out(ROOM, ADA)
        with pytest.raises(Unavailable):
            await video.control.end(ROOM)

    async def test_a_failing_server_is_unavailable(self, video: VideoSystem) -> None:
        video.open(ROOM, ADA)
        video.fail()
        for order in (video.control.put_out(ROOM, ADA), video.control.end(ROOM)):
            with pytest.raises(Unavailable):
                await order
        assert video.inside(ROOM) == {ADA}

    async def test_a_lost_reply_is_unavailable_though_it_was_done(self, video: VideoSystem) -> None:
        video.open(ROOM, ADA, BLAISE)
        video.lose_the_reply()
        with pytest.raises(Unavailable):
            await video.control.put_out(ROOM, ADA)
        assert video.inside(ROOM) == {BLAISE}
        with pytest.raises(NotFound):
            await video.control.put_out(ROOM, ADA)

    async def test_a_server_that_does_not_take_our_word_is_misconfigured(self, video: VideoSystem) -> None:
        video.open(ROOM, ADA)
        video.distrust()
        orders = (
            video.control.put_out(ROOM, ADA),
            video.control.put_out(OTHER, ADA),
            video.control.end(ROOM),
        )
        for order in orders:
            with pytest.raises(Misconfigured, match="prosody_password_public_key_repo_url"):
                await order
        assert video.inside(ROOM) == {ADA}
