"""A repeated request is one act: what was asked under an id, and which step answered it."""

from __future__ import annotations

import hashlib
import json

from workflows.rules.refusals import Code, refuse
from workflows.writer.messages import Act

LAST_REQUESTS = 500


def fingerprint(name: str, act: Act) -> str:
    """What makes two requests the same: the action, who, and what was stated."""
    stated = json.dumps(
        [name, act.actor.person, act.actor.organisation, act.payload],
        sort_keys=True,
        ensure_ascii=False,
        default=str,
    )
    return hashlib.sha256(stated.encode()).hexdigest()[:12]


def remember(requests: dict[str, str], request_id: str, mark: str, seq: int) -> None:
    """Keep a request's answer; the oldest go when there are too many."""
    requests[request_id] = f"{mark}:{seq}"
    while len(requests) > LAST_REQUESTS:
        requests.pop(next(iter(requests)))


def answered_before(requests: dict[str, str], request_id: str, mark: str) -> int | None:
    """The step that answered this request before; None where it is new.

    Raises:
        Refused: `duplicate_conflict` where the same id asked for something else.
    """
    known = requests.get(request_id)
    if known is None:
        return None
    before, seq = known.split(":")
    if before != mark:
        raise refuse(Code.DUPLICATE_CONFLICT, request_id=request_id)
    return int(seq)
