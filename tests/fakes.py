"""Stand-ins for what leaves the machine. They pass the contract suites, complain on misuse and can be told to fail."""

import asyncio
from dataclasses import dataclass, field

from meetcoord.domain.errors import AddressRefused, Invalid, Misconfigured, NotFound, TryLater, Unavailable
from meetcoord.domain.key_letters import KeyLetter
from meetcoord.domain.letters import Letter
from meetcoord.domain.values import mail_address
from meetcoord.ports.rooms import RoomControl


@dataclass(slots=True)
class PostBox:
    """A Postman that keeps the letters. `letters` and `about_keys` hold what arrived, each message once, in order."""

    letters: list[Letter] = field(default_factory=list)
    about_keys: list[KeyLetter] = field(default_factory=list)
    _refused: set[str] = field(default_factory=set)
    _busy: dict[str, int] = field(default_factory=dict)
    _silent: set[str] = field(default_factory=set)
    _forgetful: set[str] = field(default_factory=set)

    def refuse(self, address: str) -> None:
        """From now on the server will never take this recipient."""
        self._refused.add(address)

    def be_busy(self, address: str, times: int = 1) -> None:
        """The next `times` letters to this recipient are to be tried later."""
        self._busy[address] = times

    def be_silent(self, address: str) -> None:
        """From now on the server never answers about this recipient."""
        self._silent.add(address)

    def lose_the_reply(self, address: str) -> None:
        """The next letter to this recipient arrives, yet is reported as failed."""
        self._forgetful.add(address)

    def to(self, address: str) -> list[Letter]:
        """What this mailbox holds."""
        return [letter for letter in self.letters if letter.to_address == address]

    async def send(self, letter: Letter | KeyLetter) -> str:
        address = _checked(letter)
        if address in self._silent:
            await asyncio.Event().wait()
        if address in self._refused:
            raise AddressRefused("The mail server refuses this address for good.", "550 5.1.1 no such user")
        if self._busy.get(address, 0):
            self._busy[address] -= 1
            raise TryLater("The mail server did not take the message this time.", "451 4.7.1 come back later")
        self._deliver(letter)
        if address in self._forgetful:
            self._forgetful.remove(address)
            raise TryLater("The mail server cannot be reached or used: connection lost")
        return f"250 2.0.0 queued as {letter.message_id}"

    def _deliver(self, letter: Letter | KeyLetter) -> None:
        delivered: list[Letter | KeyLetter] = [*self.letters, *self.about_keys]
        for known in delivered:
            if known.message_id == letter.message_id:
                assert known == letter, f"two different letters are called {letter.message_id}"
                return
        if isinstance(letter, KeyLetter):
            self.about_keys.append(letter)
        else:
            self.letters.append(letter)


@dataclass(slots=True)
class VideoRooms:
    """A RoomControl over rooms that are only a table. `orders` holds what was asked, in its order, done or not."""

    rooms: dict[str, set[str]] = field(default_factory=dict)
    orders: list[tuple[str, ...]] = field(default_factory=list)
    _failing: bool = False
    _distrusting: bool = False
    _forgetful: bool = False

    @property
    def control(self) -> RoomControl:
        return self

    def open(self, room: str, *occupants: str) -> None:
        self.rooms[room] = set(occupants)

    def inside(self, room: str) -> set[str] | None:
        return self.rooms.get(room)

    def be_silent(self) -> None:
        """From now on no order is answered in time."""
        self._failing = True

    def fail(self) -> None:
        """From now on no order is carried out."""
        self._failing = True

    def recover(self) -> None:
        self._failing = self._distrusting = False

    def distrust(self) -> None:
        """From now on our tokens are refused."""
        self._distrusting = True

    def lose_the_reply(self) -> None:
        """The next order is carried out, yet reported as failed."""
        self._forgetful = True

    async def put_out(self, room: str, occupant: str) -> None:
        self._take("put out", room, occupant)
        if occupant not in self.rooms.get(room, set()):
            raise NotFound("The room is not open, or nobody of that name is in it.")
        self.rooms[room].remove(occupant)
        self._reply()

    async def end(self, room: str) -> None:
        self._take("end", room)
        if self.rooms.pop(room, None) is None:
            raise NotFound("The room is not open, or nobody of that name is in it.")
        self._reply()

    def _take(self, *order: str) -> None:
        assert all(order), f"an order that names nobody: {order}"
        self.orders.append(order)
        if self._failing:
            raise Unavailable("The video server does not answer: try again.")
        if self._distrusting:
            raise Misconfigured("It refuses our token: check prosody_password_public_key_repo_url.")

    def _reply(self) -> None:
        forgotten, self._forgetful = self._forgetful, False
        if forgotten:
            raise Unavailable("The video server does not answer: try again.")


def _checked(letter: Letter | KeyLetter) -> str:
    try:
        return mail_address(letter.to_address)
    except Invalid as error:
        raise AddressRefused(f"The address cannot be written to: {error.detail}", "") from error
