"""The read side: lists, search, trail, reports, recipients, submissions and gateways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from temporalio.exceptions import ApplicationError

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.letters.facts import LetterFacts
from activities.letters.recipients import Recipients
from activities.paging import Count
from activities.reading import Reading
from activities.records import CaseRecords
from activities.references import AmbiguousReferenceError
from activities.statements import FOLDER, statements
from activities.submissions import Submissions
from activities.verification import Verification
from activities.views import CaseFilter, InboxFilter, TaskView
from tests.builders import BD, LC, SUBMITTED
from tests.fixtures.record import OPENED, Office
from tests.integration.steps import (
    APPLICATION,
    AT,
    UNIT,
    a_deadline,
    a_letter,
    a_projection,
    a_step,
    an_application,
    following,
    opening,
)
from workflows.application.messages import RecordStep, SubmissionQuery, VerificationRequest
from workflows.rules.names import EndName, Party, RuleName

pytestmark = pytest.mark.integration

OTHER = APPLICATION[:-4] + "beef"
DAY = timedelta(days=1)


@pytest.fixture
async def case(published: Office, intake: Intake, records: CaseRecords) -> str:
    """An open case in the published world."""
    draft = await intake.store_draft("live", BD, an_application())
    await records.record_step(opening(draft))
    return APPLICATION


async def test_every_statement_is_sound(pool: Pool) -> None:
    async with pool.acquire() as connection:
        for file in sorted(FOLDER.glob("*.sql")):
            for statement in statements(file.stem).values():
                await connection.prepare(statement)


async def test_a_case_shows_who_holds_it_and_how_to_reach_them(case: str, reading: Reading) -> None:
    found = await reading.case(case)
    assert found is not None
    assert found.held_by is not None
    assert (found.held_by.organisation, found.held_by.phone) == (UNIT, "023-00000005")
    assert found.places[0].name == "两江数据集团（示例市属国企）"
    assert [deadline.rule for deadline in found.deadlines] == [RuleName.UNIT_DUTY]
    assert [task.key for task in found.tasks] == ["unit_review"]
    assert found.facts is not None


async def test_a_case_is_not_found_in_another_realm(case: str, reading: Reading) -> None:
    assert await reading.case(case, "r1") is None
    assert await reading.case("application-none") is None


@pytest.mark.parametrize(
    "reference", [APPLICATION, "018bcfe5", "00cafe", "BD-2023-7", f" {APPLICATION} "]
)
async def test_a_case_is_found_by_whatever_names_it(
    case: str, records: CaseRecords, reading: Reading, reference: str
) -> None:
    await records.record_step(following(2, state='{"acceptance_number": "BD-2023-7"}'))
    assert await reading.resolve(reference) == case


async def test_a_reference_that_names_nothing_is_nothing(case: str, reading: Reading) -> None:
    for nothing in ("", " ", "018b%", "018b", "cafe", "application-", "application-018b", "applic"):
        assert await reading.resolve(nothing) is None
    assert await reading.resolve("018bcfe5", "r1") is None


async def test_a_reference_that_fits_several_says_which(
    case: str, records: CaseRecords, reading: Reading
) -> None:
    await records.record_step(opening("", application=OTHER, claim="keep"))
    with pytest.raises(AmbiguousReferenceError) as caught:
        await reading.resolve("018bcfe5")
    assert caught.value.candidates == (OTHER, APPLICATION)


async def test_the_trail_reads_with_names_and_texts(
    case: str, records: CaseRecords, reading: Reading, intake: Intake
) -> None:
    reason = await intake.store_text("张贴于公告栏")
    step = a_step(2, reason=reason, payload={"place": reason, "contacts": [reason]})
    await records.record_step(following(2, step=step))
    first, second = await reading.timeline(case)
    assert (first.seq, first.name) == (1, "submit")
    assert second.reason == second.payload["place"] == "张贴于公告栏"
    assert second.payload["contacts"] == ["张贴于公告栏"]
    assert (second.actor, second.organisation_name) == ("liu", "两江数据集团（示例市属国企）")
    assert await reading.timeline("application-none") == ()


async def tasks_of(reading: Reading, at: datetime, **wanted: Any) -> tuple[TaskView, ...]:
    """What lies in an inbox at an instant."""
    return (await reading.inbox(InboxFilter.model_validate({"as_of": at} | wanted))).tasks


async def test_the_inbox_is_as_of_an_instant(
    case: str, records: CaseRecords, reading: Reading
) -> None:
    gone = a_projection(tasks=())
    await records.record_step(following(2, step=a_step(2, at=AT + DAY), projection=gone))
    counts = [
        len(await tasks_of(reading, at, organisation=UNIT))
        for at in (AT - DAY, AT, AT + DAY / 2, AT + DAY)
    ]
    assert counts == [0, 1, 1, 0]


async def test_the_inbox_shows_whose_case_and_what_is_late(case: str, reading: Reading) -> None:
    task = (await tasks_of(reading, AT + 10 * DAY, organisation=UNIT))[0]
    assert task.applicant == an_application()["identity"]["name"]
    assert (task.overdue, task.due_on) == (True, date(2023, 10, 17))
    assert not (await tasks_of(reading, AT, organisation=UNIT))[0].overdue


async def test_an_applicant_has_an_inbox(case: str, records: CaseRecords, reading: Reading) -> None:
    found = await reading.case(case)
    assert found is not None
    task = {"key": "correct", "kind": "correct", "person": found.person}
    await records.record_step(
        RecordStep.model_validate(
            {"step": a_step(2), "projection": a_projection().model_dump() | {"tasks": [task]}}
        )
    )
    tasks = await tasks_of(reading, AT, person=found.person)
    assert [item.key for item in tasks] == ["correct"]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 1),
        ({"campaign": BD, "stage": "unit_review", "holder": UNIT}, 1),
        ({"campaign": LC}, 0),
        ({"stage": "in_review"}, 0),
        ({"realm": "r1"}, 0),
        ({"due_by": date(2023, 10, 16)}, 0),
        ({"due_by": date(2023, 10, 17), "only_open": True}, 1),
        ({"end": "withdrawn"}, 0),
    ],
)
async def test_cases_are_listed_by_what_is_asked(
    case: str, reading: Reading, wanted: dict[str, Any], count: int
) -> None:
    page = await reading.cases(CaseFilter.model_validate(wanted))
    assert (len(page.cases), page.total) == (count, Count(number=count))


async def test_a_page_knows_how_many_there_are_and_where_the_next_begins(
    case: str, records: CaseRecords, reading: Reading
) -> None:
    await records.record_step(opening("", application=OTHER, claim="keep"))
    page = await reading.cases(CaseFilter(limit=1))
    assert (len(page.cases), page.total) == (1, Count(number=2))
    second = await reading.cases(CaseFilter(limit=1, after=page.following))
    assert [item.application for item in (*page.cases, *second.cases)] == sorted((OTHER, case))
    assert (second.total, second.following) == (None, "")


async def test_what_lists_show_of_an_id_means_that_case_alone(
    case: str, records: CaseRecords, reading: Reading
) -> None:
    short = await reading.short_ids([case])
    assert await reading.resolve(short[case]) == case
    await records.record_step(
        opening("", application=f"application-x{case[-8:]}", claim="keep", letters=())
    )
    assert await reading.short_ids([case]) == {}


async def test_a_person_is_found_by_name_or_number_however_written(
    case: str, reading: Reading
) -> None:
    identity = an_application()["identity"]
    by_name = await reading.cases(CaseFilter(name=f" {identity['name']}"))
    by_number = await reading.cases(CaseFilter(id_number=identity["id_number"].lower()))
    assert [item.application for item in by_name.cases] == [case]
    assert by_name == by_number
    assert (await reading.cases(CaseFilter(name="别人"))).total == Count(number=0)


@pytest.mark.parametrize(
    "besides", [{"campaign": LC}, {"stage": "in_review"}, {"due_by": date(2023, 10, 16)}]
)
async def test_whoever_is_searched_for_has_to_meet_the_other_conditions_too(
    case: str, reading: Reading, besides: dict[str, Any]
) -> None:
    name = an_application()["identity"]["name"]
    page = await reading.cases(CaseFilter.model_validate({"name": name, **besides}))
    assert page.total == Count(number=0)


async def test_open_applications_are_those_not_closed(
    case: str, records: CaseRecords, reading: Reading
) -> None:
    assert [item async for item in reading.open_applications()] == [case]
    await records.record_step(following(2, projection=a_projection(closed=True)))
    assert [item async for item in reading.open_applications()] == []


async def test_who_may_act_for_an_organisation(published: Office, reading: Reading) -> None:
    people = {right.person: right for right in await reading.people_of(UNIT, AT)}
    assert people["zhang"].name == "张某"
    member = await reading.member("zhang")
    assert member is not None
    assert [right.organisation for right in member.grants] == [UNIT]
    assert await reading.actor("zhang", "xinghe-technology", "live", AT) is None


async def test_supervisors_and_operations_have_their_roles(
    published: Office, reading: Reading
) -> None:
    roles = {
        right.role
        for organisation in await reading.organisations()
        for right in await reading.people_of(organisation.id, AT)
    }
    assert roles == {"member", "supervisor", "operations"}


async def test_the_funnel_counts_stages_and_ends(
    case: str, records: CaseRecords, reading: Reading
) -> None:
    ended = a_projection(stage=None, end=EndName.WITHDRAWN, closed=True)
    await records.record_step(opening("", application=OTHER, claim="keep", projection=ended))
    lines = await reading.funnel()
    assert {(line.stage, line.end, line.count) for line in lines} == {
        ("unit_review", "", 1),
        ("", "withdrawn", 1),
    }


async def test_waiting_is_counted_in_working_days(
    case: str, records: CaseRecords, reading: Reading
) -> None:
    # Thursday to the Tuesday after: three working days with the unit, then the department.
    later = a_step(2, at=AT + 5 * DAY)
    up = a_projection(holder="city-industry-department")
    await records.record_step(following(2, step=later, projection=up))
    lines = {line.holder: line for line in await reading.waiting(as_of=AT + 6 * DAY)}
    assert (lines[UNIT].working_days, lines[UNIT].hours, lines[UNIT].open_now) == (3, 120.0, 0)
    department = lines["city-industry-department"]
    assert (department.working_days, department.open_now) == (1, 1)


async def test_what_struck_says_against_whom_and_why(
    case: str, records: CaseRecords, reading: Reading
) -> None:
    step = a_step(
        2,
        source="clock",
        name="unit_duty",
        actor=None,
        at=a_deadline().ends_at,
        stage_after=None,
        end_after=EndName.LAPSED,
    )
    gone = a_projection(stage=None, end=EndName.LAPSED, deadlines=(), tasks=(), holder="")
    await records.record_step(following(2, step=step, projection=gone))
    line = (await reading.struck())[0][0]
    assert (line.holder, line.end, line.rule) == (UNIT, EndName.LAPSED, "unit_duty")
    assert line.why == "自 2023-10-12 起，3个工作日，至 2023-10-17"


async def test_a_notice_goes_to_the_person_it_names(
    case: str, reading: Reading, pool: Pool, identity: Identity, records: CaseRecords
) -> None:
    found = await reading.case(case)
    assert found is not None
    orders = (
        a_letter("a", person=found.person),
        a_letter("b", to=Party.UNIT, organisation=UNIT),
        a_letter("c", to=Party.OPERATIONS),
        a_letter("d", to=Party.COMPLAINANT),
    )
    await records.record_step(following(2, letters=orders))
    recipients = Recipients(LetterFacts(pool, reading).sweep())
    resolved = [await recipients.resolve(letter) for letter in (await reading.letters(case))[1:]]
    assert resolved[0].email == an_application()["identity"]["email"]
    assert resolved[1].email == "liangjiang-data-group@example.test"
    assert resolved[2].name == "平台运行组（示例）"
    assert (resolved[3].name, resolved[3].email) == ("", None)


async def test_a_submission_travels_with_its_route_rules_and_years(
    published: Office, intake: Intake, submissions: Submissions
) -> None:
    draft = await intake.store_draft("live", BD, an_application("district_unit"))
    query = SubmissionQuery(application=OTHER, realm="live", draft=draft, as_of=SUBMITTED[BD])
    loaded = await submissions.load_submission(query)
    assert [place.kind for place in loaded.places] == ["unit", "department", "district_office"]
    assert loaded.problems == ()
    assert list(loaded.policy.routes) == ["district_unit"]
    assert sorted(loaded.calendar.years) == [2023, 2024, 2025]


async def test_what_the_directory_cannot_resolve_comes_as_a_problem(
    published: Office, intake: Intake, submissions: Submissions
) -> None:
    stated = an_application(facts={"employer": "no-such-unit"})
    draft = await intake.store_draft("live", BD, stated)
    query = SubmissionQuery(application=OTHER, realm="live", draft=draft, as_of=SUBMITTED[BD])
    loaded = await submissions.load_submission(query)
    assert (loaded.places, [problem.code for problem in loaded.problems]) == ((), ["not_found"])


@pytest.mark.parametrize(
    ("end", "claim", "state"),
    [
        (None, "keep", ["alive"]),
        (EndName.NOT_PASSED, "keep", ["used"]),
        (EndName.LAPSED, "release", []),
        (EndName.INELIGIBLE, "release", []),
    ],
)
async def test_other_applications_of_the_year_are_in_the_standing(
    *,
    case: str,
    records: CaseRecords,
    intake: Intake,
    submissions: Submissions,
    end: EndName | None,
    claim: str,
    state: list[str],
) -> None:
    after = a_projection(end=end, stage=None if end else "unit_review")
    await records.record_step(following(2, projection=after, claim=claim))
    draft = await intake.store_draft("live", BD, an_application(facts={"papers": ["x"]}))
    query = SubmissionQuery(application=OTHER, realm="live", draft=draft, as_of=SUBMITTED[BD])
    loaded = await submissions.load_submission(query)
    assert [use.state for use in loaded.standing.yearly] == state


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (None, "green_pending"),
        (EndName.COMPLETED, "green_passed"),
        (EndName.LAPSED, "green_failed"),
    ],
)
async def test_a_green_channel_application_is_known_by_how_it_went(
    *,
    published: Office,
    records: CaseRecords,
    intake: Intake,
    submissions: Submissions,
    end: EndName | None,
    state: str,
) -> None:
    green = await intake.store_draft("live", BD, an_application(facts={"channel": "green"}))
    command = opening(green, claim="keep", projection=a_projection(end=end, stage=None))
    await records.record_step(command)
    draft = await intake.store_draft("live", BD, an_application())
    query = SubmissionQuery(application=OTHER, realm="live", draft=draft, as_of=SUBMITTED[BD])
    loaded = await submissions.load_submission(query)
    assert [(use.channel, use.state) for use in loaded.standing.yearly] == [("green", state)]


@pytest.mark.parametrize(("draft", "realm"), [("draft-none", "live"), ("", "live")])
async def test_a_submission_without_its_draft_is_never_retried(
    submissions: Submissions, draft: str, realm: str
) -> None:
    query = SubmissionQuery(application=OTHER, realm=realm, draft=draft, as_of=AT)
    with pytest.raises(ApplicationError) as caught:
        await submissions.load_submission(query)
    assert (caught.value.type, caught.value.non_retryable) == ("not_found", True)


async def test_a_submission_to_a_campaign_never_published_is_said(
    intake: Intake, submissions: Submissions
) -> None:
    draft = await intake.store_draft("live", BD, an_application())
    query = SubmissionQuery(application=OTHER, realm="live", draft=draft, as_of=AT)
    with pytest.raises(ApplicationError, match="no campaign bd-2023"):
        await submissions.load_submission(query)


ANSWERS: dict[str, Any] = {
    "social_insurance": {"result": "verified", "found": {"since": "2010"}},
    "education": {"result": "mismatch"},
    "household": {"result": "unknown"},
    "malformed": {"result": "perhaps"},
}


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """A gateway that answers, answers badly, fails or sleeps; and what it was asked."""
    asked: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(await request.json())
        check = request.match_info["check"]
        if check == "slow":
            await asyncio.sleep(60)
        if check == "broken":
            return web.Response(status=500)
        return web.json_response(ANSWERS[check])

    app = web.Application()
    app.router.add_post("/v1/checks/{check}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    await runner.cleanup()


async def verified(pool: Pool, url: str, *checks: str) -> list[str]:
    """The results of checks, in their order."""
    async with aiohttp.ClientSession() as session:
        answer = await Verification(pool, session, url).verify_submission(
            VerificationRequest(application=APPLICATION, person="person-1", checks=checks)
        )
    assert [item.check for item in answer.results] == list(checks)
    return [item.result for item in answer.results]


async def test_gateways_verify_and_contradict(
    case: str, pool: Pool, gateway: tuple[str, list[dict[str, Any]]]
) -> None:
    checks = ("social_insurance", "education", "household", "malformed", "broken")
    results = await verified(pool, gateway[0], *checks)
    assert results == ["verified", "mismatch", "unverified", "unverified", "unverified"]


async def test_a_gateway_hears_a_hash_and_no_name(
    case: str, pool: Pool, gateway: tuple[str, list[dict[str, Any]]], identity: Identity
) -> None:
    await verified(pool, gateway[0], "social_insurance")
    stated = an_application()["identity"]
    question = gateway[1][0]
    assert question["id_hash"] == identity.id_hash(stated["id_number"]).hex()
    assert stated["name"] not in str(question)
    assert question["stated"]["employer"] == UNIT


async def test_a_slow_gateway_costs_five_seconds_and_only_its_own_answer(
    case: str, pool: Pool, gateway: tuple[str, list[dict[str, Any]]]
) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    results = await verified(pool, gateway[0], "social_insurance", "slow")
    assert results == ["verified", "unverified"]
    assert loop.time() - began <= 5.0


async def test_a_gateway_that_is_away_leaves_everything_unverified(case: str, pool: Pool) -> None:
    assert await verified(pool, "http://127.0.0.1:9", "education") == ["unverified"]


async def test_realms_and_campaigns_are_listed(
    published: Office, intake: Intake, reading: Reading
) -> None:
    await intake.open_realm("r1", OPENED)
    assert [realm.id for realm in await reading.realms()] == ["live", "r1"]
    assert [item.campaign for item in await reading.campaigns()] == [BD, LC]
    assert await reading.campaign_content(BD) == {}
