"""What every test may ask for."""

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

pytest_plugins = ["tests.needs", "tests.postgresql", "tests.worlds", "tests.guests", "tests.cells"]

# A slow machine is no failure; chance differs between runs, and a failure prints how to repeat it.
settings.register_profile("meetcoord", deadline=None, print_blob=True)
settings.load_profile("meetcoord")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _own_journal() -> Iterator[None]:
    """A command that takes the journal over for its process does not take it from the next test."""
    kept = structlog.get_config()
    yield
    structlog.configure(**kept)
