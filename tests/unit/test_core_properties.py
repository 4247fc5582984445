"""Whatever is done in whatever order: may and decide agree, and no day that was told comes earlier."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest

from tests.unit.lives import (
    COLLEAGUE,
    ITEMS,
    OPERATIONS,
    SETTLE,
    Life,
    at_chain,
    at_committee,
    moment,
    paying,
    posted,
    sample,
    submitted,
)
from tests.workflow.season import the_calendar
from workflows.application.case import Case
from workflows.application.catalogue import CATALOGUE
from workflows.application.clocks import clocks_of
from workflows.application.decision import decide, let_strike, may, may_anybody
from workflows.application.messages import Published
from workflows.application.move import Move
from workflows.application.parties import stands_for
from workflows.application.preview import preview
from workflows.application.projection import snapshot
from workflows.application.recording import commit, state_of
from workflows.application.strikes import next_due
from workflows.letter.kinds import KINDS
from workflows.rules.calendar import Calendar
from workflows.rules.clocks import NEVER_EARLIER, identity_of
from workflows.rules.message import local_date
from workflows.rules.names import Stage
from workflows.rules.refusals import Refused
from workflows.writer.messages import Act

CASES = sample()
WALKS, STEPS = 45, 40
STARTS: tuple[tuple[Callable[[], Life], str], ...] = (
    (submitted, "2024-10-10T09:00"),
    (at_chain, "2024-10-18T10:00"),
    (at_committee, "2024-10-22T10:00"),
    (paying, "2024-11-13T10:00"),
    (posted, "2024-12-10T10:00"),
)


@pytest.mark.parametrize("name", list(CASES))
def test_what_the_page_says_no_to_is_refused_in_the_same_words(name: str) -> None:
    """`may` and `decide` pass one gate: whatever is stated, the no is the same."""
    case = CASES[name]
    now = max(at for at in (case.arrived_at, case.end.at if case.end else None) if at)
    for act, action in CATALOGUE.items():
        for relation in action.by:
            actor = stands_for(case, relation)
            at = now + timedelta(minutes=5)
            refusal = may(case, act, actor, at)
            if refusal is None:
                continue
            said = Act(request_id="r", actor=actor, payload={"nobody_knows": 1})
            with pytest.raises(Refused) as error:
                decide(case, act, said, at)

            assert error.value.first == refusal, act
            assert preview(case, act, said, at).refusals == (refusal,)


@pytest.mark.parametrize("name", list(CASES))
def test_the_page_offers_what_somebody_may(name: str) -> None:
    case = CASES[name]
    now = max(at for at in (case.arrived_at, case.end.at if case.end else None) if at)
    shown = {view.action: view.allowed for view in snapshot(case, now).actions}

    for act, action in CATALOGUE.items():
        by = [may(case, act, stands_for(case, relation), now) for relation in action.by]
        assert shown[act] is (None in by), act
        assert (may_anybody(case, act, now) is None) is shown[act]


@pytest.mark.parametrize("seed", range(WALKS))
def test_walks_keep_every_promise(seed: int) -> None:
    """Random lives, with amendments of the calendar on the way; each step is looked at as taken."""
    assert walked(seed)


def test_walks_reach_every_stage_and_most_ends() -> None:
    """The property above would hold of walks that go nowhere."""
    cases = [case for seed in range(WALKS) for case in walked(seed)]
    ends = {case.end.name for case in cases if case.end is not None}

    assert set(Stage) - {case.stage for case in cases} == set()
    assert len(ends) >= 7, ends


@cache
def walked(seed: int) -> tuple[Case, ...]:
    """The case after each step of a walk."""
    start, at = STARTS[seed % len(STARTS)]
    walk = Walk(Random(20241010 + seed), start(), at)  # noqa: S311 - reproducible, not a secret
    lived = []
    for _ in range(STEPS):
        walk.step()
        lived.append(walk.life.case)
    return tuple(lived)


LIKELY: dict[Stage, tuple[str, ...]] = {
    Stage.UNIT_REVIEW: ("start_publicity", "start_publicity", "return_for_correction"),
    Stage.UNIT_CORRECTION: ("resubmit", "extend_deadline"),
    Stage.UNIT_PUBLICITY: ("finish_publicity", "finish_publicity", "raise_objection"),
    Stage.CHAIN_REVIEW: ("approve", "return_for_correction"),
    Stage.CHAIN_CORRECTION: ("resubmit",),
    Stage.COMMITTEE_INTAKE: ("accept", "accept", "return_for_correction", "override_return"),
    Stage.COMMITTEE_CORRECTION: ("resubmit", "extend_deadline"),
    Stage.AWAITING_PAYMENT: ("record_payment", "record_payment", "send_pay_notice"),
    Stage.AWAITING_MEETING: ("assign_to_meeting", "open_review"),
    Stage.IN_REVIEW: ("record_result",),
    Stage.RESULT_RECORDED: ("post_results", "report_results", "confirm"),
    Stage.RESULT_PUBLICITY: ("send_for_confirmation", "raise_objection"),
    Stage.AWAITING_CONFIRMATION: ("confirm", "confirm", "send_back"),
    Stage.RECHECK_WINDOW: ("request_recheck", "forward_confirmation", "file_complaint"),
    Stage.RECHECK: ("decide_recheck",),
}
"""What usually comes next: random acts alone never get far."""


class Walk:
    """A life in which somebody entitled does something, again and again."""

    def __init__(self, chance: Random, life: Life, at: str) -> None:
        self.chance, self.life, self.now = chance, life, moment(at)

    def step(self) -> None:
        """Some time goes by, what is due strikes, and somebody does something."""
        if self.chance.random() < 0.6:
            self.now += timedelta(
                hours=self.chance.choice([1, 5, 20, 24, 50, 24 * 5, 24 * 9]),
                minutes=self.chance.randrange(60),
            )
        while (due := next_due(self.life.case, SETTLE)) is not None and due.at <= self.now:
            self._keeps(let_strike(self.life.case, due, due.at))
            if self.chance.random() < 0.1:
                break  # somebody comes before the next clock is looked at
        if self.chance.random() < 0.08:
            self._amend()
            return
        self._act()

    def _act(self) -> None:
        case = self.life.case
        likely = LIKELY.get(case.stage, ()) if case.stage and case.end is None else ()
        name = self.chance.choice(likely or list(CATALOGUE))
        if self.chance.random() < 0.2:
            name = self.chance.choice(list(CATALOGUE))
        if name == "amend":
            return
        action = CATALOGUE[name]
        allowed = [
            actor
            for relation in action.by
            if may(case, name, actor := stands_for(case, relation), self.now) is None
        ]
        if not allowed:
            return
        actor = self.chance.choice(allowed)
        self._tries(name, Act(request_id="r", actor=actor, payload=self._payload(name, case)))
        for asked in self.life.case.asked:
            agreed = {"request": asked.id, "agree": self.chance.random() < 0.9}
            said = Act(request_id="r", actor=COLLEAGUE, payload=agreed)
            self._tries("confirm_request", said)

    def _tries(self, name: str, said: Act) -> None:
        with suppress(Refused):
            self._keeps(decide(self.life.case, name, said, self.now))

    def _payload(self, name: str, case: Case) -> dict[str, Any]:
        chance, today = self.chance, local_date(self.now)
        clocks = clocks_of(case) if case.end is None else ()
        again = [{"text": "text-2", "refers_to": "1"}]
        fields = CATALOGUE[name].payload.model_fields
        said: dict[str, Any] = {
            "items": again if case.returns and chance.random() < 0.7 else ITEMS,
            "days": chance.choice([None, 1, 3, 5]),
            "reason": "text-1",
            "text": "text-1",
            "note": "text-1",
            "ground": "out_of_scope",
            "transaction": f"t-{chance.randrange(3)}",
            "yuan": chance.choice([420, 420, 200]),
            "paid_at": self.now.isoformat(),
            "meeting": "by-hand",
            "meeting_on": (today + timedelta(days=chance.randrange(3))).isoformat(),
            "result": chance.choice(["passed", "passed", "not_passed", "deferred"]),
            "meeting_ended_on": today.isoformat(),
            "issued_on": today.isoformat(),
            "number": "示例1号",
            "decision": chance.choice(["upheld", "reassess"]),
            "copy_in": "unit",
            "clause": "LC 一",
            "rule": chance.choice([item.key for item in clocks] or ["unit_duty"]),
            "outcome": chance.choice(["unfounded", "substantiated", "not_handled"]),
            "check": chance.choice([item.key for item in case.checks] or ["none"]),
            "satisfied": True,
            "second_person": "second",
            "hold": chance.random() < 0.5,
        }
        if name == "extend_deadline":
            later = today + timedelta(days=chance.randrange(1, 20))
            said["ends_on"] = later.isoformat()
        return {key: value for key, value in said.items() if key in fields}

    def _amend(self) -> None:
        """The State Council moves a day near."""
        case = self.life.case
        day = local_date(self.now) + timedelta(days=self.chance.randrange(1, 15))
        published = Published(policy=case.policy, calendar=moved(case.calendar, day))
        said = Act(request_id="r", actor=OPERATIONS, payload={"reason": "text-1"})
        try:
            self._keeps(decide(case, "amend", said, self.now, published=published))
        except Refused:
            return

    def _keeps(self, move: Move) -> None:
        """Take the step, and look whether it kept its word."""
        before = self.life.case
        was = {identity_of(item): item for item in clocks_of(before)}
        self.life._take(move)
        after = self.life.case
        now = clocks_of(after)
        for clock in now:
            told = after.promised[identity_of(clock)]
            assert (told.ends_on, told.ends_at) == (clock.ends_on, clock.ends_at)
            old = was.get(identity_of(clock))
            if old is not None and clock.kind in NEVER_EARLIER:
                assert clock.ends_at >= old.ends_at, (move.action, clock.key)
            if old is not None and old.ends_on != clock.ends_on:
                dates = [order for order in move.letters if order.kind == "dates_changed"]
                assert any(order.params.get("rule") == clock.rule for order in dates), clock.key
        assert len({clock.key for clock in now}) == len(now)
        step = commit(move, after.seq)
        assert step.projection.deadlines == now
        kept_letters = [KINDS[order.kind].of(order.params) for order in step.letters]
        assert kept_letters == [item.letter for item in move.told], move.action
        assert after.end is not None or step.projection.tasks, (after.stage, move.action)
        kept = json.loads(state_of(after))
        again = Case.model_validate(kept | {"policy": after.policy, "calendar": after.calendar})
        assert clocks_of(again) == now
        assert next_due(again, SETTLE) == next_due(after, SETTLE)


def moved(calendar: Calendar, day: date) -> Calendar:
    """The calendar with a working day off, or a rest day worked."""
    year = calendar.years[day.year]
    if calendar.is_working_day(day):
        worked = tuple(item for item in year.workdays if item != day)
        update: dict[str, Any] = {"holidays": year.holidays | {day: "调整"}, "workdays": worked}
    else:
        update = {"workdays": (*year.workdays, day)}
    years = calendar.years | {day.year: year.model_copy(update=update)}
    version = f"{the_calendar().version}+{len(calendar.version)}"
    return Calendar(version=version, years=years)
