"""Whether a submission is sound: every reason against it at once, and what a person decides.

Each refusal carries its clause and the values of its sentence; these are keys, never wording:

=====================  =============================================================
code                   params
=====================  =============================================================
window_not_open        starts_on, ends_on, at
window_closed          starts_on, ends_on, at
out_of_scope           reason = not_in_service, field_missing, field_not_listed (field),
                       both_elsewhere, wrong_route, no_such_route, not_self_evaluating,
                       restricted_industry; organisation where one is meant
level_not_handled      level, min_level, max_level; next = other_committee
excluded_retired       approved_on
excluded_bar           ends_on (the last day of the 影响期), bar (its number, after submission)
already_open,          application, campaign, channel, state, year
yearly_chance_used
employer_mismatch      reason = not_real_employer, insured_elsewhere; employer, insured_unit
admin_conflict         scope, organisations (ids with 、 between)
residency_short        record = insurance, work, archive; since, months, full_on, measured_on
paper_missing          paper (a document kind, or `self_insured`, `tax_record`)
evidence_missing       achievement
evidence_kind_missing  achievement, kind, document (alternatives with | between)
achievement_too_early  achievement, achieved_on, title_obtained_on
date_not_allowed       reason = stated_ahead (stated_day, achievement, date, today), served_backwards (date, starts_on)
pledge_missing         statement = integrity, declassified
calendar_missing       year
not_found              what, organisation, of, district (from `routes.places_of`)
=====================  =============================================================

Keys of open checks: `residency_by_cutoff`, `residency_gap` (A25), `insured_unit` (A27),
`post_vacancy` (A40, the unit's), `profession` (a sub-profession that the notice does not list),
`tenure`, `annual_reason` (211号).
"""

from __future__ import annotations

from datetime import datetime

from workflows.rules.annual_limit import claim_slot, examine_year
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import window_state
from workflows.rules.evidence import examine_achievements, examine_papers, examine_statements
from workflows.rules.facts import Bar, Facts, OpenCheck, Place, Standing
from workflows.rules.findings import Findings, left_open, reason, refused, together
from workflows.rules.message import local, local_date
from workflows.rules.names import Level, Route
from workflows.rules.policy import Policy
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, Refusal
from workflows.rules.residency import examine_residency
from workflows.rules.routes import route_problems
from workflows.rules.stated_days import examine_days
from workflows.rules.tenure import best_relaxation, examine_tenure

LADDER = tuple(Level)
"""The levels from the lowest up."""


def examine(
    facts: Facts,
    standing: Standing,
    places: tuple[Place, ...],
    policy: Policy,
    calendar: Calendar,
    at: datetime,
) -> Findings:
    """Run every check of a submission made at `at` (lifecycle: submit, T5).

    Never raises for what an applicant states. `places` is empty where the directory could not
    resolve the route; those reasons come with the submission itself.
    """
    return together(
        (
            _on_time(policy, calendar, at),
            _level(facts, policy),
            examine_exclusions(facts, standing, policy, at),
            examine_year(facts, standing, policy),
            _administrator(facts, standing, places, policy),
            examine_facts(facts, places, policy, at),
        )
    )


def examine_facts(
    facts: Facts, places: tuple[Place, ...], policy: Policy, at: datetime
) -> Findings:
    """The checks that rest on what is stated alone; asked again of what a correction changed."""
    return together(
        (
            _scope(facts, policy),
            _employer(facts, policy),
            refused(*route_problems(facts, places, policy)),
            examine_days(facts, policy, at),
            examine_residency(facts, policy, at),
            examine_papers(facts, policy),
            examine_achievements(facts, policy),
            examine_tenure(facts, policy),
            _post(facts, policy),
            examine_statements(facts, policy, at),
        )
    )


def examine_exclusions(facts: Facts, standing: Standing, policy: Policy, at: datetime) -> Findings:
    """The three exclusions (BD 一(五)3, LC 一(五)), also asked at 受理 and before the ballot (A24)."""
    today = local_date(at)
    found: list[Refusal] = []
    if facts.civil_servant:
        found.append(_excluded(Code.EXCLUDED_OFFICIAL, policy))
    retired_on = facts.retirement_approved_on
    if retired_on is not None and retired_on <= today:
        found.append(_excluded(Code.EXCLUDED_RETIRED, policy, approved_on=retired_on))
    found += [excluded_by(bar, policy) for bar in standing.bars if today <= bar.ends_on]
    return refused(*found)


def excluded_by(bar: Bar, policy: Policy) -> Refusal:
    """The refusal for one 影响期; with its number where it is known."""
    numbered = {"bar": bar.id} if bar.id else {}
    return _excluded(Code.EXCLUDED_BAR, policy, ends_on=bar.ends_on, **numbered)


def _excluded(code: Code, policy: Policy, **params: object) -> Refusal:
    return reason(code, policy.clause(code.value), **params)


def _on_time(policy: Policy, calendar: Calendar, at: datetime) -> Findings:
    """Whether the window is open. Where it is not, a year's calendar would not help anybody."""
    window = _window(policy, at)
    return window if window.refusals else _calendar(calendar, at)


