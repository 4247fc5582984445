"""The acts on a meeting, one row each; signals, updates, commands and help come from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from workflows.meeting import payloads as p
from workflows.meeting.acts import amending, batches, experts, planning, sitting
from workflows.meeting.meeting import Phase
from workflows.meeting.move import MeetingMove
from workflows.rules.names import Relation
from workflows.writer.payloads import Amend, Nothing, Nudge, Payload

Rule = Callable[[MeetingMove, Any], None]


@dataclass(frozen=True)
class MeetingAction:
    """One act on a meeting: payload, who may, in which phases, the pure rule."""

    name: str
    payload: type[Payload]
    by: tuple[Relation, ...]
    phases: tuple[Phase, ...]
    rule: Rule


def _nothing(move: MeetingMove, stated: Payload) -> None:
    """Changes nothing by itself."""


P, R = Phase, Relation
OFFICE = (R.OFFICE, R.OFFICE_SUPERVISOR)
BEFORE = (P.PLANNED, P.EXPERTS_DRAWN)

ROWS: tuple[MeetingAction, ...] = (
    MeetingAction("plan", p.PlanMeeting, OFFICE, (P.PLANNED,), planning.plan),
    MeetingAction("move_meeting", p.MoveMeeting, OFFICE, BEFORE, planning.move_meeting),
    MeetingAction("add_candidates", p.AddCandidates, OFFICE, BEFORE, planning.add_candidates),
    MeetingAction(
        "defer_candidate", p.DeferCandidate, OFFICE, (*BEFORE, P.OPENED), planning.defer_candidate
    ),
    MeetingAction("cancel_meeting", p.CancelMeeting, OFFICE, (*BEFORE, P.OPENED), planning.cancel),
    MeetingAction("draw", p.DrawExperts, OFFICE, BEFORE, experts.draw),
    MeetingAction(
        "replace_expert", p.ReplaceExpert, OFFICE, (P.EXPERTS_DRAWN,), experts.replace_expert
    ),
    MeetingAction("recuse", p.Recuse, OFFICE, (P.EXPERTS_DRAWN, P.OPENED), experts.recuse),
    MeetingAction("open", p.OpenMeeting, OFFICE, (P.EXPERTS_DRAWN,), sitting.open_meeting),
    MeetingAction(
        "record_opinions", p.RecordOpinions, OFFICE, (P.OPENED,), sitting.record_opinions
    ),
    MeetingAction("enter_ballots", p.EnterBallots, OFFICE, (P.OPENED,), sitting.enter_ballots),
    MeetingAction("sign", p.SignResults, OFFICE, (P.OPENED,), sitting.sign_results),
    MeetingAction("report_batch", p.ReportBatch, OFFICE, (P.SIGNED,), batches.report_batch),
    MeetingAction("publish_batch", p.PublishBatch, OFFICE, (P.SIGNED,), batches.publish_batch),
    MeetingAction(
        "restart_batch_publicity",
        p.PublishBatch,
        OFFICE,
        (P.SIGNED,),
        batches.restart_batch_publicity,
    ),
    MeetingAction("draft_batch", p.DraftBatch, OFFICE, (P.SIGNED,), batches.draft_batch),
    MeetingAction(
        "send_back_batch", p.SendBackBatch, (R.CITY_OFFICE,), (P.SIGNED,), batches.send_back_batch
    ),
    MeetingAction(
        "confirm_batch", p.IssueForBatch, (R.CITY_OFFICE,), (P.SIGNED,), batches.confirm_batch
    ),
    MeetingAction("reply_batch", p.IssueForBatch, OFFICE, (P.SIGNED,), batches.reply_batch),
    MeetingAction("file_batch", p.IssueForBatch, OFFICE, (P.SIGNED,), batches.file_batch),
    MeetingAction(
        "open_supplement", p.OpenSupplement, OFFICE, (P.SIGNED,), batches.open_supplement
    ),
    MeetingAction("note_case", p.NoteCase, (R.SYSTEM,), tuple(P), batches.note_case),
    MeetingAction("amend", Amend, (R.OPERATIONS, R.SYSTEM), tuple(P), amending.amend),
    MeetingAction("nudge", Nudge, (R.OPERATIONS, R.SYSTEM), tuple(P), _nothing),
    MeetingAction("resume", Nothing, (R.OPERATIONS, R.SYSTEM), tuple(P), _nothing),
)

MEETING_CATALOGUE: Mapping[str, MeetingAction] = MappingProxyType({row.name: row for row in ROWS})
"""Every act on a meeting by its name."""
