"""Papers of a case through the real operation: made once, sealed once, fetched by who may."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pypdfium2
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.papers.catalogue import PAPERS
from activities.papers.codes import check_code
from activities.papers.fonts import Fonts
from activities.papers.seals import read_roots
from activities.papers.store import PaperReading, PaperView
from activities.papers.verification import check_seals, code_in
from activities.records import CaseRecords
from config.campaign_files import CAMPAIGNS, load
from tests.builders import BD
from tests.fixtures.record import Office
from tests.integration.paper_season import (
    CASE,
    ID_NUMBER,
    MERITS,
    NAME,
    OFFICE,
    PaperOffice,
    application_of,
    at,
    play,
    stored_bytes,
)
from workflows.operation.messages import OperationOutcome
from workflows.rules.papers import PaperKind, Subject
from workflows.writer.messages import Actor

pytestmark = pytest.mark.integration
ANYONE = Actor(person="anyone", role="anyone")
NO_FONT_HAS = "\U0002ebf0"
"""Of extension I: no free font that we ship has it."""
NAMED = f"{NO_FONT_HAS}（U+2EBF0）"
OF_CASE = [kind for kind, row in PAPERS.items() if row.subject is Subject.APPLICATION]
DUE = [kind for kind in OF_CASE if kind is not PaperKind.NOT_ACCEPTED_NOTICE]


@pytest.fixture
async def bd(published: Office) -> Office:
    """The office with the real notice of 2023."""
    campaign = load(CAMPAIGNS / "bd-2023.toml")
    content = campaign.model_dump(mode="json", exclude={"policy"})
    policy = campaign.policy.model_dump(mode="json")
    await published("amend_campaign", {"policy": policy, "content": content, "reason": "正式文本"})
    return published


@pytest.fixture
def papers(pool: Pool, identity: Identity, intake: Intake, tmp_path: Path) -> PaperOffice:
    """The operation that makes papers, sealed with a demonstration's seal."""
    return PaperOffice(pool, identity, intake, tmp_path)


@pytest.fixture
def stored(pool: Pool) -> PaperReading:
    """The papers that were made."""
    return PaperReading(pool)


async def of(stored: PaperReading, outcome: OperationOutcome) -> PaperView:
    assert outcome.refusals == ()
    found = await stored.paper(outcome.params["paper"])
    assert found is not None
    return found


def bytes_of(tmp_path: Path, paper: PaperView) -> bytes:
    content = stored_bytes(tmp_path, paper.sha256)
    assert sha256(content).hexdigest() == paper.sha256
    return content


