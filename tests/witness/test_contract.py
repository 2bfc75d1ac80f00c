"""The contract of a Witness: the way over HTTP to the real server, and the stand-in for tests."""

from collections.abc import AsyncIterator

import pytest

from tests.contracts.witness import FarWitness, WitnessContract
from tests.fake_witness import FakeWitness
from tests.log.builders import SmallLog, log_of
from tests.witness.loopback import remote


@pytest.fixture
def log() -> SmallLog:
    return log_of(10)


class TestFakeWitness(WitnessContract):
    @pytest.fixture
    def far(self, log: SmallLog) -> FarWitness:
        return FakeWitness((log.signer.vkey,))


class TestHttpWitness(WitnessContract):
    @pytest.fixture
    async def far(self, log: SmallLog) -> AsyncIterator[FarWitness]:
        async with remote(log.signer.vkey) as far:
            yield far
