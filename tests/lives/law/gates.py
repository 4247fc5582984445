"""What stands against an act whatever is stated: lifecycle T1, T3 and T5, written a second time.

`reasons` gives every code that applies; an act is offered exactly where there is none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from tests.lives.law.clocks import Book, Want, wanted
from tests.lives.law.days import DAY, after, between, day_of, midnight_after, midnight_before
from tests.lives.people import APPLICANT, hats, holder_of, office_of, superior_of
from workflows.application.case import Case, End, Inquiry, Undo
from workflows.rules.message import BEIJING
from workflows.rules.names import DeadlineKind, EndName, InquiryKind, Result, RuleName, Stage
from workflows.rules.refusals import Code
from workflows.writer.messages import Actor

S, C = Stage, Code
EARLY = tuple(Stage)[:9]
RESULTS = (S.RESULT_RECORDED, S.RESULT_PUBLICITY)
TITLED = (S.RECHECK_WINDOW, S.RECHECK)
CORRECTING = (S.UNIT_CORRECTION, S.CHAIN_CORRECTION, S.COMMITTEE_CORRECTION)
OFFICE, OR_MEETING = ("office",), ("office", "meeting")

ROWS: Mapping[str, tuple[tuple[str, ...], tuple[Stage, ...]]] = {
    "start_publicity": (("unit",), (S.UNIT_REVIEW,)),
    "return_for_correction": (
        ("holder",),
        (S.UNIT_REVIEW, S.UNIT_PUBLICITY, S.CHAIN_REVIEW, S.COMMITTEE_INTAKE),
    ),
    "decline_recommendation": (("unit",), (S.UNIT_REVIEW, S.UNIT_PUBLICITY)),
    "resubmit": (("applicant", "unit"), (*CORRECTING, S.CHAIN_REVIEW)),
    "finish_publicity": (("unit",), (S.UNIT_PUBLICITY,)),
    "restart_publicity": (("holder", "meeting"), (S.UNIT_PUBLICITY, S.RESULT_PUBLICITY)),
    "approve": (("holder",), (S.CHAIN_REVIEW,)),
    "reject": (("holder",), (S.CHAIN_REVIEW,)),
    "accept": (OFFICE, (S.COMMITTEE_INTAKE,)),
    "refuse": (OFFICE, (S.COMMITTEE_INTAKE,)),
    "override_return": (("supervisor",), (S.COMMITTEE_INTAKE,)),
    "fail_audit": (OFFICE, (S.COMMITTEE_INTAKE,)),
    "declare_abandoned": (OFFICE, (S.COMMITTEE_INTAKE,)),
    "send_pay_notice": (OFFICE, (S.AWAITING_PAYMENT,)),
    "record_payment": (
        ("office", "system"),
        (S.COMMITTEE_INTAKE, S.COMMITTEE_CORRECTION, S.AWAITING_PAYMENT, S.AWAITING_MEETING),
    ),
    "reinstate": (OFFICE, tuple(Stage)),
    "assign_to_meeting": (OR_MEETING, (S.AWAITING_MEETING,)),
    "leave_meeting": (OR_MEETING, (S.AWAITING_MEETING,)),
    "open_review": (OR_MEETING, (S.AWAITING_MEETING,)),
    "record_result": (OR_MEETING, (S.IN_REVIEW,)),
    "report_results": (OR_MEETING, RESULTS),
    "post_results": (OR_MEETING, (S.RESULT_RECORDED,)),
    "send_for_confirmation": (OR_MEETING, (S.RESULT_PUBLICITY,)),
    "reply_to_entrusting_unit": (OR_MEETING, RESULTS),
    "file_for_record": (OR_MEETING, RESULTS),
    "confirm": (("city", "meeting"), (S.AWAITING_CONFIRMATION, S.RESULT_RECORDED)),
    "send_back": (("city", "meeting"), (S.AWAITING_CONFIRMATION,)),
    "request_recheck": (("applicant",), (*RESULTS, S.AWAITING_CONFIRMATION, *TITLED)),
    "decide_recheck": (OFFICE, (S.RECHECK,)),
    "forward_confirmation": (("forwarder",), TITLED),
    "confirm_printed": (("applicant",), TITLED),
    "confirm_archived": (("unit", "forwarder", "office"), TITLED),
    "revoke": (
        ("city",),
        (S.AWAITING_MEETING, S.IN_REVIEW, *RESULTS, S.AWAITING_CONFIRMATION, *TITLED),
    ),
    "withdraw": (("applicant",), (*EARLY, S.IN_REVIEW)),
    "urge": (("applicant",), EARLY),
    "disqualify": (OFFICE, EARLY),
    "respond_to_inquiry": (("applicant",), tuple(Stage)),
    "hold_review": ((*OFFICE, "city"), EARLY),
    "conclude_inquiry": (("unit", "superior", "office", "city", "meeting"), tuple(Stage)),
    "record_manual_check": (("unit", "office"), EARLY),
    "amend": (("operations", "system"), tuple(Stage)),
    "nudge": (("operations", "system"), tuple(Stage)),
    "resume": (("operations", "system"), tuple(Stage)),
    "raise_objection": ((), tuple(Stage)),
    "file_complaint": ((), tuple(Stage)),
    "extend_deadline": ((), tuple(Stage)),
    "set_aside": ((), tuple(Stage)),
    "confirm_request": (OFFICE, tuple(Stage)),
}
"""Act → who by hat (empty: anybody), and in which stages (T1)."""

MEETINGS_OWN = frozenset(
    {
        "assign_to_meeting",
        "leave_meeting",
        "open_review",
        "record_result",
        "report_results",
        "post_results",
        "send_for_confirmation",
        "reply_to_entrusting_unit",
        "file_for_record",
        "confirm",
        "send_back",
    }
)
AT_ANY_TIME = frozenset(
    {
        "raise_objection",
        "file_complaint",
        "record_payment",
        "reinstate",
        "request_recheck",
        "urge",
        "extend_deadline",
        "disqualify",
        "set_aside",
        "confirm_request",
        "respond_to_inquiry",
        "hold_review",
        "conclude_inquiry",
        "amend",
        "nudge",
        "resume",
    }
)
AFTER_THE_END = frozenset(
    {
        "record_payment",
        "reinstate",
        "set_aside",
        "confirm_request",
        "file_complaint",
        "respond_to_inquiry",
        "conclude_inquiry",
        "forward_confirmation",
        "confirm_printed",
        "confirm_archived",
        "revoke",
        "amend",
        "nudge",
        "resume",
        "request_recheck",
    }
)
BY_A_CLOCK = frozenset(
    {
        EndName.ABANDONED,
        EndName.LAPSED,
        EndName.PAYMENT_MISSED,
        EndName.COMPLETED,
        EndName.NOT_PASSED,
    }
)
CITYWIDE = frozenset({"recheck", "inquiry_response"})
"""Rights: nobody extends them."""
DUTIES = frozenset(
    {
        "result_report",
        "confirmation",
        "confirmation_reply",
        "city_confirmation",
        "unit_duty",
        "chain_duty",
        "recheck_duty",
        "forwarding",
        "inquiry_duty",
    }
)
"""What an authority owes: who is above it may allow more time, never itself."""
AT_MOST = {
    "unit_publicity": 10,
    "result_publicity": 10,
    **dict.fromkeys(("chain_cutoff", "intake_duty", "payment_window"), 30),
    **dict.fromkeys(("unit_correction", "chain_correction", "committee_correction"), 30),
}
"""Working days past its own end (办理口径8); of all others 20."""
UNTIL_THE_CUTOFF = frozenset(
    {
        RuleName.UNIT_CORRECTION,
        RuleName.CHAIN_CORRECTION,
        RuleName.UNIT_PUBLICITY,
        RuleName.UNIT_DUTY,
        RuleName.CHAIN_DUTY,
    }
)
"""Clocks of unit and chain: nobody is promised a day past the cutoff (A14)."""
OF_A_MEETING = frozenset(
    {"result_report", "result_publicity", "confirmation", "confirmation_reply", "city_confirmation"}
)


def reasons(case: Case, act: str, actor: Actor, at: datetime, book: Book) -> set[Code]:
    """Every code that stands against an act, whatever is stated; empty where it is offered."""
    found: set[Code] = set()
    end = case.end
    if end is not None:
        proof = reopens(case, act, at)
        if proof and found_after_its_end(case):
            return {C.ALREADY_DECIDED}
        if proof:
            case, book = reopened(case), as_if_in_time(end, book)
        elif act not in AFTER_THE_END:
            return {C.ALREADY_DECIDED, C.WINDOW_CLOSED}
    by, stages = ROWS[act]
    worn = hats(case, actor)
    if by and not worn & set(by):
        found.add(C.NOT_ENTITLED)
    if case.end is None and case.stage not in stages and act != "reinstate":
        found.add(C.WRONG_STAGE)
    meetings = act in MEETINGS_OWN or (
        act == "restart_publicity" and case.stage is S.RESULT_PUBLICITY
    )
    if meetings and case.in_meeting and "meeting" not in worn:
        found.add(C.BY_MEETING)
    clocks = wanted(case, book)
    if act not in AT_ANY_TIME and any(
        clock.kind is DeadlineKind.LAPSE and not clock.struck and at > clock.ends_at
        for clock in clocks.values()
    ):
        found.add(C.WINDOW_CLOSED)
    if not found:
        found |= _own(case, act, actor, at, clocks, worn, book)
    return found


def reopens(case: Case, act: str, at: datetime) -> bool:
    """Proof that an act was in time re-opens what a clock ended, while it listens."""
    end = case.end
    return (
        end is not None
        and act not in AFTER_THE_END - {"request_recheck"}
        and end.closes_at is not None
        and end.name in BY_A_CLOCK
        and end.deadline is not None
        and at <= end.deadline.ends_at
        and end.left_stage in ROWS[act][1]
    )


def found_after_its_end(case: Case) -> bool:
    """What was found true of an ended case would have ended it: nothing brings it back (T3)."""
    end = case.end
    return end is not None and any(item.found_after_end for item in case.inquiries)


def reopened(case: Case) -> Case:
    """The case as it stands once such an end is taken away."""
    end = case.end
    assert end is not None
    return case.model_copy(update={"stage": end.left_stage, "end": None})


def as_if_in_time(end: End, book: Book) -> Book:
    """The book once proof has come that something was in time: the clock has not struck."""
    clock = end.deadline
    struck = {item for item in book.struck if clock is None or item[0] != clock.key}
    return replace(book, struck=struck)


def _own(
    case: Case,
    act: str,
    actor: Actor,
    at: datetime,
    clocks: dict[str, Want],
    worn: frozenset[str],
    book: Book,
) -> set[Code]:
    result = case.results[-1] if case.results else None
    open_ones = [item for item in case.inquiries if item.outcome is None]
    match act:
        case "start_publicity":
            return _unit_checks(case)
        case "finish_publicity":
            held = any(
                item.kind is InquiryKind.OBJECTION and item.raised_in is S.UNIT_PUBLICITY
                for item in open_ones
            )
            return (
                _floor(clocks.get("unit_publicity"), at)
                | ({C.INQUIRY_OPEN} if held else set())
                | _unit_checks(case)
            )
        case "return_for_correction" | "override_return":
            return _return(case, at, clocks)
        case "resubmit":
            if case.stage is S.CHAIN_REVIEW and not _ran_out_since(case, at, book):
                return {C.WRONG_STAGE}
            in_chain = case.stage in (S.CHAIN_CORRECTION, S.CHAIN_REVIEW)
            to_unit = in_chain and case.returns[-1].to == "unit"
            return set() if ("unit" if to_unit else "applicant") in worn else {C.NOT_ENTITLED}
        case "accept":
            return _review(case, at, clocks) | (
                {C.CHECK_OPEN} if case.checks else _retired(case, at)
            )
        case "fail_audit":
            most = case.policy.corrections.committee_max_submissions
            return set() if most is not None and case.submissions >= most else {C.WRONG_STAGE}
        case "declare_abandoned":
            return set() if _uncured(case, at, book) else {C.NOT_LATE}
        case "send_pay_notice":
            if at < midnight_before(case.policy.windows.payment.starts_on):
                return {C.WINDOW_NOT_OPEN}
            clock = clocks.get("payment_window")
            return {C.ALREADY_DECIDED} if clock is not None and not clock.struck else set()
        case "record_payment":
            end = case.end
            gone = end is not None and (
                end.name is not EndName.PAYMENT_MISSED or end.closes_at is None
            )
            return {C.ALREADY_DECIDED} if gone else set()
        case "reinstate":
            return _reinstate(case, at)
        case "leave_meeting":
            return set() if case.meeting else {C.MEETING_NOT_SET}
        case "open_review":
            found = set() if case.meeting_on else {C.MEETING_NOT_SET}
            if any(item.holds_review for item in open_ones):
                found.add(C.INQUIRY_OPEN)
            exclusion = any(
                check.key == "retired" or check.key.startswith("bar:") for check in case.checks
            )
            return found | ({C.CHECK_OPEN} if exclusion else _retired(case, at))
        case "record_result":
            held = any(item.raised_in is S.IN_REVIEW for item in open_ones)
            return {C.INQUIRY_OPEN} if held else set()
        case "report_results":
            return {C.ALREADY_DECIDED} if result and result.reported_on else set()
        case "post_results":
            return {C.ALREADY_DECIDED} if result and result.posted_on else set()
        case "send_for_confirmation":
            if confirmed_by(case) != "city":
                return {C.WRONG_STAGE}
            return _floor(clocks.get("result_publicity"), at) | _inquiry(open_ones)
        case "reply_to_entrusting_unit" | "file_for_record":
            wanted_by = "entrusting" if act == "reply_to_entrusting_unit" else "own"
            if wanted_by == "entrusting" and not entrusted(case):
                return {C.WRONG_STAGE}
            if wanted_by == "own" and not own_committee(case):
                return {C.WRONG_STAGE}
            return _answers_itself(case, at, clocks) | _inquiry(open_ones)
        case "confirm":
            if confirmed_by(case) != "city":
                return {C.WRONG_STAGE}
            untold = case.stage is S.RESULT_RECORDED and (
                result is None or result.result is Result.PASSED or result.posted_on is None
            )
            return ({C.WRONG_STAGE} if untold else set()) | _inquiry(open_ones)
        case "request_recheck":
            if result is None:
                return {C.WRONG_STAGE}
            found = {C.RECHECK_REPEATED} if result.recheck_asked_on else set()
            end = case.end
            if end is not None and end.name not in (EndName.COMPLETED, EndName.NOT_PASSED):
                found.add(C.ALREADY_DECIDED)
            return found
        case "forward_confirmation":
            if confirmed_by(case) != "city":
                return {C.WRONG_STAGE} | _untitled(case)
            return _untitled(case) | ({C.ALREADY_DECIDED} if case.forwarded_on else set())
        case "confirm_printed":
            return _untitled(case) | ({C.ALREADY_DECIDED} if case.printed_on else set())
        case "confirm_archived":
            both = len(set(case.archived)) == 2
            return _untitled(case) | ({C.ALREADY_DECIDED} if both else set())
        case "revoke":
            titled = any(
                item.result is Result.PASSED and item.effective_on for item in case.results
            )
            if not titled:
                return {C.WRONG_STAGE}
            gone = case.end is not None and case.end.name is EndName.REVOKED
            return {C.ALREADY_DECIDED} if gone else set()
        case "withdraw":
            assert case.arrived_at is not None
            begun = case.stage is S.IN_REVIEW and at >= case.arrived_at
            return {C.WRONG_STAGE} if case.results or begun else set()
        case "urge":
            return _urge(case, at)
        case "extend_deadline":
            return _extend(case, actor, at, clocks, worn)
        case "set_aside":
            undo = case.undo
            if undo is None:
                return {C.NOTHING_TO_SET_ASIDE}
            own = own_and_fresh(case, actor, at) or "office" in worn
            lost = case.end is None and _cutoff_met_since(case, undo, at, book)
            lost = lost or found_after_its_end(case)
            return {C.NOTHING_TO_SET_ASIDE} if lost or not own else set()
        case "confirm_request":
            return _confirming(case, actor, at)
        case "respond_to_inquiry":
            waiting = [item for item in open_ones if not item.answered]
            return set() if waiting or found_unheard(case, at) else {C.NOT_FOUND}
        case "hold_review":
            if not open_ones:
                return {C.NOT_FOUND}
            held = any(may_hold(item, worn) for item in open_ones)
            return set() if held else {C.NOT_ENTITLED}
        case "conclude_inquiry":
            if not open_ones:
                return {C.NOT_FOUND}
            mine = any(its_body(case, item, actor, worn) for item in open_ones)
            return set() if mine else {C.NOT_ENTITLED}
        case "record_manual_check":
            if not case.checks:
                return {C.NOT_FOUND}
            own = "office" in worn or any(check.body == "unit" for check in case.checks)
            return set() if own else {C.NOT_ENTITLED}
        case "raise_objection":
            hangs = case.stage in (S.UNIT_PUBLICITY, S.RESULT_PUBLICITY)
            late = set() if hangs or objection_in(case, at, clocks) else {C.WRONG_STAGE}
            return late | _too_many(case, actor, at)
        case "file_complaint":
            return _too_many(case, actor, at)
        case "amend":
            closed = case.end is not None and case.end.closes_at is None
            return {C.ALREADY_DECIDED} if closed else set()
        case _:
            return set()


def _cutoff_met_since(case: Case, undo: Undo, at: datetime, book: Book) -> bool:
    """Taken back after the cutoff, what had reached the committee before it would lapse at once."""
    had_not = json.loads(undo.before).get("reached_committee_at", "") is None
    if case.reached_committee_at is None or not had_not or case.submitted_at is None:
        return False
    cutoff = ("chain_cutoff", case.submitted_at)
    return cutoff not in book.struck and at > book.told[cutoff][1]


def _ran_out_since(case: Case, at: datetime, book: Book) -> bool:
    """Corrected before its end, and heard after the term had brought the case back to its level."""
    given = case.returns[-1] if case.returns else None
    if given is None or (given.level, given.chain_index) != ("chain", case.chain_index):
        return False
    term = ("chain_correction", given.at)
    return term in book.struck and at <= book.told[term][1]


def found_unheard(case: Case, at: datetime) -> list[Inquiry]:
    """Found true though the applicant had answered in time, which came after the finding."""
    return [
        item
        for item in case.inquiries
        if item.outcome == "substantiated"
        and not (item.answered or item.not_of_applicant)
        and item.heard_until is not None
        and at <= midnight_after(item.heard_until)
    ]


def takes_two(case: Case, act: str, stated: Mapping[str, Any]) -> bool:
    """What one person alone may not do on a case, beside taking back what another did (办理口径10)."""
    match act:
        case "override_return":
            return True
        case "extend_deadline":
            return stated["rule"] in ("chain_cutoff", "intake_duty", "payment_window")
        case "record_manual_check":
            barred = stated["check"] == "retired" or stated["check"].startswith("bar:")
            return barred and bool(stated.get("satisfied", True))
        case _:
            return False


def _confirming(case: Case, actor: Actor, at: datetime) -> set[Code]:
    """Another human than the one who asked, within 48 hours (办理口径10)."""
    if not case.asked:
        return {C.NOT_FOUND}
    still = [item for item in case.asked if at < item.at + timedelta(hours=48)]
    if not still:
        return {C.REQUEST_EXPIRED}
    others = [item for item in still if item.by.human != actor.human]
    return set() if others else {C.SECOND_PERSON_REQUIRED}


def entrusted(case: Case) -> bool:
    """委托评审."""
    return case.facts.entrusted or case.route.value == "resident_branch"


def own_committee(case: Case) -> bool:
    """自主评审 by the unit's own committee."""
    return case.facts.self_evaluating and case.policy.self_evaluating.destination == "own"


