"""Operations: one transaction, one audit entry, once per id; what they refuse and whom they affect."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities import amending, wording
from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.reading import Reading
from activities.records import CaseRecords
from activities.submissions import Submissions
from tests.builders import BD, LC, SUBMITTED, a_policy
from tests.fixtures.record import OPENED, Office, Rung
from tests.integration.steps import APPLICATION, AT, UNIT, an_application, opening
from workflows.application.messages import Submission, SubmissionQuery
from workflows.letter.messages import room_of
from workflows.operation.messages import Affected, AmendOpen
from workflows.rules.policy import Policy
from workflows.writer.messages import Act

pytestmark = pytest.mark.integration

ZHANG = "990000198501019013"
LI = "990000198501019021"
LATER = AT + timedelta(days=1)


def amended() -> dict[str, Any]:
    """The policy with another document number, and the reason."""
    policy = a_policy(BD).model_dump(mode="json") | {"document": "更正"}
    return {"policy": policy, "reason": "更正印刷错误"}


async def an_open_case(
    intake: Intake, records: CaseRecords, id_number: str, campaign: str = BD
) -> None:
    """An open application of whoever has this ID number."""
    stated = an_application(campaign=campaign, identity={"id_number": id_number})
    draft = await intake.store_draft("live", campaign, stated)
    command = opening(draft)
    projection = command.projection.model_copy(update={"campaign": campaign})
    await records.record_step(command.model_copy(update={"projection": projection}))


async def submission(
    submissions: Submissions,
    intake: Intake,
    *,
    realm: str = "live",
    campaign: str = BD,
    at: Any = None,
    **differences: Any,
) -> Submission:
    """What the writer would be given."""
    draft = await intake.store_draft(
        realm, campaign, an_application(campaign=campaign, **differences)
    )
    return await submissions.load_submission(
        SubmissionQuery(
            application="application-new",
            realm=realm,
            draft=draft,
            as_of=at or SUBMITTED[campaign],
        )
    )


async def test_an_operation_is_once_per_id(published: Office, pool: Pool) -> None:
    count = "SELECT count(*) FROM operation WHERE kind = 'publish_campaign'"
    before = await pool.fetchval(count)
    policy = a_policy(BD).model_dump(mode="json") | {"campaign": "next"}
    first = await published("publish_campaign", policy, operation="operation-1")
    again = await published("publish_campaign", policy, operation="operation-1")
    assert first.done
    assert first == again
    assert await pool.fetchval(count) == before + 1


async def test_an_unknown_kind_is_refused(office: Office) -> None:
    outcome = await office("guess")
    assert [refusal.code for refusal in outcome.refusals] == ["unknown_action"]


@pytest.mark.parametrize(
    ("kind", "stated", "fields"),
    [
        ("change_address", {"person": "zhang", "source": "来函"}, "email"),
        ("change_address", {"organisation": UNIT}, "email"),
    ],
)
async def test_an_address_that_no_mail_can_bear_is_refused_and_nothing_changes(
    kind: str, stated: dict[str, str], fields: str, published: Office, pool: Pool
) -> None:
    before = await pool.fetchval("SELECT md5(string_agg(o::text, '')) FROM organisation o")

    outcome = await published(kind, stated | {"email": "liu@example.test,wang@example.test"})

    told = outcome.refusals[0]
    assert (told.code, told.params["fault"]) == ("address_unusable", "several")
    assert told.params["fields"] == fields
    assert "liu" not in outcome.model_dump_json()
    assert wording.sentence(told).message.startswith("电子邮箱地址不能使用：写了不止一个地址")
    after = await pool.fetchval("SELECT md5(string_agg(o::text, '')) FROM organisation o")
    assert before == after


async def test_a_changed_address_is_kept_in_its_usual_form(
    published: Office, reading: Reading
) -> None:
    await published("change_address", {"organisation": UNIT, "email": "<unit@Example.TEST>。"})

    organisation = await reading.organisation(UNIT)
    assert organisation is not None
    assert organisation.email == "unit@example.test"


async def test_an_input_that_cannot_be_used_is_refused_by_its_fields_without_its_words(
    office: Office, pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    members = [{"id": "x", "name": "x", "organisation": 5, "id_number": ZHANG}]
    outcome = await office("import_directory", {"members": members})
    told = outcome.refusals[0]
    assert (told.code, told.params["fields"]) == ("malformed_payload", "members.0.organisation")
    assert ZHANG not in caplog.text + outcome.model_dump_json()
    assert await pool.fetchval("SELECT outcome::text FROM operation WHERE kind <> 'install'")


async def test_a_refusal_is_in_the_audit_and_changes_nothing(office: Office, pool: Pool) -> None:
    outcome = await office("enter_bar", {"id_number": ZHANG, "years": 3})
    assert [refusal.code for refusal in outcome.refusals] == ["reason_required"]
    assert await pool.fetchval("SELECT count(*) FROM operation WHERE kind <> 'install'") == 1
    assert await pool.fetchval("SELECT count(*) FROM bar") == 0


async def test_publishing_gives_the_first_version(published: Office, reading: Reading) -> None:
    stated = a_policy(BD).model_dump(mode="json") | {"campaign": "next"}
    outcome = await published("publish_campaign", stated)
    assert (outcome.done, outcome.version) == (True, "1")
    policy = await reading.policy("next")
    assert isinstance(policy, Policy)
    assert policy.version == 1


async def test_publishing_the_same_again_is_the_version_there_is(published: Office) -> None:
    outcome = await published("publish_campaign", a_policy(BD).model_dump(mode="json"))
    assert (outcome.version, outcome.count) == ("1", 0)


async def test_publishing_another_content_is_an_amendment(published: Office) -> None:
    outcome = await published("publish_campaign", amended())
    assert [refusal.code for refusal in outcome.refusals] == ["duplicate_conflict"]


def reached(campaign: str) -> Affected:
    """One case of the live office."""
    return Affected(realms=("live",), campaign=campaign, count=1)


class Handed:
    """A way to the cases that notes what it handed over, and may break once."""

    def __init__(self, breaks_at: str = "") -> None:
        self.acts: list[tuple[str, str]] = []
        self.breaks_at = breaks_at

    async def hand(self, subject: str, action: str, act: Act) -> bool:
        """Note it."""
        if subject == self.breaks_at:
            self.breaks_at = ""
            raise ConnectionError(subject)
        assert (action, act.actor.role) == ("amend", "system")
        self.acts.append((subject, act.request_id))
        return True


async def test_whatever_is_open_is_told_page_by_page_and_goes_on_where_it_stopped(
    published: Office, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amending, "STREAMED", 2)
    cases = [f"application-{number}" for number in range(7)]
    await pool.executemany(
        "INSERT INTO application (id, realm, seq, campaign, closed) VALUES ($1, 'live', 1, $2, $3)",
        [(case, LC if case.endswith("1") else BD, case.endswith("6")) for case in cases],
    )
    open_ones = [case for case in cases if case[-1] not in "16"]
    handed = Handed(breaks_at=cases[4])
    command = AmendOpen(operation="operation-1", affected=reached(BD))
    environment = ActivityEnvironment()
    beats: list[tuple[Any, ...]] = []
    environment.on_heartbeat = lambda *details: beats.append(details)

    with pytest.raises(ConnectionError):
        await environment.run(amending.Amending(pool, handed).amend_open, command)
    assert beats == [("live", cases[2], 2)]
    again = ActivityEnvironment()
    again.info = dataclasses.replace(again.info, heartbeat_details=list(beats[-1]))
    await again.run(amending.Amending(pool, handed).amend_open, command)

    assert sorted({subject for subject, _ in handed.acts}) == open_ones
    assert {subject for subject, _ in handed.acts[:2]} == set(open_ones[:2])
    assert all(request == f"operation-1:{subject}" for subject, request in handed.acts)
    assert [subject for subject, _ in handed.acts].count(cases[0]) == 1


async def test_an_amendment_keeps_both_versions_and_counts_the_open_cases(
    published: Office, intake: Intake, records: CaseRecords, reading: Reading
) -> None:
    await an_open_case(intake, records, ZHANG)
    outcome = await published("amend_campaign", amended())
    assert (outcome.version, outcome.affected) == ("2", reached(BD))
    old, new = await reading.policy(BD, 1), await reading.policy(BD)
    assert old is not None
    assert new is not None
    assert (old.document, new.document) == (BD, "更正")


async def test_an_amendment_gives_its_reason(published: Office) -> None:
    outcome = await published("amend_campaign", amended() | {"reason": ""})
    assert [refusal.code for refusal in outcome.refusals] == ["reason_required"]


async def test_an_amendment_of_nothing_is_refused(office: Office) -> None:
    outcome = await office("amend_campaign", amended())
    assert [refusal.code for refusal in outcome.refusals] == ["not_found"]


async def test_a_rehearsal_amends_for_itself_alone(
    published: Office, intake: Intake, reading: Reading
) -> None:
    await intake.open_realm("r1", OPENED)
    await published("amend_campaign", amended(), realm="r1")
    live, there = await reading.policy(BD), await reading.policy(BD, realm="r1")
    assert live is not None
    assert there is not None
    assert (live.version, there.version, there.document) == (1, 2, "更正")


async def test_a_rehearsal_may_publish_its_own_content(published: Office, intake: Intake) -> None:
    await intake.open_realm("r1", OPENED)
    outcome = await published("publish_campaign", amended(), realm="r1")
    assert (outcome.done, outcome.version) == (True, "2")


async def test_a_further_year_joins_the_calendar(published: Office, reading: Reading) -> None:
    before = await reading.calendar()
    await published("load_calendar", {"year": 2027, "source": "通知"})
    after = await reading.calendar()
    assert before is not None
    assert after is not None
    assert after.years.keys() - before.years.keys() == {2027}
    assert await reading.calendar(before.version) == before


async def test_a_published_year_is_only_amended(published: Office) -> None:
    other = {"year": 2024, "source": "测试", "holidays": {"2024-10-08": "临时放假"}}
    outcome = await published("load_calendar", other)
    assert [refusal.code for refusal in outcome.refusals] == ["duplicate_conflict"]
    assert (await published("amend_calendar", other | {"reason": "临时通知"})).done


async def test_an_amendment_may_state_only_what_changes(
    published: Office, intake: Intake, records: CaseRecords, reading: Reading
) -> None:
    await an_open_case(intake, records, ZHANG)
    change = {"year": 2023, "holidays": {"2023-10-12": "临时放假"}, "reason": "临时放假"}
    outcome = await published("amend_calendar", change)
    assert outcome.affected == reached("")
    workday = {"year": 2023, "workdays": ["2023-10-12", "2023-10-28"], "reason": "临时调休"}
    calendar = await reading.calendar()
    assert calendar is not None
    assert calendar.why_rest(date(2023, 10, 12)) == "临时放假"
    await published("amend_calendar", workday)
    calendar = await reading.calendar()
    assert calendar is not None
    assert calendar.years[2023].holidays == {}
    assert calendar.years[2023].workdays == (date(2023, 10, 28),)


async def test_a_change_to_a_year_never_published_is_refused(published: Office) -> None:
    outcome = await published("amend_calendar", {"year": 2030, "reason": "x"})
    assert [refusal.code for refusal in outcome.refusals] == ["calendar_missing"]


async def test_the_directory_can_be_imported_again(published: Office, pool: Pool) -> None:
    count = "SELECT (SELECT count(*) FROM access_grant), (SELECT count(*) FROM person)"
    before = await pool.fetchrow(count)
    from config.directory_files import DIRECTORY, read

    directory = read(DIRECTORY / "chongqing.toml")
    assert (await published("import_directory", directory.model_dump(mode="json"))).done
    assert await pool.fetchrow(count) == before


async def test_a_right_lasts_from_its_first_day_to_the_end_of_its_last(
    published: Office, reading: Reading
) -> None:
    await published(
        "grant", person="zhu", organisation=UNIT, starts_at="2023-11-01", ends_at="2023-11-30"
    )
    days = ("2023-10-31T23:59", "2023-11-01T00:00", "2023-11-30T23:59", "2023-12-01T00:00")
    roles = [
        await reading.actor("zhu", UNIT, "live", OPENED.fromisoformat(f"{day}:00+08:00"))
        for day in days
    ]
    assert roles == [None, "member", "member", None]


async def test_the_same_right_is_given_once(published: Office) -> None:
    given = {"person": "zhu", "organisation": UNIT, "starts_at": "2023-11-01"}
    assert (await published("grant", given)).count == 1
    assert (await published("grant", given)).count == 0


@pytest.mark.parametrize(
    ("person", "organisation"), [("nobody", UNIT), ("zhu", "no-such-organisation")]
)
async def test_a_right_needs_a_known_person_and_organisation(
    published: Office, person: str, organisation: str
) -> None:
    outcome = await published("grant", person=person, organisation=organisation)
    assert [refusal.code for refusal in outcome.refusals] == ["not_found"]


@pytest.mark.parametrize(("campaign", "organisation"), [(BD, UNIT), (LC, "xinghe-technology")])
async def test_a_right_that_breaks_the_administrator_rule_is_refused(
    published: Office,
    intake: Intake,
    records: CaseRecords,
    campaign: str,
    organisation: str,
) -> None:
    await an_open_case(intake, records, ZHANG, campaign)
    outcome = await published("grant", person="zhang", organisation=organisation, at=LATER)
    assert [refusal.code for refusal in outcome.refusals] == ["admin_conflict"]


async def test_bd_allows_a_right_beside_the_own_route(
    published: Office, intake: Intake, records: CaseRecords
) -> None:
    await an_open_case(intake, records, ZHANG)
    outcome = await published("grant", person="zhang", organisation="xinghe-technology", at=LATER)
    assert outcome.done


async def test_a_revoked_right_ends_at_once(published: Office, reading: Reading) -> None:
    await published("revoke_grant", member="li", organisation="xinghe-technology", at=LATER)
    assert await reading.actor("li", "xinghe-technology", "live", AT) == "member"
    assert await reading.actor("li", "xinghe-technology", "live", LATER) is None


async def test_a_rehearsal_ends_a_right_for_itself_alone(
    published: Office, intake: Intake, reading: Reading, submissions: Submissions
) -> None:
    await intake.open_realm("r1", OPENED)
    await published(
        "revoke_grant", member="li", organisation="xinghe-technology", realm="r1", at=AT
    )
    assert await reading.actor("li", "xinghe-technology", "live", LATER) == "member"
    assert await reading.actor("li", "xinghe-technology", "r1", LATER) is None
    there = await submission(submissions, intake, realm="r1", at=LATER, identity={"id_number": LI})
    assert there.standing.admin_of == ()


async def test_rights_held_at_submission_are_in_the_standing(
    published: Office, intake: Intake, submissions: Submissions
) -> None:
    loaded = await submission(submissions, intake, identity={"id_number": ZHANG})
    assert loaded.standing.admin_of == (UNIT,)


async def test_a_bar_counts_until_it_is_lifted(
    published: Office, intake: Intake, submissions: Submissions
) -> None:
    stated = {"id_number": ZHANG, "starts_on": "2023-10-01", "ends_on": "2026-09-30"}
    await published("enter_bar", stated | {"reason": "造假"})
    loaded = await submission(submissions, intake, identity={"id_number": ZHANG})
    assert [bar.ends_on for bar in loaded.standing.bars] == [date(2026, 9, 30)]
    assert loaded.standing.bars[0].reason.startswith("text-")
    await published("lift_bar", {"id_number": ZHANG, "reason": "复查撤销"})
    loaded = await submission(submissions, intake, identity={"id_number": ZHANG})
    assert loaded.standing.bars == ()


async def test_a_bar_of_years_ends_on_the_same_day(published: Office) -> None:
    outcome = await published("enter_bar", {"id_number": ZHANG, "years": 3, "reason": "造假"})
    assert outcome.params["ends_on"] == "2026-10-01"


async def test_an_application_elsewhere_is_in_the_standing_with_its_latest_state(
    published: Office, intake: Intake, submissions: Submissions
) -> None:
    stated = {"id_number": ZHANG, "year": 2023, "channel": "green", "state": "green_pending"}
    await published("record_outside_application", stated)
    await published("record_outside_application", stated | {"state": "green_failed"})
    loaded = await submission(submissions, intake, identity={"id_number": ZHANG})
    assert [use.state for use in loaded.standing.yearly] == ["green_failed"]


async def test_a_notice_is_sent_again_as_a_row_of_its_own(
    published: Office,
    intake: Intake,
    records: CaseRecords,
    reading: Reading,
    rung: Rung,
) -> None:
    await an_open_case(intake, records, ZHANG)
    first = (await reading.letters(APPLICATION))[0]
    outcome = await published("resend_letter", letter=first.id, operation="operation-1")
    again = await published("resend_letter", letter=first.id, operation="operation-1")
    assert outcome == again
    fresh = await reading.letter(outcome.params["letter"])
    assert fresh is not None
    assert (fresh.resend_of, fresh.kind, fresh.state) == (first.id, first.kind, "queued")
    assert rung.rooms == [room_of("live", APPLICATION)] * 3


async def test_an_unknown_notice_is_not_sent_again(office: Office) -> None:
    outcome = await office("resend_letter", letter="none")
    assert [refusal.code for refusal in outcome.refusals] == ["not_found"]


async def test_an_address_changes_and_the_rest_stays(published: Office, reading: Reading) -> None:
    await published(
        "change_address", {"person": "zhang", "email": "new@example.test", "source": "来函"}
    )
    contact = await reading.person_contact("zhang")
    assert contact is not None
    assert (contact.name, contact.email) == ("张某", "new@example.test")
    await published("change_address", {"organisation": UNIT, "phone": "023-00000001"})
    organisation = await reading.organisation(UNIT)
    assert organisation is not None
    assert (organisation.phone, bool(organisation.email)) == ("023-00000001", True)


async def test_the_address_of_somebody_unknown_is_refused(office: Office) -> None:
    outcome = await office(
        "change_address", {"person": "nobody", "email": "x@example.test", "source": "来函"}
    )
    assert [refusal.code for refusal in outcome.refusals] == ["not_found"]


async def test_the_clock_of_a_rehearsal_is_noted(
    office: Office, intake: Intake, reading: Reading
) -> None:
    await intake.open_realm("r1", OPENED)
    await office("set_realm_time", realm="r1", now_at=LATER.isoformat())
    realm = await reading.realm("r1")
    assert realm is not None
    assert realm.now_at == LATER


@pytest.mark.parametrize("kind", ["close_realm", "set_realm_time"])
async def test_the_live_office_has_no_other_clock(office: Office, kind: str) -> None:
    outcome = await office(kind, now_at=LATER.isoformat())
    assert [refusal.code for refusal in outcome.refusals] == ["shift_forbidden"]


async def test_two_imports_at_once_are_one_after_the_other(
    office: Office, identity: Identity, pool: Pool
) -> None:
    import asyncio

    stated = {"organisations": [{"id": "a", "name": "a", "kind": "unit"}]}
    outcomes = await asyncio.gather(*(office("import_directory", stated) for _ in range(3)))
    assert all(outcome.done for outcome in outcomes)
    assert await pool.fetchval("SELECT count(*) FROM organisation WHERE id = 'a'") == 1
