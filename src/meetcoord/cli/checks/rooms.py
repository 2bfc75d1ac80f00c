"""The configured Jitsi: does it refuse whom it must refuse, and let in whom it must let in?"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from meetcoord.adapters import system
from meetcoord.adapters.jitsi.forgeries import ProbeTokens
from meetcoord.adapters.jitsi.probe import AT_LOGIN, Attempt, Outcome, Pace, Probe
from meetcoord.adapters.jitsi.tokens import JitsiRooms
from meetcoord.adapters.jitsi.xmpp import Server
from meetcoord.bootstrap.keyring import Keyring
from meetcoord.cli.checks.finding import Finding, fail, ok, unknown, warn
from meetcoord.cli.checks.room_rules import GOOD, MEMBER, MODERATOR, RESERVATIONS, RULES, VERSION, Rule
from meetcoord.domain.probes import PROBE_LIFE
from meetcoord.settings import Settings, is_loopback

A_MOMENT = timedelta(seconds=10)
"""What two clocks may differ by."""

Attempts = Mapping[str, Attempt]

PROVES_NOTHING = "refused, but good tokens are refused too, so this proves nothing."
NO_ROOM = "refused, but nobody is in that room, and Jitsi refuses everybody then. Only a room that Jicofo opens tells."


def look(settings: Settings, domain: str, pace: Pace) -> list[Finding]:
    """Try everything once. Raises Misconfigured where our own keys cannot be read."""
    keyring = Keyring.read(settings.keys_directory, settings.log_origin)
    rooms, now = keyring.probe_rooms, system.now()
    opened, shut = rooms.until(now + PROBE_LIFE - A_MOMENT), rooms.until(now - A_MOMENT)
    tokens = ProbeTokens(_signed(settings, keyring), opened.room, now, system.new_id)
    found = asyncio.run(_probe(settings, domain, pace, tokens, shut.room).run())
    return [
        _good(settings, domain, found["good"]),
        *(_refused(rule, settings, found) for rule in RULES),
        _reservations(settings, found, shut.receipt),
        _member(found["joined"]),
        _moderator(found["moderator"]),
        _version(found),
    ]


def _signed(settings: Settings, keyring: Keyring) -> JitsiRooms:
    rooms = settings.rooms
    return JitsiRooms(keyring.room_keys, rooms.url, rooms.subject, rooms.issuer, rooms.audience)


def _probe(settings: Settings, domain: str, pace: Pace, tokens: ProbeTokens, shut: str) -> Probe:
    rooms = settings.rooms
    direct = is_loopback(urlsplit(rooms.url).hostname or "")
    return Probe(
        server=Server(rooms.url, domain, pace.step, direct),
        muc=rooms.conference_domain,
        control_url=rooms.control_url,
        tokens=tokens,
        shut=shut,
        pace=pace,
    )


def _good(settings: Settings, domain: str, attempt: Attempt) -> Finding:
    if attempt.outcome is Outcome.LET_IN:
        return ok(GOOD, f"{settings.rooms.url} lets it log in to {domain}.")
    if attempt.outcome is Outcome.UNTOLD:
        return unknown(
            GOOD, f"{settings.rooms.url}: {attempt.reason} Check rooms.url and what stands before it."
        )
    return fail(
        GOOD,
        f"nobody can enter ({attempt.reason}): set AUTH_TYPE=jwt, JWT_ASAP_KEYSERVER={_asap(settings)}, "
        f"JWT_ACCEPTED_ISSUERS={settings.rooms.issuer}, JWT_ACCEPTED_AUDIENCES={settings.rooms.audience} and "
        f"XMPP_DOMAIN={domain}; compare the clocks (`timedatectl`).",
    )


def _refused(rule: Rule, settings: Settings, found: Attempts) -> Finding:
    attempt = found[rule.key]
    if attempt.outcome is Outcome.UNTOLD:
        return unknown(rule.item, attempt.reason)
    if attempt.outcome is Outcome.LET_IN:
        return _let_in(rule, settings, found)
    if rule.key == "census":
        return ok(rule.item, "not published.")
    if found["good"].outcome is not Outcome.LET_IN:
        return unknown(rule.item, PROVES_NOTHING)
    at_login = attempt.at_login or rule.key in {*AT_LOGIN, "end_meeting"}
    if not at_login and found["joined"].outcome is not Outcome.LET_IN:
        return unknown(rule.item, NO_ROOM)
    return ok(rule.item, f"refused ({attempt.reason}).")


def _let_in(rule: Rule, settings: Settings, found: Attempts) -> Finding:
    if rule.key == "without_exp" and found["expired"].outcome is Outcome.REFUSED:
        return warn(
            rule.item,
            "Jitsi itself takes tokens that never end, and no option changes that. Ours always end: only who holds "
            "a room key could make such a one. After a theft, make new keys and restart Prosody.",
        )
    cure = rule.cure.format(
        asap=_asap(settings),
        syskeys=f"{settings.service.public_url}/syskeys",
        audience=settings.rooms.audience,
        issuer=settings.rooms.issuer,
    )
    return fail(rule.item, cure)


def _reservations(settings: Settings, found: Attempts, receipt: str) -> Finding:
    """The receipt comes back in Jitsi's refusal only where this service, with these keys, was asked."""
    if found["joined"].created:
        return fail(
            RESERVATIONS,
            "whoever enters makes the room: set restrict_room_creation = true on the MUC component, and let "
            "Jicofo open the rooms.",
        )
    match found["unscheduled"].outcome:
        case Outcome.LET_IN:
            return fail(
                RESERVATIONS,
                "Jicofo opened a room that nobody scheduled: set PROSODY_RESERVATION_ENABLED=1 and "
                f"PROSODY_RESERVATION_REST_BASE_URL={settings.service.public_url}/jitsi.",
            )
        case Outcome.REFUSED if receipt in found["unscheduled"].reason:
            return ok(RESERVATIONS, "this service is asked, and a room that it refuses stays closed.")
        case Outcome.REFUSED:
            return unknown(
                RESERVATIONS,
                f"a room that nobody scheduled stays closed ({found['unscheduled'].reason}), but this service was not "
                "seen to be asked: is it running, with these keys, at PROSODY_RESERVATION_REST_BASE_URL="
                f"{settings.service.public_url}/jitsi, and does Prosody send its secret?",
            )
        case Outcome.UNTOLD:
            return unknown(RESERVATIONS, found["unscheduled"].reason)


