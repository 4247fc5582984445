"""A life played: the ground, then step after step, each from a number of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from tests.lives import choosing
from tests.lives.ground import facts_of
from tests.lives.known import KNOWN
from tests.lives.law.days import UnpublishedYear
from tests.lives.law.gates import reasons, too_old
from tests.lives.people import WORDS, actor_of, holder_word
from tests.lives.stating import Stated, state
from tests.lives.watching import Diary, Violated, Watch
from tests.lives.world import Answer, Life, World, replayed
from workflows.application.decision import decide, may
from workflows.application.recording import state_of
from workflows.rules.facts import Bar
from workflows.rules.names import Stage
from workflows.rules.refusals import Code, Refused
from workflows.writer.messages import Act

STEPS = 44
"""Steps of a life; one whose number is 0 is left out."""
STEPS_AFTER_ALL = 5
"""Steps after every application of the life is closed: what still reaches it."""


@dataclass(frozen=True)
class Plan:
    """A life to be played: a number for its ground and one a step."""

    ground: int
    steps: tuple[int, ...]


def plan_of(ground: int, seed: int, kept: Sequence[int]) -> Plan:
    """A plan of which each step follows from one seed and its place; 0 in `kept` leaves it out.

    Small numbers, which Hypothesis likes, would give few different steps; and a step that is left
    out changes no other, which is how a life that failed is shortened.
    """
    chance = Random(seed)  # noqa: S311
    numbers = [chance.randrange(1, 2**30) for _ in kept]
    steps = (number if keep else 0 for number, keep in zip(numbers, kept, strict=True))
    return Plan(ground, tuple(steps))


CHANCE_GONE = {Code.ALREADY_OPEN: True, Code.YEARLY_CHANCE_USED: False}
"""Why the chance of the year is gone, and whether the application that has it is open."""

AMENDED_UNDER_WAY = (
    Stage.UNIT_CORRECTION,
    Stage.CHAIN_CORRECTION,
    Stage.COMMITTEE_CORRECTION,
    Stage.UNIT_PUBLICITY,
    Stage.RESULT_PUBLICITY,
)
"""Where a term or a publicity runs that somebody was told of."""


@dataclass
class Played:
    """A life that was played, and what it met."""

    world: World
    watch: Watch
    tally: Counter[str] = field(default_factory=Counter)


class Failed(AssertionError):
    """A life in which something did not hold, with the story so far."""

    def __init__(self, world: World, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.world, self.cause = world, cause


def play(plan: Plan) -> Played:
    """Play a life.

    Raises:
        Failed: at the first thing that must hold and does not, or that raised.
    """
    watch = Watch()
    world = World(choosing.ground_of(Random(plan.ground)), watch)  # noqa: S311
    watch.world = world
    played = Played(world, watch, watch.tally)
    try:
        _Player(played).live(plan)
    except UnpublishedYear as cause:
        if not world.ground.without:
            raise Failed(world, cause) from cause
        played.tally["stood still"] += 1  # for want of the year, as the case itself would
    except Exception as cause:
        raise Failed(world, cause) from cause
    return played


class _Player:
    def __init__(self, played: Played) -> None:
        self._played = played
        self._world, self._watch = played.world, played.watch

    def live(self, plan: Plan) -> None:
        rng = Random(plan.ground)  # noqa: S311 - chance that must come again
        self._submit(0, rng)
        after_all = 0
        for number in plan.steps:
            if not number:
                continue
            self._step(Random(number))  # noqa: S311
            over = all(life.closed for life in self._world.lives)
            after_all += over and len(self._world.lives) == len(self._world.ground.applying)
            if after_all > STEPS_AFTER_ALL:
                break
        self._finish(plan)

    def _submit(self, index: int, rng: Random) -> None:
        world = self._world
        made = world.ground.applying[index]
        facts = facts_of(made.way, made.campaign, made.level)
        differences: dict[str, Any] = {}
        if rng.random() < 0.05:
            differences["civil_servant"] = True
        if rng.random() < 0.06:
            day = (world.now + timedelta(days=rng.choice([10, 25, 40]))).date()
            differences["retirement_approved_on"] = day
        if facts.pledged_at is not None and facts.pledged_at > world.now:
            differences["pledged_at"] = world.now
        unverified = rng.choice([0, 0, 0, 1, 2, 32, 33])
        answer = world.submit(made, differences, unverified)
        life = world.life_of(made.alias)
        self._the_chance_is_where_it_says(set(answer.codes), made.alias)
        barred = any(item.code is Code.EXCLUDED_BAR for item in answer.refusals)
        if not answer.refusals and "civil_servant" in differences:
            raise Violated("submission", "a civil servant was let in")
        if barred != any(bar.ends_on >= world.now.date() for bar, _ in world.bars):
            raise Violated("submission", f"bars {world.bars}: {answer.codes}")
        self._watch.diary(life)

    def _step(self, rng: Random) -> None:
        world = self._world
        alive = [life for life in world.lives if life.case.end is None]
        life = rng.choice(alive if alive and rng.random() < 0.8 else world.lives)
        picked = rng.random()
        if life.parked or not life.opened:
            world.run_until(world.now + timedelta(hours=5))
            return
        if rng.random() < 0.12 and any(want.struck for want in self._diary(life).clocks.values()):
            self._amend(life, rng)  # what has struck moves no more, whatever the rules say
        elif life.case.stage in AMENDED_UNDER_WAY and rng.random() < 0.08:
            self._amend(life, rng)  # what was told holds
        elif picked < 0.54:
            self._forward(life, rng)
        elif picked < 0.7:
            self._do(life, choosing.aside(life.case, rng), rng)
        elif picked < 0.77:
            self._do(life, choosing.anything(rng), rng)
        elif picked < 0.86:
            due = world.due(life)
            clocks = self._diary(life).clocks
            self._run(choosing.moment(clocks, due.at if due else None, world.now, rng), rng)
        elif picked < 0.9:
            self._amend(life, rng)
        elif picked < 0.915:
            self._bar(rng)
        elif picked < 0.94 and len(world.lives) < len(world.ground.applying):
            self._submit(1, rng)
        else:
            self._ask(life, rng)

    def _diary(self, life: Life) -> Diary:
        return self._watch.diary(life)

    def _run(self, to: object, rng: Random) -> None:
        world = self._world
        asleep = world.ground.fleet_sleeps and rng.random() < 0.5
        world.run_until(to, asleep=asleep)  # type: ignore[arg-type]
        if world.ground.fleet_sleeps:
            return
        for life in world.lives:
            if life.opened and not life.parked:
                self._watch.nothing_was_left_out(life, world.now)

    def _forward(self, life: Life, rng: Random) -> None:
        chosen = choosing.forward(life.case, self._diary(life).clocks, self._world.now, rng)
        if isinstance(chosen, choosing.Jump):
            self._run(chosen.to, rng)
            return
        # People take their time.
        if rng.random() < 0.3:
            self._run(self._world.now + timedelta(minutes=rng.choice([3, 200, 1440, 3000])), rng)
        self._do(life, chosen, rng)

    def _do(self, life: Life, chosen: choosing.Act, rng: Random) -> None:
        world, case, book = self._world, life.case, self._diary(life).book
        stamp = choosing.stamp(case, self._diary(life).clocks, world.now, rng)
        acted_at = None if chosen.name == "amend" else stamp
        actor = actor_of(case, chosen.by)
        at = min(acted_at, world.now) if acted_at else world.now
        sound = rng.random() < 0.3
        stated = state(case, chosen.name, actor, at, book, rng, sound=sound, now=world.now)
        law = reasons(case, chosen.name, actor, at, book)
        old = too_old(case, acted_at, world.now, actor)
        offered = may(case, chosen.name, actor, at)
        request = f"again-{rng.randrange(3)}" if rng.random() < 0.03 else ""
        answer = world.act(
            life,
            chosen.name,
            chosen.by,
            stated.payload,
            acted_at=acted_at,
            request_id=request,
            signal=rng.random() < 0.1,
        )
        if answer.repeated or (Code.DUPLICATE_CONFLICT in answer.codes and request):
            return
        if answer.by_the_record:
            self._by_the_record(life, answer)
            return
        expected = self._expected(life, chosen, law, old=old, stated=stated)
        self._answered_by_law(chosen, answer, expected, at)
        if answer.refusals and not old and not answer.by_the_record:
            self._the_page_said_so(chosen, answer, offered, stated)
        if not answer.refusals and rng.random() < 0.25:
            self._watch.at_the_edges(life, self._diary(life))
        if not answer.refusals and rng.random() < 0.02:
            self._repeat(life, rng)

    def _expected(
        self, life: Life, chosen: choosing.Act, law: set[Code], *, old: bool, stated: Stated
    ) -> set[Code]:
        if old:
            return {Code.DATE_NOT_ALLOWED}
        if law:
            return law
        return set(stated.flaws)

    def _answered_by_law(
        self, chosen: choosing.Act, answer: Answer, expected: set[Code], at: object
    ) -> None:
        said = set(answer.codes)
        self._played.tally["refused" if said else "done"] += 1
        if said == {Code.CALENDAR_MISSING} and self._world.ground.without:
            return
        if said and not said <= expected:
            raise Violated(
                "answer", f"{chosen.name} by {chosen.by} at {at}: {said}, by law {expected}"
            )
        if expected and not said:
            raise Violated(
                "answer", f"{chosen.name} by {chosen.by} at {at} was done in spite of {expected}"
            )

    def _the_page_said_so(
        self, chosen: choosing.Act, answer: Answer, offered: object, stated: Stated
    ) -> None:
        """What is withheld is refused with the same code and clause; what is offered only for
        what is stated."""
        first = answer.refusals[0]
        if offered is None:
            if not stated.flaws and first.code is not Code.CALENDAR_MISSING:
                raise Violated("page", f"{chosen.name} was offered and is refused {first.code}")
            return
        if offered != first:
            raise Violated("page", f"{chosen.name}: the page says {offered}, the answer {first}")

    def _by_the_record(self, life: Life, answer: Answer) -> None:
        world = self._world
        codes = set(answer.codes)
        if codes == {Code.EXCLUDED_BAR}:
            on = world.now.date()
            known = {bar.id for bar, _ in world.bars}
            if not known or not any(bar.ends_on >= on - timedelta(days=9) for bar, _ in world.bars):
                raise Violated("record", f"barred by {world.bars}")
            keys = {check.key for check in life.case.checks}
            if life.case.end is None and not any(key.startswith("bar:") for key in keys):
                raise Violated("record", "a bar leaves no check for the office")
            return
        if not codes or not codes <= set(CHANCE_GONE):
            raise Violated("record", f"{codes}, the chance is held by {world.claims}")
        self._the_chance_is_where_it_says(codes, life.alias)

    def _the_chance_is_where_it_says(self, codes: set[Code], alias: str) -> None:
        """Whose chance is gone is told whether another application is open or has used it (A20)."""
        holders = set(self._world.claims.values()) - {alias}
        held = [life.case.end is None for life in self._world.lives if life.alias in holders]
        for code, is_open in CHANCE_GONE.items():
            if code in codes and is_open not in held:
                raise Violated("record", f"{codes}, the chance is held by {self._world.claims}")

    def _repeat(self, life: Life, rng: Random) -> None:
        """The same request again is the same answer, and nothing happens."""
        world = self._world
        last = life.steps[-1]
        if last.act is None or last.name in ("amend", "submit") or life.closed:
            return
        before = state_of(life.case)
        answer = world._take(life, last.name, last.act, None, signal=False)
        if not answer.repeated or state_of(life.case) != before:
            raise Violated("repeat", f"{last.name} asked twice: {answer.codes}")

    def _amend(self, life: Life, rng: Random) -> None:
        world, clocks = self._world, self._diary(life).clocks
        if any(life.parked for life in world.lives):
            return
        if rng.random() < 0.5:
            made = rng.choice(world.ground.applying)
            world.amend_policy(choosing.amended_policy(world.policies[made.campaign], clocks, rng))
            return
        changed = choosing.amended_calendar(
            world.calendar, clocks, world.now, len(world.lines), rng
        )
        if changed is not None:
            world.amend_calendar(*changed)

    def _bar(self, rng: Random) -> None:
        world = self._world
        if len(world.bars) < 2:
            bar = Bar(ends_on=choosing.last_day_of_bar(world.now, rng), id=f"{len(world.bars) + 1}")
            world.enter_bar(bar, world.now.date())

    def _ask(self, life: Life, rng: Random) -> None:
        """Questions that leave no trace: the page's offers, the edges, the record."""
        case, book, now = life.case, self._diary(life).book, self._world.now
        picked = rng.randrange(3)
        if picked == 0:
            self._watch.survives_the_record(case)
        elif picked == 1:
            self._watch.at_the_edges(life, self._diary(life))
        else:
            for _ in range(4):
                chosen = choosing.anything(rng)
                offered = self._watch.agree(case, chosen.name, chosen.by, now, book)
                self._decide_alike(life, chosen, rng, offered=offered)
            for word in rng.sample(WORDS, 2):
                self._watch.agree(case, choosing.aside(case, rng).name, word, now, book)
            for name in ("extend_deadline", "set_aside", "urge", "return_for_correction"):
                for word in (
                    "office",
                    "unit",
                    "applicant",
                    holder_word(case) if case.stage else "",
                ):
                    self._watch.agree(case, name, word, now, book)

    def _decide_alike(
        self, life: Life, chosen: choosing.Act, rng: Random, *, offered: bool
    ) -> None:
        """What is offered is accepted with a sound payload, what is withheld refused alike."""
        case, now = life.case, self._world.now
        actor = actor_of(case, chosen.by)
        book = self._diary(life).book
        stated = state(case, chosen.name, actor, now, book, rng, sound=True, now=now)
        act = Act(request_id="preview", actor=actor, payload=stated.payload)
        try:
            decide(case, chosen.name, act, now)
        except Refused as error:
            if offered and not stated.flaws and not self._world.ground.without:
                raise Violated("page", f"{chosen.name} offered, {error.first.code}") from None
            no = may(case, chosen.name, actor, now)
            if not offered and no != error.first:
                raise Violated("page", f"{chosen.name}: {no}, {error.first}") from None
            return
        if not offered:
            raise Violated("page", f"{chosen.name} by {chosen.by} withheld and done")
        if stated.flaws:
            raise Violated("page", f"{chosen.name} done in spite of {stated.flaws}")

    def _finish(self, plan: Plan) -> None:
        """At the end of the story: the record, and the steps once more from the first."""
        for life in self._world.lives:
            if not life.opened:
                continue
            self._watch.survives_the_record(life.case)
            if plan.ground % 10 == 0:
                again = replayed(life)
                if again is not None and not life.closed and state_of(again) != state_of(life.case):
                    raise Violated("replay", "the recorded steps give another case")
        if KNOWN:
            self._played.tally["known"] += len(KNOWN)
