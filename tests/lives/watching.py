"""What must hold of every step of every life; the first thing that does not is raised."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.lives.law.clocks import Book, Want, note_hearings, wanted
from tests.lives.law.days import after, midnight_after, midnight_before
from tests.lives.law.ends import claim_by_law, faults_of_end
from tests.lives.law.gates import (
    ROWS,
    UNTIL_THE_CUTOFF,
    as_if_in_time,
    its_body,
    own_and_fresh,
    reasons,
    reopens,
    takes_two,
)
from tests.lives.law.letters import faults_of_letters
from tests.lives.law.reminders import Reminded
from tests.lives.law.steps import leads_to, submissions_after, where
from tests.lives.people import APPLICANT, actor_of, hats, holder_of, holder_word
from tests.lives.world import Life, Seen, World, from_record
from workflows.application.case import Case, Inquiry
from workflows.application.clocks import clocks_of
from workflows.application.decision import decide, may
from workflows.application.projection import project
from workflows.application.strikes import next_due
from workflows.rules.annual_limit import claim_slot
from workflows.rules.deadlines import Deadline
from workflows.rules.names import (
    DeadlineKind,
    EndName,
    InquiryBody,
    InquiryOutcome,
    Party,
    RuleName,
    Stage,
)
from workflows.rules.refusals import Code, Refused
from workflows.writer.messages import Act

SECOND = timedelta(seconds=1)
FOLLOWS_FROM_NOTHING = frozenset(
    {
        "file_complaint",
        "urge",
        "nudge",
        "resume",
        "ask_second_person",
        "confirm_request",
        "request_expired",
    }
)
"""What anybody may do at any time has no legal effect for an act that may be taken back."""


class Violated(AssertionError):
    """An invariant that does not hold; its name says which."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant}：{what}")
        self.invariant, self.what = invariant, what


@dataclass
class Diary:
    """What an onlooker writes down of one application."""

    book: Book = field(default_factory=Book)
    reminded: Reminded = field(default_factory=Reminded)
    clocks: dict[str, Want] = field(default_factory=dict)
    told_to_applicant: dict[tuple[str, datetime], datetime] = field(default_factory=dict)


