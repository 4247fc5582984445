"""Where in a TOML or JSON file each key stands, so that an error can name its line.

The readers of the standard library tell no lines of what they read. This walks a text that one of
them has accepted, so it need not judge it: what it does not understand has no line.
"""

from __future__ import annotations

import json
import re
import tomllib
from contextlib import suppress

Key = tuple[str | int, ...]
"""A way into a file: names of keys, and numbers within lists from 0."""

_BLANK = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)+")
_KEY = re.compile(r"""\s*("(?:\\.|[^"\\\n])*"|'[^'\n]*'|[^\s."'=:\[\]{},#]+)\s*(\.?)""")
_STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)
_BARE = re.compile(r"[^,\]}\n#]+")


def places_of(text: str) -> dict[Key, int]:
    """The line, counted from 1, of every key and list entry."""
    walk = _Walk(text)
    # What was found so far stays right.
    with suppress(IndexError, ValueError, RecursionError):
        walk.document()
    return walk.lines


class _Walk:
    """One pass over a text; `lines` grows with it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Key, int] = {}
        self._counted = (0, 1)
        self._entries: dict[Key, int] = {}

    def document(self) -> None:
        """JSON's one object, or TOML's tables."""
        self._skip()
        if self.text.startswith("{", self.at):
            self._object(())
            return
        table: Key = ()
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._pair(table)
            self._skip()

    def _header(self) -> Key:
        """`[a.b]`, or `[[a.b]]`: one more entry of a list."""
        line, many = self._line(), self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        way = self._within_lists(self._names())
        self.at = self.text.index("]", self.at) + (2 if many else 1)
        if many:
            number = self._entries.get(way, -1) + 1
            self._entries[way] = number
            self.lines.setdefault(way, line)
            way = (*way, number)
        self.lines[way] = line
        return way

    def _within_lists(self, names: Key) -> Key:
        """In TOML a name of a list of tables means its last entry so far."""
        way: Key = ()
        for name in names[:-1]:
            way = (*way, name)
            self.lines.setdefault(way, self._line())
            if way in self._entries:
                way = (*way, self._entries[way])
        way = (*way, names[-1])
        return way

    def _pair(self, table: Key) -> None:
        line = self._line()
        way = (*table, *self._names())
        for length in range(len(table) + 1, len(way) + 1):
            self.lines.setdefault(way[:length], line)
        self._skip()
        if self.text[self.at] not in "=:":
            raise ValueError
        self.at += 1
        self._skip()
        self._value(way)

    def _names(self) -> Key:
        names: list[str] = []
        while True:
            found = _KEY.match(self.text, self.at)
            if found is None:
                raise ValueError
            self.at = found.end()
            names.append(_unquoted(found[1]))
            if not found[2]:
                return tuple(names)

    def _value(self, way: Key) -> None:
        match self.text[self.at]:
            case "{":
                self._object(way)
            case "[":
                self._list(way)
            case _:
                patterns = (*_STRINGS, _BARE)
                found = next(hit for one in patterns if (hit := one.match(self.text, self.at)))
                self.at = found.end()

    def _object(self, way: Key) -> None:
        self.at += 1
        self._skip()
        while self.text[self.at] != "}":
            self._pair(way)
            self._skip()
        self.at += 1

    def _list(self, way: Key) -> None:
        self.at += 1
        self._skip()
        number = 0
        while self.text[self.at] != "]":
            self.lines[(*way, number)] = self._line()
            self._value((*way, number))
            self._skip()
            number += 1
        self.at += 1

    def _skip(self) -> None:
        if found := _BLANK.match(self.text, self.at):
            self.at = found.end()

    def _line(self) -> int:
        """The line of where we stand; counted on from where it was asked last."""
        at, line = self._counted
        line += self.text.count("\n", at, self.at)
        self._counted = (self.at, line)
        return line


def _unquoted(name: str) -> str:
    if name.startswith('"'):
        try:
            return str(json.loads(name))
        except ValueError:
            return str(tomllib.loads(f"key = {name}")["key"])
    return name[1:-1] if name.startswith("'") else name
