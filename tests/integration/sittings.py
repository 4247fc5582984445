"""A meeting with candidates and experts in a real database, one step at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from activities.database import Pool
from activities.identity import Identity
from activities.meeting_records import MeetingRecords
from tests.builders import BD, a_calendar, a_policy, facts
from workflows.meeting import messages as m
from workflows.meeting.meeting import Batch, BatchPhase, Meeting, Phase
from workflows.meeting.projection import take_in
from workflows.rules.ballot import Totals
from workflows.rules.committee import Committee, Seat
from workflows.rules.message import BEIJING, start_of
from workflows.rules.names import Level
from workflows.rules.refusals import Code
from workflows.writer.messages import Actor

OFFICE = "bd-committee-office"
CITY_OFFICE = "city-title-office"
COMMITTEE = "bd-2023"
MEETING = "meeting-018bcfe5-0000-7000-8000-0000000000aa"
DAY = date(2023, 12, 4)
AT = datetime(2023, 12, 4, 9, 0, tzinfo=BEIJING)
LONG = 300.0
"""Seconds that thousands of rows may take beside other work."""
EXPERTS = tuple(f"e{number:02}" for number in range(1, 21))
PRESENT = EXPERTS[:9]
PHASES = {
    "post_results": BatchPhase.POSTED,
    "send_for_confirmation": BatchPhase.SENT,
    "send_back": BatchPhase.POSTED,
    "confirm": BatchPhase.CONFIRMED,
}
"""A word to a batch → the phase its act leads to."""
YES, NO = Totals(yes=7, no=2), Totals(yes=5, no=4)


def application_id(number: int) -> str:
    """An application's id, as long as a real one."""
    return f"application-018bcfe5-0000-7000-8000-{number:012x}"


@cache
def _facts(route: str) -> dict[str, Any]:
    return facts(route).model_dump(mode="json")


async def add_cases(
    pool: Pool,
    identity: Identity,
    numbers: Iterable[int],
    *,
    route: str = "city_unit",
    unit: str = "xinghe-technology",
    stage: str = "awaiting_meeting",
    office: str = OFFICE,
    realm: str = "live",
    **differences: Any,
) -> list[str]:
    """Cases that stand at a stage, with person and draft; whom the meeting may list."""
    await add_office(pool, identity)
    ids = list(numbers)
    stated = _facts(route) | {"employer": unit, "insured_unit": unit} | differences
    await pool.executemany(
        "INSERT INTO person (id, realm, name, name_hash, id_hash) VALUES ($1, $2, $3, $4, $5)",
        [
            (
                f"person-{n}",
                "" if realm == "live" else realm,
                identity.seal(f"张三{n}", "person.name"),
                identity.name_hash(f"张三{n}"),
                identity.id_hash(f"99010119900101{n:04}"),
            )
            for n in ids
        ],
        timeout=LONG,
    )
    await pool.executemany(
        "INSERT INTO draft (id, realm, person, campaign, facts, content_hash)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        [
            (f"draft-{n}", realm, f"person-{n}", BD, json.dumps(stated), str(n).encode())
            for n in ids
        ],
        timeout=LONG,
    )
    await pool.executemany(
        "INSERT INTO application (id, realm, person, draft, seq, campaign, route, level, stage,"
        " holder, places, submitted_at) VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11)",
        [
            (
                application_id(n),
                realm,
                f"person-{n}",
                f"draft-{n}",
                BD,
                route,
                "deputy_senior",
                stage,
                office,
                json.dumps([{"organisation": unit, "kind": "unit", "superior": ""}]),
                AT - timedelta(days=30) + timedelta(seconds=n),
            )
            for n in ids
        ],
        timeout=LONG,
    )
    return [application_id(n) for n in ids]


async def add_office(pool: Pool, identity: Identity) -> None:
    """Three of the committee's office, and `wang-b`: the first of them in another row."""
    numbers = {"wang": 1, "zhao": 2, "qian": 3, "wang-b": 1}
    for name, number in numbers.items():
        await pool.execute(
            "INSERT INTO person (id, realm, name, name_hash, id_hash) VALUES ($1, '', $2, $3, $4)"
            " ON CONFLICT DO NOTHING",
            name,
            identity.seal(f"王五{name}", "person.name"),
            identity.name_hash(f"王五{name}"),
            identity.id_hash(f"9901011970010150{number}"),
        )


async def add_pool(pool: Pool, identity: Identity, experts: Sequence[str] = EXPERTS) -> None:
    """A pool of experts of one committee, each of a unit of the own; the first three may chair."""
    for place, expert in enumerate(experts):
        await pool.execute(
            "INSERT INTO person (id, realm, name, name_hash, id_hash) VALUES ($1, '', $2, $3, $4)",
            f"person-{expert}",
            identity.seal(f"李四{expert}", "person.name"),
            identity.name_hash(f"李四{expert}"),
            identity.id_hash(f"990101197001011{expert[1:]}0"),
        )
        await pool.execute(
            "INSERT INTO expert (id, realm, committee, person, unit, professions, chair, term_from,"
            " term_to, updated_at) VALUES ($1, '', $2, $3, $4, $5, $6, $7, $8, $9)",
            expert,
            COMMITTEE,
            f"person-{expert}",
            f"institute-{expert}",
            ["大数据"],
            "deputy_director" if place < 3 else "",
            date(2022, 1, 1),
            date(2024, 12, 31),
            AT,
        )


