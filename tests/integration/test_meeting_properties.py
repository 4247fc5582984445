"""Whatever comes in whatever order: who is held is in no draft, and nobody clean is left behind.

An inquiry holds no posting either, and while a case hangs in the meeting, it does not close.
The cases are played by a small model of what a case answers in which stage; their news arrives late
and may cross the words of the meeting. The rows, statements and transactions are the real ones.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from activities.database import Pool
from activities.identity import Identity
from activities.meeting_records import MeetingRecords
from config.campaign_files import CAMPAIGNS, load
from tests.integration.sittings import (
    AT,
    DAY,
    EXPERTS,
    PRESENT,
    Sitting,
    add_cases,
    answer,
    lines,
    row_of,
)
from workflows.meeting import messages as m
from workflows.meeting.decision import follow_up
from workflows.meeting.meeting import BatchPhase, Track
from workflows.meeting.meeting import Phase as MeetingPhase
from workflows.rules.ballot import Totals, needed_yes, quorum, voters_on
from workflows.rules.recusal import Ground

pytestmark = pytest.mark.integration

NUMBERS = count(1)
DRAWN = 11
Answer = tuple[str, str]
DONE: Answer = ("done", "")
HELD: Answer = ("refused", "inquiry_open")
WRONG: Answer = ("refused", "wrong_stage")
WORDS = {
    "open_review": ("awaiting_meeting", "in_review"),
    "record_result": ("in_review", "result_recorded"),
    "post_results": ("result_recorded", "result_publicity"),
    "restart_publicity": ("result_publicity", "result_publicity"),
    "send_for_confirmation": ("result_publicity", "awaiting_confirmation"),
    "send_back": ("awaiting_confirmation", "result_publicity"),
}
HAPPENINGS: st.SearchStrategy[list[str]] = st.one_of(
    st.just([]),
    st.just(["raise", "conclude"]),
    st.just(["conclude", "deliver", "deliver"]),
    st.lists(st.sampled_from(("raise", "conclude", "prove", "deliver", "deliver")), max_size=4),
)
HANGING = ("in_review", "result_recorded", "result_publicity", "awaiting_confirmation")
"""Stages in which a case waits for something from its meeting."""
HOLDS = ("send_for_confirmation", "confirm")


@dataclass
class ACase:
    """What a case knows and answers, as far as a meeting is concerned."""

    stage: str = "awaiting_meeting"
    passed: bool = False
    deferred: bool = False
    inquiry: bool = False
    in_review: bool = False
    """The inquiry was raised in the review: it holds the result itself."""
    ended: bool = False
    news: deque[str] = field(default_factory=deque)

    def hears(self, word: str) -> Answer:
        """Answer one word."""
        if self.ended:
            return ("gone", "already_decided")
        if self.inquiry and (word in HOLDS or (word == "record_result" and self.in_review)):
            return HELD
        if word == "confirm":
            # The failed wait where they were told for the day that counts.
            ready = "awaiting_confirmation" if self.passed else "result_publicity"
            if self.stage != ready:
                return WRONG
            self.stage = "recheck_window"
            return DONE
        before, after = WORDS[word]
        if self.stage != before:
            return WRONG
        given_back = word == "record_result" and self.deferred
        self.stage = "awaiting_meeting" if given_back else after
        return DONE

    @property
    def concerns_the_meeting(self) -> bool:
        """Whether it still tells its meeting what happens."""
        return self.stage not in ("awaiting_meeting", "recheck_window") and not self.ended

    def raise_inquiry(self) -> None:
        """Somebody objects."""
        if not self.inquiry and not self.ended and self.stage != "recheck_window":
            self.inquiry = True
            self.in_review = self.stage == "in_review"
            if self.concerns_the_meeting:
                self.news.append("held")

    def conclude(self, *, proven: bool) -> None:
        """The inquiry ends: unfounded, or the case with it."""
        if not self.inquiry or self.ended:
            return
        self.inquiry = False
        if proven:
            self.ended = True
            self.news.append("gone")
            return
        if self.concerns_the_meeting:
            self.news.append("released")
        if self.stage == "awaiting_confirmation":
            self.stage = "result_publicity"  # it fell out of the draft it was in


class Season:
    """One meeting and its cases, driven by choices."""

    def __init__(self, pool: Pool, sitting: Sitting, cases: dict[str, ACase], data: st.DataObject):
        self.pool = pool
        self.sitting = sitting
        self.cases = cases
        self.data = data
        self.last_told: list[str] = []

    @property
    def batches(self) -> int:
        """How many batches there are."""
        return len(self.sitting.state.batches)

    @property
    def closes(self) -> bool:
        """Whether the workflow would close the meeting now, its report to 市职改办 apart: that is an
        act of the workflow's own, and these seasons have rows only."""
        state = self.sitting.state.copied()
        for batch in state.batches:
            batch.reports = False
        follows = follow_up(state, AT)
        return follows is not None and follows.meeting.phase is MeetingPhase.CLOSED

    def hanging(self) -> list[str]:
        """Cases that wait for something from the meeting."""
        found = self.cases.items()
        return [name for name, case in found if case.stage in HANGING and not case.ended]

    async def standing(self, application: str) -> str:
        """How one candidate stands; `off` who was taken off before the signature."""
        row = await self.pool.fetchrow(
            "SELECT standing, state FROM candidate WHERE meeting = $1 AND application = $2",
            self.sitting.meeting,
            application,
        )
        assert row is not None
        return str(row["standing"] or row["state"])

    async def word(
        self,
        word: str,
        select: m.Select,
        batch: int,
        change: m.RowChange | None = None,
        name: str = "",
    ) -> None:
        """Order a word; between order, answers and settling anything may happen."""
        order = self.sitting.order(word, select, batch, application=name)
        answered = await self.sitting(word, change, batch=batch, telling=order)
        self.last_told = await lines(self.pool, order.id)
        if answered.refusals or not answered.lines:
            return
        rows = await self.pool.fetch(
            "SELECT l.application, c.standing, c.outcome FROM telling_line l"
            " JOIN candidate c ON c.meeting = $2 AND c.application = l.application"
            " WHERE l.telling = $1 ORDER BY l.position",
            order.id,
            self.sitting.meeting,
        )
        if word in ("send_for_confirmation", "confirm"):
            assert not [row for row in rows if row["standing"] in ("held", "released", "out")]
        for row in rows:
            name = row["application"]
            await self.things(name)
            said = self.cases[name].hears(word)
            await self.project(name)
            await answer_line(self.pool, order.id, name, said)
            await self.things(name)
        await self.sitting.settle(order)

    async def project(self, application: str) -> None:
        """The record of a case is written before its answer goes out."""
        case = self.cases[application]
        await self.pool.execute(
            "UPDATE application SET stage = $2, end_name = $3 WHERE id = $1",
            application,
            None if case.ended else case.stage,
            "cancelled_by_objection" if case.ended else None,
        )

    async def things(self, application: str, *, between: bool = True) -> None:
        """Perhaps inquiries begin and end, perhaps news of it arrives."""
        for happening in self.data.draw(HAPPENINGS):
            case = self.cases[application]
            if happening == "raise":
                case.raise_inquiry()
            elif happening == "conclude":
                case.conclude(proven=False)
            elif happening == "prove":
                case.conclude(proven=True)
                await self.project(application)
            elif case.news:
                await self.deliver(application, between=between)

    async def deliver(self, application: str, *, between: bool = False) -> None:
        """The oldest news of a case; whoever is released is told the result it still lacks."""
        news = self.cases[application].news.popleft()
        await self.sitting.news(application, news, on=DAY + timedelta(days=9), end="x")
        # A word under way is finished first: the workflow says the next one only then.
        if news == "released" and not between:
            await self.word("record_result", "named_outcome", 1, name=application)

    async def step(self, name: str) -> None:
        """One act of an office, on one of the batches."""
        if name == "supplement":
            await self.supplement()
        elif name == "something":
            await self.things(self.data.draw(st.sampled_from(sorted(self.cases))), between=False)
        else:
            await self.act(name, self.data.draw(st.integers(1, self.batches)))

    async def act(self, name: str, number: int) -> None:
        """An act on a batch, where the workflow lets it through."""
        batch = self.sitting.state.batch(number)
        assert batch is not None
        match name, batch.phase:
            case "post", BatchPhase.COLLECTED if batch.unposted:
                await self.post(number)
            case "restart", BatchPhase.POSTED:
                await self.restart(number)
            case "draft", BatchPhase.POSTED if batch.waits_for(Track.CONFIRM):
                assert not batch.unposted, "a posted batch that can never be drafted"
                await self.word("send_for_confirmation", "passed_clear", number)
            case "back", BatchPhase.SENT:
                await self.word("send_back", "drafted", number)
            case "confirm", BatchPhase.SENT:
                await self.word("confirm", "drafted_and_failed", number)

    async def post(self, number: int) -> None:
        """Post a batch: everybody who was told, held or not."""
        rows = await self.pool.fetch(
            "SELECT application FROM candidate WHERE meeting = $1 AND batch = $2 AND told"
            " AND standing IN ('collected', 'held') ORDER BY position",
            self.sitting.meeting,
            number,
        )
        everybody = [row["application"] for row in rows]
        await self.word("post_results", "unposted", number)
        assert self.last_told == everybody
        for application in everybody:
            if not self.cases[application].ended:
                assert (await self.row(application))["posted"], application

    async def restart(self, number: int) -> None:
        """Post a batch anew: everybody whose publicity it is hears of it."""
        members = [
            name
            for name, case in self.cases.items()
            if case.passed and case.stage == "result_publicity" and not case.ended
            if (await self.row(name))["batch"] == number
        ]
        await self.word("restart_publicity", "passed_posted", number)
        assert set(members) <= set(self.last_told)

    async def row(self, application: str) -> dict[str, object]:
        """A candidate's row."""
        return await row_of(self.pool, application, self.sitting.meeting)

    async def supplement(self) -> None:
        """Collect the released: first those who were posted."""
        number = self.batches + 1
        posted = any(item.posted for item in self.sitting.state.released)
        change = m.CollectSupplement(batch=number, posted=posted)
        await self.sitting("supplement", change, batch=number)

    async def run_out(self) -> None:
        """Every inquiry ends, all news arrives, and the offices do what is theirs, in order."""
        self.data = _Quiet()  # type: ignore[assignment]
        for application, case in self.cases.items():
            case.conclude(proven=False)
            while case.news:
                await self.deliver(application)
        for application in self.cases:
            await self.word("record_result", "named_outcome", 1, name=application)
        for _ in range(3):
            for batch in range(1, self.batches + 1):
                for name in ("post", "draft", "confirm"):
                    await self.act(name, batch)
            await self.supplement()


