"""The clocks of a case, one row each: what starts it, where it runs, what cuts, extends and ends it.

`clocks_of` derives every running clock from the facts a case keeps; nobody opens or moves one by
hand. What the end of a clock does stands in `strikes.py`, what it is called in `rules/names.py`,
how long it is in the notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType

from workflows.application.case import Case, Return
from workflows.application.inquiring import NEAR, organisation_of
from workflows.application.parties import APPLICANT, holder
from workflows.rules.clocks import Start, running
from workflows.rules.deadlines import Deadline, closing_of
from workflows.rules.message import end_of, local_date
from workflows.rules.names import DeadlineKind, InquiryBody, Result, RuleName, Stage


class Striking(Enum):
    """What the end of a clock does to the case; a duty only reminds (decision 0005)."""

    NOTHING = "nothing"
    FLOOR_OVER = "floor_over"
    ABANDONED = "abandoned"
    BACK_TO_LEVEL = "back_to_level"
    CUTOFF = "cutoff"
    PAYMENT_MISSED = "payment_missed"
    RIGHT_OVER = "right_over"


class By(Enum):
    """Who may allow a later last day: who set the term, and never who owes what is due (办理口径8)."""

    NOBODY = "nobody"
    """Not even the office: a right is the person's, a bar its own decision."""
    UNIT = "unit"
    CHAIN = "chain"
    """The place that set this very term."""
    OFFICE = "office"
    SUPERVISOR = "supervisor"
    """A date that the notice prints: the office's supervisor."""
    ABOVE = "above"
    """A duty: the office, 市职改办 for what the office owes itself, nobody for what 市职改办 owes."""


TERM, PRINTED, FLOOR, DUTY = 30, 30, 10, 20
"""How many working days past its own end a clock of each kind may be extended in all (办理口径8)."""


@dataclass(frozen=True)
class Clock:
    """One clock of domain.md 3C.

    `runs_in`: its stages; None means any (an inquiry's). `starts`: what in the facts starts it.
    `cap`: the clock that cuts a computed term, shown under `cap_name`. `until`: the clock past
    whose end nobody extends it, because that end would strike first. `at_most`: by how many working
    days past its own end all extensions together may move it. `ends_under`: the notice's clause of
    the end it brings. `of_meeting`: reminds from the meeting that has the case, whose
    copy it is. `silent_in`: stages in which it runs and reminds nobody. `answers`: who does what
    is due, where that is not the case's holder. `owed_by`: whose duty it is, where that is not who
    is told of it.
    """

    rule: RuleName
    kind: DeadlineKind
    starts: Callable[[Case], Iterable[Start]]
    runs_in: frozenset[Stage] | None
    strikes: Striking = Striking.NOTHING
    ends_under: str = ""
    cap: RuleName | None = None
    cap_name: RuleName | None = None
    extended_by: By = By.ABOVE
    at_most: int = DUTY
    until: RuleName | None = None
    leads: bool = True
    of_meeting: bool = False
    silent_in: frozenset[Stage] = frozenset()
    answers: Callable[[Case, Deadline], str] | None = None
    owed_by: Callable[[Case, Deadline], str] | None = None


def clocks_of(case: Case) -> tuple[Deadline, ...]:
    """Every clock that runs, with its end as the facts have it now; the leading one first.

    Raises:
        Refused: `calendar_missing` naming the year that an end falls into.
    """
    if case.end is not None or case.stage is None:
        return ()
    return tuple(found for row in ROWS for found in _of_row(case, row))


def clock_of(case: Case, key: RuleName | str) -> Deadline | None:
    """The running clock of this key (`rule` or `rule:detail`); None where it does not run.

    Raises:
        Refused: as `clocks_of`.
    """
    if case.end is not None:
        return None
    row = CLOCKS.get(RuleName(str(key).partition(":")[0]))
    found = _of_row(case, row) if row is not None else ()
    return next((item for item in found if item.key == str(key)), None)


def leading(clocks: Iterable[Deadline]) -> Deadline | None:
    """The clock a person looks at first."""
    return next((item for item in clocks if CLOCKS[item.rule].leads and not item.struck), None)


def still_runs(case: Case, clock: Deadline) -> bool:
    """Whether this very clock, from this very start, still runs."""
    now = clock_of(case, clock.key)
    return now is not None and now.opened_at == clock.opened_at