def confirmed_by(case: Case) -> str:
    """Who brings the result into effect."""
    return "entrusting" if entrusted(case) else "own" if own_committee(case) else "city"


def own_and_fresh(case: Case, actor: Actor, at: datetime) -> bool:
    """Whether the last act is this person's own of minutes ago."""
    undo = case.undo
    minutes = timedelta(minutes=case.policy.limits.set_aside_minutes)
    return undo is not None and undo.person == actor.person and at <= undo.at + minutes


def its_body(case: Case, item: Inquiry, actor: Actor, worn: frozenset[str]) -> bool:
    """Whose inquiry it is: the unit's, which its superior may take over, or the office's; of who is
    accused it is never, nor of who raised it."""
    if "meeting" in worn:
        return item.body == "office"
    if item.by and actor.person == item.by:
        return False
    unit = case.places[0].organisation
    if item.body == "unit":
        return actor.organisation in (unit, superior_of(case, unit))
    return actor.organisation == inquirer_of(case, item)


def may_hold(item: Inquiry, worn: frozenset[str]) -> bool:
    """The office says whether the ballot waits, 市职改办 where the office is the accused."""
    return ("city" if item.body == "city_office" else "office") in worn


def inquirer_of(case: Case, item: Inquiry) -> str:
    """The organisation that owes the finding (T3)."""
    unit = case.places[0].organisation
    return {
        "unit": unit,
        "superior": superior_of(case, unit),
        "office": office_of(case),
        "city_office": case.policy.committee.city_office,
    }[item.body]


