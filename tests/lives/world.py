"""The one writer, simulated: one person's applications, the registers of the record, and the clock.

What `workflows/writer/writer.py` and `workflows/application/workflow.py` do with a message or a due
time is done here with the same pure functions, in the same order; `Watcher`s see every step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tests.lives.ground import (
    Applying,
    Ground,
    changed,
    facts_of,
    notice,
    places,
    shipped_calendar,
)
from tests.lives.people import SYSTEM, actor_of
from workflows.application.acts.exclusions import left_to_office
from workflows.application.case import Case, KeptCase
from workflows.application.catalogue import CATALOGUE
from workflows.application.decision import decide, let_strike, may
from workflows.application.messages import (
    OpenApplication,
    Published,
    RecordStep,
    StepRecorded,
    Submission,
    VerificationAnswer,
)
from workflows.application.move import Move
from workflows.application.recording import commit, refusal_step, refused_by, state_of
from workflows.application.strikes import Due, next_due
from workflows.application.submission import accept_submission, end_ineligible, new_case
from workflows.rules.annual_limit import claim_slot
from workflows.rules.calendar import Calendar
from workflows.rules.facts import Bar, CheckResult, Standing, YearlyUse
from workflows.rules.message import local_date
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, Refusal, Refused
from workflows.writer.messages import Act, Actor, LetterOrder
from workflows.writer.requests import answered_before, fingerprint, remember

SETTLE = 60
PERSON = "person-1"
MOST_STRIKES = 400
"""In one advance of the clock; more would be a clock that strikes for ever."""


@dataclass(frozen=True)
class Line:
    """One line of the story, as a scenario file writes it."""

    at: datetime
    on: str = ""
    do: str = ""
    operate: str = ""
    by: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    acted_at: datetime | None = None
    request_id: str = ""
    refused: tuple[Code, ...] = ()
    say: str = ""


@dataclass(frozen=True)
class Recorded:
    """One step that was recorded, with what it was decided on: enough to decide it again."""

    name: str
    now: datetime
    act: Act | None = None
    due: Due | None = None
    published: Published | None = None
    refused: tuple[Refusal, ...] = ()
    request_mark: str = ""


@dataclass
class Life:
    """One application: how it was made, and what became of it."""

    made: Applying
    case: Case
    steps: list[Recorded] = field(default_factory=list)
    opened: bool = False
    submission: Submission | None = None
    verified: VerificationAnswer = field(default_factory=VerificationAnswer)
    parked: str = ""
    differences: dict[str, Any] = field(default_factory=dict)
    """What its facts have otherwise than the sample."""

    @property
    def alias(self) -> str:
        """Its name in the story."""
        return self.made.alias

    @property
    def closed(self) -> bool:
        """Whether nothing follows by itself any more."""
        return self.case.end is not None and self.case.end.closes_at is None


@dataclass(frozen=True)
class Seen:
    """One step as a watcher sees it."""

    life: Life
    before: Case | None
    move: Move
    now: datetime
    act: Act | None = None
    due: Due | None = None
    command: RecordStep | None = None

    @property
    def after(self) -> Case:
        """The case after the step."""
        return self.move.case

    @property
    def letters(self) -> tuple[LetterOrder, ...]:
        """The letters that go out with the step."""
        return self.command.letters if self.command else ()


@dataclass(frozen=True)
class Answer:
    """What came of an act."""

    refusals: tuple[Refusal, ...] = ()
    move: Move | None = None
    repeated: bool = False
    by_the_record: bool = False
    """Refused by the record: another holds the year's chance, or a 影响期."""

    @property
    def codes(self) -> tuple[Code, ...]:
        """The codes it was refused with."""
        return tuple(dict.fromkeys(item.code for item in self.refusals))


