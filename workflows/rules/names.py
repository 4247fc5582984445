"""The names of lifecycle.md: levels, routes, stages, ends, rules, relations, notices."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

LIVE = "live"
"""The realm of real work; every other is a rehearsal."""


class Level(StrEnum):
    """The level of title applied for."""

    JUNIOR = "junior"
    MID = "mid"
    DEPUTY_SENIOR = "deputy_senior"
    SENIOR = "senior"


class Route(StrEnum):
    """The way an application goes up (BD 四(一), LC 四(一))."""

    CITY_UNIT = "city_unit"
    DISTRICT_UNIT = "district_unit"
    PRIVATE_ARCHIVE_HERE = "private_archive_here"
    PRIVATE_ARCHIVE_ELSEWHERE = "private_archive_elsewhere"
    FREELANCER = "freelancer"
    RESIDENT_BRANCH = "resident_branch"


class Stage(StrEnum):
    """Where an open application stands."""

    UNIT_REVIEW = "unit_review"
    UNIT_CORRECTION = "unit_correction"
    UNIT_PUBLICITY = "unit_publicity"
    CHAIN_REVIEW = "chain_review"
    CHAIN_CORRECTION = "chain_correction"
    COMMITTEE_INTAKE = "committee_intake"
    COMMITTEE_CORRECTION = "committee_correction"
    AWAITING_PAYMENT = "awaiting_payment"
    AWAITING_MEETING = "awaiting_meeting"
    IN_REVIEW = "in_review"
    RESULT_RECORDED = "result_recorded"
    RESULT_PUBLICITY = "result_publicity"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    RECHECK_WINDOW = "recheck_window"
    RECHECK = "recheck"


class EndName(StrEnum):
    """How an application ended."""

    COMPLETED = "completed"
    NOT_PASSED = "not_passed"
    INELIGIBLE = "ineligible"
    WITHDRAWN = "withdrawn"
    ABANDONED = "abandoned"
    NOT_RECOMMENDED = "not_recommended"
    REJECTED_BY_CHAIN = "rejected_by_chain"
    NOT_ACCEPTED = "not_accepted"
    AUDIT_FAILED = "audit_failed"
    LAPSED = "lapsed"
    PAYMENT_MISSED = "payment_missed"
    DISQUALIFIED = "disqualified"
    TERMINATED = "terminated"
    CANCELLED_BY_OBJECTION = "cancelled_by_objection"
    REVOKED = "revoked"


class RuleName(StrEnum):
    """The clocks of domain.md 3C, and two of ours marked assumed in the campaign files."""

    APPLICATION_WINDOW = "application_window"
    REVIEW_WINDOW = "review_window"
    CHAIN_CUTOFF = "chain_cutoff"
    PAYMENT_WINDOW = "payment_window"
    UNIT_DUTY = "unit_duty"
    UNIT_CORRECTION = "unit_correction"
    UNIT_PUBLICITY = "unit_publicity"
    CHAIN_DUTY = "chain_duty"
    CHAIN_CORRECTION = "chain_correction"
    INTAKE_DUTY = "intake_duty"
    COMMITTEE_CORRECTION = "committee_correction"
    RESULT_REPORT = "result_report"
    RESULT_PUBLICITY = "result_publicity"
    CONFIRMATION = "confirmation"
    CONFIRMATION_REPLY = "confirmation_reply"
    CITY_CONFIRMATION = "city_confirmation"
    """A reminder to 市职改办, which has no clock of its own in the notices (assumed, 10 wd)."""
    FORWARDING = "forwarding"
    RECHECK = "recheck"
    RECHECK_DUTY = "recheck_duty"
    INQUIRY_DUTY = "inquiry_duty"
    INQUIRY_RESPONSE = "inquiry_response"
    """The applicant's time to be heard before a finding (assumed, 3 wd)."""
    BAR = "bar"


OF_THE_MEETING = frozenset(
    {
        RuleName.RESULT_REPORT,
        RuleName.RESULT_PUBLICITY,
        RuleName.CONFIRMATION,
        RuleName.CONFIRMATION_REPLY,
        RuleName.CITY_CONFIRMATION,
    }
)
"""Clocks that a meeting keeps for its batch; its cases keep copies for show and guard."""


class DeadlineKind(StrEnum):
    """What the end of a deadline does."""

    LAPSE = "lapse"
    FLOOR = "floor"
    DUTY = "duty"
    RIGHT = "right"
    BAR = "bar"


RegisterSubject = Literal["applicant", "unit_staff", "expert", "office_staff"]
"""Whose a record of the integrity register is."""


