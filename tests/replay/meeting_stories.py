"""Short lives of committee meetings, told by date-times; recorded beside those of applications."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.workflow.season import member
from tests.workflow.sitting import CITY, MemoryMeetings, Sitting

Script = Callable[[Sitting, MemoryMeetings], Awaitable[object]]

OPENS = "2023-11-27T09:00:00"
CITY_CLERK = member(CITY)


@dataclass(frozen=True)
class MeetingStory:
    """One meeting's life. `hasty`: on an engine that suggests continue-as-new early."""

    script: Script
    held: int = 0
    hasty: bool = False


async def _confirmed(sitting: Sitting, records: MemoryMeetings) -> None:
    await sitting.to_signed(records)
    await sitting.act("report_batch")
    await sitting.until("2023-12-15T10:00:00")
    await sitting.act("publish_batch")
    await sitting.until("2023-12-25T10:00:00")
    await sitting.act("draft_batch")
    await sitting.act("send_back_batch", CITY_CLERK, reason="text-1")
    await sitting.act("draft_batch")
    await sitting.until("2024-01-12T10:00:00")
    await sitting.act("confirm_batch", CITY_CLERK, issued_on="2024-01-12", number="示例1号")


async def _supplement(sitting: Sitting, records: MemoryMeetings) -> None:
    await _confirmed(sitting, records)
    await sitting.news("released", "2024-01-15")
    await sitting.until("2024-01-16T10:00:00")
    await sitting.act("open_supplement")
    await sitting.act("draft_batch", batch=2)
    await sitting.act(
        "confirm_batch", CITY_CLERK, batch=2, issued_on="2024-01-16", number="示例2号"
    )


async def _cancelled(sitting: Sitting, records: MemoryMeetings) -> None:
    await sitting.plan()
    await sitting.draw()
    leaving = sitting.experts(records)[-1]
    await sitting.act("replace_expert", expert=leaving, reason="text-1")
    await sitting.handle.signal("no_such_word", "x")
    await sitting.act("move_meeting", days=["2023-12-11"], reason="text-1")
    await sitting.act("cancel_meeting", reason="text-1")


MEETING_STORIES: dict[str, MeetingStory] = {
    "meeting-confirmed": MeetingStory(_confirmed),
    "meeting-supplement": MeetingStory(_supplement, held=1),
    "meeting-cancelled": MeetingStory(_cancelled),
    "meeting-continued": MeetingStory(_supplement, held=1, hasty=True),
}
"""Each by the name of its file."""
