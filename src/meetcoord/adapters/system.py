"""The real clock and the operating system's randomness."""

import base64
import secrets
from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def entropy(count: int) -> bytes:
    return secrets.token_bytes(count)


def new_id() -> str:
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
