"""Readings as tables in a terminal: a case's page, a deadline's calculation, lists."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from activities.wording import (
    WEEKDAYS,
    clause_zh,
    date_zh,
    datetime_zh,
    label,
    last_moment_zh,
)
from starter.desk.deadline_sheet import account, rows
from starter.desk.steps import (
    actor_of,
    case_standing,
    said_in,
    step_name,
    stood_after,
    task_line,
    task_subject,
)
from starter.layout import Facts, Listing, facts_fit, fitted, labelled, stacked, wrapped
from starter.options import counted_zh
from starter.output import escaped, printable
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local

if TYPE_CHECKING:
    from activities.paging import Count
    from activities.views import (
        Band,
        CasePage,
        InboxPage,
        LetterView,
        TimelineEntry,
    )

WIDTH_OF_A_FILE = 120
"""Where the output is no terminal, lines must not be cut to its guess of 80 columns."""
NARROWEST = 20
NOTHING = "（没有）"

Part = Listing | Facts | str
"""What a command prints."""


def width() -> int:
    """Columns of the terminal; `COLUMNS` says so where there is none."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return max(NARROWEST, shutil.get_terminal_size().columns)
    return WIDTH_OF_A_FILE


def show(*parts: Part) -> None:
    """Print tables and lines as the terminal has room for them."""
    room = width()
    out = Console(width=room, highlight=False, emoji=False, markup=False)
    for part in map(_visible, parts):
        match part:
            case Listing():
                _show_listing(out, part, room)
            case Facts():
                _show_facts(out, part, room)
            case _:
                _print(out, *wrapped(part, room))


def _show_listing(out: Console, listing: Listing, room: int) -> None:
    _print(out, *wrapped(listing.title, room), style="bold")
    if not listing.rows:
        _print(out, NOTHING)
        return
    found = fitted(listing, room)
    if found is None:
        _print(out, *stacked(listing, room))
        return
    _print_table(out, found.headings, found.widths, found.rows)
    if found.gone:
        gone = "、".join(found.gone)
        _print(out, *wrapped(f"（窗口较窄，没有列出：{gone}；加宽窗口可见，--json 有全部）", room))


def _show_facts(out: Console, facts: Facts, room: int) -> None:
    _print(out, *wrapped(facts.title, room), style="bold")
    widths = facts_fit(facts, room)
    if widths is None:
        for name, value in facts.rows:
            _print(out, *labelled(name, value, room, ""))
        return
    rows = [(name, "\n".join(wrapped(value, widths[1]))) for name, value in facts.rows]
    _print_table(out, (), widths, rows)


def _print_table(
    out: Console, headings: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]]
) -> None:
    frame = box.HEAVY_HEAD if headings else box.SQUARE
    table = Table(box=frame, show_header=bool(headings), header_style="bold")
    for at, wide in enumerate(widths):
        style = None if headings or at else "bold"
        table.add_column(headings[at] if headings else "", width=wide, no_wrap=True, style=style)
    for row in rows:
        table.add_row(*row)
    out.print(table)


def _print(out: Console, *lines: str, style: str | None = None) -> None:
    for line in lines:
        out.print(line, style=style, no_wrap=True, overflow="ignore", crop=False)


def _visible(part: Part) -> Part:
    """With every character that the console lacks, or that would drive it, shown by its number."""
    match part:
        case Listing():
            rows = tuple(tuple(map(_seen, row)) for row in part.rows)
            short = {_seen(key): _seen(value) for key, value in part.short.items()}
            return Listing(_seen(part.title), part.headings, rows, part.spare, short)
        case Facts():
            return Facts(
                _seen(part.title), tuple((_seen(name), _seen(value)) for name, value in part.rows)
            )
        case _:
            return _seen(part)


def _seen(text: str) -> str:
    return printable(escaped(text.expandtabs(4)))


def listing(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    spare: Sequence[str] = (),
    short: Mapping[str, str] | None = None,
) -> Listing:
    """A plain table; what may go on a narrow terminal: see `Listing`."""
    return Listing(title, tuple(headings), tuple(map(tuple, rows)), tuple(spare), dict(short or {}))


def facts(title: str, rows: Iterable[tuple[str, str]]) -> Facts:
    """Two columns: what, and how it stands; what is empty is left out."""
    return Facts(title, tuple((name, value) for name, value in rows if value))


def moment(value: datetime | None) -> str:
    """An instant on Beijing's clock, to the minute; empty for none."""
    return datetime_zh(local(value)) if value else ""


