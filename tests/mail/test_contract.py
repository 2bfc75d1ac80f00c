"""The SMTP postman and the fake one keep the same promises."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.contracts.postman import PostmanContract
from tests.fakes import PostBox
from tests.mail.post_office import Office, Town


class TestOverStartTls(PostmanContract):
    @pytest.fixture
    def office(self, smtp_office: Office) -> Office:
        return smtp_office


class TestOverImplicitTls(PostmanContract):
    @pytest.fixture
    def office(self, town: Town) -> Iterator[Office]:
        with town.office("implicit") as office:
            yield office


@dataclass(slots=True)
class _Box:
    postman: PostBox = field(default_factory=PostBox)

    def arrived(self) -> list[tuple[str, str]]:
        return [(letter.message_id, letter.to_address) for letter in self.postman.letters]

    def refuse(self, address: str) -> None:
        self.postman.refuse(address)

    def be_busy(self, address: str) -> None:
        self.postman.be_busy(address)

    def be_silent(self, address: str) -> None:
        self.postman.be_silent(address)

    def lose_the_reply(self, address: str) -> None:
        self.postman.lose_the_reply(address)


class TestInTheFake(PostmanContract):
    @pytest.fixture
    def office(self) -> _Box:
        return _Box()
