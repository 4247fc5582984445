"""What comes in: drafts, texts, files by hash, inputs, realms, sessions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from activities.database import Pool
from activities.intake import Intake, IntakeError
from activities.reading import Reading
from activities.records import CaseRecords
from tests.builders import BD
from tests.fixtures.record import OPENED, Office
from tests.integration.steps import APPLICATION, an_application, opening

pytestmark = pytest.mark.integration


async def test_a_draft_is_read_back_with_its_person(intake: Intake, reading: Reading) -> None:
    stated = an_application()
    draft = await reading.draft(await intake.store_draft("live", BD, stated))
    assert draft is not None
    assert (draft.name, draft.campaign) == (stated["identity"]["name"], BD)
    assert draft.facts.model_dump(mode="json") == stated["facts"]


async def test_contacts_of_the_applicant_are_the_cases(
    intake: Intake, reading: Reading, records: CaseRecords
) -> None:
    stated = an_application()
    draft = await intake.store_draft("live", BD, stated)
    await records.record_step(opening(draft))
    contact = await reading.applicant_contact(APPLICATION)
    assert contact is not None
    assert contact.model_dump(exclude={"person"}) == {
        key: stated["identity"].get(key, "") for key in ("name", "phone", "email", "address")
    }
    kept = await reading.person_contact(contact.person)
    assert kept is not None
    assert (kept.email, kept.phone) == ("", "")


async def test_the_same_document_is_one_draft(intake: Intake) -> None:
    first = await intake.store_draft("live", BD, an_application())
    assert await intake.store_draft("live", BD, an_application()) == first


async def test_the_same_document_for_another_campaign_is_another_draft(intake: Intake) -> None:
    first = await intake.store_draft("live", BD, an_application())
    assert await intake.store_draft("live", "lc-2024", an_application()) != first


async def test_two_documents_of_one_person_are_of_one_person(
    intake: Intake, reading: Reading
) -> None:
    first = await reading.draft(await intake.store_draft("live", BD, an_application()))
    stated = an_application(facts={"papers": ["other"]})
    stated["identity"]["id_number"] = stated["identity"]["id_number"].lower()
    second = await reading.draft(await intake.store_draft("live", BD, stated))
    assert first is not None
    assert second is not None
    assert (first.id == second.id, first.person == second.person) == (False, True)


async def test_achievement_titles_stay_with_the_case(
    intake: Intake, records: CaseRecords, reading: Reading
) -> None:
    stated = an_application()
    draft = await intake.store_draft("live", BD, stated)
    await records.record_step(opening(draft))
    assert await reading.achievement_titles(APPLICATION) == stated["achievement_titles"]


async def test_a_rehearsal_knows_the_same_person_under_the_directory_id(
    intake: Intake, published: Office, reading: Reading
) -> None:
    await intake.open_realm("r1", OPENED)
    stated = an_application(identity={"id_number": "990000198501019013"})
    draft = await reading.draft(await intake.store_draft("r1", BD, stated))
    assert draft is not None
    assert draft.person == "zhang"


async def test_a_rehearsal_has_the_person_as_the_live_office_does(
    intake: Intake, published: Office, reading: Reading
) -> None:
    await intake.open_realm("r1", OPENED)
    stated = an_application(identity={"name": "改名", "id_number": "990000198501019013"})
    await intake.store_draft("r1", BD, stated)
    live, there = await reading.member("zhang"), await reading.member("zhang", "r1")
    assert live is not None
    assert there is not None
    assert (live.name, there.name) == ("张某", "张某")


async def test_a_malformed_document_is_refused_without_repeating_it(intake: Intake) -> None:
    stated = an_application()
    stated["facts"]["level"] = "990000198501010027"
    with pytest.raises(ValidationError) as caught:
        await intake.store_draft("live", BD, stated)
    assert "990000198501010027" not in str(caught.value)


@pytest.mark.parametrize("realm", ["nowhere", "r1"])
async def test_nothing_is_handed_in_where_nobody_is(
    intake: Intake, office: Office, realm: str
) -> None:
    await intake.open_realm("r1", OPENED)
    await office("close_realm", realm="r1")
    with pytest.raises(IntakeError) as caught:
        await intake.store_draft(realm, BD, an_application())
    assert caught.value.code == "realm_closed"


async def test_an_open_application_of_the_same_person_is_a_duplicate(
    intake: Intake, records: CaseRecords
) -> None:
    stated = an_application()
    number = stated["identity"]["id_number"]
    assert await intake.duplicates("live", number) == ()
    await records.record_step(opening(await intake.store_draft("live", BD, stated)))
    found = await intake.duplicates("live", f" {number} ")
    assert [item.application for item in found] == [APPLICATION]


async def test_a_text_is_read_back_by_its_reference(intake: Intake, reading: Reading) -> None:
    reference = await intake.store_text("材料不全")
    assert reference.startswith("text-")
    assert await reading.text(reference) == "材料不全"
    assert await reading.text("text-unknown") is None


async def test_a_file_is_kept_once_under_its_hash(
    intake: Intake, reading: Reading, pool: Pool, tmp_path: Path
) -> None:
    first = await intake.store_file("p-1", b"one", kind="patent_certificate", title="专利")
    path = tmp_path / "copy.pdf"
    path.write_bytes(b"one")
    again = await intake.store_file("p-1", path, kind="patent_certificate", title="专利")
    assert again == first
    assert await intake.documents.content(first.sha256) == b"one"
    assert await reading.documents([first.id]) == (first,)
    assert await pool.fetchval("SELECT count(*) FROM document") == 1


async def test_the_same_bytes_of_another_person_keep_their_own_kind_and_title(
    intake: Intake, reading: Reading, pool: Pool
) -> None:
    first = await intake.store_file("p-1", b"one", kind="patent_certificate", title="专利")
    second = await intake.store_file("p-2", b"one", kind="award", title="获奖证书")
    third = await intake.store_file("p-1", b"one", kind="award", title="获奖证书")
    assert first.sha256 == second.sha256 == third.sha256
    assert await reading.documents([first.id, second.id, third.id]) == (first, second, third)
    assert await pool.fetchval("SELECT count(*) FROM document") == 1


async def test_an_empty_file_is_refused(intake: Intake) -> None:
    with pytest.raises(IntakeError) as caught:
        await intake.store_file("p-1", b"")
    assert caught.value.code == "file_empty"


async def test_unknown_documents_are_left_out(intake: Intake, reading: Reading) -> None:
    known = await intake.store_file("p-1", b"one")
    assert await reading.documents([known.id, "upload-unknown"]) == (known,)


async def test_a_rehearsal_opens_with_its_shift(intake: Intake, reading: Reading) -> None:
    now = OPENED + timedelta(days=1000)
    assert await intake.open_realm("r1", OPENED, now=now) == -86_400_000
    realm = await reading.realm("r1")
    assert realm is not None
    assert (realm.kind, realm.opens_at, realm.now_at) == ("rehearsal", OPENED, OPENED)


@pytest.mark.parametrize(("name", "code"), [("live", "realm_name"), ("r1", "realm_exists")])
async def test_a_realm_has_a_name_of_its_own(intake: Intake, name: str, code: str) -> None:
    await intake.open_realm("r1", OPENED)
    with pytest.raises(IntakeError) as caught:
        await intake.open_realm(name, OPENED)
    assert caught.value.code == code
