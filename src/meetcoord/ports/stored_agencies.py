"""The doors to what is remembered of agencies: their people, the keys these hold, and the circles they meet in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from meetcoord.domain.access import ApiKey
from meetcoord.domain.agencies import Agency, Approver, Person, Recipient
from meetcoord.domain.key_notices import KeyNotice
from meetcoord.domain.policies import Circle
from meetcoord.domain.values import AgencyId, PersonId


class Agencies(Protocol):
    async def add(self, agency: Agency) -> None:
        """Raises Conflict when the id is taken."""
        ...

    async def get(self, agency: AgencyId) -> Agency:
        """Raises NotFound."""
        ...

    async def every(self) -> Sequence[Agency]:
        """All agencies, by id."""
        ...


class Persons(Protocol):
    async def add(self, person: Person) -> None:
        """Raises Conflict when the agency already has a person with that address."""
        ...

    async def add_all(self, persons: Sequence[Person]) -> None:
        """All of them or none. Raises Conflict when an agency already has a person with one of these addresses."""
        ...

    async def save_all(self, persons: Sequence[Person]) -> None:
        """Names, functions and languages, and nothing else of them; compare-and-swap on each version.

        Raises Stale when one has another version by now: give the block up, as some may have been saved.
        """
        ...

    async def get(self, person: PersonId) -> Person:
        """Raises NotFound."""
        ...

    async def several(self, persons: Sequence[PersonId]) -> Sequence[Person]:
        """Those of `persons` that exist, in no particular order."""
        ...

    async def of_agency(self, agency: AgencyId) -> Sequence[Person]:
        """By name, then id."""
        ...


class ApiKeys(Protocol):
    async def add(self, key: ApiKey) -> None: ...

    async def holder(self, key_id: str) -> tuple[ApiKey, Person]:
        """The key and the person it acts for, as they are now. Raises NotFound."""
        ...

    async def of_agency(self, agency: AgencyId) -> Sequence[ApiKey]:
        """By creation time, then id."""
        ...

    async def save(self, key: ApiKey) -> None:
        """Raises NotFound."""
        ...


class Recipients(Protocol):
    async def add(self, recipient: Recipient) -> None:
        """Raises Conflict when this key is already registered, for whichever agency."""
        ...

    async def of(self, agencies: Sequence[AgencyId]) -> Sequence[Recipient]:
        """All recipients of these agencies, withdrawn ones too: by agency, kind, time of registration, key."""
        ...

    async def withdraw(self, key: str, at: datetime) -> None:
        """Its key is never taken again. Raises NotFound when it is not there, or was withdrawn before."""
        ...


class Approvers(Protocol):
    async def add(self, approver: Approver) -> None:
        """Raises Conflict when this public key is already registered, under whichever name."""
        ...

    async def of(self, agencies: Sequence[AgencyId]) -> Sequence[Approver]:
        """All approvers of these agencies, withdrawn ones too, by agency, then key."""
        ...

    async def withdraw(self, key: str, at: datetime) -> None:
        """As for recipients."""
        ...


class Circles(Protocol):
    """Which sets of agencies have a policy."""

    async def add(self, circle: Circle) -> None:
        """Raises Conflict when it is there."""
        ...

    async def of(self, agency: AgencyId) -> Sequence[Circle]:
        """The circles of which this agency is part, by name."""
        ...


class KeyNotices(Protocol):
    """An outbox of its own, for letters that are about no meeting."""

    async def add(self, notices: Sequence[KeyNotice]) -> None:
        """Raises Conflict when a reader was told of that change already."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[KeyNotice]:
        """Those whose next attempt is due, earliest first; rivals are not given them until the block ends."""
        ...

    async def save(self, notice: KeyNotice) -> None:
        """Compare-and-swap on the version. Raises Stale."""
        ...

    async def held(self, limit: int) -> Sequence[KeyNotice]:
        """Those that wait for the operator's word, by id. Looks through all: for rare use."""
        ...