def objection_in(case: Case, at: datetime, clocks: dict[str, Want]) -> Stage | None:
    """The publicity inside which something was made, the later one first (A30)."""
    for stage, posted, key in (
        (S.RESULT_PUBLICITY, case.result_publicity, "result_publicity"),
        (S.UNIT_PUBLICITY, case.unit_publicity, "unit_publicity"),
        *((S.UNIT_PUBLICITY, posted, "") for posted in case.taken_down),
    ):
        if posted is None or (at < posted.posted_at and not posted.restarts):
            continue
        clock = clocks.get(key)
        last = posted.over_at or (clock.ends_at if clock else midnight_after(posted.ends_on))
        if at <= last:
            return stage
    return None


def extendable(
    case: Case, actor: Actor, at: datetime, clocks: dict[str, Want], worn: frozenset[str]
) -> list[Want]:
    """The clocks that this person may give a later day now."""
    return [
        clock
        for clock in clocks.values()
        if not never(case, clock)
        and not (case.in_meeting and clock.rule.value in OF_A_MEETING)
        and may_extend(case, actor, worn, clock)
        and (clock.struck or clock.rule.value == "intake_duty" or at <= clock.ends_at)
    ]


def may_extend(case: Case, actor: Actor, worn: frozenset[str], clock: Want) -> bool:
    """The level that set the term; a printed day the office's supervisor; a duty who is above."""
    match clock.rule.value:
        case "unit_correction":
            return "unit" in worn
        case "chain_correction":
            set_by = case.places[1 + case.returns[-1].chain_index].organisation
            return actor.organisation == set_by and "applicant" not in worn
        case "chain_cutoff" | "intake_duty" | "payment_window":
            return "supervisor" in worn
        case "committee_correction" | "unit_publicity" | "result_publicity":
            return "office" in worn
        case _:
            return ("city" if owed_by(case, clock) == office_of(case) else "office") in worn


