"""What one meeting shows from outside at an instant: its state, its candidates, its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from activities.meeting_views import CandidateView, MeetingStepEntry
from activities.views import LetterView, TaskView
from starter.rehearsal.observing import letters_settled
from starter.rehearsal.world import World
from workflows.meeting.meeting import KeptMeeting
from workflows.rules.deadlines import Deadline


@dataclass(frozen=True)
class SeenMeeting:
    """One meeting as it stands."""

    meeting: str
    state: KeptMeeting | None = None
    rows: Mapping[str, CandidateView] = field(default_factory=dict)
    """Application → candidate."""
    recused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Application → experts who must not judge it."""
    steps: tuple[MeetingStepEntry, ...] = ()
    clocks: tuple[Deadline, ...] = ()
    """Those that run."""
    tasks: tuple[TaskView, ...] = ()
    letters: tuple[LetterView, ...] = ()

    def sent(self, kind: str, party: str) -> int:
        """How many letters of a kind (to a party) were handed to the mail server."""
        return sum(
            1
            for letter in self.letters
            if letter.kind == kind and party in ("", letter.party) and letter.state == "sent"
        )


async def observe_meeting(world: World, meeting: str, *, letters: bool = False) -> SeenMeeting:
    """Look at a meeting; with `letters` wait until none of its letters is under way."""
    reading = world.reading
    view = await reading.meeting(meeting)
    if view is None:
        return SeenMeeting(meeting)
    if letters:
        await letters_settled(world, meeting)
    recused: dict[str, list[str]] = {}
    for item in await reading.recusals(meeting):
        recused.setdefault(item.application, []).append(item.expert)
    return SeenMeeting(
        meeting,
        state=await reading.state_of_meeting(meeting),
        rows={row.application: row for row in await reading.every_candidate(meeting)},
        recused={application: tuple(experts) for application, experts in recused.items()},
        steps=await reading.meeting_steps(meeting),
        tasks=view.tasks,
        clocks=tuple(
            entry.deadline for entry in await reading.deadlines(meeting) if entry.closed_at is None
        ),
        letters=await reading.letters(meeting),
    )


def words_of(row: CandidateView) -> set[str]:
    """Every word that says where a candidate stands: state, outcome, standing, and why."""
    return {row.state, row.outcome or "", row.standing, row.why} - {""}
