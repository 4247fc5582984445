"""A move: the working copy of a case while one act or one clock changes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from workflows.application.case import Case, End, Payment
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import Deadline
from workflows.rules.facts import Place
from workflows.rules.message import local_date
from workflows.rules.names import EndName, LetterKind, Party, Relation, RuleName, Stage
from workflows.rules.policy import Policy
from workflows.writer.messages import Actor, LetterOrder

APPLICANT = "applicant"

CLAIM_RELEASED_BY = frozenset(
    {
        EndName.NOT_RECOMMENDED,
        EndName.REJECTED_BY_CHAIN,
        EndName.LAPSED,
        EndName.NOT_ACCEPTED,
    }
)
"""Ends that give the yearly chance back whatever went before (T4, A20)."""

RELEASED_BEFORE_ACCEPTANCE = frozenset({EndName.WITHDRAWN, EndName.DISQUALIFIED})


@dataclass
class Move:
    """One step in the making. `at` is when the person acted or the clock struck; `now` the case's
    clock. Rules change `case` and add notices; nothing outside the move changes."""

    case: Case
    action: str
    at: datetime
    now: datetime
    source: Literal["act", "clock", "reminder", "operation"] = "act"
    actor: Actor | None = None
    relation: Relation | None = None
    request_id: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    clause: str = ""
    reason: str = ""
    letters: list[LetterOrder] = field(default_factory=list)
    payment: Payment | None = None
    claim: Literal["keep", "take", "release"] = "keep"
    guard: Literal["", "bars"] = ""
    """What the record looks at before it writes this step (`acts.exclusions`)."""
    stage_before: Stage | None = None
    reopened: bool = False
    entered: bool = False
    """True once the case went to a stage in this move, be it the same one anew."""

    @property
    def on(self) -> date:
        """The Beijing day of the act."""
        return local_date(self.at)

    @property
    def policy(self) -> Policy:
        """The rules the case travels with."""
        return self.case.policy

    @property
    def calendar(self) -> Calendar:
        """The calendar the case travels with."""
        return self.case.calendar

    def go(self, stage: Stage, *, chain_index: int | None = None) -> None:
        """Move the case to a stage; the clocks follow in `clocks.settle`."""
        self.case.stage = stage
        if chain_index is not None:
            self.case.chain_index = chain_index
        self.case.arrived_at = self.at
        self.entered = True

    def finish(
        self,
        name: EndName,
        clause: str,
        *,
        reason: str = "",
        clock: str = "",
        responsible: str = "",
        closes_at: datetime | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        """End the case with its clause, reason and cause (lifecycle, Ends)."""
        case = self.case
        case.end = End(
            name=name,
            at=self.at,
            clause=clause,
            reason=reason,
            by=self.actor.organisation or self.actor.person if self.actor else "",
            clock=clock,
            remedy=name.value,
            holder=holder(case),
            responsible=responsible,
            left_stage=case.stage,
            closes_at=closes_at,
            deadline=deadline,
        )
        self.clause = self.clause or clause
        if case.claim == "taken" and claim_is_given_back(case, name):
            self.claim = "release"
            case.claim = "released"

    def tell(
        self,
        kind: LetterKind,
        to: Party,
        *,
        organisation: str = "",
        person: str = "",
        **params: object,
    ) -> None:
        """Order a notice; empty values are left out."""
        stated = {key: str(value) for key, value in params.items() if value not in (None, "")}
        self.letters.append(
            LetterOrder(
                kind=kind,
                to=to,
                organisation=organisation or party_organisation(self.case, to),
                person=person or (self.case.person if to is Party.APPLICANT else ""),
                params=stated,
            )
        )

    def open(self, deadline: Deadline, *, told: bool = True) -> Deadline:
        """Start a clock, replacing one of the same key."""
        started = deadline.model_copy(
            update={
                "opened_at": self.at,
                "started_by": deadline.started_by or self.action,
                "told_on": deadline.ends_on if told else None,
                "policy": self.case.policy.version,
            }
        )
        self.close(deadline.key)
        self.case.deadlines.append(started)
        return started

    def close(self, key: RuleName | str) -> None:
        """Stop a clock: met, superseded or no longer of any use."""
        self.case.deadlines = [item for item in self.case.deadlines if item.key != str(key)]
        self.case.reminded.pop(str(key), None)


def claim_is_given_back(case: Case, end: EndName) -> bool:
    """Whether an end gives the yearly chance back (T4, A20)."""
    if end in CLAIM_RELEASED_BY:
        return True
    if end in RELEASED_BEFORE_ACCEPTANCE:
        return case.accepted_on is None
    return end is EndName.ABANDONED and not case.reached_committee


def current_place(case: Case) -> Place | None:
    """The chain organisation that holds the case, if one does."""
    chain = case.chain
    if case.stage in (Stage.CHAIN_REVIEW, Stage.CHAIN_CORRECTION) and case.chain_index < len(chain):
        return chain[case.chain_index]
    return None


def holder(case: Case) -> str:
    """Organisation id of the holder, `applicant` where the person holds it (T1)."""
    match case.stage:
        case Stage.UNIT_REVIEW | Stage.UNIT_PUBLICITY:
            return case.unit
        case Stage.CHAIN_REVIEW:
            place = current_place(case)
            return place.organisation if place else case.unit
        case Stage.CHAIN_CORRECTION:
            to_unit = case.last_return is not None and case.last_return.to == "unit"
            return case.unit if to_unit else APPLICANT
        case (
            Stage.COMMITTEE_INTAKE
            | Stage.AWAITING_MEETING
            | Stage.IN_REVIEW
            | Stage.RESULT_RECORDED
            | Stage.RESULT_PUBLICITY
            | Stage.RECHECK
        ):
            return case.office
        case Stage.AWAITING_CONFIRMATION:
            return case.policy.committee.city_office
        case None:
            return ""
        case _:
            return APPLICANT


def superior_of(case: Case, organisation: str) -> str:
    """The superior of an organisation on the route; of the office, 市职改办; of the unit without
    one, the next organisation (A55)."""
    if organisation == case.office:
        return case.policy.committee.city_office
    for index, place in enumerate(case.places):
        if place.organisation == organisation:
            following = case.places[index + 1].organisation if index + 1 < len(case.places) else ""
            return place.superior or following or case.policy.committee.city_office
    return ""


def party_organisation(case: Case, party: Party) -> str:
    """The organisation a party stands for; empty for persons."""
    held = holder(case)
    match party:
        case Party.UNIT:
            return case.unit
        case Party.HOLDER:
            return "" if held == APPLICANT else held
        case Party.SUPERIOR:
            return superior_of(case, case.unit if held == APPLICANT else held)
        case Party.OFFICE:
            return case.office
        case Party.OFFICE_SUPERIOR | Party.CITY_OFFICE:
            return case.policy.committee.city_office
        case Party.FORWARDER:
            return case.forwarder
        case Party.ENTRUSTING_UNIT:
            return case.facts.entrusting_unit
        case _:
            return ""


def relations(case: Case, actor: Actor) -> frozenset[Relation]:
    """How an actor stands to a case (design.md 12).

    The applicant is never anything but the applicant on the own case, so that nobody reviews
    what he or she applied for.
    """
    if actor.person and actor.person == case.person:
        return frozenset({Relation.APPLICANT, Relation.ANYONE})
    held = holder(case)
    organisation = actor.organisation
    found = {Relation.ANYONE}
    if actor.role == "operations":
        found.add(Relation.OPERATIONS)
    if actor.role == "system":
        found.add(Relation.SYSTEM)
    if actor.role == "meeting" and _has_it(case, actor):
        found.add(Relation.MEETING)
    if not organisation:
        return frozenset(found)
    by_organisation = {
        Relation.UNIT: case.unit,
        Relation.HOLDER: held,
        Relation.SUPERIOR: superior_of(case, case.unit if held == APPLICANT else held),
        Relation.OFFICE: case.office,
        Relation.CITY_OFFICE: case.policy.committee.city_office,
        Relation.FORWARDER: case.forwarder,
    }
    found |= {relation for relation, at in by_organisation.items() if at == organisation}
    if organisation == case.office and actor.role == "supervisor":
        found.add(Relation.OFFICE_SUPERVISOR)
    if held == APPLICANT:
        found.discard(Relation.HOLDER)
    return frozenset(found)


def _has_it(case: Case, meeting: Actor) -> bool:
    """Once a meeting has the case no other meeting speaks to it."""
    if case.in_meeting:
        return meeting.person == f"meeting:{case.meeting}"
    return meeting.person.startswith("meeting:")