class _Quiet:
    """Choices when nothing happens any more."""

    def draw(self, strategy: object) -> tuple[str, ...]:
        """Nothing."""
        return ()


async def answer_line(pool: Pool, telling: str, application: str, said: Answer) -> None:
    """Write down one answer."""
    await pool.execute(
        "UPDATE telling_line SET state = $3, codes = string_to_array($4, ',')"
        " WHERE telling = $1 AND application = $2",
        telling,
        application,
        *said,
    )


def totals(voters: int) -> st.SearchStrategy[Totals]:
    """Totals that so many voters may come to."""
    return st.integers(0, voters).map(lambda yes: Totals(yes=yes, no=voters - yes))


async def signed_season(
    pool: Pool, identity: Identity, meetings: MeetingRecords, data: st.DataObject
) -> Season:
    """A meeting of a few cases, signed, every case told what the meeting decided."""
    number = next(NUMBERS)
    applications = await add_cases(pool, identity, [number * 100 + place for place in range(2)])
    sitting = Sitting(meetings, meeting=f"meeting-{number:06}", number=f"n-{number}")
    sitting.state.policy = load(CAMPAIGNS / "bd-2023.toml").policy
    await sitting.plan(applications)
    season = Season(pool, sitting, {name: ACase() for name in applications}, data)
    for case in season.cases.values():
        if data.draw(st.booleans()):
            case.raise_inquiry()  # a complaint of before the meeting, of which it hears nothing
    await sitting.seated()
    await sitting.open()
    for name, case in season.cases.items():
        case.hears("open_review")
        await season.project(name)
    await answer(pool)
    await sitting.settle()
    if data.draw(st.integers(0, 3)) == 0:
        deferred = applications.pop()
        season.cases[deferred].deferred = True
        await sitting("defer", m.Defer(application=deferred, why="deferred"))
    outcomes = {name: data.draw(totals(9)) for name in applications}
    await sitting.judged(outcomes)
    for name, stated in outcomes.items():
        season.cases[name].passed = stated.yes >= needed_yes(9)
        await season.things(name)
    sitting.phase = MeetingPhase.SIGNED
    order = sitting.order("record_result", "outcomes", 1)
    signed = await sitting("sign", m.SealResults(batch=1), batch=1, telling=order)
    assume(not signed.refusals)  # where all were taken off there is nothing to sign
    for name, case in season.cases.items():
        await season.things(name)
        said = case.hears("record_result")
        await season.project(name)
        await answer_line(pool, order.id, name, said)
        await season.things(name)
    await sitting.settle(order)
    return season


