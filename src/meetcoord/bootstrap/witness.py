"""A witness as an agency runs it: one folder with its key and its memory, apart from any service."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from meetcoord.adapters import system
from meetcoord.adapters.sealing import keyfiles
from meetcoord.adapters.sealing.cosignatures import Ed25519Cosigner
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.adapters.witness.server import WitnessParts, create_app
from meetcoord.adapters.witness.store import opened, remembered
from meetcoord.bootstrap.listening import Server, address, listening, run
from meetcoord.domain.checkpoints import (
    COSIGNATURE_ED25519,
    ED25519,
    KEY_BYTES,
    VerifierKey,
    parse_vkey,
)
from meetcoord.domain.errors import Damaged, Misconfigured
from meetcoord.domain.witnessing import Cosigned
from meetcoord.usecases.cosign_checkpoint import CosignCheckpoint

KEY = "witness.pem"
VKEY = "witness.vkey"
MEMORY = "witness.db"


@dataclass(frozen=True, slots=True)
class WitnessFolder:
    path: Path

    def create(self, name: str) -> VerifierKey:
        """Make the key. Raises Misconfigured: there is one already. Invalid: no name of a key."""
        VerifierKey(name, COSIGNATURE_ED25519, bytes(KEY_BYTES[COSIGNATURE_ED25519]))
        keyfiles.create_ed25519_key(self.path / KEY)
        vkey = Ed25519Cosigner.from_pem(name, keyfiles.read(self.path / KEY)).vkey
        keyfiles.create(self.path / VKEY, f"{vkey}\n".encode())
        return parse_vkey(vkey)

    def cosigner(self) -> Ed25519Cosigner:
        """Raises Misconfigured, saying what to type."""
        if not (self.path / KEY).exists():
            raise Misconfigured(f"There is no witness in {self.path}: type `meetcoord witness new`.")
        vkey = keyfiles.read(self.path / VKEY).decode("utf-8", "replace").strip()
        cosigner = Ed25519Cosigner.from_pem(vkey.partition("+")[0], keyfiles.read(self.path / KEY))
        if cosigner.vkey != vkey:
            raise Misconfigured(
                f"{self.path / VKEY} is not that of {KEY}: restore both from the same backup."
            )
        return cosigner

    def memory(self) -> Sequence[Cosigned]:
        """What was cosigned last of each log, also while the witness runs. Raises Misconfigured, Damaged."""
        file = self.path / MEMORY
        return remembered(file) if file.exists() else ()


async def serve_witness(
    folder: WitnessFolder,
    log_keys: Sequence[str],
    *,
    host: str,
    port: int,
    url: str = "",
    ready: Callable[[str], None] | None = None,
) -> None:
    """Cosign until SIGTERM, SIGINT or cancellation; `ready` is told the submission prefix once it answers.

    `url` is that prefix where a proxy stands before us. Raises Misconfigured.
    """
    logs, cosigner, public = _by_origin(log_keys), folder.cosigner(), _prefix(url)
    with opened(folder.path / MEMORY) as store, listening(host, port, "--listen") as door:
        witness = CosignCheckpoint(logs, store, cosigner, Ed25519Verifier(), system.now)
        prefix = public or address(door)
        app = create_app(WitnessParts(witness, tuple(logs), prefix, door.getsockname()[1]))
        await run(Server(app, lambda: ready(prefix) if ready else None), door)


def _by_origin(log_keys: Sequence[str]) -> Mapping[str, Sequence[str]]:
    found = dict[str, list[str]]()
    for vkey in dict.fromkeys(log_keys):
        try:
            key = parse_vkey(vkey)
        except Damaged as fault:
            raise Misconfigured(f"--log: {fault.detail}.") from fault
        if key.algorithm != ED25519:
            raise Misconfigured(
                f"The key of {key.name} is not that of a log (type 0x01): ask its operator for log.vkey."
            )
        found.setdefault(key.name, []).append(vkey)
    return found


def _prefix(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        parts, usable = urlsplit(""), False
    if url and (not usable or parts.query or parts.fragment or "@" in parts.netloc or "{" in parts.path):
        raise Misconfigured("--url is the address logs are given, such as https://witness.city.example.org.")
    return url.rstrip("/")