def who_answers(case: Case, clock: Deadline) -> str:
    """Organisation id of who does what is due, `applicant` for the person."""
    answers = CLOCKS[clock.rule].answers
    return answers(case, clock) if answers else holder(case)


def who_owes(case: Case, clock: Deadline) -> str:
    """Organisation id of whose duty a clock is: who may not extend it."""
    owed_by = CLOCKS[clock.rule].owed_by
    return owed_by(case, clock) if owed_by else who_answers(case, clock)


def own_end(case: Case, clock: Deadline) -> date:
    """The last day of a running clock as it is without anything that was allowed or told since."""
    bare = case.model_copy(update={"extensions": [], "promised": {}, "struck": []})
    found = clock_of(bare, clock.key)
    return found.ends_on if found is not None else clock.ends_on


def _of_row(case: Case, row: Clock) -> Iterator[Deadline]:
    if row.runs_in is not None and case.stage not in row.runs_in:
        return
    cap = clock_of(case, row.cap) if row.cap else None
    for start in row.starts(case):
        yield running(
            case, row.rule, start, case.policy, case.calendar, cap=cap, cap_name=row.cap_name
        )


# What starts each of them.


def _submission(case: Case) -> Iterator[Start]:
    if case.submitted_at and case.reached_committee_at is None:
        cutoff = case.policy.chain_cutoff
        yield Start(
            at=case.submitted_at,
            on=local_date(case.submitted_at),
            by="submit",
            ends_on=cutoff.ends_on,
            closes_at=cutoff.closes_at,
            clause=cutoff.source,
        )


def _arrival(case: Case) -> Iterator[Start]:
    if case.arrived_at:
        yield _on_the_day(case.arrived_at, "arrival")


def _at_the_unit(case: Case) -> Iterator[Start]:
    """Arrival at the unit; then the day after the publicity ended (3C)."""
    if case.stage is Stage.UNIT_REVIEW:
        yield from _arrival(case)
    elif case.unit_publicity is not None and case.unit_publicity.over_at is not None:
        yield _on_the_day(case.unit_publicity.over_at, RuleName.UNIT_PUBLICITY)


def _return_of(level: str) -> Callable[[Case], Iterator[Start]]:
    def starts(case: Case) -> Iterator[Start]:
        given = case.last_return
        if given is not None and given.level == level:
            yield _of_return(given)

    return starts


def _of_return(given: Return) -> Start:
    return Start(at=given.at, on=given.on, by="return_for_correction", length=given.days)


def _unit_posting(case: Case) -> Iterator[Start]:
    posted = case.unit_publicity
    if posted is not None and not posted.over:
        yield Start(at=posted.posted_at, on=posted.posted_on, by="start_publicity")


def _arrival_at_committee(case: Case) -> Iterator[Start]:
    """Printed as the review window's end, whenever it arrives."""
    if case.reached_committee_at:
        window = case.policy.windows.review
        yield Start(
            at=case.reached_committee_at,
            on=local_date(case.reached_committee_at),
            by="arrival",
            ends_on=window.ends_on,
            closes_at=window.closes_at,
            clause=window.source,
        )


def _pay_notice(case: Case) -> Iterator[Start]:
    """The printed end or a case's own term, and the later day that the office named (A18): whichever
    comes last, so that nobody has less than everybody once the window is amended."""
    notice, window, payment = case.pay_notice, case.policy.windows.payment, case.policy.payment
    if notice is None:
        return
    by, closing = "send_pay_notice", closing_of(window)
    named = end_of(notice.ends_on) if notice.ends_on is not None else closing
    if notice.own_term:
        yield Start(
            at=notice.at,
            on=notice.on,
            by=by,
            length=payment.own_term,
            unit="wd",
            at_least=max(named, closing),
            clause=payment.source,
        )
    else:
        yield Start(
            at=notice.at,
            on=max(window.starts_on, notice.on),
            by=by,
            ends_on=window.ends_on,
            closes_at=window.closes_at,
            at_least=named,
            clause=window.source,
        )


def _meeting_ended(case: Case) -> Iterator[Start]:
    result = case.result
    if result is not None and not (result.reported_on and result.posted_on):
        yield Start(at=result.recorded_at, on=result.meeting_ended_on, by="record_result")


def _result_posting(case: Case) -> Iterator[Start]:
    posted = case.result_publicity
    if posted is not None and not posted.over:
        yield Start(at=posted.posted_at, on=posted.posted_on, by="post_results")