@dataclass
class Watch:
    """Watches the lives of one world."""

    diaries: dict[str, Diary] = field(default_factory=dict)
    tally: Counter[str] = field(default_factory=Counter)
    world: World | None = None

    def diary(self, life: Life) -> Diary:
        """The diary of a life."""
        return self.diaries.setdefault(life.alias, Diary())

    def __call__(self, seen: Seen) -> None:
        """Look at one step."""
        diary, after = self.diary(seen.life), seen.after
        self.tally[f"step:{'act' if seen.act else 'clock'}"] += 1
        self.tally[where(after).partition(":")[0] if after.end is None else where(after)] += 1
        if seen.act is not None:
            self.tally[f"act:{seen.move.action}"] += 1
        before, was = seen.before, diary.clocks
        if before is not None:
            self._leads_where_it_may(seen, was)
            self._nothing_is_made_irrevocable(seen, before)
            self._two_humans_do_what_takes_two(seen, before)
            self._clocks_made_once_are_its_clocks(seen, before)
        self._note_what_was_decided(seen, diary, was)
        now = wanted(after, diary.book)
        shown = seen.command.projection.deadlines if seen.command else None
        self._runs_its_clocks(after, now, shown)
        if before is not None:
            _none("letters", faults_of_letters(seen, before, was, now))
            _none("reminder", diary.reminded.faults_of_strike(seen, was))
            # An act that had re-opened the case is taken back: the end before is no new one.
            ended = before.end is None and seen.move.action != "set_aside"
            if after.end is not None and ended:
                _none("end", faults_of_end(seen, before))
                self._nobody_ends_before_a_told_day(seen, diary)
                self._remedy_is_open(after)
        diary.book.note(now)
        note_hearings(after, diary.book)
        diary.reminded.note(after, now, was, seen.now)
        self._tell(seen, diary, now)
        self._claims(seen)
        self._in_an_inbox(seen)
        self._holds_what_it_holds(seen, diary)
        diary.clocks = now

    # One invariant each.

    def _leads_where_it_may(self, seen: Seen, was: dict[str, Want]) -> None:
        before, after = seen.before, seen.after
        assert before is not None
        may_be, is_at = leads_to(seen, was), where(after)
        step = seen.move.action
        _must("transition", is_at in may_be, f"{step}: {where(before)} → {is_at}, not {may_be}")
        counted = before.submissions if step in ("set_aside",) else submissions_after(before, after)
        same = after.submissions == counted or step == "set_aside"
        _must("submissions", same, f"{step}: {after.submissions}, not {counted}")
        if seen.due is not None and seen.due.what == "strike":
            due = was[seen.due.key]
            _must("strike", due.ends_at == seen.due.as_of, f"{due.key} struck at {seen.due.as_of}")
            wait = 0 if due.kind is DeadlineKind.FLOOR else 60
            late = seen.due.at - seen.due.as_of
            _must("settle", late == timedelta(seconds=wait), f"{due.key} struck after {late}")
        if seen.due is not None and seen.due.what == "request_expired":
            over = seen.due.as_of
            _must(
                "second", over in {item.at + timedelta(hours=48) for item in before.asked}, "early"
            )
            left = [item for item in before.asked if item.at + timedelta(hours=48) > over]
            _must("second", after.asked == left, "what nobody confirmed in time still waits")
        if seen.due is not None and seen.due.what == "close":
            assert before.end is not None
            _must("close", seen.due.at == before.end.closes_at, "closed at another instant")
            _must("close", seen.life.case.end is not None, "closed and not ended")
        if after.stage is not before.stage and after.end is None and step != "set_aside":
            at = after.arrived_at
            _must("arrival", before.end is not None or at == seen.move.at, f"arrived at {at}")

    def _nothing_is_made_irrevocable(self, seen: Seen, before: Case) -> None:
        step, after = seen.move.action, seen.after
        reminded = seen.due is not None and seen.due.what == "reminder"
        if reminded or step in FOLLOWS_FROM_NOTHING:
            _must("undo", after.undo == before.undo, f"{step} makes {before.undo} irrevocable")
        if step == "set_aside":
            kept = {item.id for item in after.inquiries}
            lost = {item.id for item in before.inquiries} - kept
            _must("undo", not lost, f"taking back loses the inquiries {lost}")

    def _two_humans_do_what_takes_two(self, seen: Seen, before: Case) -> None:
        move, first, second = seen.move, seen.move.actor, seen.move.second
        if second is not None:
            assert first is not None
            _must("second", second.human != first.human, f"{move.action}: one human twice")
            asked = [item for item in before.asked if item.by == first]
            _must("second", bool(asked), f"{move.action}: nobody had asked for it")
        elif seen.act is not None and not own_and_fresh(before, seen.act.actor, move.at):
            alone = move.action == "set_aside" or takes_two(before, move.action, move.payload)
            _must("second", not alone, f"{move.action} was done by one person alone")

    def _clocks_made_once_are_its_clocks(self, seen: Seen, before: Case) -> None:
        """A preview shows what the decision computed on its way, and computes nothing again."""
        made = seen.move.clocks_before
        same = made is None or before.end is not None or made == clocks_of(before)
        _must("clocks", same, "the move kept other clocks of before")
        same = seen.move.clocks_after == clocks_of(seen.after)
        _must("clocks", same, "the move kept other clocks of after")

    def _note_what_was_decided(self, seen: Seen, diary: Diary, was: dict[str, Want]) -> None:
        book, move, before = diary.book, seen.move, seen.before
        ended = before.end if before is not None and seen.act is not None else None
        if before is not None and ended is not None and move.action in ROWS:
            proof = reopens(before, move.action, move.at)
            book.struck = as_if_in_time(ended, book).struck if proof else book.struck
        back = seen.after.end.deadline if seen.after.end and move.action == "set_aside" else None
        if back is not None and back.opened_at is not None:
            book.struck.add((back.key, back.opened_at))  # the end that is back was this clock's
        if move.action == "resubmit" and before is not None and before.stage is Stage.CHAIN_REVIEW:
            book.struck.discard(("chain_correction", before.returns[-1].at))
        if move.action == "extend_deadline" and seen.act is not None:
            want = was[move.payload["rule"]]
            day = datetime.fromisoformat(move.payload["ends_on"]).date()
            at, cutoff = midnight_after(day), was.get("chain_cutoff")
            bound = want.rule in UNTIL_THE_CUTOFF and cutoff is not None and not cutoff.struck
            if bound and cutoff is not None and cutoff.ends_on == day:
                at = cutoff.ends_at  # it would end the case at its hour
            allowed = (day, at)
            book.allowed[want.identity] = max(allowed, book.allowed.get(want.identity, allowed))
            book.struck.discard(want.identity)
        if seen.due is not None and seen.due.what == "strike":
            want = was[seen.due.key]
            ends = seen.after.end is not None
            stands = want.rule.value in ("chain_cutoff", "chain_correction", "recheck")
            if ends or stands:
                book.struck.add(want.identity)

    def _runs_its_clocks(
        self, case: Case, now: dict[str, Want], shown: tuple[Deadline, ...] | None
    ) -> None:
        clocks = clocks_of(case)
        _must("pure", shown in (None, clocks), "clocks_of says something else the second time")
        running = {clock.key: clock for clock in clocks}
        asked, runs = set(now), set(running)
        _must("clocks", asked == runs, f"{case.stage}: {runs ^ asked} (asked for {asked})")
        for key, want in now.items():
            clock = running[key]
            same = (clock.ends_on, clock.ends_at, clock.struck, clock.kind) == (
                want.ends_on,
                want.ends_at,
                want.struck,
                want.kind,
            )
            said = f"{clock.ends_on} {clock.ends_at} {clock.struck}"
            _must(
                "clock", same, f"{key} ends {said}, not {want.ends_on} {want.ends_at} {want.struck}"
            )
            _must("clock", clock.opened_at == want.since, f"{key} began at {clock.opened_at}")
        self._sheets_add_up(case, clocks)

    def _sheets_add_up(self, case: Case, clocks: tuple[Deadline, ...]) -> None:
        """The days a sheet counts are working days up to its last, each once."""
        for clock in clocks:
            sure = clock.clause and clock.calendar == case.calendar.version
            _must("sheet", bool(sure), f"{clock.key} has no clause or another calendar")
            days = clock.counted
            ordered = list(days) == sorted(set(days)) and all(day <= clock.ends_on for day in days)
            _must("sheet", ordered, f"{clock.key} counts {days}")

    def _nobody_ends_before_a_told_day(self, seen: Seen, diary: Diary) -> None:
        """No clock ends a case before a day that a letter told the applicant as his."""
        if seen.due is None:
            return
        at = seen.move.at
        for (key, since), until in diary.told_to_applicant.items():
            want = diary.clocks.get(key)
            own = seen.due.key != key and key == "chain_cutoff"  # a term of its own came first
            if want is not None and want.since == since and not own:
                _must("promise", at >= until, f"ended at {at}, {key} was told until {until}")

    def _tell(self, seen: Seen, diary: Diary, now: dict[str, Want]) -> None:
        for order in seen.letters:
            rule, day = order.params.get("rule"), order.params.get("deadline_on")
            if order.to is not Party.APPLICANT or rule is None or day is None:
                continue
            want = now.get(rule)
            if want is None or want.rule not in THE_APPLICANTS:
                continue
            until = diary.told_to_applicant.get(want.identity, want.ends_at)
            diary.told_to_applicant[want.identity] = max(until, want.ends_at)
            kept = str(want.ends_on) == day
            _must("promise", kept, f"{want.key} told {day}, ends {want.ends_on}")

    def _remedy_is_open(self, case: Case) -> None:
        """What a clock ended is re-opened to the last instant its letter names, and not after."""
        end = case.end
        assert end is not None
        if end.closes_at is None or end.deadline is None:
            return
        due = next_due(case.model_copy(update={"asked": []}), 60)
        closes = due is not None and due.what == "close" and due.at == end.closes_at
        _must("remedy", closes, f"closes at {due and due.at}, not {end.closes_at}")
        office = actor_of(case, "office")
        self.agree(case, "reinstate", "office", end.closes_at, Book())
        if end.name in (EndName.COMPLETED, EndName.NOT_PASSED):
            return  # a 复查 that was asked for in time is what re-opens these (decision 0004)
        no = may(case, "reinstate", office, end.closes_at)
        _must("remedy", no is None, f"reinstate is refused at {end.closes_at}: {no}")
        late = may(case, "reinstate", office, end.closes_at + SECOND)
        _must("remedy", late is not None, f"reinstate is offered after {end.closes_at}")

    def _claims(self, seen: Seen) -> None:
        world, case = self.world, seen.after
        assert world is not None
        by_law = claim_by_law(case)
        _must("chance", case.claim == by_law, f"{where(case)}: {case.claim}, not {by_law}")
        slot = claim_slot(case.facts, case.policy)
        holder = world.claims.get((case.policy.year, slot))
        held = holder == seen.life.alias
        _must("chance", held == (by_law == "taken"), f"{where(case)}: the register says {holder}")
        live = [
            life.alias
            for life in world.lives
            if life.case.end is None
            and life.opened
            and life.case.policy.year == case.policy.year
            and life.case.claim == "taken"
        ]
        _must("chance", len(live) <= 1, f"held by {live}")

    def _in_an_inbox(self, seen: Seen) -> None:
        case, command = seen.after, seen.command
        if case.end is not None or command is None:
            return
        shown = command.projection
        _must("holder", shown.holder == holder_of(case), f"{shown.holder} holds, by the page")
        staged = [task for task in shown.tasks if task.key.startswith("stage:")]
        if case.in_meeting and case.stage in (
            Stage.AWAITING_MEETING,
            Stage.IN_REVIEW,
            Stage.RESULT_RECORDED,
            Stage.RESULT_PUBLICITY,
            Stage.AWAITING_CONFIRMATION,
        ):
            _must("inbox", not staged, "a task beside the meeting's")
            return
        holder = holder_of(case)
        mine = [
            task
            for task in staged
            if (task.person == case.person if holder == APPLICANT else task.organisation == holder)
        ]
        _must("inbox", len(mine) == 1 and len(staged) == 1, f"{where(case)}: {staged}")
        keys = {task.key for task in shown.tasks}
        wanted_keys = {f"check:{check.key}" for check in case.checks} | {
            f"inquiry:{item.id}" for item in case.inquiries if item.outcome is None
        }
        _must("inbox", wanted_keys <= keys, f"no task for {wanted_keys - keys}")

    def _holds_what_it_holds(self, seen: Seen, diary: Diary) -> None:
        """Whether an open inquiry holds the way on is asked after every step that it is open (T3)."""
        case = seen.after
        held = HELD.get(case.stage) if case.stage and case.end is None else None
        if held is not None and case.open_inquiries:
            act, word = held
            by = "meeting" if case.in_meeting and word != "unit" else word
            self.agree(case, act, by, seen.move.now, diary.book)

    # Asked from time to time.

    def agree(self, case: Case, act: str, word: str, at: datetime, book: Book) -> bool:
        """What the page offers is what the law offers, and what it withholds has a lawful code.

        Returns whether it is offered.
        """
        actor = actor_of(case, word)
        no, law = may(case, act, actor, at), reasons(case, act, actor, at, book)
        if no is None:
            _must("gate", not law, f"{act} by {word} at {at} is offered in spite of {law}")
            return True
        _must("gate", no.code in law, f"{act} by {word} at {at} is withheld {no.code}, not {law}")
        return False

    def at_the_edges(self, life: Life, diary: Diary) -> None:
        """Each clock's act, at its last instant, a second later, and a second before."""
        case, book = life.case, diary.book
        for want in diary.clocks.values():
            act = EDGES.get((want.rule.value, case.stage)) or EDGES.get((want.rule.value, None))
            if act is None:
                continue
            for at in (want.ends_at - SECOND, want.ends_at, want.ends_at + SECOND):
                self.agree(case, act, holder_word(case), at, book)
        self._urged_again(case, book)
        for item in case.open_inquiries:
            hearing = diary.clocks.get(f"inquiry_response:{item.id}")
            if hearing is not None:
                self._found_when_heard(case, item, hearing, book)
        end = case.end
        if end is not None and end.deadline is not None and end.left_stage is not None:
            proof = PROOFS.get(end.left_stage)
            if proof is None:
                return
            for at in (end.deadline.ends_at, end.deadline.ends_at + SECOND):
                self.agree(case, *proof, at, book)

    def _urged_again(self, case: Case, book: Book) -> None:
        """Whoever was urged is urged again from the second working day, not a second before."""
        last = case.urged.get(holder_of(case)) if case.end is None else None
        if last is None:
            return
        free = after(case.calendar, last, case.policy.limits.urge_every_working_days)
        for at in (midnight_before(free) - SECOND, midnight_before(free)):
            self.agree(case, "urge", "applicant", at, book)

    def _found_when_heard(self, case: Case, item: Inquiry, hearing: Want, book: Book) -> None:
        """Nothing is found against who has not answered before the hearing's last day is over."""
        actor = actor_of(case, BODIES[item.body])
        if not its_body(case, item, actor, hats(case, actor)):
            return
        outcome = InquiryOutcome.SUBSTANTIATED.value
        stated = {"inquiry": item.id, "outcome": outcome, "reason": "核查结论"}
        act = Act(request_id="edge", actor=actor, payload=stated)
        for at, over in ((hearing.ends_at - SECOND, False), (hearing.ends_at, True)):
            if reasons(case, "conclude_inquiry", actor, at, book):
                continue
            try:
                decide(case, "conclude_inquiry", act, at)
                code = None
            except Refused as error:
                code = error.first.code
            _must("heard", code is (None if over else Code.NOT_HEARD), f"{code} at {at}")

    def survives_the_record(self, case: Case) -> None:
        """From the record comes the same case; rules and calendar stand there by version."""
        back = from_record(case)
        closed = case.end is not None and case.end.closes_at is None
        _must("undo", not closed or case.undo is None, "a closed case has something to take back")
        left = {"undo"} if case.end is not None else {"undo", "requests"}
        same = back.model_dump(exclude=left) == case.model_dump(exclude=left)
        _must("record", same, "the record gives back another case")
        _must("record", clocks_of(back) == clocks_of(case), "the record gives back other clocks")
        _must("inbox", project(back) == project(case), "the record gives back another page")

    def nothing_was_left_out(self, life: Life, now: datetime) -> None:
        """Every reminder whose time has come was told, and what nobody confirmed in time waits no more."""
        diary = self.diary(life)
        silence = diary.reminded.faults_of_silence(life.case, diary.clocks, now)
        _none("reminder", silence)
        for want in diary.clocks.values():
            floor = want.kind in (DeadlineKind.LAPSE, DeadlineKind.RIGHT, DeadlineKind.FLOOR)
            strikes = floor and want.rule.value != "inquiry_response" and not want.struck
            gone = strikes and want.ends_at + timedelta(seconds=60) <= now
            _must("strike", not gone, f"{want.key} ended {want.ends_at} and did not strike")
        closed = life.case.end is not None and life.case.end.closes_at is None
        late = now - timedelta(hours=48, minutes=1)
        over = [item.id for item in life.case.asked if item.at <= late and not closed]
        _must("second", not over, f"what nobody confirmed in time still waits: {over}")


