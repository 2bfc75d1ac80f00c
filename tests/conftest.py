"""What every test may ask for."""

import pytest
from hypothesis import settings

pytest_plugins = ["tests.needs", "tests.postgresql", "tests.worlds", "tests.guests"]

# A slow machine is no failure; chance differs between runs, and a failure prints how to repeat it.
settings.register_profile("meetcoord", deadline=None, print_blob=True)
settings.load_profile("meetcoord")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
