"""The form of an operation: rows as an act's form has them, read back with a problem at its field.

What an operation states is a file's or a program's too, so that its model is lenient; what a form leaves
out or gets wrong is told here, before anything is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.responses import Response

from starter.console import fields as typed
from starter.console.days import PARTS, DayWrongError, parts_of, stated_day
from starter.console.operated import request_of
from starter.console.pages import Problem, Visit
from starter.desk.act_form import Field, Option, Widget

CHOSEN = frozenset({Widget.ONE, Widget.MANY, Widget.YES_NO})


@dataclass(frozen=True)
class OperationForm:
    """One form.

    Attributes:
        crumbs: addresses and words of where one comes from; the last is where one goes back to.
        secret: keys of what is never shown again, even to whoever typed it.
    """

    title: str
    button: str
    rows: Sequence[Field]
    crumbs: Sequence[tuple[str, str]]
    intro: Sequence[str] = ()
    weighty: bool = False
    secret: frozenset[str] = frozenset()

    def page(
        self,
        visit: Visit,
        *problems: Problem,
        given: Mapping[str, Any] | None = None,
        facts: Iterable[tuple[str, str]] = (),
    ) -> Response:
        """The form, with what was typed, or at first with what is there already."""
        return visit.page(
            "form.html",
            status=422 if problems else 200,
            problems=problems,
            form=self,
            facts=[*facts],
            typed=self._typed(visit, given or {}),
            rows={},
            request=request_of(visit),
        )

    def stated(self, visit: Visit) -> tuple[dict[str, Any], list[Problem]]:
        """What the form states, without what was left blank, and what is wrong with it."""
        problems: list[Problem] = []
        found = typed.stated(self.rows, typed.typed_in(visit.form, self.rows))
        for row in self.rows:
            value = found.get(row.key)
            if row.widget is Widget.DAY:
                try:
                    day = stated_day(visit, row.key, row.label)
                    value = found[row.key] = day.isoformat() if day else None
                except DayWrongError as err:
                    problems.append(err.problem)
                    continue
            chosen = value if isinstance(value, list | tuple) else [value] if value else []
            if row.options and not {item.value for item in row.options}.issuperset(chosen):
                problems.append(Problem(f"请选择{row.label}。", row.key))
            elif row.required and not value:
                asks = "请选择" if row.widget in CHOSEN else "请填写"
                problems.append(Problem(f"{asks}{row.label}。", row.key))
        return {key: value for key, value in found.items() if value not in (None, "")}, problems

    def _typed(self, visit: Visit, given: Mapping[str, Any]) -> typed.Typed:
        if visit.is_stated:
            again = typed.typed_in(visit.form, self.rows)
            return {key: value for key, value in again.items() if key not in self.secret}
        found: typed.Typed = {}
        for row in self.rows:
            value = given.get(row.key)
            if isinstance(value, date):
                parts = zip(PARTS, parts_of(value), strict=True)
                found |= {f"{row.key}-{part}": [digits] for part, digits in parts}
            elif value:
                found[row.key] = [str(value)]
        return found


def row(
    key: str,
    label: str,
    widget: Widget = Widget.LINE,
    *,
    hint: str = "",
    options: Iterable[tuple[str, str]] = (),
    required: bool = False,
) -> Field:
    """A row of a form; its key is what the operation calls it."""
    known = tuple(Option(value, words) for value, words in options)
    return Field(key, label, hint, "", "", widget, required, known)
