"""What was refused is counted by code where the no leaves: a rule that suddenly says no to many is seen."""

from __future__ import annotations

from collections.abc import Iterable

from temporalio import workflow

from workflows.rules.refusals import Refusal

COUNTER = "zhiping_refused"
"""Told as `zhiping_refused_total{code, by}`; `by`: the writer of a case or a meeting, an operation, or
the desk, which says no before anything is sent."""
WRITER, OPERATION, DESK = "writer", "operation", "desk"


def codes_of(refusals: Iterable[Refusal]) -> list[str]:
    """Each code once, however many reasons have it."""
    return sorted({refusal.code.value for refusal in refusals})


def count_refused(refusals: Iterable[Refusal], by: str = WRITER) -> None:
    """Count a no that a workflow gives; a replay counts nothing again."""
    if not workflow.in_workflow():
        return
    counter = workflow.metric_meter().create_counter(COUNTER, "noes by code")
    for code in codes_of(refusals):
        counter.add(1, {"code": code, "by": by})
