"""Which stories are told on every database; the others run in memory, where they are quick."""

import pytest

on_every_database = pytest.mark.parametrize(
    "database_url",
    ["memory", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))],
    indirect=True,
)
