"""What comes next in a life: mostly what its stage waits for, often something else, now and then anything.

Every choice takes the step's own random numbers, so that a step that is dropped leaves the others
what they were: that is how Hypothesis shortens a life that failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from config.submission_files import merged
from tests.lives.ground import CAMPAIGNS, CHANGES, WAYS, Applying, Ground, notice, terms_in_days
from tests.lives.law.clocks import Want
from tests.lives.law.days import DAY, day_of, midnight_after, midnight_before, works
from tests.lives.law.gates import ROWS, confirmed_by
from tests.lives.people import WORDS, holder_word
from workflows.application.case import Case
from workflows.rules.calendar import Calendar
from workflows.rules.message import BEIJING
from workflows.rules.names import DeadlineKind, EndName, Level, Result, RuleName, Stage
from workflows.rules.policy import Policy, Reminder

S = Stage
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Act:
    """An act that comes next."""

    name: str
    by: str


@dataclass(frozen=True)
class Jump:
    """The clock moves to an instant."""

    to: datetime


ENDED_BEFORE = '"end":{'
"""In what taking back would restore: the act had re-opened an ended case."""
TRIED_IN_SPITE = 0.2
"""How often an act is tried though something stands against it."""


def ground_of(rng: Random) -> Ground:
    """A notice, a way up, a level, a first day; one life in four is told of two applications."""
    campaign = rng.choice(CAMPAIGNS)
    way = rng.choice(WAYS)
    level = rng.choice([Level.DEPUTY_SENIOR, Level.DEPUTY_SENIOR, Level.MID, Level.JUNIOR])
    changes = rng.choice(CHANGES) if rng.random() < 0.5 else {}
    if "self_evaluating" in changes:
        way = "self_evaluating"
    first = Applying("a", campaign, way, level)
    second = Applying("b", campaign, rng.choice(WAYS), level)
    window = notice(campaign).windows.application
    span = (window.ends_on - window.starts_on).days
    day = window.starts_on + DAY * rng.randrange(span + 1)
    at = datetime(day.year, day.month, day.day, tzinfo=BEIJING) + timedelta(
        minutes=rng.randrange(8 * 60, 20 * 60)
    )
    if rng.random() < 0.04:
        at += DAY * rng.choice([-30, 30])
    without = (notice(campaign).year + 1,) if rng.random() < 0.03 else ()
    sleeps = rng.random() < 0.08
    if rng.random() < 0.1:  # drawn last: all other lives are what they were without it
        changes = merged(changes, terms_in_days(notice(campaign)))
    return Ground(
        starts=at,
        applying=(first, second) if rng.random() < 0.3 else (first,),
        changes=changes,
        without=without,
        fleet_sleeps=sleeps,
    )


def forward(case: Case, clocks: dict[str, Want], now: datetime, rng: Random) -> Act | Jump:
    """What the case waits for, by whoever holds it, or the instant from which that is possible."""
    second = _second(case, rng)
    if second is not None:
        return second
    if case.end is not None:
        return _after_the_end(case, now, rng)
    if case.undo is not None and ENDED_BEFORE in case.undo.before and rng.random() < 0.5:
        return Act("set_aside", rng.choice([holder_word(case), "office", "unit", "chain[0]"]))
    blocked = _unblocked(case, rng)
    if blocked is not None:
        return blocked
    meeting = "meeting" if case.in_meeting else "office"
    match case.stage:
        case S.UNIT_REVIEW:
            return Act("start_publicity", "unit")
        case S.UNIT_PUBLICITY:
            floor = clocks.get("unit_publicity")
            if floor is not None and now < floor.ends_at:
                return Jump(floor.ends_at + timedelta(seconds=rng.choice([0, 0, 1, 30000])))
            return Act("finish_publicity", "unit")
        case S.CHAIN_REVIEW:
            name = "return_for_correction" if rng.random() < 0.12 else "approve"
            return Act(name, holder_word(case))
        case S.UNIT_CORRECTION | S.COMMITTEE_CORRECTION | S.CHAIN_CORRECTION:
            terms = [want for want in clocks.values() if want.kind is DeadlineKind.LAPSE]
            ahead = [want.ends_at for want in terms if not want.struck and want.ends_at > now]
            again = len(ahead) < len(terms)  # its term had ended it, and it was reinstated
            if ahead and rng.random() < (0.6 if again else 0.15):  # nothing is corrected in time
                return Jump(min(ahead) + timedelta(seconds=rng.choice([-1, 0, 60, 61])))
            return Act("resubmit", holder_word(case))
        case S.COMMITTEE_INTAKE:
            return _intake(case, clocks, now, rng)
        case S.AWAITING_PAYMENT:
            if case.pay_notice is None:
                opens = midnight_before(case.policy.windows.payment.starts_on)
                return Jump(max(opens, now + SECOND))
            clock = clocks.get("payment_window")
            if clock is not None and clock.struck and rng.random() < 0.8:
                return Act("send_pay_notice", "office")
            if clock is not None and not clock.struck and rng.random() < 0.15:
                return Jump(clock.ends_at + timedelta(seconds=rng.choice([0, 60, 7200])))
            return Act("record_payment", rng.choice(["office", "system"]))
        case S.AWAITING_MEETING:
            if case.meeting_on is None:
                return Act("assign_to_meeting", rng.choice(["office", "meeting"]))
            return _before_the_meeting(case, meeting, rng)
        case S.IN_REVIEW:
            return Act("record_result", meeting)
        case S.RESULT_RECORDED | S.RESULT_PUBLICITY:
            return _result(case, clocks, now, rng)
        case S.AWAITING_CONFIRMATION:
            new_year = midnight_before(date(day_of(now).year + 1, 1, 1))
            if rng.random() < 0.2 and new_year - now > DAY:
                # The last of December and two months is the last of February.
                return Jump(new_year - timedelta(hours=rng.choice([1, 8])))
            name = "send_back" if rng.random() < 0.2 else "confirm"
            return Act(name, "meeting" if case.in_meeting else "city_office")
        case S.RECHECK:
            return Act("decide_recheck", "office")
        case _:
            return _titled(case, clocks, rng)


def _second(case: Case, rng: Random) -> Act | None:
    """What somebody has just asked a second person for is mostly looked at next, by whomever."""
    if not case.asked:
        return None
    fresh = case.asked[-1].id == str(case.seq)
    if rng.random() >= (0.85 if fresh else 0.1):
        return None
    return Act("confirm_request", rng.choice(["office", "office[1]", "office_supervisor"]))


def _unblocked(case: Case, rng: Random) -> Act | None:
    """What keeps the next act from being done is dealt with first, or the act is tried in spite."""
    if rng.random() < TRIED_IN_SPITE:
        return None
    for check in case.checks:
        needed = case.stage in (S.UNIT_REVIEW, S.UNIT_PUBLICITY) and check.body == "unit"
        if needed or case.stage in (S.COMMITTEE_INTAKE, S.AWAITING_MEETING):
            return Act("record_manual_check", "unit" if needed else "office")
    open_ones = [item for item in case.inquiries if item.outcome is None]
    holds = case.stage in (S.UNIT_PUBLICITY, S.IN_REVIEW, S.RESULT_PUBLICITY) or (
        case.stage in (S.AWAITING_CONFIRMATION, S.RESULT_RECORDED)
    )
    early = case.stage in tuple(Stage)[:9]
    held = any(item.holds_review for item in open_ones)
    if held and case.stage is S.AWAITING_MEETING and case.meeting_on and rng.random() < 0.4:
        return None  # opened in spite of it, or so it is tried
    if open_ones and early and rng.random() < 0.15:
        return _holding(rng)
    if open_ones and (holds or rng.random() < 0.3):
        item = rng.choice(open_ones)
        if not item.answered and rng.random() < 0.4:
            return Act("respond_to_inquiry", "applicant")
        body = rng.choice(["unit", "superior"]) if item.body == "unit" else item.body.value
        return Act("conclude_inquiry", body)
    return None


def _before_the_meeting(case: Case, meeting: str, rng: Random) -> Act:
    """The meeting is set: a complaint comes, the office lets it wait for the finding, or it opens."""
    last = case.inquiries[-1] if case.inquiries else None
    if last is None and rng.random() < 0.15:
        return Act("file_complaint", "anyone")
    if last is not None and last.outcome is None and rng.random() < 0.6 and not last.holds_review:
        return _holding(rng)
    return Act("open_review", meeting)


def _holding(rng: Random) -> Act:
    return Act("hold_review", rng.choice(["office", "office", "city_office"]))


def _intake(case: Case, clocks: dict[str, Want], now: datetime, rng: Random) -> Act | Jump:
    opens = midnight_before(case.policy.windows.review.starts_on)
    if now < opens:
        return Jump(opens + timedelta(seconds=rng.choice([0, 0, 36000])))
    duty = clocks.get("intake_duty")
    if duty is not None and now > duty.ends_at:
        return Act("extend_deadline", "office_supervisor")
    given = [item for item in case.returns if item.level == "committee"]
    most = case.policy.corrections.committee_max_submissions
    last = most is not None and case.submissions >= most
    if last and rng.random() < 0.8:
        # Rare: three submissions have to fail before it.
        name = "return_for_correction" if rng.random() < 0.25 else "fail_audit"
        return Act(name, "office")
    if given and most is None and rng.random() < 0.4:
        return Act("declare_abandoned", "office")
    if not last and rng.random() < (0.7 if given and most is not None else 0.4):
        again = rng.random() < 0.15
        name = "override_return" if again else "return_for_correction"
        return Act(name, "office_supervisor" if again else "office")
    return Act("accept", rng.choice(["office", "office_supervisor"]))


def _result(case: Case, clocks: dict[str, Want], now: datetime, rng: Random) -> Act | Jump:
    by = "meeting" if case.in_meeting else "office"
    result = case.results[-1]
    if not result.reported_on and rng.random() < 0.4:
        return Act("report_results", by)
    if not result.posted_on:
        return Act("post_results", by)
    floor = clocks.get("result_publicity")
    if floor is not None and now < floor.ends_at:
        return Jump(floor.ends_at + timedelta(seconds=rng.choice([0, 0, 1, 40000])))
    last = {"city": "send_for_confirmation", "own": "file_for_record"}
    act = last.get(confirmed_by(case), "reply_to_entrusting_unit")
    if act == "send_for_confirmation" and result.result is not Result.PASSED:
        return Act("confirm", "meeting" if case.in_meeting else "city_office")
    return Act(act, by)


def _titled(case: Case, clocks: dict[str, Want], rng: Random) -> Act | Jump:
    result = case.results[-1]
    if result.recheck_asked_on is None and rng.random() < 0.2:
        return Act("request_recheck", "applicant")
    acts = [
        ("forward_confirmation", "forwarder"),
        ("forward_confirmation", "forwarder"),
        ("confirm_printed", "applicant"),
        ("confirm_archived", "unit"),
    ]
    if rng.random() < 0.75 and result.result is Result.PASSED:
        return Act(*rng.choice(acts))
    right = clocks.get("recheck")
    assert right is not None
    return Jump(right.ends_at + timedelta(seconds=rng.choice([-1, 0, 60, 61, 3600])))


def _after_the_end(case: Case, now: datetime, rng: Random) -> Act | Jump:
    end = case.end
    assert end is not None
    if end.inquiry and rng.random() < 0.4:
        return Act("respond_to_inquiry", "applicant")
    if end.closes_at is None or rng.random() < 0.15:
        if end.name is EndName.COMPLETED and rng.random() < 0.5:
            # Few lives come so far: what a title can still meet is met by half of those.
            return Act(*rng.choice(WITH_A_TITLE))
        acts = [
            ("file_complaint", "anyone"),
            ("conclude_inquiry", "office"),
            ("respond_to_inquiry", "applicant"),
            ("revoke", "city_office"),
            ("request_recheck", "applicant"),
            ("forward_confirmation", "forwarder"),
            ("confirm_archived", "unit"),
            ("withdraw", "applicant"),
            ("record_payment", "office"),
        ]
        return Act(*rng.choice(acts))
    picked = rng.random()
    if end.name is EndName.PAYMENT_MISSED and picked < 0.25:
        return Act("record_payment", rng.choice(["office", "system"]))
    if picked < (0.6 if end.name is EndName.PAYMENT_MISSED else 0.4) and end.deadline is not None:
        return Act("reinstate", "office")
    if picked < 0.45:
        return Act("record_payment", "office")
    if end.deadline is not None and end.left_stage in PROOFS and picked < 0.7:
        return Act(PROOFS[end.left_stage], holder_word(case))
    if picked < 0.6:
        return Act("set_aside", rng.choice(["applicant", "unit", "office", "chain[0]"]))
    if picked < 0.8:
        offsets = [-1, 0, 1, -3600]
        to = end.closes_at + timedelta(seconds=rng.choice(offsets))
        return Jump(max(to, now + SECOND))
    return Act(
        *rng.choice(
            [
                ("resubmit", "applicant"),
                ("request_recheck", "applicant"),
                ("approve", "chain[0]"),
                ("finish_publicity", "unit"),
            ]
        )
    )


WITH_A_TITLE = (
    ("revoke", "city_office"),
    ("revoke", "city_office"),
    ("forward_confirmation", "forwarder"),
    ("confirm_archived", "unit"),
)
PROOFS: dict[Stage, str] = {
    S.UNIT_CORRECTION: "resubmit",
    S.CHAIN_CORRECTION: "resubmit",
    S.COMMITTEE_CORRECTION: "resubmit",
    S.UNIT_PUBLICITY: "finish_publicity",
    S.CHAIN_REVIEW: "approve",
}
"""What re-opens a case that a clock ended in a stage, where it had been done in time."""


def aside(case: Case, rng: Random) -> Act:
    """Something else that happens in this stage: a return, an objection, a refusal, a withdrawal."""
    beside: dict[Stage | None, Sequence[tuple[str, str]]] = {
        S.UNIT_REVIEW: (
            ("return_for_correction", "unit"),
            ("return_for_correction", "unit"),
            ("decline_recommendation", "unit"),
        ),
        S.UNIT_CORRECTION: (
            ("extend_deadline", "unit"),
            ("extend_deadline", "unit"),
            ("extend_deadline", "unit"),
            ("extend_deadline", "office_supervisor"),
            ("resubmit", "applicant"),
            ("raise_objection", "anyone"),
        ),
        S.CHAIN_CORRECTION: (
            ("extend_deadline", "chain[0]"),
            ("extend_deadline", "office"),
            ("resubmit", holder_word(case)),
        ),
        S.COMMITTEE_CORRECTION: (
            ("extend_deadline", "office"),
            ("extend_deadline", "unit"),
            ("record_payment", "office"),
        ),
        S.UNIT_PUBLICITY: (
            ("raise_objection", "anyone"),
            ("raise_objection", "anyone"),
            ("restart_publicity", "unit"),
            ("extend_deadline", "office"),
            ("return_for_correction", "unit"),
            ("decline_recommendation", "unit"),
            ("finish_publicity", "unit"),
        ),
        S.CHAIN_REVIEW: (
            ("return_for_correction", holder_word(case)),
            ("return_for_correction", holder_word(case)),
            ("reject", holder_word(case)),
            ("raise_objection", "anyone"),
            ("resubmit", rng.choice(["applicant", "unit"])),
        ),
        S.COMMITTEE_INTAKE: (
            ("return_for_correction", "office"),
            ("return_for_correction", "office"),
            ("return_for_correction", "office"),
            ("override_return", "office_supervisor"),
            ("fail_audit", "office"),
            ("fail_audit", "office"),
            ("declare_abandoned", "office"),
            ("refuse", "office"),
            ("record_payment", "office"),
        ),
        S.AWAITING_PAYMENT: (
            ("send_pay_notice", "office"),
            ("send_pay_notice", "office_supervisor"),
            ("record_payment", "system"),
            ("withdraw", "applicant"),
        ),
        S.AWAITING_MEETING: (
            ("leave_meeting", "office"),
            ("assign_to_meeting", "office"),
            ("hold_review", "office"),
            ("raise_objection", "anyone"),
            ("revoke", "city_office"),
        ),
        S.IN_REVIEW: (
            ("file_complaint", "anyone"),
            ("file_complaint", "anyone"),
            ("withdraw", "applicant"),
        ),
        S.RESULT_RECORDED: (("request_recheck", "applicant"), ("confirm", "city_office")),
        S.RESULT_PUBLICITY: (
            ("raise_objection", "anyone"),
            ("raise_objection", "anyone"),
            ("restart_publicity", "office"),
            ("request_recheck", "applicant"),
        ),
        S.AWAITING_CONFIRMATION: (
            ("send_back", "city_office"),
            ("raise_objection", "anyone"),
            ("file_complaint", "anyone"),
        ),
        S.RECHECK_WINDOW: (
            ("revoke", "city_office"),
            ("request_recheck", "applicant"),
            ("file_complaint", "anyone"),
        ),
        S.RECHECK: (("revoke", "city_office"), ("file_complaint", "anyone")),
    }
    common = [
        ("urge", "applicant"),
        ("extend_deadline", "office"),
        ("extend_deadline", "office_supervisor"),
        ("extend_deadline", "office_supervisor"),
        ("extend_deadline", "city_office"),
        ("extend_deadline", "unit"),
        ("file_complaint", "anyone"),
        ("set_aside", "office"),
        ("set_aside", holder_word(case)),
        ("withdraw", "applicant"),
        ("disqualify", "office"),
        ("hold_review", "office"),
        ("conclude_inquiry", "office"),
        ("record_manual_check", "office"),
        ("confirm_request", "office[1]"),
        ("reinstate", "office"),
        ("resume", "operations"),
        ("nudge", "operations"),
    ]
    own = beside.get(case.stage, ())
    if case.end is not None:
        return Act("set_aside", rng.choice(["applicant", "unit", "office", "chain[0]"]))
    if own and rng.random() < 0.65:
        name, by = rng.choice(own)
        meetings = case.in_meeting and by in ("office", "city_office") and name in ROWS
        return Act(name, "meeting" if meetings and rng.random() < 0.7 else by)
    return Act(*rng.choice(common))


def anything(rng: Random) -> Act:
    """Any act by anybody."""
    return Act(rng.choice(sorted(ROWS)), rng.choice(WORDS))


def moment(clocks: dict[str, Want], due: datetime | None, now: datetime, rng: Random) -> datetime:
    """Where the clock goes: to a due time or an end, a second to either side, or some days on."""
    picked = rng.random()
    edge = timedelta(seconds=rng.choice([-1, 0, 0, 1, 59, 60, 61]))
    if picked < 0.35 and due is not None:
        return max(now, due + edge)
    if picked < 0.65 and clocks:
        striking = [want for want in clocks.values() if want.kind is not DeadlineKind.DUTY]
        want = rng.choice(striking or list(clocks.values()))
        return max(now, want.ends_at + edge)
    if picked < 0.8:
        return now + timedelta(minutes=rng.choice([1, 9, 10, 11, 45, 300]))
    return now + timedelta(days=rng.choice([1, 1, 2, 3, 5]), minutes=rng.randrange(600))


def stamp(case: Case, clocks: dict[str, Want], now: datetime, rng: Random) -> datetime | None:
    """When the person acted, where the act was long on its way: at most two working days."""
    ended = case.end is not None and case.end.deadline is not None
    if rng.random() < (0.4 if ended else 0.75):
        return None
    ends = [want.ends_at for want in clocks.values() if want.ends_at <= now]
    if case.end is not None and case.end.deadline is not None:
        ends.append(case.end.deadline.ends_at)
    # What was to be answered, and was found true since.
    ends += [
        midnight_after(item.heard_until)
        for item in case.inquiries
        if item.heard_until and item.outcome == "substantiated" and not item.answered
    ]
    if ends and rng.random() < 0.6:
        at = max(ends) + timedelta(seconds=rng.choice([-3600, -1, 0, 0, 1]))
    else:
        at = now - timedelta(minutes=rng.choice([1, 30, 600, 1500, 2900, 6000]))
    earliest = case.arrived_at if case.end is None else None
    if earliest is not None and rng.random() < 0.9:
        at = max(at, earliest)
    return min(at, now + SECOND)


def amended_policy(policy: Policy, clocks: dict[str, Want], rng: Random) -> Policy:
    """A notice with a window, a cutoff, reminders or a limit changed; `clocks` run in a case."""
    days = DAY * rng.choice([-4, -2, -1, 1, 2, 3, 7])
    update: dict[str, Any] = {"version": policy.version + 1}
    windows = policy.windows
    match rng.randrange(6):
        case 0:
            moved = windows.review.model_copy(update={"ends_on": windows.review.ends_on + days})
            update["windows"] = windows.model_copy(update={"review": moved})
        case 1:
            moved = windows.payment.model_copy(update={"ends_on": windows.payment.ends_on + days})
            update["windows"] = windows.model_copy(update={"payment": moved})
        case 2 | 3:
            cutoff = policy.chain_cutoff
            # Often to a day on which something else of the case ends, or the one before.
            near = [want.ends_on for want in clocks.values() if not want.struck]
            aimed = rng.choice(near) + DAY * rng.choice([-2, -1, 0, 1]) if near else None
            moved_to = {"ends_on": aimed if aimed and days.days % 2 else cutoff.ends_on + days}
            update["chain_cutoff"] = cutoff.model_copy(update=moved_to)
        case 4:
            rule = rng.choice([RuleName.UNIT_DUTY, RuleName.CHAIN_DUTY, RuleName.RESULT_REPORT])
            terms = policy.rules[rule]
            changed = {"length": (terms.length or 3) + rng.choice([-1, 1, 2])}
            rules = {**policy.rules, rule: terms.model_copy(update=changed)}
            update["rules"] = rules
        case _:
            rule = rng.choice([RuleName.UNIT_CORRECTION, RuleName.CHAIN_CUTOFF])
            terms = policy.rules[rule]
            reminders = (*terms.reminders, Reminder(before=4, to=("applicant",)))
            rules = {**policy.rules, rule: terms.model_copy(update={"reminders": reminders})}
            update["rules"] = rules
    return policy.model_copy(update=update)


def amended_calendar(
    calendar: Calendar, clocks: dict[str, Want], now: datetime, number: int, rng: Random
) -> tuple[Calendar, dict[str, Any]] | None:
    """A holiday added or a weekend day worked, in the weeks to come, often before a clock's end; as
    the operation states it."""
    ends = [want.ends_on for want in clocks.values() if want.ends_on > day_of(now)]
    span = (rng.choice(ends) - day_of(now)).days if ends and rng.random() < 0.6 else 25
    day = day_of(now) + DAY * rng.randrange(1, min(span, 25) + 1)
    year = calendar.years.get(day.year)
    if year is None:
        return None
    stated: dict[str, Any] = {"year": day.year, "reason": "临时通知"}
    if works(calendar, day):
        changed = year.model_copy(
            update={
                "holidays": {**year.holidays, day: "临时放假"},
                "workdays": tuple(item for item in year.workdays if item != day),
            }
        )
        stated["holidays"] = {str(day): "临时放假"}
    else:
        changed = year.model_copy(
            update={
                "holidays": {key: name for key, name in year.holidays.items() if key != day},
                "workdays": (*year.workdays, day),
            }
        )
        stated["workdays"] = [day]
    years = {**calendar.years, day.year: changed}
    version = f"{calendar.version}+{number}"
    return calendar.model_copy(update={"years": years, "version": version}), stated


def last_day_of_bar(now: datetime, rng: Random) -> date:
    """The last day of a 影响期 that begins now."""
    return day_of(now) + DAY * rng.choice([5, 40, 1000])
