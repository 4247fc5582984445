"""Whatever an applicant states, the checks answer; and what makes things better never refuses more."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import BD, LC, SUBMITTED, a_calendar, a_policy, facts, organisations
from workflows.rules.annual_limit import claim_slot
from workflows.rules.days import FIRST_YEAR, LAST_YEAR
from workflows.rules.eligibility import examine
from workflows.rules.facts import Bar, Facts, Residency, Standing, YearlyUse
from workflows.rules.findings import Findings
from workflows.rules.message import BEIJING
from workflows.rules.policy import Policy
from workflows.rules.residency import examine_residency
from workflows.rules.routes import places_of
from workflows.rules.tenure import best_relaxation

POLICIES: dict[str, Policy] = {BD: a_policy(BD), LC: a_policy(LC)}
DIRECTORY = organisations()
CALENDAR = a_calendar()

campaigns = st.sampled_from([BD, LC])
days = st.dates()
published = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))
lines = st.text(st.characters(exclude_categories=("C", "Z")))
"""What the doors let in; what they turn away is tried where they are."""
names = st.sampled_from(["", "self", "nobody", *DIRECTORY])
# Up to the year 9990: the last years have no later day to count to.
instants = st.integers(0, 253_000_000_000).map(
    lambda second: datetime.fromtimestamp(second, BEIJING)
)


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    stated = draw(st.builds(Facts, employer=names, insured_unit=names, archive_agency=names))
    papers = st.sampled_from(["entrustment_letter", "archive_search_record", "x"])
    return stated.model_copy(update={"papers": tuple(draw(st.lists(papers, max_size=2)))})


standings = st.builds(
    Standing,
    yearly=st.lists(st.builds(YearlyUse, application=lines, campaign=lines), max_size=2).map(tuple),
    bars=st.lists(st.builds(Bar, ends_on=published), max_size=2).map(tuple),
    admin_of=st.lists(names, max_size=2).map(tuple),
)


def examined(stated: Facts, standing: Standing, policy: Policy, at: datetime) -> Findings:
    places, _ = places_of(stated, policy, DIRECTORY)
    return examine(stated, standing, places, policy, CALENDAR, at)


@settings(max_examples=150)
@given(any_facts(), standings, campaigns, instants)
def test_any_statement_is_answered(
    stated: Facts, standing: Standing, campaign: str, at: datetime
) -> None:
    found = examined(stated, standing, POLICIES[campaign], at)

    assert all(refusal.clause for refusal in found.refusals)
    assert all(check.clause and check.key for check in found.checks)
    assert Findings.model_validate_json(found.model_dump_json()) == found


@settings(max_examples=100)
@given(any_facts(), campaigns)
def test_a_route_is_whole_or_refused(stated: Facts, campaign: str) -> None:
    places, problems = places_of(stated, POLICIES[campaign], DIRECTORY)

    assert bool(places) != bool(problems)
    assert places == () or places[0].organisation == stated.employer


@settings(max_examples=100)
@given(any_facts(), standings, campaigns, st.integers(0, 3))
def test_a_shorter_record_never_helps(
    stated: Facts, standing: Standing, campaign: str, extra: int
) -> None:
    """More bars and more applications of the year refuse at least as much."""
    policy, at = POLICIES[campaign], SUBMITTED[campaign]
    worse = standing.model_copy(
        update={
            "bars": (*standing.bars, Bar(ends_on=at.date() + timedelta(days=extra))),
            "yearly": (*standing.yearly, YearlyUse(application="x", campaign="y", state="alive")),
        }
    )

    before = {r.model_dump_json() for r in examined(stated, standing, policy, at).refusals}
    after = {r.model_dump_json() for r in examined(stated, worse, policy, at).refusals}

    assert before <= after
    assert len(after) > len(before)


@settings(max_examples=100)
@given(
    st.sampled_from(["private_archive_here", "private_archive_elsewhere", "freelancer"]),
    st.dates(date(2015, 1, 1), date(2023, 12, 31)),
    st.integers(0, 800),
    st.booleans(),
)
def test_a_longer_record_never_refuses(route: str, since: date, days: int, gap: bool) -> None:
    def judged(start: date) -> Findings:
        residency = Residency(
            works_in_city=True,
            archive_in_city=route != "private_archive_elsewhere",
            insured_from=start,
            worked_from=start,
            insured_gap=gap,
        )
        stated = facts(route).model_copy(update={"residency": residency})
        return examine_residency(stated, POLICIES[BD], SUBMITTED[BD])

    later, earlier = judged(since), judged(since - timedelta(days=days))

    assert later.refusals or not earlier.refusals


@settings(max_examples=100)
@given(any_facts(), campaigns)
def test_relaxations_are_alternatives(stated: Facts, campaign: str) -> None:
    """A39: the best of all is the best of each by itself."""
    policy = POLICIES[campaign]
    alone = [
        best_relaxation(stated.model_copy(update={"relaxations": (claim,)}), policy)
        for claim in stated.relaxations
    ]

    assert best_relaxation(stated, policy) == max(alone, default=0)


@settings(max_examples=60)
@given(any_facts(), campaigns)
def test_only_the_normal_channel_takes_a_claim(stated: Facts, campaign: str) -> None:
    slot: Any = claim_slot(stated, POLICIES[campaign])

    assert bool(slot) == (stated.channel == "normal")
