"""One handler per kind of row change."""

from __future__ import annotations

from typing import assert_never

from activities.meetings.balloting import count_ballots, note_opinions, open_ballot, seal_results
from activities.meetings.batches import collect_supplement, settle_telling
from activities.meetings.drawing import draw_seats, order_draw
from activities.meetings.listing import defer, free_all, list_candidates, note_news
from activities.meetings.seating import note_recusal, seat_spare
from activities.meetings.working import Changed, Working
from workflows.meeting import messages as m


async def carry_out(work: Working) -> Changed:  # noqa: PLR0911, PLR0912 - one line a kind
    """Carry out the step's change of rows, if it has one.

    Raises:
        Refused: the rows do not allow it; the whole step is undone.
    """
    change = work.command.change
    match change:
        case None:
            return Changed()
        case m.ListCandidates():
            return await list_candidates(work, change)
        case m.OrderDraw():
            return await order_draw(work, change)
        case m.DrawSeats():
            return await draw_seats(work, change)
        case m.SeatSpare():
            return await seat_spare(work, change)
        case m.NoteRecusal():
            return await note_recusal(work, change)
        case m.OpenBallot():
            return await open_ballot(work, change)
        case m.NoteOpinions():
            return await note_opinions(work, change)
        case m.CountBallots():
            return await count_ballots(work, change)
        case m.Defer():
            return await defer(work, change)
        case m.SealResults():
            return await seal_results(work, change)
        case m.CollectSupplement():
            return await collect_supplement(work, change)
        case m.SettleTelling():
            return await settle_telling(work, change)
        case m.NoteNews():
            return await note_news(work, change)
        case m.FreeAll():
            return await free_all(work, change)
    assert_never(change)
