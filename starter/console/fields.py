"""What was typed into an act's form, read as what the act states.

A form has a field's key as its name; a row's field has the row's number within, as in
`items.0.text`. A day is three fields, an instant four. What is left blank is not stated, and a row
that is left blank is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData

from starter.console.pages import Problem
from starter.desk.act_form import Field, Widget, about, flat
from starter.desk.refusing import Reason

Typed = dict[str, list[str]]
"""What was typed, by the names of the form."""

YEAR, MONTH, DAY, TIME = "year", "month", "day", "time"
PARTS = (YEAR, MONTH, DAY)
DAY_ZH = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_TIME = re.compile(r"(\d{1,2}):(\d{2})")


def typed_in(form: FormData, fields: Sequence[Field]) -> Typed:
    """What a form states for these fields, its blank rows left out and the others numbered anew."""
    keys = {field.key for field in fields}
    given: Typed = {}
    for name, value in form.multi_items():
        if isinstance(value, str) and re.split(r"[.-]", name)[0] in keys:
            given.setdefault(name, []).append(value)
    return _numbered(given, fields)


def blank(fields: Iterable[Field]) -> Typed:
    """A form before anything is typed: what the payload has by itself."""
    found: Typed = {}
    for field in fields:
        if field.widget is Widget.MANY and field.default:
            found[field.key] = [str(item) for item in field.default]
        elif field.widget is Widget.ONE and field.default:
            found[field.key] = [str(field.default)]
    return found


def stated(fields: Iterable[Field], typed: Typed, prefix: str = "") -> dict[str, Any]:
    """What the act states; values that are none are passed on, and refused by its model."""
    found = {
        field.name: _value(field, f"{prefix}{field.name}" if prefix else field.key, typed)
        for field in fields
    }
    return {name: value for name, value in found.items() if value is not None}


def row_numbers(field: Field, typed: Typed) -> list[int]:
    """The rows of a field that were typed."""
    numbers = {
        int(found[1])
        for name in typed
        if (found := re.fullmatch(rf"{re.escape(field.key)}\.(\d+)\..*", name))
    }
    return sorted(numbers)


def summary(fields: Iterable[Field], typed: Typed, prefix: str = "") -> list[tuple[str, str]]:
    """What was typed, as people read it: label and value, rows after one another."""
    return list(_summary(fields, typed, prefix))


def problem_of(reason: Reason, fields: Sequence[Field]) -> Problem:
    """A refusal as the form tells it, at the field it is about."""
    words = f"{reason.message}{reason.next}"
    known = {field.key: field for field in flat(fields)}
    for place in reason.fields:
        key = ".".join(part for part in place.split(".") if not part.isdigit())
        if key in known:
            # The sentence of a file begins with the place; on a page the field has a name.
            told = words.partition("：")[2] if words.startswith(_in_a_file(place)) else ""
            sentence = f"{known[key].label}：{told}" if told else words
            return Problem(sentence, place if "." in key else key)
    named = about(reason, fields)
    return Problem(words, _first_row(named[0], fields) if named else "")


def _in_a_file(place: str) -> str:
    """`items.0.text` as a file's reader writes it: `items[0].text：`."""
    return re.sub(r"\.(\d+)", r"[\1]", place) + "："


def _first_row(key: str, fields: Sequence[Field]) -> str:
    """The name of a row's field in the first row."""
    head, dot, rest = key.partition(".")
    of_rows = any(field.key == head and field.widget is Widget.ROWS for field in fields)
    return f"{head}.0.{rest}" if dot and of_rows else key


def _numbered(typed: Typed, fields: Sequence[Field]) -> Typed:
    found = dict(typed)
    for field in fields:
        if field.widget is not Widget.ROWS:
            continue
        rows = [
            {name: values for name, values in typed.items() if name.startswith(f"{field.key}.{n}.")}
            for n in row_numbers(field, typed)
        ]
        for row in rows:
            for name in row:
                del found[name]
        filled = [row for row in rows if any(value.strip() for v in row.values() for value in v)]
        for new, row in enumerate(filled):
            for name, values in row.items():
                rest = name.removeprefix(f"{field.key}.").partition(".")[2]
                found[f"{field.key}.{new}.{rest}"] = values
    return found


