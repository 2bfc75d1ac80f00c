"""Give a program a key to act for one person, and take it back."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from meetcoord.domain.access import Action, Actor, ApiKey, Scope
from meetcoord.domain.errors import NotFound
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.values import PersonId, one_line
from meetcoord.ports.storage import Storage
from meetcoord.ports.system import Clock, Entropy, NewId
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.authenticate import KEY_PREFIX, key_digest


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`days` is how long the key lives, 366 at most."""

    person: str
    scopes: frozenset[Scope]
    label: str
    days: int = 90


class IssuedApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` is the whole key as its holder sends it; it is shown this once and stored nowhere."""

    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True)
class IssueApiKey:
    storage: Storage
    now: Clock
    new_id: NewId
    entropy: Entropy
    acts: Acts

    async def __call__(self, actor: Actor, asked: NewApiKey) -> IssuedApiKey:
        """A key for a person of the actor's agency. Raises Forbidden, Invalid, NotFound."""
        actor.must(Action.MANAGE_API_KEYS)
        now = self.now()
        secret = base64.b32encode(self.entropy(32)).decode().rstrip("=").lower()
        key = ApiKey(
            id=self.new_id(),
            person=PersonId(asked.person),
            digest=key_digest(secret),
            scopes=asked.scopes,
            label=one_line(asked.label, "The label", "/label"),
            created_at=now,
            expires_at=now + timedelta(days=min(max(asked.days, -1), 10_000)),
        )
        async with self.storage.transaction() as tx:
            person = await tx.persons.get(key.person)
            if person.agency != actor.agency:
                raise NotFound("There is no such person in your agency.")
            await tx.api_keys.add(key)
            await self.acts.record(tx, ActKind.KEY_ISSUED, actor, what=key.id, about=actor.agency)
        return IssuedApiKey(key=key, secret=f"{KEY_PREFIX}_{key.id}_{secret}")


@dataclass(frozen=True, slots=True)
class RevokeApiKey:
    storage: Storage
    now: Clock
    acts: Acts

    async def __call__(self, actor: Actor, key_id: str) -> ApiKey:
        """The key, dead from now on; revoking twice is once. Raises Forbidden, NotFound."""
        actor.must(Action.MANAGE_API_KEYS)
        async with self.storage.transaction() as tx:
            key, person = await tx.api_keys.holder(key_id)
            if person.agency != actor.agency:
                raise NotFound("There is no such key in your agency.")
            if key.revoked_at is None:
                key = msgspec.structs.replace(key, revoked_at=self.now())
                await tx.api_keys.save(key)
                await self.acts.record(
                    tx,
                    ActKind.KEY_REVOKED,
                    actor,
                    what=key.id,
                    about=actor.agency,
                )
        return key


@dataclass(frozen=True, slots=True)
class ListApiKeys:
    storage: Storage

    async def __call__(self, actor: Actor) -> Sequence[ApiKey]:
        """The keys of the actor's own agency, dead ones too. Raises Forbidden."""
        actor.must(Action.MANAGE_API_KEYS)
        async with self.storage.snapshot() as tx:
            return await tx.api_keys.of_agency(actor.agency)
