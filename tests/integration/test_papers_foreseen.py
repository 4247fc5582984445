"""A paper that is foreseen is the paper that is made: the same data, so the same bytes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.papers.case_facts import Ahead
from activities.papers.catalogue import PAPERS
from activities.papers.foreseen import Foreseen, foreseen
from activities.papers.making import CASE_DATA, OF_A_TITLE
from activities.papers.store import PaperReading
from activities.papers.typesetting import canonical, pictured, typeset
from activities.records import CaseRecords
from activities.views import TimelineEntry
from config.campaign_files import CAMPAIGNS, load
from starter.desk.foreseeing import paper_of
from starter.desk.office import Office as Desk
from tests.console.conftest import settings_at
from tests.fixtures.record import Office
from tests.integration.paper_season import CASE, OFFICE, SEASON, PaperOffice, at, play
from workflows.application.messages import Moved, Preview
from workflows.rules.names import Stage
from workflows.rules.papers import PaperKind
from workflows.writer.messages import Act, Actor

pytestmark = pytest.mark.integration

K = PaperKind
BROUGHT = {2: K.RETURN_NOTICE, 4: K.PUBLICITY_FORM, 7: K.ONE_OFF_NOTICE, 10: K.PAYMENT_NOTICE}
BROUGHT |= {15: K.RECHECK_ANSWER}
"""The step of the season, from 1, and the paper it brings."""


def ahead_of(seq: int) -> Ahead:
    """A step of the season before it is done."""
    name, day, organisation, stage, payload, deadlines = SEASON[seq - 1]
    step = TimelineEntry(
        seq=seq,
        source="act",
        name=name,
        organisation=organisation,
        acted_at=at(day),
        recorded_at=at(day),
        stage_before=SEASON[seq - 2][3],
        stage_after=stage,
        clause="BD 四(二)3(1)b",
        payload=payload,
        policy_version=2,
    )
    return Ahead(step, deadlines)


@pytest.fixture
async def bd(published: Office) -> Office:
    """The office with the real notice of 2023."""
    campaign = load(CAMPAIGNS / "bd-2023.toml")
    content = campaign.model_dump(mode="json", exclude={"policy"})
    policy = campaign.policy.model_dump(mode="json")
    await published("amend_campaign", {"policy": policy, "content": content, "reason": "正式文本"})
    return published


@pytest.mark.parametrize("seq", BROUGHT)
async def test_what_is_foreseen_is_what_is_made(
    seq: int,
    bd: Office,
    pool: Pool,
    identity: Identity,
    intake: Intake,
    records: CaseRecords,
    tmp_path: Path,
) -> None:
    await play(intake, records, through=seq - 1)
    found = await foreseen(pool, identity, CASE, ahead_of(seq))
    assert found is not None
    assert found.kind is BROUGHT[seq]
    await play(intake, records, through=seq)
    outcome = await PaperOffice(pool, identity, intake, tmp_path).render(found.kind)
    made = await PaperReading(pool).paper(outcome.params["paper"])
    assert made is not None
    assert sha256(canonical(found.data).encode()).hexdigest() == made.data_hash
    # The number by which a case knows an item, which a later return refers to.
    numbers = [item["number"] for item in found.data.get("items", ())]
    assert numbers == {2: ["1.1"], 7: ["2.1"]}.get(seq, [])
    unsealed = typeset(found.kind, found.data).content
    assert sha256(unsealed).hexdigest() == made.unsealed_sha256
    assert all(page.startswith(b"<svg") for page in pictured(found.kind, found.data))


@pytest.mark.parametrize("seq", sorted(set(range(2, len(SEASON) + 1)) - set(BROUGHT)))
async def test_an_act_without_a_paper_of_its_own_foresees_none(
    seq: int, bd: Office, pool: Pool, identity: Identity, intake: Intake, records: CaseRecords
) -> None:
    await play(intake, records, through=seq - 1)
    assert await foreseen(pool, identity, CASE, ahead_of(seq)) is None


def test_every_paper_of_an_act_can_be_foreseen_but_those_of_a_title() -> None:
    of_acts = {kind for kind, row in PAPERS.items() if row.steps}
    foreseeable = {kind for kind in of_acts if kind in CASE_DATA and kind not in OF_A_TITLE}
    assert of_acts - foreseeable == OF_A_TITLE
    assert foreseeable - set(BROUGHT.values()) == {K.NOT_ACCEPTED_NOTICE}
    assert Foreseen(K.ONE_OFF_NOTICE, {}).is_sealed


@pytest.mark.parametrize(
    ("action", "opened"), [("confirm_request", True), ("override_return", False)]
)
async def test_only_what_another_asked_for_is_read_by_reference(
    action: str,
    opened: bool,
    bd: Office,
    pool: Pool,
    identity: Identity,
    intake: Intake,
    records: CaseRecords,
    database_url: str,
    tmp_path: Path,
) -> None:
    """Who types the reference of another's text, shows a reference and no text."""
    await play(intake, records, through=6)
    text = await intake.store_text("合同缺页。")
    shown = Preview(
        action="override_return",
        payload={"items": [{"text": text}], "reason": text},
        stage_before=Stage.COMMITTEE_INTAKE,
        stage_after=Stage.COMMITTEE_CORRECTION,
        clocks=(Moved(key="committee_correction", after=SEASON[6][5][0]),),
    )
    desk = Desk(settings_at("http://console.test", database_url, tmp_path), pool, identity, intake)
    actor = Actor(person="chen", organisation=OFFICE, role="supervisor")
    act = Act(actor=actor, acted_at=at("2023-11-02"), payload={})
    case = await desk.reading.case(CASE)
    assert case is not None
    paper = await paper_of(desk, case, action, act, shown)
    assert paper is not None
    assert paper.data["items"][0]["text"] == ("合同缺页。" if opened else text)
