"""Time and chance, the only two things the inside cannot know by itself."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""The present instant, aware, in UTC."""

Entropy = Callable[[int], bytes]
"""`n` bytes that nobody can predict (a CSPRNG)."""

NewId = Callable[[], str]
"""A fresh identifier of 128 random bits: 26 lower-case base32 letters."""
