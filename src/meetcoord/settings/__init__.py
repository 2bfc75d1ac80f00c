"""The operator's choices: one TOML file plus MEETCOORD_<SECTION>__<KEY> variables become frozen Settings."""

from meetcoord.settings.example import example
from meetcoord.settings.loading import file_named, find, load, read_secret
from meetcoord.settings.sections import Settings, is_loopback

__all__ = ["Settings", "example", "file_named", "find", "is_loopback", "load", "read_secret"]
