"""Whatever is tried in whatever order: no title without a signed meeting, a publicity, a paper."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflow.season import PLACES, beijing, member, the_calendar, the_policy
from workflows.application.case import Case, Payment
from workflows.application.decision import decide, let_strike
from workflows.application.strikes import next_due
from workflows.rules.facts import Facts
from workflows.rules.message import local_date
from workflows.rules.names import EndName, Level, Result, Route, Stage
from workflows.rules.refusals import Refused
from workflows.writer.messages import Act, Actor

MEETING = "meeting-0190"
ACTORS = {
    "meeting": Actor(person=f"meeting:{MEETING}", role="meeting"),
    "other_meeting": Actor(person="meeting:meeting-0191", role="meeting"),
    "office": member("bd-committee-office"),
    "supervisor": member("bd-committee-office", role="supervisor"),
    "city": member("city-title-office"),
    "applicant": Actor(person="person-1"),
    "anyone": Actor(person="visitor-1"),
}
OF_THE_MEETING = (
    "open_review",
    "record_result",
    "report_results",
    "post_results",
    "restart_publicity",
    "send_for_confirmation",
    "confirm",
    "send_back",
    "reply_to_entrusting_unit",
    "file_for_record",
    "leave_meeting",
)
WORDS = (
    *OF_THE_MEETING,
    "raise_objection",
    "file_complaint",
    "respond_to_inquiry",
    "conclude_inquiry",
    "request_recheck",
    "decide_recheck",
)
GOING_ON = frozenset({Stage.AWAITING_CONFIRMATION, Stage.RECHECK_WINDOW, Stage.RECHECK})

LIKELY: dict[Stage, tuple[str, ...]] = {
    Stage.AWAITING_MEETING: ("open_review", "open_review", "file_complaint", "leave_meeting"),
    Stage.IN_REVIEW: ("record_result", "record_result", "record_result", "file_complaint"),
    Stage.RESULT_RECORDED: ("post_results", "report_results", "post_results", "confirm"),
    Stage.RESULT_PUBLICITY: ("raise_objection", "send_for_confirmation", "restart_publicity"),
    Stage.AWAITING_CONFIRMATION: ("confirm", "file_complaint", "confirm", "send_back"),
    Stage.RECHECK_WINDOW: ("request_recheck", "file_complaint"),
    Stage.RECHECK: ("decide_recheck",),
}
"""What comes next in each stage: random words alone never get far."""

steps = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=99),
        # The rightful one four times of five, so that walks get far.
        st.sampled_from(["right"] * 8 + ["meeting", *ACTORS]),
        st.sampled_from([Result.PASSED, Result.PASSED, Result.NOT_PASSED, Result.DEFERRED]),
        st.sampled_from(["unfounded", "substantiated", "not_handled"]),
        st.integers(min_value=0, max_value=9),
    ),
    min_size=10,
    max_size=24,
)
RIGHT = {
    "raise_objection": "anyone",
    "file_complaint": "anyone",
    "respond_to_inquiry": "applicant",
    "conclude_inquiry": "office",
    "request_recheck": "applicant",
    "decide_recheck": "office",
}


Story = list[tuple[int, str, Result, str, int]]
RARE = 90
"""From here on a word is any word."""


def word_of(case: Case, pick: int) -> str:
    """The word a pick means to a case as it stands."""
    likely = LIKELY.get(case.stage, ()) if case.stage and case.end is None else ()
    if pick >= RARE or not likely:
        return WORDS[pick % len(WORDS)]
    if case.open_inquiries and pick % 4 == 0:
        return "conclude_inquiry" if pick % 8 else "respond_to_inquiry"
    return likely[pick % len(likely)]


def waiting(meeting: str) -> Case:
    """A paid case on the list of a meeting on 2023-12-08."""
    paid = beijing("2023-11-16T09:00:00")
    return Case(
        application="application-1",
        person="person-1",
        policy=the_policy("bd-2023").for_case(Route.CITY_UNIT, Level.DEPUTY_SENIOR),
        calendar=the_calendar(),
        route=Route.CITY_UNIT,
        level=Level.DEPUTY_SENIOR,
        facts=Facts(route=Route.CITY_UNIT, level=Level.DEPUTY_SENIOR, employer="unit"),
        places=PLACES["city_unit"],
        stage=Stage.AWAITING_MEETING,
        seq=9,
        reached_committee_at=beijing("2023-11-03T09:00:00"),
        submissions=1,
        accepted_on=local_date(paid),
        payments=[Payment(transaction="t", yuan=420, paid_at=paid, received_at=paid)],
        meeting=meeting,
        meeting_on=beijing("2023-12-08T00:00:00").date(),
        claim="taken",
    )


def payload(word: str, result: Result, outcome: str, now: datetime) -> dict[str, Any]:
    """Something sensible to say with a word."""
    today = local_date(now).isoformat()
    said: dict[str, dict[str, Any]] = {
        "record_result": {"result": result.value, "meeting_ended_on": today},
        "confirm": {"issued_on": today, "number": "示例1号"},
        "reply_to_entrusting_unit": {"issued_on": today, "number": "示例1号"},
        "file_for_record": {"issued_on": today, "number": "示例1号"},
        "conclude_inquiry": {"outcome": outcome, "reason": "text-1"},
        "decide_recheck": {"decision": "upheld", "reason": "text-1"},
    }
    texts = {"raise_objection", "file_complaint", "respond_to_inquiry", "request_recheck"}
    if word in texts:
        return {"text": "text-1"}
    if word in ("restart_publicity", "send_back", "leave_meeting"):
        return {"reason": "text-1"}
    return said.get(word, {})


def walk(case: Case, story: Story) -> list[tuple[str, str, Case]]:
    """Live through a story; every step that was done, with who did it and the case after it."""
    now = beijing("2023-12-08T09:00:00")
    lived: list[tuple[str, str, Case]] = []
    for pick, who, result, outcome, days in story:
        now += timedelta(days=days)
        while (due := next_due(case, 60)) is not None and due.at <= now:
            case = let_strike(case, due, due.at).case
            lived.append((due.what, "clock", case))
        word = word_of(case, pick)
        actor = ACTORS[RIGHT.get(word, "meeting") if who == "right" else who]
        act = Act(request_id="r", actor=actor, payload=payload(word, result, outcome, now))
        try:
            case = decide(case, word, act, now).case
        except Refused:
            continue
        lived.append((word, actor.person, case))
    return lived


@settings(max_examples=60)
@given(steps)
def test_no_title_without_meeting_publicity_and_document(
    story: Story,
) -> None:
    for _, _, case in walk(waiting(MEETING), story):
        if case.end is None or case.end.name is not EndName.COMPLETED:
            continue
        result = case.result
        assert result is not None
        assert result.result is Result.PASSED
        assert result.posted_on is not None
        assert case.result_publicity is not None
        assert case.result_publicity.over
        assert result.document
        counted = case.calendar.working_days_between(result.posted_on, result.effective_on)  # type: ignore[arg-type]
        assert counted >= 5


@settings(max_examples=60)
@given(steps)
def test_who_is_held_is_in_no_draft_and_gets_no_title(
    story: Story,
) -> None:
    before: Case | None = None
    for word, _, case in walk(waiting(MEETING), story):
        held = before is not None and bool(before.open_inquiries)
        if held and word in ("send_for_confirmation", "confirm"):
            raise AssertionError(f"{word} went through while an inquiry was open")
        before = case


@settings(max_examples=60)
@given(steps)
def test_what_a_meeting_has_nobody_else_decides(
    story: Story,
) -> None:
    in_meeting = True
    for word, who, case in walk(waiting(MEETING), story):
        if in_meeting and word in OF_THE_MEETING:
            assert who == f"meeting:{MEETING}"
        in_meeting = case.in_meeting


@settings(max_examples=40)
@given(steps)
def test_no_result_stands_without_an_opened_review(
    story: Story,
) -> None:
    opened = False
    for word, _, case in walk(waiting(""), story):
        opened = opened or word == "open_review"
        if case.stage in GOING_ON or case.results:
            assert opened


def test_walks_reach_every_corner() -> None:
    """The properties above would hold of walks that go nowhere: these go everywhere."""
    chance = Random(20231208)  # noqa: S311 - a fixed choice, not a secret
    stories: list[Story] = [
        [
            (
                chance.randrange(100),
                "right",
                chance.choice([Result.PASSED, Result.PASSED, Result.NOT_PASSED]),
                chance.choice(["unfounded", "substantiated"]),
                chance.randrange(12),
            )
            for _ in range(24)
        ]
        for _ in range(30)
    ]
    lived = [step for story in stories for step in walk(waiting(MEETING), story)]

    stages = {case.stage for _, _, case in lived}
    ends = {case.end.name for _, _, case in lived if case.end}

    assert set(LIKELY) - stages == set()
    assert ends >= {EndName.COMPLETED, EndName.CANCELLED_BY_OBJECTION}
