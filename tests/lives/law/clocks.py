"""Which clocks run on a case, from domain.md 3C, and when each ends, by the book that was kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.lives.law.days import after, day_of, days_after, midnight_after, months_after, rolled
from tests.lives.people import office_of
from workflows.application.case import Case
from workflows.rules.message import BEIJING
from workflows.rules.names import DeadlineKind, Result, RuleName, Stage

R, S = RuleName, Stage
RELIED_ON = (DeadlineKind.LAPSE, DeadlineKind.RIGHT, DeadlineKind.FLOOR)
"""Kinds whose last day is never earlier than it was told (A59)."""


@dataclass(frozen=True)
class Want:
    """A clock that must run: its key, from when, and where it ends."""

    rule: RuleName
    key: str
    kind: DeadlineKind
    since: datetime
    ends_on: date
    ends_at: datetime
    struck: bool = False

    @property
    def identity(self) -> tuple[str, datetime]:
        """What tells it from the next of its key."""
        return self.key, self.since


@dataclass
class Book:
    """What was told, allowed and struck of each clock, as an onlooker writes it down."""

    told: dict[tuple[str, datetime], tuple[date, datetime]] = field(default_factory=dict)
    allowed: dict[tuple[str, datetime], tuple[date, datetime]] = field(default_factory=dict)
    struck: set[tuple[str, datetime]] = field(default_factory=set)

    def note(self, wants: dict[str, Want]) -> None:
        """Every clock that runs after a step tells its day."""
        for want in wants.values():
            self.told[want.identity] = (want.ends_on, want.ends_at)


def note_hearings(case: Case, book: Book) -> None:
    """An ended case runs no clocks; the day to answer by is told in its letter all the same."""
    for item in case.inquiries if case.end is not None else ():
        if item.outcome is None and not item.answered:
            assert item.received_on is not None
            rule, day = R.INQUIRY_RESPONSE, item.received_on
            want = _counted(case, book, rule, item.raised_at, day, detail=item.id)
            book.told.setdefault(want.identity, (want.ends_on, want.ends_at))


def wanted(case: Case, book: Book) -> dict[str, Want]:
    """Every clock that must run on a case, by key."""
    if case.end is not None or case.stage is None:
        return {}
    found: dict[str, Want] = {}
    for want in _wanted(case, book, found):
        found[want.key] = want
    return found


def _wanted(case: Case, book: Book, found: dict[str, Want]) -> Iterator[Want]:
    policy, stage = case.policy, case.stage
    early = (S.UNIT_REVIEW, S.UNIT_CORRECTION, S.UNIT_PUBLICITY, S.CHAIN_REVIEW, S.CHAIN_CORRECTION)
    if stage in early and case.reached_committee_at is None and case.submitted_at:
        cutoff = policy.chain_cutoff
        yield _fixed(
            case, book, R.CHAIN_CUTOFF, case.submitted_at, cutoff.ends_on, cutoff.closes_at
        )
    if stage in (S.COMMITTEE_INTAKE, S.COMMITTEE_CORRECTION) and case.reached_committee_at:
        review = policy.windows.review
        yield _fixed(
            case, book, R.INTAKE_DUTY, case.reached_committee_at, review.ends_on, review.closes_at
        )
    given = case.returns[-1] if case.returns else None
    arrived = case.arrived_at
    assert arrived is not None
    match stage:
        case S.UNIT_REVIEW:
            yield _counted(case, book, R.UNIT_DUTY, arrived, day_of(arrived))
        case S.UNIT_CORRECTION if given:
            yield _counted(
                case, book, R.UNIT_CORRECTION, given.at, given.on, given.days, found, "chain_cutoff"
            )
        case S.CHAIN_REVIEW:
            yield _counted(case, book, R.CHAIN_DUTY, arrived, day_of(arrived))
        case S.CHAIN_CORRECTION if given:
            yield _counted(
                case,
                book,
                R.CHAIN_CORRECTION,
                given.at,
                given.on,
                given.days,
                found,
                "chain_cutoff",
            )
        case S.COMMITTEE_CORRECTION if given:
            yield _counted(
                case,
                book,
                R.COMMITTEE_CORRECTION,
                given.at,
                given.on,
                given.days,
                found,
                "intake_duty",
            )
        case S.UNIT_PUBLICITY if (posted := case.unit_publicity) is not None:
            if posted.over_at is None:
                yield _counted(case, book, R.UNIT_PUBLICITY, posted.posted_at, posted.posted_on)
            else:
                yield _counted(case, book, R.UNIT_DUTY, posted.over_at, day_of(posted.over_at))
        case S.AWAITING_PAYMENT:
            yield from _payment(case, book)
        case S.AWAITING_CONFIRMATION if case.sent_for_confirmation_at:
            sent = case.sent_for_confirmation_at
            yield _counted(case, book, R.CITY_CONFIRMATION, sent, day_of(sent))
        case S.RESULT_PUBLICITY:
            yield from _result_publicity(case, book)
        case S.RECHECK:
            yield _counted(case, book, R.RECHECK_DUTY, arrived, day_of(arrived))
        case _:
            pass
    yield from _of_the_result(case, book)
    yield from _inquiries(case, book)


def _payment(case: Case, book: Book) -> Iterator[Want]:
    """Of the printed end, the own term and the day that the office named, whichever comes last."""
    notice, window = case.pay_notice, case.policy.windows.payment
    if notice is None:
        return
    ends = [_end_of(window.ends_on, window.closes_at)]
    if notice.own_term:
        own = after(case.calendar, notice.on, case.policy.payment.own_term)
        ends.append(_end_of(own))
    if notice.ends_on is not None:
        ends.append(_end_of(notice.ends_on))
    at, on = max(ends)
    yield _settled(case, book, R.PAYMENT_WINDOW, R.PAYMENT_WINDOW.value, notice.at, on, at)


def _result_publicity(case: Case, book: Book) -> Iterator[Want]:
    posted = case.result_publicity
    if posted is None:
        return
    if posted.over_at is None:
        yield _counted(case, book, R.RESULT_PUBLICITY, posted.posted_at, posted.posted_on)
        return
    own_committee = office_of(case) == case.places[0].organisation
    if own_committee or any(item.outcome is None for item in case.inquiries):
        return
    entrusted = case.facts.entrusted or case.route.value == "resident_branch"
    rule = R.CONFIRMATION_REPLY if entrusted else R.CONFIRMATION
    held = [
        item.concluded_at
        for item in case.inquiries
        if item.concluded_at and day_of(item.concluded_at) > posted.ends_on
    ]
    since, day = (max(held), day_of(max(held))) if held else (posted.over_at, posted.ends_on)
    sent = None if entrusted else case.sent_for_confirmation_at
    # Met by sending; a draft that was sent back does not start it again (A46), being held does (T3).
    if sent is None or since > sent:
        yield _counted(case, book, rule, since, day)


def _of_the_result(case: Case, book: Book) -> Iterator[Want]:
    result = case.results[-1] if case.results else None
    if result is None:
        return
    if case.stage in (S.RESULT_RECORDED, S.RESULT_PUBLICITY, S.AWAITING_CONFIRMATION) and not (
        result.reported_on and result.posted_on
    ):
        yield _counted(case, book, R.RESULT_REPORT, result.recorded_at, result.meeting_ended_on)
    if case.stage in (S.RECHECK_WINDOW, S.RECHECK) and result.effective_at and result.effective_on:
        told = max(result.effective_on, result.posted_on or result.effective_on)
        yield _counted(case, book, R.RECHECK, result.effective_at, told)
        confirmed = not (
            case.facts.entrusted
            or case.route.value == "resident_branch"
            or office_of(case) == case.places[0].organisation
        )
        if result.result is Result.PASSED and confirmed and case.forwarded_on is None:
            yield _counted(case, book, R.FORWARDING, result.effective_at, result.effective_on)


def _inquiries(case: Case, book: Book) -> Iterator[Want]:
    for item in case.inquiries:
        if item.outcome is not None:
            continue
        assert item.received_on is not None  # and told to the applicant on that day
        day = item.received_on
        length = 5 if item.body in ("unit", "superior") else 10
        yield _counted(case, book, R.INQUIRY_DUTY, item.raised_at, day, length, detail=item.id)
        if not item.answered:
            yield _counted(case, book, R.INQUIRY_RESPONSE, item.raised_at, day, detail=item.id)


def _fixed(
    case: Case, book: Book, rule: RuleName, since: datetime, on: date, closes_at: object = None
) -> Want:
    at, on = _end_of(on, closes_at)
    return _settled(case, book, rule, rule.value, since, on, at)


def _end_of(on: date, closes_at: object = None) -> tuple[datetime, date]:
    """24:00 of a day, or the hour at which it closes."""
    if closes_at is None:
        return midnight_after(on), on
    return datetime.combine(on, closes_at, BEIJING), on  # type: ignore[arg-type]


def _counted(
    case: Case,
    book: Book,
    rule: RuleName,
    since: datetime,
    day: date,
    length: int | None = None,
    found: dict[str, Want] | None = None,
    cap: str = "",
    *,
    detail: str = "",
) -> Want:
    terms = case.policy.rules[rule]
    span = length if length is not None else terms.length
    assert span is not None
    if terms.unit == "wd":
        on = after(case.calendar, day, span)
    else:
        on = (months_after if terms.unit == "month" else days_after)(day, span)
        on = rolled(case.calendar, on) if terms.rolls else on
    at = midnight_after(on)
    cutting = (found or {}).get(cap)
    if cutting is not None and cutting.ends_at < at:
        on, at = cutting.ends_on, cutting.ends_at
    key = f"{rule.value}:{detail}" if detail else rule.value
    return _settled(case, book, rule, key, since, on, at)


def _settled(
    case: Case, book: Book, rule: RuleName, key: str, since: datetime, on: date, at: datetime
) -> Want:
    """What was allowed stands; what struck moves no more; what people rely on is never earlier."""
    identity, kind = (key, since), case.policy.rules[rule].kind
    told = book.told.get(identity)
    if identity in book.allowed and book.allowed[identity][1] > at:
        on, at = book.allowed[identity]
    if told is not None and (identity in book.struck or (kind in RELIED_ON and told[1] > at)):
        on, at = told
    return Want(rule, key, kind, since, on, at, struck=identity in book.struck)
