"""What holds for every command: a help text, --json, one calm sentence, and the exit code."""

from collections.abc import Iterator

import click
import pytest

from meetcoord import __version__
from meetcoord.cli.answers import refusal
from meetcoord.cli.root import program
from meetcoord.domain import errors
from tests.cli.conftest import Place, typed


def commands(group: click.Group = program, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


EVERY = sorted(commands())
WITHOUT_ARGUMENTS = [
    ("agency", "list"),
    ("check",),
    ("keys", "list"),
    ("keys", "new"),
    ("log", "checkpoint"),
    ("log", "fsck"),
    ("migrate",),
    ("serve",),
]


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_every_command_explains_itself_and_takes_json(command: tuple[str, ...]) -> None:
    said = typed(*command, "--help")
    assert said.code == 0
    assert "--json" in said.out
    assert len(said.out.split("\n\n")[1].strip()) > 10


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_every_command_is_summed_up_in_one_line(command: tuple[str, ...]) -> None:
    listing = typed(*command[:-1], "--help").out
    (line,) = [line for line in listing.splitlines() if line.split()[:1] == [command[-1]]]
    assert len(line.split()) > 2
    assert not line.endswith("...")


def test_the_exit_codes_are_in_the_help() -> None:
    assert "0 fine, 1 no" in typed("--help").out


def test_the_version_is_said() -> None:
    assert typed("version").out == f"meetcoord {__version__}\n"
    assert typed("version", "--json").document == {"meetcoord": __version__}


def test_a_mistyped_command_is_answered_with_one_sentence() -> None:
    said = typed("agnecy")
    assert (said.code, said.out) == (2, "")
    assert "--help" in said.err


def test_without_a_command_the_help_is_shown() -> None:
    said = typed()
    assert (said.code, said.out) == (2, "")
    assert "Commands:" in said.err


def test_a_mistyped_command_is_answered_in_json_when_asked() -> None:
    said = typed("agency", "add", "--json")
    assert (said.code, said.err) == (2, "")
    assert said.document["error"]["code"] == "usage"


@pytest.mark.parametrize("command", WITHOUT_ARGUMENTS, ids=" ".join)
def test_a_wrong_setting_is_refused_by_name(bare: Place, command: tuple[str, ...]) -> None:
    bare.say('[mail]\nhots = "mail.example.org"\n')
    said = bare.type(*command)
    assert (said.code, said.out) == (2, "")
    assert "mail.hots is not a setting. Did you mean mail.host?" in said.err
    assert bare.type(*command, "--json").document["error"]["code"] == "misconfigured"


@pytest.mark.parametrize("command", [("agency", "list"), ("log", "fsck"), ("log", "checkpoint"), ("serve",)])
def test_before_the_first_steps_one_is_told_what_to_type(bare: Place, command: tuple[str, ...]) -> None:
    said = bare.type(*command)
    assert (said.code, said.out) == (2, "")
    assert "type `meetcoord " in said.err
    assert len(said.err.splitlines()) == 1


def leaves(kind: type[errors.MeetcoordError]) -> Iterator[type[errors.MeetcoordError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from leaves(child)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        *[(kind, 1) for kind in leaves(errors.Refused)],
        (errors.Damaged, 1),
        *[(kind, 2) for kind in leaves(errors.Unavailable)],
        (errors.CannotTell, 2),
        (errors.Misconfigured, 2),
    ],
)
def test_each_kind_of_error_has_its_exit_code(kind: type[errors.MeetcoordError], code: int) -> None:
    error = kind.__new__(kind)
    error.detail = "A sentence."
    answer = refusal(error)
    assert (answer.code, answer.note) == (code, "A sentence.")


def test_bytes_that_are_no_text_do_not_keep_the_sentence_from_being_said() -> None:
    said = typed("evidence", "verify", b"\xff.zip".decode("utf-8", "surrogateescape"), "--json")
    assert said.code == 2
    assert "cannot be read" in said.document["error"]["detail"]
