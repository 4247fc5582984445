"""A move: the working copy of a case while one act or one clock changes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from workflows.application.case import Case, Caution, End, Payment
from workflows.application.clocks import clock_of
from workflows.application.messages import Published
from workflows.application.parties import (
    APPLICANT,
    claim_is_given_back,
    holder,
    party_organisation,
    relations,
)
from workflows.letter.letter import Addressed, Letter
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local_date
from workflows.rules.names import CautionCode, EndName, Party, Relation, RuleName, Stage
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, Refusal, Refused, refuse
from workflows.writer.messages import Actor, LetterOrder


@dataclass
class Move:
    """One step in the making. `at` is when the person acted or the clock struck; `now` the case's
    clock. Rules change facts of `case` and add letters; nothing outside the move changes, and no
    clock is touched: clocks follow from the facts."""

    case: Case
    action: str
    at: datetime
    now: datetime
    source: Literal["act", "clock", "reminder", "refusal"] = "act"
    actor: Actor | None = None
    second: Actor | None = None
    """Who confirmed what the actor had asked a second person for."""
    relation: Relation | None = None
    request_id: str = ""
    mark: str = ""
    """What the request asked (`writer.requests.fingerprint`): a repeat must ask the same."""
    payload: dict[str, Any] = field(default_factory=dict)
    clause: str = ""
    reason: str = ""
    told: list[Addressed] = field(default_factory=list)
    warnings: list[Caution] = field(default_factory=list)
    refusals: tuple[Refusal, ...] = ()
    """Of a step that records a no."""
    draft: str = ""
    """At `submit`: the draft that becomes this case."""
    payment: Payment | None = None
    claim: Literal["keep", "take", "release"] = "keep"
    guard: Literal["", "bars"] = ""
    """What the record looks at before it writes this step (`acts.exclusions`)."""
    stage_before: Stage | None = None
    published: Published | None = None
    """The rules and calendar that an amendment brings."""
    clocks_before: tuple[Deadline, ...] | None = None
    """What ran when the act was looked at; None where nobody had to compute it."""
    clocks_after: tuple[Deadline, ...] = ()
    """What runs now that the move is settled."""

    @property
    def on(self) -> date:
        """The Beijing day of the act."""
        return local_date(self.at)

    @property
    def relations(self) -> frozenset[Relation]:
        """How the actor stands to the case in this act; in no way where nobody acts."""
        return relations(self.case, self.actor, self.action) if self.actor else frozenset()

    @property
    def policy(self) -> Policy:
        """The rules the case travels with."""
        return self.case.policy

    @property
    def calendar(self) -> Calendar:
        """The calendar the case travels with."""
        return self.case.calendar

    @property
    def letters(self) -> list[LetterOrder]:
        """What is told, as it goes into the record."""
        return [item.order for item in self.told]

    def clause_of(self, key: str, default: str = "") -> str:
        """The clause that the case's own notice has for something."""
        return self.case.policy.clause(key, default)

    def refusal(self, code: Code, key: str = "", **params: object) -> Refused:
        """A refusal that cites the case's own notice."""
        return refuse(code, self.clause_of(key) if key else "", **params)

    def clock(self, key: RuleName | str) -> Deadline | None:
        """The running clock of this key, as the facts have it at this point of the move."""
        return clock_of(self.case, key)

    def started(self, rule: RuleName) -> Deadline:
        """The clock that this move has started; no letter may tell its term without a last day.

        Raises:
            LookupError: the facts start none, which is a fault of the rules themselves.
        """
        clock = self.clock(rule)
        if clock is None:
            raise LookupError(f"{self.action} has started no {rule.value}")
        return clock

    def go(self, stage: Stage, *, chain_index: int | None = None) -> None:
        """Move the case to a stage; the clocks follow by themselves."""
        self.case.stage = stage
        if chain_index is not None:
            self.case.chain_index = chain_index
        self.case.arrived_at = self.at

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
        inquiry: str = "",
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
            inquiry=inquiry,
        )
        self.clause = self.clause or clause
        if case.claim == "taken" and claim_is_given_back(case, name):
            self.claim = "release"
            case.claim = "released"

    def reopen(self) -> None:
        """Back to the stage that was left; every clock of it runs as its facts say. The one that
        struck strikes no second time, unless it is taken up because something was in time."""
        case = self.case
        end = case.end
        if end is None:
            return
        case.stage, case.end = end.left_stage, None
        if case.claim == "released" and claim_is_given_back(case, end.name):
            case.claim = "taken"
            self.claim = "take"

    def tell(self, letter: Letter, to: Party, *, organisation: str = "", person: str = "") -> None:
        """Order a letter."""
        self.told.append(
            Addressed(
                letter,
                to,
                organisation=organisation or party_organisation(self.case, to),
                person=person or (self.case.person if to is Party.APPLICANT else ""),
            )
        )

    def tell_both(self, letter: Letter) -> None:
        """Tell the applicant, and the organisation that holds the case where one does."""
        self.tell(letter, Party.APPLICANT)
        if holder(self.case) != APPLICANT:
            self.tell(letter, Party.HOLDER)

    def warn(self, code: CautionCode, clause: str = "", **params: object) -> None:
        """Say beside the yes what a careful colleague would say."""
        stated = {key: str(value) for key, value in params.items() if value not in (None, "")}
        self.warnings.append(Caution(code=code, clause=clause, params=stated))
