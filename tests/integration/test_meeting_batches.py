"""From the signature to the effect in rows: who is held holds nobody else, nobody clean is left."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.meeting_records import MeetingRecords
from tests.integration.sittings import (
    DAY,
    NO,
    YES,
    Sitting,
    add_cases,
    answer,
    codes,
    lines,
    row_of,
)
from workflows.meeting import messages as m
from workflows.meeting.meeting import BatchPhase, Track, Waiting
from workflows.rules.refusals import Code

pytestmark = pytest.mark.integration

TOLD = DAY + timedelta(days=20)


@pytest.fixture
async def cases(pool: Pool, identity: Identity) -> list[str]:
    """Four of the campaign's own, and one of each other track."""
    confirmed = await add_cases(pool, identity, range(1, 5))
    entrusted = await add_cases(
        pool, identity, [5, 6], entrusted=True, entrusting_unit="chengdu-bureau"
    )
    return [*confirmed, *entrusted]


@pytest.fixture
async def signed(meetings: MeetingRecords, cases: list[str], pool: Pool) -> Sitting:
    """A signed meeting: three passed and one failed, of the two entrusted one each; all are told."""
    sitting = Sitting(meetings)
    await sitting.plan()
    await sitting.open()
    await answer(pool)
    await sitting.settle()
    await sitting.judged(
        dict.fromkeys(cases[:3], YES) | {cases[3]: NO, cases[4]: YES, cases[5]: NO}
    )
    await sitting.sign()
    await answer(pool)
    await sitting.settle()
    return sitting


async def say(
    sitting: Sitting,
    pool: Pool,
    action: str,
    select: m.Select,
    batch: int = 1,
    /,
    answers: dict[str, tuple[str, str]] | None = None,
    **more: Any,
) -> m.MeetingStepRecorded:
    """One word to a batch, answered and settled."""
    await sitting.say(action, select, batch, **more)
    assert sitting.last is not None
    order = sitting.last.telling
    await answer(pool, answers)
    return await sitting.settle(order)


def waiting(
    batch: int, since: date, *, track: Track = Track.CONFIRM, posted: bool = True, number: int = 1
) -> Waiting:
    """Those of a batch whom an inquiry let go."""
    return Waiting(track=track, batch=batch, since=since, number=number, posted=posted)


async def standings(pool: Pool) -> list[str]:
    """Standings in the order of the list."""
    rows = await pool.fetch("SELECT standing FROM candidate ORDER BY position")
    return [row["standing"] for row in rows]


async def reached(sitting: Sitting, select: m.Select, batch: int = 1, **more: Any) -> int:
    """How many a selection finds, by a word nobody answers."""
    return (await sitting.say("report_results", select, batch, **more)).lines


async def test_a_batch_goes_its_way(signed: Sitting, pool: Pool, cases: list[str]) -> None:
    reported = await say(signed, pool, "report_results", "batch")
    tracks = {"confirm": 4, "reply": 2}
    assert reported.left == 6
    assert reported.batches == {1: m.BatchCounts(rows=6, unposted=6, tracks=tracks)}
    posted = await say(signed, pool, "post_results", "unposted")
    assert (posted.counted, posted.batches[1].unposted) == (6, 0)
    drafted = await say(signed, pool, "send_for_confirmation", "passed_clear")
    assert (drafted.counted, drafted.batches[1].tracks) == (3, tracks)
    assert await standings(pool) == ["drafted"] * 3 + ["posted"] * 3
    back = await say(signed, pool, "send_back", "drafted")
    assert back.counted == 3
    assert await standings(pool) == ["posted"] * 6
    await say(signed, pool, "send_for_confirmation", "passed_clear")
    confirmed = await say(signed, pool, "confirm", "drafted_and_failed")
    assert (confirmed.counted, confirmed.left) == (4, 2)
    assert confirmed.batches == {1: m.BatchCounts(rows=6, tracks={"reply": 2})}
    replied = await say(signed, pool, "reply_to_entrusting_unit", "reply")
    assert (replied.left, replied.batches) == (0, {1: m.BatchCounts(rows=6)})
    assert await standings(pool) == ["confirmed"] * 4 + ["replied"] * 2