def font_with(character: str, file: Path) -> None:
    """A font of one character, a filled square."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((100, 800), (900, 800), (900, 0)):
        pen.lineTo(corner)
    pen.closePath()
    built = FontBuilder(1000, isTTF=True)
    built.setupGlyphOrder([".notdef", "square"])
    built.setupCharacterMap({ord(character): "square"})
    built.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "square": pen.glyph()})
    built.setupHorizontalMetrics({".notdef": (1000, 0), "square": (1000, 100)})
    built.setupHorizontalHeader(ascent=880, descent=-120)
    built.setupNameTable(
        {
            "familyName": "Office Rare",
            "styleName": "Regular",
            "fullName": "Office Rare",
            "psName": "OfficeRare-Regular",
        }
    )
    built.setupOS2(sTypoAscender=880, usWinAscent=880, usWinDescent=120)
    built.setupPost()
    built.setupMaxp()
    built.save(file)


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return re.sub(r"\s+", "", "".join(pages))


@pytest.mark.parametrize("kind", DUE)
async def test_each_paper_of_a_case_is_made_from_the_record(
    kind: PaperKind,
    bd: Office,
    papers: PaperOffice,
    intake: Intake,
    records: CaseRecords,
    stored: PaperReading,
    tmp_path: Path,
) -> None:
    await play(intake, records)
    paper = await of(stored, await papers.render(kind))
    text = text_of(bytes_of(tmp_path, paper))
    assert NAME in text
    assert "渝大数据发〔2023〕54号" in text or kind is PaperKind.CERTIFICATE
    assert not re.search(r"\b(None|nan)\b|\{\}|text-[0-9a-f]{8}", text)
    assert bool(paper.seals) == bool(PAPERS[kind].seals)


@pytest.mark.parametrize("kind", [PaperKind.REVIEW_FORM, PaperKind.PUBLICITY_FORM])
async def test_a_paper_is_made_once_and_given_again(
    kind: PaperKind,
    bd: Office,
    papers: PaperOffice,
    intake: Intake,
    records: CaseRecords,
    pool: Pool,
) -> None:
    await play(intake, records)
    first = await papers.render(kind)
    again = await papers.render(kind, on="2024-03-05")
    assert (first.count, again.count) == (1, 0)
    assert first.params == again.params
    assert await pool.fetchval("SELECT count(*) FROM paper") == 1


async def test_the_same_record_gives_the_same_bytes_before_sealing(
    bd: Office,
    papers: PaperOffice,
    intake: Intake,
    records: CaseRecords,
    stored: PaperReading,
    owner: Pool,
) -> None:
    await play(intake, records)
    first = await of(stored, await papers.render("review_form"))
    await owner.execute("ALTER TABLE paper DISABLE TRIGGER paper_is_final")
    await owner.execute("DELETE FROM paper")
    second = await of(stored, await papers.render("review_form", on="2024-05-05"))
    assert second.unsealed_sha256 == first.unsealed_sha256
    assert second.data_hash == first.data_hash
    assert second.sha256 != first.sha256  # another seal, set at another time


async def test_a_paper_and_a_number_cannot_be_changed_afterwards(
    bd: Office, papers: PaperOffice, intake: Intake, records: CaseRecords, owner: Pool
) -> None:
    await play(intake, records)
    await papers.render("certificate")
    for table in ("paper", "certificate"):
        with pytest.raises(Exception, match="only added to"):
            await owner.execute(f"DELETE FROM {table}")  # noqa: S608


async def test_the_review_form_bears_both_seals_at_the_time_they_were_set(
    bd: Office,
    papers: PaperOffice,
    intake: Intake,
    records: CaseRecords,
    stored: PaperReading,
    tmp_path: Path,
) -> None:
    await play(intake, records)
    paper = await of(stored, await papers.render("review_form", on="2024-02-01"))
    roots = read_roots(papers.seal.root.read_bytes())
    checks = await check_seals(bytes_of(tmp_path, paper), roots)
    assert [check.name for check in checks] == list(paper.seals)
    assert paper.seals == ("工程技术大数据智能化副高级评委会", "重庆市职称改革办公室（示例）")
    assert all(check.good for check in checks)
    assert {check.set_at for check in checks} == {at("2024-02-01")}


async def test_a_certificate_has_its_number_both_dates_and_a_code(
    bd: Office,
    papers: PaperOffice,
    intake: Intake,
    records: CaseRecords,
    stored: PaperReading,
    tmp_path: Path,
) -> None:
    await play(intake, records)
    content = bytes_of(tmp_path, await of(stored, await papers.render("certificate")))
    text = text_of(content)
    checked = check_code(code_in(content), read_roots(papers.seal.root.read_bytes()))
    said = checked.claims
    assert said.number == "2024DSJ00001"
    assert (said.holder, said.document) == (NAME, "渝职改办〔2024〕12号")
    for shown in (said.number, NAME, "2023年12月8日", "2024年1月12日", said.document):
        assert shown in text
    assert ID_NUMBER[6:14] not in code_in(content)


async def test_numbers_are_unique_and_never_given_twice(
    bd: Office, papers: PaperOffice, intake: Intake, records: CaseRecords, pool: Pool
) -> None:
    for number in (1, 2, 3):
        await play(intake, records, number)
    await papers.render("certificate", application_of(2))
    await papers.render("certificate", application_of(2))
    await papers.render("certificate", application_of(1))
    await papers.render("certificate", application_of(3))
    rows = await pool.fetch("SELECT application, number FROM certificate ORDER BY number")
    assert [row["number"] for row in rows] == ["2024DSJ00001", "2024DSJ00002", "2024DSJ00003"]
    assert rows[0]["application"] == application_of(2)


async def test_another_realm_counts_its_own_numbers(
    bd: Office, papers: PaperOffice, intake: Intake, records: CaseRecords, pool: Pool
) -> None:
    await intake.open_realm("r1", at("2023-10-01"))
    await play(intake, records, 1)
    await play(intake, records, 2, realm="r1")
    await papers.render("certificate", application_of(1))
    await papers.render("certificate", application_of(2), realm="r1")
    rows = await pool.fetch("SELECT number FROM certificate")
    assert [row["number"] for row in rows] == ["2024DSJ00001"] * 2


async def test_nobody_who_failed_gets_a_certificate(
    bd: Office, papers: PaperOffice, intake: Intake, records: CaseRecords, pool: Pool
) -> None:
    await play(intake, records, result="not_passed")
    outcome = await papers.render("certificate")
    assert [item.code for item in outcome.refusals] == ["paper_not_due"]
    assert await pool.fetchval("SELECT count(*) FROM certificate") == 0


@pytest.mark.parametrize(
    ("kind", "until"),
    [
        ("review_form", "record_result"),
        ("certificate", "record_result"),
        ("recheck_answer", "confirm"),
        ("payment_notice", "accept"),
        ("not_accepted_notice", "decide_recheck"),
        ("one_off_notice", "approve"),
    ],
)
async def test_a_paper_waits_for_the_act_it_follows_from(
    kind: str,
    until: str,
    bd: Office,
    papers: PaperOffice,
    intake: Intake,
    records: CaseRecords,
) -> None:
    await play(intake, records, until=until)
    outcome = await papers.render(kind)
    assert [item.code for item in outcome.refusals] == ["paper_not_due"]


async def test_a_public_paper_hides_what_nobody_needs_to_object(
    bd: Office,
    papers: PaperOffice,
    intake: Intake,
    records: CaseRecords,
    stored: PaperReading,
    tmp_path: Path,
) -> None:
    await play(intake, records)
    outcome = await papers.render("publicity_form", by=ANYONE, on="2023-10-18")
    text = text_of(bytes_of(tmp_path, await of(stored, outcome)))
    assert f"{ID_NUMBER[:3]}*************" in text
    assert "00009001" not in text
    assert ID_NUMBER[6:14] not in text
    # Both contacts, from the directory (BD 四(二)3(1)h), and the days of the real calendar.
    for shown in ("刘经理", "周处长", "2023年10月16日至2023年10月23日", MERITS):
        assert shown in text


async def test_without_a_seal_nothing_leaves_that_needs_one(
    bd: Office, papers: PaperOffice, intake: Intake, records: CaseRecords, pool: Pool
) -> None:
    await play(intake, records)
    object.__setattr__(papers.making._seals, "keys", {})
    outcome = await papers.render("certificate")
    assert [item.code for item in outcome.refusals] == ["seal_missing"]
    assert await pool.fetchval("SELECT count(*) FROM certificate") == 0
    assert (await papers.render("publicity_form")).done


async def test_no_paper_with_a_box_for_a_name_and_its_office_is_asked(
    bd: Office,
    papers: PaperOffice,
    intake: Intake,
    records: CaseRecords,
    stored: PaperReading,
    pool: Pool,
    identity: Identity,
    tmp_path: Path,
) -> None:
    await play(intake, records, name=f"王{NO_FONT_HAS}三")
    outcome = await papers.render("certificate")

    assert [item.code for item in outcome.refusals] == ["character_missing"]
    assert NAMED in outcome.refusals[0].params["characters"]
    # No number without its certificate, and one task however often somebody tries.
    assert await pool.fetchval("SELECT count(*) FROM certificate") == 0
    assert not (await papers.render("certificate", on="2024-02-02")).done
    open_tasks = (
        "SELECT kind, organisation, params->>'characters' FROM task WHERE closed_at IS NULL"
    )
    assert [tuple(row) for row in await pool.fetch(open_tasks)] == [
        ("rare_characters", OFFICE, NAMED)
    ]
    # Operations add a font that has it: the paper is made, and the task is done.
    more = tmp_path / "fonts"
    more.mkdir()
    font_with(NO_FONT_HAS, more / "more.ttf")
    again = PaperOffice(pool, identity, intake, tmp_path, fonts=Fonts(more))
    made = await of(stored, await again.render("certificate", on="2024-02-03"))
    assert NO_FONT_HAS in text_of(bytes_of(tmp_path, made))
    assert await pool.fetch(open_tasks) == []


async def test_an_earlier_step_has_its_own_paper(
    bd: Office,
    papers: PaperOffice,
    intake: Intake,
    records: CaseRecords,
    stored: PaperReading,
    tmp_path: Path,
) -> None:
    await play(intake, records)
    early = await of(stored, await papers.render("deadline_sheet", seq="2"))
    late = await of(stored, await papers.render("deadline_sheet"))
    assert (early.seq, late.seq) == (2, 15)
    assert "复查" not in text_of(bytes_of(tmp_path, early))
    shown = text_of(bytes_of(tmp_path, late))
    # 2024-02-10 to 02-17 is Spring Festival, 02-18 a working Sunday: months do not count them.
    assert "2024年3月12日" in shown


async def test_a_sheet_of_one_rule_shows_that_rule_alone(
    bd: Office,
    papers: PaperOffice,
    intake: Intake,
    records: CaseRecords,
    stored: PaperReading,
    tmp_path: Path,
) -> None:
    await play(intake, records)
    paper = await of(stored, await papers.render("deadline_sheet", detail="unit_publicity"))
    text = text_of(bytes_of(tmp_path, paper))
    assert "单位公示期" in text
    assert "复查" not in text


async def test_an_unknown_case_or_a_case_of_another_realm_is_not_found(
    bd: Office, papers: PaperOffice, intake: Intake, records: CaseRecords
) -> None:
    await intake.open_realm("r1", at("2023-10-01"))
    await play(intake, records, realm="r1")
    for application, realm in ((CASE, "live"), ("application-none", "live")):
        outcome = await papers.render("deadline_sheet", application, realm=realm)
        assert [item.code for item in outcome.refusals] == ["not_found"]


async def test_a_rehearsal_says_on_every_page_that_it_is_one(
    bd: Office,
    papers: PaperOffice,
    intake: Intake,
    records: CaseRecords,
    stored: PaperReading,
    tmp_path: Path,
) -> None:
    await intake.open_realm("r1", at("2023-10-01"))
    await play(intake, records, realm="r1")
    paper = await of(stored, await papers.render("review_form", realm="r1"))
    document = pypdfium2.PdfDocument(bytes_of(tmp_path, paper))
    for page in document:
        assert "演练样张" in page.get_textpage().get_text_range()
    document.close()


async def test_no_row_of_papers_shows_a_name_or_an_id_number(
    bd: Office, papers: PaperOffice, intake: Intake, records: CaseRecords, pool: Pool
) -> None:
    await play(intake, records)
    for kind in DUE:
        await papers.render(kind)
    shown = ""
    for table in ("paper", "certificate", "operation", "document"):
        shown += await pool.fetchval(f"SELECT string_agg(t::text, '') FROM {table} t")  # noqa: S608
    assert "渝职改办" in shown
    assert not [secret for secret in (NAME, ID_NUMBER, BD + NAME) if secret in shown]
