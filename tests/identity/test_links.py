"""Join links: ours and unaltered, or refused; every doubt is the same refusal."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from meetcoord.adapters.identity.links import SignedJoinLinks
from meetcoord.domain.errors import LinkInvalid, Misconfigured, TooLate
from meetcoord.domain.invitations import JoinLink
from meetcoord.domain.values import InvitationId
from tests.identity.forger import b64url, signed_with

KEY = bytes(range(32))
NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
LINK = JoinLink(
    invitation=InvitationId("m4xk2q7gqzv5rjw3n6bt7ycuaa"), revision=3, expires_at=NOW + timedelta(hours=2)
)
LINKS = SignedJoinLinks(keys={"k1": KEY}, public_url="https://meet.example.org/", now=lambda: NOW)
HEADER: Mapping[str, object] = {"typ": "join+jwt", "alg": "HS256", "kid": "k1"}
CLAIMS: Mapping[str, object] = {
    "aud": "https://meet.example.org/j",
    "sub": LINK.invitation,
    "rev": 3,
    "exp": int(LINK.expires_at.timestamp()),
}


@cache
def token() -> str:
    return LINKS.write(LINK).partition("#")[2]


def signed(header: Mapping[str, object] | str, claims: Mapping[str, object] | str) -> str:
    return signed_with(KEY, header, claims)


def refused(text: str) -> str:
    with pytest.raises(LinkInvalid) as refusal:
        LINKS.read(text)
    return refusal.value.detail


def test_what_was_written_is_what_is_read() -> None:
    assert LINKS.read(token()) == LINK
    assert LINKS.read(signed(HEADER, CLAIMS)) == LINK


def test_the_token_stands_in_the_fragment_and_names_nobody() -> None:
    address, _, _ = LINKS.write(LINK).partition("#")
    assert address == "https://meet.example.org/j"
    header, claims, _ = token().split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == HEADER
    assert json.loads(base64.urlsafe_b64decode(claims + "==")) == CLAIMS


def test_the_same_link_is_written_the_same_each_time() -> None:
    assert LINKS.write(LINK) == LINKS.write(LINK)


def test_every_single_changed_bit_is_refused() -> None:
    for place, character in enumerate(token()):
        for bit in range(7):
            changed = token()[:place] + chr(ord(character) ^ (1 << bit)) + token()[place + 1 :]
            assert refused(changed)


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_every_single_changed_letter_is_refused() -> None:
    for place, character in enumerate(token()):
        for other in ALPHABET:
            if other != character:
                assert refused(token()[:place] + other + token()[place + 1 :])


def test_every_shortened_lengthened_or_padded_link_is_refused() -> None:
    for place in range(len(token())):
        assert refused(token()[:place])
        assert refused(token()[:place] + token()[place + 1 :])
    for more in ("=", "==", "A", "AA", ".", " ", "\n", "+", "/", "%", "\0", "é", "\ud800"):
        assert refused(token() + more)
        assert refused(more + token())
        assert refused(token().replace(".", "." + more, 1))


def test_a_signature_written_in_other_characters_is_refused() -> None:
    head, _, signature = token().rpartition(".")
    last = ALPHABET.index(signature[-1])
    siblings = [ALPHABET[(last & ~3) | low] for low in range(4) if (last & ~3) | low != last]
    for sibling in siblings:
        assert refused(f"{head}.{signature[:-1]}{sibling}")
    for inserted in "!*~ \t":
        assert refused(f"{head}.{signature[:5]}{inserted}{signature[5:]}")
    assert refused(f"{head}.{signature.replace('-', '+').replace('_', '/')}=")


def changed(facts: Mapping[str, object], **changes: object) -> dict[str, object]:
    return {name: value for name, value in (dict(facts) | changes).items() if value is not ...}


WRONG_HEADERS: list[Mapping[str, object]] = [
    *(
        {"typ": typ}
        for typ in ("JWT", "jwt", "JOIN+JWT", "application/join+jwt", "api+jwt", "", None, 1, ...)
    ),
    *(
        {"alg": alg}
        for alg in ("none", "None", "", "HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256", None, ...)
    ),
    *({"kid": kid} for kid in ("k2", "", "../k1", "K1", None, 1, ["k1"], {"k1": 1}, ...)),
    {"jku": "https://evil.example.org/keys"},
    {"x5u": "https://evil.example.org/cert"},
    {"jwk": {"kty": "oct", "k": b64url(KEY)}},
    {"x5c": ["AAAA"]},
    {"crit": ["exp"]},
    {"crit": []},
    {"b64": False},
    {"zip": "DEF"},
    {"cty": "JWT"},
]


@pytest.mark.parametrize("change", WRONG_HEADERS, ids=str)
def test_another_header_is_refused_even_under_a_right_signature(change: Mapping[str, object]) -> None:
    assert refused(signed(changed(HEADER, **change), CLAIMS))


WRONG_CLAIMS: list[Mapping[str, object]] = [
    *(
        {"aud": aud}
        for aud in ("jitsi", "https://meet.example.org", "https://meet.example.org/j/", "", None, ...)
    ),
    {"aud": ["https://meet.example.org/j"]},
    {"aud": ["https://meet.example.org/j", "jitsi"]},
    *({"sub": sub} for sub in ("", "A" * 26, "a" * 25, "a" * 27, "a" * 25 + "\n", 1, None, ["a" * 26], ...)),
    *({"rev": rev} for rev in ("3", 3.0, True, None, [3], ...)),
    *(
        {"exp": exp}
        for exp in ("1800000000", 1e308, 1_793_700_000.0, True, None, -1, 2**39, 2**40, 2**63, ...)
    ),
    {"nbf": 0},
    {"iss": "meetcoord"},
    {"moderator": True},
]


@pytest.mark.parametrize("change", WRONG_CLAIMS, ids=str)
def test_other_claims_are_refused_even_under_a_right_signature(change: Mapping[str, object]) -> None:
    assert refused(signed(HEADER, changed(CLAIMS, **change)))


@pytest.mark.parametrize("claims", ["[]", "null", "1", '"x"', "", "{", '{"exp": NaN}', "[" * 500])
def test_what_is_no_object_is_refused(claims: str) -> None:
    assert refused(signed(HEADER, claims))
    assert refused(signed(claims, CLAIMS))


def foreign() -> Iterator[str]:
    """Links by somebody who knows everything but our key."""
    yield jwt.encode(dict(CLAIMS), "", algorithm="none", headers={"typ": "join+jwt", "kid": "k1"})
    elliptic, edwards = generate_private_key(SECP256R1()), Ed25519PrivateKey.generate()
    headers = {"typ": "join+jwt", "kid": "k1"}
    yield jwt.encode(dict(CLAIMS), elliptic, algorithm="ES256", headers=headers)
    yield jwt.encode(dict(CLAIMS), edwards, algorithm="EdDSA", headers=headers)
    pem = elliptic.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for key in (bytes(32), b"", b"k1", KEY[:31], bytes(reversed(KEY)), pem):
        yield signed_with(key, HEADER, CLAIMS)
    yield from ("", "..", "a.b", "a.b.c.d", "a.b.c", "." * 999, token() + "." + token())


def test_what_others_sign_is_refused_and_the_refusal_does_not_tell_why() -> None:
    assert len({refused(link) for link in foreign()}) == 1


def test_a_very_long_link_is_not_even_read() -> None:
    assert refused(signed(HEADER, dict(CLAIMS) | {"pad": "x" * 1000}))
    assert refused("a" * 10_000_000)


def test_a_link_dies_with_its_last_second() -> None:
    read = LINKS.read(token())
    read.must_not_be_over(LINK.expires_at - timedelta(seconds=1))
    with pytest.raises(TooLate, match="over"):
        read.must_not_be_over(LINK.expires_at)


def test_the_newest_key_signs_and_older_links_stay_good_until_their_key_is_removed() -> None:
    both = SignedJoinLinks(
        keys={"k1": KEY, "k2": bytes(32)}, public_url="https://meet.example.org", now=lambda: NOW
    )
    assert both.read(token()) == LINK
    newer = both.write(LINK).partition("#")[2]
    assert jwt.get_unverified_header(newer)["kid"] == "k2"
    assert refused(newer)


def test_a_link_of_another_service_with_the_same_key_is_refused() -> None:
    other = SignedJoinLinks(keys={"k1": KEY}, public_url="https://other.example.org", now=lambda: NOW)
    assert refused(other.write(LINK).partition("#")[2])


def test_without_a_key_there_are_no_links() -> None:
    with pytest.raises(Misconfigured, match="keys new"):
        SignedJoinLinks(keys={}, public_url="https://meet.example.org", now=lambda: NOW)