ACTS = ("post", "draft", "back", "restart", "confirm", "supplement", "something", "something")


SETTINGS = settings(
    max_examples=60,
    # Every example has a meeting of its own in the one database; to shrink one would take minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@SETTINGS
@given(data=st.data())
async def test_nobody_held_is_drafted_and_nobody_clean_is_left_behind(
    pool: Pool, identity: Identity, meetings: MeetingRecords, data: st.DataObject
) -> None:
    season = await signed_season(pool, identity, meetings, data)
    for name in data.draw(st.lists(st.sampled_from(ACTS), max_size=12)):
        await season.step(name)
        if season.hanging():
            assert season.sitting.state.left
            assert not season.closes
        for application, case in season.cases.items():
            if await season.standing(application) == "confirmed":
                assert case.stage == "recheck_window"
    await season.run_out()
    for application, case in season.cases.items():
        standing = await season.standing(application)
        if case.deferred:
            assert standing == "deferred" or (standing == "off" and case.ended)
            assert case.ended or case.stage == "awaiting_meeting"
        elif case.ended:
            assert standing in ("off", "out", "confirmed")
        else:
            assert (standing, case.stage) == ("confirmed", "recheck_window"), application
    last = await season.sitting("x")
    assert (last.left, last.released) == (0, ())
    assert season.closes


def entries() -> st.SearchStrategy[tuple[str, int, Totals]]:
    """Who enters which totals for which candidate; rightly, wrongly, with too many or too few."""
    sheets = st.one_of(totals(9), totals(8), totals(7), totals(10))
    return st.tuples(st.sampled_from(("wang", "zhao")), st.integers(0, 2), sheets)


@SETTINGS
@given(
    steps=st.lists(
        st.one_of(
            entries(),
            st.tuples(st.just("recuse"), st.integers(0, 2), st.sampled_from(PRESENT)),
            st.tuples(st.just("defer"), st.integers(0, 2), st.just("")),
        ),
        max_size=14,
    )
)
async def test_no_total_counts_without_two_people_and_its_quorum(
    pool: Pool,
    identity: Identity,
    meetings: MeetingRecords,
    steps: list[tuple[str, int, Totals | str]],
) -> None:
    number = next(NUMBERS)
    names = await add_cases(pool, identity, [number * 100 + place for place in range(3)])
    sitting = Sitting(meetings, meeting=f"meeting-{number:06}", number=f"n-{number}")
    await sitting.plan(names)
    await sitting.open(EXPERTS[:9])
    entered: dict[str, list[tuple[str, Totals]]] = {name: [] for name in names}
    for who, place, stated in steps:
        name = names[place]
        if isinstance(stated, Totals):
            if not (await sitting.count(who, {name: stated})).refusals:
                entered[name].append((who, stated))
        elif who == "recuse":
            change = m.NoteRecusal(
                expert=stated, applications=(name,), ground=Ground.KIN, supervised=True
            )
            known = await recused(pool, sitting.meeting, name)
            if not (await sitting("recuse", change)).refusals and stated not in known:
                entered[name].clear()  # what was entered before counts no more
        else:
            await sitting("defer", m.Defer(application=name, why="deferred"))
        for row in await final_rows(pool, sitting.meeting):
            check_final(row, entered[str(row["application"])])


async def recused(pool: Pool, meeting: str, application: str) -> list[str]:
    """Who is recused from a candidate."""
    found = await pool.fetchval("SELECT recused_of($1, $2)", meeting, application)
    return list(found)


async def final_rows(pool: Pool, meeting: str) -> Iterator[dict[str, object]]:
    """Candidates whose total counts, with those recused from them."""
    rows = await pool.fetch(
        "SELECT *, recused_of(meeting, application) AS recused FROM candidate"
        " WHERE meeting = $1 AND (ballot IS NOT NULL OR outcome IS NOT NULL OR state = 'balloted')",
        meeting,
    )
    return iter([dict(row) for row in rows])


def check_final(row: dict[str, object], entered: list[tuple[str, Totals]]) -> None:
    """Two people, one total, the voters of the quorum, and the result by integers."""
    ballot = Totals.model_validate_json(str(row["ballot"]))
    voters = ballot.accounted
    assert row["state"] == "balloted"
    assert row["first_by"] != row["second_by"]
    assert {row["first_by"], row["second_by"]} == {"wang", "zhao"}
    assert {who for who, stated in entered if stated == ballot} == {"wang", "zhao"}
    assert voters >= quorum(DRAWN)
    recused = row["recused"]
    assert isinstance(recused, list)
    # A recusal found after the count drops it, so that it never stands with a voter too many.
    assert voters == voters_on(PRESENT, recused)
    assert row["outcome"] == ("passed" if ballot.yes >= needed_yes(voters) else "not_passed")
