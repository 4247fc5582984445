"""Days that an application states of the past: none may lie ahead of it, none may end before it began."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from workflows.rules.facts import Facts
from workflows.rules.findings import Findings, reason, refused
from workflows.rules.message import local_date
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, Refusal


def examine_days(facts: Facts, policy: Policy, at: datetime) -> Findings:
    """What is stated as done was done by the day of the submission (a title of 2031 is a slip).

    The approval of a retirement may lie ahead: it is known before it comes.
    """
    today = local_date(at)
    ahead = (
        reason(
            Code.DATE_NOT_ALLOWED,
            clause,
            reason="stated_ahead",
            stated_day=name.partition(":")[0],
            achievement=name.partition(":")[2],
            date=day,
            today=today,
        )
        for name, day, clause in _days(facts, policy)
        if day > today
    )
    return refused(*ahead, *_backwards(facts, policy))


def _days(facts: Facts, policy: Policy) -> Iterator[tuple[str, date, str]]:
    """Each day with the name of what it is of, and the clause that asks for it."""
    if facts.current_title is not None:
        yield "title", facts.current_title.obtained_on, policy.tenure.source
    where = facts.residency
    for name in ("insured_from", "worked_from", "archived_from"):
        day = getattr(where, name)
        if day is not None:
            yield name, day, policy.residency.source
    for achievement in facts.achievements:
        yield f"achievement:{achievement.id}", achievement.achieved_on, policy.achievements.source
    for claim in facts.relaxations:
        if claim.served_from is not None:
            yield "served_from", claim.served_from, policy.tenure.source


def _backwards(facts: Facts, policy: Policy) -> Iterator[Refusal]:
    for claim in facts.relaxations:
        first, last = claim.served_from, claim.served_to
        if first is not None and last is not None and last < first:
            yield reason(
                Code.DATE_NOT_ALLOWED,
                policy.tenure.source,
                reason="served_backwards",
                date=last,
                starts_on=first,
            )
