"""Lives of applications without an engine: acts and clocks decided one after the other, purely."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import pytest

from config import submission_files
from tests.workflow.season import (
    APPLICANT,
    CITY_OFFICE,
    OFFICE,
    PLACES,
    beijing,
    member,
    the_calendar,
    the_policy,
)
from workflows.application.case import Case
from workflows.application.decision import decide, let_strike
from workflows.application.messages import (
    OpenApplication,
    Published,
    Submission,
    VerificationAnswer,
)
from workflows.application.move import Move
from workflows.application.recording import commit
from workflows.application.strikes import next_due
from workflows.application.submission import accept_submission, new_case
from workflows.rules.calendar import Calendar
from workflows.rules.facts import Facts, Standing
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, Refused
from workflows.writer.messages import Act, Actor

CAMPAIGN = "lc-2024"
UNIT, DEPARTMENT, DISTRICT = member("unit"), member("department"), member("district")
CLERK, CITY = member(OFFICE), member(CITY_OFFICE)
SUPERVISOR = member(OFFICE, role="supervisor", person="supervisor")
COLLEAGUE = member(OFFICE, person="colleague")
OPERATIONS = Actor(person="ops", role="operations")
STRANGER = Actor(person="visitor-1")
ITEMS: list[dict[str, Any]] = [{"id": "1", "text": "text-1"}]
SETTLE = 60


def moment(text: str) -> datetime:
    """`2024-10-10T09:00` or `2024-10-10T09:00:30` on Beijing's clock."""
    return beijing(text if text.count(":") > 1 else f"{text}:00")


class Life:
    """One application; `case` is how it stands, `moves` every step that was taken."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.moves: list[Move] = []

    def act(self, name: str, actor: Actor, at: str, came: str = "", **payload: Any) -> Move:
        """One act; `came` is when it arrives, where that is later."""
        made = moment(at)
        said = Act(request_id="r", actor=actor, acted_at=made, payload=payload)
        return self._take(decide(self.case, name, said, moment(came) if came else made))

    def both(
        self, name: str, first: Actor, at: str, second: Actor | None = None, **payload: Any
    ) -> Move:
        """One act that takes two: the first asks, another human confirms it at once."""
        self.act(name, first, at, **payload)
        return self.act("confirm_request", second or COLLEAGUE, at)

    def refused(self, name: str, actor: Actor, at: str, came: str = "", **payload: Any) -> Code:
        """The code an act is refused with; the case stays as it was."""
        before = self.case.model_dump()
        with pytest.raises(Refused) as error:
            self.act(name, actor, at, came, **payload)
        assert self.case.model_dump() == before
        return error.value.first.code

    def amend(
        self, at: str, *, policy: Policy | None = None, calendar: Calendar | None = None
    ) -> Move:
        """Operations amend: what is published now are these rules and this calendar."""
        published = Published(
            policy=policy or self.case.policy, calendar=calendar or self.case.calendar
        )
        said = Act(request_id="r", actor=OPERATIONS, payload={"reason": "text-1"})
        return self._take(decide(self.case, "amend", said, moment(at), published=published))

    def until(self, at: str) -> None:
        """Let every clock strike that is due by then."""
        last = moment(at)
        while (due := next_due(self.case, SETTLE)) is not None and due.at <= last:
            self._take(let_strike(self.case, due, due.at))

    def late(self, at: str) -> None:
        """Nobody ran until then: what was due strikes now, one after the other."""
        now = moment(at)
        while (due := next_due(self.case, SETTLE)) is not None and due.at <= now:
            self._take(let_strike(self.case, due, now))

    def _take(self, move: Move) -> Move:
        commit(move, self.case.seq + 1)
        self.moves.append(move)
        self.case = move.case
        return move


@cache
def _submission(route: str, campaign: str) -> Submission:
    facts = submission_files.sample(route, campaign).facts
    stated = facts.model_dump() | {"employer": "unit", "insured_unit": "unit"}
    policy = the_policy(campaign)
    return Submission(
        person=APPLICANT.person,
        facts=Facts.model_validate(stated),
        standing=Standing(),
        places=PLACES[route],
        policy=policy.for_case(facts.route, facts.level),
        calendar=the_calendar(),
    )


def submitted(route: str = "district_unit", at: str = "2024-10-10T09:00", **rules: Any) -> Life:
    """At the unit; `rules` change parts of the notice (`limits`, `corrections` …)."""
    stated = _submission(route, CAMPAIGN)
    policy = stated.policy.model_copy(update=rules)
    stated = stated.model_copy(update={"policy": policy})
    opening = OpenApplication(application="application-1")
    act = Act(request_id="r", actor=APPLICANT, payload={"draft": "draft-1"})
    blank = new_case(opening, stated)
    move = accept_submission(blank, stated, VerificationAnswer(), act, moment(at))
    life = Life(blank)
    life._take(move)
    return life


def at_chain(route: str = "district_unit", **rules: Any) -> Life:
    """Publicised, and with the department on 2024-10-18."""
    life = submitted(route, **rules)
    life.act("start_publicity", UNIT, "2024-10-10T10:00")
    life.until("2024-10-18T10:00")
    life.act("finish_publicity", UNIT, "2024-10-18T10:00")
    return life


def at_committee(**rules: Any) -> Life:
    """At the committee's office on 2024-10-22."""
    life = at_chain(**rules)
    life.act("approve", DEPARTMENT, "2024-10-18T11:00")
    life.act("approve", DISTRICT, "2024-10-22T10:00")
    return life


