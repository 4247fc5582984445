"""Committees and pools in Postgres: import, recognition, realms, retirement, names sealed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.database import Pool
from activities.intake import Intake
from activities.reading import Reading
from config.committee_files import COMMITTEES, read
from tests.builders import BD
from tests.fixtures.record import OPENED, Office
from tests.integration.steps import an_application
from workflows.rules.committee import Committee
from workflows.rules.draw import draw
from workflows.rules.recusal import Ground, Judged, conflicts
from workflows.writer.messages import Actor

pytestmark = pytest.mark.integration

EXPIRED = Path(__file__).parents[1] / "committees" / "bd-expired.toml"
MEETS_ON = date(2023, 12, 8)
ZHANG = "990000198501019013"


def stated(name: str = "bd-2023") -> dict[str, Any]:
    """One of our committee files."""
    return read(COMMITTEES / f"{name}.toml").model_dump(mode="json")


def changed(number: int, **differences: Any) -> dict[str, Any]:
    """Our BD file with differences in one expert, counted from 1."""
    table = stated()
    table["experts"][number - 1] |= differences
    return table


def names_of(table: dict[str, Any]) -> list[str]:
    return [item["name"] for item in table["experts"]]


def refusals(outcome: Any) -> list[tuple[str, str, str]]:
    """Code, what is wrong, and where."""
    return [
        (
            item.code.value,
            item.params.get("defect", item.params.get("what", "")),
            item.params.get("expert", item.params.get("organisation", "")),
        )
        for item in outcome.refusals
    ]


async def test_a_committee_is_read_as_it_was_imported(published: Office, reading: Reading) -> None:
    outcome = await published("import_committee", stated())

    assert (outcome.done, outcome.count, outcome.params["retired"]) == (True, 24, "0")
    committee = await reading.committee("bd-2023")
    assert type(committee) is Committee
    assert (committee.office, committee.seats, committee.spares) == ("bd-committee-office", 11, 4)
    assert committee.is_filed_on(MEETS_ON)
    filed = await reading.filed_committee("bd-2023")
    assert filed is not None
    assert filed.model_dump(mode="json") == stated()["committee"]
    assert [item.id for item in await reading.committees()] == ["bd-2023"]
    assert await reading.committee("lc-2024") is None


async def test_the_pool_is_read_without_names(published: Office, reading: Reading) -> None:
    await published("import_committee", stated())

    pool = await reading.pool("bd-2023")

    assert [item.id for item in pool] == [f"bd-expert-{n:02d}" for n in range(1, 25)]
    assert {item.chair for item in pool} == {"", "director", "deputy_director"}
    assert pool[6].unit == "liangjiang-data-group"
    assert pool[0].professions == ("大数据智能化", "大数据工程")
    assert not any(name in pool[0].model_dump_json() for name in names_of(stated()))
    assert await reading.pool("nobody") == ()


async def test_the_names_are_for_who_may_see_them(published: Office, reading: Reading) -> None:
    table = changed(1, phone="023-00000999")
    await published("import_committee", table)

    names = await reading.expert_names(["bd-expert-01", "bd-expert-24", "nobody"])
    contacts = await reading.expert_contacts(["bd-expert-01"])

    expected = names_of(table)
    assert names == {"bd-expert-01": expected[0], "bd-expert-24": expected[23]}
    assert (contacts["bd-expert-01"].name, contacts["bd-expert-01"].phone) == (
        expected[0],
        "023-00000999",
    )


async def test_names_and_id_numbers_are_ciphertext_in_every_table(
    published: Office, pool: Pool
) -> None:
    table = stated()
    await published("import_committee", table)
    await published(
        "retire_expert", {"expert": "bd-expert-05", "reason": f"{names_of(table)[4]}离职"}
    )

    tables = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    words = [item["name"] for item in table["experts"]]
    words += [item["id_number"] for item in table["experts"]]
    hexed = {word.encode().hex() for word in words}
    assert len(tables) > 15
    for row in tables:
        content = await pool.fetch(f'SELECT t::text AS line FROM "{row["tablename"]}" t')  # noqa: S608
        text = "\n".join(line["line"] for line in content)
        found = [word for word in (*words, *hexed) if word in text]
        assert found == [], row["tablename"]


async def test_the_same_file_again_changes_nothing(published: Office, pool: Pool) -> None:
    await published("import_committee", stated())
    query = "SELECT id, person, term_from, term_to, professions FROM expert ORDER BY id"
    before = await pool.fetch(query)
    people = await pool.fetchval("SELECT count(*) FROM person")

    outcome = await published("import_committee", stated(), at=OPENED + timedelta(days=30))

    assert (outcome.count, outcome.params["retired"]) == (24, "0")
    assert await pool.fetch(query) == before
    assert await pool.fetchval("SELECT count(*) FROM person") == people


async def test_an_expert_who_applies_is_the_same_person(
    published: Office, reading: Reading, intake: Intake
) -> None:
    """In both orders: known as an applicant first, or as an expert first."""
    first = an_application(identity={"id_number": "990000198501010019"})
    draft = await intake.store_draft("live", BD, first)
    await published("import_committee", changed(3, id_number="990000 19850101 0019"))
    expert = {item.id: item for item in await reading.pool("bd-2023")}["bd-expert-03"]
    assert (known := await reading.draft(draft)) is not None
    assert expert.person == known.person

    later = an_application(identity={"id_number": stated()["experts"][6]["id_number"]})
    second = await reading.draft(await intake.store_draft("live", BD, later))
    assert second is not None
    seats = draw(await reading.pool("bd-2023"), seed="s", seats=11, spares=12, on=MEETS_ON)
    judged = Judged(application="a1", person=second.person, units=("liangjiang-data-group",))
    grounds = [(item.expert, item.ground) for item in conflicts(seats, [judged])]
    assert grounds == [("bd-expert-07", Ground.SAME_PERSON)]


async def test_an_expert_of_two_committees_and_of_the_staff_is_one_person(
    published: Office, reading: Reading
) -> None:
    await published("import_committee", changed(5, id_number=ZHANG))
    await published("import_committee", stated("lc-2024"))

    bd = {item.id: item.person for item in await reading.pool("bd-2023")}
    lc = {item.id: item.person for item in await reading.pool("lc-2024")}

    assert bd["bd-expert-12"] == lc["lc-expert-16"]
    assert set(bd.values()) & set(lc.values()) == {bd["bd-expert-12"]}
    assert bd["bd-expert-05"] == "zhang"
    contact = await reading.person_contact("zhang")
    assert contact is not None
    assert contact.email == "zhang@example.test"


async def test_a_rehearsal_has_committees_of_its_own(
    published: Office, intake: Intake, reading: Reading
) -> None:
    await intake.open_realm("r1", OPENED)
    await published("import_committee", stated())
    outcome = await published("import_committee", read(EXPIRED).model_dump(mode="json"), realm="r1")

    assert (outcome.done, outcome.params["retired"]) == (True, "10")
    live, own = await reading.committee("bd-2023"), await reading.committee("bd-2023", "r1")
    assert live is not None
    assert own is not None
    assert live.is_filed_on(MEETS_ON)
    assert not own.is_filed_on(MEETS_ON)
    assert [item.id for item in await reading.pool("bd-2023") if item.serves_on(MEETS_ON)] == [
        f"bd-expert-{n:02d}" for n in range(1, 24)
    ]
    here = [item for item in await reading.pool("bd-2023", "r1") if item.serves_on(MEETS_ON)]
    assert [item.id for item in here] == [f"bd-expert-{n:02d}" for n in range(1, 14)]
    names = await reading.expert_names(["bd-expert-01"], "r1")
    assert names != await reading.expert_names(["bd-expert-01"])


async def test_a_rehearsal_does_not_hide_the_address_of_whom_the_live_office_knows(
    published: Office, intake: Intake, reading: Reading
) -> None:
    await intake.open_realm("r1", OPENED)
    await published("import_committee", changed(5, id_number=ZHANG, name="张某"), realm="r1")

    contact = await reading.person_contact("zhang", "r1")

    assert contact is not None
    assert contact.email == "zhang@example.test"
    assert (await reading.expert_names(["bd-expert-05"], "r1")) == {"bd-expert-05": "张某"}


async def test_who_is_missing_from_the_next_file_leaves_the_pool(
    published: Office, reading: Reading
) -> None:
    await published("import_committee", stated())
    shorter = stated()
    gone = shorter["experts"].pop(9)["id"]

    outcome = await published("import_committee", shorter)

    assert outcome.params["retired"] == "1"
    pool = {item.id: item for item in await reading.pool("bd-2023")}
    assert pool[gone].term_to == date(2023, 9, 30)
    assert not pool[gone].serves_on(OPENED.date())
    again = await published("import_committee", shorter, at=OPENED + timedelta(days=5))
    assert again.params["retired"] == "0"


async def test_an_expert_retires_on_a_day_with_a_reason(
    published: Office, reading: Reading
) -> None:
    await published("import_committee", stated())
    last = {"expert": "bd-expert-05", "to": "2023-11-30"}
    without = await published("retire_expert", last)
    outcome = await published("retire_expert", last | {"reason": "调离本专业"})

    assert refusals(without) == [("reason_required", "", "")]
    assert (outcome.count, outcome.params["to"]) == (1, "2023-11-30")
    assert await reading.text(outcome.params["reason"]) == "调离本专业"
    pool = {item.id: item for item in await reading.pool("bd-2023")}
    assert pool["bd-expert-05"].serves_on(date(2023, 11, 30))
    assert not pool["bd-expert-05"].serves_on(date(2023, 12, 1))


async def test_a_retirement_never_makes_a_term_longer(published: Office, reading: Reading) -> None:
    await published("import_committee", stated())
    stated_end = {"expert": "bd-expert-24", "to": "2024-01-01", "reason": "更正"}

    outcome = await published("retire_expert", stated_end)

    assert (outcome.done, outcome.count, outcome.params["to"]) == (True, 0, "2023-08-31")
    pool = {item.id: item for item in await reading.pool("bd-2023")}
    assert pool["bd-expert-24"].term_to == date(2023, 8, 31)


async def test_a_rehearsal_retires_an_expert_for_itself_alone(
    published: Office, intake: Intake, reading: Reading
) -> None:
    await intake.open_realm("r1", OPENED)
    await published("import_committee", stated())
    await published("retire_expert", {"expert": "bd-expert-05", "reason": "演练"}, realm="r1")

    live = {item.id: item for item in await reading.pool("bd-2023")}
    here = {item.id: item for item in await reading.pool("bd-2023", "r1")}
    assert live["bd-expert-05"].serves_on(MEETS_ON)
    assert not here["bd-expert-05"].serves_on(MEETS_ON)
    assert len(here) == 24


@pytest.mark.parametrize(
    ("number", "differences", "expected"),
    [
        (2, {"term_to": "2025-07-02"}, ("committee_unsound", "term_too_long", "bd-expert-02")),
        (2, {"professions": ["桥梁工程"]}, ("committee_unsound", "outside_scope", "bd-expert-02")),
        (2, {"unit": "nobody"}, ("not_found", "unit", "nobody")),
        (2, {"id": "bd-expert-03"}, ("committee_unsound", "expert_twice", "bd-expert-03")),
    ],
)
async def test_a_defect_imports_nothing(
    published: Office,
    pool: Pool,
    number: int,
    differences: dict[str, Any],
    expected: tuple[str, str, str],
) -> None:
    outcome = await published("import_committee", changed(number, **differences))

    assert refusals(outcome) == [expected]
    assert await pool.fetchval("SELECT count(*) FROM expert") == 0
    assert await pool.fetchval("SELECT count(*) FROM committee") == 0


async def test_one_person_under_two_entries_is_told_by_the_hash(published: Office) -> None:
    same = stated()["experts"][0]["id_number"]
    spaced = f"{same[:6]} {same[6:]}"

    outcome = await published("import_committee", changed(9, id_number=spaced))

    assert refusals(outcome) == [("committee_unsound", "person_twice", "bd-expert-09")]
    assert outcome.refusals[0].params["other"] == "bd-expert-01"


async def test_an_office_that_is_none_and_an_id_of_another_committee_are_refused(
    published: Office,
) -> None:
    await published("import_committee", stated())
    table = stated("lc-2024")
    table["committee"]["office"] = "city-industry-department"
    table["experts"][0]["id"] = "bd-expert-01"

    outcome = await published("import_committee", table)

    assert refusals(outcome) == [
        ("not_found", "committee_office", "city-industry-department"),
        ("committee_unsound", "id_taken", "bd-expert-01"),
    ]


@pytest.mark.parametrize(
    ("person", "organisation", "allowed"),
    [
        ("chen", "bd-committee-office", True),
        ("qian-er", "city-title-office", True),
        ("yang", "lc-committee-office", False),
        ("liu", "liangjiang-data-group", False),
    ],
)
async def test_only_its_own_office_and_the_city_office_change_a_committee(
    published: Office, person: str, organisation: str, allowed: bool
) -> None:
    await published("import_committee", stated())
    actor = Actor(person=person, organisation=organisation, role="member")
    taken_over = stated()
    taken_over["committee"]["office"] = organisation

    imported = await published("import_committee", stated(), actor=actor)
    retired = await published(
        "retire_expert", {"expert": "bd-expert-01", "reason": "x"}, actor=actor
    )
    stolen = await published("import_committee", taken_over, actor=actor)

    assert (imported.done, retired.done) == (allowed, allowed)
    if not allowed:
        assert refusals(imported) == refusals(stolen) == [("not_entitled", "", "")]


async def test_an_unknown_expert_is_not_found(published: Office) -> None:
    outcome = await published("retire_expert", {"expert": "nobody", "reason": "x"})

    assert refusals(outcome) == [("not_found", "expert", "nobody")]


async def test_the_audit_names_no_expert(published: Office, pool: Pool) -> None:
    await published("import_committee", stated())

    entries = await pool.fetch(
        "SELECT o::text AS line FROM operation o WHERE kind = 'import_committee'"
    )

    assert len(entries) == 1
    assert "示例）" not in entries[0]["line"]
