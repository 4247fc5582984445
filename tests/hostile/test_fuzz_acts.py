"""Every field of every act on a case and a meeting, bent: only receipts and refusals come of it.

`ZHIPING_FUZZ` says how many inputs are tried and `ZHIPING_FUZZ_SEED` which; `make check-hostile`
tries many more. What is tried goes the way of a message from the wire: bytes, read, decided,
committed, and looked at again by everything that looks at a case afterwards.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload as Bytes

from tests.hostile.nasty import MOMENTS, bent
from tests.unit.lives import SETTLE, sample
from tests.unit.test_meeting_law import Table, posted, signed
from workflows.application.case import Case
from workflows.application.catalogue import CATALOGUE
from workflows.application.clocks import clocks_of
from workflows.application.decision import decide, may_anybody
from workflows.application.parties import stands_for
from workflows.application.projection import snapshot
from workflows.application.recording import commit, state_of
from workflows.application.strikes import next_due
from workflows.meeting import decision as meeting_decision
from workflows.meeting import recording as meeting_recording
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.meeting import Meeting
from workflows.meeting.move import stands_for as stands_in_meeting
from workflows.meeting.projection import snapshot as meeting_snapshot
from workflows.meeting.strikes import next_due as next_of_meeting
from workflows.rules.message import local
from workflows.rules.refusals import Refused
from workflows.writer.inbox import read_act
from workflows.writer.messages import Act, Actor
from workflows.writer.vouchers import Voucher

INPUTS = int(os.environ.get("ZHIPING_FUZZ", "25000"))
SEED = int(os.environ.get("ZHIPING_FUZZ_SEED", "20261127"))
SHARES = 5
CASES = sample()
MEETINGS = (Table().meeting, signed(passed=3).meeting, posted(passed=3).meeting)
BEFORE = {name: state_of(case) for name, case in CASES.items()}
BEFORE_IN_MEETINGS = [meeting.model_dump_json() for meeting in MEETINGS]
AT_MEETING = tuple(
    datetime.fromisoformat(f"{day}T17:00:00+08:00")
    for day in ("2023-11-27", "2023-12-08", "2023-12-15", "2023-12-25", "2024-01-12")
)
NEEDS_MORE = ("amend", "submit", "plan", "nudge", "resume")
"""Decided on what an activity brings, or by the frame itself."""


def honest(name: str, fields: Any, now: datetime, rng: Random, case: Case | None) -> dict[str, Any]:
    """A payload as somebody honest would state it, as far as its fields go."""
    today = local(now).date()
    clocks = clocks_of(case) if case is not None and case.end is None else ()
    said: dict[str, Any] = {
        "items": [{"id": "1", "subject": "papers", "text": "text-1"}],
        "days": rng.choice([None, 1, 3, 5]),
        "reason": "text-1",
        "text": "text-1",
        "note": "text-1",
        "ground": "out_of_scope",
        "transaction": f"t-{rng.randrange(3)}",
        "yuan": rng.choice([420, 200]),
        "paid_at": now.isoformat(),
        "meeting": "by-hand",
        "meeting_on": today.isoformat(),
        "result": rng.choice(["passed", "not_passed", "deferred"]),
        "meeting_ended_on": today.isoformat(),
        "issued_on": today.isoformat(),
        "number": "示例1号",
        "decision": rng.choice(["upheld", "reassess"]),
        "copy_in": "unit",
        "clause": "LC 一",
        "rule": rng.choice([item.key for item in clocks] or ["unit_duty"]),
        "ends_on": (today + timedelta(days=rng.randrange(1, 20))).isoformat(),
        "outcome": rng.choice(["unfounded", "substantiated", "not_handled"]),
        "check": rng.choice([item.key for item in case.checks] or ["none"]) if case else "none",
        "satisfied": True,
        "second_person": "second",
        "batch": 1,
    }
    return {key: value for key, value in said.items() if key in fields}


def actor_of(rng: Random, known: Actor) -> Actor:
    """Who is entitled, or a stranger, or somebody with a strange name."""
    picked = rng.random()
    if picked < 0.6:
        return known
    if picked < 0.8:
        return Actor(person="anyone", role="anyone")
    return Actor(person="person-x", organisation="department", role="member")


def on_the_wire(actor: Actor, acted_at: Any, stated: dict[str, Any]) -> bytes:
    """The message as a door of ours, or a careless one, would send it."""
    act = {"request_id": "r-fuzz", "actor": actor.model_dump(), "payload": stated}
    if acted_at is not None:
        act["acted_at"] = acted_at
    return json.dumps(act, default=str).encode("utf-8", "replace")


def storable(text: str) -> None:
    """What the database takes: no NUL in any spelling, valid UTF-8, no number beyond JSON."""
    text.encode()
    assert "\\u0000" not in text
    assert "\x00" not in text
    for bad in ("NaN", "Infinity"):
        assert f":{bad}" not in text


def tried_on_case(rng: Random, case: Case, name: str) -> str:
    """One input on one case; how it was answered."""
    at = moment_of(case)
    action = CATALOGUE[name]
    now = at + timedelta(minutes=rng.choice([1, 5, 600, 60 * 24 * 3]))
    actor = actor_of(rng, stands_for(case, rng.choice(action.by)))
    stated = bent(rng, action.payload, honest(name, action.payload.model_fields, now, rng, case))
    acted_at = rng.choice(MOMENTS) if rng.random() < 0.15 else None
    try:
        act = read(name, on_the_wire(actor, acted_at, stated), CATALOGUE)
        move = decide(case, name, act, now)
    except Refused as error:
        refused(error)
        return error.first.code.value
    step = commit(move, case.seq + 1)
    storable(step.model_dump_json())
    after = move.case
    again = Case.model_validate(
        json.loads(state_of(after)) | {"policy": after.policy, "calendar": after.calendar}
    )
    next_due(again, SETTLE)
    # What can be done next is asked now and then only: it is most of the time spent here.
    snapshot(again, now, actions=rng.random() < 0.1)
    return "done"


def tried_on_meeting(rng: Random, meeting: Meeting, name: str) -> str:
    """The same on a meeting."""
    action = MEETING_CATALOGUE[name]
    now = rng.choice(AT_MEETING)
    actor = actor_of(rng, stands_in_meeting(meeting, rng.choice(action.by)))
    stated = bent(rng, action.payload, honest(name, action.payload.model_fields, now, rng, None))
    acted_at = rng.choice(MOMENTS) if rng.random() < 0.15 else None
    try:
        act = read(name, on_the_wire(actor, acted_at, stated), MEETING_CATALOGUE)
        move = meeting_decision.decide(meeting, name, act, now)
    except Refused as error:
        refused(error)
        return error.first.code.value
    step = meeting_recording.commit(move, meeting.seq + 1, opens=False)
    storable(step.model_dump_json())
    again = Meeting.model_validate_json(move.meeting.model_dump_json())
    next_of_meeting(again)
    meeting_snapshot(again, now, actions=rng.random() < 0.1)
    return "done"


def read(name: str, stated: bytes, known: Any) -> Act:
    """As the frame reads it."""
    return read_act(name, Bytes(data=stated), Voucher.GATEWAY, known, live=False)


def refused(error: Refused) -> None:
    """A refusal is an answer only where it can be sent and read."""
    assert error.reasons
    for reason in error.reasons:
        storable(reason.model_dump_json())


def acts(known: Any) -> list[str]:
    """The acts that are decided on the message alone."""
    return [name for name in known if name not in NEEDS_MORE]


def moment_of(case: Case) -> datetime:
    """When the case came to where it stands."""
    times = [at for at in (case.arrived_at, case.end.at if case.end else None) if at is not None]
    return max(times)


@cache
def possible(name: str) -> tuple[str, ...]:
    """What somebody may do on a case now: an input that is turned away at once shows little."""
    case = CASES[name]
    at = moment_of(case) + timedelta(minutes=5)
    return tuple(act for act in acts(CATALOGUE) if may_anybody(case, act, at) is None)


@pytest.mark.parametrize("share", range(SHARES))
def test_whatever_is_stated_is_answered(share: int) -> None:
    rng = Random(SEED + share)  # noqa: S311 - reproducible, not a secret
    tally: Counter[str] = Counter()
    for number in range(INPUTS // SHARES):
        name = "?"
        try:
            if number % 3:
                where = rng.choice(list(CASES))
                likely = possible(where) if rng.random() < 0.8 else ()
                name = rng.choice(likely or acts(CATALOGUE))
                tally[tried_on_case(rng, CASES[where], name)] += 1
            else:
                name = rng.choice(acts(MEETING_CATALOGUE))
                tally[tried_on_meeting(rng, rng.choice(MEETINGS), name)] += 1
        except Exception as fault:
            fault.add_note(f"input {number} of share {share}, act {name}, seed {SEED}")
            raise

    # Whatever came of it, what was tried on is as it was.
    assert {name: state_of(case) for name, case in CASES.items()} == BEFORE
    assert [meeting.model_dump_json() for meeting in MEETINGS] == BEFORE_IN_MEETINGS
    print(dict(tally.most_common()))
    # The fuzzer itself: it gets through the first look, and it is turned away for many reasons.
    assert tally["done"] > sum(tally.values()) / 50
    assert len(tally) >= 12
