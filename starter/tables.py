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
    ground_zh,
    label,
    last_moment_zh,
    length_zh,
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
        CaseSummary,
        InboxPage,
        LetterView,
        TaskView,
        TimelineEntry,
    )

WIDTH_OF_A_FILE = 120
"""Where the output is no terminal, lines must not be cut to its guess of 80 columns."""
NARROWEST = 20
NOTHING = "（没有）"

Part = Listing | Facts | str
"""What a command prints."""

_WAYS = {
    "month": "至对应日；当月没有对应日的，至月末",
    "day": "起始日不计，休息日也计算在内",
}


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
    why = {skip.date: skip.why for skip in deadline.skipped}
    number = {item: index for index, item in enumerate(deadline.counted, 1)}
    return listing(
        title or f"期限计算书：{label('rules', deadline.rule)}",
        ("日期", "计第几日", "不计的原因"),
        (
            (day(item), str(number.get(item, "")), why.get(item, ""))
            for item in sorted({*why, *number})
        ),
    )


def deadline_facts(deadline: Deadline) -> Facts:
    """What a deadline is and rests on."""
    return facts(
        f"期限：{label('rules', deadline.rule)}",
        (
            ("性质", label("deadline_kinds", deadline.kind)),
            ("起始日", day(deadline.starts_on)),
            (
                "长度",
                length_zh(deadline.length, deadline.unit) or "以通知公布或核定的日期为准",
            ),
            ("算法", _WAYS.get(deadline.unit, "")),
            ("截止", last_moment_zh(deadline.ends_on, deadline.ends_at)),
            ("顺延前", day(deadline.nominal_on)),
            ("被限于", _cap(deadline)),
            ("依据", ground_zh(deadline.clause)),
            ("工作日历", deadline.calendar),
        ),
    )


def deadline_line(deadline: Deadline) -> str:
    """A deadline in one line."""
    last = last_moment_zh(deadline.ends_on, deadline.ends_at)
    return f"{label('rules', deadline.rule)}：至 {last}"


def _cap(deadline: Deadline) -> str:
    if deadline.capped_by is None:
        return ""
    return f"{label('rules', deadline.capped_by)}（原应至 {day(deadline.uncapped_on)}）"


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
                _standing(entry),
                clause_zh(entry.clause),
            )
            for entry in entries
        ),
        spare=("序号",),
    )


CLOCKS_OF_THEIR_OWN = {
    "pay_notice": "缴费期开始，发出缴费通知",
    "close": "不再等待迟到的材料，申报关闭",
}
"""Clocks that are no deadline of anybody."""


def step_name(entry: TimelineEntry) -> str:
    """What a step of the record was: an act, a clock that struck, a reminder, a refusal."""
    rule = entry.name.partition(":")[0]
    match entry.source:
        case "clock" if rule in CLOCKS_OF_THEIR_OWN:
            return CLOCKS_OF_THEIR_OWN[rule]
        case "clock":
            return f"期限届满：{label('rules', rule)}"
        case "reminder":
            return f"提醒：{label('rules', rule)}"
        case "refusal":
            codes = "、".join(refusal.code.value for refusal in entry.refusals)
            return f"未办：{label('acts', entry.name)}（{codes}）"
        case _:
            return label("acts", entry.name)


def actor_of(entry: TimelineEntry) -> str:
    """Who did a step: the organisation, else the person, else in what relation."""
    known = entry.organisation_name or entry.actor_name
    if known or not entry.actor:
        return known
    return label("relations", entry.relation) if entry.relation else entry.actor


def _told(entry: TimelineEntry) -> str:
    """A step with what was said: its reason, and the points of a return."""
    items = entry.payload.get("items") or ()
    said = [entry.reason or str(entry.payload.get("reason") or entry.payload.get("text") or "")]
    said += [str(item.get("text", "")) for item in items if isinstance(item, dict)]
    return "\n".join([step_name(entry), *(f"· {words}" for words in said if words)])


def step_line(entry: TimelineEntry) -> str:
    """A step in one line."""
    parts = (
        str(entry.seq),
        brief(entry.acted_at),
        step_name(entry),
        actor_of(entry),
        _standing(entry),
    )
    return "  ".join(part for part in parts if part)


def _standing(entry: TimelineEntry) -> str:
    if entry.end_after:
        return label("ends", entry.end_after)
    return label("stages", entry.stage_after) if entry.stage_after else ""


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
                _whose(task),
                task.applicant,
                _task_line(task),
                label("stages", task.stage) if task.stage else "",
                brief_day(task.due_on),
                "逾期" if task.overdue else "",
            )
            for task in tasks
        ),
        spare=("阶段",),
        short=short,
    )


def _whose(task: TaskView) -> str:
    if kind := task.params.get("operation_kind", ""):
        return f"{label('operations', kind)}（{task.params.get('by', '')}） {task.operation}"
    return task.application or f"评审会 {task.meeting_number}"


def _task_line(task: TaskView) -> str:
    """What is to be done; of what stands still also why, of a paper which and what it lacks."""
    why = label("standstills", task.params.get("why", ""), "")
    if characters := task.params.get("characters", ""):
        why = f"{label('papers', task.params.get('paper_kind', ''))}，{characters}"
    return label("tasks", task.kind) + (f"：{why}" if why else "")


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


def case_standing(case: CaseSummary) -> str:
    """Where a case stands, or how it ended."""
    if case.end:
        return label("ends", case.end)
    return label("stages", case.stage) if case.stage else ""


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
