"""The real application over HTTP, as for every test of the web; and what a refusal looks like."""

from tests.web.conftest import (
    app,
    city_program,
    http,
    jitsi,
    journal,
    nobody,
    prefecture_program,
    readiness,
    seat,
)

__all__ = [
    "app",
    "city_program",
    "http",
    "jitsi",
    "journal",
    "nobody",
    "prefecture_program",
    "readiness",
    "seat",
]