async def test_each_selection_finds_its_own(signed: Sitting, pool: Pool, cases: list[str]) -> None:
    assert await reached(signed, "unposted") == 6
    assert await reached(signed, "passed_clear") == 0
    await pool.execute("UPDATE telling_line SET state = 'done'")
    await say(signed, pool, "post_results", "unposted", answers={cases[5]: ("refused", "x")})
    assert await reached(signed, "batch") == 6
    assert await reached(signed, "unposted") == 0
    assert await reached(signed, "passed_posted") == 4
    assert await reached(signed, "passed_clear") == 3
    assert await reached(signed, "drafted") == 0
    assert await reached(signed, "drafted_and_failed") == 1
    assert await reached(signed, "reply") == 1
    assert await reached(signed, "reply", entrusting="chengdu-bureau") == 1
    assert await reached(signed, "reply", entrusting="nobody") == 0
    assert await reached(signed, "file") == 0
    await pool.execute("UPDATE candidate SET track = 'file' WHERE track = 'reply'")
    assert await reached(signed, "file") == 1
    assert await reached(signed, "batch", 2) == 0
    assert await reached(signed, "outcomes") == 0
    assert await reached(signed, "listed") == await reached(signed, "on_ballot") == 0


async def test_who_is_held_holds_nobody_else(signed: Sitting, pool: Pool, cases: list[str]) -> None:
    await say(signed, pool, "post_results", "unposted")
    assert await signed.news(cases[0], "held") == 1
    order = signed.order("send_for_confirmation", "passed_clear", 1)
    await signed("draft_batch", batch=1, telling=order)
    assert await lines(pool, order.id) == cases[1:3]
    await answer(pool)
    await signed.settle(order)
    confirmed = await say(signed, pool, "confirm", "drafted_and_failed")
    assert (confirmed.counted, confirmed.left, confirmed.released) == (3, 3, ())
    assert await standings(pool) == ["held", *["confirmed"] * 3, "posted", "posted"]
    assert await signed.news(cases[0], "released", on=TOLD) == 1
    row = await row_of(pool, cases[0])
    assert (row["standing"], row["released_on"]) == ("released", TOLD)
    assert signed.state.released == [waiting(1, TOLD)]
    supplement = await signed("open_supplement", m.CollectSupplement(batch=2), batch=2)
    assert (supplement.counted, supplement.released) == (1, ())
    assert supplement.batches == {
        1: m.BatchCounts(rows=5, tracks={"reply": 2}),
        2: m.BatchCounts(rows=1, tracks={"confirm": 1}),
    }
    assert (await row_of(pool, cases[0]))["standing"] == "posted"  # it was posted with batch 1
    await say(signed, pool, "send_for_confirmation", "passed_clear", 2)
    assert (await say(signed, pool, "confirm", "drafted_and_failed", 2)).left == 2


async def test_a_case_that_refuses_for_an_inquiry_is_held_and_for_anything_else_released(
    signed: Sitting, pool: Pool, cases: list[str]
) -> None:
    await say(signed, pool, "post_results", "unposted")
    await say(
        signed,
        pool,
        "send_for_confirmation",
        "passed_clear",
        answers={
            cases[0]: ("refused", "inquiry_open"),
            cases[1]: ("refused", "busy"),
            cases[2]: ("gone", "already_decided"),
        },
    )
    rows = [await row_of(pool, item) for item in cases[:3]]
    assert [(row["standing"], row["why"]) for row in rows] == [
        ("held", "inquiry_open"),
        ("released", "busy"),
        ("out", "gone"),
    ]
    assert rows[1]["released_on"] == DAY
    assert (await signed("open_supplement", m.CollectSupplement(batch=2), batch=2)).counted == 1


async def test_who_is_released_before_the_draft_goes_with_the_own_batch(
    signed: Sitting, pool: Pool, cases: list[str]
) -> None:
    for application in (cases[0], cases[1]):
        await signed.news(application, "held")
    await signed.news(cases[0], "released", on=TOLD)
    assert (await standings(pool))[:2] == ["collected", "held"]
    await say(signed, pool, "post_results", "unposted")
    await signed.news(cases[1], "released", on=TOLD)
    assert (await standings(pool))[:2] == ["posted", "posted"]
    assert signed.state.released == []
    drafted = await say(signed, pool, "send_for_confirmation", "passed_clear")
    assert drafted.counted == 3
    # Held out of a draft that comes back: the next draft of the batch takes him along.
    await signed.news(cases[0], "held")
    await say(signed, pool, "send_back", "drafted")
    await signed.news(cases[0], "released", on=TOLD)
    assert (await standings(pool))[:3] == ["posted"] * 3


