"""A room token, beside the one RS256 signature it cannot do without."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from bench.results import Row, row
from bench.rounds import Effort, interleaved, repeated
from meetcoord.adapters.jitsi.keys import KEY_BITS, RoomKeys
from meetcoord.adapters.jitsi.tokens import JitsiRooms
from meetcoord.adapters.system import new_id
from meetcoord.domain.invitations import RoomPass
from meetcoord.domain.values import AdmissionId

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


async def measure(effort: Effort, _: Path) -> list[Row]:
    key = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    rooms = JitsiRooms(
        RoomKeys({"2027": key}), "https://meet.example.org", "meet.jitsi", "meetcoord", "jitsi"
    )
    seat = _pass()
    signed = rooms.entry(seat).token.rpartition(".")[0].encode()
    padding, algorithm = PKCS1v15(), SHA256()
    figures = await interleaved(
        effort,
        repeated(lambda: rooms.entry(seat)),
        repeated(lambda: key.sign(signed, padding, algorithm)),
    )
    return [row("room-tokens", "room token minted", "RS256 signature alone", figures, goal=0.9)]


def _pass() -> RoomPass:
    return RoomPass(
        id=AdmissionId(new_id()),
        room=new_id(),
        alias=new_id(),
        name="Secrétariat de la préfecture (préfecture)",
        moderator=True,
        recording=False,
        lobby=False,
        issued_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
    )
