"""Keys that follow one another in a folder, seen by a service that runs meanwhile."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import structlog

from meetcoord.adapters import system
from meetcoord.adapters.identity.links import SignedJoinLinks
from meetcoord.adapters.sealing import keyfiles
from meetcoord.bootstrap.key_folders import KeyFolder, KeyKind, retire, rotate
from meetcoord.bootstrap.keyring import FollowKeys
from meetcoord.domain.errors import Conflict, LinkInvalid, Misconfigured
from meetcoord.domain.invitations import JoinLink
from meetcoord.domain.rotation import PUBLISHED_AFTER, SETTLING, in_order, signing
from meetcoord.domain.values import InvitationId
from tests.agencies import FakeClock

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def journal() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as noted:
        yield cast(list[Any], noted)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 3, 8, 0, tzinfo=UTC))


@pytest.fixture
def folder(tmp_path: Path, clock: FakeClock) -> KeyFolder[bytes]:
    """A kind whose keys are quickly made, held by a service from its start."""
    rotate(tmp_path, KeyKind.LINKS, clock, system.entropy)
    made = KeyFolder(tmp_path, KeyKind.LINKS, keyfiles.read_symmetric_key)
    made.read()
    return made


def added(folder: KeyFolder[bytes], clock: FakeClock) -> str:
    return rotate(folder.directory, folder.kind, clock, system.entropy).stem


def follow(folder: KeyFolder[bytes]) -> None:
    folder.take(folder.look())


def test_a_fresh_key_is_seen_without_a_restart(folder: KeyFolder[bytes], clock: FakeClock) -> None:
    (former,) = folder.held
    fresh = added(folder, clock)
    follow(folder)
    assert set(folder.held) == {former, fresh}
    assert len(set(folder.held.values())) == 2


def test_a_key_that_is_held_is_not_read_again(folder: KeyFolder[bytes]) -> None:
    ((kid, key),) = folder.held.items()
    path = folder.kind.file(folder.directory, kid)
    path.write_bytes(b"something else")
    follow(folder)
    assert folder.held == {kid: key}


def test_a_retired_key_is_let_go_and_lies_aside_unchanged(folder: KeyFolder[bytes], clock: FakeClock) -> None:
    (former,) = folder.held
    fresh = added(folder, clock)
    path = folder.kind.file(folder.directory, former)
    content = path.read_bytes()
    aside = retire(path)
    follow(folder)
    assert set(folder.held) == {fresh}
    assert (aside.read_bytes(), aside.stat().st_mode & 0o077, path.exists()) == (content, 0, False)
    assert folder.kind.retired(folder.directory) == [aside]


def test_nothing_retired_is_ever_replaced(folder: KeyFolder[bytes]) -> None:
    (kid,) = folder.held
    path = folder.kind.file(folder.directory, kid)
    (path.parent / "retired").mkdir()
    (path.parent / "retired" / path.name).write_text("an older one")
    with pytest.raises(Misconfigured, match="retired"):
        retire(path)
    assert path.exists()


def test_an_unusable_fresh_key_is_told_once_and_the_others_go_on(
    folder: KeyFolder[bytes], clock: FakeClock, journal: list[Any]
) -> None:
    before = dict(folder.held)
    fresh = added(folder, clock)
    path = folder.kind.file(folder.directory, fresh)
    whole = path.read_bytes()
    path.write_bytes(whole[:20])
    for _ in range(3):
        follow(folder)
        assert folder.held == before
    (told,) = [note for note in journal if note["log_level"] == "error"]
    assert (told["kid"], str(path) in told["detail"]) == (fresh, True)
    assert whole[:20].decode() not in str(journal)
    path.write_bytes(whole)
    follow(folder)
    assert set(folder.held) == {*before, fresh}


def test_the_last_key_is_never_let_go(folder: KeyFolder[bytes]) -> None:
    (kid,) = folder.held
    folder.kind.file(folder.directory, kid).unlink()
    follow(folder)
    assert set(folder.held) == {kid}


def test_a_key_that_cannot_be_read_takes_over_from_none(folder: KeyFolder[bytes], clock: FakeClock) -> None:
    (former,) = folder.held
    folder.kind.file(folder.directory, added(folder, clock)).chmod(0o644)
    clock.pass_by(SETTLING + PUBLISHED_AFTER + SECOND)
    follow(folder)
    folder.retire_served(clock())
    assert set(folder.held) == {former}
    assert folder.kind.retired(folder.directory) == []


def test_a_key_that_cannot_be_moved_is_told_once(
    folder: KeyFolder[bytes], clock: FakeClock, journal: list[Any]
) -> None:
    added(folder, clock)
    (folder.directory / "links" / "retired").write_text("in the way")
    clock.pass_by(SETTLING + PUBLISHED_AFTER + SECOND)
    for _ in range(3):
        follow(folder)
        folder.retire_served(clock())
    assert len([note for note in journal if note["log_level"] == "error"]) == 1
    assert len(folder.held) == 2


async def test_links_are_followed_but_never_retired_by_the_service(
    folder: KeyFolder[bytes], clock: FakeClock
) -> None:
    added(folder, clock)
    clock.pass_by(timedelta(days=400))
    await FollowKeys((folder,), clock)()
    assert len(folder.held) == 2
    assert folder.kind.retired(folder.directory) == []


def test_a_clock_that_went_back_makes_no_key_that_would_never_sign(
    folder: KeyFolder[bytes], clock: FakeClock
) -> None:
    clock.pass_by(-timedelta(hours=1))
    with pytest.raises(Conflict, match="set the clock"):
        added(folder, clock)


def test_links_verify_under_a_former_key_until_it_is_retired(
    folder: KeyFolder[bytes], clock: FakeClock
) -> None:
    links = SignedJoinLinks(keys=folder.held, public_url="https://meet.example.org", now=clock)
    link = JoinLink(invitation=InvitationId("a" * 26), revision=1, expires_at=clock() + timedelta(days=60))
    (former,) = folder.held
    sent = links.write(link).partition("#")[2]
    added(folder, clock)
    follow(folder)
    clock.pass_by(SETTLING - SECOND)
    assert links.write(link).partition("#")[2] == sent
    clock.pass_by(timedelta(days=30))
    fresh = links.write(link).partition("#")[2]
    assert fresh != sent
    assert links.read(sent) == links.read(fresh) == link
    retire(folder.kind.file(folder.directory, former))
    follow(folder)
    assert links.read(fresh) == link
    with pytest.raises(LinkInvalid):
        links.read(sent)


def test_keys_of_one_second_keep_their_order(folder: KeyFolder[bytes], clock: FakeClock) -> None:
    made = [*folder.held, *(added(folder, clock) for _ in range(9))]
    assert in_order(path.stem for path in folder.kind.files(folder.directory)) == made
    assert signing(made, clock()) == made[0]
