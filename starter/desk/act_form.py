"""What an act states, field by field: one account for help, forms and programs.

The payload's model says what a field takes; `acts.toml` and `meeting_acts.toml` what people call it,
what its values are called, and where values to choose from come from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from activities.texts import shapes
from activities.wording import labels
from starter.desk.refusing import Reason
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.rules.facts import Facts
from workflows.writer.payloads import FREE_TEXT, UPLOAD, Payload

ACTS, MEETING_ACTS = "acts", "meeting_acts"
_KINDS = {"string": "文字", "integer": "整数", "number": "数", "boolean": "是非", "object": "表"}
_FORMATS = {"date": "日期", "date-time": "时间"}
_YES_NO = {"true": "是", "false": "否"}
_OF_ONE_VALUE = frozenset({"string", "boolean", "integer"})
_NO_WORDS: dict[str, dict[str, str]] = {"hints": {}, "typed": {}, "choices": {}, "sources": {}}


class Widget(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    PROSE = "prose"
    LINES = "lines"
    """Several texts, one a line."""
    NUMBER = "number"
    DAY = "day"
    """Year, month and day, in Beijing's calendar."""
    MOMENT = "moment"
    TICK = "tick"
    """True where ticked, false where not."""
    YES_NO = "yes_no"
    """A decision: neither yes nor no by leaving it as it is."""
    ONE = "one"
    MANY = "many"
    ROWS = "rows"
    FILE = "file"
    """A file of one's own that is uploaded."""
    FILES = "files"
    VALUES = "values"
    """Values by name, each name one of the options."""


FILES = frozenset({Widget.FILE, Widget.FILES})


class Source(StrEnum):
    """Where values to choose from come from."""

    ACHIEVEMENTS = "achievements"
    PROVEN = "proven"
    """What a file can prove: an achievement or a paper."""
    EVIDENCE = "evidence"
    """Kinds of evidence."""
    SUBJECTS = "subjects"
    """What an item of a return can be about."""
    DEFECTS = "defects"
    """Usual defects, of the notice and in general."""
    EARLIER_ITEMS = "earlier_items"
    """What was asked for before, and what came in since."""
    ITEMS = "items"
    """The items of the return that is open."""
    CORRIGIBLE = "corrigible"
    """Facts that the open return lets be changed."""
    DEADLINES = "deadlines"
    INQUIRIES = "inquiries"
    REQUESTS = "requests"
    CHECKS = "checks"
    COLLEAGUES = "colleagues"
    """Others who act for the organisation."""
    CANDIDATES = "candidates"
    SEATS = "seats"
    CHAIRS = "chairs"
    PROFESSIONS = "professions"
    BATCHES = "batches"


@dataclass(frozen=True)
class Option:
    """A value that may be chosen, and what people read."""

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One field of an act."""

    key: str
    """Its name; of a row's field with the row's before it, as in `items.text`."""
    label: str
    hint: str
    typed: str
    """How a value is written where it is typed and not chosen."""
    kind: str
    """What it takes, in a word."""
    widget: Widget
    required: bool
    options: tuple[Option, ...] = ()
    source: Source | None = None
    rows: tuple[Field, ...] = ()
    default: Any = None
    by_itself: bool = False
    """Whether it is filled in where nobody does: a form does without it."""
    folded: bool = False
    """Whether few rows have it, so that a form shows it when it is asked for."""

    @property
    def is_number(self) -> bool:
        """Whether it takes a number, typed or chosen."""
        typed = self.kind in (_KINDS["integer"], _KINDS["number"])
        return typed or self.widget is Widget.NUMBER

    @property
    def name(self) -> str:
        """Its name within what it is a field of."""
        return self.key.rpartition(".")[2]

    @property
    def meaning(self) -> str:
        """Everything that is said of it, in one line."""
        named = self.source is None and self.options
        values = "、".join(f"{item.value} {item.label}" for item in self.options) if named else ""
        told = f"{self.label}：{values}" if values else self.label
        return "，".join(filter(None, (told, self.hint, self.typed)))


@cache
def words(which: str) -> dict[str, Any]:
    """The words of acts on a case or on a meeting."""
    text = Path(__file__).with_name(f"{which}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def fields_of(model: type[Payload], which: str = ACTS) -> tuple[Field, ...]:
    """The fields of a payload, in its order."""
    return tuple(_fields(shapes(model), words(which), ""))


def flat(fields: Iterable[Field]) -> Iterator[Field]:
    """Each field, and those of its rows after it."""
    for field in fields:
        yield field
        yield from flat(field.rows)


def sources_of(fields: Iterable[Field]) -> frozenset[Source]:
    """Where the values come from that these fields offer to choose from."""
    return frozenset(field.source for field in flat(fields) if field.source is not None)


def with_options(
    fields: Iterable[Field], found: Mapping[Source, Sequence[Option]]
) -> tuple[Field, ...]:
    """The fields with the values that are there to choose from, as a form has them.

    Where nothing is there to choose, a field that may be left out is, and one that may not is typed.
    What is filled in by itself is in no form.
    """
    every = [_with_options(field, found) for field in fields if not field.by_itself]
    return tuple(field for field in every if field.required or not _is_idle(field))


def with_files(fields: Iterable[Field], own: Sequence[Option]) -> tuple[Field, ...]:
    """The fields with the uploads that somebody may state, where they take files."""
    return tuple(
        replace(
            field,
            rows=with_files(field.rows, own),
            options=tuple(own) if field.widget in FILES else field.options,
            typed="" if field.widget in FILES else field.typed,
        )
        for field in fields
    )


def takes_files(fields: Iterable[Field]) -> bool:
    """Whether any of the fields, or of their rows, takes a file."""
    return any(field.widget in FILES for field in flat(fields))


def without_files(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The fields that take no file, for what is stated of many cases at once."""
    return tuple(
        replace(field, rows=without_files(field.rows))
        for field in fields
        if field.widget not in FILES
        and not any(part.required and part.widget in FILES for part in field.rows)
    )


