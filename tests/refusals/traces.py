"""Looking for a secret in whatever was written down, in each spelling in which it may have been written."""

import base64
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

_MOMENT = re.compile(rb"T\d\d:\d\d:\d\d\.\d{6}")


def spellings(secret: str) -> set[bytes]:
    """As it is, percent-encoded, in hexadecimal, in UTF-16, and inside base64 at each of the three places."""
    raw = secret.encode()
    found = {raw, quote(secret, safe="").encode(), raw.hex().encode(), raw.hex().upper().encode()}
    found |= {
        "".join(f"%{byte:02x}" for byte in raw).encode(),
        "".join(f"%{byte:02X}" for byte in raw).encode(),
    }
    found |= {
        secret.encode("utf-16-le"),
        secret.replace(".", "%2E").encode(),
        secret.replace(".", "%2e").encode(),
    }
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):
            # What stands before and after runs into the first and the last letters.
            found.add(encode(bytes(shift) + raw)[4 if shift else 0 :].rstrip(b"=")[:-1])
    return found


def parts_of(token: str) -> Iterable[str]:
    """A token as a whole and each of its parts that is nobody's but its own."""
    yield token
    yield from token.split(".")[1:]


def traces(secrets: Mapping[str, str], written: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """Which secret stands in which place; six digits count only where no digit stands beside them."""
    return [
        (name, place)
        for name, secret in secrets.items()
        for place, content in written.items()
        if any(_stands(part, content) for part in parts_of(secret))
    ]


def _stands(secret: str, content: bytes) -> bool:
    if secret.isdigit():
        # A clock's microseconds are six digits too.
        text = _MOMENT.sub(b"", content)
        digits = (
            rb"(?<!\d)"
            + secret[:3].encode()
            + rb"(?:\s|\xc2\xa0|=C2=A0|%20|\+)?"
            + secret[3:].encode()
            + rb"(?!\d)"
        )
        others = spellings(secret) - {secret.encode()}
        return bool(re.search(digits, text)) or any(each in text for each in others if len(each) > 6)
    return any(each in content for each in spellings(secret))
