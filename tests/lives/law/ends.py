"""What every end has, and whose the chance of the year is then (lifecycle Ends, T4, A20)."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.lives.law.days import DAY, after, day_of, midnight_after
from tests.lives.people import holder_of
from tests.lives.world import Seen
from workflows.application.case import Case, End
from workflows.rules.annual_limit import claim_slot
from workflows.rules.names import EndName, RuleName, Stage

E = EndName
ALWAYS_GIVEN_BACK = (E.NOT_RECOMMENDED, E.REJECTED_BY_CHAIN, E.LAPSED, E.NOT_ACCEPTED)


def claim_by_law(case: Case) -> str:
    """Whether the chance of the year is held, given back, or was never taken (T4)."""
    end = case.end
    if not claim_slot(case.facts, case.policy) or (end and end.name is E.INELIGIBLE):
        return "none"
    if end is None:
        return "taken"
    if end.name in ALWAYS_GIVEN_BACK:
        return "released"
    if end.name in (E.WITHDRAWN, E.DISQUALIFIED):
        return "released" if case.accepted_on is None else "taken"
    if end.name is E.ABANDONED:
        return "released" if case.reached_committee_at is None else "taken"
    return "taken"


def faults_of_end(seen: Seen, before: Case) -> list[str]:
    """What is missing or wrong about an end that this step brought."""
    end, case = seen.after.end, seen.after
    assert end is not None
    found = []
    clause = clause_by_law(seen, before, end)
    if not end.clause or (clause and end.clause != clause):
        found.append(f"the end's clause is {end.clause!r}, not {clause!r}")
    if not (end.by or end.clock):
        found.append("nobody and no clock caused the end")
    if end.remedy != end.name.value:
        found.append(f"the end's remedy is {end.remedy!r}")
    if end.at != seen.move.at:
        found.append(f"ended at {end.at}, not at {seen.move.at}")
    if end.name is E.LAPSED and end.responsible != holder_of(before):
        found.append(f"{end.responsible!r} is made responsible, not {holder_of(before)!r}")
    listens = closes_by_law(seen, before, end)
    if end.closes_at != listens:
        found.append(f"listens until {end.closes_at}, not until {listens}")
    told = [order.params["closes_on"] for order in seen.letters if "closes_on" in order.params]
    last = end.closes_at and day_of(end.closes_at - timedelta(seconds=1))
    days = set() if end.name in (E.COMPLETED, E.NOT_PASSED) else {str(last)}
    if seen.due is not None and set(told) != days:
        found.append(f"letters say the remedy is open to {told}, the case listens to {last}")
    if (
        end.clock
        and seen.due is not None
        and (end.deadline is None or end.deadline.ends_at != seen.due.as_of)
    ):
        found.append("the end does not keep the clock that brought it")
    if case.stage is not before.stage and end.left_stage is None:
        found.append("the end does not say which stage it left")
    return found


def clause_by_law(seen: Seen, before: Case, end: End) -> str:
    """The clause of the notice that an end rests on; empty where the act states it."""
    key = _key(seen, before, end)
    if key is None:
        return ""
    policy = before.policy
    if end.name in (E.COMPLETED, E.NOT_PASSED):
        return policy.rules[RuleName.RECHECK].source
    return policy.clauses.get(key, "")


def _key(seen: Seen, before: Case, end: End) -> str | None:
    match end.name:
        case E.DISQUALIFIED | E.INELIGIBLE:
            return None
        case E.ABANDONED:
            if end.clock == "unit_correction":
                return "abandoned:unit"
            return "abandoned:chain" if end.clock == "chain_cutoff" else "abandoned:committee"
        case E.NOT_RECOMMENDED if seen.move.action == "conclude_inquiry":
            return "not_recommended:objection"
        case E.TERMINATED:
            name = seen.move.payload.get("inquiry")
            open_ones = [item for item in before.inquiries if item.outcome is None]
            about = next((item for item in open_ones if not name or item.id == name), None)
            afterwards = (None, Stage.RECHECK_WINDOW, Stage.RECHECK)
            in_review = about is not None and Stage.IN_REVIEW is (
                before.stage if about.raised_in in afterwards else about.raised_in
            )
            return "terminated:in_review" if in_review else "terminated"
        case _:
            return end.name.value


def closes_by_law(seen: Seen, before: Case, end: End) -> datetime | None:
    """Until when an ended case listens for what may re-open it."""
    due = seen.due
    if due is not None:
        if end.name is E.PAYMENT_MISSED:
            days = timedelta(days=before.policy.payment.reopen_days)
            return midnight_after(day_of(due.as_of + days))
        late = before.policy.limits.late_delivery_working_days
        return midnight_after(after(before.calendar, day_of(due.as_of), late) + DAY)
    recallable = end.name in (
        E.WITHDRAWN,
        E.REJECTED_BY_CHAIN,
        E.NOT_ACCEPTED,
        E.AUDIT_FAILED,
        E.DISQUALIFIED,
    ) or seen.move.action in ("decline_recommendation", "declare_abandoned")
    minutes = timedelta(minutes=before.policy.limits.set_aside_minutes)
    return seen.now + minutes if recallable else None
