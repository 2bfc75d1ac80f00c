"""A sealed file as two parts: the header says who may open it, the payload what they read."""

from msgspec import Struct

from meetcoord.domain.errors import Damaged

HEADER_LIMIT = 256 * 1024
"""Bytes; about 165 post-quantum recipients. Whatever claims a longer header is not one of our files."""


class SealedFile(Struct, frozen=True):
    """An age v1 file: `header` ends with the MAC line, `payload` is the 16-byte nonce and the chunks."""

    header: bytes
    payload: bytes

    def __post_init__(self) -> None:
        if header_length(self.header) != len(self.header):
            raise Damaged("sealed file", "its header does not end where it says")

    @property
    def file(self) -> bytes:
        return self.header + self.payload


def header_length(file: bytes) -> int:
    """Bytes up to and including the newline of the MAC line.

    Inside a header no other line can begin with `--- `: the first such line ends it. Raises Damaged.
    """
    mac_line = file.find(b"\n--- ", 0, HEADER_LIMIT)
    end = file.find(b"\n", mac_line + 1, HEADER_LIMIT)
    if mac_line < 0 or end < 0:
        raise Damaged("sealed file", "it has no complete age header")
    return end + 1


def split_sealed(file: bytes) -> SealedFile:
    """The two parts of a stored or presented file, looking no deeper than that. Raises Damaged."""
    at = header_length(file)
    return SealedFile(header=file[:at], payload=file[at:])
