"""/v1/api-keys: the keys through which programs act for the persons of one's own agency."""

from typing import Self

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from meetcoord.adapters.web.parts import Asker, Cases, Instant, raises
from meetcoord.domain.access import ApiKey, Scope
from meetcoord.domain.errors import NotFound
from meetcoord.domain.values import PersonId
from meetcoord.usecases.issue_api_key import NewApiKey


class ApiKeyView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    person: PersonId
    scopes: tuple[Scope, ...]
    label: str
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        return cls(
            id=key.id,
            person=key.person,
            scopes=tuple(sorted(key.scopes, key=lambda scope: scope.value)),
            label=key.label,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
        )


class ApiKeyList(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[ApiKeyView, ...]


class IssuedApiKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` is what its holder sends; it is shown this once and stored nowhere."""

    api_key: ApiKeyView
    secret: str


@post("/api-keys", opt=raises(NotFound))
async def issue_api_key(actor: Asker, cases: Cases, data: JSONBody[NewApiKey]) -> IssuedApiKeyView:
    """A key for a person of your agency. The secret is shown this once."""
    issued = await cases.issue_api_key(actor, data)
    return IssuedApiKeyView(api_key=ApiKeyView.of(issued.key), secret=issued.secret)


@get("/api-keys")
async def list_api_keys(actor: Asker, cases: Cases) -> ApiKeyList:
    """The keys of your agency, revoked ones included."""
    return ApiKeyList(items=tuple(ApiKeyView.of(each) for each in await cases.list_api_keys(actor)))


@delete("/api-keys/{key_id:str}")
async def revoke_api_key(actor: Asker, cases: Cases, key_id: FromPath[str]) -> None:
    """Revoke a key. It is dead at once; revoking twice is once."""
    await cases.revoke_api_key(actor, key_id)


ROUTES = (issue_api_key, list_api_keys, revoke_api_key)
