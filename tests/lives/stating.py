"""What an act states: a well-formed payload made for the case as it is, or one with a known flaw.

A flaw is the code with which the act must be refused where the act itself is offered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from tests.lives.law.clocks import Book, Want, wanted
from tests.lives.law.days import (
    UnpublishedYear,
    after,
    between,
    day_of,
    midnight_after,
    midnight_before,
)
from tests.lives.law.gates import (
    UNTIL_THE_CUTOFF,
    as_if_in_time,
    extendable,
    found_unheard,
    furthest,
    its_body,
    may_hold,
    own_and_fresh,
    reasons,
    reopened,
    reopens,
)
from tests.lives.people import hats
from workflows.application.case import Case
from workflows.rules.names import DeadlineKind, InquiryOutcome, Result, Stage
from workflows.rules.refusals import Code
from workflows.writer.messages import Actor

DAY = timedelta(days=1)
C = Code
AGAINST_A_BODY = 0.2
"""How many objections are against the unit or the office itself."""


@dataclass(frozen=True)
class Stated:
    """A payload, and the codes with which it must be refused; none where it is sound."""

    payload: dict[str, Any] = field(default_factory=dict)
    flaws: frozenset[Code] = frozenset()


@dataclass(frozen=True)
class Asking:
    """For whom a payload is made."""

    case: Case
    act: str
    actor: Actor
    at: datetime
    now: datetime
    """When it is heard."""
    clocks: dict[str, Want]
    book: Book
    worn: frozenset[str]
    rng: Random
    sound: bool
    """Only what must be accepted."""

    @property
    def on(self) -> date:
        """The day of the act."""
        return day_of(self.at)

    def flawed(self, chance: float = 0.12) -> bool:
        """Whether this one is to have its flaw."""
        return not self.sound and self.rng.random() < chance


def state(
    case: Case,
    act: str,
    actor: Actor,
    at: datetime,
    book: Book,
    rng: Random,
    *,
    sound: bool,
    now: datetime,
) -> Stated:
    """A payload for an act as of an instant.

    Args:
        sound: never one with a flaw.
        now: when it is heard.
    """
    end = case.end
    if end is not None and reopens(case, act, at):
        case, book = reopened(case), as_if_in_time(end, book)
    clocks, worn = wanted(case, book), hats(case, actor)
    asking = Asking(case, act, actor, at, now, clocks, book, worn, rng, sound)
    if asking.flawed(0.04):
        return _junk(act, rng)
    made = _MADE.get(act)
    return made(asking) if made else Stated({"note": "备注"} if rng.random() < 0.2 else {})


def _junk(act: str, rng: Random) -> Stated:
    junk: list[dict[str, Any]] = [
        {"no_such_field": 1},
        {"note": 5, "reason": [1]},
        {"": None},
        {"days": "三天", "ends_on": "昨天", "extra": {}},
    ]
    return Stated(rng.choice(junk), frozenset({C.MALFORMED_PAYLOAD}))


def _reason(asking: Asking) -> Stated:
    if asking.flawed():
        return Stated({"reason": asking.rng.choice(["", "  "])}, frozenset({C.REASON_REQUIRED}))
    return Stated({"reason": "情况说明"})


def _any_reason(asking: Asking) -> Stated:
    return Stated({"reason": "说明"} if asking.rng.random() < 0.7 else {})


def _posting(asking: Asking) -> Stated:
    again = {"reason": "更正公示内容"}
    if asking.flawed():
        day = asking.on + DAY * asking.rng.choice([-3, -1, 1, 2])
        return Stated({"posted_on": str(day), **again}, frozenset({C.DATE_NOT_ALLOWED}))
    stated: dict[str, Any] = {"posted_on": str(asking.on)} if asking.rng.random() < 0.5 else {}
    return Stated(stated | again)


def _posting_anew(asking: Asking) -> Stated:
    if asking.flawed():
        return Stated({}, frozenset({C.REASON_REQUIRED}))
    return _posting(asking)


def _returning(asking: Asking) -> Stated:
    case, rng = asking.case, asking.rng
    at_committee = case.stage is Stage.COMMITTEE_INTAKE
    items: list[dict[str, Any]] = [{"text": "证明缺页", "subject": rng.choice(["", "fact:papers"])}]
    earlier = [given for given in case.returns if given.level == "committee"]
    if at_committee and earlier:
        bound = [item.id for given in earlier for item in given.items] + ["new_material:f1"]
        items[0]["refers_to"] = rng.choice(bound)
    highest = None if at_committee else 5
    flaws: set[Code] = set()
    days = rng.choice([None, 1, 2, 3, 5] if highest else [None, 1, 3, 5, 8])
    if asking.flawed(0.35 if at_committee and earlier else 0.12):
        which = rng.choice([0, 1, 2, 2, 2, 2]) if at_committee and earlier else rng.randrange(3)
        if which == 0:
            items, flaws = [], {C.ITEMS_REQUIRED}
        elif which == 1:
            days, flaws = rng.choice([0, -1, 6] if highest else [0, -2]), {C.TERM_OUT_OF_RANGE}
        elif at_committee and earlier:
            items[0]["refers_to"], flaws = "没有这一项", {C.NEW_DEFECT}
    flaws |= _no_time_left(asking)
    stated: dict[str, Any] = {"items": items}
    if days is not None:
        stated["days"] = days
    if case.stage is Stage.CHAIN_REVIEW and rng.random() < 0.5:
        stated["to"] = rng.choice(["applicant", "unit"])
    return Stated(stated, frozenset(flaws))


def _overriding(asking: Asking) -> Stated:
    stated = {"items": [{"text": "另有缺项"}], "reason": "首次告知有遗漏", "days": 2}
    if asking.flawed():
        return Stated(stated | {"reason": ""}, frozenset({C.REASON_REQUIRED}))
    return Stated(stated, _no_time_left(asking))


def _no_time_left(asking: Asking) -> frozenset[Code]:
    """A return that is heard when it cannot leave a full working day any more."""
    at_committee = asking.case.stage is Stage.COMMITTEE_INTAKE
    cap = asking.clocks.get("intake_duty" if at_committee else "chain_cutoff")
    if cap is None:
        return frozenset()
    left = between(asking.case.calendar, day_of(asking.now), cap.ends_on)
    short = left < asking.case.policy.corrections.min_full_working_days
    return frozenset({C.TERM_TOO_SHORT} if short else ())


def _resubmitting(asking: Asking) -> Stated:
    case, rng = asking.case, asking.rng
    given = case.returns[-1] if case.returns else None
    stated: dict[str, Any] = {"note": "已补正"}
    known = [item.id for item in case.facts.achievements]
    hung = case.unit_publicity is not None and case.unit_publicity.over_at is not None
    if rng.random() < 0.3 and known:
        stated["files"] = [{"file": "f9", "kind": "contract", "achievement": rng.choice(known)}]
    subjects = {item.subject for item in given.items} if given else set()
    if "" in subjects and rng.random() < 0.25:
        stated["changes"] = {"profession": "数据工程"}
    if asking.flawed(0.2):
        if hung and rng.random() < 0.5:
            added = [{"file": "f8", "achievement": "no-such"}]
            return Stated(stated | {"files": added}, frozenset({C.UNPUBLICISED_FILE}))
        fixed = {"changes": {rng.choice(["route", "employer", "level"]): "other"}}
        return Stated({"note": "改道"} | fixed, frozenset({C.CORRECTION_NOT_ASKED}))
    return Stated(stated)


def _objecting(asking: Asking) -> Stated:
    if asking.flawed():
        return Stated({"text": " "}, frozenset({C.REASON_REQUIRED}))
    stated: dict[str, Any] = {"text": "材料不实"}
    against = asking.rng.random()
    if against < AGAINST_A_BODY:
        stated |= (
            {"against_unit": True} if against < AGAINST_A_BODY / 2 else {"against_office": True}
        )
    return Stated(stated)


def _accepting(asking: Asking) -> Stated:
    return Stated({"number": "SL-1"} if asking.rng.random() < 0.5 else {})


def _refusing(asking: Asking) -> Stated:
    grounds = ["not_qualified", "out_of_scope", "wrong_procedure"]
    stated = {"ground": asking.rng.choice(grounds), "reason": "不属于受理范围"}
    if asking.flawed():
        return Stated(stated | {"reason": ""}, frozenset({C.REASON_REQUIRED}))
    if asking.flawed():
        return Stated(stated | {"ground": "busy"}, frozenset({C.MALFORMED_PAYLOAD}))
    return Stated(stated)


def _pay_notice(asking: Asking) -> Stated:
    case, rng = asking.case, asking.rng
    window, payment = case.policy.windows.payment, case.policy.payment
    on = day_of(asking.now)
    left = between(case.calendar, on, window.ends_on) if on < window.ends_on else 0
    opening = asking.at == midnight_before(window.starts_on) and on == window.starts_on
    own = not opening and left < payment.min_full_working_days
    printed = after(case.calendar, on, payment.own_term) if own else window.ends_on
    if asking.flawed():
        day = printed - DAY * rng.choice([1, 2])
        return Stated({"ends_on": str(day)}, frozenset({C.DATE_NOT_ALLOWED}))
    if rng.random() < 0.4:
        later = rng.choice([0, 1, 3, 6])
        stated = {"ends_on": str(printed + DAY * later)}
        if not later or "supervisor" in asking.worn:
            return Stated(stated)
        if not asking.sound:  # a later day than the printed one is the supervisor's to allow
            return Stated(stated, frozenset({C.NOT_ENTITLED}))
    return Stated({})


def _paying(asking: Asking) -> Stated:
    case, rng = asking.case, asking.rng
    number = len(case.payments) + 1
    stated: dict[str, Any] = {
        "transaction": f"T-{number}",
        "yuan": rng.choice([case.fee, case.fee, case.fee, case.fee // 2, case.fee + 10]),
        "paid_at": _paid_at(asking).isoformat(),
    }
    if asking.flawed(0.08):
        later = asking.at + timedelta(seconds=rng.choice([61, 3600]))
        return Stated(stated | {"paid_at": later.isoformat()}, frozenset({C.DATE_NOT_ALLOWED}))
    if case.payments and asking.flawed(0.15):
        known = case.payments[-1]
        same = {"transaction": known.transaction, "yuan": known.yuan + 1}
        return Stated(stated | same, frozenset({C.DUPLICATE_CONFLICT}))
    if case.payments and rng.random() < 0.1:
        known = case.payments[-1]
        return Stated(stated | {"transaction": known.transaction, "yuan": known.yuan})
    return Stated(stated)


def _paid_at(asking: Asking) -> datetime:
    case, rng = asking.case, asking.rng
    clock = asking.clocks.get("payment_window")
    end = clock.ends_at if clock else None
    if case.end is not None and case.end.deadline is not None:
        end = case.end.deadline.ends_at
    if end is not None and end <= asking.at and rng.random() < 0.7:
        return min(end + timedelta(seconds=rng.choice([-120, 0, 0, 1, 3600])), asking.at)
    return asking.at - timedelta(minutes=rng.choice([0, 5, 600]))


def _assigning(asking: Asking) -> Stated:
    rng = asking.rng
    by_meeting = "meeting" in asking.worn
    name = asking.actor.person.partition(":")[2] if by_meeting else "十二月评审会"
    stated = {"meeting": name, "meeting_on": str(asking.on + DAY * rng.choice([0, 1, 5, 12]))}
    if asking.flawed():
        day = asking.on - DAY
        return Stated(stated | {"meeting_on": str(day)}, frozenset({C.DATE_NOT_ALLOWED}))
    if not by_meeting and asking.flawed():
        return Stated(stated | {"meeting": "meeting-0190"}, frozenset({C.NOT_ENTITLED}))
    return Stated(stated)


def _result(asking: Asking) -> Stated:
    case, rng = asking.case, asking.rng
    chosen = rng.choices([Result.PASSED, Result.NOT_PASSED, Result.DEFERRED], weights=[64, 26, 10])[
        0
    ]
    opened = case.opened_on
    day = asking.on - DAY * rng.choice([0, 0, 0, 1, 4])
    if opened is not None and day < opened <= asking.on:
        day = opened
    if asking.flawed():
        day = asking.on + DAY
    elif opened is not None and asking.flawed():
        day = opened - DAY
    patient = "meeting" in asking.worn
    flaws = _outside(asking, day, opened, however_old=patient)
    return Stated({"result": chosen.value, "meeting_ended_on": str(day)}, flaws)


def _outside(
    asking: Asking, day: date, earliest: date | None = None, *, however_old: bool = False
) -> frozenset[Code]:
    """A day outside the platform: not to come, not before what it follows, not long past."""
    wrong = day > asking.on or (earliest is not None and day < earliest)
    old = not however_old and _too_far(asking, day)
    return frozenset({C.DATE_NOT_ALLOWED} if wrong or old else ())


def _too_far(asking: Asking, day: date) -> bool:
    limit = asking.case.policy.limits.back_dating_working_days
    return day < asking.on and between(asking.case.calendar, day, asking.on) > limit


def _reporting(asking: Asking) -> Stated:
    earliest = asking.case.results[-1].meeting_ended_on if asking.case.results else None
    day = asking.on
    if asking.flawed():
        day = asking.on + DAY
    elif earliest is not None and asking.flawed():
        day = earliest - DAY
    stated = {"reported_on": str(day)} if day != asking.on or asking.rng.random() < 0.4 else {}
    return Stated(stated, _outside(asking, day, earliest))


def _issuing(asking: Asking) -> Stated:
    case, rng = asking.case, asking.rng
    day = asking.on
    earliest = _issued_since(case, confirming=asking.act == "confirm")
    if rng.random() < 0.4 and earliest is not None:
        day = max(earliest, asking.on - DAY * rng.choice([1, 2, 5]))
        day = asking.on if day > asking.on else day
    if asking.flawed():
        day = asking.on + DAY
    elif earliest is not None and asking.flawed():
        day = earliest - DAY
    number = f"渝职改〔2024〕{rng.randrange(1, 99)}号"
    return Stated({"issued_on": str(day), "number": number}, _outside(asking, day, earliest))


def _issued_since(case: Case, *, confirming: bool) -> date | None:
    result = case.results[-1] if case.results else None
    if case.stage is Stage.AWAITING_CONFIRMATION and case.sent_for_confirmation_at:
        return day_of(case.sent_for_confirmation_at)
    if result is None:
        return None
    if case.stage is Stage.RESULT_RECORDED:
        return result.meeting_ended_on if confirming else result.posted_on
    return case.result_publicity.ends_on if case.result_publicity else None


def _rechecking(asking: Asking) -> Stated:
    case, rng = asking.case, asking.rng
    right = asking.clocks.get("recheck")
    ends_at, ends_on = (right.ends_at, right.ends_on) if right else (None, None)
    if right is None and case.end is not None and case.end.deadline is not None:
        ends_at, ends_on = case.end.deadline.ends_at, case.end.deadline.ends_on
    stated: dict[str, Any] = {"text": "评审漏看材料"}
    early = ends_at is None and case.end is None
    judged_on = case.results[-1].meeting_ended_on if case.results else None
    if judged_on is not None and asking.on < judged_on:  # nobody asks before there is a result
        return Stated(stated, frozenset({C.DATE_NOT_ALLOWED}))
    if asking.flawed():
        later = {"dispatched_on": str(asking.on + DAY)}
        return Stated(stated | later, frozenset({C.DATE_NOT_ALLOWED}))
    if early:
        effective = case.results[-1].effective_on if case.results else None
        return Stated(stated, frozenset({C.RECHECK_TOO_LATE} if effective else ()))
    if ends_at is None or ends_on is None:
        return Stated(stated, frozenset({C.RECHECK_TOO_LATE}))
    if asking.at <= ends_at and rng.random() < 0.8:
        return Stated(stated)
    day = min(asking.on, ends_on + DAY * rng.choice([0, 0, 0, 1]))
    limit = case.policy.limits.back_dating_working_days
    start = day_of(midnight_after(ends_on))
    travelled = between(case.calendar, start, asking.on) if asking.on > start else 0
    late = midnight_after(day) > ends_at or travelled > limit
    flaws = frozenset({C.RECHECK_TOO_LATE} if late else ())
    return Stated(stated | {"dispatched_on": str(day)}, flaws)


def _deciding(asking: Asking) -> Stated:
    decision = asking.rng.choice(["upheld", "upheld", "reassess"])
    if asking.flawed():
        return Stated({"decision": decision}, frozenset({C.REASON_REQUIRED}))
    return Stated({"decision": decision, "reason": "复查说明"})


def _forwarding(asking: Asking) -> Stated:
    earliest = asking.case.results[-1].effective_on if asking.case.results else None
    day = asking.on
    if asking.flawed():
        day = asking.on + DAY
    elif earliest is not None and asking.flawed():
        day = earliest - DAY
    stated = {} if day == asking.on else {"forwarded_on": str(day)}
    return Stated(stated, _outside(asking, day, earliest))


def _archiving(asking: Asking) -> Stated:
    left = [copy for copy in ("personal", "unit") if copy not in asking.case.archived]
    if asking.case.archived and (asking.flawed() or not left):
        stated = {"copy_in": asking.case.archived[0]}
        return Stated(stated, frozenset({C.ALREADY_DECIDED}))
    return Stated({"copy_in": asking.rng.choice(left or ["unit"])})


def _setting_aside(asking: Asking) -> Stated:
    own = own_and_fresh(asking.case, asking.actor, asking.at)
    if asking.flawed():
        return Stated({"reason": ""}, frozenset({C.REASON_REQUIRED}))
    if not own and asking.flawed():
        second = asking.rng.choice(["", asking.actor.person])
        stated = {"reason": "误操作", "second_person": second}
        return Stated(stated, frozenset({C.SECOND_PERSON_REQUIRED}))
    return Stated({"reason": "误操作"} | ({} if own else {"second_person": "另一经办人"}))


def _concluding(asking: Asking) -> Stated:
    case, rng = asking.case, asking.rng
    open_ones = [item for item in case.inquiries if item.outcome is None]
    mine = [item for item in open_ones if its_body(case, item, asking.actor, asking.worn)]
    chosen = rng.choice(mine or open_ones) if open_ones else None
    name = chosen.id if chosen else "1"
    outcomes = [InquiryOutcome.UNFOUNDED, InquiryOutcome.UNFOUNDED, InquiryOutcome.NOT_HANDLED]
    outcome = rng.choice([*outcomes, InquiryOutcome.SUBSTANTIATED, InquiryOutcome.SUBSTANTIATED])
    flaws: set[Code] = set()
    if chosen is not None and outcome is InquiryOutcome.SUBSTANTIATED:
        hearing = asking.clocks.get(f"inquiry_response:{chosen.id}")
        until = hearing.ends_on if hearing else chosen.heard_until
        if not chosen.answered and (until is None or asking.on <= until):
            if asking.sound:
                outcome = InquiryOutcome.UNFOUNDED
            else:
                flaws = {C.NOT_HEARD}
    stated: dict[str, Any] = {"inquiry": name, "outcome": outcome.value, "reason": "核查结论"}
    if outcome is InquiryOutcome.SUBSTANTIATED and rng.random() < 0.2:
        stated["not_of_applicant"] = True
        flaws = set()  # nothing is found against the applicant: nobody has to be heard before
    if asking.flawed(0.06):
        return Stated(stated | {"reason": ""}, frozenset({C.REASON_REQUIRED}))
    if asking.flawed(0.06):
        return Stated(stated | {"inquiry": "99"}, frozenset({C.NOT_FOUND}))
    if not flaws and len(open_ones) == 1 and rng.random() < 0.3:
        del stated["inquiry"]
    return Stated(stated, frozenset(flaws))


def _responding(asking: Asking) -> Stated:
    waiting = [item for item in asking.case.inquiries if item.outcome is None and not item.answered]
    waiting += found_unheard(asking.case, asking.at)
    name = asking.rng.choice(waiting).id if waiting else "1"
    if asking.flawed():
        return Stated({"inquiry": name}, frozenset({C.REASON_REQUIRED}))
    if asking.flawed():
        return Stated({"inquiry": "99", "text": "说明"}, frozenset({C.NOT_FOUND}))
    return Stated({"inquiry": name, "text": "本人说明"})


def _holding(asking: Asking) -> Stated:
    open_ones = [item for item in asking.case.inquiries if item.outcome is None]
    mine = [item for item in open_ones if may_hold(item, asking.worn)]
    name = asking.rng.choice(mine or open_ones).id if open_ones else "1"
    return Stated({"inquiry": name, "hold": asking.rng.random() < 0.7})


def _extending(asking: Asking) -> Stated:
    case, rng = asking.case, asking.rng
    able = extendable(case, asking.actor, asking.at, asking.clocks, asking.worn)
    roomy = [
        clock for clock in able if _last_possible(asking, clock) >= _first_possible(asking, clock)
    ]
    if not roomy:
        # What is offered has no day left before the cutoff: a hollow offer, see KNOWN.
        return Stated(
            {"rule": "chain_duty", "ends_on": str(asking.on), "reason": "需要时间"},
            frozenset(
                {C.DATE_NOT_ALLOWED, C.NOT_LATE, C.NOT_ENTITLED, C.WINDOW_CLOSED, C.BY_MEETING}
            ),
        )
    clock = rng.choice(roomy)
    first, last = _first_possible(asking, clock), _last_possible(asking, clock)
    day = min(last, first + DAY * rng.choice([0, 0, 1, 2, 4, 7]))
    stated = {"rule": clock.key, "ends_on": str(day), "reason": "需要时间"}
    if asking.flawed(0.08):
        return Stated(stated | {"reason": ""}, frozenset({C.REASON_REQUIRED}))
    if asking.flawed():
        return Stated(stated | {"ends_on": str(clock.ends_on)}, frozenset({C.DATE_NOT_ALLOWED}))
    if asking.flawed(0.6):
        return Stated(stated | {"ends_on": str(last + DAY)}, frozenset({C.DATE_NOT_ALLOWED}))
    if asking.flawed():
        return Stated(stated | {"rule": "recheck"}, frozenset({C.NOT_LATE}))
    return Stated(stated)


def _first_possible(asking: Asking, clock: Want) -> date:
    later = clock.ends_on + DAY
    return max(later, asking.on) if clock.struck else later


def _last_possible(asking: Asking, clock: Want) -> date:
    cutoff, calendar = asking.clocks.get("chain_cutoff"), asking.case.calendar
    try:
        last = furthest(asking.case, clock, asking.at)
        if clock.rule not in UNTIL_THE_CUTOFF or cutoff is None or cutoff.struck:
            return last
        if clock.kind is DeadlineKind.FLOOR:  # a working day is left to finish it on
            return min(last, after(calendar, cutoff.ends_on + DAY, -1) - DAY)
        return min(last, cutoff.ends_on)
    except UnpublishedYear:
        return clock.ends_on


def _confirming(asking: Asking) -> Stated:
    """What was asked for just now is agreed to; what lies a while back is not, whatever it was."""
    case, rng = asking.case, asking.rng
    others = [
        item
        for item in case.asked
        if item.by.human != asking.actor.human and asking.at < item.at + timedelta(hours=48)
    ]
    if not others:
        return Stated({})
    chosen = rng.choice(others)
    named = {"request": chosen.id}
    if asking.flawed():
        return Stated(named | {"request": "99"}, frozenset({C.NOT_FOUND}))
    of_a_step = chosen.action == "set_aside"
    if int(chosen.id) != case.seq and not of_a_step:
        return Stated(named | {"agree": False, "reason": "不予确认"})
    if asking.sound and rng.random() < 0.2:
        return Stated(named | {"agree": False})
    against = set(reasons(case, chosen.action, chosen.by, asking.at, asking.book))
    if not against and of_a_step:
        assert case.undo is not None
        moved_on = case.undo.seq != chosen.payload["step"]
        against = {C.NOTHING_TO_SET_ASIDE} if moved_on else set()
    if not against and chosen.action == "override_return":
        against |= _no_time_left(asking)
    if against and asking.sound:
        return Stated(named | {"agree": False})
    return Stated(named, frozenset(against))


def _disqualifying(asking: Asking) -> Stated:
    stated = {"clause": "一（五）", "reason": "已退休"}
    if asking.flawed():
        return Stated(stated | {"reason": ""}, frozenset({C.REASON_REQUIRED}))
    if asking.flawed():
        return Stated({"reason": "已退休"}, frozenset({C.MALFORMED_PAYLOAD}))
    return Stated(stated)


def _checking(asking: Asking) -> Stated:
    case, rng = asking.case, asking.rng
    every = "office" in asking.worn
    mine = [check for check in case.checks if every or check.body == "unit"]
    key = rng.choice(mine).key if mine else "none"
    if asking.flawed():
        return Stated({"check": "没有"}, frozenset({C.NOT_FOUND}))
    if asking.flawed():
        return Stated({"check": key, "satisfied": False}, frozenset({C.REASON_REQUIRED}))
    foreign = [check.key for check in case.checks if not every and check.body != "unit"]
    if foreign and asking.flawed(0.3):
        return Stated({"check": foreign[0], "note": "已核"}, frozenset({C.NOT_ENTITLED}))
    return Stated({"check": key, "satisfied": rng.random() < 0.8 or asking.sound, "note": "已核"})


_MADE: dict[str, Callable[[Asking], Stated]] = {
    "start_publicity": _posting,
    "restart_publicity": _posting_anew,
    "post_results": _posting,
    "return_for_correction": _returning,
    "override_return": _overriding,
    "resubmit": _resubmitting,
    "raise_objection": _objecting,
    "file_complaint": _objecting,
    "accept": _accepting,
    "refuse": _refusing,
    "decline_recommendation": _reason,
    "reject": _reason,
    "fail_audit": _reason,
    "declare_abandoned": _reason,
    "reinstate": _reason,
    "leave_meeting": _any_reason,
    "send_back": _reason,
    "withdraw": _any_reason,
    "revoke": _reason,
    "send_pay_notice": _pay_notice,
    "record_payment": _paying,
    "assign_to_meeting": _assigning,
    "record_result": _result,
    "report_results": _reporting,
    "confirm": _issuing,
    "reply_to_entrusting_unit": _issuing,
    "file_for_record": _issuing,
    "request_recheck": _rechecking,
    "decide_recheck": _deciding,
    "forward_confirmation": _forwarding,
    "confirm_archived": _archiving,
    "set_aside": _setting_aside,
    "confirm_request": _confirming,
    "conclude_inquiry": _concluding,
    "respond_to_inquiry": _responding,
    "hold_review": _holding,
    "extend_deadline": _extending,
    "disqualify": _disqualifying,
    "record_manual_check": _checking,
    "amend": _any_reason,
    "nudge": lambda asking: Stated({"version": "v2"}),
}