class World:
    """A person, the applications, the registers and the clock."""

    def __init__(self, ground: Ground, watch: Callable[[Seen], None]) -> None:
        self.ground = ground
        self.now = ground.starts
        self.watch = watch
        self.lives: list[Life] = []
        self.lines: list[Line] = []
        self.claims: dict[tuple[int, str], str] = {}
        self.bars: list[tuple[Bar, date]] = []
        self.policies: dict[str, Policy] = {}
        for index, made in enumerate(ground.applying):
            if made.campaign not in self.policies:
                changes = ground.changes if index == 0 else {}
                self.policies[made.campaign] = changed(notice(made.campaign), changes)
        years = {
            year: days
            for year, days in shipped_calendar().years.items()
            if year not in ground.without
        }
        self.calendar = shipped_calendar().model_copy(update={"years": years})

    # What the record keeps beside the steps.

    def life_of(self, alias: str) -> Life:
        """The application of an alias."""
        return next(life for life in self.lives if life.alias == alias)

    def claim_of(self, life: Life) -> tuple[int, str] | None:
        """The chance of the year that an application would take; None where its channel takes none."""
        slot = claim_slot(life.case.facts, life.case.policy)
        return (life.case.policy.year, slot) if slot else None

    def _recorded(self, life: Life, command: RecordStep) -> StepRecorded:
        """The record's answer: claims and 影响期 decide in the step's own transaction."""
        assert command.step.seq == (life.case.seq if life.opened else 0) + 1
        key = (command.claim_year, command.claim_slot)
        if command.guard == "bars":
            day = local_date(command.step.acted_at)
            hit = tuple(
                bar
                for bar, starts_on in self.bars
                if starts_on <= day <= bar.ends_on and bar.id not in command.cleared
            )
            if hit:
                return StepRecorded(seq=command.step.seq, barred=hit)
        if command.claim == "take" and command.claim_slot:
            holder = self.claims.get(key)
            if holder is not None and holder != life.alias:
                other = self.life_of(holder)
                return StepRecorded(
                    seq=command.step.seq,
                    claim_refused=True,
                    held_by_application=other.case.application,
                    held_by_open=other.case.end is None,
                )
            self.claims[key] = life.alias
        if command.claim == "release":
            self.claims = {name: who for name, who in self.claims.items() if who != life.alias}
        return StepRecorded(seq=command.step.seq)

    # Messages.

    def submit(self, made: Applying, differences: dict[str, Any], unverified: int) -> Answer:
        """A first message: the case opens at the unit, or ends 不符合申报条件.

        Args:
            differences: what the facts have otherwise than the sample.
            unverified: a bit for each data-sharing check that nobody could answer.
        """
        policy = self.policies[made.campaign]
        facts = facts_of(made.way, made.campaign, made.level).model_copy(update=differences)
        held = self.claims.get((policy.year, "normal"))
        alive = held is not None and self.life_of(held).case.end is None
        standing = Standing(
            bars=tuple(bar for bar, starts in self.bars if starts <= local_date(self.now)),
            yearly=(
                YearlyUse(
                    application=self.life_of(held).case.application,
                    campaign=self.life_of(held).made.campaign,
                    state="alive" if alive else "used",
                ),
            )
            if held is not None and unverified % 2
            else (),
        )
        submission = Submission(
            person=PERSON,
            human=f"human of {PERSON}",
            facts=facts,
            standing=standing,
            places=places(made.way, made.campaign),
            policy=policy.for_case(facts.route, facts.level),
            calendar=self.calendar,
        )
        verified = VerificationAnswer(
            results=tuple(
                CheckResult(
                    check=name, result="unverified" if unverified >> index & 1 else "verified"
                )
                for index, name in enumerate(policy.verifiers.checks)
            )
        )
        opening = OpenApplication(application=f"application-{made.alias}")
        life = Life(
            made,
            new_case(opening, submission),
            submission=submission,
            verified=verified,
            differences=differences,
        )
        self.lives.append(life)
        act = Act(
            request_id=f"submit-{made.alias}",
            actor=Actor(person=PERSON),
            payload={"draft": f"draft-{made.alias}"},
        )
        try:
            move = accept_submission(life.case, submission, verified, act, self.now)
            refusals = self._write(life, None, move, act=act)
        except Refused as error:
            refusals = tuple(error.reasons)
        if refusals:
            ending = end_ineligible(life.case, act, self.now, refusals)
            self._write(life, None, ending, act=act)
        mark = fingerprint("submit", act)
        remember(life.case.requests, act.actor, act.request_id, mark, life.case.seq)
        codes = tuple(dict.fromkeys(item.code for item in refusals))
        self.lines.append(Line(self.now, made.alias, "submit", by="applicant", refused=codes))
        return Answer(refusals)

    def act(
        self,
        life: Life,
        name: str,
        by: str,
        payload: dict[str, Any],
        *,
        acted_at: datetime | None = None,
        request_id: str = "",
        signal: bool = False,
        published: Published | None = None,
    ) -> Answer:
        """One message, decided against the case as it is now."""
        if life.closed:
            self._reload(life)
        act = Act(
            request_id=request_id or f"r{len(self.lines)}-{life.alias}",
            actor=SYSTEM if by == "system" else actor_of(life.case, by),
            acted_at=acted_at,
            payload=payload,
        )
        answer = self._take(life, name, act, published, signal=signal)
        self.lines.append(
            Line(
                self.now,
                life.alias,
                name,
                by=by,
                payload=payload,
                acted_at=acted_at,
                request_id=request_id,
                refused=answer.codes,
            )
        )
        return answer

    def _take(
        self, life: Life, name: str, act: Act, published: Published | None, *, signal: bool
    ) -> Answer:
        case = life.case
        mark, kept = fingerprint(name, act), state_of(case)
        try:
            if answered_before(case.requests, act, mark) is not None:
                return Answer(repeated=True)
            if name == "amend" and (no := may(case, name, act.actor, self.now)) is not None:
                raise Refused(no)
            move = decide(case, name, act, self.now, published=published)
        except Refused as error:
            _unchanged(case, kept, name)
            return self._refuse(life, name, act, tuple(error.reasons), signal=signal)
        _unchanged(case, kept, name)
        if name == "nudge":
            return Answer(move=move)
        refusals = self._write(life, case, move, name=name, act=act, published=published)
        if refusals:
            answer = self._refuse(life, name, act, refusals, signal=signal)
            return Answer(answer.refusals, by_the_record=True)
        remember(life.case.requests, act.actor, act.request_id, mark, life.case.seq)
        return Answer(move=move)

    def _refuse(
        self, life: Life, name: str, act: Act, refusals: tuple[Refusal, ...], *, signal: bool
    ) -> Answer:
        case = life.case
        action = CATALOGUE.get(name)
        missing = any(item.code is Code.CALENDAR_MISSING for item in refusals)
        held = bool(left_to_office(case, refusals))
        if held or signal or missing or action is None or action.weighty:
            copy = case.copied()
            command = refusal_step(copy, name, act, refusals, self.now)
            assert command.step.seq == case.seq + 1
            case.seq, case.checks = copy.seq, copy.checks
            life.steps.append(Recorded(name, self.now, act=act, refused=refusals))
        return Answer(refusals)

    def _write(
        self,
        life: Life,
        before: Case | None,
        move: Move,
        *,
        name: str = "",
        act: Act | None = None,
        due: Due | None = None,
        published: Published | None = None,
    ) -> tuple[Refusal, ...]:
        command = commit(move, (before.seq if before else 0) + 1)
        refusals = refused_by(self._recorded(life, command), move)
        if refusals:
            return refusals
        after = move.case
        if before is not None:
            after.refusals_today = before.refusals_today
            after.requests = before.requests
        life.case, life.opened = after, True
        asked = name or move.action
        mark = fingerprint(asked, act) if act else ""
        life.steps.append(Recorded(asked, self.now, act, due, published, request_mark=mark))
        self.watch(Seen(life, before, move, self.now, act, due, command))
        return ()

    def _reload(self, life: Life) -> None:
        """A closed case is opened again from the record."""
        life.case = from_record(life.case)

    # The clock.

    def due(self, life: Life) -> Due | None:
        """What strikes next on one application, if it can be computed."""
        if life.closed or life.parked or not life.opened:
            return None
        try:
            return next_due(life.case, SETTLE)
        except Refused as error:
            life.parked = error.first.code.value
            assert error.first.code is Code.CALENDAR_MISSING
            return None

    def run_until(self, to: datetime, *, asleep: bool = False) -> None:
        """Move the clock, everything due striking on the way; late, all at once, where asleep."""
        to = max(to, self.now)
        if asleep:
            self.now = to
        for _ in range(MOST_STRIKES):
            dues = [(due.at, due.order, index, due) for index, due in self._dues() if due.at <= to]
            if not dues:
                break
            at, _order, index, due = min(dues, key=lambda item: item[:3])
            self.now = max(self.now, at)
            self._strike(self.lives[index], due)
        else:
            raise AssertionError(f"a clock strikes for ever: {due}")
        self.now = max(self.now, to)

    def _dues(self) -> list[tuple[int, Due]]:
        found = ((index, self.due(life)) for index, life in enumerate(self.lives))
        return [(index, due) for index, due in found if due is not None]

    def _strike(self, life: Life, due: Due) -> None:
        kept = state_of(life.case)
        try:
            move = let_strike(life.case, due, self.now)
        except Refused as error:
            life.parked = error.first.code.value
            assert error.first.code is Code.CALENDAR_MISSING
            return
        _unchanged(life.case, kept, due.what)
        refusals = self._write(life, life.case, move, due=due)
        assert not refusals

    # Operations.

    def publish(self, kind: str, stated: dict[str, Any], campaign: str = "") -> None:
        """New rules or a changed calendar; every open case is told by an `amend` (design.md 2)."""
        self.lines.append(Line(self.now, operate=kind, by="operations", payload=stated))
        mark = len(self.lines)
        for life in list(self.lives):
            concerned = not campaign or life.made.campaign == campaign
            if life.closed or not concerned or life.parked:
                continue
            policy = self.policies[life.made.campaign]
            published = Published(
                policy=policy.for_case(life.case.route, life.case.level), calendar=self.calendar
            )
            act = Act(request_id=f"op{mark}:{life.alias}", actor=SYSTEM, payload={"reason": "修改"})
            self._take(life, "amend", act, published, signal=True)

    def amend_policy(self, policy: Policy) -> None:
        """A further version of a notice."""
        self.policies[policy.campaign] = policy
        stated = {
            "policy": policy.model_dump(mode="json", exclude_none=True),
            "content": {},
            "reason": "修改通知",
        }
        self.publish("amend_campaign", stated, policy.campaign)

    def amend_calendar(self, calendar: Calendar, stated: dict[str, Any]) -> None:
        """A changed year."""
        self.calendar = calendar
        self.publish("amend_calendar", stated)

    def enter_bar(self, bar: Bar, starts_on: date) -> None:
        """A 影响期 in the integrity register."""
        self.bars.append((bar, starts_on))
        self.lines.append(
            Line(
                self.now,
                operate="enter_bar",
                by="operations",
                payload={
                    "person": self.ground.applying[0].alias,
                    "starts_on": starts_on,
                    "ends_on": bar.ends_on,
                    "reason": "处理决定",
                },
            )
        )


