"""Telling many cases: each once, resumed where it stopped, and nothing lost of what nobody knows."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.database import Pool
from activities.identity import Identity
from activities.meeting_records import MeetingRecords
from activities.telling import PAGE, Telling, Told
from config.gateway.errors import (
    GatewayError,
    NotFoundError,
    RefusedByCaseError,
    UnavailableError,
    UnknownError,
)
from tests.integration.sittings import AT, MEETING, Sitting, add_cases
from workers.case_teller import GatewayTeller
from workflows.application.case import Receipt
from workflows.meeting.messages import TellCases, TellingOutcome
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import Act, Actor

pytestmark = pytest.mark.integration


class Cases:
    """A fake of the cases: carries out each request once, as the engine does, and counts calls."""

    def __init__(self) -> None:
        self.acts: dict[str, Act] = {}
        self.calls: Counter[str] = Counter()
        self.answers: dict[str, list[Told]] = {}
        self.shifts: set[float] = set()
        self.at_once = self.most_at_once = 0
        self.stop_after = 0
        self.stopped = asyncio.Event()

    async def tell(
        self, application: str, action: str, act: Act, *, realm: str, shift_seconds: float
    ) -> Told:
        """Answer what is prepared, else that it is done."""
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(0)
            if self.stop_after and len(self.acts) >= self.stop_after:
                self.stopped.set()
                await asyncio.sleep(3600)
        finally:
            self.at_once -= 1
        self.calls[application] += 1
        self.shifts.add(round(shift_seconds))
        prepared = self.answers.get(application, [])
        told = prepared.pop(0) if prepared else Told("done", seq=7)
        if told.state == "done":
            assert act.request_id not in self.acts or self.acts[act.request_id] == act
            self.acts[act.request_id] = act
        return told


@pytest.fixture
def cases() -> Cases:
    """The cases."""
    return Cases()


@pytest.fixture
def telling(pool: Pool, cases: Cases) -> Telling:
    """The activity."""
    return Telling(pool, cases)


async def order(pool: Pool, identity: Identity, meetings: MeetingRecords, number: int) -> str:
    """A word to so many cases; returns the telling's id."""
    await add_cases(pool, identity, range(1, number + 1))
    sitting = Sitting(meetings)
    word = sitting.order("assign_to_meeting", "listed", payload={"meeting": MEETING})
    assert (await sitting.plan(telling=word)).lines == number
    return word.id


async def tell(telling: Telling, identifier: str) -> TellingOutcome:
    """One attempt."""
    answered = await ActivityEnvironment().run(
        telling.tell_cases, TellCases(telling=identifier, realm="live")
    )
    assert isinstance(answered, TellingOutcome)
    return answered


async def states(pool: Pool) -> Counter[str]:
    """How many lines stand how."""
    rows = await pool.fetch("SELECT state FROM telling_line")
    return Counter(row["state"] for row in rows)


async def test_every_case_is_told_as_the_meeting(
    pool: Pool, identity: Identity, meetings: MeetingRecords, telling: Telling, cases: Cases
) -> None:
    identifier = await order(pool, identity, meetings, 3)
    assert await tell(telling, identifier) == TellingOutcome(telling=identifier, done=3)
    application, act = next(iter(cases.acts.items()))
    assert application.startswith(f"{identifier}:application-")
    assert act.actor == Actor(person=f"meeting:{MEETING}", role="meeting")
    assert (act.acted_at, act.payload) == (AT, {"meeting": MEETING})
    row = await pool.fetchrow("SELECT seq, codes FROM telling_line LIMIT 1")
    assert row is not None
    assert (row["seq"], row["codes"]) == (7, [])
    assert await pool.fetchval("SELECT done_at FROM telling") is not None
    assert cases.shifts == {0}


async def test_a_telling_told_again_tells_nobody(
    pool: Pool, identity: Identity, meetings: MeetingRecords, telling: Telling, cases: Cases
) -> None:
    identifier = await order(pool, identity, meetings, 3)
    first = await tell(telling, identifier)
    assert await tell(telling, identifier) == first
    assert set(cases.calls.values()) == {1}


