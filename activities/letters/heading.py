"""What a reader sees first: a subject that begins with the day, then by when and whom to ask.

Most letters are read on a telephone, in a list of subjects and two lines of text: the day on which
something must be done and whoever can be asked stand there, and not behind the reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from activities import wording
from workflows.rules.message import local, local_date
from workflows.rules.names import RuleName

_NOBODY_MUST = frozenset(
    {RuleName.UNIT_PUBLICITY, RuleName.RESULT_PUBLICITY, RuleName.RECHECK, RuleName.BAR}
)
"""Clocks until whose end people may act, or wait: no letter asks for anything by then."""


@dataclass(frozen=True)
class Term:
    """The last day that a letter names, and whose it is."""

    ends_on: date
    ends_at: datetime | None
    rule: RuleName | None
    as_of: datetime
    """The letter's own day."""
    asked: bool
    """Whoever reads the letter has to act."""
    work: str = ""
    """What is asked, where the letter names it itself; else what the rule demands."""

    @property
    def by(self) -> str:
        """Its last moment, in full."""
        return wording.last_moment_zh(self.ends_on, self.ends_at)

    @property
    def overdue(self) -> bool:
        """It was over when the letter was written."""
        return self.ends_on < local_date(self.as_of)

    @property
    def urgent(self) -> bool:
        """The reader has to act by then, or should have."""
        return self.asked and self.rule not in _NOBODY_MUST

    @property
    def day(self) -> str:
        """The day as a subject begins with it: `11月1日前`, `11月1日18:00前`, `10月20日已逾期`."""
        year = "" if self.ends_on.year == local(self.as_of).year else f"{self.ends_on.year}年"
        day = f"{year}{self.ends_on.month}月{self.ends_on.day}日"
        return f"{day}已逾期" if self.overdue else f"{day}{_hour(self)}前"


def _hour(term: Term) -> str:
    """The hour, where the day does not run to its end."""
    at = local(term.ends_at) if term.ends_at else None
    midnight = (term.ends_on + timedelta(days=1), time(0))
    return "" if at is None or (at.date(), at.time()) == midnight else f"{at:%H:%M}"


def subject(term: Term | None, words: str, *, rehearsal: bool) -> str:
    """The subject: what asks for something begins with its day."""
    day = term.day if term is not None and term.urgent else ""
    return f"{'【演练】' if rehearsal else ''}{day}【职评】{words}"


def first_lines(
    term: Term | None,
    *,
    applicant: bool,
    doer: str,
    contact: str,
    reopens_until: date | None = None,
) -> tuple[str, ...]:
    """By when who has to do what, and whom to ask.

    Args:
        applicant: the reader is the applicant, else a body.
        doer: the name of whoever has to act, where it is not the reader.
        contact: name, person and telephone of whoever can be asked; empty where nobody is known.
        reopens_until: the last day on which the reader may ask that an ended case goes on.
    """
    lines = [_by_when(term, "您" if applicant else "贵单位", doer)] if term is not None else []
    if reopens_until is not None:
        lines.append(f"如需申请恢复办理，请于{wording.last_moment_zh(reopens_until)}前提出。")
    if contact:
        lines.append(f"有疑问请联系：{contact}。")
    return tuple(lines)


def _by_when(term: Term, reader: str, doer: str) -> str:
    named = wording.label("rules", term.rule) if term.rule else "办理期限"
    demanded = wording.label("rule_acts", term.rule) if term.rule else "办理"
    if not term.urgent:
        over = "，现已逾期" if term.overdue else ""
        whose = f"，由{doer}{demanded}" if doer and term.rule not in _NOBODY_MUST else ""
        return f"{named}到{term.by}为止{over}{whose}。"
    what = term.work or demanded
    if term.overdue:
        return f"{named}的最后一日为{term.by}，现已逾期，请{reader}立即{what}。"
    return f"请{reader}于{term.by}前{what}。"
