"""What a case refused, as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping

from activities.wording import sentence
from starter.desk.refusing import Door, Reason
from workflows.rules.refusals import Refusal

_LISTED = "、"


def reason_of(refusal: Refusal, names: Mapping[str, str] | None = None) -> Reason:
    """A refusal of the core with its Chinese sentence; `names` are of the ids in it."""
    told = sentence(refusal, names)
    fields = tuple(filter(None, refusal.params.get("fields", "").split(_LISTED)))
    door = Door(told.door) if told.door else None
    return Reason(told.code, told.message, told.clause, told.next, fields, door)
