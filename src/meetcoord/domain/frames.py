"""The frame around the text of minutes: it names the place in the log that the text was written for."""

import re
from base64 import b64decode, b64encode

from msgspec import Struct

from meetcoord.domain.errors import Damaged, Invalid
from meetcoord.domain.leaves import author_agency, check_ids, check_numbers

SALT_BYTES = 32

_FRAME = re.compile(
    rb"meetcoord-minutes/v1\n"
    rb"log: ([^\n]*)\nmeeting: ([^\n]*)\nseq: ([0-9]{1,16})\n"
    rb"kind: ([^\n]*)\nauthor: ([^\n]*)\nsalt: ([^\n]*)\n"
    rb"\n(.*)",
    re.DOTALL,
)


class Frame(Struct, frozen=True, kw_only=True):
    """What is sealed: the text of minutes, the place in the log it was written for, and 32 random bytes.

    The salt makes the content hash say nothing about a text that could be guessed.
    """

    log: str
    meeting: str
    seq: int
    kind: str
    author: str
    salt: bytes
    body: str

    def __post_init__(self) -> None:
        check_ids(log=self.log, meeting=self.meeting, kind=self.kind, author=self.author)
        author_agency(self.author)
        check_numbers(seq=self.seq)
        if len(self.salt) != SALT_BYTES:
            raise Invalid(f"The salt of a frame has {SALT_BYTES} bytes.", "/salt")
        if any("\ud800" <= character <= "\udfff" for character in self.body):
            raise Invalid("The text holds half of a character pair and cannot be written as UTF-8.", "/body")

    def encode(self) -> bytes:
        head = (
            f"meetcoord-minutes/v1\nlog: {self.log}\nmeeting: {self.meeting}\nseq: {self.seq}\n"
            f"kind: {self.kind}\nauthor: {self.author}\nsalt: {b64encode(self.salt).decode()}\n\n"
        )
        return (head + self.body).encode()

    @classmethod
    def parse(cls, data: bytes) -> "Frame":
        """Read a frame back; raises Damaged for anything that `encode` would not have written."""
        found = _FRAME.fullmatch(data)
        if not found:
            raise Damaged("frame", "it does not begin with the seven lines that say what was sealed")
        try:
            log, meeting, seq, kind, author, salt, body = (part.decode() for part in found.groups())
            frame = cls(
                log=log,
                meeting=meeting,
                seq=int(seq),
                kind=kind,
                author=author,
                salt=b64decode(salt),
                body=body,
            )
        except (ValueError, Invalid) as fault:
            raise Damaged("frame", str(fault)) from fault
        if frame.encode() != data:
            raise Damaged("frame", "it is not written in the one permitted way")
        return frame