@pytest.mark.parametrize("phase", ["sent", "confirmed"])
async def test_who_is_released_after_the_draft_went_waits_for_a_supplement(
    signed: Sitting, pool: Pool, cases: list[str], phase: str
) -> None:
    await say(signed, pool, "post_results", "unposted")
    for application in (cases[0], cases[1], cases[3]):
        await signed.news(application, "held")
    await say(signed, pool, "send_for_confirmation", "passed_clear")
    if phase == "confirmed":
        await say(signed, pool, "confirm", "drafted_and_failed")
    await signed.news(cases[0], "released", on=TOLD)
    await signed.news(cases[1], "released", on=TOLD - timedelta(days=1))
    last = await signed("x")
    assert last.released == (waiting(1, TOLD - timedelta(days=1), number=2),)
    assert (await row_of(pool, cases[1]))["released_on"] == TOLD - timedelta(days=1)


async def test_who_is_released_after_the_reply_waits_for_a_supplement_of_the_own_track(
    signed: Sitting, pool: Pool, cases: list[str]
) -> None:
    await say(signed, pool, "post_results", "unposted")
    await signed.news(cases[4], "held")
    await signed.news(cases[0], "held")
    replied = await say(signed, pool, "reply_to_entrusting_unit", "reply")
    assert replied.counted == 1
    for application in (cases[4], cases[0]):
        await signed.news(application, "released", on=TOLD)
    # The draft of the batch is still to go; the 函复 is not.
    assert (await row_of(pool, cases[0]))["standing"] == "posted"
    assert signed.state.released == [waiting(1, TOLD, track=Track.REPLY)]


async def test_an_inquiry_holds_no_posting_and_only_the_draft_leaves_the_held_out(
    signed: Sitting, pool: Pool, cases: list[str]
) -> None:
    await signed.news(cases[0], "held")
    assert signed.state.batches[0].unposted == 6
    order = signed.order("post_results", "unposted", 1)
    await signed("publish_batch", batch=1, telling=order)
    assert await lines(pool, order.id) == cases
    await answer(pool)
    settled = await signed.settle(order)
    assert settled.batches[1].unposted == 0
    row = await row_of(pool, cases[0])
    assert (row["standing"], row["posted"]) == ("held", True)
    draft = signed.order("send_for_confirmation", "passed_clear", 1)
    await signed("draft_batch", batch=1, telling=draft)
    assert await lines(pool, draft.id) == cases[1:3]


async def test_whom_the_posting_did_not_reach_comes_in_an_unposted_supplement(
    signed: Sitting, pool: Pool, cases: list[str]
) -> None:
    await signed.news(cases[1], "held")
    wrong = {item: ("refused", "wrong_stage") for item in cases[:2]}
    posted = await say(signed, pool, "post_results", "unposted", answers=wrong)
    row = await row_of(pool, cases[0])
    assert (row["standing"], row["posted"], row["why"]) == ("released", False, "wrong_stage")
    # The batch is posted: nobody else waits for these two, the held one neither.
    assert posted.batches[1].unposted == 0
    assert posted.released == (waiting(1, DAY, posted=False),)
    await signed.news(cases[1], "released", on=TOLD)
    assert signed.state.released == [waiting(1, DAY, posted=False, number=2)]


async def test_posted_and_unposted_come_in_supplements_apart(
    signed: Sitting, pool: Pool, cases: list[str]
) -> None:
    await say(signed, pool, "post_results", "unposted", answers={cases[0]: ("refused", "x")})
    await say(
        signed, pool, "send_for_confirmation", "passed_clear", answers={cases[1]: ("refused", "x")}
    )
    assert signed.state.released == [waiting(1, DAY), waiting(1, DAY, posted=False)]
    first = await signed("open_supplement", m.CollectSupplement(batch=2, posted=True), batch=2)
    assert (first.counted, first.batches[2].unposted) == (1, 0)
    assert first.released == (waiting(1, DAY, posted=False),)
    nobody = await signed("open_supplement", m.CollectSupplement(batch=3, posted=True), batch=3)
    assert codes(nobody) == [Code.NOT_FOUND]
    second = await signed("open_supplement", m.CollectSupplement(batch=3, posted=False), batch=3)
    assert (second.counted, second.batches[3].unposted, second.released) == (1, 1, ())
    assert [(await row_of(pool, item))["batch"] for item in cases[:2]] == [3, 2]


