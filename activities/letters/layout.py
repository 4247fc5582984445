"""How letters' templates are read, and the words that they may use."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from activities import wording
from activities.letters.html import in_one_piece
from workflows.rules.message import local_date

_LINE_OF_ONE_TAG = re.compile(r"(?m)^[ \t]*(\{%(?:(?!%\}).)*%\})[ \t]*\n")


def tidy(text: str) -> str:
    """Without space at the ends of lines, and never more than one empty line."""
    lines = "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


class _Loader(PackageLoader):
    """A line that holds nothing but one tag leaves no line behind; indentation stays as written."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool] | None]:
        source, name, fresh = super().get_source(environment, template)
        return _LINE_OF_ONE_TAG.sub(r"\1", source), name, fresh


@cache
def environment() -> Environment:
    """Where templates of letters are found, and the words they may use."""
    made = Environment(
        loader=_Loader("activities", "templates/letters"),
        undefined=StrictUndefined,
        finalize=lambda value: "" if value is None else value,
        autoescape=select_autoescape(("html.j2",), default=False),
        keep_trailing_newline=True,
    )
    made.filters |= {
        "in_one_piece": in_one_piece,
        "day": _day,
        "last_moment": wording.last_moment_zh,
        "label": lambda name, kind: wording.label(kind, name or ""),
        "help": lambda name, kind: wording.help_text(kind, name),
        "act": lambda rule: wording.label("rule_acts", rule or ""),
        "effect": lambda rule: wording.label("rule_effects", rule, "") if rule else "",
    }
    return made


def _day(value: date | datetime) -> str:
    return wording.date_zh(local_date(value) if isinstance(value, datetime) else value)
