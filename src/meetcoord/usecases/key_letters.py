"""The letters in which administrators and auditors are told of keys, written when they leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from meetcoord.domain.access import CONSOLE, SERVICE
from meetcoord.domain.agencies import Person
from meetcoord.domain.checkpoints import parse_vkey
from meetcoord.domain.errors import Damaged
from meetcoord.domain.key_letters import KeyLetter, NamedKey
from meetcoord.domain.key_notices import KeyChange, KeyNotice
from meetcoord.domain.policies import fingerprint, grouped
from meetcoord.domain.values import AgencyId
from meetcoord.ports.storage import Transaction
from meetcoord.usecases.policies import policy_at

_RECIPIENTS = {KeyChange.RECIPIENT_ADDED, KeyChange.RECIPIENT_WITHDRAWN}


@dataclass(frozen=True, slots=True)
class KeyLetters:
    """`mail_domain` ends the Message-IDs; `help_phone` may be empty."""

    mail_domain: str
    help_phone: str

    async def take(
        self, tx: Transaction, now: datetime, patience: timedelta
    ) -> tuple[KeyNotice, KeyLetter] | None:
        """The next notice that is due, marked as leaving, with its letter; who left her agency is told nothing."""
        while due := await tx.key_notices.due(now, 1):
            reader = await tx.persons.get(due[0].reader)
            if not reader.active:
                await tx.key_notices.save(due[0].overtaken())
                continue
            leaving = due[0].leaving(now, patience)
            await tx.key_notices.save(leaving)
            return leaving, await self._letter(tx, leaving, reader)
        return None

    async def _letter(self, tx: Transaction, notice: KeyNotice, reader: Person) -> KeyLetter:
        names = {agency.id: agency.name for agency in await tx.agencies.every()}
        function, agency = await _doer(tx, notice, names)
        return KeyLetter(
            change=notice.change,
            message_id=f"{notice.id}@{self.mail_domain}",
            written_at=notice.created_at,
            to_address=reader.address,
            to_name=reader.name,
            language=reader.language,
            by_console=notice.by == CONSOLE,
            by_function=function,
            by_agency=agency,
            keys=await _keys(tx, notice, names),
            entry=int(notice.object) if notice.change is KeyChange.POLICY_IN_FORCE else None,
            help_phone=self.help_phone,
        )


async def _doer(tx: Transaction, notice: KeyNotice, names: Mapping[AgencyId, str]) -> tuple[str, str]:
    """The function and agency of who did it: never her name, which the log holds as an id for who must know."""
    if notice.by in {CONSOLE, SERVICE}:
        return "", names[notice.agency]
    person = await tx.persons.get(notice.by)
    return person.function, names[person.agency]


async def _keys(tx: Transaction, notice: KeyNotice, names: Mapping[AgencyId, str]) -> tuple[NamedKey, ...]:
    if notice.change is KeyChange.POLICY_IN_FORCE:
        return await _listed(tx, int(notice.object), names)
    if notice.change in _RECIPIENTS:
        return await _recipient(tx, notice, names)
    return await _approver(tx, notice, names)


async def _recipient(
    tx: Transaction, notice: KeyNotice, names: Mapping[AgencyId, str]
) -> tuple[NamedKey, ...]:
    for each in await tx.recipients.of([notice.agency]):
        if fingerprint(each.key) == notice.object:
            named = NamedKey(
                agency=names[each.agency],
                kind=each.kind,
                label=each.label,
                fingerprint=grouped(notice.object),
            )
            return (named,)
    raise Damaged("message", "it is about a key that its agency does not have")


async def _approver(
    tx: Transaction, notice: KeyNotice, names: Mapping[AgencyId, str]
) -> tuple[NamedKey, ...]:
    for each in await tx.approvers.of([notice.agency]):
        shown = parse_vkey(each.key).fingerprint
        if "".join(shown.split()) == notice.object:
            label = (await tx.persons.get(each.person)).function
            return (NamedKey(agency=names[each.agency], kind=None, label=label, fingerprint=shown),)
    raise Damaged("message", "it is about a key that its agency does not have")


async def _listed(tx: Transaction, index: int, names: Mapping[AgencyId, str]) -> tuple[NamedKey, ...]:
    policy = (await policy_at(tx, index)).leaf
    recipients = (
        NamedKey(
            agency=names.get(AgencyId(each.agency), each.agency),
            kind=each.kind,
            label="",
            fingerprint=grouped(fingerprint(each.recipient)),
        )
        for each in policy.recipients
    )
    approvers = (
        NamedKey(
            agency=names.get(AgencyId(each.agency), each.agency),
            kind=None,
            label="",
            fingerprint=parse_vkey(each.key).fingerprint,
        )
        for each in policy.approvers
    )
    return (*recipients, *approvers)
