"""A life that is printed is a scenario file that the rehearsal can read."""

from __future__ import annotations

import tomllib
from random import Random

import pytest

from starter.rehearsal.scenario import Scenario, scenario_of
from tests.lives import telling
from tests.lives.playing import STEPS, Plan, play


def life(number: int) -> Plan:
    """One random life."""
    rng = Random(number)  # noqa: S311 - a fixed choice, not a secret
    return Plan(rng.randrange(2**30), tuple(rng.randrange(1, 2**30) for _ in range(STEPS)))


@pytest.mark.parametrize("number", range(24))
def test_a_printed_life_is_a_scenario(number: int) -> None:
    world = play(life(number)).world

    text = telling.scenario_of(world, "补正期内不得提前结束")
    read: Scenario = scenario_of(tomllib.loads(text), f"life-{number}.toml")

    assert [step.do or step.operate for step in read.step if step.do or step.operate] == [
        line.do or line.operate for line in world.lines
    ]
    assert [step.at for step in read.step[: len(world.lines)]] == [
        line.at.replace(microsecond=0) for line in world.lines
    ]
    assert read.title.endswith("补正期内不得提前结束")


def test_lives_of_the_same_number_are_the_same() -> None:
    first, second = play(life(7)).world, play(life(7)).world

    assert telling.scenario_of(first, "x") == telling.scenario_of(second, "x")
    assert len(first.lines) > 5
