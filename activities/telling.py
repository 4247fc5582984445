"""Telling a word to many cases: every line once, resumed where it stopped (design.md 15)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, Protocol

from asyncpg import Record
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities import failures
from activities.database import LIVE, Pool
from activities.statements import statements
from workflows.meeting.messages import TellCases, TellingOutcome
from workflows.rules.refusals import Code
from workflows.writer.messages import Act, Actor

SQL = statements("tellings")
PAGE = 200
"""Lines read and answered at once; what a crash may have told without writing it down."""
AT_ONCE = 16
UNANSWERED = "cases_unanswered"

Answer = Literal["open", "done", "refused", "gone"]


class Told(NamedTuple):
    """What a case answered; `open` where nobody knows and it must be asked again."""

    state: Answer
    codes: tuple[str, ...] = ()
    seq: int | None = None


class CaseTeller(Protocol):
    """Carries one act to one case; the same request id again is the same act."""

    async def tell(
        self, application: str, action: str, act: Act, *, realm: str, shift_seconds: float
    ) -> Told:
        """Ask and wait for the answer; never raises for what a case or the way to it says."""


@dataclass(frozen=True)
class _Word:
    """What all lines of a telling have in common."""

    id: str
    realm: str
    action: str
    actor: Actor
    acted_at: datetime

    @classmethod
    def of(cls, row: Record) -> _Word:
        return cls(
            id=row["id"],
            realm=row["realm"],
            action=row["action"],
            actor=Actor.model_validate_json(row["actor"]),
            acted_at=row["acted_at"],
        )

    def act(self, application: str, payload: dict[str, Any]) -> Act:
        """The act for one case; its request id is the same however often it is told."""
        return Act(
            request_id=f"{self.id}:{application}",
            actor=self.actor,
            acted_at=self.acted_at,
            payload=payload,
        )


class Telling:
    """Tells cases. Retry-safe: a line is open until its answer is written, and keeps its id."""

    def __init__(
        self,
        pool: Pool,
        teller: CaseTeller,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pool = pool
        self._teller = teller
        self._clock = clock

    @activity.defn(name="tell_cases")
    async def tell_cases(self, command: TellCases) -> TellingOutcome:
        """Tell every open line of a telling to its case; heartbeats, resumes, each line once.

        Raises:
            ApplicationError: `cases_unanswered` (retried) while cases have not answered;
                `not_found` for no such telling.
        """
        row = await self._pool.fetchrow(SQL["telling"], command.telling)
        if row is None:
            raise failures.not_found("telling", command.telling)
        word, after = _Word.of(row), 0
        while lines := await self._pool.fetch(SQL["open_lines"], word.id, after, PAGE):
            answered = await self._page(word, lines)
            if not answered:
                break  # nobody answers at all: later is better than now
            after = lines[-1]["position"]
        return await self._outcome(word)

    async def _page(self, word: _Word, lines: Sequence[Record]) -> int:
        """Tell one page and write down its answers, also where it is cut short."""
        answers: dict[str, Told] = {}
        slots = asyncio.Semaphore(AT_ONCE)
        tasks = [asyncio.create_task(self._line(word, line, slots, answers)) for line in lines]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            # The worker may be going down: what is known is written first, so that it is not asked.
            await asyncio.shield(self._write(word, answers))
        return len(answers)

    async def _line(
        self, word: _Word, line: Record, slots: asyncio.Semaphore, answers: dict[str, Told]
    ) -> None:
        application = line["application"]
        async with slots:
            told = await self._teller.tell(
                application,
                word.action,
                word.act(application, json.loads(line["payload"])),
                realm=word.realm,
                shift_seconds=self._shift(word),
            )
            if told.state != "open":
                answers[application] = told
            activity.heartbeat(word.id, line["position"])

    def _shift(self, word: _Word) -> float:
        """How far the realm's clock is from the real one: a rehearsal stands at its act's time."""
        if word.realm == LIVE:
            return 0.0
        return (word.acted_at - self._clock()).total_seconds()

    async def _write(self, word: _Word, answers: dict[str, Told]) -> None:
        settled = await self._settled(answers)
        if not settled:
            return
        await self._pool.execute(
            SQL["answer_lines"],
            word.id,
            list(settled),
            [told.state for told in settled.values()],
            [",".join(told.codes) for told in settled.values()],
            [told.seq for told in settled.values()],
        )

    async def _settled(self, answers: dict[str, Told]) -> dict[str, Told]:
        """The answers as the record bears them out.

        A case that refuses because it is at an end is gone, not unwilling; and one that the engine
        does not know is gone only where the record shows its end. Where it shows the case open, an
        engine that lost it must not settle its fate: the line stays open until somebody mends that.
        """
        asked = [
            application
            for application, told in answers.items()
            if told.state == "gone"
            or (told.state == "refused" and Code.ALREADY_DECIDED in told.codes)
        ]
        rows = await self._pool.fetch(SQL["ended"], asked) if asked else []
        ended = {row["id"] for row in rows}
        return {
            application: told._replace(state="gone") if application in ended else told
            for application, told in answers.items()
            if application in ended or told.state != "gone"
        }

    async def _outcome(self, word: _Word) -> TellingOutcome:
        row = await self._pool.fetchrow(SQL["tally"], word.id)
        counts = dict(row or {})
        left = counts.pop("open", 0)
        if left:
            raise ApplicationError(
                f"{left} cases of {word.id} have not answered",
                type=UNANSWERED,
                category=ApplicationErrorCategory.BENIGN,
            )
        await self._pool.execute(SQL["telling_done"], word.id)
        return TellingOutcome(telling=word.id, **counts)
