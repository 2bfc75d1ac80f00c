"""The example file: every setting, its default, one line why."""

from itertools import groupby

from meetcoord.settings.table import every_setting

HEAD = """\
# meetcoord: every setting with its default. Keep the lines you change and leave out the rest.
# A setting can also come from the environment, which wins over this file: [mail] port is MEETCOORD_MAIL__PORT,
# [profiles.critical] token_minutes is MEETCOORD_PROFILES__CRITICAL__TOKEN_MINUTES. MEETCOORD_SETTINGS names this file.
# Passwords never stand here: a ..._file setting names the file that holds one.
"""


def example() -> str:
    """Return deploy/meetcoord.example.toml as it must read."""
    parts = [HEAD]
    for section, settings in groupby(every_setting(), key=lambda setting: setting.section):
        lines = [f"# {setting.why}\n{setting.key} = {_toml(setting.default)}" for setting in settings]
        parts.append(f"[{section}]\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def _toml(value: str | int) -> str:
    if isinstance(value, int):
        return str(value).lower()
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
