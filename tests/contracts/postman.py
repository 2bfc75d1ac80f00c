"""What every Postman does, told through the mailboxes it fills."""

import asyncio
from typing import Protocol

import msgspec
import pytest

from meetcoord.domain.errors import AddressRefused, TryLater
from meetcoord.ports.mail import Postman
from tests.mail.letters import a_letter


class PostOffice(Protocol):
    """The far side of a Postman: what arrived, and the misfortunes it can be told to cause."""

    postman: Postman

    def arrived(self) -> list[tuple[str, str]]:
        """Message id and mailbox of each message, the same one twice if it came twice differently."""
        ...

    def refuse(self, address: str) -> None: ...
    def be_busy(self, address: str) -> None: ...
    def be_silent(self, address: str) -> None: ...
    def lose_the_reply(self, address: str) -> None: ...


class PostmanContract:
    """Subclasses give a fixture `office`."""

    async def test_a_letter_reaches_its_recipient_and_the_servers_reply_comes_back(
        self, office: PostOffice
    ) -> None:
        letter = a_letter()
        reply = await office.postman.send(letter)
        assert reply.startswith("250 ")
        assert office.arrived() == [(letter.message_id, letter.to_address)]

    async def test_an_address_refused_for_good_says_so_with_the_reply(self, office: PostOffice) -> None:
        letter = a_letter(to_address="gone@city.example.org")
        office.refuse("gone@city.example.org")
        with pytest.raises(AddressRefused) as refusal:
            await office.postman.send(letter)
        assert refusal.value.reply.startswith("550 ")
        assert office.arrived() == []

    async def test_a_busy_server_is_tried_later_with_success(self, office: PostOffice) -> None:
        letter = a_letter()
        office.be_busy(letter.to_address)
        with pytest.raises(TryLater) as delay:
            await office.postman.send(letter)
        assert delay.value.reply.startswith("451 ")
        assert office.arrived() == []
        await office.postman.send(letter)
        assert office.arrived() == [(letter.message_id, letter.to_address)]

    async def test_the_same_letter_twice_looks_like_one_message(self, office: PostOffice) -> None:
        letter = a_letter()
        await office.postman.send(letter)
        await office.postman.send(letter)
        assert office.arrived() == [(letter.message_id, letter.to_address)]

    async def test_a_lost_reply_means_try_later_and_the_second_copy_is_the_first(
        self, office: PostOffice
    ) -> None:
        letter = a_letter()
        office.lose_the_reply(letter.to_address)
        with pytest.raises(TryLater):
            await office.postman.send(letter)
        await office.postman.send(letter)
        assert office.arrived() == [(letter.message_id, letter.to_address)]

    async def test_a_cancelled_sending_stops_at_once_and_the_postman_goes_on_working(
        self, office: PostOffice
    ) -> None:
        office.be_silent("slow@city.example.org")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await office.postman.send(a_letter(to_address="slow@city.example.org"))
        await office.postman.send(a_letter())
        assert [address for _, address in office.arrived()] == [a_letter().to_address]

    async def test_one_refused_address_does_not_touch_the_others(self, office: PostOffice) -> None:
        office.refuse("gone@city.example.org")
        with pytest.raises(AddressRefused):
            await office.postman.send(
                a_letter(to_address="gone@city.example.org", message_id="one@meet.example.org")
            )
        await office.postman.send(a_letter(message_id="two@meet.example.org"))
        assert [message for message, _ in office.arrived()] == ["two@meet.example.org"]

    @pytest.mark.parametrize(
        "address",
        [
            "evil@example.com <delegate@city.example.org>",
            "delegate@city.example.org, evil@example.com",
            "delegate@city.example.org\r\nRCPT TO:<evil@example.com>",
            "group: evil@example.com;",
            '"delegate evil"@city.example.org',
            "",
        ],
    )
    async def test_an_address_that_is_more_than_an_address_is_not_written_to(
        self, office: PostOffice, address: str
    ) -> None:
        with pytest.raises(AddressRefused):
            await office.postman.send(msgspec.structs.replace(a_letter(), to_address=address))
        assert office.arrived() == []
