"""What reports add up is kept as cases move, and is at every moment what a recount of the record finds."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from activities.database import Pool
from activities.intake import Intake
from activities.reading import Reading
from activities.records import CaseRecords
from activities.sentinel.following import Following
from activities.sentinel.kinds import Finding, Kind, Outcome
from tests.builders import BD, LC
from tests.fixtures.record import OPENED, Office
from tests.integration.steps import APPLICATION, AT, UNIT, a_projection, a_step, opening
from workflows.application.messages import RecordStep
from workflows.rules.calendar import Calendar
from workflows.rules.message import local_date
from workflows.rules.names import EndName, Stage

pytestmark = pytest.mark.integration

CASES, STEPS, ROUNDS = 24, 18, 3
REALMS = ("live", "live", "practice")
HOLDERS = (UNIT, "city-industry-department", "office", "applicant", "")
STANDINGS: tuple[dict[str, Any], ...] = (
    {"stage": Stage.UNIT_REVIEW},
    {"stage": Stage.CHAIN_REVIEW},
    {"stage": Stage.IN_REVIEW},
    {"stage": None, "end": EndName.LAPSED, "closed": True},
    {"stage": None, "end": EndName.WITHDRAWN},
)
"""An end is none for ever: a case that ended goes on, when what ended it is taken back."""


@dataclass
class Case:
    """One that anything may happen to: acts are told late, as well, and in any order of their days."""

    id: str
    realm: str
    campaign: str
    at: datetime
    seq: int = 0

    def next(self, chance: random.Random) -> RecordStep:
        """Its next step."""
        self.seq += 1
        self.at += timedelta(hours=chance.choice((0, 1, 30, 100, 2_500)))
        acted_at = self.at - timedelta(hours=chance.choice((0, 0, 0, 300)))
        standing = chance.choice(STANDINGS)
        holder = chance.choice(HOLDERS)
        projection = a_projection(
            **standing, campaign=self.campaign, holder=holder, tasks=(), deadlines=()
        )
        named: dict[str, Any] = {"application": self.id, "realm": self.realm, "at": acted_at}
        if self.seq == 1:
            first = opening("", application=self.id, realm=self.realm, claim="keep", letters=())
            return first.model_copy(update={"step": a_step(**named), "projection": projection})
        return RecordStep(step=a_step(self.seq, **named), projection=projection)


async def test_sums_are_what_a_recount_finds_after_whatever_happened(
    published: Office, pool: Pool, intake: Intake, records: CaseRecords, reading: Reading
) -> None:
    chance = random.Random(10)  # noqa: S311 - reproducible, not secret
    await intake.open_realm("practice", OPENED)
    cases = [
        Case(
            f"{APPLICATION[:-4]}{number:04x}",
            chance.choice(REALMS),
            chance.choice((BD, LC)),
            AT + timedelta(days=chance.randrange(400)),
        )
        for number in range(CASES)
    ]

    async def live(case: Case) -> None:
        for _ in range(chance.randrange(2, STEPS // ROUNDS)):
            await records.record_step(case.next(chance))

    async def announced(kind: str, stated: dict[str, Any], realm: str) -> None:
        outcome = await published(kind, stated, realm=realm)
        assert outcome.done, outcome

    changes: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("load_calendar", {"year": 2027, "source": "通知"}, "live"),
        ("amend_calendar", {"year": 2024, "reason": "临时", "holidays": HOLIDAYS}, "live"),
        (
            "amend_calendar",
            {"year": 2025, "reason": "临时", "workdays": ["2025-01-04"]},
            "practice",
        ),
    )
    for kind, stated, realm in changes:
        # At once, as in a worker: they meet on the rows of the sums.
        await asyncio.gather(*map(live, cases))
        await as_recounted(pool, reading)
        await asyncio.gather(announced(kind, stated, realm), *map(live, cases))
        await as_recounted(pool, reading)


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ("UPDATE case_tally SET cases = cases + 1", "case_tally"),
        ("DELETE FROM case_tally", "case_tally"),
        ("UPDATE stay_tally SET working_days = working_days + 1", "stay_tally"),
        ("UPDATE stay_tally SET longest = longest + 1", "stay_tally"),
        ("UPDATE stay_tally SET spent = 0", "stay_tally"),
        ("INSERT INTO stay_tally VALUES ('live', 'x', 'x', 1, 1, 1, 1)", "stay_tally"),
        ("DELETE FROM counted_day WHERE day = '2024-03-05'", "counted_day"),
        ("UPDATE counted_day SET counts = NOT counts WHERE day = '2024-03-05'", "counted_day"),
    ],
)
@pytest.mark.usefixtures("published")
async def test_a_sum_that_is_wrong_is_found_and_counted_again(
    pool: Pool, owner: Pool, records: CaseRecords, reading: Reading, fault: str, what: str
) -> None:
    chance = random.Random(10)  # noqa: S311 - reproducible, not secret
    case = Case(APPLICATION, "live", BD, AT)
    for _ in range(12):
        await records.record_step(case.next(chance))
    following = Following(pool)
    assert await following.sums() == []
    done = await owner.execute(fault)
    assert not done.endswith(" 0"), fault

    found = await following.sums()

    assert what in {finding.what for _, finding, _ in found}
    assert {(finding.kind, outcome) for _, finding, outcome in found} == {
        (Kind.SUMS, Outcome.MENDED)
    }
    assert await following.sums() == []
    await as_recounted(pool, reading, realms={"live"})


@pytest.mark.parametrize(
    "fault",
    [
        "DELETE FROM stay",
        "UPDATE stay SET since = since - interval '1 day'",
        "UPDATE stay SET until = NULL",
        "UPDATE stay SET holder = 'x'",
        "DELETE FROM case_of",
        "UPDATE case_of SET closed = NOT closed",
        "INSERT INTO case_of SELECT application, 'x', realm, due, submitted, closed FROM case_of LIMIT 1",
    ],
)
@pytest.mark.usefixtures("published")
async def test_what_follows_a_case_is_made_again_from_its_steps(
    pool: Pool, owner: Pool, records: CaseRecords, reading: Reading, fault: str
) -> None:
    chance = random.Random(10)  # noqa: S311 - reproducible, not secret
    case = Case(APPLICATION, "live", BD, AT)
    for _ in range(12):
        await records.record_step(case.next(chance))
    following = Following(pool)
    before = await pool.fetch("SELECT * FROM stay ORDER BY seq")
    assert (await following.page("", 9)).found == []
    done = await owner.execute(fault)
    assert not done.endswith(" 0"), fault

    page = await following.page("", 9)

    assert page.found == [(case.id, Finding(Kind.FOLLOWED), Outcome.MENDED)]
    assert (await following.page("", 9)).found == []
    assert await pool.fetch("SELECT * FROM stay ORDER BY seq") == before
    await following.sums()
    await as_recounted(pool, reading, realms={"live"})


HOLIDAYS = {f"2024-02-{day:02d}": "临时放假" for day in range(5, 10)}


async def as_recounted(
    pool: Pool, reading: Reading, realms: Collection[str] = frozenset(REALMS)
) -> None:
    """Both reports of each realm, beside what the record has; the sentinel finds nothing either."""
    following = Following(pool)
    assert (await following.sums(), (await following.page("", 1_000)).found) == ([], [])
    for realm in realms:
        calendar = await reading.calendar(realm=realm)
        assert calendar is not None
        stood = await pool.fetch(
            "SELECT campaign, coalesce(stage, '') AS stage, coalesce(end_name, '') AS end"
            " FROM application WHERE realm = $1",
            realm,
        )
        funnel = await reading.funnel(realm)
        assert Counter({(line.campaign, line.stage, line.end): line.count for line in funnel}) == (
            Counter((row["campaign"], row["stage"], row["end"]) for row in stood)
        )
        for season, campaigns in ((None, (BD, LC)), (2023, (BD,)), (2024, (LC,))):
            as_of = AT + timedelta(days=800)
            lines = await reading.waiting(realm, as_of, season=season)
            told = {line.holder: line.model_copy(update={"holder_name": ""}) for line in lines}
            expected = await counted(pool, realm, campaigns, calendar, as_of)
            assert {name: line.model_dump(exclude={"holder", "holder_name"}) for name, line in told.items()} == expected  # fmt: skip


async def counted(
    pool: Pool, realm: str, campaigns: tuple[str, ...], calendar: Calendar, as_of: datetime
) -> dict[str, dict[str, float]]:
    """Every stay again from the steps alone."""
    rows = await pool.fetch(
        "SELECT s.application, s.holder_after AS holder, s.acted_at FROM step s"
        " JOIN application a ON a.id = s.application"
        " WHERE a.realm = $1 AND a.campaign = ANY ($2) ORDER BY s.application, s.seq",
        realm,
        list(campaigns),
    )
    trails: dict[str, list[tuple[str, datetime]]] = {}
    for row in rows:
        trail = trails.setdefault(row["application"], [("", row["acted_at"])])
        if trail[-1][0] != row["holder"]:
            trail.append((row["holder"], row["acted_at"]))
    found: dict[str, dict[str, float]] = {}
    for trail in trails.values():
        ended = [(holder, since, until, False) for (holder, since), (_, until) in pairwise(trail)]
        for holder, since, until, lasts in [*ended, (*trail[-1], as_of, True)]:
            if not holder:
                continue
            days = worked(calendar, local_date(since), local_date(until))
            line = found.setdefault(holder, dict.fromkeys(SUMS, 0))
            line["stays"] += 1
            line["open_now"] += lasts
            line["working_days"] += days
            line["longest_working_days"] = max(line["longest_working_days"], days)
            line["hours"] += max(0.0, (until - since).total_seconds() / 3600)
    return {name: line | {"hours": round(line["hours"], 1)} for name, line in found.items()}


SUMS = ("stays", "open_now", "working_days", "longest_working_days", "hours")


def worked(calendar: Calendar, since: date, until: date) -> int:
    """Working days after one day up to another; none where a year between was not published."""
    if any(year not in calendar.years for year in range(since.year, until.year + 1)):
        return 0
    span = (until - since).days
    return sum(calendar.is_working_day(since + timedelta(days=day)) for day in range(1, span + 1))