def owed_by(case: Case, clock: Want) -> str:
    """Whose duty it is."""
    match clock.rule.value:
        case "forwarding":
            return case.places[-1].organisation
        case "inquiry_duty":
            name = clock.key.partition(":")[2]
            return inquirer_of(case, next(item for item in case.inquiries if item.id == name))
        case _:
            return holder_of(case)


def never(case: Case, clock: Want) -> bool:
    """A right is the person's; nobody is above 市职改办."""
    if clock.rule.value in CITYWIDE:
        return True
    return clock.rule.value in DUTIES and owed_by(case, clock) == case.policy.committee.city_office


def furthest(case: Case, clock: Want, at: datetime) -> date:
    """The last day that all extensions together may reach (办理口径8)."""
    own, on = wanted(case, Book())[clock.key].ends_on, day_of(at)
    first = max(own, on) if clock.struck or at > clock.ends_at else own
    return after(case.calendar, first, AT_MOST.get(clock.rule.value, 20) + 1) - DAY


def _extend(
    case: Case, actor: Actor, at: datetime, clocks: dict[str, Want], worn: frozenset[str]
) -> set[Code]:
    if extendable(case, actor, at, clocks, worn):
        return set()
    open_ones = [clock for clock in clocks.values() if not never(case, clock)]
    if not open_ones:
        return {C.NOT_LATE}
    own = [
        clock for clock in open_ones if not (case.in_meeting and clock.rule.value in OF_A_MEETING)
    ]
    if not own:
        return {C.BY_MEETING}
    if any(may_extend(case, actor, worn, clock) for clock in own):
        return {C.WINDOW_CLOSED}
    return {C.NOT_ENTITLED}


