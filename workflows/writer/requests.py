"""A repeated request is one act: what its sender asked under an id, and which step answered it."""

from __future__ import annotations

import hashlib
import json

from workflows.rules.refusals import Code, refuse
from workflows.writer.messages import Act, Actor
from workflows.writer.vouchers import SYSTEM_ROLES

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


def remember(
    requests: dict[str, str], by: Actor | None, request_id: str, mark: str, seq: int
) -> None:
    """Keep a request's answer; the oldest go when there are too many."""
    requests[_owned(by, request_id)] = f"{mark}:{seq}"
    while len(requests) > LAST_REQUESTS:
        requests.pop(next(iter(requests)))


def forget_after(requests: dict[str, str], seq: int) -> None:
    """Forget the answers of steps after one: who asked for those may ask again."""
    for known in [known for known, answer in requests.items() if _seq_of(answer) > seq]:
        del requests[known]


def _seq_of(answer: str) -> int:
    return int(answer.split(":")[1])


def is_known(requests: dict[str, str], act: Act) -> bool:
    """Whether its sender asked something under this id before."""
    return _owned(act.actor, act.request_id) in requests


def answered_before(requests: dict[str, str], act: Act, mark: str) -> int | None:
    """The step that answered this request before; None where it is new.

    Raises:
        Refused: `duplicate_conflict` where its sender asked for something else under the id.
    """
    known = requests.get(_owned(act.actor, act.request_id))
    if known is None:
        return None
    before, seq = known.split(":")
    if before != mark:
        raise refuse(Code.DUPLICATE_CONFLICT, request_id=act.request_id)
    return int(seq)


def _owned(by: Actor | None, request_id: str) -> str:
    """An id belongs to its sender: nobody takes another's, a meeting's or a workflow's, before it."""
    if by is None:
        return request_id
    system = by.role if by.role in SYSTEM_ROLES else ""
    sender = hashlib.sha256(f"{system}\n{by.person}".encode()).hexdigest()[:8]
    return f"{sender}/{request_id}"