async def test_a_new_publicity_is_for_everybody_posted_whose_result_has_no_effect(
    signed: Sitting, pool: Pool, cases: list[str]
) -> None:
    await say(signed, pool, "post_results", "unposted", answers={cases[4]: ("refused", "x")})
    await signed.news(cases[0], "held")
    await say(
        signed,
        pool,
        "send_for_confirmation",
        "passed_clear",
        answers={cases[1]: ("refused", "busy")},
    )
    await say(signed, pool, "send_back", "drafted", answers={cases[2]: ("refused", "busy")})
    assert await standings(pool) == ["held", "released", "drafted", "posted", "released", "posted"]
    again = signed.order("restart_publicity", "passed_posted", 1)
    await signed("restart_batch_publicity", batch=1, telling=again)
    # The drafted one too, as long as the batch is not sent; not the failed, not the unposted.
    assert await lines(pool, again.id) == cases[:3]
    await answer(pool)
    signed.state.batches[0].phase = BatchPhase.SENT
    assert await reached(signed, "passed_posted") == 2


async def test_a_draft_comes_back_with_those_an_inquiry_holds_out_of_it(
    signed: Sitting, pool: Pool, cases: list[str]
) -> None:
    await say(signed, pool, "post_results", "unposted")
    await signed.news(cases[1], "held")  # before the draft: it never went
    await say(signed, pool, "send_for_confirmation", "passed_clear")
    await signed.news(cases[0], "held")
    await pool.execute(
        "UPDATE application SET stage = 'awaiting_confirmation' WHERE id = ANY ($1::text[])",
        [cases[0], cases[2]],
    )
    back = signed.order("send_back", "drafted", 1)
    await signed("send_back_batch", batch=1, telling=back)
    assert await lines(pool, back.id) == [cases[0], cases[2]]
    await answer(pool)
    await signed.settle(back)
    assert (await standings(pool))[:3] == ["held", "held", "posted"]


async def test_an_inquiry_that_ended_while_others_were_told_does_not_hold_for_ever(
    signed: Sitting, pool: Pool, cases: list[str]
) -> None:
    await say(signed, pool, "post_results", "unposted")
    await signed.say("send_for_confirmation", "passed_clear", 1)
    assert signed.last is not None
    order = signed.last.telling
    await answer(pool, {cases[0]: ("refused", "inquiry_open")})
    await signed.news(cases[0], "released", on=DAY)  # comes before the telling is settled
    await signed.settle(order)
    assert (await row_of(pool, cases[0]))["standing"] == "released"


async def test_who_was_sent_before_overtaken_news_came_is_in_a_draft_again(
    signed: Sitting, pool: Pool, cases: list[str]
) -> None:
    await say(signed, pool, "post_results", "unposted")
    await say(signed, pool, "send_for_confirmation", "passed_clear")
    for news in ("held", "released"):  # of an inquiry that was over when the case was sent
        await signed.news(cases[0], news)
    await signed("open_supplement", m.CollectSupplement(batch=2), batch=2)
    await pool.execute(
        "UPDATE application SET stage = 'awaiting_confirmation' WHERE id = $1", cases[0]
    )
    again = await say(
        signed,
        pool,
        "send_for_confirmation",
        "passed_clear",
        2,
        answers={cases[0]: ("refused", "wrong_stage")},
    )
    assert (await row_of(pool, cases[0]))["standing"] == "drafted"
    assert (again.released, again.batches[2].tracks) == ((), {"confirm": 1})


async def test_news_that_crossed_a_word_is_not_overwritten(
    signed: Sitting, pool: Pool, cases: list[str]
) -> None:
    await say(signed, pool, "post_results", "unposted")
    await signed.say("send_for_confirmation", "passed_clear", 1)
    assert signed.last is not None
    order = signed.last.telling
    await answer(pool)
    await signed.news(cases[0], "held")
    await signed.settle(order)
    assert (await standings(pool))[:3] == ["held", "drafted", "drafted"]


