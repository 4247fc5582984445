"""The table of a collected letter: bands, one line for one work, numbers, and what does not fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from html.parser import HTMLParser

from activities.letters.table import Band, Head, Line, by_case, write_collected
from workflows.rules.message import BEIJING

AS_OF = datetime(2023, 10, 17, 9, 0, tzinfo=BEIJING)
HEAD = Head("letter-1", "两江数据集团", AS_OF, rehearsal=False, rows=200, details=20)


def a_line(case: str = "00000001", **more: object) -> Line:
    values = {
        "subject": f"application-{case}",
        "case": case,
        "whose": "张三",
        "work": "审核申报材料",
        "ends_on": date(2023, 10, 20),
        "fresh": True,
    }
    return Line(**values | more)  # type: ignore[arg-type]


OVERDUE = a_line("00000002", ends_on=date(2023, 10, 16), doer="某单位")
TODAY = a_line("00000003", ends_on=date(2023, 10, 17))
COMING = a_line("00000004", fresh=False, urged=True)
OPEN = a_line("00000005", ends_on=None)


def test_each_line_stands_in_its_band() -> None:
    this_morning = replace(TODAY, ends_at=datetime(2023, 10, 17, 8, 0, tzinfo=BEIJING))

    found = [line.band(AS_OF) for line in (OVERDUE, TODAY, a_line(), COMING, OPEN, this_morning)]
    assert found == [Band.OVERDUE, Band.TODAY, Band.NEW, Band.COMING, Band.NEW, Band.OVERDUE]


def test_the_most_pressing_comes_first_and_the_subject_says_it() -> None:
    written = write_collected(HEAD, [a_line(), COMING, OPEN, TODAY, OVERDUE])

    assert written.subject == "已逾期1件、今日到期1件【职评】10月17日待办汇总（共5件）"
    assert "已逾期1件，今日到期1件，新到2件，提醒1件。请先办理已逾期和今日到期的。" in written.text
    cases = [line.partition("申报编号：")[2][:8] for line in written.text.splitlines()]
    assert [case for case in cases if case] == [
        "00000002",
        "00000003",
        "00000001",
        "00000005",
        "00000004",
    ]
    numerals = [line[:4] for line in written.text.splitlines() if line[1:2] == "、"]
    assert numerals == ["一、已逾", "二、今日", "三、新到", "四、提醒"]
    assert "办理：某单位" in written.text
    assert "4. 审核申报材料\n" in written.text
    assert "5. 审核申报材料【申报人催办】" in written.text


def test_nothing_pressing_is_not_made_so() -> None:
    written = write_collected(HEAD, [a_line()])

    assert written.subject == "【职评】10月17日待办汇总（共1件）"
    assert "请先办理" not in written.text


def test_one_work_is_one_line_whatever_was_told_of_it() -> None:
    new = a_line(told=(("待办", "一"),))
    reminder = a_line(work="完成审核", fresh=False, told=(("提醒", "二"),))
    urged = a_line(fresh=False, urged=True, told=(("催办", "三"),))
    others = a_line(doer="某单位"), a_line("00000009"), a_line(ends_on=date(2023, 10, 21))

    joined, *rest = by_case([reminder, new, urged, *others])

    assert (joined.work, joined.fresh, joined.urged) == ("审核申报材料", True, True)
    assert {body for _, body in joined.told} == {"一", "二", "三"}
    assert rest == list(others)


def test_work_without_a_day_is_told_apart_by_its_words() -> None:
    two = by_case([a_line(ends_on=None), a_line(ends_on=None, work="核实补正材料")])

    assert len(two) == 2


def test_of_too_many_the_rest_is_counted() -> None:
    lines = [a_line(f"{number:08}", told=((f"词{number}", f"文{number}"),)) for number in range(30)]

    written = write_collected(replace(HEAD, rows=10, details=3), lines)

    assert "有30件事项" in written.text
    assert "另有20件没有列出" in written.text
    assert "另有20件没有列出" in written.html
    assert written.text.count("申报编号：") == 10
    assert written.text.count("\n文") == 3


def test_the_page_says_what_the_text_says_and_breaks_no_tag() -> None:
    written = write_collected(
        replace(HEAD, rehearsal=True),
        [replace(OVERDUE, whose="<b>张&三</b>", told=(("待办：<i>", "请办理<script>"),)), TODAY],
    )
    seen = _Seen()
    seen.feed(written.html)

    assert {"b", "i", "script"} & set(seen.tags) == set()
    assert seen.tags.count("table") == 2
    page = "".join(seen.text)
    for part in ("【演练】", "<b>张&三</b>", "请办理<script>", "某单位", "2023年10月16日（周一）"):
        assert part in page, part


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)
