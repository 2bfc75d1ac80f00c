"""`meetcoord evidence`: check a sealed entry offline, without the server and without trusting it."""

from pathlib import Path

import click

from meetcoord.cli.answers import CANNOT_TELL, FINE, NO, Answer
from meetcoord.cli.files import identity_in, log_key_from, read
from meetcoord.cli.program import Group
from meetcoord.domain.errors import Damaged
from meetcoord.domain.evidence import Evidence, Outcome, Step, StepName, StepState, Verdict

EXIT_CODES = {Outcome.INTACT: FINE, Outcome.ALTERED: NO, Outcome.CANNOT_TELL: CANNOT_TELL}

identity_option = click.option(
    "--identity",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file with the auditor's identity; with it the text inside is checked too.",
)
log_key_option = click.option(
    "--log-key",
    metavar="FILE_OR_VKEY",
    help="The log's public key as your agency holds it, not as the server gives it.",
)


genesis_option = click.option(
    "--genesis",
    metavar="FINGERPRINT",
    help="The fingerprint of the first list of keys of these agencies, as your agency holds it.",
)


witness_policy_option = click.option(
    "--witness-policy",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The policy of the witnesses as your agency holds it; its quorum has to be met.",
)


@click.group(cls=Group)
def evidence() -> None:
    """Check evidence files, offline."""


@evidence.command()
@click.argument("file", type=click.Path(path_type=Path))
@identity_option
@log_key_option
@genesis_option
@witness_policy_option
def verify(
    file: Path, identity: Path | None, log_key: str | None, genesis: str | None, witness_policy: Path | None
) -> Answer:
    """Check FILE step by step: 0 intact, 1 altered, 2 cannot be checked."""
    _, verdict = verdict_on(file, identity, log_key, genesis, witness_policy)
    return Answer(document=verdict, text=told(verdict), code=EXIT_CODES[verdict.outcome])


def verdict_on(
    file: Path,
    identity: Path | None,
    log_key: str | None,
    genesis: str | None = None,
    witness_policy: Path | None = None,
) -> tuple[Evidence | None, Verdict]:
    """The evidence, if the file is evidence at all, and what checking it says. Raises CannotTell."""
    from meetcoord.adapters.sealing.age import AgeOpener, assert_post_quantum
    from meetcoord.adapters.sealing.bundle import unpack
    from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
    from meetcoord.adapters.sealing.notes import Ed25519Verifier
    from meetcoord.usecases.verify_evidence import VerifyEvidence

    assert_post_quantum()
    data = read(file)
    secret = identity_in(identity) if identity else None
    held = log_key_from(log_key) if log_key else None
    rule = read(witness_policy, 1 << 20).decode("utf-8", "replace") if witness_policy else None
    try:
        found = unpack(data)
    except Damaged as fault:
        return None, _unreadable(fault)
    verify = VerifyEvidence(Ed25519Verifier(), AgeOpener(), Ed25519CosignatureVerifier())
    return found, verify(found, secret, held, genesis, rule)


def told(verdict: Verdict) -> str:
    """Every step on a line, then the one sentence."""
    lines = [
        f"{step.state.value:8}  {step.name.value:12}  {visible(step.sentence)}" for step in verdict.steps
    ]
    return "\n".join([*lines, "", visible(verdict.sentence)])


def visible(text: str) -> str:
    """What a file from elsewhere says must not steer the terminal that shows it."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\u{ord(c):04x}" for c in text)


def _unreadable(fault: Damaged) -> Verdict:
    steps = tuple(Step(name, StepState.NOT_RUN, "Not run.") for name in StepName)
    return Verdict(Outcome.ALTERED, f"Altered: {fault.detail}.", steps)