def _may_be_sent(case: Case) -> Iterator[Start]:
    """The actual last publicity day; for who was held, the day the last inquiry ended (A9)."""
    posted = case.result_publicity
    if posted is None or posted.over_at is None or case.own_committee or case.open_inquiries:
        return
    ended = [
        item.concluded_at
        for item in case.inquiries
        if item.concluded_at is not None and local_date(item.concluded_at) > posted.ends_on
    ]
    if ended:
        yield _on_the_day(max(ended), "conclude_inquiry")
    else:
        yield Start(at=posted.over_at, on=posted.ends_on, by=RuleName.RESULT_PUBLICITY)


def _to_be_confirmed(case: Case) -> Iterator[Start]:
    """Met by sending; a draft that 市职改办 gave back does not start it again (A46), but an inquiry
    that held the person since then does, from the day it ended (T3)."""
    if case.entrusted:
        return
    sent_at = case.sent_for_confirmation_at
    for start in _may_be_sent(case):
        if sent_at is None or start.at > sent_at:
            yield start


def _to_be_replied(case: Case) -> Iterator[Start]:
    if case.entrusted:
        yield from _may_be_sent(case)


def _sent(case: Case) -> Iterator[Start]:
    if case.sent_for_confirmation_at:
        yield _on_the_day(case.sent_for_confirmation_at, "send_for_confirmation")


def _in_effect(case: Case) -> Iterator[Start]:
    """The day it was issued; where the result was told later, the day of that (A11)."""
    result = case.result
    if result is not None and result.effective_on and result.effective_at:
        told_on = result.posted_on or result.effective_on
        day = max(result.effective_on, told_on)
        yield Start(at=result.effective_at, on=day, by="confirm")


def _to_be_forwarded(case: Case) -> Iterator[Start]:
    """Only a 确认通知 is forwarded; a 函复 goes to its unit at once, 备案 stays with it (3C)."""
    passed = case.result is not None and case.result.result is Result.PASSED
    if passed and not (case.entrusted or case.own_committee or case.forwarded_on):
        yield from _in_effect(case)


def _inquiries(case: Case) -> Iterator[Start]:
    terms = case.policy.terms(RuleName.INQUIRY_DUTY)
    for item in case.open_inquiries:
        length = terms.minimum if item.body in NEAR and terms.minimum else terms.length
        day = item.day
        yield Start(at=item.raised_at, on=day, by=item.kind, detail=item.id, length=length)


def _hearings(case: Case) -> Iterator[Start]:
    for item in case.open_inquiries:
        if not item.answered:
            yield Start(at=item.raised_at, on=item.day, by=item.kind, detail=item.id)


def _on_the_day(at: datetime, by: str) -> Start:
    return Start(at=at, on=local_date(at), by=by)


def _applicant(_case: Case, _clock: Deadline) -> str:
    return APPLICANT


def _inquiring_body(case: Case, clock: Deadline) -> str:
    of = clock.key.partition(":")[2]
    body = next((item.body for item in case.inquiries if item.id == of), InquiryBody.OFFICE)
    return organisation_of(case, body)


def _forwarder(case: Case, _clock: Deadline) -> str:
    return case.forwarder


K, R, S = DeadlineKind, RuleName, Stage

UNIT_AND_CHAIN = frozenset(
    {S.UNIT_REVIEW, S.UNIT_CORRECTION, S.UNIT_PUBLICITY, S.CHAIN_REVIEW, S.CHAIN_CORRECTION}
)
AFTER_RESULT = frozenset({S.RESULT_RECORDED, S.RESULT_PUBLICITY, S.AWAITING_CONFIRMATION})
AFTER_EFFECT = frozenset({S.RECHECK_WINDOW, S.RECHECK})