THE_APPLICANTS = (
    RuleName.UNIT_CORRECTION,
    RuleName.CHAIN_CORRECTION,
    RuleName.COMMITTEE_CORRECTION,
    RuleName.PAYMENT_WINDOW,
    RuleName.CHAIN_CUTOFF,
    RuleName.RECHECK,
)
"""Terms that a letter tells the applicant as time he or she has."""

EDGES: dict[tuple[str, Stage | None], str] = {
    ("unit_correction", None): "resubmit",
    ("committee_correction", None): "resubmit",
    ("chain_cutoff", Stage.UNIT_REVIEW): "start_publicity",
    ("chain_cutoff", Stage.UNIT_PUBLICITY): "finish_publicity",
    ("chain_cutoff", Stage.CHAIN_REVIEW): "approve",
    ("chain_cutoff", Stage.CHAIN_CORRECTION): "resubmit",
    ("chain_cutoff", Stage.UNIT_CORRECTION): "withdraw",
    ("unit_publicity", None): "finish_publicity",
    ("result_publicity", None): "send_for_confirmation",
    ("intake_duty", Stage.COMMITTEE_INTAKE): "accept",
    ("payment_window", None): "withdraw",
    ("recheck", Stage.RECHECK_WINDOW): "request_recheck",
}
"""The act that a clock stands against, or that waits for it, in a stage."""

