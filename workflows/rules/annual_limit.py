"""Once a year through the normal channel (A20-A22): what blocks a further application.

BD 一(五) counts no green channel at all, excepts 211号's 辅系列→主系列, and makes 211号's 专项 and the
normal channel alternatives for 贯通 applicants. LC 四(二)2 leaves out only *failed* green-channel
tries. Which of these holds is data (`policy.annual_limit`).
"""

from __future__ import annotations

from workflows.rules.facts import Facts, OpenCheck, Standing, YearlyUse
from workflows.rules.findings import Findings, reason
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, Refusal

NORMAL = "normal"
AUX_TO_MAIN = "aux_to_main_series"


def claim_slot(facts: Facts, policy: Policy) -> str:
    """The slot of the year's claim; empty where the channel takes no claim.

    A main-series application after an auxiliary one has a slot of its own, but only where the
    notice knows that exception (BD 一(五)2, 211号).
    """
    if facts.channel != NORMAL:
        return ""
    excepted = AUX_TO_MAIN in policy.annual_limit.exceptions
    return AUX_TO_MAIN if excepted and facts.annual_reason == AUX_TO_MAIN else NORMAL


def examine_year(facts: Facts, standing: Standing, policy: Policy) -> Findings:
    """Refuse what would be a second application of the year; doubt about 211号 goes to a person."""
    blocking = (_blocked_by(use, facts, policy) for use in standing.yearly)
    return Findings(
        refusals=tuple(refusal for refusal in blocking if refusal is not None),
        checks=_series_to_verify(facts, standing, policy),
    )


def _blocked_by(use: YearlyUse, facts: Facts, policy: Policy) -> Refusal | None:
    if facts.channel == "green":
        return None
    if use.channel == "green" or use.state.startswith("green"):
        return _blocked_by_green(use, facts, policy)
    if facts.channel == "special" or use.channel == "special" or use.state == "special_used":
        return _blocked_by_special(use, facts, policy)
    return _answer(use, policy) if use.slot == claim_slot(facts, policy) else None


def _blocked_by_green(use: YearlyUse, facts: Facts, policy: Policy) -> Refusal | None:
    # A21: BD ignores every green channel; in LC a pending or passed one blocks, a failed one not.
    counts = policy.annual_limit.green == "only_if_failed" and facts.channel == NORMAL
    return _answer(use, policy) if counts and use.state != "green_failed" else None


def _blocked_by_special(use: YearlyUse, facts: Facts, policy: Policy) -> Refusal | None:
    # BD 一(五)2b: 贯通 applicants choose 专项 or the normal channel, 不得重复申报.
    if "special_or_normal" not in policy.annual_limit.exceptions:
        return None
    excepted = AUX_TO_MAIN in (claim_slot(facts, policy), use.slot)
    if excepted and use.state != "special_used":
        return None
    return _answer(use, policy)


def _answer(use: YearlyUse, policy: Policy) -> Refusal:
    pending = use.state in ("alive", "green_pending")
    code = Code.ALREADY_OPEN if pending else Code.YEARLY_CHANCE_USED
    return reason(
        code,
        policy.clause(code.value, policy.annual_limit.source),
        application=use.application,
        campaign=use.campaign,
        channel=use.channel,
        state=use.state,
        year=policy.year,
    )


def _series_to_verify(facts: Facts, standing: Standing, policy: Policy) -> tuple[OpenCheck, ...]:
    # The records do not say which series the other application was for, so where the exception
    # alone lets this one through, a person looks whether it really was the auxiliary series.
    if claim_slot(facts, policy) != AUX_TO_MAIN:
        return ()
    if not any(use.channel == NORMAL and use.slot == NORMAL for use in standing.yearly):
        return ()
    clause = policy.clause(AUX_TO_MAIN, policy.annual_limit.source)
    return (OpenCheck(key="annual_reason", body="office", clause=clause),)
