"""Whether what a scenario expects of a meeting holds: each difference as one Chinese sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

from activities.meeting_views import CandidateView
from starter.rehearsal.checking import NONE, deadline_problems, differs, task_problems
from starter.rehearsal.expecting import ExpectMeeting
from starter.rehearsal.mailbox import word_problems
from starter.rehearsal.meeting_observing import SeenMeeting, words_of
from starter.rehearsal.roles import MeetingCast
from workflows.rules.ballot import Totals, quorum, voters_on


@dataclass(frozen=True)
class MeetingCheck:
    """One expectation against one observation of a meeting."""

    expect: ExpectMeeting
    seen: SeenMeeting
    cast: MeetingCast
    applications: Mapping[str, str]
    """Alias → application id."""
    cases: Mapping[str, str]
    """Alias → stage or end, of the applications that are expected somewhere."""

    async def problems(self) -> list[str]:
        """Every difference; empty where all holds."""
        found = [
            *self._standing(),
            *self._candidates(),
            *self._clocks(),
            *self._record(),
        ]
        for alias, wanted in self.expect.cases.items():
            found += differs(f"申报 {alias} 的阶段或结果", wanted, self.cases.get(alias, NONE))
        found += [problem async for problem in self._tasks()]
        told = await word_problems(
            self.cast.world.mailbox,
            self.seen.letters,
            self.expect.letters_say,
            self.expect.letters_do_not_say,
        )
        found += [f"评审会的{problem}" for problem in told]
        return found

    def _standing(self) -> Iterator[str]:
        expect, state = self.expect, self.seen.state
        yield from differs("评审会阶段", expect.phase, state.phase if state else NONE)
        yield from differs("评审会日期", expect.days, state.days if state else ())
        drawn = len(state.members) if state else 0
        present = len(state.present) if state else 0
        yield from differs("评审专家人数", expect.drawn, drawn)
        yield from differs("到会人数", expect.present, present)
        yield from differs("法定到会人数", expect.quorum, quorum(drawn))
        batches = {batch.number: batch.phase for batch in state.batches} if state else {}
        for number, wanted in expect.batches.items():
            yield from differs(f"第 {number} 批", wanted, batches.get(number, NONE))

    def _candidates(self) -> Iterator[str]:
        expect, rows = self.expect, self.seen.rows
        for alias, wanted in expect.candidates.items():
            row = self._row(alias)
            words = words_of(row) if row else {NONE}
            if not set(wanted.split()) <= words:
                yield f"申报人 {alias}：应为 {wanted}，实为 {'、'.join(sorted(words))}"
        counted = Counter(word for row in rows.values() for word in words_of(row))
        for word, number in expect.counts.items():
            yield from differs(f"{word} 的人数", number, counted[word])
        present = self.seen.state.present if self.seen.state else ()
        for alias, number in expect.voters.items():
            row = self._row(alias)
            found = voters_on(present, self._recused(alias)) if row else None
            yield from differs(f"对 {alias} 可表决人数", number, found)
        for alias, votes in expect.votes.items():
            row = self._row(alias)
            total = row.totals if row and row.totals else Totals(yes=0)
            counts = (total.yes, total.no, total.abstain, total.uncast)[: len(votes)]
            yield from differs(f"对 {alias} 的表决", votes, counts)

    def _row(self, alias: str) -> CandidateView | None:
        return self.seen.rows.get(self.applications.get(alias, ""))

    def _recused(self, alias: str) -> tuple[str, ...]:
        return self.seen.recused.get(self.applications.get(alias, ""), ())

    def _clocks(self) -> Iterator[str]:
        for key, wanted in self.expect.deadlines.items():
            running = [item for item in self.seen.clocks if item.key == key]
            yield from deadline_problems(key, wanted, running)

    def _record(self) -> Iterator[str]:
        for key, wanted in self.expect.notices.items():
            kind, _, party = key.partition(":")
            sent = self.seen.sent(kind, party)
            if not (sent > 0 if wanted == "some" else sent == wanted):
                number = "至少 1" if wanted == "some" else wanted
                yield f"评审会的通知 {key}：应发 {number} 封，实发 {sent} 封"
        names = {step.name for step in self.seen.steps if step.source != "refusal"}
        yield from (f"评审会记录：应有 {n}，实无" for n in self.expect.done if n not in names)
        yield from (f"评审会记录：不应有 {n}，实有" for n in self.expect.not_done if n in names)
        codes = {item.code for step in self.seen.steps for item in step.refusals}
        for code in self.expect.refused:
            if code not in codes:
                known = "、".join(sorted(codes)) or "无"
                yield f"评审会记录：应记有拒绝 {code}，实记 {known}"

    async def _tasks(self) -> AsyncIterator[str]:
        for word, wanted in self.expect.tasks.items():
            holder = await self.cast.organisation(word)
            kinds = [task.kind for task in self.seen.tasks if task.organisation == holder]
            for problem in task_problems(word, wanted, kinds):
                yield problem