HELD: dict[Stage, tuple[str, str]] = {
    Stage.UNIT_PUBLICITY: ("finish_publicity", "unit"),
    Stage.AWAITING_MEETING: ("open_review", "office"),
    Stage.IN_REVIEW: ("record_result", "office"),
    Stage.RESULT_PUBLICITY: ("send_for_confirmation", "office"),
    Stage.AWAITING_CONFIRMATION: ("confirm", "city_office"),
}
"""The way on in a stage in which an inquiry may hold it, and by whom."""

BODIES: dict[InquiryBody, str] = {
    InquiryBody.UNIT: "unit",
    InquiryBody.SUPERIOR: "superior",
    InquiryBody.OFFICE: "office",
    InquiryBody.CITY_OFFICE: "city_office",
}
"""Who speaks for the body that inquires."""

PROOFS: dict[Stage, tuple[str, str]] = {
    Stage.UNIT_CORRECTION: ("resubmit", "applicant"),
    Stage.COMMITTEE_CORRECTION: ("resubmit", "applicant"),
    Stage.CHAIN_CORRECTION: ("resubmit", "applicant"),
    Stage.CHAIN_REVIEW: ("approve", "chain[0]"),
    Stage.UNIT_REVIEW: ("start_publicity", "unit"),
    Stage.UNIT_PUBLICITY: ("finish_publicity", "unit"),
    Stage.RECHECK_WINDOW: ("request_recheck", "applicant"),
}
"""What would re-open a case that a clock ended in a stage, done in time."""


def _must(invariant: str, holds: bool, what: str) -> None:
    if not holds:
        raise Violated(invariant, what)


def _none(invariant: str, faults: list[str]) -> None:
    if faults:
        raise Violated(invariant, "；".join(faults))