def seats(experts: Sequence[str] = EXPERTS[:11], spares: Sequence[str] = ()) -> list[Seat]:
    """These experts as members (the first chairs), then spares."""
    return [
        Seat(
            expert=expert,
            person=f"person-{expert}",
            unit=f"institute-{expert}",
            chair="director" if rank == 1 else "",
            rank=rank,
            spare=expert in spares,
        )
        for rank, expert in enumerate((*experts, *spares), start=1)
    ]


def a_committee(**more: Any) -> Committee:
    """The committee as filed."""
    values = {
        "id": COMMITTEE,
        "office": OFFICE,
        "city_office": CITY_OFFICE,
        "filing": "渝职改备〔2022〕1号",
        "filed_on": date(2022, 1, 1),
        "valid_until": date(2024, 12, 31),
        "seats": 11,
        "spares": 3,
        "minimum": 11,
        "max_level": Level.DEPUTY_SENIOR,
    }
    return Committee.model_validate(values | more)


class Sitting:
    """Sends the steps of one meeting, as its workflow would, and keeps its state."""

    def __init__(
        self,
        records: MeetingRecords,
        *,
        meeting: str = MEETING,
        number: str = "2023-BD-01",
        realm: str = "live",
        at: datetime = AT,
    ) -> None:
        self.records = records
        self.at = at
        self.tellings = 0
        self.state = Meeting(
            meeting=meeting,
            realm=realm,
            number=number,
            committee=a_committee(),
            policy=a_policy(BD),
            calendar=a_calendar(),
            days=(DAY,),
        )
        self.last: m.RecordMeetingStep | None = None
        self.versions: dict[str, Any] = {}
        """`policy_version` and `calendar_version` that its steps were decided on."""

    @property
    def meeting(self) -> str:
        """The meeting's id."""
        return self.state.meeting

    @property
    def phase(self) -> Phase:
        """Where the meeting stands after its next step."""
        return self.state.phase

    @phase.setter
    def phase(self, phase: Phase) -> None:
        self.state.phase = phase

    def command(
        self, name: str, change: m.RowChange | None = None, **more: Any
    ) -> m.RecordMeetingStep:
        """The command of the next step; `more` goes to the step, or to command and projection."""
        state = self.state
        own = {key: more.pop(key) for key in ("telling", "letters", "opens") if key in more}
        shown = {key: more.pop(key) for key in ("tasks", "deadlines") if key in more}
        # Where a state is sent, the record works the tasks out from it.
        kept = {"requests", "policy", "calendar"}
        stated = "" if "tasks" in shown else state.model_dump_json(exclude=kept)
        at = more.pop("at", self.at)
        step = {
            "meeting": state.meeting,
            "realm": state.realm,
            "seq": state.seq + 1,
            "source": "act",
            "name": name,
            "request_id": f"request-{state.seq + 1}",
            "actor": Actor(person="wang", organisation=OFFICE, role="supervisor"),
            "acted_at": at,
            "recorded_at": at,
            "phase_after": self.phase,
            **self.versions,
        }
        projection = {
            "number": state.number,
            "campaign": BD,
            "committee": COMMITTEE,
            "office": OFFICE,
            "city_office": CITY_OFFICE,
            "phase": self.phase,
            "days": state.days,
        }
        return m.RecordMeetingStep(
            step=m.MeetingStep.model_validate(step | more),
            projection=m.MeetingProjection.model_validate(projection | shown),
            state=stated,
            change=change,
            **own,
        )

    async def __call__(
        self, name: str, change: m.RowChange | None = None, **more: Any
    ) -> m.MeetingStepRecorded:
        """Record the next step; a refusal leaves the number free, and the batches as they were."""
        before = [batch.model_copy() for batch in self.state.batches]
        self._decide(change, more.get("telling"), more.get("at", self.at).date())
        self.last = self.command(name, change, **more)
        answer = await self.records.record_meeting_step(self.last)
        if answer.refusals:
            self.state.batches = before
        else:
            self.state.seq += 1
            take_in(self.state, answer)
        return answer

    def _decide(self, change: m.RowChange | None, order: m.TellingOrder | None, on: date) -> None:
        """What the workflow decides of the batches before a step goes into the record."""
        batches = self.state.batches
        if isinstance(change, m.SealResults) and not batches:
            batches.append(Batch(number=change.batch, began_on=on, opened_at=start_of(on)))
        if isinstance(change, m.CollectSupplement):
            phase = BatchPhase.POSTED if change.posted else BatchPhase.COLLECTED
            more = Batch(
                number=change.batch,
                supplementary=True,
                began_on=on,
                opened_at=start_of(on),
                phase=phase,
                reports=not change.posted,
            )
            batches.append(more)
        batch = self.state.batch(order.batch) if order and order.batch else None
        if order is None or batch is None:
            return
        batch.phase = PHASES.get(order.action, batch.phase)
        if order.action == "reply_to_entrusting_unit":
            batch.replied_on = on
        if order.action == "file_for_record":
            batch.filed_on = on

    async def plan(self, applications: Sequence[str] = (), **more: Any) -> m.MeetingStepRecorded:
        """The first step: the number is taken, the list is made."""
        change = m.ListCandidates(campaign=BD, office=OFFICE, applications=tuple(applications))
        return await self("plan", change, opens=True, **more)

    async def seated(self, members: Sequence[str] = EXPERTS[:11]) -> None:
        """The experts sit, without a draw."""
        self.state.seats = seats(members)
        self.phase = Phase.EXPERTS_DRAWN

    async def open(self, present: Sequence[str] = PRESENT) -> m.MeetingStepRecorded:
        """The meeting opens: those on the list go on the ballot and are told."""
        await self.seated()
        self.phase = Phase.OPENED
        self.state.present = tuple(present)
        change = m.OpenBallot(present=tuple(present), drawn=11)
        return await self("open", change, telling=self.order("open_review", "on_ballot"))

    def order(
        self,
        action: str,
        select: m.Select,
        batch: int | None = None,
        **more: Any,
    ) -> m.TellingOrder:
        """A word to the cases of a selection."""
        self.tellings += 1
        identifier = f"{self.meeting}/{batch or 0}/{action}/{self.tellings}"
        return m.TellingOrder.model_validate(
            {"id": identifier, "action": action, "batch": batch, "select": select} | more
        )

    async def opinions(
        self, applications: Sequence[str], experts: Sequence[str] = PRESENT[:3]
    ) -> m.MeetingStepRecorded:
        """One group's sheet of opinions."""
        return await self(
            "opinions",
            m.NoteOpinions(
                present=self.state.present,
                opinions=tuple(
                    m.NoteOpinion(
                        application=item, group=1, experts=tuple(experts), text="text-opinion"
                    )
                    for item in applications
                ),
            ),
        )

    async def count(self, by: str, totals: dict[str, Totals]) -> m.MeetingStepRecorded:
        """One person's counting sheet."""
        return await self(
            "ballot",
            m.CountBallots(
                by=by,
                present=self.state.present,
                drawn=11,
                counts=tuple(
                    m.Count(application=item, totals=stated) for item, stated in totals.items()
                ),
            ),
        )

    async def judged(self, totals: dict[str, Totals]) -> None:
        """Opinions, and both counts."""
        await self.opinions(list(totals))
        await self.count("wang", totals)
        await self.count("zhao", totals)

    async def sign(self) -> m.MeetingStepRecorded:
        """The results are signed and told."""
        self.phase = Phase.SIGNED
        return await self(
            "sign",
            m.SealResults(batch=1),
            batch=1,
            telling=self.order("record_result", "outcomes", 1),
        )

    async def settle(self, order: m.TellingOrder | None = None) -> m.MeetingStepRecorded:
        """What the cases answered goes to their rows (by default of the last step's word)."""
        asked = order or (self.last.telling if self.last else None)
        assert asked is not None
        return await self(
            "told",
            m.SettleTelling(telling=asked.id, action=asked.action, batch=asked.batch),
            source="told",
            actor=None,
            batch=asked.batch,
        )

    async def say(
        self, action: str, select: m.Select, batch: int | None = None, **more: Any
    ) -> m.MeetingStepRecorded:
        """A step that orders one word."""
        return await self(action, batch=batch, telling=self.order(action, select, batch, **more))

    async def news(self, application: str, news: str, on: date = DAY, end: str = "") -> int:
        """What a case says by itself; returns `counted`."""
        change = m.NoteNews.model_validate(
            {"application": application, "news": news, "on": on, "end": end}
        )
        return (await self("note_case", change)).counted


async def answer(
    pool: Pool, answers: dict[str, tuple[str, str]] | None = None, default: str = "done"
) -> None:
    """Answer the open lines of every telling: by application a state and a code, else the default."""
    for application, (state, code) in (answers or {}).items():
        await pool.execute(
            "UPDATE telling_line SET state = $2, codes = string_to_array($3, ',')"
            " WHERE application = $1 AND state = 'open'",
            application,
            state,
            code,
        )
    await pool.execute("UPDATE telling_line SET state = $1 WHERE state = 'open'", default)


async def lines(pool: Pool, telling: str) -> list[str]:
    """The applications of a telling, in order."""
    rows = await pool.fetch(
        "SELECT application FROM telling_line WHERE telling = $1 ORDER BY position", telling
    )
    return [row["application"] for row in rows]


async def row_of(pool: Pool, application: str, meeting: str = MEETING) -> dict[str, Any]:
    """A candidate's row."""
    row = await pool.fetchrow(
        "SELECT * FROM candidate WHERE meeting = $1 AND application = $2", meeting, application
    )
    assert row is not None
    return dict(row)


def codes(answered: m.MeetingStepRecorded) -> list[Code]:
    """The codes of an answer's refusals."""
    return [refusal.code for refusal in answered.refusals]
