"""Room tokens: exactly what a strict Jitsi takes, one room, one person, one window, and nothing about the person."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from meetcoord.adapters.identity.links import SignedJoinLinks
from meetcoord.adapters.jitsi.keys import RoomKeys
from meetcoord.adapters.jitsi.tokens import FEATURES, JitsiRooms
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.domain.errors import Damaged, LinkInvalid, Misconfigured
from meetcoord.domain.invitations import JoinLink, RoomPass
from meetcoord.domain.values import AdmissionId, InvitationId
from tests.identity.forger import signed_with
from tests.log.builders import new_signer

ISSUED = datetime(2026, 11, 3, 8, 50, 0, 999_999, tzinfo=UTC)
PASS = RoomPass(
    id=AdmissionId("adm2q7gqzv5rjw3n6bt7ycuaaa"),
    room="room2q7gqzv5rjw3n6bt7ycuaa",
    alias="alias2q7gqzv5rjw3n6bt7ycua",
    name="Head of unit (Prefecture)",
    moderator=False,
    recording=False,
    lobby=False,
    issued_at=ISSUED,
    expires_at=ISSUED + timedelta(minutes=15),
)


@cache
def key(name: str = "k1") -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def rooms(*kids: str) -> JitsiRooms:
    keys = RoomKeys({kid: key(kid) for kid in kids or ("k1",)})
    return JitsiRooms(
        keys=keys,
        url="https://jitsi.example.org/",
        subject="meet.jitsi",
        issuer="meetcoord",
        audience="jitsi",
    )


def part(token: str, number: int) -> dict[str, object]:
    text = token.split(".")[number]
    decoded: dict[str, object] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return decoded


def claims_of(room_pass: RoomPass) -> dict[str, object]:
    return part(rooms().entry(room_pass).token, 1)


def with_(**changes: object) -> RoomPass:
    return msgspec.structs.replace(PASS, **changes)


def test_the_header_has_exactly_three_members() -> None:
    assert part(rooms().entry(PASS).token, 0) == {"typ": "JWT", "alg": "RS256", "kid": "k1"}


def test_the_claims_are_exactly_those_jitsi_reads_in_the_types_it_reads() -> None:
    claims = claims_of(PASS)
    assert set(claims) == {"iss", "aud", "sub", "room", "iat", "nbf", "exp", "jti", "context"}
    assert {name: type(value) for name, value in claims.items() if name != "context"} == {
        "iss": str, "aud": str, "sub": str, "room": str, "iat": int, "nbf": int, "exp": int, "jti": str,
    }  # fmt: skip
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("meetcoord", "jitsi", "meet.jitsi")
    assert (claims["room"], claims["jti"]) == (PASS.room, PASS.id)


@pytest.mark.parametrize("life", [timedelta(minutes=minutes) for minutes in (1, 5, 10, 15)])
@pytest.mark.parametrize("fraction", [0, 1, 499_999, 500_000, 999_999])
def test_the_token_lives_no_longer_than_its_pass(life: timedelta, fraction: int) -> None:
    issued = ISSUED.replace(microsecond=fraction)
    claims = claims_of(with_(issued_at=issued, expires_at=issued + life))
    iat, nbf, exp = (int(str(claims[name])) for name in ("iat", "nbf", "exp"))
    assert exp - iat <= life.total_seconds() <= 15 * 60
    assert exp <= (issued + life).timestamp()
    assert 5 <= iat - nbf <= 6
    assert iat <= issued.timestamp()


def test_the_context_shows_an_opaque_name_a_display_name_and_what_is_allowed() -> None:
    context = claims_of(PASS)["context"]
    assert isinstance(context, dict)
    assert set(context) == {"user", "features"}
    assert context["user"] == {"id": PASS.alias, "name": PASS.name, "affiliation": "member"}


def test_every_feature_is_spoken_of_and_false_unless_granted() -> None:
    granted = {}
    for label, moderator in (("member", False), ("owner", True)):
        context = claims_of(with_(moderator=moderator))["context"]
        assert isinstance(context, dict)
        assert context["user"]["affiliation"] == label
        features = context["features"]
        assert set(features) == set(FEATURES)
        assert {type(value) for value in features.values()} == {bool}
        granted[label] = {name for name, value in features.items() if value}
    assert granted["member"] == {"screen-sharing", "send-groupchat"}
    assert granted["owner"] == granted["member"] | {"lobby", "moderation", "create-polls"}


def test_only_a_moderator_records_and_only_where_recording_was_granted() -> None:
    for moderator, recording in ((False, False), (False, True), (True, False), (True, True)):
        context = claims_of(with_(moderator=moderator, recording=recording))["context"]
        assert isinstance(context, dict)
        assert context["features"]["recording"] is (moderator and recording)
        assert context["features"]["livestreaming"] is False
        assert context["features"]["transcription"] is False


def test_there_are_as_many_features_as_the_web_client_knows() -> None:
    assert len(FEATURES) == len(set(FEATURES)) == 19


@pytest.mark.parametrize("name", ["x" * 403, "é" * 403, "Ж" * 403, "\U0001f600" * 403, '"\\' * 201])
def test_the_token_stays_under_4_kb_whatever_the_name(name: str) -> None:
    entry = rooms("20261103t085000-0a1b2c3d").entry(with_(name=name, moderator=True))
    assert len(entry.address.encode()) < 4096


def test_the_published_key_checks_the_token_under_the_name_that_prosody_asks_for() -> None:
    served = rooms("k1", "k2")
    token = served.entry(PASS).token
    kid = jwt.get_unverified_header(token)["kid"]
    published = served.keys.published()
    assert set(published) == {sha256(b"k1").hexdigest(), sha256(b"k2").hexdigest()}
    pem = published[sha256(kid.encode()).hexdigest()]
    assert pem.startswith(b"-----BEGIN PUBLIC KEY-----\n")
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    claims = jwt.decode(token, pem, algorithms=["RS256"], audience="jitsi", options=options)
    assert claims["room"] == PASS.room
    assert kid == "k2"


def test_nothing_private_is_published_or_printed() -> None:
    served = rooms()
    assert all(b"PRIVATE" not in pem for pem in served.keys.published().values())
    assert "PRIVATE" not in repr(served)


def test_the_same_pass_is_the_same_token() -> None:
    assert rooms().entry(PASS) == rooms().entry(PASS)
    assert rooms().entry(PASS) != rooms().entry(with_(id=AdmissionId("b" * 26)))


def test_the_address_carries_the_token_in_quotes_behind_the_fragment() -> None:
    entry = rooms().entry(PASS)
    assert entry.address == f'https://jitsi.example.org/{PASS.room}#jwt="{entry.token}"'


def test_a_weak_key_or_none_is_refused() -> None:
    with pytest.raises(Misconfigured, match="keys new"):
        RoomKeys({})
    weak = generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  too short on purpose
    with pytest.raises(Misconfigured, match="1024"):
        RoomKeys({"weak": weak})


def test_room_tokens_links_and_log_notes_cannot_stand_in_for_each_other() -> None:
    pem = rooms().keys.published()[sha256(b"k1").hexdigest()]
    links = SignedJoinLinks(
        keys={"k1": bytes(range(32))}, public_url="https://m.example.org", now=lambda: ISSUED
    )
    link = links.write(
        JoinLink(invitation=InvitationId("a" * 26), revision=1, expires_at=ISSUED + timedelta(hours=1))
    ).partition("#")[2]
    signer = new_signer()
    note = signer.sign("log.example.org\n1\n" + base64.b64encode(bytes(32)).decode() + "\n")
    token = rooms().entry(PASS).token
    for foreign in (token, note):
        with pytest.raises(LinkInvalid):
            links.read(foreign)
    for foreign in (link, note):
        with pytest.raises(jwt.PyJWTError):
            jwt.decode(foreign, pem, algorithms=["RS256"], audience="jitsi")
    for foreign in (link, token):
        with pytest.raises(Damaged):
            Ed25519Verifier().verify(foreign, signer.vkey)


def test_a_link_forged_with_the_published_key_as_its_secret_is_refused() -> None:
    pem = rooms().keys.published()[sha256(b"k1").hexdigest()]
    links = SignedJoinLinks(
        keys={"k1": bytes(range(32))}, public_url="https://m.example.org", now=lambda: ISSUED
    )
    claims = {"aud": links.audience, "sub": "a" * 26, "rev": 1, "exp": int(ISSUED.timestamp()) + 99}
    with pytest.raises(LinkInvalid):
        links.read(signed_with(pem, {"typ": "join+jwt", "alg": "HS256", "kid": "k1"}, claims))