def _in(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


ROWS: tuple[Clock, ...] = (
    Clock(
        R.UNIT_CORRECTION,
        K.LAPSE,
        _return_of("unit"),
        _in(S.UNIT_CORRECTION),
        strikes=Striking.ABANDONED,
        ends_under="abandoned:unit",
        cap=R.CHAIN_CUTOFF,
        extended_by=By.UNIT,
        at_most=TERM,
        until=R.CHAIN_CUTOFF,
    ),
    Clock(
        R.CHAIN_CORRECTION,
        K.DUTY,
        _return_of("chain"),
        _in(S.CHAIN_CORRECTION),
        strikes=Striking.BACK_TO_LEVEL,
        cap=R.CHAIN_CUTOFF,
        extended_by=By.CHAIN,
        at_most=TERM,
        until=R.CHAIN_CUTOFF,
    ),
    Clock(
        R.COMMITTEE_CORRECTION,
        K.LAPSE,
        _return_of("committee"),
        _in(S.COMMITTEE_CORRECTION),
        strikes=Striking.ABANDONED,
        ends_under="abandoned:committee",
        cap=R.INTAKE_DUTY,
        cap_name=R.REVIEW_WINDOW,
        extended_by=By.OFFICE,
        at_most=TERM,
    ),
    Clock(
        R.PAYMENT_WINDOW,
        K.LAPSE,
        _pay_notice,
        _in(S.AWAITING_PAYMENT),
        strikes=Striking.PAYMENT_MISSED,
        ends_under="payment_missed",
        extended_by=By.SUPERVISOR,
        at_most=PRINTED,
    ),
    Clock(
        R.UNIT_PUBLICITY,
        K.FLOOR,
        _unit_posting,
        _in(S.UNIT_PUBLICITY),
        strikes=Striking.FLOOR_OVER,
        extended_by=By.OFFICE,
        at_most=FLOOR,
        until=R.CHAIN_CUTOFF,
    ),
    Clock(
        R.RESULT_PUBLICITY,
        K.FLOOR,
        _result_posting,
        _in(S.RESULT_PUBLICITY),
        strikes=Striking.FLOOR_OVER,
        extended_by=By.OFFICE,
        at_most=FLOOR,
        of_meeting=True,
    ),
    Clock(R.RESULT_REPORT, K.DUTY, _meeting_ended, AFTER_RESULT, of_meeting=True),
    Clock(R.CONFIRMATION, K.DUTY, _to_be_confirmed, _in(S.RESULT_PUBLICITY), of_meeting=True),
    Clock(
        R.CONFIRMATION_REPLY,
        K.DUTY,
        _to_be_replied,
        _in(S.RESULT_PUBLICITY, S.RESULT_RECORDED),
        of_meeting=True,
    ),
    Clock(R.CITY_CONFIRMATION, K.DUTY, _sent, _in(S.AWAITING_CONFIRMATION), of_meeting=True),
    Clock(
        R.UNIT_DUTY,
        K.DUTY,
        _at_the_unit,
        _in(S.UNIT_REVIEW, S.UNIT_PUBLICITY),
        until=R.CHAIN_CUTOFF,
    ),
    Clock(R.CHAIN_DUTY, K.DUTY, _arrival, _in(S.CHAIN_REVIEW), until=R.CHAIN_CUTOFF),
    Clock(
        R.INTAKE_DUTY,
        K.DUTY,
        _arrival_at_committee,
        _in(S.COMMITTEE_INTAKE, S.COMMITTEE_CORRECTION),
        extended_by=By.SUPERVISOR,
        at_most=PRINTED,
        silent_in=_in(S.COMMITTEE_CORRECTION),
    ),
    Clock(R.RECHECK_DUTY, K.DUTY, _arrival, _in(S.RECHECK)),
    Clock(
        R.RECHECK,
        K.RIGHT,
        _in_effect,
        AFTER_EFFECT,
        strikes=Striking.RIGHT_OVER,
        extended_by=By.NOBODY,
    ),
    Clock(
        R.CHAIN_CUTOFF,
        K.LAPSE,
        _submission,
        UNIT_AND_CHAIN,
        strikes=Striking.CUTOFF,
        ends_under="lapsed",
        extended_by=By.SUPERVISOR,
        at_most=PRINTED,
    ),
    Clock(R.FORWARDING, K.DUTY, _to_be_forwarded, AFTER_EFFECT, leads=False, owed_by=_forwarder),
    Clock(R.INQUIRY_DUTY, K.DUTY, _inquiries, None, leads=False, answers=_inquiring_body),
    Clock(
        R.INQUIRY_RESPONSE,
        K.RIGHT,
        _hearings,
        None,
        extended_by=By.NOBODY,
        leads=False,
        answers=_applicant,
    ),
)
"""Every clock, the one that leads its stage before the others that run there."""

CLOCKS: Mapping[RuleName, Clock] = MappingProxyType({row.rule: row for row in ROWS})