def paying(**rules: Any) -> Life:
    """Accepted on 2024-10-22 and asked for the fee when the window opened."""
    life = at_committee(**rules)
    life.act("accept", CLERK, "2024-10-22T11:00")
    life.until("2024-11-13T10:00")
    return life


def in_review(**rules: Any) -> Life:
    """Paid, and the meeting of 2024-12-06 is open."""
    life = paying(**rules)
    paid: dict[str, Any] = {
        "transaction": "t-1",
        "yuan": 420,
        "paid_at": "2024-11-13T09:00:00+08:00",
    }
    life.act("record_payment", CLERK, "2024-11-13T10:00", **paid)
    meeting = {"meeting": "m", "meeting_on": "2024-12-06"}
    life.act("assign_to_meeting", CLERK, "2024-11-14T10:00", **meeting)
    life.act("open_review", CLERK, "2024-12-06T10:00")
    return life


def posted(**rules: Any) -> Life:
    """Passed, and posted on 2024-12-10."""
    life = in_review(**rules)
    ended: dict[str, Any] = {"result": "passed", "meeting_ended_on": "2024-12-06"}
    life.act("record_result", CLERK, "2024-12-06T18:00", **ended)
    life.act("report_results", CLERK, "2024-12-09T10:00")
    life.act("post_results", CLERK, "2024-12-10T10:00")
    return life


def confirmed(**rules: Any) -> Life:
    """Confirmed on 2024-12-31."""
    life = posted(**rules)
    life.until("2024-12-18T10:00")
    life.act("send_for_confirmation", CLERK, "2024-12-18T10:00")
    life.act("confirm", CITY, "2024-12-31T10:00", issued_on="2024-12-31", number="示例1号")
    return life


def sample() -> dict[str, Case]:
    """A case in each stage, and ends that a clock and a person brought."""
    lives = {
        "unit_review": submitted(),
        "unit_publicity": submitted(),
        "unit_correction": submitted(),
        "chain_review": at_chain(),
        "chain_correction": at_chain(),
        "committee_intake": at_committee(),
        "committee_correction": at_committee(),
        "awaiting_payment": paying(),
        "in_review": in_review(),
        "result_publicity": posted(),
        "recheck_window": confirmed(),
        "recheck": confirmed(),
        "abandoned": submitted(),
        "withdrawn": submitted(),
        "completed": confirmed(),
        "with_an_inquiry": posted(),
    }
    returned: dict[str, Any] = {"items": ITEMS, "days": 2}
    lives["unit_publicity"].act("start_publicity", UNIT, "2024-10-10T10:00")
    lives["unit_correction"].act("return_for_correction", UNIT, "2024-10-10T10:00", **returned)
    lives["chain_correction"].act(
        "return_for_correction", DEPARTMENT, "2024-10-18T11:00", **returned
    )
    lives["committee_correction"].act(
        "return_for_correction", CLERK, "2024-10-22T11:00", **returned
    )
    lives["recheck"].act("request_recheck", APPLICANT, "2025-01-06T10:00", text="text-1")
    lives["abandoned"].act("return_for_correction", UNIT, "2024-10-10T10:00", **returned)
    lives["abandoned"].until("2024-10-13T00:05")
    lives["withdrawn"].act("withdraw", APPLICANT, "2024-10-10T10:00", reason="text-1")
    lives["completed"].until("2025-03-01T00:05")
    lives["with_an_inquiry"].act("raise_objection", STRANGER, "2024-12-11T10:00", text="text-1")
    return {name: life.case for name, life in lives.items()}
