"""The product's words: labels, refusal sentences and dates, read from the TOML files beside it.

Nothing here knows a database: whoever has names for ids hands them in as `names`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from activities.wording.readings import Explained, explain
from workflows.rules.message import local
from workflows.rules.readings import BESIDES
from workflows.rules.refusals import Refusal

if TYPE_CHECKING:  # what only says a deadline needs no case
    from workflows.application.case import Caution

LABEL = "label"
HELP = "help"
PARTS = ("what", "why", "next")
DOOR = "door"

WEEKDAYS = "一二三四五六日"
VOCABULARY = {
    "stage": "stages",
    "stage_before": "stages",
    "phase": "phases",
    "end": "ends",
    "level": "levels",
    "min_level": "levels",
    "max_level": "levels",
    "route": "routes",
    "rule": "rules",
    "measure": "measures",
    "inquiry_kind": "inquiries",
    "action": "acts",
    "operation": "operations",
    "section": "sections",
    "relation": "relations",
    "needed": "relations",
    "known": "rules",
    "paper": "documents",
    "document": "documents",
    "paper_kind": "papers",
    "after": "acts",
    "kind": "achievements",
    "check": "checks",
    "channel": "channels",
    "record": "records",
    "stated_day": "stated_days",
    "state": "year_states",
    "bulk_state": "bulk_states",
    "what": "organisations",
    "result": "results",
    "outcome": "outcomes",
    "decision": "decisions",
    "ground": "grounds",
    "task": "tasks",
    "differs": "votes",
}
"""Value of a refusal or notice → the group of labels it is told from."""

_OPTIONAL = re.compile(r"\[([^\[\]|]*)(?:\|([^\[\]|]*))?\]")
_FIELD = re.compile(r"\{(\w+)\}")
_SEPARATORS = re.compile(r"([|、,])")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
_OWN_SUBDIVISION = re.compile(r"(?:r-[ivx]+|[a-z])$")
_UNPUBLISHED = re.compile(r"(?:推定 ?)?(?:[ACT]\d+|3[AC])|design.*")
"""Grounds of older records: numbers of our own that nobody can look up, and so are not told."""
_REGULATIONS = {"40号令": "《职称评审管理暂行规定》（人力资源社会保障部令第40号）"}


class Said(NamedTuple):
    """A refusal in words: its code, what was refused and why, its clause, what to do, and where."""

    code: str
    message: str
    clause: str
    next: str
    door: str = ""
    """The place where the next step is taken, where there is one; each face knows the way there."""


@cache
def _read(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def labels(kind: str) -> dict[str, str]:
    """All labels of one group (`stages`, `acts`, …), name → Chinese.

    Raises:
        KeyError: there is no such group.
    """
    return {
        name: entry if isinstance(entry, str) else entry[LABEL]
        for name, entry in _read("labels")[kind].items()
    }


def label(kind: str, name: str, default: str | None = None) -> str:
    """The Chinese of one name; the name itself (or `default`) where the group does not have it."""
    entry = _read("labels")[kind].get(name)
    if entry is None and kind == "checks" and ":" in name:
        return _check_of_something(name)
    if entry is None:
        return name if default is None else default
    return str(entry if isinstance(entry, str) else entry[LABEL])


def length_zh(length: int | None, unit: str) -> str:
    """How long a term is; empty for a printed or decided last day."""
    return f"{length}{label('measures', unit)}" if length and unit != "fixed" else ""


def _check_of_something(name: str) -> str:
    """`verify:degree` by what is verified; `bar:3` with its key, by which a person decides it."""
    known = _read("labels")["checks"]
    head, _, tail = name.partition(":")
    if tail in known:
        return str(known[tail])
    return f"{known[head]}（{name}）" if head in known else name


def help_text(kind: str, name: str) -> str:
    """The sentence that explains an act or a task; empty where there is none."""
    entry = _read("labels")[kind].get(name, "")
    return "" if isinstance(entry, str) else str(entry.get(HELP, ""))


def remedy(end: str, left_stage: str = "") -> str:
    """What the person can still do after an end; the stage it left makes it exact (A20)."""
    return label("remedies", f"{end}:{left_stage}", label("remedies", end, ""))


def sentence(
    refusal: Refusal, names: Mapping[str, str] | None = None, *, document: str = ""
) -> Said:
    """Say a refusal in Chinese; values it does not carry are left out, never shown as gaps."""
    entry = _read("refusals")[refusal.code.value]
    lines: dict[str, str] = {DOOR: "", **entry}
    for param, variants in entry.get("by", {}).items():
        instead = variants.get(refusal.params.get(param, ""), {})
        lines |= {DOOR: ""} | instead if "next" in instead else instead
    told = {key: value_zh(key, value, names) for key, value in refusal.params.items() if value}
    what, why, following = (_filled(lines[part], told) for part in PARTS)
    clause = ground_zh(refusal.clause, document)
    return Said(refusal.code.value, what + why, clause, following, lines[DOOR])


def caution_zh(caution: Caution, names: Mapping[str, str] | None = None) -> str:
    """Say beside a yes what a careful colleague would say."""
    told = {key: value_zh(key, value, names) for key, value in caution.params.items() if value}
    return _filled(_read("cautions")[caution.code.value], told)


def value_zh(key: str, value: str, names: Mapping[str, str] | None = None) -> str:
    """A parameter's value as people read it: a label, a date with weekday, a name for an id."""
    known = names or {}
    if value in known:
        return known[value]
    with suppress(ValueError, OverflowError):  # an id may look like a day that there is not
        if _MOMENT.fullmatch(value):
            return datetime_zh(datetime.fromisoformat(value))
        if _DAY.fullmatch(value):
            return date_zh(date.fromisoformat(value))
    group = VOCABULARY.get(key)
    parts = _SEPARATORS.split(value)
    return "".join(_part_zh(group, part, known) for part in parts)