def _unit_checks(case: Case) -> set[Code]:
    return {C.CHECK_OPEN} if any(check.body == "unit" for check in case.checks) else set()


def _floor(floor: Want | None, at: datetime) -> set[Code]:
    return {C.PUBLICITY_NOT_OVER} if floor is not None and at < floor.ends_at else set()


def _too_many(case: Case, actor: Actor, at: datetime) -> set[Code]:
    """Ten a day about one application, three of one person who is known."""
    today = [item for item in case.inquiries if item.received_on == day_of(at)]
    known = actor.role != "public"
    own = [item for item in today if known and item.by == actor.person]
    return {C.TOO_MANY_TODAY} if len(today) >= 10 or len(own) >= 3 else set()


def _inquiry(open_ones: list[Inquiry]) -> set[Code]:
    return {C.INQUIRY_OPEN} if open_ones else set()


def _retired(case: Case, at: datetime) -> set[Code]:
    on = case.facts.retirement_approved_on
    hit = on is not None and on <= day_of(at) and "retired" not in case.bars_cleared
    return {C.EXCLUDED_RETIRED} if hit else set()


def _review(case: Case, at: datetime, clocks: dict[str, Want]) -> set[Code]:
    window = case.policy.windows.review
    if at < midnight_before(window.starts_on):
        return {C.WINDOW_NOT_OPEN}
    duty = clocks.get("intake_duty")
    return {C.WINDOW_CLOSED} if duty is not None and at > duty.ends_at else set()