async def test_a_case_not_told_its_result_waits_for_it_before_a_supplement(
    meetings: MeetingRecords, pool: Pool, cases: list[str]
) -> None:
    sitting = Sitting(meetings)
    await sitting.plan(cases[:2])
    await sitting.open()
    await answer(pool)
    await sitting.settle()
    await sitting.judged(dict.fromkeys(cases[:2], YES))
    await sitting.sign()
    await answer(pool, {cases[0]: ("refused", "inquiry_open")})
    settled = await sitting.settle()
    assert (settled.batches[1].unposted, settled.left) == (1, 2)
    row = await row_of(pool, cases[0])
    assert (row["standing"], row["told"]) == ("held", False)
    posted = await say(sitting, pool, "post_results", "unposted")
    assert (posted.counted, posted.batches[1].unposted) == (1, 0)  # nobody waits for the untold
    assert await sitting.news(cases[0], "released", on=TOLD) == 1
    unposted = m.CollectSupplement(batch=2, posted=False)
    refused = await sitting("open_supplement", unposted, batch=2)
    assert codes(refused) == [Code.NOT_FOUND]
    told = await say(sitting, pool, "record_result", "named_outcome", 1, application=cases[0])
    assert told.released == (waiting(1, TOLD, posted=False),)
    supplement = await sitting("open_supplement", unposted, batch=2)
    assert (supplement.counted, supplement.batches[2].unposted) == (1, 1)
    assert (await row_of(pool, cases[0]))["standing"] == "collected"  # never posted
    assert (await say(sitting, pool, "post_results", "unposted", 2)).counted == 1
    assert (await row_of(pool, cases[0]))["standing"] == "posted"


async def test_a_release_that_crossed_the_result_is_made_good_by_telling_again(
    meetings: MeetingRecords, pool: Pool, cases: list[str]
) -> None:
    sitting = Sitting(meetings)
    await sitting.plan(cases[:1])
    await sitting.open()
    await answer(pool)
    await sitting.settle()
    await sitting.judged({cases[0]: YES})
    await sitting.sign()
    assert sitting.last is not None
    order = sitting.last.telling
    await answer(pool, {cases[0]: ("refused", "inquiry_open")})
    # The release of the day before is older than the telling: it does not say that this one is over.
    assert await sitting.news(cases[0], "released", on=DAY - timedelta(days=1)) == 1
    await sitting.settle(order)
    assert (await row_of(pool, cases[0]))["standing"] == "held"
    await say(sitting, pool, "record_result", "named_outcome", 1, application=cases[0])
    row = await row_of(pool, cases[0])
    assert (row["standing"], row["told"]) == ("collected", True)  # and goes along with the batch


async def test_a_deferred_case_gets_its_result_without_a_batch(
    meetings: MeetingRecords, pool: Pool, cases: list[str]
) -> None:
    sitting = Sitting(meetings)
    await sitting.plan(cases[:2])
    await sitting.open()
    await answer(pool)
    await sitting.settle()
    await sitting.judged({cases[0]: YES})
    await sitting("defer", m.Defer(application=cases[1], why="deferred"))
    signed = await sitting.sign()
    assert (signed.lines, signed.left) == (2, 2)
    await answer(pool, {cases[1]: ("refused", "inquiry_open")})
    assert (await sitting.settle()).left == 2
    row = await row_of(pool, cases[1])
    assert (row["standing"], row["outcome"], row["told"]) == ("", "deferred", False)
    assert await sitting.news(cases[1], "released", on=TOLD) == 1
    told = await say(sitting, pool, "record_result", "named_outcome", 1, application=cases[1])
    assert (told.counted, told.released, told.left) == (1, (), 1)
    assert await sitting.news(cases[1], "released", on=TOLD) == 0


