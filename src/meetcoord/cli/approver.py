"""`meetcoord approver` and `meetcoord keys approver`: what an approver does on her own machine, never the server."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from meetcoord.cli.answers import Answer
from meetcoord.cli.evidence import visible
from meetcoord.cli.files import read, replace
from meetcoord.cli.program import Group
from meetcoord.domain.checkpoints import parse_vkey
from meetcoord.domain.errors import Conflict
from meetcoord.domain.leaves import ConsentVerdict, PolicyApprover, PolicyLeaf

if TYPE_CHECKING:
    from meetcoord.adapters.sealing.notes import Ed25519Signer

key_option = click.option(
    "--key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="The file that `meetcoord keys approver new` made.",
)
yes_option = click.option("--yes", is_flag=True, help="Sign without asking, having read it elsewhere.")


@click.group("approver", cls=Group)
def approver_key() -> None:
    """Make the key that signs approvals, on the approver's own machine."""


@approver_key.command()
@click.argument("name")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), metavar="FILE", required=True, help="The new file."
)
def new(name: str, out: Path) -> Answer:
    """Make a key named NAME in FILE and its public half in FILE.pub.

    NAME stands in the log for ever and must tell nothing of the person: city/approver-1 will do.
    """
    from meetcoord.adapters.sealing import approver_keys, keyfiles

    public = out.with_name(f"{out.name}.pub")
    for path in (out, public):
        if path.exists():
            raise Conflict(f"{path} exists already and is never overwritten: name another file.")
    signer = approver_keys.generate(name)
    vkey = PolicyApprover(agency="any", key=signer.vkey).key
    keyfiles.create(out, f"{approver_keys.written(signer)}\n".encode())
    replace(public, f"{vkey}\n".encode())
    return Answer(
        document={"key_file": str(out), "public_file": str(public), "key": vkey},
        text=vkey,
        note=f"Keep {out} to yourself. Give {public} to your administrator, and tell by telephone: "
        f"{parse_vkey(vkey).fingerprint}",
    )


@click.group(cls=Group)
def approver() -> None:
    """Check and sign what waits for approval, offline, on the approver's own machine."""


@approver.command()
@click.argument("file", type=click.Path(path_type=Path))
@key_option
@yes_option
def sign(file: Path, key: Path, yes: bool) -> Answer:
    """Approve circulated minutes: read FILE, check it, sign it.

    FILE is what the service answers about the minutes (GET /v1/meetings/…/minutes/…), and nothing in it is believed.
    What is printed is what your agency sends to …/approvals.
    """
    from meetcoord.domain.approvals import kept_signature
    from meetcoord.domain.to_sign import read_circulated, signs_for

    circulated, signer = read_circulated(read(file)), _signer(key)
    agency, frame, leaf = signs_for(circulated.policy, signer.vkey), circulated.frame, circulated.policy.leaf
    shown = [
        # Set apart: a text could otherwise go on with lines that read like those below it.
        *(f"| {line}" for line in frame.body.split("\n")),
        f"Log {frame.log}, meeting {frame.meeting}, document {frame.seq} ({frame.kind}), by {frame.author}",
        f"Able to read it, under entry {circulated.policy.index}:",
        *_readers(leaf),
    ]
    _ask("\n".join(shown), f"Sign this for {agency}?", yes)
    body = {"content": circulated.content, "signature": kept_signature(signer.sign(circulated.text))}
    return _to_send(body, f"…/meetings/{frame.meeting}/minutes/{frame.seq}/approvals")


@approver.command()
@click.argument("file", type=click.Path(path_type=Path))
@key_option
@click.option("--index", type=int, help="Which proposal, where several wait.")
@click.option("--reject", is_flag=True, help="Say no to it.")
@yes_option
def consent(file: Path, key: Path, index: int | None, reject: bool, yes: bool) -> Answer:
    """Consent to a changed list of keys, or to an erasure.

    FILE is read, checked, shown and signed. It is what the service answers to GET /v1/policies, or to GET
    …/minutes/…/erasure. What is printed is what your agency sends to …/consents.
    """
    from meetcoord.domain.to_sign import asks_for_erasure

    data, verdict = read(file), ConsentVerdict.REJECT if reject else ConsentVerdict.APPROVE
    if asks_for_erasure(data):
        return _erasure(data, key, verdict, yes)
    return _keys(data, key, verdict, index, yes)