async def test_five_thousand_are_told_once_though_the_worker_dies_in_the_middle(
    pool: Pool, identity: Identity, meetings: MeetingRecords, telling: Telling, cases: Cases
) -> None:
    identifier = await order(pool, identity, meetings, 5000)
    cases.stop_after = 2345
    environment = ActivityEnvironment()
    beats: list[object] = []
    environment.on_heartbeat = lambda *details: beats.append(details)
    attempt = asyncio.create_task(
        environment.run(telling.tell_cases, TellCases(telling=identifier, realm="live"))
    )
    await cases.stopped.wait()
    environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attempt
    written = await states(pool)
    assert written["done"] == len(cases.acts)  # the page under way was written down as well
    assert written["done"] % PAGE
    assert len(beats) == len(cases.acts)
    cases.stop_after = 0
    assert await tell(telling, identifier) == TellingOutcome(telling=identifier, done=5000)
    assert len(cases.acts) == 5000
    assert set(cases.calls.values()) == {1}
    assert cases.most_at_once == 16


async def test_what_a_crash_left_unwritten_is_asked_again_under_the_same_id(
    pool: Pool, identity: Identity, meetings: MeetingRecords, telling: Telling, cases: Cases
) -> None:
    identifier = await order(pool, identity, meetings, 20)
    await tell(telling, identifier)
    # As after `kill -9`: the cases have it, the record does not.
    await pool.execute("UPDATE telling_line SET state = 'open' WHERE position > 10")
    await pool.execute("UPDATE telling SET done_at = NULL")
    assert (await tell(telling, identifier)).done == 20
    assert sorted(cases.calls.values()) == [1] * 10 + [2] * 10
    assert len(cases.acts) == 20


async def test_who_gives_no_answer_stays_open_and_is_asked_again(
    pool: Pool, identity: Identity, meetings: MeetingRecords, telling: Telling, cases: Cases
) -> None:
    identifier = await order(pool, identity, meetings, PAGE + 50)
    rows = await pool.fetch("SELECT application FROM telling_line ORDER BY position")
    silent = [row["application"] for row in (rows[0], rows[PAGE + 1])]
    for application in silent:
        cases.answers[application] = [Told("open")]
    with pytest.raises(ApplicationError) as caught:
        await tell(telling, identifier)
    assert (caught.value.type, caught.value.non_retryable) == ("cases_unanswered", False)
    assert await states(pool) == {"done": PAGE + 48, "open": 2}
    assert (await tell(telling, identifier)).done == PAGE + 50
    assert sorted(item for item, times in cases.calls.items() if times == 2) == sorted(silent)


async def test_where_nobody_answers_the_rest_is_not_asked(
    pool: Pool, identity: Identity, meetings: MeetingRecords, telling: Telling, cases: Cases
) -> None:
    identifier = await order(pool, identity, meetings, PAGE + 1)
    for row in await pool.fetch("SELECT application FROM telling_line"):
        cases.answers[row["application"]] = [Told("open")]
    with pytest.raises(ApplicationError):
        await tell(telling, identifier)
    assert sum(cases.calls.values()) == PAGE


async def test_refused_and_gone_are_told_apart_by_the_record(
    pool: Pool, identity: Identity, meetings: MeetingRecords, telling: Telling, cases: Cases
) -> None:
    identifier = await order(pool, identity, meetings, 4)
    rows = await pool.fetch("SELECT application FROM telling_line ORDER BY position")
    held, ended, decided, lost = (row["application"] for row in rows)
    await pool.execute(
        "UPDATE application SET end_name = 'withdrawn' WHERE id = ANY ($1)", [ended, lost]
    )
    cases.answers = {
        held: [Told("refused", ("inquiry_open", "check_open"))],
        ended: [Told("refused", ("already_decided",))],
        decided: [Told("refused", ("already_decided",))],
        lost: [Told("gone", ("not_found",))],
    }
    assert await tell(telling, identifier) == TellingOutcome(telling=identifier, refused=2, gone=2)
    lines = await pool.fetch("SELECT state, codes FROM telling_line ORDER BY position")
    assert [tuple(row) for row in lines] == [
        ("refused", ["inquiry_open", "check_open"]),
        ("gone", ["already_decided"]),
        ("refused", ["already_decided"]),
        ("gone", ["not_found"]),
    ]


