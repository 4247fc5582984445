"""The readings by which a silent notice is carried out, each with the number it is published under.

A value of this enumeration is a clause like any other: it stands in a policy, a deadline, a step
or a refusal, and can be read where it stands. The words (title, what the notice leaves open, the
rule, its reason) are in `activities/wording/readings.toml`; the public page is `docs/readings.md`.

A number that was published keeps its meaning: a reading that is given up keeps its number and is
not followed by another under the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

READING = "办理口径"
"""What every citation of a reading begins with."""
BESIDES = "；"
"""Between two grounds: a clause that demands an act, and the reading that gives its length."""


class Reading(StrEnum):
    """One published reading; its value is how it is cited."""

    # ---- every step ----
    WORKING_DAYS = "办理口径1"
    COUNTING = "办理口径2"
    MONTHS = "办理口径3"
    PRINTED_DATES = "办理口径4"
    AMENDED = "办理口径5"
    ACT_TIME = "办理口径6"
    AUTHORITY = "办理口径7"
    EXTENSION = "办理口径8"
    RECALL = "办理口径9"
    SECOND_PERSON = "办理口径10"
    URGING = "办理口径11"
    # ---- application ----
    YEARLY_CHANCE = "办理口径12"
    LEVELS = "办理口径13"
    ADMINISTRATORS = "办理口径14"
    RESIDENCY = "办理口径15"
    INSURED_UNIT = "办理口径16"
    POST_VACANCY = "办理口径17"
    RELAXATIONS = "办理口径18"
    DECLASSIFIED = "办理口径19"
    FROZEN_ROUTE = "办理口径20"
    CITY_AGENCY = "办理口径21"
    SELF_EVALUATING = "办理口径22"
    ELIGIBILITY_LOST = "办理口径23"
    WITHDRAWAL = "办理口径24"
    # ---- unit and chain ----
    REVIEW_TIME = "办理口径25"
    PUBLICITY = "办理口径26"
    SUPERIOR_CONTACT = "办理口径27"
    OBJECTION_IN_PUBLICITY = "办理口径28"
    CORRECTION_LENGTH = "办理口径29"
    CORRECTION_CAP = "办理口径30"
    CHAIN_CUTOFF = "办理口径31"
    HELD_AT_CUTOFF = "办理口径32"
    CHAIN_RETURN = "办理口径33"
    # ---- committee's intake and the fee ----
    SUBMISSIONS = "办理口径34"
    NEW_DEFECTS = "办理口径35"
    FURTHER_RETURNS = "办理口径36"
    CORRECTION_PATH = "办理口径37"
    ATTESTATION = "办理口径38"
    REVIEW_OVER = "办理口径39"
    REINSTATEMENT = "办理口径40"
    PAYMENT_MISSED = "办理口径41"
    PAYMENT_COUNTS = "办理口径42"
    # ---- objections and integrity ----
    LATE_OBJECTION = "办理口径43"
    INQUIRY = "办理口径44"
    HEARING = "办理口径45"
    TERMINATION = "办理口径46"
    FRAUD_FOUND_LATE = "办理口径47"
    BARS = "办理口径48"
    # ---- meeting, results, confirmation ----
    MEETING_DAY = "办理口径49"
    BY_MEETING = "办理口径50"
    RECUSAL = "办理口径51"
    RESULTS = "办理口径52"
    REPORT_DAY = "办理口径53"
    HELD_PERSONS = "办理口径54"
    DRAFT_SENT = "办理口径55"
    CITY_CONFIRMATION = "办理口径56"
    REPLY_TIME = "办理口径57"
    # ---- after the confirmation ----
    RECHECK_FROM = "办理口径58"
    RECHECK_ONCE = "办理口径59"
    RECHECK_GROUNDS = "办理口径60"
    RECHECK_ANSWER = "办理口径61"
    COMPLETED = "办理口径62"
    # ---- who stands in ----
    ABSENCE_COVER = "办理口径63"

    @property
    def number(self) -> int:
        """The number it is published under."""
        return int(self.value.removeprefix(READING))


STANDING: Mapping[str, Reading] = {
    "abandoned:chain": Reading.HELD_AT_CUTOFF,
    "amend": Reading.AMENDED,
    "assign_to_meeting": Reading.MEETING_DAY,
    "attestation": Reading.ATTESTATION,
    "by_meeting": Reading.BY_MEETING,
    "calendar": Reading.WORKING_DAYS,
    "cancelled_by_objection": Reading.RESULTS,
    "chain_confirm": Reading.CORRECTION_PATH,
    "chain_return": Reading.CHAIN_RETURN,
    "completed": Reading.COMPLETED,
    "conclude_inquiry": Reading.INQUIRY,
    "confirm": Reading.RESULTS,
    "decide_recheck": Reading.RESULTS,
    "declassified": Reading.DECLASSIFIED,
    "disqualified": Reading.ELIGIBILITY_LOST,
    "disqualify": Reading.ELIGIBILITY_LOST,
    "extend_deadline": Reading.EXTENSION,
    "file_complaint": Reading.INQUIRY,
    "file_for_record": Reading.SELF_EVALUATING,
    "hearing": Reading.HEARING,
    "held_persons": Reading.HELD_PERSONS,
    "hold_review": Reading.INQUIRY,
    "inquiry": Reading.INQUIRY,
    "lapsed": Reading.HELD_AT_CUTOFF,
    "late_objection": Reading.LATE_OBJECTION,
    "override_return": Reading.NEW_DEFECTS,
    "payment_counts": Reading.PAYMENT_COUNTS,
    "payment_missed": Reading.PAYMENT_MISSED,
    "post_results": Reading.RESULTS,
    "posting_day": Reading.PUBLICITY,
    "raise_objection:result": Reading.RESULTS,
    "recheck_repeated": Reading.RECHECK_ONCE,
    "recheck_too_late": Reading.RESULTS,
    "reinstate": Reading.REINSTATEMENT,
    "reply_to_entrusting_unit": Reading.REPLY_TIME,
    "report_results": Reading.RESULTS,
    "request_recheck": Reading.RESULTS,
    "respond_to_inquiry": Reading.HEARING,
    "restart_publicity": Reading.OBJECTION_IN_PUBLICITY,
    "result_inquiry": Reading.RESULTS,
    "resubmit:chain": Reading.CHAIN_RETURN,
    "return:chain": Reading.CHAIN_RETURN,
    "return:committee:again": Reading.FURTHER_RETURNS,
    "revoke": Reading.FRAUD_FOUND_LATE,
    "revoked": Reading.FRAUD_FOUND_LATE,
    "second_person": Reading.SECOND_PERSON,
    "send_back": Reading.DRAFT_SENT,
    "send_for_confirmation": Reading.RESULTS,
    "set_aside": Reading.RECALL,
    "stamp": Reading.ACT_TIME,
    "terminated": Reading.TERMINATION,
    "terminated:in_review": Reading.TERMINATION,
    "urge": Reading.URGING,
    "withdraw": Reading.WITHDRAWAL,
    "withdrawn": Reading.WITHDRAWAL,
}
"""What an act, an end or a refusal rests on where a notice says nothing of it.

A campaign file still states each of them, so that its author has thought of it and `campaign lint`
lists it; a case need not carry what stands here.
"""
