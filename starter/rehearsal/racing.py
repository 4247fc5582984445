"""`one_of`: acts sent at one instant, of which exactly one succeeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from starter.rehearsal.answering import Answer
from workflows.rules.refusals import Code

if TYPE_CHECKING:
    from starter.rehearsal.scenario import Scenario, Step

Numbered = tuple[int, "Step"]
TWO = 2


def race_problems(scenario: Scenario) -> Iterator[tuple[int, str]]:
    """What keeps a race from being one, with the step's number."""
    listed = [(number, step) for number, step in scenario.steps if step.one_of]
    for name in dict.fromkeys(step.one_of for _, step in listed):
        racers = [item for item in listed if item[1].one_of == name]
        first = racers[0][0]
        if len(racers) < TWO:
            yield first, f"one_of：{name} 只有一步，至少须有两步；请核对名称是否一致"
        if len({step.at for _, step in racers}) > 1:
            yield first, f"one_of：{name} 的各步须是同一时间（at）"
        elif len([part for part, _ in races(scenario.steps) if part == name]) > 1:
            yield first, f"one_of：{name} 的各步须连续写在一起"


def races(steps: Sequence[Numbered]) -> Iterator[tuple[str, list[Numbered]]]:
    """The steps in their order: those of one race together, every other one alone."""
    for name, grouped in groupby(steps, lambda item: item[1].one_of):
        together = list(grouped)
        if name:
            yield name, together
        else:
            yield from (("", [alone]) for alone in together)


def verdicts(steps: Sequence[Step], answers: Sequence[Answer]) -> list[list[str]]:
    """For each racer what went otherwise: exactly one is done, each other by a code it lists."""
    done = sum(1 for answer in answers if not answer.refusals)
    found = [_loser(step, answer) for step, answer in zip(steps, answers, strict=True)]
    if done != 1:
        found[0].append(
            f"one_of {steps[0].one_of}：{len(steps)} 步中应恰有 1 步办成，实有 {done} 步"
        )
    return found


def _loser(step: Step, answer: Answer) -> list[str]:
    said = {item.code for item in answer.refusals} - {Code.INELIGIBLE}
    return [
        f"{step.do} 可以 {'、'.join(sorted(step.refused))} 拒绝，实为 {code}"
        for code in sorted(said - set(step.refused))
    ]