def _member(joined: Attempt) -> Finding:
    if joined.outcome is not Outcome.LET_IN:
        return unknown(MEMBER, f"no room could be entered ({joined.reason.rstrip('.')}).")
    if joined.affiliation in {"owner", "admin"}:
        return fail(
            MEMBER,
            "somebody who is no moderator became owner: set ENABLE_AUTO_OWNER=0, JICOFO_ENABLE_AUTH=0, "
            "WAIT_FOR_HOST_DISABLE_AUTO_OWNERS=1, and do not load muc_allowners.",
        )
    return ok(MEMBER, f"enters as {joined.affiliation or 'none'}.")


def _moderator(attempt: Attempt) -> Finding:
    if attempt.outcome is not Outcome.LET_IN:
        return unknown(MODERATOR, f"no room could be entered ({attempt.reason.rstrip('.')}).")
    if attempt.affiliation != "owner":
        return fail(
            MODERATOR,
            f"a moderator enters as {attempt.affiliation or 'none'}: add token_affiliation to XMPP_MUC_MODULES.",
        )
    return ok(MODERATOR, "enters as owner.")


def _version(found: Attempts) -> Finding:
    shown = found["version"].reason if found["version"].outcome is Outcome.LET_IN else ""
    said = f"it says {shown}" if shown else "it does not say what it is"
    both = (found["joined"].outcome, found["initiator"].outcome)
    if both == (Outcome.LET_IN, Outcome.REFUSED):
        return ok(VERSION, f"{said}; the hole of 2025-10-14 to 2026-01-12 is closed, as seen above.")
    return warn(
        VERSION,
        f"{said}; whether Jitsi's plugins are newer than 2026-01-12 cannot be seen from outside: use a "
        "docker-jitsi-meet newer than stable-10710.",
    )


def _asap(settings: Settings) -> str:
    return f"{settings.service.public_url}/asap"
