"""Values to choose from on a meeting: its candidates, the experts drawn, its batches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from activities.meeting_views import CandidateView, SeatView
from activities.seeing import Section
from activities.wording import label
from starter.desk.act_form import Option, Source
from starter.desk.meeting_page import MeetingPage
from starter.desk.office import Office
from workflows.rules.ballot import voters_on

SITTING = frozenset({"replace_expert", "recuse", "open", "record_opinions", "sign"})
"""Acts that name an expert, for the committee's own office."""
OF_SEATS = frozenset({Source.SEATS, Source.CHAIRS})
OF_CANDIDATES = frozenset({Source.CANDIDATES, Source.PROFESSIONS})
MOST = 2_000
"""Candidates that are offered to choose from; of a longer list one states the application."""
COUNTED = frozenset({"on_ballot", "balloted"})
TO_JUDGE = COUNTED | {"listed"}


async def choices(
    office: Office, page: MeetingPage, action: str, sources: Collection[Source]
) -> Mapping[Source, Sequence[Option]]:
    """What an act can name; experts and candidates are offered to whom they may be shown.

    Args:
        sources: those that are needed; the record is not asked for what only others would show.
    """
    meeting, needed = page.meeting, frozenset(sources)
    found: dict[Source, Sequence[Option]] = {
        Source.BATCHES: [
            Option(str(item.batch.number), f"第 {item.batch.number} 批（{item.size} 人）")
            for item in meeting.batches
        ]
    }
    if needed & OF_SEATS and action in SITTING and page.sees(Section.SEATS):
        seats = await office.reading.seats(meeting.meeting)
        found[Source.SEATS] = [_expert(seat) for seat in seats if _may_sit(seat, action)]
        if action == "record_opinions":
            found[Source.SEATS] = await _judges(office, page, found[Source.SEATS])
        found[Source.CHAIRS] = [_expert(seat) for seat in seats if seat.chair and seat.present]
    if needed & OF_CANDIDATES and page.sees(Section.VOTES):
        rows = await candidates_for(office, page, action)
        due = await _votes_due(office, page) if action == "enter_ballots" else None
        found[Source.CANDIDATES] = [
            Option(row.application, candidate_zh(row) + (due(row) if due else "")) for row in rows
        ]
        found[Source.PROFESSIONS] = _professions(rows)
    return found


async def candidates_for(
    office: Office, page: MeetingPage, action: str
) -> tuple[CandidateView, ...]:
    """The candidates an act can be about, in the order of the list.

    Votes are counted of whoever is on the ballot and was not counted by two; an opinion is written on
    whoever has none. Cases that still wait for a meeting are none of its candidates.
    """
    if action == "add_candidates":
        return ()
    rows, _ = await office.reading.candidates(page.meeting.meeting, limit=MOST)
    match action:
        case "enter_ballots":
            return tuple(row for row in rows if row.state == "on_ballot" and row.totals is None)
        case "record_opinions":
            return tuple(row for row in rows if row.state in COUNTED and not row.opinion)
        case _:
            return tuple(row for row in rows if row.state in TO_JUDGE)


async def _votes_due(office: Office, page: MeetingPage) -> Callable[[CandidateView], str]:
    """How many votes each candidate's add up to: of those present, without who is recused (A34)."""
    present = page.stored.present if page.stored else ()
    recused: dict[str, set[str]] = {}
    for item in await office.reading.recusals(page.meeting.meeting):
        recused.setdefault(item.application, set()).add(item.expert)
    return lambda row: f"，应投票 {voters_on(present, recused.get(row.application, ()))} 人"


async def _judges(office: Office, page: MeetingPage, seats: Sequence[Option]) -> Sequence[Option]:
    """The experts who may judge somebody that is still to be judged, each with whom he or she may not."""
    rows = await candidates_for(office, page, "record_opinions")
    left = {row.application for row in rows}
    kept: dict[str, dict[str, str]] = {}
    for item in await office.reading.recusals(page.meeting.meeting):
        if item.application in left:
            kept.setdefault(item.expert, {})[item.application] = item.applicant
    return [
        Option(seat.value, f"{seat.label}（须回避：{'、'.join(kept[seat.value].values())}）")
        if seat.value in kept
        else seat
        for seat in seats
        if not left or len(kept.get(seat.value, ())) < len(left)
    ]


def candidate_zh(row: CandidateView) -> str:
    """A candidate in a line: name, unit, number."""
    number = row.acceptance_number or row.application[-12:]
    return f"{row.applicant}（{row.unit_name or row.unit}，{number}）"


def _expert(seat: SeatView) -> Option:
    chair = f"，{label('chairs', seat.chair)}" if seat.chair else ""
    spare = "，备选" if seat.spare else ""
    return Option(seat.expert, f"{seat.name or seat.expert}{chair}{spare}")


def _may_sit(seat: SeatView, action: str) -> bool:
    if seat.declined:
        return False
    return seat.present if action == "record_opinions" else not seat.spare


def _professions(rows: Iterable[CandidateView]) -> list[Option]:
    named = dict.fromkeys(row.profession for row in rows if row.profession)
    return [Option(name, name) for name in named]
