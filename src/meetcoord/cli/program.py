"""How every command behaves: --json everywhere, errors as one sentence, exit codes 0 fine, 1 no, 2 cannot tell."""

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from meetcoord.cli.answers import (
    CANNOT_TELL,
    FINE,
    INTERRUPTED,
    Answer,
    failed,
    forget_output,
    refusal,
    tell,
)
from meetcoord.domain.errors import MeetcoordError
from meetcoord.settings import Settings

_JSON = "meetcoord.json"


def wants_json() -> bool:
    """Whether the command at work was given --json."""
    return bool(click.get_current_context().meta.get(_JSON))


def _json_option() -> click.Option:
    return click.Option(
        ["--json"],
        is_flag=True,
        expose_value=False,
        callback=_keep_json,
        help="Answer with one JSON document on stdout.",
    )


def _keep_json(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta[_JSON] = value


class Command(click.Command):
    """A command that also takes --json."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(_json_option())


class Group(click.Group):
    """Commands made under it take --json."""

    command_class = Command


class Program(Group):
    """The root: runs one command, tells its Answer, and ends the process with its exit code."""

    # click overloads main by standalone_mode; this one always ends the process.
    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        given = list(sys.argv[1:] if args is None else args)
        answer = self._answer(given, extra)
        if isinstance(answer, Answer):
            tell(answer, as_json="--json" in given)
            sys.exit(answer.code)
        sys.exit(answer)

    def _answer(self, given: list[str], extra: dict[str, Any]) -> Answer | int:
        try:
            done = super().main(given, "meetcoord", **(extra | {"standalone_mode": False}))
        except MeetcoordError as error:
            return refusal(error)
        except click.ClickException as error:
            return failed("usage", _sentence(error), CANNOT_TELL)
        except (click.Abort, KeyboardInterrupt):
            return INTERRUPTED
        except BrokenPipeError:
            forget_output()
            return FINE
        except Exception as error:
            # Not one of ours: a fault in the program, which must not pass for the verdict "no".
            traceback.print_exc()
            return failed(
                "fault", f"meetcoord itself failed here ({type(error).__name__}): report this.", CANNOT_TELL
            )
        return done if isinstance(done, Answer | int) else FINE


def _sentence(error: click.ClickException) -> str:
    said = error.format_message()
    asked = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "meetcoord"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return said
    return f"{said} Type `{asked} --help` to see what is possible."


def settings_file() -> Path | None:
    """What stands behind --settings."""
    file: Path | None = click.get_current_context().find_root().params.get("settings")
    return file


def settings() -> Settings:
    """The operator's choices. Raises Misconfigured."""
    from meetcoord.settings import find

    return find(settings_file())
