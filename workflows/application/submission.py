"""The first step of a case: every rule of submission at once, then a receipt or all reasons."""

from __future__ import annotations

from datetime import datetime

from workflows.application.acts.arrivals import tell_task
from workflows.application.case import Case, End
from workflows.application.decision import settle
from workflows.application.messages import OpenApplication, Submission, VerificationAnswer
from workflows.application.move import Move
from workflows.letter.kinds import Ended, Operator, Received
from workflows.rules.annual_limit import claim_slot
from workflows.rules.eligibility import examine
from workflows.rules.facts import OpenCheck
from workflows.rules.names import EndName, Party, Relation, Stage
from workflows.rules.refusals import Code, Refusal, Refused
from workflows.writer.messages import Act
from workflows.writer.requests import fingerprint
from workflows.writer.stating import stamped

UNIT_CHECKS = frozenset({"post_vacancy"})


def new_case(opening: OpenApplication, submission: Submission) -> Case:
    """The case as it stands before its submission is decided."""
    facts = submission.facts
    return Case(
        application=opening.application,
        realm=opening.realm,
        shift_seconds=opening.shift_seconds,
        person=submission.person,
        human=submission.human,
        policy=submission.policy,
        calendar=submission.calendar,
        route=facts.route,
        level=facts.level,
        facts=facts,
        places=submission.places,
    )


def accept_submission(
    case: Case, submission: Submission, verified: VerificationAnswer, act: Act, now: datetime
) -> Move:
    """Open the case at the unit, or refuse with every reason.

    Raises:
        Refused: all reasons of `eligibility.examine` and of the route.
    """
    at = stamped(case.policy, case.calendar, act.acted_at, now)
    findings = examine(
        submission.facts,
        submission.standing,
        submission.places,
        submission.policy,
        submission.calendar,
        at,
    )
    reasons = (*submission.problems, *findings.refusals)
    if reasons:
        raise Refused(*reasons)
    move = Move(
        case=case.copied(),
        action="submit",
        at=at,
        now=now,
        actor=act.actor,
        relation=Relation.APPLICANT,
        request_id=act.request_id,
        mark=fingerprint("submit", act),
        payload=act.payload,
        clause=submission.policy.windows.application.source,
    )
    opened = move.case
    opened.submitted_at = at
    opened.verified = list(verified.results)
    clause = submission.policy.clause("check")
    opened.checks = [*findings.checks, *_unverified(verified, findings.checks, clause)]
    slot = claim_slot(submission.facts, submission.policy)
    opened.claim = "taken" if slot else "none"
    move.claim = "take" if slot else "keep"
    move.draft = str(act.payload.get("draft", ""))
    move.go(Stage.UNIT_REVIEW)
    cutoff = submission.policy.chain_cutoff
    move.tell(
        Received(stage=Stage.UNIT_REVIEW, cutoff_on=cutoff.ends_on, cutoff_at=cutoff.hour),
        Party.APPLICANT,
    )
    tell_task(move)
    settle(move)
    return move


def end_ineligible(case: Case, act: Act, now: datetime, reasons: tuple[Refusal, ...]) -> Move:
    """不符合申报条件: recorded with all reasons, no claim, nothing waits any more."""
    move = Move(
        case=case.copied(),
        action="submit",
        at=act.acted_at or now,
        now=now,
        actor=act.actor,
        relation=Relation.APPLICANT,
        request_id=act.request_id,
        mark=fingerprint("submit", act),
        payload=act.payload,
        clause=reasons[0].clause,
        refusals=reasons,
        draft=str(act.payload.get("draft", "")),
    )
    move.case.end = End(
        name=EndName.INELIGIBLE,
        at=move.at,
        clause=reasons[0].clause,
        reason="、".join(dict.fromkeys(reason.code.value for reason in reasons)),
        by=act.actor.person,
        remedy=EndName.INELIGIBLE.value,
    )
    ended = Ended(end=EndName.INELIGIBLE, clause=reasons[0].clause, refusals=reasons)
    move.tell(ended, Party.APPLICANT)
    missing = [reason for reason in reasons if reason.code is Code.CALENDAR_MISSING]
    if missing:
        first = missing[0]
        move.tell(Operator(code=first.code, values=first.params), Party.OPERATIONS)
    return move


def _unverified(
    verified: VerificationAnswer, known: tuple[OpenCheck, ...], clause: str
) -> tuple[OpenCheck, ...]:
    """What the platform could not verify, a person looks at (BD 六(一)b)."""
    keys = {check.key for check in known}
    return tuple(
        OpenCheck(
            key=f"verify:{result.check}",
            body="unit" if result.check in UNIT_CHECKS else "office",
            clause=clause,
            note=result.result,
        )
        for result in verified.results
        if result.result != "verified" and f"verify:{result.check}" not in keys
    )
