"""A town whose certificate authority is known, and an office open in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.mail.post_office import Office, Town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    authority = trustme.CA()
    ca_file: Path = tmp_path_factory.mktemp("town") / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return Town(authority, ca_file)


@pytest.fixture
def smtp_office(town: Town) -> Iterator[Office]:
    with town.office() as office:
        yield office