def _return(case: Case, at: datetime, clocks: dict[str, Want]) -> set[Code]:
    if case.stage is S.COMMITTEE_INTAKE:
        corrections = case.policy.corrections
        most = corrections.committee_max_submissions
        earlier = any(item.level == "committee" for item in case.returns)
        none_left = (most is not None and case.submissions >= most) or (
            earlier and not corrections.allow_second_return
        )
        found = {C.NO_RETURN_LEFT} if none_left else set()
        found |= _review(case, at, clocks)
        return found | _room(case, at, clocks.get("intake_duty"))
    found = {C.WRONG_STAGE} if case.going_up_again == "confirming" else set()
    return found | _room(case, at, clocks.get("chain_cutoff"))


def _room(case: Case, at: datetime, cap: Want | None) -> set[Code]:
    if cap is None:
        return set()
    left = between(case.calendar, day_of(at), cap.ends_on)
    needed = case.policy.corrections.min_full_working_days
    return {C.TERM_TOO_SHORT} if left < needed else set()


def _uncured(case: Case, at: datetime, book: Book) -> bool:
    if case.policy.corrections.committee_max_submissions is not None:
        return False
    given = [item for item in case.returns if item.level == "committee"]
    told = book.told.get(("committee_correction", given[-1].at)) if given else None
    return told is not None and day_of(at) > told[0]


