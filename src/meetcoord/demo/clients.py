"""The people of the demo as programs: each speaks to the service over HTTP and nothing else."""

from dataclasses import dataclass
from typing import Any

import httpx

Json = Any
"""An answer of the API, read as a client reads it."""


class Unexpected(Exception):
    """The service answered something else than the story needs."""


@dataclass(frozen=True, slots=True)
class Client:
    """`key` is the API key the person's program sends; participants have none."""

    http: httpx.AsyncClient
    key: str = ""

    async def get(self, path: str) -> Json:
        return (await self._call("GET", path, 200)).json()

    async def items(self, path: str) -> list[Json]:
        found: list[Json] = (await self._call("GET", path, 200)).json()["items"]
        return found

    async def post(
        self, path: str, body: Json = None, *, status: int = 201, version: int | None = None
    ) -> Json:
        return (await self._call("POST", path, status, body, version)).json()

    async def put(self, path: str, body: Json, *, version: int | None = None) -> Json:
        return (await self._call("PUT", path, 200, body, version)).json()

    async def fetch(self, path: str) -> bytes:
        """A file that is handed out by a recorded act."""
        return (await self._call("POST", path, 200)).content

    async def refused(self, path: str, body: Json, status: int) -> str:
        """The sentence of a refusal that has to come."""
        problem = (await self._call("POST", path, status, body)).json()
        return str(problem["detail"])

    async def _call(
        self, method: str, path: str, status: int, body: Json = None, version: int | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = await self.http.request(method, path, json=body, headers=headers)
        if answer.status_code != status:
            raise Unexpected(
                f"{method} {path}: {answer.status_code} instead of {status}: {answer.text[:500]}"
            )
        return answer