class Relation(StrEnum):
    """How an actor stands to a case; the catalogue says which relation may do what."""

    APPLICANT = "applicant"
    UNIT = "unit"
    HOLDER = "holder"
    SUPERIOR = "superior"
    OFFICE = "office"
    OFFICE_SUPERVISOR = "office_supervisor"
    CITY_OFFICE = "city_office"
    FORWARDER = "forwarder"
    MEETING = "meeting"
    OPERATIONS = "operations"
    SYSTEM = "system"
    ANYONE = "anyone"


class Party(StrEnum):
    """A recipient of a notice or holder of a task, resolved to a person or organisation."""

    APPLICANT = "applicant"
    UNIT = "unit"
    HOLDER = "holder"
    SUPERIOR = "superior"
    OFFICE = "office"
    OFFICE_SUPERIOR = "office_superior"
    CITY_OFFICE = "city_office"
    FORWARDER = "forwarder"
    ENTRUSTING_UNIT = "entrusting_unit"
    COMPLAINANT = "complainant"
    ACTOR = "actor"
    OPERATIONS = "operations"


class LetterKind(StrEnum):
    """What a notice tells (lifecycle.md, Notices by kind)."""

    RECEIVED = "received"
    TASK = "task"
    RETURNED = "returned"
    ONE_OFF_NOTICE = "one_off_notice"
    REMINDER = "reminder"
    ABANDONED = "abandoned"
    LAPSED = "lapsed"
    PUBLICITY_STARTED = "publicity_started"
    OBJECTION_RECEIVED = "objection_received"
    INQUIRY_CONCLUDED = "inquiry_concluded"
    PASSED_UP = "passed_up"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    AUDIT_FAILED = "audit_failed"
    FEE_DUE = "fee_due"
    FEE_RECEIVED = "fee_received"
    PAYMENT_MISSED = "payment_missed"
    MEETING_SET = "meeting_set"
    RESULT_TOLD = "result_told"
    PUBLICITY_RESULT = "publicity_result"
    CONFIRMED = "confirmed"
    REPLIED = "replied"
    FILED = "filed"
    FORWARDED = "forwarded"
    RECHECK_RECEIVED = "recheck_received"
    RECHECK_DECIDED = "recheck_decided"
    ENDED = "ended"
    DATES_CHANGED = "dates_changed"
    URGED = "urged"
    COVER_NAMED = "cover_named"
    COVER_ENDED = "cover_ended"
    OPERATOR = "operator"


class Rhythm(StrEnum):
    """How somebody wants to be told what an organisation has to do."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"


COLLECTED = "collected"
"""A letter that no step orders: it tells what several of its recipient's letters say."""


class InquiryKind(StrEnum):
    """An objection is raised inside a publicity, a complaint at any other time."""

    OBJECTION = "objection"
    COMPLAINT = "complaint"


class InquiryBody(StrEnum):
    """Who inquires (T3); never the one an objection or complaint is about."""

    UNIT = "unit"
    """The unit; its superior may take over."""
    SUPERIOR = "superior"
    """The unit's superior alone: the objection is against the unit itself."""
    OFFICE = "office"
    CITY_OFFICE = "city_office"
    """市职改办: against the committee's office, or a unit that is that office itself."""


class InquiryOutcome(StrEnum):
    """How an inquiry was concluded."""

    SUBSTANTIATED = "substantiated"
    UNFOUNDED = "unfounded"
    NOT_HANDLED = "not_handled"


class CautionCode(StrEnum):
    """What an answer warns of though it is a yes; the sentences stand in the wording."""

    TERM_CUT = "term_cut"
    """The term that was set is cut by the last day of its stage (A14)."""
    PUBLICITY_TOO_LATE = "publicity_too_late"
    """The publicity ends on or after the last day for reporting up."""
    OBJECTION_HOLDS = "objection_holds"
    """An open inquiry keeps the next act from being done."""
    REST_DAY = "rest_day"
    """A day that was named is no working day."""
    OWN_PAY_TERM = "own_pay_term"
    """Too near the window's end: the case gets a last day of its own (A18)."""
    FEE_SHORT = "fee_short"
    FEE_OVER = "fee_over"
    FEE_WAITS = "fee_waits"
    """Money came on a reinstated case that has no last day yet."""
    REPUBLICISED = "republicised"
    """What was publicised has changed: it is publicised anew."""
    SECOND_PERSON = "second_person"
    """Nothing is done yet: another human must confirm it."""
    RAISED_LATE = "raised_late"
    """A later return raises what the first one did not (一次性告知, A3)."""
    ENDS_THE_APPLICATION = "ends_the_application"
    """Something was found true of an organisation, and the applicant's case ends by it (T3)."""
    CHANCE_KEPT = "chance_kept"
    """The act uses up the year's chance (A20)."""


class Result(StrEnum):
    """What the meeting decided on a candidate."""

    PASSED = "passed"
    NOT_PASSED = "not_passed"
    DEFERRED = "deferred"


OPERATIONS_BODY = "zhiping-operations"
"""The organisation that looks after the product itself (`config/directory`)."""