def _reinstate(case: Case, at: datetime) -> set[Code]:
    end = case.end
    by_clock = (EndName.ABANDONED, EndName.LAPSED, EndName.PAYMENT_MISSED)
    if end is None:
        return {C.WRONG_STAGE}
    until = end.closes_at or end.listened_until
    if end.name not in by_clock or end.deadline is None:
        return {C.ALREADY_DECIDED if end.closes_at is None else C.WRONG_STAGE}
    over = until is None or at > until or found_after_its_end(case)
    return {C.ALREADY_DECIDED} if over else set()


def _answers_itself(case: Case, at: datetime, clocks: dict[str, Want]) -> set[Code]:
    result = case.results[-1]
    if result.result is Result.PASSED:
        if case.result_publicity is None:
            return {C.PUBLICITY_NOT_OVER}
        return _floor(clocks.get("result_publicity"), at)
    return {C.WRONG_STAGE} if result.posted_on is None else set()


def _untitled(case: Case) -> set[Code]:
    result = case.results[-1] if case.results else None
    if result is None or result.result is not Result.PASSED or result.effective_on is None:
        return {C.WRONG_STAGE}
    gone = case.end is not None and case.end.name is EndName.REVOKED
    return {C.ALREADY_DECIDED} if gone else set()


def _urge(case: Case, at: datetime) -> set[Code]:
    holder = holder_of(case)
    if holder == APPLICANT:
        return {C.WRONG_STAGE}
    last = case.urged.get(holder)
    if last is None:
        return set()
    free = after(case.calendar, last, case.policy.limits.urge_every_working_days)
    return {C.URGE_TOO_SOON} if day_of(at) < free else set()


def too_old(case: Case, acted_at: datetime | None, now: datetime, actor: Actor) -> bool:
    """Whether a stamp is refused: ahead of the clock, or older than a delivery takes."""
    if acted_at is None:
        return False
    if acted_at > now + timedelta(seconds=60):
        return True
    if actor.role == "meeting" or now - acted_at <= timedelta(days=1):
        return False
    days = between(case.calendar, day_of(acted_at), day_of(now))
    return days > case.policy.limits.late_delivery_working_days


def beijing(moment: datetime) -> datetime:
    """The same instant on Beijing's clock."""
    return moment.astimezone(BEIJING)
