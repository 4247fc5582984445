"""The templates, strictly: what is not there is a fault, and whatever is shown is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from activities.file_types import ACCEPTED
from starter.console.devices import device_zh
from starter.console.ways import way_of
from starter.desk.act_form import Field
from workflows.rules.message import local

STATIC = Path(__file__).parent / "static"
WEEK = "一二三四五六日"


def looks() -> Environment:
    """One a process; a template is compiled once."""
    made = Environment(
        loader=PackageLoader("starter.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "static": static,
        "options": options,
        "part": part,
        "way_of": way_of,
        "accepted": ACCEPTED,
    }
    made.filters |= {"day": day, "device": device_zh, "moment": moment}
    return made


def options(field: Field) -> list[tuple[str, str]]:
    """What may be chosen, as the forms take it."""
    return [(option.value, option.label) for option in field.options]


def part(typed: Mapping[str, Sequence[str]], name: str, which: str) -> str:
    """One of the parts of a day or an instant, as it was typed."""
    return next(iter(typed.get(f"{name}-{which}", ())), "")


@cache
def static(name: str) -> str:
    """The address of a file that is shipped; another content is another address."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def day(value: date) -> str:
    """A day as people read it: 2023年10月12日（周四）."""
    shown = local(value).date() if isinstance(value, datetime) else value
    return f"{shown.year}年{shown.month}月{shown.day}日（周{WEEK[shown.weekday()]}）"


def moment(value: datetime) -> str:
    """An instant in Beijing: 2023年10月12日 09:00."""
    shown = local(value)
    return f"{shown.year}年{shown.month}月{shown.day}日 {shown:%H:%M}"
