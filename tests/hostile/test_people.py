"""Whoever states another's ID number: a check, a submission, a pool of experts change nobody."""

from __future__ import annotations

from typing import Any

import pytest

from activities.audit.export import exported
from activities.audit.verifying import verified
from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.letters.facts import LetterFacts
from activities.letters.recipients import Recipients
from activities.reading import Reading
from activities.records import CaseRecords
from config.committee_files import COMMITTEES, read
from tests.builders import BD
from tests.fixtures.record import Office
from tests.integration.steps import APPLICATION, an_application, opening
from workflows.writer.messages import Actor

pytestmark = pytest.mark.integration

STRANGER = {"name": "冒名者", "phone": "023-99990000", "email": "stranger@example.test"}
OTHER = APPLICATION[:-4] + "beef"
CHEN = Actor(person="chen", organisation="bd-committee-office", role="supervisor")


def stated(**identity: str) -> dict[str, Any]:
    """A submission of the sample's applicant, under whatever name."""
    return an_application(identity=identity) if identity else an_application()


async def rows(pool: Pool) -> list[tuple[Any, ...]]:
    """What is kept of everybody, to the byte."""
    found = await pool.fetch("SELECT * FROM person ORDER BY realm, id")
    return [tuple(row) for row in found]


@pytest.fixture
async def case(published: Office, intake: Intake, records: CaseRecords) -> str:
    """An application under way."""
    draft = await intake.store_draft("live", BD, stated())
    await records.record_step(opening(draft))
    return APPLICATION


async def person_of(pool: Pool, application: str) -> str:
    """Whose case it is."""
    found: str = await pool.fetchval("SELECT person FROM application WHERE id = $1", application)
    return found


async def test_a_check_under_anothers_number_changes_nobody(
    case: str, intake: Intake, reading: Reading, pool: Pool
) -> None:
    before, contact = await rows(pool), await reading.applicant_contact(case)
    draft = await intake.store_draft("live", BD, stated(**STRANGER))
    assert await rows(pool) == before
    assert await reading.applicant_contact(case) == contact
    found = await reading.draft(draft)
    assert found is not None
    assert found.name == STRANGER["name"]  # what it states stays with it


async def test_a_submission_under_anothers_number_reaches_its_own_case_alone(
    case: str,
    intake: Intake,
    records: CaseRecords,
    reading: Reading,
    pool: Pool,
    identity: Identity,
) -> None:
    person, before = await person_of(pool, case), await rows(pool)
    draft = await intake.store_draft("live", BD, stated(**STRANGER))
    await records.record_step(
        opening(draft, application=OTHER).model_copy(update={"claim": "", "letters": ()})
    )
    assert await rows(pool) == before
    recipients = Recipients(LetterFacts(pool, reading).sweep())
    letter = {"person": person, "organisation": "", "party": "applicant", "realm": "live"}
    mine = await recipients.resolve(letter | {"application": case})
    theirs = await recipients.resolve(letter | {"application": OTHER})
    expected = stated()["identity"]
    assert (mine.name, mine.email) == (expected["name"], expected["email"])
    assert (theirs.name, theirs.email) == (STRANGER["name"], STRANGER["email"])
    shown = [await reading.case(one) for one in (case, OTHER)]
    assert [one.applicant for one in shown if one] == [expected["name"], STRANGER["name"]]


@pytest.mark.parametrize("realm", ["live", "r1"])
async def test_a_clerk_whose_number_is_stated_stays_who_he_or_she_is(
    published: Office, intake: Intake, reading: Reading, pool: Pool, realm: str, identity: Identity
) -> None:
    from tests.fixtures.record import OPENED

    if realm != "live":
        await intake.open_realm(realm, OPENED)
    number = identity.open(
        await pool.fetchval("SELECT id_number FROM person WHERE id = 'liu' AND realm = ''"),
        "person.id_number",
    )
    before = await reading.person_contact("liu", realm)
    draft = await intake.store_draft(realm, BD, stated(**STRANGER, id_number=number))
    found = await reading.draft(draft)
    assert found is not None
    assert found.person == "liu"  # recognised by the number
    assert await reading.person_contact("liu", realm) == before


async def test_a_pool_of_experts_renames_nobody(
    case: str, published: Office, pool: Pool, reading: Reading
) -> None:
    before = await reading.person_contact(await person_of(pool, case))
    committee = read(COMMITTEES / "bd-2023.toml").model_dump(mode="json")
    expert = committee["experts"][0] | {
        "name": "冒名者",
        "phone": "023-99990000",
        "id_number": stated()["identity"]["id_number"],
    }
    committee["experts"][0] = expert
    assert (await published("import_committee", committee)).done
    assert await reading.person_contact(await person_of(pool, case)) == before


async def test_a_change_of_ones_own_contacts_reaches_ones_case_and_is_recorded(
    case: str, published: Office, pool: Pool, reading: Reading, identity: Identity
) -> None:
    person = await person_of(pool, case)
    actor = Actor(person=person, role="applicant")
    change = {"person": person, "email": "new@example.test"}
    assert (await published("change_address", change, actor=actor)).done
    contact = await reading.applicant_contact(case)
    assert contact is not None
    expected = stated()["identity"]
    assert (contact.name, contact.email) == (expected["name"], "new@example.test")
    assert contact.phone == expected["phone"]
    row = await pool.fetchrow("SELECT * FROM person_change")
    assert row is not None
    assert (row["person"], row["entered_by"], row["name"]) == (person, person, None)
    found = verified([line async for line in exported(pool, identity)])
    assert found.sound


async def test_anothers_data_need_a_source_and_a_second_person(
    case: str, published: Office, pool: Pool, reading: Reading
) -> None:
    person, before = await person_of(pool, case), await rows(pool)
    for kind, change in (
        ("change_person", {"name": "张更名"}),
        ("change_address", {"email": "new@example.test"}),
    ):
        outcome = await published(kind, {"person": person} | change)
        assert {item.code.value for item in outcome.refusals} == {"reason_required"}, kind
    assert await rows(pool) == before
    changed = await published(
        "change_person", {"person": person, "name": "张更名", "source": "公安机关证明"}
    )
    assert changed.done
    found = await reading.case(case)
    assert found is not None
    assert found.applicant == "张更名"
    [two] = await pool.fetch(
        "SELECT r.human AS asked, a.human AS confirmed FROM answer_of_second a"
        " JOIN request_for_second r ON r.id = a.request"
    )
    assert two["asked"] != two["confirmed"]
    assert await pool.fetchval("SELECT count(*) FROM person_change WHERE source <> ''") == 1


async def test_another_employer_is_noted_and_moves_no_case(
    case: str, published: Office, pool: Pool, reading: Reading
) -> None:
    person = await person_of(pool, case)
    before = await reading.case(case)
    change = {"person": person, "employer": "另一单位", "source": "劳动合同"}
    assert (await published("change_person", change)).done
    assert await reading.case(case) == before
    sealed = await pool.fetchval("SELECT employer FROM person_change")
    assert "另一单位".encode() not in sealed


async def test_nobody_is_renamed_by_whoever_asks(case: str, published: Office, pool: Pool) -> None:
    person, before = await person_of(pool, case), await rows(pool)
    change = {"person": person, "name": "张更名", "source": "证明"}
    for actor in (
        Actor(person=person, role="applicant"),
        Actor(person="anyone", role="anyone"),
        Actor(person="liu", organisation="liangjiang-data-group", role="member"),
    ):
        outcome = await published("change_person", change, actor=actor)
        assert {item.code.value for item in outcome.refusals} == {"not_entitled"}
    assert await rows(pool) == before