def day(value: date | None) -> str:
    """A day with its weekday; empty for none."""
    return date_zh(value) if value else ""


def brief(value: datetime | None) -> str:
    """An instant as a list shows it."""
    return f"{local(value):%Y-%m-%d %H:%M}" if value else ""


def brief_day(value: date | None) -> str:
    """A day as a list shows it."""
    return f"{value}（周{WEEKDAYS[value.weekday()]}）" if value else ""


def derivation(deadline: Deadline, title: str = "") -> Listing:
    """期限计算书: every day from day 0 to the last, counted or skipped and why."""
    return listing(
        title or f"期限计算书：{label('rules', deadline.rule)}",
        ("日期", "计第几日", "不计的原因"),
        ((day(item), str(number or ""), why) for item, number, why in account(deadline)),
    )


def deadline_facts(deadline: Deadline) -> Facts:
    """What a deadline is and rests on."""
    return facts(f"期限：{label('rules', deadline.rule)}", rows(deadline))


def deadline_line(deadline: Deadline) -> str:
    """A deadline in one line."""
    last = last_moment_zh(deadline.ends_on, deadline.ends_at)
    return f"{label('rules', deadline.rule)}：至 {last}"


def timeline(entries: Sequence[TimelineEntry]) -> Listing:
    """What happened to a case, when, by whom and on what ground."""
    return listing(
        "经过",
        ("序号", "时间", "事项", "由谁", "此后", "依据"),
        (
            (
                str(entry.seq),
                brief(entry.acted_at),
                _told(entry),
                actor_of(entry),
                stood_after(entry),
                clause_zh(entry.clause),
            )
            for entry in entries
        ),
        spare=("序号",),
    )


def _told(entry: TimelineEntry) -> str:
    """A step with what was said."""
    return "\n".join([step_name(entry), *(f"· {words}" for words in said_in(entry))])


def step_line(entry: TimelineEntry) -> str:
    """A step in one line."""
    parts = (
        str(entry.seq),
        brief(entry.acted_at),
        step_name(entry),
        actor_of(entry),
        stood_after(entry),
    )
    return "  ".join(part for part in parts if part)


BANDS: tuple[tuple[Band, str], ...] = (
    ("overdue", "逾期"),
    ("today", "今日到期"),
    ("soon", "七日内到期"),
    ("later", "其余"),
)


def inbox(page: InboxPage, title: str, short: Mapping[str, str]) -> Listing:
    """A page of open work of an organisation, the soonest first; the title counts all of it."""
    told = (f"{name} {counted_zh(page.bands[band])}" for band, name in BANDS)
    tasks = page.tasks
    return listing(
        f"{title}（{'，'.join(told)}；列出 {len(tasks)} 件）",
        ("申报", "申报人", "事项", "阶段", "截止", "逾期"),
        (
            (
                task.application or task_subject(task),
                task.applicant,
                task_line(task),
                label("stages", task.stage) if task.stage else "",
                brief_day(task.due_on),
                "逾期" if task.overdue else "",
            )
            for task in tasks
        ),
        spare=("阶段",),
        short=short,
    )


def case_list(page: CasePage, short: Mapping[str, str]) -> Listing:
    """A page of cases; `short` are the ids that may stand for theirs."""
    return listing(
        f"申报（{len(page.cases)}{_of_all(page.total)}）",
        ("申报", "申报人", "通知", "级别", "现状", "办理单位", "截止"),
        (
            (
                case.application,
                case.applicant,
                case.campaign,
                label("levels", case.level) if case.level else "",
                case_standing(case),
                case.holder_name or case.holder,
                brief_day(case.due_on),
            )
            for case in page.cases
        ),
        spare=("级别", "通知", "办理单位"),
        short=short,
    )


def _of_all(total: Count | None) -> str:
    return f"/{counted_zh(total)}" if total is not None else ""


def letter_list(letters: Sequence[LetterView], short: Mapping[str, str]) -> Listing:
    """Letters and what became of them."""
    return listing(
        "通知",
        ("编号", "种类", "收件", "状态", "生成时间", "送出时间", "说明"),
        (
            (
                letter.id,
                label("letters", letter.kind),
                label("parties", letter.party)
                + (f" {letter.organisation}" * bool(letter.organisation)),
                label("letter_states", letter.state),
                brief(letter.ordered_at),
                brief(letter.settled_at),
                "" if letter.state == "sent" else letter.error,
            )
            for letter in letters
        ),
        spare=("送出时间", "生成时间"),
        short=short,
    )
