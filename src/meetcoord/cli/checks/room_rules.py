"""What a strict Jitsi does, line by line: what each line means, and what to set where the server does otherwise."""

import msgspec


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """`item` must be refused. `meaning` says what is tried, `cure` what lets it in and what to set against it."""

    key: str
    item: str
    meaning: str
    cure: str


GOOD = "good token"
MEMBER = "member"
MODERATOR = "moderator"
RESERVATIONS = "reservations"
VERSION = "server version"

RULES = (
    Rule(
        key="expired",
        item="expired token",
        meaning="a token that ended an hour ago",
        cure='nothing checks when tokens end: set ENABLE_AUTH=1 and AUTH_TYPE=jwt (authentication = "token").',
    ),
    Rule(
        key="not_yet_valid",
        item="token of later",
        meaning="a token that begins in an hour",
        cure='nothing checks when tokens begin: set ENABLE_AUTH=1 and AUTH_TYPE=jwt (authentication = "token").',
    ),
    Rule(
        key="without_exp",
        item="endless token",
        meaning="a token without exp (a warning where only Jitsi is the reason, which has no option for it)",
        cure='a token needs no end: set ENABLE_AUTH=1 and AUTH_TYPE=jwt (authentication = "token").',
    ),
    Rule(
        key="foreign_key",
        item="foreign key",
        meaning="a token with our kid and somebody else's signature",
        cure="signatures are not checked with our keys: set JWT_ASAP_KEYSERVER={asap} (asap_key_server) "
        "and restart Prosody.",
    ),
    Rule(
        key="public_key",
        item="forged with HS256",
        meaning="a token that takes the public key for a shared secret",
        cure='the token chooses how it is checked: set JWT_SIGN_TYPE=RS256 (signature_algorithm = "RS256"), leave '
        "JWT_APP_SECRET empty, update Prosody's plugins.",
    ),
    Rule(
        key="foreign_audience",
        item="foreign audience",
        meaning="a token made for another service",
        cure="any audience is taken: set JWT_ACCEPTED_AUDIENCES={audience} (asap_accepted_audiences).",
    ),
    Rule(
        key="foreign_issuer",
        item="foreign issuer",
        meaning="a token in another issuer's name",
        cure="any issuer is taken: set JWT_ACCEPTED_ISSUERS={issuer} (asap_accepted_issuers).",
    ),
    Rule(
        key="no_token",
        item="no token",
        meaning="a login without any token",
        cure="anybody may log in: set JWT_ALLOW_EMPTY=0 (allow_empty_token = false), ENABLE_AUTH=1, AUTH_TYPE=jwt.",
    ),
    Rule(
        key="guest",
        item="guests",
        meaning="a login without any token to the guests' domain",
        cure="there is a domain for guests without a token: set ENABLE_GUESTS=0.",
    ),
    Rule(
        key="foreign_room",
        item="foreign room",
        meaning="a good token of another room",
        cure="the token's room is not looked at: set JWT_TOKEN_AUTH_MODULE=token_verification (the module "
        "token_verification on the MUC component, and muc_mapper_domain_base).",
    ),
    Rule(
        key="wildcard",
        item="room *",
        meaning="a token for every room",
        cure="one token opens every room: add token_no_wildcard to XMPP_MUC_MODULES.",
    ),
    Rule(
        key="foreign_domain",
        item="foreign domain",
        meaning="a token of another XMPP domain or tenant",
        cure="the token's sub is not looked at: set JWT_ENABLE_DOMAIN_VERIFICATION=true (enable_domain_verification).",
    ),
    Rule(
        key="initiator",
        item="Jigasi's door",
        meaning="another room's token, claiming to come by telephone (open in plugins of 2025-10-14 to 2026-01-12)",
        cure="any valid token enters any room: use a docker-jitsi-meet newer than stable-10710, or newer plugins.",
    ),
    Rule(
        key="end_meeting",
        item="/end-meeting",
        meaning="ending a meeting over HTTP with a participant's token (tried on a room that does not exist)",
        cure="a participant's token ends any meeting: add "
        'prosody_password_public_key_repo_url="{syskeys}" to XMPP_CONFIGURATION, and do not publish the address.',
    ),
    Rule(
        key="census",
        item="/room-census",
        meaning="the list of all rooms over HTTP",
        cure="anybody can list the rooms: take muc_census out of XMPP_MODULES, or do not publish the address.",
    ),
)


def explanation() -> str:
    """What each line means, for --help."""
    width = max(len(rule.item) for rule in RULES)
    refused = [f"  {rule.item:{width}}  {rule.meaning}" for rule in RULES]
    others = {
        GOOD: "a token as people get it logs in, for a room made for this check",
        RESERVATIONS: "this service is asked before a room is opened, and what it refuses stays closed",
        MEMBER: "who is no moderator does not become owner of the room, not even as first comer",
        MODERATOR: "a moderator does",
        VERSION: "whether Prosody's plugins are newer than 2026-01-12, as far as it shows",
    }
    wanted = [f"  {item:{width}}  {meaning}" for item, meaning in others.items()]
    return "\n".join(["\b", "Must be refused:", *refused, "", "\b", "Must be so:", *wanted])
