"""Random lives: what must hold of every application, whatever is done to it in whatever order.

`ZHIPING_LIVES` says how many are played and `ZHIPING_LIVES_SEED` which; `make check-lives` plays
many more. A life that fails is shortened by Hypothesis and printed as a scenario file.
"""

from __future__ import annotations

import os
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.lives.known import KNOWN
from tests.lives.playing import STEPS, Failed, Plan, plan_of, play
from tests.lives.telling import scenario_of
from workflows.application.catalogue import CATALOGUE
from workflows.rules.names import EndName, Stage

LIVES = int(os.environ.get("ZHIPING_LIVES", "1000"))
SHRINK = os.environ.get("ZHIPING_LIVES_SHRINK", "yes") != "no"
"""Off where only the verdict counts, as for the mutants."""
SEED = int(os.environ.get("ZHIPING_LIVES_SEED", "7"))
ENOUGH = 1_000
"""From so many lives on every stage, end and act must have been met."""


def number(bits: int) -> st.SearchStrategy[int]:
    """A number out of coin tosses. Into its own integers Hypothesis mixes constants of whatever
    modules the process has imported: the same seed would play other lives beside other tests."""
    tosses = st.lists(st.booleans(), min_size=bits, max_size=bits)
    return tosses.map(lambda tossed: int("".join(map(str, map(int, tossed))), 2))


plans = st.builds(
    plan_of,
    ground=number(40),
    seed=number(40),
    kept=st.lists(number(4), min_size=STEPS, max_size=STEPS),
)


def test_what_must_hold_of_every_life_holds_of_random_lives() -> None:
    tally: Counter[str] = Counter()

    @seed(SEED)
    @settings(
        max_examples=LIVES,
        deadline=None,
        database=None,
        print_blob=False,
        phases=(Phase.generate, Phase.shrink) if SHRINK else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(plans)
    def every_life(plan: Plan) -> None:
        tally["lives"] += 1
        try:
            tally.update(play(plan).tally)
        except Failed as failed:
            raise AssertionError(told(failed, plan)) from failed

    every_life()

    print(table(tally))
    if LIVES >= ENOUGH:
        assert missed(tally) == []


def test_the_core_is_known_to_do_nothing_otherwise() -> None:
    assert dict(KNOWN) == {}


def told(failed: Failed, plan: Plan) -> str:
    """A failure with the life as a scenario file, to be kept and played by `zhiping rehearse`."""
    story = scenario_of(failed.world, str(failed))
    return f"{failed}\n\n{plan}\n\n----- scenario file -----\n{story}-----"


def missed(tally: Counter[str]) -> list[str]:
    """Stages, ends and acts that no life met."""
    stages = [stage.value for stage in Stage if not tally[stage.value]]
    ends = [end.value for end in EndName if not tally[f"end:{end.value}"]]
    untold = {"submit", "nudge"}
    acts = [name for name in CATALOGUE if name not in untold and not tally[f"act:{name}"]]
    return stages + ends + acts


def table(tally: Counter[str]) -> str:
    """What the lives met, as people read it."""
    rows = [f"{tally['lives']} lives, {tally['step:act']} acts, {tally['step:clock']} strikes"]
    rows += [f"  {stage.value:<24}{tally[stage.value]:>8}" for stage in Stage]
    rows += [f"  {end.value:<24}{tally[f'end:{end.value}']:>8}" for end in EndName]
    rows += [f"  {name:<24}{tally[f'act:{name}']:>8}" for name in CATALOGUE]
    return "\n".join(rows)
