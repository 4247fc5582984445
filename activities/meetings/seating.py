"""Who of the experts seated must not judge whom (40号令 art 25)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from activities.meetings.working import ROWS_SECONDS, SQL, Changed, Working, about
from workflows.meeting.messages import NoteRecusal, SeatSpare
from workflows.rules.committee import ART_25, Seat
from workflows.rules.names import Relation
from workflows.rules.recusal import Judged, conflicts
from workflows.rules.refusals import Code, Refused

NO_UNIT = ("", "self")
"""What stands for no unit: nothing stated, or insured by oneself."""


async def seat_spare(work: Working, change: SeatSpare) -> Changed:
    """A spare took a seat: its recusals from the record are noted."""
    return Changed(counted=await note_conflicts(work, (change.seat,)))


async def note_recusal(work: Working, change: NoteRecusal) -> Changed:
    """An expert is recused from candidates; what he or she judged of them does not count.

    The count of the votes is dropped too, the agreed one as well: it was made with one voter more.

    Raises:
        Refused: `not_on_list` for each who is not (any more) to be judged; from the signature on
            nobody is. `not_entitled` where an agreed count would fall and no supervisor said so.
    """
    connection, step = work.connection, work.step
    named = sorted(set(change.applications))
    rows = await connection.fetch(SQL["on_list"], work.meeting, named)
    missing = set(named) - {row["application"] for row in rows}
    if missing:
        raise Refused(*(about(Code.NOT_ON_LIST, ART_25, item) for item in sorted(missing)))
    counted = sorted(row["application"] for row in rows if row["state"] == "balloted")
    if counted and not (change.supervised and await _is_disinterested(work)):
        needed = Relation.OFFICE_SUPERVISOR.value
        raise Refused(
            *(
                about(Code.NOT_ENTITLED, ART_25, item, needed=needed, reason="counted")
                for item in counted
            )
        )
    before = await connection.fetch(SQL["already_recused"], work.meeting, change.expert, named)
    fresh = sorted(set(named) - {row["application"] for row in before})
    await connection.execute(
        SQL["recuse"],
        work.meeting,
        named,
        change.expert,
        change.ground,
        change.reason,
        step.actor.person if step.actor else "meeting",
        step.recorded_at,
        timeout=ROWS_SECONDS,
    )
    await work.change("take_back_judgement", fresh, change.expert)
    return Changed(counted=len(named))


async def _is_disinterested(work: Working) -> bool:
    """Whether it is not done under cover by or for somebody who sits in the meeting, or stands on its
    list: there the supervisor's right is lent to nobody."""
    actor = work.step.actor
    if actor is None or not actor.principal:
        return True
    two = [actor.person, actor.principal]
    found: bool = await work.connection.fetchval(
        SQL["is_interested"], work.meeting, two, [seat.person for seat in work.seats]
    )
    return not found


async def check_not_seated(work: Working, applications: Sequence[str]) -> None:
    """Nobody is a candidate of the meeting he or she sits in, or may be called to as a spare: all
    others compete with him or her.

    Raises:
        Refused: `recused` for each who sits, with the expert's id.
    """
    members = {seat.person: seat.expert for seat in work.seats if seat.standing == "drawn"}
    rows = await work.connection.fetch(SQL["seated"], work.meeting, applications, list(members))
    if rows:
        raise Refused(
            *(
                about(
                    Code.RECUSED,
                    ART_25,
                    row["application"],
                    expert=members[row["person"]],
                    reason="candidate",
                )
                for row in rows
            )
        )


async def note_conflicts(
    work: Working, seats: Iterable[Seat], applications: Sequence[str] | None = None
) -> int:
    """Note the recusals that follow from the record: same unit, same person.

    Args:
        applications: only these candidates; all who are to be judged where None.
    """
    members = [seat for seat in seats if seat.standing == "drawn"]
    if not members:
        return 0
    found = conflicts(members, await _judged(work, members, applications))
    await work.connection.execute(
        SQL["add_conflicts"],
        work.meeting,
        [item.application for item in found],
        [item.expert for item in found],
        [item.ground.value for item in found],
        work.step.recorded_at,
        timeout=ROWS_SECONDS,
    )
    return len(found)


async def _judged(
    work: Working, members: Sequence[Seat], applications: Sequence[str] | None
) -> list[Judged]:
    rows = await work.connection.fetch(
        SQL["judged"],
        work.meeting,
        list(applications) if applications is not None else None,
        [seat.person for seat in members],
    )
    return [
        Judged(
            application=row["application"],
            person=row["seated_as"] or row["person"] or "",
            units=tuple(
                unit
                for unit in (row["unit"], row["employer"], row["insured_unit"])
                if unit is not None and unit not in NO_UNIT
            ),
        )
        for row in rows
    ]