def _keys(data: bytes, key: Path, verdict: ConsentVerdict, index: int | None, yes: bool) -> Answer:
    from meetcoord.domain.approvals import kept_signature
    from meetcoord.domain.to_sign import gone_and_new, read_proposed, signs_for

    proposed, signer = read_proposed(data, index), _signer(key)
    agency, target = signs_for(proposed.former, signer.vkey), proposed.policy.index
    gone, fresh = gone_and_new(proposed.former.leaf, proposed.policy.leaf)
    shown = [
        f"Log {proposed.origin}: entry {target} is to replace entry {proposed.former.index}.",
        *(f"  gone  {line}" for line in _named(proposed.former.leaf, gone)),
        *(f"  new   {line}" for line in _named(proposed.policy.leaf, fresh)),
        "Able to read what is sealed from then on:",
        *_readers(proposed.policy.leaf),
        # All of them: what the service says of the list in force, and so what is gone or new, is not proven.
        "Able to sign from then on:",
        *_signing(proposed.policy.leaf),
        f"Agencies that must consent to an erasure: {_erasing(proposed.policy.leaf)}.",
    ]
    _ask("\n".join(shown), f"Sign `{verdict.value}` for {agency}?", yes)
    signature = kept_signature(signer.sign(proposed.text(verdict)))
    body = {"verdict": verdict.value, "leaf": proposed.policy.hash, "signature": signature}
    return _to_send(body, f"…/policies/{target}/consents")


def _erasure(data: bytes, key: Path, verdict: ConsentVerdict, yes: bool) -> Answer:
    from datetime import UTC, datetime

    from meetcoord.domain.approvals import kept_signature
    from meetcoord.domain.to_sign import read_erasure, signs_for

    asked, signer = read_erasure(data), _signer(key)
    agency, request, entry = signs_for(asked.in_force, signer.vkey), asked.request, asked.entry
    shown = [
        f"Log {asked.origin}, entry {request.leaf.target}: document {entry.seq} of meeting {entry.meeting}",
        f"  {entry.kind} by {entry.author}, sealed {datetime.fromtimestamp(entry.at, UTC):%Y-%m-%d %H:%M} UTC",
        f"  {entry.size} sealed bytes, content {entry.content}",
        f"To be destroyed for ever, asked by {request.leaf.agency} in entry {request.index}:",
        f"  reason: {request.leaf.reason.value}; visa of the archives: {request.leaf.visa or 'none'}",
    ]
    _ask("\n".join(shown), f"Sign `{verdict.value}` of this erasure for {agency}?", yes)
    signature = kept_signature(signer.sign(asked.text(verdict)))
    body = {"verdict": verdict.value, "leaf": request.hash, "signature": signature}
    return _to_send(body, f"…/meetings/{entry.meeting}/minutes/{entry.seq}/erasure/consents")


def _to_send(body: dict[str, str], where: str) -> Answer:
    import msgspec

    return Answer(document=body, text=msgspec.json.encode(body).decode(), note=f"To be sent to {where}")


def _signer(path: Path) -> "Ed25519Signer":
    from meetcoord.adapters.sealing import approver_keys, keyfiles

    return approver_keys.read(keyfiles.read(path).decode("utf-8", "replace"))


def _ask(shown: str, question: str, yes: bool) -> None:
    """Raises Conflict when she says no. Told on stderr: stdout has only what is to be sent."""
    click.echo(visible(shown), err=True)
    if yes:
        return
    if not click.confirm(question, err=True):
        raise Conflict("Nothing was signed.")


def _readers(policy: PolicyLeaf) -> list[str]:
    return [f"  {line}" for line in _named(policy, [each.recipient for each in policy.recipients])]


def _signing(policy: PolicyLeaf) -> list[str]:
    return [f"  {line}" for line in _named(policy, [each.key for each in policy.approvers])] or ["  nobody"]


def _erasing(policy: PolicyLeaf) -> str:
    return f"{policy.erasure} of {len(policy.agencies)} ({', '.join(policy.agencies)})"


def _named(policy: PolicyLeaf, keys: "tuple[str, ...] | list[str]") -> list[str]:
    from meetcoord.domain.policies import fingerprint, grouped

    told = {
        each.recipient: f"{each.agency} {each.kind.value}: {grouped(fingerprint(each.recipient))}"
        for each in policy.recipients
    }
    told |= {
        each.key: f"{each.agency} approver: {parse_vkey(each.key).fingerprint}" for each in policy.approvers
    }
    return [told[key] for key in keys]