def _as_stated(line: str) -> str:
    """A line that is a day as people write it, as a day; any other as it is."""
    day = DAY_ZH.fullmatch(line)
    return "-".join((day[1], day[2].zfill(2), day[3].zfill(2))) if day else line


def _value(field: Field, name: str, typed: Typed) -> Any:  # noqa: PLR0911 - once a widget
    match field.widget:
        case Widget.ROWS:
            return _rows(field, typed)
        case Widget.VALUES:
            return stated(field.rows, typed) or None
        case Widget.MANY | Widget.FILES:
            return [value for value in typed.get(name, ()) if value] or None
        case Widget.LINES:
            lines = [line.strip() for line in _one(typed, name).splitlines()]
            return [_as_stated(line) for line in lines if line] or None
        case Widget.TICK:
            return True if _one(typed, name) else None
        case Widget.DAY:
            return _day(typed, name)
        case Widget.MOMENT:
            return _moment(typed, name)
        case _:
            return _plain(field, _one(typed, name))


def _plain(field: Field, text: str) -> Any:
    if not text.strip():
        return None
    if field.widget is Widget.YES_NO:
        return {"true": True, "false": False}.get(text, text)
    if field.is_number:
        digits = unicodedata.normalize("NFKC", text).strip()
        return int(digits) if re.fullmatch(r"-?\d{1,18}", digits) else digits
    return text if field.widget is Widget.PROSE else text.strip()


def _rows(field: Field, typed: Typed) -> list[dict[str, Any]] | None:
    rows = [
        stated(field.rows, typed, f"{field.key}.{number}.") for number in row_numbers(field, typed)
    ]
    return [row for row in rows if row] or None


def _day(typed: Typed, name: str) -> str | None:
    parts = [_digits(typed, f"{name}-{part}") for part in PARTS]
    if not any(parts):
        return None
    year, month, day = parts
    return f"{year}-{month:0>2}-{day:0>2}"


def _moment(typed: Typed, name: str) -> str | None:
    day, time = _day(typed, name), _digits(typed, f"{name}-{TIME}").replace("：", ":")
    if day is None and not time:
        return None
    found = _TIME.fullmatch(time)
    return f"{day}T{found[1]:0>2}:{found[2]}:00+08:00" if found else f"{day or ''}T{time}"


def _digits(typed: Typed, name: str) -> str:
    """Digits as they were typed, also on a Chinese keyboard."""
    return unicodedata.normalize("NFKC", _one(typed, name)).strip()


def _one(typed: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(typed.get(name, ())), "")


def _summary(fields: Iterable[Field], typed: Typed, prefix: str) -> Iterator[tuple[str, str]]:
    for field in fields:
        name = f"{prefix}{field.name}" if prefix else field.key
        if field.widget is Widget.ROWS:
            for number in row_numbers(field, typed):
                told = _summary(field.rows, typed, f"{field.key}.{number}.")
                lines = [f"{label}：{value}" for label, value in told]
                if lines:
                    yield f"{field.label}（{number + 1}）", "\n".join(lines)
        elif field.widget is Widget.VALUES:
            yield from _summary(field.rows, typed, "")
        elif words := _told(field, name, typed):
            yield field.label, words


def _told(field: Field, name: str, typed: Typed) -> str:
    match field.widget:
        case Widget.DAY:
            return _day_zh(typed, name)
        case Widget.MOMENT:
            return f"{_day_zh(typed, name)} {_digits(typed, f'{name}-{TIME}')}".strip()
        case Widget.TICK:
            return "是" if _one(typed, name) else ""
        case Widget.ONE | Widget.MANY | Widget.YES_NO | Widget.FILE | Widget.FILES:
            known = {option.value: option.label for option in field.options}
            chosen = (value for value in typed.get(name, ()) if value)
            return "、".join(known.get(value, value) for value in chosen)
        case _:
            return _one(typed, name).strip()


def _day_zh(typed: Typed, name: str) -> str:
    parts = [_digits(typed, f"{name}-{part}") for part in PARTS]
    return "{}年{}月{}日".format(*parts) if any(parts) else ""
