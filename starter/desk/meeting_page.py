"""The page of one meeting as data: where it stands, what runs, and what somebody can do with it now."""

from __future__ import annotations

from dataclasses import dataclass

from activities.meeting_views import MeetingView
from activities.seeing import Circle, Section, sees
from starter.desk.office import Office, Who
from starter.desk.onward import onward_first
from starter.desk.standing_still import standstill_of, standstill_zh
from workflows.meeting.meeting import Meeting, Phase
from workflows.meeting.messages import MeetingActionView, MeetingSnapshot
from workflows.meeting.projection import snapshot
from workflows.rules.committee_filing import FiledCommittee
from workflows.writer.messages import Actor

NOT_FOR_PEOPLE = frozenset({"amend", "nudge", "resume", "note_case"})
"""Acts of operations and of the cases themselves."""
OVER = frozenset({Phase.CLOSED, Phase.CANCELLED})


@dataclass(frozen=True)
class MeetingPage:
    """A meeting as the record has it: its last step left all of it, and the engine is not asked.

    Attributes:
        now: as of this moment; None where it left no state.
        actor: who looks at it; None where nobody is named.
    """

    meeting: MeetingView
    committee: FiledCommittee | None
    stored: Meeting | None
    now: MeetingSnapshot | None
    actor: Actor | None = None

    @property
    def actions(self) -> tuple[MeetingActionView, ...]:
        """What people do with a meeting, each with whether it can be done now; nothing once it is over."""
        if self.now is None or self.meeting.phase in OVER:
            return ()
        return tuple(view for view in self.now.actions if view.action not in NOT_FOR_PEOPLE)

    @property
    def acts(self) -> list[str]:
        """What can be done now, what carries the meeting on first."""
        allowed = (view.action for view in self.actions if view.allowed)
        return onward_first(allowed, str, self.done)

    @property
    def done(self) -> frozenset[str]:
        """What was done and could be done once more: a second word of the drawing office's would
        make the first one worthless."""
        committed = self.stored is not None and self.stored.commitment is not None
        return frozenset({"commit_draw"} if committed else ())

    @property
    def telling(self) -> str:
        """The word that is on its way to the cases."""
        return self.now.telling if self.now else ""

    @property
    def standstill(self) -> str:
        """Why nothing moves, as operations' task says; empty where it moves."""
        return standstill_zh(standstill_of(self.meeting.tasks))

    def sees(self, section: Section) -> bool:
        """Whether a section is for who looks at it."""
        return self.actor is not None and sees(section, self.actor, circle_of(self.meeting))


def circle_of(meeting: MeetingView) -> Circle:
    """Whom a meeting concerns."""
    return Circle(office=meeting.office, city_office=meeting.city_office)


async def page_of(office: Office, meeting: MeetingView, who: Who | None = None) -> MeetingPage:
    """Gather the page; no expert's name is among it.

    Args:
        who: say what this very person may do, and not what anybody may.

    Raises:
        NoAnswer: `not_entitled`: the directory gives this person no such right.
    """
    at = await office.time_in(await office.realm(meeting.realm))
    actor = await office.actor(who, meeting.realm, at) if who is not None else None
    stored = await office.reading.stored_meeting(meeting.meeting)
    return MeetingPage(
        meeting=meeting,
        committee=await office.reading.filed_committee(meeting.committee, meeting.realm),
        stored=stored,
        now=snapshot(stored, at, actor=actor) if stored is not None else None,
        actor=actor,
    )
