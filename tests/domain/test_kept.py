"""What is kept of minutes until they are sealed: also what an older version of the service kept."""

import pytest

from meetcoord.domain.drafts import Draft, Item
from meetcoord.domain.errors import Damaged
from meetcoord.domain.kept import ChangeRequest, Kept
from meetcoord.domain.minutes import Minutes, MinutesApproval
from meetcoord.domain.values import AgencyId, Language, PersonId
from tests.builders import NOW, meeting, minutes

HEALTH, PREFECTURE = AgencyId("health-agency"), AgencyId("prefecture")


def asked(agency: AgencyId, comment: str) -> ChangeRequest:
    return ChangeRequest(agency=agency, by=PersonId("p"), at=NOW, comment=comment)


def circulated() -> Minutes:
    return minutes(meeting()).circulated(1, "content", 0, NOW)


def test_what_is_kept_is_read_back() -> None:
    draft = Draft(language=Language.FRENCH, items=(Item(title="é"),))
    kept = Kept(text="# é\n", draft=draft, circulated_at=NOW).with_request(asked(HEALTH, "Mardi."))
    assert Kept.parse(kept.encode()) == kept


@pytest.mark.parametrize("text", ["", "# Décisions\n", "{}", "meetcoord-minutes/v1\nlog: x\n"])
def test_a_text_kept_before_there_were_structures_opens_as_it_is(text: str) -> None:
    assert Kept.parse(text.encode()) == Kept(text=text)


@pytest.mark.parametrize(
    "data", [b"\xff", b"meetcoord-kept/v1\n", b"meetcoord-kept/v1\n{}", b'meetcoord-kept/v1\n{"text":1}']
)
def test_what_nobody_kept_is_damage(data: bytes) -> None:
    with pytest.raises(Damaged):
        Kept.parse(data)


def test_the_newest_request_of_an_agency_counts_until_it_approves() -> None:
    kept = Kept(text="frame").with_request(asked(HEALTH, "Mardi.")).with_request(asked(PREFECTURE, "Oui."))
    kept = kept.with_request(asked(HEALTH, "Mercredi."))
    assert [(r.agency, r.comment) for r in kept.requests] == [(PREFECTURE, "Oui."), (HEALTH, "Mercredi.")]
    yes = MinutesApproval(agency=HEALTH, by=PersonId("p"), at=NOW)
    approved = circulated().approved("content", yes, frozenset({HEALTH, PREFECTURE}))
    assert [r.agency for r in kept.open_requests(circulated())] == [PREFECTURE, HEALTH]
    assert [r.agency for r in kept.open_requests(approved)] == [PREFECTURE]
