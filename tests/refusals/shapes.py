"""What every refusal has in common: one sentence, one shape, one line of the journal, no secret in either."""

import re
from collections.abc import Iterable
from typing import Any

import httpx

PROBLEM = {"type", "title", "status", "detail", "code", "request_id"}
MAY_FOLLOW = {"errors", "opens_at", "ways", "tries_left"}
_VARYING = re.compile(r'"request_id":"\w+"')


def sentence(answer: httpx.Response) -> str:
    """The words of a refusal, which must be whole."""
    body = answer.json()
    said = str(body.get("detail") or body["message"])
    assert 20 < len(said) < 400, said
    assert said.endswith((".", "`…`.")), said
    return said


def must_be_refused(answer: httpx.Response, *secrets: str) -> None:
    """A 4xx in the one shape of problems, or in that of Jitsi, which holds none of `secrets`."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text)
    sentence(answer)
    names = set(answer.json())
    assert names == {"message"} or PROBLEM <= names <= PROBLEM | MAY_FOLLOW
    assert not [secret for secret in secrets if secret and secret in answer.text]


def alike(answer: httpx.Response) -> tuple[int, str, tuple[tuple[str, str], ...]]:
    """All of an answer but the number of the request."""
    headers = tuple(sorted(answer.headers.items()))
    return answer.status_code, _VARYING.sub("", answer.text), headers


def must_be_noted_once(journal: list[Any], answers: int, *secrets: str) -> None:
    """One line for each refusal, each on its own, without the secrets."""
    lines = [entry for entry in journal if entry["event"] in {"request refused", "room refused"}]
    assert len(lines) == len(journal) == answers
    written = repr(journal)
    assert not [secret for secret in secrets if secret and secret in written]


def distinct(answers: Iterable[httpx.Response]) -> set[tuple[int, str, tuple[tuple[str, str], ...]]]:
    return {alike(answer) for answer in answers}