def _unchanged(case: Case, kept: str, name: str) -> None:
    """An act and a strike work on a copy: the case they were given stays as it was."""
    assert state_of(case) == kept, f"{name} changed the case it was given"


def from_record(case: Case) -> Case:
    """The case as the record has it: its facts, and the rules and calendar by version."""
    kept = KeptCase.model_validate_json(state_of(case))
    return Case(**dict(kept), policy=case.policy, calendar=case.calendar)


def replayed(life: Life) -> Case | None:
    """The case once more, from its first step, by the steps that were recorded."""
    first, *rest = life.steps
    submission = life.submission
    assert first.act is not None
    assert submission is not None
    opening = OpenApplication(application=f"application-{life.alias}")
    blank = new_case(opening, submission)
    try:
        move = accept_submission(blank, submission, life.verified, first.act, first.now)
    except Refused:
        return None
    commit(move, 1)
    case = move.case
    remember(case.requests, first.act.actor, first.act.request_id, first.request_mark, case.seq)
    for step in rest:
        if step.refused:
            copy = case.copied()
            refusal_step(copy, step.name, step.act, step.refused, step.now)
            case.seq, case.checks = copy.seq, copy.checks
            continue
        if step.act is not None:
            move = decide(case, step.name, step.act, step.now, published=step.published)
        else:
            assert step.due is not None
            move = let_strike(case, step.due, step.now)
        commit(move, case.seq + 1)
        move.case.refusals_today, move.case.requests = case.refusals_today, case.requests
        case = move.case
        if step.act is not None:
            remember(
                case.requests, step.act.actor, step.act.request_id, step.request_mark, case.seq
            )
    return case