async def test_a_case_that_the_engine_lost_and_the_record_shows_open_is_not_settled_as_gone(
    pool: Pool, identity: Identity, meetings: MeetingRecords, telling: Telling, cases: Cases
) -> None:
    """An engine restored from an older copy, or whose namespace is another, knows no case at all."""
    identifier = await order(pool, identity, meetings, 2)
    lost, there = [
        row["application"]
        for row in await pool.fetch("SELECT application FROM telling_line ORDER BY position")
    ]
    cases.answers = {lost: [Told("gone", ("not_found",))]}
    with pytest.raises(ApplicationError) as caught:
        await tell(telling, identifier)
    assert caught.value.type == "cases_unanswered"
    assert await states(pool) == {"open": 1, "done": 1}

    assert await tell(telling, identifier) == TellingOutcome(telling=identifier, done=2)
    assert cases.calls == {lost: 2, there: 1}


async def test_a_telling_that_does_not_exist_is_never_retried(telling: Telling) -> None:
    with pytest.raises(ApplicationError) as caught:
        await tell(telling, "nobody")
    assert (caught.value.type, caught.value.non_retryable) == ("not_found", True)


async def test_a_rehearsal_is_told_in_its_own_time(
    pool: Pool, identity: Identity, meetings: MeetingRecords, cases: Cases
) -> None:
    await pool.execute("INSERT INTO realm (id, kind, opens_at) VALUES ('r1', 'rehearsal', $1)", AT)
    await add_cases(pool, identity, [1], realm="r1")
    sitting = Sitting(meetings, realm="r1")
    word = sitting.order("assign_to_meeting", "listed")
    await sitting.plan(telling=word)
    later = Telling(pool, cases, lambda: AT.astimezone(UTC) + timedelta(days=2))
    await ActivityEnvironment().run(later.tell_cases, TellCases(telling=word.id, realm="r1"))
    assert cases.shifts == {-2 * 24 * 3600}


class Gateway:
    """A fake of the gateway that answers one thing."""

    def __init__(self, says: GatewayError | Receipt) -> None:
        self.says = says

    async def act(self, application: str, action: str, act: Act, **more: object) -> Receipt:
        """Say it."""
        if isinstance(self.says, Receipt):
            return self.says
        raise self.says


def refused(*codes: Code) -> RefusedByCaseError:
    """A refusal."""
    return RefusedByCaseError(tuple(Refusal(code=code) for code in codes))


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (Receipt(application="a", seq=3, action="x"), Told("done", seq=3)),
        (
            refused(Code.INQUIRY_OPEN, Code.CHECK_OPEN),
            Told("refused", ("inquiry_open", "check_open")),
        ),
        (refused(Code.BUSY_TRY_AGAIN), Told("open")),
        (NotFoundError("a"), Told("gone", ("not_found",))),
        (UnknownError("r"), Told("open")),
        (UnavailableError("away"), Told("open")),
    ],
)
async def test_the_gateways_answers_become_lines(says: GatewayError | Receipt, told: Told) -> None:
    teller = GatewayTeller(Gateway(says))  # type: ignore[arg-type]
    act = Act(request_id="r", actor=Actor(person="meeting:m", role="meeting"))
    at = datetime.now(UTC)
    stamped = act.model_copy(update={"acted_at": at})
    assert await teller.tell("a", "x", stamped, realm="live", shift_seconds=0.0) == told