@pytest.mark.parametrize(
    ("action", "select", "state", "field", "value"),
    [
        ("assign_to_meeting", "listed", "refused", "state", "off"),
        ("assign_to_meeting", "listed", "gone", "state", "off"),
        ("open_review", "listed", "refused", "state", "deferred"),
        ("open_review", "listed", "gone", "state", "off"),
        ("open_review", "listed", "done", "in_review", True),
        ("report_results", "listed", "refused", "state", "listed"),
    ],
)
async def test_answers_before_the_signature(
    meetings: MeetingRecords,
    pool: Pool,
    cases: list[str],
    action: str,
    select: m.Select,
    state: str,
    field: str,
    value: object,
) -> None:
    sitting = Sitting(meetings)
    await sitting.plan(cases[:2])
    await sitting.say(action, select)
    await answer(pool, {cases[0]: (state, "some_code")}, default="open")
    await sitting.settle()
    row, other = await row_of(pool, cases[0]), await row_of(pool, cases[1])
    assert row[field] == value
    assert (
        row["why"] == {"refused": "some_code", "gone": "gone"}.get(state, "") or value == "listed"
    )
    assert (other["state"], other["in_review"]) == ("listed", False)  # it has not answered


@pytest.mark.parametrize("state", ["done", "refused", "gone"])
async def test_whoever_leaves_is_freed_whatever_the_case_says(
    meetings: MeetingRecords, pool: Pool, cases: list[str], state: str
) -> None:
    sitting = Sitting(meetings)
    await sitting.plan(cases[:1])
    await sitting(
        "defer",
        m.Defer(application=cases[0], why="deferred", free=True),
        telling=sitting.order("leave_meeting", "to_free"),
    )
    await answer(pool, default=state)
    assert (await sitting.settle()).to_free == 0
    assert (await row_of(pool, cases[0]))["freed"]


async def test_effects_that_are_refused_leave_the_rest_alone(
    signed: Sitting, pool: Pool, cases: list[str]
) -> None:
    await say(signed, pool, "post_results", "unposted")
    await say(signed, pool, "send_for_confirmation", "passed_clear")
    await say(
        signed,
        pool,
        "confirm",
        "drafted_and_failed",
        answers={cases[0]: ("refused", "inquiry_open"), cases[1]: ("refused", "wrong_stage")},
    )
    rows = [await row_of(pool, item) for item in cases[:4]]
    assert [(row["standing"], row["why"]) for row in rows] == [
        ("held", "inquiry_open"),
        ("drafted", "wrong_stage"),
        ("confirmed", ""),
        ("confirmed", ""),
    ]


async def test_news_of_the_gone(signed: Sitting, pool: Pool, cases: list[str]) -> None:
    await say(signed, pool, "post_results", "unposted")
    await say(signed, pool, "reply_to_entrusting_unit", "reply")
    assert await signed.news(cases[0], "gone", end="cancelled_by_objection") == 1
    row = await row_of(pool, cases[0])
    assert (row["standing"], row["why"]) == ("out", "cancelled_by_objection")
    assert await signed.news(cases[0], "gone", end="x") == 0
    assert await signed.news(cases[4], "gone", end="completed") == 0
    assert (await row_of(pool, cases[4]))["standing"] == "replied"
    assert await signed.news("application-nobody", "gone", end="x") == 0
    assert await signed.news(cases[1], "released") == 0
    assert (await row_of(pool, cases[1]))["standing"] == "posted"


@pytest.mark.parametrize("before", ["listed", "on_ballot", "balloted"])
async def test_proven_fraud_takes_a_name_off_before_the_signature(
    meetings: MeetingRecords, pool: Pool, cases: list[str], before: str
) -> None:
    sitting = Sitting(meetings)
    await sitting.plan(cases[:2])
    if before != "listed":
        await sitting.open()
        await answer(pool)
        await sitting.settle()
    if before == "balloted":
        await sitting.judged(dict.fromkeys(cases[:2], YES))
    assert (await row_of(pool, cases[0]))["state"] == before
    assert await sitting.news(cases[0], "gone", end="terminated") == 1
    row = await row_of(pool, cases[0])
    assert (row["state"], row["why"]) == ("off", "terminated")
    if before == "balloted":
        assert (await sitting.sign()).counted == 1


async def test_a_second_inquiry_holds_who_was_released(
    signed: Sitting, pool: Pool, cases: list[str]
) -> None:
    for news in ("held", "released", "held"):
        await signed.news(cases[0], news, on=date(2023, 12, 20))
    refused = await signed("open_supplement", m.CollectSupplement(batch=2), batch=2)
    assert codes(refused) == [Code.NOT_FOUND]
