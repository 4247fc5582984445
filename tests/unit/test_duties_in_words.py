"""When a duty of a meeting was met: a day of Beijing's calendar, in words."""

from __future__ import annotations

from datetime import date, datetime

from activities.meeting_views import MeetingDeadline
from starter.desk.meeting_words import kept_line
from workflows.rules.deadlines import Deadline
from workflows.rules.names import DeadlineKind, RuleName


def test_it_was_met_on_a_day_of_beijing_by_its_usual_name() -> None:
    # Half past midnight in Beijing is the day before in UTC.
    done = datetime.fromisoformat("2023-12-15T16:30:00+00:00")
    clock = Deadline(
        key="result_report",
        rule=RuleName.RESULT_REPORT,
        kind=DeadlineKind.DUTY,
        starts_on=date(2023, 12, 8),
        ends_on=date(2023, 12, 18),
        ends_at=datetime.fromisoformat("2023-12-19T00:00:00+08:00"),
        clause="BD 四(三)3a",
        calendar="cn",
    )
    told = MeetingDeadline(deadline=clock, opened_at=done, closed_at=done, done_at=done, kept=True)

    assert kept_line(told) == "按时（2023年12月16日（周六））"
