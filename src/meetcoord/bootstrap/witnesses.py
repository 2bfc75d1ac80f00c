"""The witnesses that the settings name: read, checked against the rule of one history, and asked."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.adapters.witness.client import HttpWitness, client
from meetcoord.domain.errors import Damaged, Invalid, Misconfigured
from meetcoord.domain.quorum import KnownWitness, Policy, assert_one_history, parse_policy
from meetcoord.ports.storage import Storage
from meetcoord.ports.system import Clock
from meetcoord.settings import Settings
from meetcoord.settings.sections import is_loopback
from meetcoord.usecases.ask_witness import AskWitness
from meetcoord.usecases.standing import Standing
from meetcoord.usecases.witnessed import ReadWitnessed

LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Nobody is asked where `asking` is empty. `standing` is this process' own."""

    read: ReadWitnessed
    asking: Sequence[AskWitness] = ()
    standing: Standing = field(default_factory=Standing)

    async def compare(self) -> None:
        """Hold every witness' history against ours, all at the same time. Raises Forked.

        One that does not answer is told of and holds nobody up for longer than its patience.
        """
        await self.read.mark_newest()
        found = await asyncio.gather(*(each.compare() for each in self.asking), return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each


def policy_of(settings: Settings, log_key: str) -> Policy | None:
    """The policy that the settings name; None where there are no witnesses.

    Raises Misconfigured, saying which line or rule: unreadable, of another log, or weak enough for two histories.
    """
    named = settings.witnesses.policy_file
    if not named:
        if settings.witnesses.own:
            raise Misconfigured("witnesses.own names witnesses, and witnesses.policy_file names no policy.")
        return None
    try:
        policy = parse_policy(_text(Path(named)))
        own = settings.witnesses.own.split()
        _must_be_usable(policy, own, log_key)
        assert_one_history(policy, faulty=settings.witnesses.faulty, own=own)
    except (Damaged, Invalid) as fault:
        raise Misconfigured(f"witnesses.policy_file: {named}: {fault.detail}") from fault
    return policy


@asynccontextmanager
async def witnesses_of(
    settings: Settings, log_key: str, storage: Storage, now: Clock
) -> AsyncIterator[Witnesses]:
    """The witnesses, ready to be asked. Raises Misconfigured."""
    policy = policy_of(settings, log_key)
    if policy is None:
        yield Witnesses(ReadWitnessed(storage, None))
        return
    standing, verifier = Standing(), Ed25519Verifier()
    patience = float(settings.witnesses.patience_seconds)
    async with client() as http:
        asking = [
            AskWitness(
                storage=storage,
                witness=HttpWitness(
                    http, known.url, known.key.encode(), Ed25519CosignatureVerifier(), patience
                ),
                known=known,
                policy=policy,
                log_key=log_key,
                verifier=verifier,
                standing=standing,
                now=now,
            )
            for known in policy.witnesses
        ]
        yield Witnesses(ReadWitnessed(storage, policy), asking, standing)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(LIMIT + 1).decode()
    except OSError as error:
        raise Invalid(f"it cannot be read ({error.strerror}).") from error
    except ValueError:
        raise Invalid("it is not text.") from None


def _must_be_usable(policy: Policy, own: Sequence[str], log_key: str) -> None:
    if policy.logs and log_key not in {log.key.encode() for log in policy.logs}:
        raise Invalid(f"its `log` lines do not hold this log's key, which is {log_key}")
    strangers = set(own) - {each.name for each in policy.witnesses}
    if strangers:
        raise Invalid(f"it names no witness {', '.join(sorted(strangers))}, which witnesses.own does")
    for each in policy.witnesses:
        _must_have_address(each)


def _must_have_address(known: KnownWitness) -> None:
    parts = urlsplit(known.url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not safe or known.url.endswith("/"):
        raise Invalid(
            f"the line of the witness {known.name} ends with its address, which begins with https:// and has no slash "
            "at its end"
        )
