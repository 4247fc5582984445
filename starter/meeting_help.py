"""What each act on a meeting is, who may do it and when, and what it states, in Chinese."""

from __future__ import annotations

from typing import Any

from activities.wording import label
from starter.action_help import Explained
from starter.desk.act_form import MEETING_ACTS, fields_of, flat, words
from workflows.meeting.act import MeetingAction
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.meeting import Phase
from workflows.rules.names import Relation

BY_ITSELF = "note_case"
"""What a case says by itself; no person does it."""


def rows() -> list[MeetingAction[Any]]:
    """The acts that people do, in the order of a meeting."""
    return [row for row in MEETING_CATALOGUE.values() if row.name != BY_ITSELF]


def who(action: MeetingAction[Any]) -> str:
    """Who may do it."""
    named = [item for item in action.by if item is not Relation.SYSTEM]
    return "、".join(label("relations", item) for item in named)


def when(action: MeetingAction[Any]) -> str:
    """In which phases it can be done."""
    if len(action.phases) == len(Phase):
        return "各环节"
    return "、".join(label("phases", phase) for phase in action.phases)


def explained(action: MeetingAction[Any]) -> Explained:
    """An act on a meeting."""
    return Explained(
        name=action.name,
        by=tuple(action.by),
        who=who(action),
        stages=tuple(action.phases),
        when=when(action),
        fields=tuple(flat(fields_of(action.payload, MEETING_ACTS))),
        example=words(MEETING_ACTS)["examples"].get(action.name, {}),
        command=f"meeting act 评审会 {action.name}",
    )