def about(reason: Reason, fields: Sequence[Field]) -> tuple[str, ...]:
    """The keys of the fields a refusal is about; none where it is about the act itself."""
    keys = [field.key for field in flat(fields)]
    named = tuple(key for key in map(_without_numbers, reason.fields) if key in keys)
    if named:
        return named
    known = words(ACTS)["about"].get(reason.code, ())
    return next(((key,) for key in known if key in keys), ())


def _without_numbers(place: str) -> str:
    """`items.0.text` is the field `items.text`."""
    return ".".join(part for part in place.split(".") if not part.isdigit())


def is_of_meeting(action: str) -> bool:
    """Whether an act is one on a meeting."""
    return action in MEETING_CATALOGUE


def _fields(shape: Mapping[str, Any], told: Mapping[str, Any], prefix: str) -> Iterator[Field]:
    required = shape.get("required", ())
    for name, part in shape.get("properties", {}).items():
        yield _field(f"{prefix}{name}", part, told, name in required)


def _field(key: str, part: Mapping[str, Any], told: Mapping[str, Any], required: bool) -> Field:
    name = key.rpartition(".")[2]

    def said(group: str) -> Any:
        return told[group].get(key, told[group].get(name) if group != "sources" else None)

    source = Source(said("sources")) if said("sources") else None
    below = part.get("items", {})
    rows = tuple(_fields(below, told, f"{key}.")) if "properties" in below else ()
    options = _options(part, said("choices"))
    return Field(
        key=key,
        label=said("fields") or "",
        hint=said("hints") or "",
        typed=said("typed") or "",
        kind=_kind(part),
        widget=_widget(part, chosen=bool(options or source), rows=bool(rows)),
        required=required,
        options=options,
        source=source,
        rows=rows,
        default=part.get("default"),
        by_itself=key in told.get("by_itself", ()),
        folded=key in told.get("folded", ()),
    )


def _options(part: Mapping[str, Any], named: str | Mapping[str, str] | None) -> tuple[Option, ...]:
    values = part.get("enum")
    if part.get("type") == "boolean" and part.get("default"):
        values = list(_YES_NO)
        named = named or _YES_NO
    if named is None and values is None:
        return ()
    known = labels(named) if isinstance(named, str) else dict(named or {})
    return tuple(Option(str(value), known.get(str(value), str(value))) for value in values or known)


def _widget(part: Mapping[str, Any], *, chosen: bool, rows: bool) -> Widget:
    match part.get("type"):
        case "integer" | "number":
            return Widget.ONE if chosen else Widget.NUMBER
        case "boolean":
            return Widget.YES_NO if part.get("default") else Widget.TICK
        case "array":
            if part.get("items", {}).get(UPLOAD):
                return Widget.FILES
            return Widget.ROWS if rows else Widget.MANY if chosen else Widget.LINES
        case "object":
            return Widget.VALUES
        case _:
            return _of_text(part, chosen)


def _of_text(part: Mapping[str, Any], chosen: bool) -> Widget:
    if part.get("format") == "date":
        return Widget.DAY
    if part.get("format") == "date-time":
        return Widget.MOMENT
    if part.get(FREE_TEXT):
        return Widget.PROSE
    if part.get(UPLOAD):
        return Widget.FILE
    return Widget.ONE if chosen else Widget.LINE


def _kind(part: Mapping[str, Any]) -> str:
    if "enum" in part:
        return "、".join(str(value) for value in part["enum"])
    if part.get("type") == "array":
        return "列表"
    return _FORMATS.get(part.get("format", "")) or _KINDS.get(part.get("type", "object"), "")


def _is_idle(field: Field) -> bool:
    """Nothing is there to choose from; what is typed in rows has fields of its own."""
    return field.source is not None and not field.options


def _with_options(field: Field, found: Mapping[Source, Sequence[Option]]) -> Field:
    rows = with_options(field.rows, found)
    if field.source is None:
        return replace(field, rows=rows)
    offered = tuple(found.get(field.source, ()))
    if field.widget is Widget.VALUES:
        return replace(field, rows=tuple(_values(field, offered)), options=offered, typed="")
    if offered:
        return replace(field, rows=rows, options=offered, typed="")
    typed = Widget.NUMBER if field.is_number else Widget.LINE
    instead = {Widget.ONE: typed, Widget.MANY: Widget.LINES}.get(field.widget, field.widget)
    return replace(field, rows=rows, widget=instead)


def _values(field: Field, offered: Iterable[Option]) -> Iterator[Field]:
    """A field for each fact that may be changed and is one value; a table of values is no field."""
    known = shapes(Facts)["properties"]
    for option in offered:
        part = known[option.value]
        if part.get("type") in _OF_ONE_VALUE:
            key = f"{field.key}.{option.value}"
            told = {"fields": {key: option.label}, **_NO_WORDS}
            yield _field(key, {**part, "default": part.get("type") == "boolean"}, told, False)
