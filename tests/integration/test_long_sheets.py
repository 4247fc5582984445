"""A meeting of two thousand: its sheets do not fit a message and are kept before the act names them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.meeting_records import MeetingRecords
from starter.desk.stating import with_texts_stored
from tests.integration.sittings import PRESENT, Sitting, add_cases, answer, codes
from workflows.meeting import messages as m
from workflows.meeting.acts import sitting as acts
from workflows.meeting.payloads import EnterBallots, RecordOpinions
from workflows.rules.refusals import MOST_REASONS, Code, Refused
from workflows.writer.messages import MAX_PAYLOAD_BYTES
from workflows.writer.payloads import Sheet

pytestmark = pytest.mark.integration

MANY = 2_000


@pytest.fixture
async def cases(pool: Pool, identity: Identity) -> list[str]:
    """As many as a large series has in a season."""
    return await add_cases(pool, identity, range(1, MANY + 1))


@pytest.fixture
async def opened(meetings: MeetingRecords, cases: list[str], pool: Pool) -> Sitting:
    """All of them on the ballot, each in review."""
    sitting = Sitting(meetings)
    await sitting.plan()
    await sitting.open()
    await answer(pool)
    await sitting.settle()
    return sitting


def tallies(cases: list[str], yes: int = 7) -> list[dict[str, Any]]:
    return [{"application": item, "yes": yes, "no": 9 - yes} for item in cases]


async def kept(intake: Intake, model: type[Sheet], stated: dict[str, Any]) -> Sheet:
    """The payload as the command line sends it."""
    sent = await with_texts_stored(model, stated, intake.store_text)
    assert len(json.dumps(sent, ensure_ascii=False).encode()) < MAX_PAYLOAD_BYTES
    return model.model_validate(sent)


async def count(sitting: Sitting, by: str, stated: Sheet) -> m.MeetingStepRecorded:
    change = m.CountBallots(
        by=by, present=sitting.state.present, drawn=11, counts=(), sheet=stated.sheet
    )
    return await sitting("ballot", change)


async def test_two_thousand_are_counted_by_two_and_judged(
    opened: Sitting, cases: list[str], intake: Intake, pool: Pool
) -> None:
    """Above some six hundred rows the act was refused as too large, and nobody could be counted."""
    sheet = await kept(intake, EnterBallots, {"tallies": tallies(cases)})
    opinions = await kept(
        intake,
        RecordOpinions,
        {
            "experts": list(PRESENT[:3]),
            "opinions": [{"application": item, "text": f"业绩突出{item}"} for item in cases],
        },
    )
    assert sheet.sheet
    assert opinions.sheet

    noted = await opened(
        "opinions",
        m.NoteOpinions(
            present=opened.state.present,
            opinions=(),
            sheet=opinions.sheet,
            experts=tuple(PRESENT[:3]),
        ),
    )
    first = await count(opened, "wang", sheet)
    second = await count(opened, "zhao", sheet)

    assert (noted.counted, first.counted, second.counted) == (MANY, 0, MANY)
    assert await pool.fetchval("SELECT count(*) FROM candidate WHERE state = 'balloted'") == MANY
    assert await pool.fetchval("SELECT count(DISTINCT opinion) FROM candidate") == MANY


async def test_one_wrong_row_of_a_kept_sheet_keeps_all_of_it_out(
    opened: Sitting, cases: list[str], intake: Intake, pool: Pool
) -> None:
    rows = tallies(cases)
    strange = [*rows[:-1], {"application": "application-nobody", "yes": 9}]
    twice = [*rows, rows[0]]
    for stated, code in ((strange, Code.NOT_ON_LIST), (twice, Code.DUPLICATE_CONFLICT)):
        refused = await count(opened, "wang", await kept(intake, EnterBallots, {"tallies": stated}))
        assert codes(refused) == [code]
    assert await pool.fetchval("SELECT count(*) FROM candidate WHERE first IS NOT NULL") == 0


async def test_a_sheet_wrong_on_every_row_is_answered_with_the_first_reasons(
    opened: Sitting, cases: list[str], intake: Intake
) -> None:
    """Two thousand reasons went into one message, and the next thousand would not have fitted."""
    wrong = [{**row, "no": 9} for row in tallies(cases)]
    stated = await kept(intake, EnterBallots, {"tallies": wrong})
    refused = await count(opened, "wang", stated)

    assert len(refused.refusals) == MOST_REASONS + 1
    assert codes(refused)[-1] == Code.MORE_REASONS
    assert refused.refusals[-1].params == {"number": str(MANY - MOST_REASONS)}
    assert len(refused.model_dump_json().encode()) < 200_000


@pytest.mark.parametrize(
    "text", [None, "业绩突出", "[]", "{}", '[{"application": "a", "yes": -1}]']
)
async def test_what_is_no_kept_sheet_is_refused(
    meetings: MeetingRecords,
    pool: Pool,
    identity: Identity,
    intake: Intake,
    text: str | None,
) -> None:
    """A reference is a claim of whoever sends it."""
    await add_cases(pool, identity, [1])
    sitting = Sitting(meetings)
    await sitting.plan()
    await sitting.open()
    reference = await intake.store_text(text) if text is not None else "text-nothing"
    refused = await count(sitting, "wang", EnterBallots(sheet=reference))
    assert codes(refused) == [Code.MALFORMED_PAYLOAD]


async def test_a_short_sheet_stays_in_the_act(intake: Intake) -> None:
    sent = await with_texts_stored(
        EnterBallots, {"tallies": tallies(["application-1"])}, intake.store_text
    )
    assert sent == {"tallies": tallies(["application-1"])}


@pytest.mark.parametrize(
    "stated",
    [
        EnterBallots(),
        EnterBallots.model_validate({"tallies": tallies(["application-1"]), "sheet": "text-1"}),
    ],
)
def test_rows_stand_in_one_place(stated: EnterBallots) -> None:
    check = acts.BALLOTS.check
    assert check is not None
    with pytest.raises(Refused) as refused:
        check(None, stated)  # type: ignore[arg-type]  # it looks at what is stated alone
    assert [item.code for item in refused.value.reasons] == [Code.MALFORMED_PAYLOAD]