def _calendar(calendar: Calendar, at: datetime) -> Findings:
    # The unit's clock starts on this day; without its year nothing could be counted (A5, SC28+).
    year = local_date(at).year
    if year in calendar.years:
        return Findings()
    return refused(reason(Code.CALENDAR_MISSING, Reading.WORKING_DAYS, year=year))


def _window(policy: Policy, at: datetime) -> Findings:
    window = policy.windows.application
    state = window_state(window, local(at))
    if state == "open":
        return Findings()
    code = Code.WINDOW_NOT_OPEN if state == "before" else Code.WINDOW_CLOSED
    return refused(
        reason(
            code,
            window.source,
            starts_on=window.starts_on,
            ends_on=window.ends_on,
            at=local(at).isoformat(timespec="minutes"),
        )
    )


def _scope(facts: Facts, policy: Policy) -> Findings:
    return together((_in_service(facts, policy), _field(facts, policy)))


def _in_service(facts: Facts, policy: Policy) -> Findings:
    # A 自由职业者 has no employer to be in service of (BD 一(二), 四(一)4).
    if facts.in_service or facts.route is Route.FREELANCER:
        return Findings()
    clause = policy.clause("in_service")
    return refused(reason(Code.OUT_OF_SCOPE, clause, reason="not_in_service"))


def _field(facts: Facts, policy: Policy) -> Findings:
    """LC 五(四): seven closed fields; each line of sub-professions ends 等专业, so it is open."""
    fields, clause = policy.professions.fields, policy.professions.source
    if not fields:
        return Findings()
    if facts.profession_field not in fields:
        why = "field_not_listed" if facts.profession_field else "field_missing"
        return refused(reason(Code.OUT_OF_SCOPE, clause, reason=why, field=facts.profession_field))
    if facts.profession in fields[facts.profession_field]:
        return Findings()
    return left_open(
        OpenCheck(key="profession", body="office", clause=clause, note=facts.profession)
    )


def _level(facts: Facts, policy: Policy) -> Findings:
    low, high = policy.committee.min_level, policy.committee.max_level
    handled = LADDER.index(low) <= LADDER.index(facts.level) <= LADDER.index(high)
    if handled and facts.level in policy.fees.yuan:
        return Findings()
    source = policy.fees.source if handled else policy.committee.source
    return refused(
        reason(
            Code.LEVEL_NOT_HANDLED,
            policy.clause(Code.LEVEL_NOT_HANDLED.value, source),
            level=facts.level,
            min_level=low,
            max_level=high,
            next="other_committee",
        )
    )


def _employer(facts: Facts, policy: Policy) -> Findings:
    clause = policy.clause(Code.EMPLOYER_MISMATCH.value)
    found: list[Findings] = []
    if not facts.through_real_employer:
        found.append(
            refused(
                reason(
                    Code.EMPLOYER_MISMATCH,
                    clause,
                    reason="not_real_employer",
                    employer=facts.employer,
                )
            )
        )
    return together((*found, _insured_unit(facts, policy, clause)))


def _insured_unit(facts: Facts, policy: Policy, clause: str) -> Findings:
    """BD route 3b: 所在单位与参保单位一致. Elsewhere a difference goes to a person (A27)."""
    if facts.route is Route.FREELANCER or facts.insured_unit == facts.employer:
        return Findings()
    route = policy.routes.get(facts.route)
    must_match = route is not None and route.insured_unit_must_match
    if must_match and facts.insured_unit and route is not None:
        return refused(
            reason(
                Code.EMPLOYER_MISMATCH,
                route.source,
                reason="insured_elsewhere",
                employer=facts.employer,
                insured_unit=facts.insured_unit,
            )
        )
    # Not stated: the data-sharing check on 社保缴费单位 answers, unless the notice asks for it.
    if not facts.insured_unit and not must_match:
        return Findings()
    return left_open(
        OpenCheck(key="insured_unit", body="office", clause=clause, note=facts.insured_unit)
    )


def _administrator(
    facts: Facts, standing: Standing, places: tuple[Place, ...], policy: Policy
) -> Findings:
    """BD 四(二)1: no right in an organisation of one's own route. LC: none at all while held."""
    own = {facts.employer, *(place.organisation for place in places)}
    scope = policy.admin_conflict.scope
    held = sorted(set(standing.admin_of))
    conflicting = [name for name in held if name in own] if scope == "own_route" else held
    if not conflicting:
        return Findings()
    return refused(
        reason(
            Code.ADMIN_CONFLICT,
            policy.admin_conflict.source,
            scope=scope,
            organisations="、".join(conflicting),
        )
    )


def _post(facts: Facts, policy: Policy) -> Findings:
    # 一般应在岗位结构比例内: a warning the unit explains, not a block (A40).
    if facts.post_vacancy is not False:
        return Findings()
    clause = policy.clause("post_vacancy")
    return left_open(OpenCheck(key="post_vacancy", body="unit", clause=clause))


__all__ = [
    "Findings",
    "best_relaxation",
    "claim_slot",
    "examine",
    "examine_exclusions",
    "examine_facts",
    "excluded_by",
]
