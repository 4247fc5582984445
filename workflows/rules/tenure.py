"""Years in the current title, counted to the cutoff day, and the one best relaxation (A39)."""

from __future__ import annotations

from datetime import date, timedelta

from workflows.rules.facts import Facts, OpenCheck, Relaxation
from workflows.rules.findings import Findings, left_open, together
from workflows.rules.policy import Policy
from workflows.rules.residency import reached_on


def best_relaxation(facts: Facts, policy: Policy) -> int:
    """How many years earlier this person may apply: the best single ground, never a sum (A39).

    A ground counts with the full-time service it needs (1年及以上) behind it, up to the cutoff.
    """
    years = [
        policy.tenure.relaxations.get(claim.kind, {}).get(facts.level, 0)
        for claim in facts.relaxations
        if _served_long_enough(claim, policy)
    ]
    return max(years, default=0)


def years_counted(facts: Facts, policy: Policy) -> int | None:
    """Full years in the current title by the cutoff day; None without a title or a statement.

    The stated years never outrun the day on which the title was obtained.
    """
    known = [] if facts.years_in_title is None else [facts.years_in_title]
    if facts.current_title is not None:
        known.append(_full_years(facts.current_title.obtained_on, policy.tenure.cutoff))
    return min(known, default=None)


def examine_tenure(facts: Facts, policy: Policy) -> Findings:
    """Leave to a person what the notice cannot decide alone: a short tenure, a special group.

    Who claims to belong to a special group (BD 二(六)-(七), LC 二(五)) is looked at by the office:
    dispatcher, full-time service, yearly assessment, waivers and substitutions stand in papers
    and in conditions that are attachments, not in the notice.
    """
    return together((_claimed_groups(facts, policy), _short_tenure(facts, policy)))


def _claimed_groups(facts: Facts, policy: Policy) -> Findings:
    return left_open(
        *(
            OpenCheck(
                key=f"special_group:{claim.kind}",
                body="office",
                clause=policy.clause("special_group", policy.tenure.source),
                note="served" if _served_long_enough(claim, policy) else "service_short",
            )
            for claim in facts.relaxations
        )
    )


def _short_tenure(facts: Facts, policy: Policy) -> Findings:
    required = policy.tenure.required_years.get(facts.level)
    years = years_counted(facts, policy)
    # Without a title the level is applied for directly (渝职改〔1998〕50号): nothing to count.
    if required is None or years is None or facts.current_title is None:
        return Findings()
    if years + best_relaxation(facts, policy) >= required:
        return Findings()
    note = f"{years}/{required}"
    return left_open(OpenCheck(key="tenure", body="office", clause=policy.tenure.source, note=note))


def _served_long_enough(claim: Relaxation, policy: Policy) -> bool:
    if claim.served_from is None:
        return False
    until = min(claim.served_to or policy.tenure.cutoff, policy.tenure.cutoff)
    # Both days of service count: 2022-03-01 to 2023-02-28 is a year.
    full_on = reached_on(claim.served_from, policy.tenure.relaxation_months)
    return full_on <= until + timedelta(days=1)


def _full_years(since: date, until: date) -> int:
    before_the_day = (until.month, until.day) < (since.month, since.day)
    return max(0, until.year - since.year - before_the_day)
