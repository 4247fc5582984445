"""The integrity register: who enters, what is corrected, and the guard of acceptance and ballot."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.integrity import (
    BarView,
    IntegrityReading,
    RecordView,
    Register,
    active_records,
    persons_under_record,
)
from activities.records import CaseRecords
from tests.builders import BD
from tests.fixtures.record import Office
from tests.integration.desks import as_person
from tests.integration.steps import AT, a_step, an_application, following, opening
from workflows.application.messages import RecordStep
from workflows.operation.messages import OperationOutcome
from workflows.rules.message import local_date

pytestmark = pytest.mark.integration

ZHANG, LI = "990000198501019013", "990000198501019021"
BAR = {"starts_on": "2023-10-01", "ends_on": "2023-10-12", "reason": "造假", "document": "甲号"}
RECORD = {
    "subject": "applicant",
    "document": "渝职改办〔2023〕9号",
    "decided_by": "city-title-office",
    "decided_on": "2023-09-28",
    "years": 3,
    "reason": "伪造论文",
}


@pytest.fixture
def reading(pool: Pool, identity: Identity) -> IntegrityReading:
    return IntegrityReading(pool, identity)


@pytest.fixture
async def case(records: CaseRecords, intake: Intake) -> str:
    """An open application of 张."""
    draft = await intake.store_draft("live", BD, an_application(identity={"id_number": ZHANG}))
    await records.record_step(opening(draft))
    return draft


def codes(outcome: OperationOutcome) -> list[str]:
    return [refusal.code.value for refusal in outcome.refusals]


def guarded(seq: int = 2, **more: Any) -> RecordStep:
    return following(seq, **{"guard": "bars"} | more)


async def bars_of(reading: IntegrityReading, number: str) -> tuple[BarView, ...]:
    return (await of_person(reading, number)).bars


async def records_of(reading: IntegrityReading, number: str) -> tuple[RecordView, ...]:
    return (await of_person(reading, number)).records


async def of_person(reading: IntegrityReading, number: str) -> Register:
    id_hash = await reading.id_hash(id_number=number)
    assert id_hash
    return await reading.of_person("live", id_hash=id_hash)


async def test_a_step_is_not_written_while_a_bar_covers_its_day(
    published: Office, records: CaseRecords, case: str, pool: Pool
) -> None:
    await published("enter_bar", {"id_number": ZHANG} | BAR)

    answer = await records.record_step(guarded())

    assert [(bar.id, bar.ends_on) for bar in answer.barred] == [("1", date(2023, 10, 12))]
    assert await pool.fetchval("SELECT count(*) FROM step") == 1
    assert await pool.fetchval("SELECT seq FROM application") == 1


async def test_a_step_without_the_guard_asks_nobody(
    published: Office, records: CaseRecords, case: str
) -> None:
    await published("enter_bar", {"id_number": ZHANG} | BAR)
    assert not (await records.record_step(following())).barred


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "barred"),
    [
        ("2023-10-12", "2023-10-12", True),
        ("2023-10-01", "2023-10-11", False),
        ("2023-10-13", "2023-12-31", False),
    ],
)
async def test_the_beijing_day_of_the_act_decides(
    published: Office,
    records: CaseRecords,
    case: str,
    starts_on: str,
    ends_on: str,
    barred: bool,
) -> None:
    await published(
        "enter_bar", {"id_number": ZHANG} | BAR | {"starts_on": starts_on, "ends_on": ends_on}
    )
    # 23:50 of the 12th in Beijing is 15:50 in UTC; ten minutes past midnight is still the 12th there.
    late = AT.replace(hour=23, minute=50)
    answer = await records.record_step(guarded(step=a_step(2, at=late)))
    assert bool(answer.barred) is barred


async def test_what_the_office_cleared_or_lifted_holds_nobody(
    published: Office, records: CaseRecords, case: str
) -> None:
    await published("enter_bar", {"id_number": ZHANG} | BAR)
    assert not (await records.record_step(guarded(cleared=("1",)))).barred
    await published("enter_bar", {"id_number": ZHANG} | BAR)
    assert [b.id for b in (await records.record_step(guarded(3, cleared=("1",)))).barred] == ["2"]
    await published("lift_bar", {"id_number": ZHANG, "reason": "登记有误"})
    assert not (await records.record_step(guarded(3, cleared=("1",)))).barred


async def test_a_step_written_before_the_bar_stays_written(
    published: Office, records: CaseRecords, case: str
) -> None:
    await records.record_step(guarded())
    await published("enter_bar", {"id_number": ZHANG} | BAR)
    assert not (await records.record_step(guarded())).barred


async def test_somebody_elses_bar_and_another_realms_hold_nobody(
    published: Office, records: CaseRecords, intake: Intake, case: str
) -> None:
    await intake.open_realm("r1", AT)
    await published("enter_bar", {"id_number": LI} | BAR)
    await published("enter_bar", {"id_number": ZHANG} | BAR, realm="r1")
    assert not (await records.record_step(guarded())).barred


async def test_a_corrected_bar_is_another_bar_and_the_first_stays_with_the_reason(
    published: Office, reading: IntegrityReading
) -> None:
    await published("enter_bar", {"id_number": ZHANG} | BAR)
    outcome = await published(
        "correct_integrity",
        {"what": "bar", "number": 1, "ends_on": "2024-10-12", "reason": "年限写错"},
    )
    assert outcome.params == {"bar": "2", "ends_on": "2024-10-12"}
    old, new = await bars_of(reading, ZHANG)
    assert (old.lifted, old.lifted_why, old.ends_on) == (True, "年限写错", date(2023, 10, 12))
    assert (new.replaces, new.reason, new.document) == (1, "造假", "甲号")
    again = {"what": "bar", "number": 1, "reason": "又一次"}
    assert codes(await published("correct_integrity", again)) == ["already_decided"]


async def test_numbers_start_anew_in_each_realm(published: Office, intake: Intake) -> None:
    await intake.open_realm("r1", AT)
    await published("enter_bar", {"id_number": ZHANG} | BAR)
    assert (await published("enter_bar", {"id_number": LI} | BAR)).params["bar"] == "2"
    there = await published("enter_bar", {"id_number": LI} | BAR, realm="r1")
    assert there.params["bar"] == "1"


async def test_one_bar_of_several_can_be_lifted(
    published: Office, reading: IntegrityReading
) -> None:
    for _ in range(2):
        await published("enter_bar", {"id_number": ZHANG} | BAR)
    assert (await published("lift_bar", {"number": 1, "reason": "重复"})).count == 1
    assert [bar.lifted for bar in await bars_of(reading, ZHANG)] == [True, False]
    assert codes(await published("lift_bar", {"number": 9, "reason": "x"})) == ["not_found"]


async def test_a_record_is_kept_for_its_term_and_bars_nobody(
    published: Office, pool: Pool, reading: IntegrityReading, records: CaseRecords, case: str
) -> None:
    outcome = await published("record_integrity", {"id_number": ZHANG} | RECORD)
    assert outcome.params == {"record": "1", "keep_until": "2026-09-28"}
    assert not (await records.record_step(guarded())).barred
    found = (await records_of(reading, ZHANG))[0]
    assert (found.reason, found.subject, found.decided_by) == (
        "伪造论文",
        "applicant",
        "city-title-office",
    )
    id_hash = await reading.id_hash(id_number=ZHANG)
    assert id_hash
    for day, number in ((date(2023, 9, 27), 0), (date(2026, 9, 28), 1), (date(2026, 9, 29), 0)):
        assert len(await active_records(pool, id_hash, day)) == number


async def test_a_corrected_record_keeps_its_history(
    published: Office, reading: IntegrityReading
) -> None:
    await published("record_integrity", {"id_number": ZHANG} | RECORD)
    stated = {"what": "record", "number": 1, "decided_on": "2023-09-27", "reason": "日期写错"}
    await published("correct_integrity", stated)
    old, new = await records_of(reading, ZHANG)
    assert (old.ended, old.replaced_by, old.ended_why) == (True, 2, "日期写错")
    assert (new.decided_on, new.document, new.reason) == (
        date(2023, 9, 27),
        RECORD["document"],
        "伪造论文",
    )
    withdrawn = {"what": "record", "number": 2, "withdrawn": True, "reason": "决定被撤销"}
    await published("correct_integrity", withdrawn)
    assert (await reading.page(on=local_date(AT))).records == ()
    assert len((await reading.page()).records) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": ""}, "reason_required"),
        ({"decided_on": "2023-10-02"}, "date_not_allowed"),
        ({"years": None}, "date_not_allowed"),
        ({"keep_until": "2023-09-01"}, "date_not_allowed"),
        ({"id_number": "", "person": "nobody"}, "not_found"),
    ],
)
async def test_a_record_that_cannot_stand_is_refused(
    published: Office, pool: Pool, change: dict[str, Any], code: str
) -> None:
    stated = {"id_number": ZHANG} | RECORD | change
    assert codes(await published("record_integrity", stated)) == [code]
    assert await pool.fetchval("SELECT count(*) FROM integrity_record") == 0


@pytest.mark.parametrize("kind", ["enter_bar", "lift_bar", "record_integrity"])
@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("qian-er@city-title-office", True),
        ("chen@bd-committee-office", True),
        ("liu@liangjiang-data-group", False),
        ("meeting:1@bd-committee-office", False),
    ],
)
async def test_only_the_offices_people_keep_the_register(
    published: Office,
    pool: Pool,
    identity: Identity,
    intake: Intake,
    kind: str,
    who: str,
    allowed: bool,
) -> None:
    await published("enter_bar", {"id_number": LI} | BAR)
    stated = {"enter_bar": {"id_number": ZHANG} | BAR, "record_integrity": {"id_number": ZHANG}}
    role = "meeting" if who.startswith("meeting") else "member"
    office = as_person(pool, identity, intake, who, role)
    given = (stated.get(kind) or {"id_number": LI, "reason": "x"}) | (
        RECORD if kind == "record_integrity" else {}
    )
    outcome = await office(kind, given)
    assert (codes(outcome) == []) is allowed
    assert allowed or codes(outcome) == ["not_entitled"]


async def test_an_expert_under_record_is_known_by_id(
    published: Office, pool: Pool, reading: IntegrityReading
) -> None:
    stated = RECORD | {"subject": "expert", "conduct": "review_breach"}
    await published("record_integrity", {"person": "chen"} | stated)
    day = local_date(AT)
    people = ["chen", "qian-er", "nobody"]
    assert await persons_under_record(pool, people, day) == {"chen"}
    assert await persons_under_record(pool, people, day + timedelta(days=3 * 366)) == frozenset()
    assert (await reading.page()).records[0].name == "陈老师"


async def test_a_page_of_the_register_goes_from_bars_on_to_records(
    published: Office, reading: IntegrityReading
) -> None:
    for number in (ZHANG, LI):
        await published("enter_bar", {"id_number": number} | BAR)
        await published("record_integrity", {"id_number": number} | RECORD)
    for limit in (1, 2, 3, 4, 5):
        seen: list[tuple[str, int]] = []
        after = ""
        while True:
            page = await reading.page(limit=limit, after=after)
            assert 0 < len(page.bars) + len(page.records) <= limit
            seen += [("bar", item.number) for item in page.bars]
            seen += [("record", item.number) for item in page.records]
            after = page.following
            if not after:
                break
        assert seen == [("bar", 1), ("bar", 2), ("record", 1), ("record", 2)]
