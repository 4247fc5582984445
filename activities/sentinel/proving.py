"""The activity: one shift of a round, page by page, within a share of the machine's time.

What does not agree at a first look may only be moving: it is looked at again after a moment, and
counts where it stands still then. What is safe is mended, and looked at a third time; what is left is
operations' task. Nothing of a season is held but the ids of a page.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio import activity

from activities.database import Pool
from activities.identity import Identity
from activities.sentinel.asking import Asking
from activities.sentinel.following import Following
from activities.sentinel.kinds import DERIVED, WAKES, Finding, Kind, Outcome
from activities.sentinel.letter_tasks import LetterTasks
from activities.sentinel.looking import SQL, EngineView, Looked, Looking
from activities.sentinel.mending import CHANCE_TASK, LETTER_TASK, OPERATIONS_OWN, Mending
from activities.sentinel.rounds import PARTS, Counted, Mark, Part, Rounds
from activities.standstills import Open, Standstills
from workflows.sentinel.messages import Proof, ProofEnded

PAGE = 100
FOLLOWED = 5
"""Pages of subjects in one of what follows their rows."""
LETTERS = 1_000
AT_ONCE = 4
SHIFT = timedelta(minutes=20)
REST = 1.0
"""How long it rests after a page, in times of what the page took: half of the time it does nothing."""
AGAIN_AFTER = 2.0
"""Seconds between two looks at what does not agree: longer than a step takes to be written."""
BEAT = 10.0
OURS = ("Application", "Meeting", "Bulk")


@dataclass
class Shift:
    """What one call has seen."""

    seen: int = 0
    found: int = 0
    until: float = field(default=0.0)


class Proving:
    """Goes through all subjects; retry-safe: a round goes on after its last page."""

    def __init__(
        self,
        pool: Pool,
        identity: Identity,
        engine: EngineView,
        settle_seconds: int,
        *,
        page: int = PAGE,
        rest: float = REST,
        again_after: float = AGAIN_AFTER,
    ) -> None:
        self._pool = pool
        self._engine = engine
        self._standstills = Standstills(pool, page)
        self._looking = Looking(pool, identity, engine, settle_seconds)
        self._mending = Mending(pool, self._looking, engine)
        self._following = Following(pool)
        self._letter_tasks = LetterTasks(pool)
        self._asking = Asking(pool, engine, again_after)
        self._rounds = Rounds(pool)
        self._page = page
        self._rest = rest
        self._again_after = again_after

    @activity.defn(name="prove_subjects")
    async def prove_subjects(self, proof: Proof) -> ProofEnded:  # noqa: ARG002 - the record says how far
        """Go on with the open round, or begin one, until all is seen or the shift is over."""
        loop = asyncio.get_running_loop()
        shift = Shift(until=loop.time() + SHIFT.total_seconds())
        mark = await self._rounds.current()
        beating = asyncio.create_task(_beating(mark.round))
        parts: dict[Part, Callable[[Mark, Shift], Awaitable[Mark]]] = {
            "subjects": self._subjects,
            "left_open": self._left_open,
            "followed": self._followed,
            "sums": self._sums,
            "letters": self._letters,
            "letter_tasks": self._asked_about_letters,
            "bulks": self._bulks,
            "asked": self._asked,
            "engine": self._running,
        }
        try:
            while mark.part != "done":
                began = loop.time()
                mark = await parts[mark.part](mark, shift)
                over = activity.is_worker_shutdown() or loop.time() > shift.until
                if over and mark.part != "done":
                    return ProofEnded(run=mark.round, seen=shift.seen, found=shift.found, more=True)
                await asyncio.sleep((loop.time() - began) * self._rest)
        finally:
            beating.cancel()
        return ProofEnded(run=mark.round, seen=shift.seen, found=shift.found)

    async def _subjects(self, mark: Mark, shift: Shift) -> Mark:
        """A page of what the record shows open, against itself and the engine."""
        page = await self._standstills.open_page(mark.after)
        last = page[-1].subject if len(page) == self._page else None
        return await self._proved(mark, shift, page, last, closed=False)

    async def _left_open(self, mark: Mark, shift: Shift) -> Mark:
        """A page of what has an open clock or task: of a subject that is closed, all of it is asked for."""
        rows = await self._pool.fetch(SQL["left_open"], mark.after, self._page)
        names = [row["subject"] for row in rows]
        closed = await self._pool.fetch(SQL["closed_among"], names)
        page = [Open(row["id"], row["realm"], row["is_case"], row["at"]) for row in closed]
        last = names[-1] if len(names) == self._page else None
        return await self._proved(mark, shift, page, last, closed=True)

    async def _followed(self, mark: Mark, shift: Shift) -> Mark:
        """A page of all cases, closed ones too, and what follows their rows."""
        size = self._page * FOLLOWED
        page = await self._following.page(mark.after, size)
        other = Finding(Kind.CHANCE)
        for item in await self._standstills.known_among(page.other_chance):
            await self._mending.open_task(item, [other], CHANCE_TASK)
        await self._standstills.end(CHANCE_TASK, page.same_chance, datetime.now(UTC))
        told = [(case, other, Outcome.TOLD) for case in page.other_chance]
        last = page.last if page.seen == size else None
        return await self._noted(mark, shift, last, Counted(), [*page.found, *told])

    async def _sums(self, mark: Mark, shift: Shift) -> Mark:
        """What reports add up: after the rows themselves, whose mending moves it."""
        return await self._noted(mark, shift, None, Counted(), await self._following.sums())

    async def _letters(self, mark: Mark, shift: Shift) -> Mark:
        """A page of the letters that a chain knows: each has its row."""
        if not mark.after:
            await self._letter_tasks.end_of_found()
        rows = await self._pool.fetch(SQL["letter_chains"], mark.after, LETTERS)
        lost: dict[str, list[Finding]] = {}
        for row in rows:
            if not row["there"]:
                what = row["subject"].removeprefix("letter:")
                lost.setdefault(row["of"] or what, []).append(Finding(Kind.LETTER_MISSING, what))
        found = []
        for item in await self._standstills.known_among(lost):
            await self._mending.open_task(item, lost[item.subject], LETTER_TASK)
            found += [(item.subject, one, Outcome.TOLD) for one in lost.pop(item.subject)]
        found += [(name, one, Outcome.NAMED) for name, many in lost.items() for one in many]
        last = rows[-1]["subject"] if len(rows) == LETTERS else None
        return await self._noted(mark, shift, last, Counted(letters=len(rows)), found)

    async def _asked_about_letters(self, mark: Mark, shift: Shift) -> Mark:
        """Whoever must look at a letter was asked to, and is asked no more where it is settled."""
        return await self._noted(mark, shift, None, Counted(), await self._letter_tasks.look())

    async def _asked(self, mark: Mark, shift: Shift) -> Mark:
        """What somebody asked for has its answer."""
        seen, found = await self._asking.look()
        return await self._noted(mark, shift, None, Counted(workflows=seen), found)

    async def _bulks(self, mark: Mark, shift: Shift) -> Mark:
        """A page of the bulks that are not finished: each has its workflow, or is woken."""
        rows = await self._pool.fetch(SQL["unfinished_bulks"], mark.after, self._page)
        found = []
        for row in rows:
            told = await self._engine.not_running(row["id"])
            if told and await self._still_runs(row["id"], mark.after):
                await self._engine.wake_bulk(row["id"])
                found.append((row["id"], Finding(Kind.BULK_ASLEEP, told), Outcome.NUDGED))
        last = rows[-1]["id"] if len(rows) == self._page else None
        return await self._noted(mark, shift, last, Counted(subjects=len(rows)), found)

    async def _still_runs(self, bulk: str, after: str) -> bool:
        """It may have come to rest between the two questions; asked of the page it was on."""
        await asyncio.sleep(self._again_after)
        rows = await self._pool.fetch(SQL["unfinished_bulks"], after, self._page)
        return any(row["id"] == bulk for row in rows) and bool(await self._engine.not_running(bulk))

    async def _running(self, mark: Mark, shift: Shift) -> Mark:
        """All that the engine runs, in its own order: each stands open in the record."""
        count, found = 0, []
        async for names in self._engine.running(OURS):
            count += len(names)
            strange = await self._unknown(names)
            if strange:
                await asyncio.sleep(self._again_after)
                strange = [
                    name
                    for name in await self._unknown(strange)
                    if not await self._engine.not_running(name)
                ]
            found += [(name, Finding(Kind.NOT_IN_RECORD), Outcome.NAMED) for name in strange]
        return await self._noted(mark, shift, None, Counted(workflows=count), found)

    async def _unknown(self, names: Sequence[str]) -> list[str]:
        rows = await self._pool.fetch(SQL["known"], list(names))
        open_ = {row["id"] for row in rows if row["open"]}
        return [name for name in names if name not in open_]

    async def _proved(
        self, mark: Mark, shift: Shift, page: Sequence[Open], last: str | None, *, closed: bool
    ) -> Mark:
        slots = asyncio.Semaphore(AT_ONCE)

        async def looked(item: Open) -> Looked:
            async with slots:
                return await self._looking.look(item, closed=closed)

        first = await asyncio.gather(*map(looked, page))
        suspects = [item for item, seen in zip(page, first, strict=True) if seen.findings]
        unanswered = sum(not seen.answered for seen in first)
        agree = [item.subject for item, seen in zip(page, first, strict=True) if not seen.findings]
        await self._mending.all_well(agree, datetime.now(UTC))
        found: list[tuple[str, Finding, Outcome]] = []
        if suspects:
            await asyncio.sleep(self._again_after)
            async for subject, finding, outcome in self._settled(suspects, looked):
                found.append((subject, finding, outcome))
        counted = Counted(subjects=len(page), unanswered=unanswered)
        return await self._noted(mark, shift, last, counted, found)

    async def _settled(
        self, suspects: Sequence[Open], look: Callable[[Open], Awaitable[Looked]]
    ) -> AsyncIterator[tuple[str, Finding, Outcome]]:
        """What stands still, and what came of it."""
        second = await asyncio.gather(*map(look, suspects))
        todo = [(item, seen) for item, seen in zip(suspects, second, strict=True) if seen.findings]
        mended = [await self._mending.mend(item, seen) for item, seen in todo]
        if any(mended):
            await asyncio.sleep(self._again_after)
        for (item, seen), done in zip(todo, mended, strict=True):
            left = (await look(item)).findings if done else seen.findings
            await self._mending.tell(item, left, datetime.now(UTC))
            for finding in seen.findings:
                yield item.subject, finding, _outcome(finding, left)

    async def _noted(
        self,
        mark: Mark,
        shift: Shift,
        last: str | None,
        counted: Counted,
        found: Sequence[tuple[str, Finding, Outcome]],
    ) -> Mark:
        """Write a page down; the mark of what comes next.

        Args:
            last: the id that the next page of this part comes after; None where the part is done.
        """
        part, after = mark.part, last or ""
        if last is None:
            part = PARTS[PARTS.index(part) + 1]
        following = Mark(mark.round, part, after)
        await self._rounds.note(following, counted, found)
        shift.seen += counted.subjects
        shift.found += len(found)
        return following


def _outcome(finding: Finding, left: Sequence[Finding]) -> Outcome:
    if finding.kind in OPERATIONS_OWN:
        return Outcome.NAMED if finding.kind is Kind.PARKED else Outcome.TOLD
    if finding not in left and finding.kind in DERIVED:
        return Outcome.MENDED
    if finding not in left and finding.kind in WAKES:
        return Outcome.NUDGED
    return Outcome.TOLD


async def _beating(round_: int) -> None:
    while True:
        activity.heartbeat(round_)
        await asyncio.sleep(BEAT)
