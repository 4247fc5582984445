"""A group of commands whose modules are imported when one of their commands is asked for.

What a command needs stands at the top of its module, and costs nothing to who calls another: the
group knows of a command only its name, its module, and the line by which the help lists it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any, NamedTuple

import click
from click.shell_completion import CompletionItem

Dress = Callable[[click.Command], click.Command]


class Listed(NamedTuple):
    """A command as it is listed: the module that has it among its ``commands``, and one line."""

    module: str
    short_help: str


class Commands(MutableMapping[str, click.Command]):
    """Commands by name, in their order; each is imported, and dressed, when it is first looked up."""

    def __init__(self, listed: Mapping[str, Listed], dress: Dress) -> None:
        self._listed = dict(listed)
        self._dress = dress
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            self._loaded[name] = self._load(name, self._listed[name])
        return self._loaded[name]

    def _load(self, name: str, listed: Listed) -> click.Command:
        found: list[click.Command] = import_module(listed.module).commands
        command = next(item for item in found if item.name == name)
        command.short_help = listed.short_help
        return self._dress(command)

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._listed[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)


class LazyGroup(click.Group):
    """A group whose help lists its commands by subject, and imports none of them for it."""

    def __init__(
        self, name: str, *, sections: Mapping[str, Mapping[str, Listed]], dress: Dress, **given: Any
    ) -> None:
        listed = {name: item for section in sections.values() for name, item in section.items()}
        super().__init__(name, commands=Commands(listed, dress), **given)
        self._sections = sections

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands by subject, each with its one line."""
        for subject, listed in self._sections.items():
            with formatter.section(subject):
                formatter.write_dl([(name, item.short_help) for name, item in listed.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that begin so, and the group's own options."""
        return [
            *(
                CompletionItem(name, help=item.short_help)
                for listed in self._sections.values()
                for name, item in listed.items()
                if name.startswith(incomplete)
            ),
            *click.Command.shell_complete(self, ctx, incomplete),
        ]


def below(command: click.Command) -> Iterable[click.Command]:
    """The commands of a group that are there; a lazy group dresses its own as they come."""
    if isinstance(command, click.Group) and not isinstance(command, LazyGroup):
        return command.commands.values()
    return ()
