"""What a letter about keys says: facts only, the wording belongs to the mail adapter."""

from datetime import datetime

import msgspec

from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.key_notices import KeyChange
from meetcoord.domain.values import Language


class NamedKey(msgspec.Struct, frozen=True, kw_only=True):
    """`fingerprint` is in groups, to be compared by eye or by telephone; without `kind` it is an approver's key.

    `label` is that of a recipient, or an approver's function; empty in a list of many keys.
    """

    agency: str
    kind: RecipientKind | None
    label: str
    fingerprint: str


class KeyLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one administrator or auditor. `message_id` is as in a Letter.

    `keys` is the one key that was added or withdrawn, or all that a list names, and then `entry` is its index in the
    log. Who did it stands as her function and agency; without a function it was the service. `by_console`: it was done
    on the service's own machine in the name of that agency.
    """

    change: KeyChange
    message_id: str
    written_at: datetime
    to_address: str
    to_name: str
    language: Language
    by_console: bool
    by_function: str
    by_agency: str
    keys: tuple[NamedKey, ...]
    entry: int | None
    help_phone: str

    def __post_init__(self) -> None:
        if (self.entry is not None) is not (self.change is KeyChange.POLICY_IN_FORCE):
            raise ValueError("a letter about a list of keys, and no other, names its entry in the log")
        if self.entry is None and len(self.keys) != 1:
            raise ValueError("a letter about one key names it")
