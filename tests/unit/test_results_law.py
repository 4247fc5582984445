"""One sentence of the law each: results, objections and titles of a case that a meeting has."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.test_results_properties import ACTORS, MEETING, waiting
from tests.workflow.season import PLACES, beijing
from workflows.application.case import Case
from workflows.application.clocks import clock_of
from workflows.application.decision import decide, let_strike
from workflows.application.strikes import next_due
from workflows.meeting.news import news_of
from workflows.rules.names import InquiryKind, RuleName, Stage
from workflows.rules.refusals import Code, Refused
from workflows.writer.messages import Act


def act(case: Case, word: str, who: str, at: str, now: str = "", **payload: Any) -> Case:
    """The case after one act; `now` is when it arrives, where that is later."""
    moment = beijing(f"{at}:00")
    stated = Act(request_id="r", actor=ACTORS[who], acted_at=moment, payload=payload)
    return decide(case, word, stated, beijing(f"{now}:00") if now else moment).case


def refused(case: Case, word: str, who: str, at: str, **payload: Any) -> Code:
    """The code an act is refused with."""
    with pytest.raises(Refused) as error:
        act(case, word, who, at, **payload)
    return error.value.first.code


def strike_until(case: Case, moment: str) -> Case:
    """Let every clock strike that is due by then."""
    until = beijing(f"{moment}:00")
    while (due := next_due(case, 60)) is not None and due.at <= until:
        case = let_strike(case, due, due.at).case
    return case


def posted(case: Case | None = None) -> Case:
    """Passed on 2023-12-08, posted on 2023-12-12: the floor ends on 2023-12-19."""
    case = case or waiting(MEETING)
    case = act(case, "open_review", "meeting", "2023-12-08T09:00")
    ended = {"result": "passed", "meeting_ended_on": "2023-12-08"}
    case = act(case, "record_result", "meeting", "2023-12-08T18:00", **ended)
    return act(case, "post_results", "meeting", "2023-12-12T10:00", posted_on="2023-12-12")


def confirmed(case: Case | None = None) -> Case:
    """Confirmed on 2024-01-12."""
    case = strike_until(posted(case), "2023-12-20T00:05")
    case = act(case, "send_for_confirmation", "meeting", "2023-12-20T10:00")
    issued = {"issued_on": "2024-01-12", "number": "示例1号"}
    return act(case, "confirm", "meeting", "2024-01-12T10:00", **issued)


def test_an_objection_made_in_time_counts_as_one_though_the_floor_struck_before_it_came() -> None:
    case = strike_until(posted(), "2023-12-20T00:05")

    case = act(
        case, "raise_objection", "anyone", "2023-12-19T23:50", "2023-12-20T00:06", text="text-1"
    )

    assert case.inquiries[-1].kind is InquiryKind.OBJECTION


def test_an_objection_made_in_time_reaches_a_case_that_is_already_in_the_draft() -> None:
    case = strike_until(posted(), "2023-12-20T00:05")
    case = act(case, "send_for_confirmation", "meeting", "2023-12-20T00:05")

    held = act(
        case, "raise_objection", "anyone", "2023-12-19T23:50", "2023-12-20T00:06", text="text-1"
    )

    assert held.inquiries[-1].kind is InquiryKind.OBJECTION
    assert refused(case, "raise_objection", "anyone", "2023-12-20T00:01", text="t") is (
        Code.WRONG_STAGE
    )


def test_at_the_unit_too_the_stamp_decides_and_holds() -> None:
    case = waiting("").model_copy(update={"meeting": "", "meeting_on": None, "stage": None})
    case = case.model_copy(update={"stage": Stage.UNIT_REVIEW})
    unit = ACTORS["anyone"].model_copy(update={"person": "clerk", "organisation": "unit"})
    post = Act(request_id="r", actor=unit, acted_at=beijing("2023-10-09T09:00:00"), payload={})
    case = decide(case, "start_publicity", post, beijing("2023-10-09T09:00:00")).case
    case = strike_until(case, "2023-10-17T00:01")

    case = act(
        case, "raise_objection", "anyone", "2023-10-16T23:50", "2023-10-17T00:02", text="text-1"
    )

    assert (case.inquiries[-1].kind, case.inquiries[-1].body) == (InquiryKind.OBJECTION, "unit")
    with pytest.raises(Refused) as error:
        decide(
            case,
            "finish_publicity",
            Act(request_id="f", actor=unit, payload={}),
            beijing("2023-10-17T09:00:00"),
        )
    assert error.value.first.code is Code.INQUIRY_OPEN


def test_a_word_of_the_meeting_is_heard_however_late_it_comes() -> None:
    case = act(waiting(MEETING), "open_review", "meeting", "2023-12-08T09:00")
    ended = {"result": "passed", "meeting_ended_on": "2023-12-08"}

    case = act(case, "record_result", "meeting", "2023-12-08T18:00", "2023-12-20T09:00", **ended)

    assert case.result is not None
    report = clock_of(case, RuleName.RESULT_REPORT)
    assert report is not None
    assert report.ends_on == date(2023, 12, 15)


def test_a_result_that_an_inquiry_held_for_months_is_recorded_as_of_the_meeting() -> None:
    case = act(waiting(MEETING), "open_review", "meeting", "2023-12-08T09:00")
    case = act(case, "file_complaint", "anyone", "2023-12-08T10:00", text="text-1")
    case = act(
        case, "conclude_inquiry", "office", "2024-01-23T10:00", outcome="unfounded", reason="t"
    )

    ended = {"result": "passed", "meeting_ended_on": "2023-12-08"}
    case = act(case, "record_result", "meeting", "2024-01-23T11:00", **ended)

    assert case.result is not None
    assert case.result.meeting_ended_on == date(2023, 12, 8)


def test_who_took_a_withdrawal_back_waits_for_a_meeting_again() -> None:
    case = act(waiting(MEETING), "withdraw", "applicant", "2023-12-01T09:00", reason="text-1")

    case = act(case, "set_aside", "applicant", "2023-12-01T09:05", reason="text-2")

    assert (case.stage, case.meeting) == (Stage.AWAITING_MEETING, "")


def test_nobody_but_a_meeting_puts_a_case_into_a_meeting_of_the_platform() -> None:
    stated = {"meeting": "meeting-2023-01", "meeting_on": "2023-12-20"}

    assert refused(waiting(""), "assign_to_meeting", "office", "2023-12-01T09:00", **stated) is (
        Code.NOT_ENTITLED
    )


def test_a_clock_that_the_meeting_keeps_is_not_moved_for_one_case() -> None:
    stated = {"rule": "result_publicity", "ends_on": "2023-12-29", "reason": "text-1"}

    assert refused(posted(), "extend_deadline", "office", "2023-12-13T09:00", **stated) is (
        Code.BY_MEETING
    )


def test_an_extended_publicity_ends_on_the_day_it_was_extended_to() -> None:
    case = waiting("by-hand")
    office = "office"
    case = act(case, "open_review", office, "2023-12-08T09:00")
    ended = {"result": "passed", "meeting_ended_on": "2023-12-08"}
    case = act(case, "record_result", office, "2023-12-08T18:00", **ended)
    case = act(case, "post_results", office, "2023-12-12T10:00")
    stated = {"rule": "result_publicity", "ends_on": "2023-12-29", "reason": "text-1"}
    case = act(case, "extend_deadline", office, "2023-12-13T09:00", **stated)

    case = strike_until(case, "2023-12-30T00:05")

    assert case.result_publicity is not None
    assert case.result_publicity.ends_on == date(2023, 12, 29)
    confirmation = clock_of(case, RuleName.CONFIRMATION)
    assert confirmation is not None
    assert confirmation.starts_on == date(2023, 12, 29)


@pytest.mark.parametrize(("entrusted", "forwards"), [(False, True), (True, False)])
def test_only_a_confirmation_is_forwarded(entrusted: bool, forwards: bool) -> None:
    case = waiting(MEETING)
    case.facts = case.facts.model_copy(update={"entrusted": entrusted})
    case = strike_until(posted(case), "2023-12-20T00:05")
    issued = {"issued_on": "2023-12-25", "number": "示例1号"}
    if entrusted:
        case = act(case, "reply_to_entrusting_unit", "meeting", "2023-12-25T10:00", **issued)
    else:
        case = act(case, "send_for_confirmation", "meeting", "2023-12-20T10:00")
        case = act(case, "confirm", "meeting", "2023-12-25T10:00", **issued)

    assert (clock_of(case, RuleName.FORWARDING) is not None) is forwards


def reassessed() -> Case:
    """A confirmed title whose 复查 led to another meeting."""
    case = act(confirmed(), "request_recheck", "applicant", "2024-01-15T10:00", text="text-1")
    return act(
        case,
        "decide_recheck",
        "office",
        "2024-01-20T10:00",
        decision="reassess",
        reason="text-2",
    )


def test_a_title_stands_and_can_be_revoked_while_its_result_is_judged_anew() -> None:
    case = act(reassessed(), "revoke", "city", "2024-01-25T10:00", reason="text-1", fraud=True)

    assert case.end is not None
    assert case.end.name.value == "revoked"


def test_nobody_withdraws_from_a_title() -> None:
    assert refused(reassessed(), "withdraw", "applicant", "2024-01-25T10:00", reason="t") is (
        Code.WRONG_STAGE
    )


def test_a_second_result_is_forwarded_anew() -> None:
    case = confirmed()
    forwarder = ACTORS["anyone"].model_copy(
        update={"person": "clerk", "organisation": PLACES["city_unit"][-1].organisation}
    )
    forward = Act(request_id="f", actor=forwarder, payload={})
    case = decide(case, "forward_confirmation", forward, beijing("2024-01-14T10:00:00")).case
    case = act(case, "request_recheck", "applicant", "2024-01-15T10:00", text="text-1")
    again = {"decision": "reassess", "reason": "text-2"}
    case = act(case, "decide_recheck", "office", "2024-01-20T10:00", **again)
    stated = {"meeting": "meeting-0192", "meeting_on": "2024-01-24"}
    case.meeting = ""
    second = ACTORS["meeting"].model_copy(update={"person": "meeting:meeting-0192"})
    for word, at, payload in (
        ("assign_to_meeting", "2024-01-21T10:00:00", stated),
        ("open_review", "2024-01-24T09:00:00", {}),
        (
            "record_result",
            "2024-01-24T18:00:00",
            {"result": "passed", "meeting_ended_on": "2024-01-24"},
        ),
    ):
        said = Act(request_id="r", actor=second, payload=payload)
        case = decide(case, word, said, beijing(at)).case

    assert case.forwarded_on is None


def test_a_case_tells_its_meeting_only_what_concerns_it() -> None:
    before = posted()
    now = beijing("2023-12-13T09:00:00")
    said = Act(request_id="r", actor=ACTORS["anyone"], payload={"text": "text-1"})
    held = decide(before, "raise_objection", said, now)
    second = decide(held.case, "file_complaint", said, now + timedelta(hours=1))
    answered = Act(request_id="a", actor=ACTORS["applicant"], payload={"text": "text-2"})
    quiet = decide(held.case, "respond_to_inquiry", answered, now)

    news = news_of(before, held.case, held.on)

    assert news is not None
    assert (news.news, news.on) == ("held", date(2023, 12, 13))
    assert news_of(held.case, second.case, second.on) is None
    assert news_of(held.case, quiet.case, quiet.on) is None
    assert news_of(before.model_copy(update={"meeting": "by-hand"}), held.case, held.on) is None
