"""The acts on a meeting, one row each; signals, updates, commands and help come from it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from workflows.meeting import payloads as p
from workflows.meeting.act import MeetingAction
from workflows.meeting.acts import amending, batches, drawing, experts, planning, sitting
from workflows.meeting.meeting import Phase
from workflows.rules.names import Relation
from workflows.writer.payloads import Amend, Nothing, Nudge

P, R = Phase, Relation
OFFICE = (R.OFFICE, R.OFFICE_SUPERVISOR)
BEFORE = (P.PLANNED, P.EXPERTS_DRAWN)

ROWS: tuple[MeetingAction[Any], ...] = (
    MeetingAction("plan", p.PlanMeeting, OFFICE, (P.PLANNED,), planning.PLAN),
    MeetingAction("move_meeting", p.MoveMeeting, OFFICE, BEFORE, planning.MOVE),
    MeetingAction("add_candidates", p.AddCandidates, OFFICE, BEFORE, planning.ADD),
    MeetingAction("defer_candidate", p.DeferCandidate, OFFICE, (*BEFORE, P.OPENED), planning.DEFER),
    MeetingAction("cancel_meeting", p.CancelMeeting, OFFICE, (*BEFORE, P.OPENED), planning.CANCEL),
    MeetingAction("commit_draw", p.CommitDraw, (R.CITY_OFFICE,), BEFORE, drawing.COMMIT),
    MeetingAction("request_redraw", p.RequestRedraw, OFFICE, BEFORE, drawing.REQUEST),
    MeetingAction("draw", p.DrawExperts, OFFICE, BEFORE, drawing.DRAW),
    MeetingAction("reveal_draw", p.RevealDraw, (R.CITY_OFFICE,), BEFORE, drawing.REVEAL),
    MeetingAction("replace_expert", p.ReplaceExpert, OFFICE, (P.EXPERTS_DRAWN,), experts.REPLACE),
    MeetingAction("recuse", p.Recuse, OFFICE, (P.EXPERTS_DRAWN, P.OPENED), experts.RECUSE),
    MeetingAction("open", p.OpenMeeting, OFFICE, (P.EXPERTS_DRAWN,), sitting.OPEN),
    MeetingAction("record_opinions", p.RecordOpinions, OFFICE, (P.OPENED,), sitting.OPINIONS),
    MeetingAction("enter_ballots", p.EnterBallots, OFFICE, (P.OPENED,), sitting.BALLOTS),
    MeetingAction("sign", p.SignResults, OFFICE, (P.OPENED,), sitting.SIGN),
    MeetingAction("report_batch", p.ReportBatch, OFFICE, (P.SIGNED,), batches.REPORT),
    MeetingAction("publish_batch", p.PublishBatch, OFFICE, (P.SIGNED,), batches.PUBLISH),
    MeetingAction(
        "restart_batch_publicity",
        p.PublishBatch,
        OFFICE,
        (P.SIGNED,),
        batches.RESTART,
    ),
    MeetingAction("draft_batch", p.DraftBatch, OFFICE, (P.SIGNED,), batches.DRAFT),
    MeetingAction(
        "send_back_batch", p.SendBackBatch, (R.CITY_OFFICE,), (P.SIGNED,), batches.SEND_BACK
    ),
    MeetingAction("confirm_batch", p.IssueForBatch, (R.CITY_OFFICE,), (P.SIGNED,), batches.CONFIRM),
    MeetingAction("reply_batch", p.IssueForBatch, OFFICE, (P.SIGNED,), batches.REPLY),
    MeetingAction("file_batch", p.IssueForBatch, OFFICE, (P.SIGNED,), batches.FILE),
    MeetingAction("open_supplement", p.OpenSupplement, OFFICE, (P.SIGNED,), batches.SUPPLEMENT),
    MeetingAction("note_case", p.NoteCase, (R.SYSTEM,), tuple(P), batches.NOTE_CASE),
    MeetingAction("amend", Amend, (R.OPERATIONS, R.SYSTEM), tuple(P), amending.AMEND),
    MeetingAction("nudge", Nudge, (R.OPERATIONS, R.SYSTEM), tuple(P), amending.NUDGE),
    MeetingAction("resume", Nothing, (R.OPERATIONS, R.SYSTEM), tuple(P), amending.RESUME),
)

MEETING_CATALOGUE: Mapping[str, MeetingAction[Any]] = MappingProxyType(
    {row.name: row for row in ROWS}
)
"""Every act on a meeting by its name."""