def date_zh(day: date) -> str:
    """`2023年11月1日（周三）`."""
    return f"{day.year}年{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


def datetime_zh(moment: datetime) -> str:
    """`2023年11月1日（周三）16:30`, on Beijing's clock."""
    at = local(moment)
    return f"{date_zh(at.date())}{at:%H:%M}"


def last_moment_zh(ends_on: date, ends_at: datetime | None = None) -> str:
    """The last moment of a term: `…日（周三）24:00`, or the hour at which it closes (A6)."""
    at = local(ends_at) if ends_at else None
    if at is not None and (at.date(), at.time()) != (ends_on + timedelta(days=1), time(0)):
        return datetime_zh(at)
    return f"{date_zh(ends_on)}24:00"


def clause_zh(clause: str, document: str = "") -> str:
    """The ground in short, for a column: the notice's own numbering, or the reading by its title.

    Our letters behind a clause (BD 四(二)3(1)**c**) tell apart its sentences; the notice has none.
    """
    return _each(clause, lambda one: _clause(one, document))


def ground_zh(clause: str, document: str = "") -> str:
    """The ground as a decision states it: where the notice is silent, that and the rule applied."""
    return _each(clause, lambda one: _ground(one, document))


def _each(clause: str, said: Callable[[str], str]) -> str:
    """Several grounds at once: a clause that demands the act, and the reading of its length."""
    parts = (said(one.strip()) for one in clause.split(BESIDES) if one.strip())
    return BESIDES.join(part for part in parts if part)


def _ground(clause: str, document: str) -> str:
    reading = explain(clause)
    if reading is None:
        return _clause(clause, document)
    return f"通知未作明确规定的，按{_titled(reading)}办理：{reading.rule}"


def _clause(clause: str, document: str) -> str:
    if reading := explain(clause):
        return _titled(reading)
    if _UNPUBLISHED.fullmatch(clause):
        return "" if clause.startswith("design") else "通知未作明确规定，按办理口径办理"
    for short, full in _REGULATIONS.items():
        if clause.startswith(short):
            return full + clause.removeprefix(short).strip()
    prefix, _, rest = clause.partition(" ")
    place = _OWN_SUBDIVISION.sub("", rest or clause)
    numbered = place.replace("(", "（").replace(")", "）")
    if rest and not prefix.isascii():  # another document, by its own 文号
        return f"{prefix} {numbered}"
    return f"{document or '申报通知'} {numbered}"


def _titled(reading: Explained) -> str:
    return f"{reading.reading}（{reading.title}）"


def _part_zh(group: str | None, part: str, names: Mapping[str, str]) -> str:
    if part == "|":
        return "或"
    if part == ",":
        return "、"
    if part in names:
        return names[part]
    return label(group, part) if group else part


def _filled(line: str, told: Mapping[str, str]) -> str:
    """Put the values in; a bracketed part without its value gives way to its alternative."""

    def keep(found: re.Match[str]) -> str:
        part, instead = found[1], found[2] or ""
        return part if all(name in told for name in _FIELD.findall(part)) else instead

    return _FIELD.sub(lambda found: told.get(found[1], "（未注明）"), _OPTIONAL.sub(keep, line))
