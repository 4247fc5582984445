"""渝人社发〔2017〕235号's three cases: a year of insurance, of work, or of keeping the archive here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from workflows.rules.deadlines import add_months
from workflows.rules.facts import Facts, OpenCheck
from workflows.rules.findings import Findings, left_open, reason, refused, together
from workflows.rules.message import Message, local_date
from workflows.rules.names import Route
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code

RECORDED_ROUTES = frozenset(
    {Route.PRIVATE_ARCHIVE_HERE, Route.PRIVATE_ARCHIVE_ELSEWHERE, Route.FREELANCER}
)
"""流动人员, and 自由职业者 by 参照3执行; other routes have an employer that answers for both."""


class Record(Message):
    """The record a case is judged by: which one, and since when it runs (None: there is none)."""

    kind: Literal["insurance", "work", "archive"]
    since: date | None


def examine_residency(facts: Facts, policy: Policy, at: datetime) -> Findings:
    """Judge where the person works, keeps the archive, and for how long.

    Someone with both elsewhere is out of scope except on route 5 (A26).
    """
    where = facts.residency
    if facts.route is Route.RESIDENT_BRANCH:
        return Findings()
    if not where.works_in_city and not where.archive_in_city:
        return _out_of_scope(policy, "both_elsewhere")
    if facts.route not in RECORDED_ROUTES:
        return Findings()
    return together((_archive_fits_route(facts, policy), _long_enough(facts, policy, at)))


def record_of(facts: Facts) -> Record:
    """Which of the three cases it is, and the day its record begins.

    Work time counts 以社保参保记录为准, so work before the first insurance is not on record.
    """
    where = facts.residency
    if not where.works_in_city:
        return Record(kind="archive", since=where.archived_from)
    if where.archive_in_city:
        return Record(kind="insurance", since=where.insured_from)
    known = [day for day in (where.worked_from, where.insured_from) if day is not None]
    return Record(kind="work", since=max(known, default=None))


def reached_on(since: date, months: int) -> date:
    """The day on which so many months are full; the end of time where no such date exists."""
    try:
        return add_months(since, months)
    except ValueError:
        return date.max


def _archive_fits_route(facts: Facts, policy: Policy) -> Findings:
    archive_here = facts.residency.archive_in_city
    misfit = (facts.route is Route.PRIVATE_ARCHIVE_HERE and not archive_here) or (
        facts.route is Route.PRIVATE_ARCHIVE_ELSEWHERE and archive_here
    )
    return _out_of_scope(policy, "wrong_route") if misfit else Findings()


def _out_of_scope(policy: Policy, why: str) -> Findings:
    clause = policy.clause(Code.OUT_OF_SCOPE.value)
    return refused(reason(Code.OUT_OF_SCOPE, clause, reason=why))


def _long_enough(facts: Facts, policy: Policy, at: datetime) -> Findings:
    record, months = record_of(facts), policy.residency.months
    measured_on = local_date(at)
    if policy.residency.as_of == "cutoff":
        measured_on = max(measured_on, policy.tenure.cutoff)
    full_on = reached_on(record.since, months) if record.since else date.max
    if full_on <= measured_on:
        return _unbroken(facts, record, policy)
    if record.kind == "work" and full_on <= policy.tenure.cutoff:
        # A25: 工作1年以上 and 工作时间计算截至12月31日 pull apart here, so a person decides.
        return left_open(_check("residency_by_cutoff", policy, str(full_on)))
    return refused(
        reason(
            Code.RESIDENCY_SHORT,
            policy.residency.source,
            record=record.kind,
            since=record.since or "",
            months=months,
            full_on=full_on if record.since else "",
            measured_on=measured_on,
        )
    )


def _unbroken(facts: Facts, record: Record, policy: Policy) -> Findings:
    if not facts.residency.insured_gap or record.kind == "archive":
        return Findings()
    return left_open(_check("residency_gap", policy))


def _check(key: str, policy: Policy, note: str = "") -> OpenCheck:
    return OpenCheck(key=key, body="office", clause=policy.residency.source, note=note)
