"""Every door asks who: outside the embedded stack no command acts or reads without a person's name."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from starter.cli import zhiping

NOBODY_ASKED: dict[str, str] = {
    "acts": "what acts there are is the law, and in the package",
    "meeting acts": "the same",
    "schema": "the form of a submission",
    "readings": "published, and in the package",
    "campaign lint": "a file of whoever asks",
    "campaign diff": "two notices, published or files",
    "campaign show": "a notice is published to everybody",
    "calendar show": "a calendar is published to everybody",
    "deadline": "counted from published rules",
    "committee lint": "a file of whoever asks",
    "committee list": "committees are filed publicly: no person is named",
    "committee verify-draw": "offline, from a published file",
    "directory lint": "a file of whoever asks",
    "certificate verify": "offline, for whoever was shown a certificate",
    "check": "one's own file, before anybody is told; says what `submit` would",
    "clock show": "of a rehearsal: whoever plays it plays everybody",
    "clock advance": "the same",
    "rehearse": "the same, in a realm of its own",
    "demo": "the same",
    "install keys": "before there is anything at all",
    "install operators": "once, before there is anybody",
    "install check": "the machine's own settings and parts; nobody's data",
    "keys new": "the same as install keys",
    "deploy first": "the machine's own: whoever starts its workers",
    "deploy start": "the same",
    "deploy ramp": "the same",
    "deploy status": "the same",
    "deploy finish": "the same",
    "console serve": "the machine's own; every page of it asks",
    "stack up": "the machine's own",
    "stack down": "the same",
    "stack status": "the same",
    "backup": "the same: who reads its folder has its keys",
    "restore": "the same",
}
"""Commands without `--as`, and why nobody need be named."""

ANYBODY: dict[str, str] = {
    "submit": "the applicant, whom the file names",
    "committee show": "names only for whom the section is",
    "meeting show": "the same",
    "meeting draw-record": "after the signature anybody's, before it the office's alone",
    "meeting verify-draw": "the same",
    "audit verify": "a file is anybody's to verify; the database asks (the test below)",
}
"""Commands that ask who, and where unnamed is anybody at all, never an operator."""


def commands(
    group: click.Command = zhiping, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its whole name."""
    if not isinstance(group, click.Group):
        yield " ".join(path), group
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield from commands(found, (*path, name))


ALL = dict(commands())


def who_of(command: click.Command) -> click.Parameter | None:
    """The option by which a person is named."""
    return next((item for item in command.params if item.name == "who"), None)


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An office's own settings, not an embedded stack's."""
    monkeypatch.delenv("ZHIPING_CONFIG", raising=False)
    monkeypatch.setenv("ZHIPING_DATABASE_URL", "postgresql://nobody@localhost:1/nothing")


def test_only_these_commands_ask_nobody() -> None:
    found = {name for name, command in ALL.items() if who_of(command) is None}
    assert found == set(NOBODY_ASKED)


@pytest.mark.parametrize("name", [name for name, command in ALL.items() if who_of(command)])
@pytest.mark.usefixtures("deployed")
def test_nobody_is_an_operator_unnamed(name: str) -> None:
    asked = who_of(ALL[name])
    assert asked is not None
    context = click.Context(ALL[name])
    if name in ANYBODY:
        asked.handle_parse_result(context, {}, [])
        assert context.params["who"] in (("anyone", "anyone"), ("applicant", "self"), None)
    else:
        with pytest.raises(click.UsageError):
            asked.handle_parse_result(context, {}, [])


@pytest.mark.usefixtures("deployed")
def test_the_record_is_verified_by_somebody() -> None:
    with pytest.raises(click.UsageError, match="须写明以谁的身份"):
        ALL["audit verify"].main([], standalone_mode=False)
