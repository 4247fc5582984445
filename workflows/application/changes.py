"""What a step sends to the record: only what changed since the step before it in the same run."""

from __future__ import annotations

import json

from workflows.application.messages import RecordStep
from workflows.rules.difference import difference


def since(before: RecordStep | None, whole: RecordStep) -> RecordStep:
    """The step with the tasks, deadlines and state that changed; whole where nothing went before.

    A clock that struck is always told: that it did is written beside its deadline.
    """
    if before is None:
        return whole
    was, now = before.projection, whole.projection
    known_tasks = {task.key: task for task in was.tasks}
    known_clocks = {clock.key: clock for clock in was.deadlines}
    struck = whole.step.name if whole.step.source == "clock" else ""
    projection = now.model_copy(
        update={
            "tasks": tuple(task for task in now.tasks if known_tasks.get(task.key) != task),
            "deadlines": tuple(
                clock
                for clock in now.deadlines
                if known_clocks.get(clock.key) != clock or clock.key == struck
            ),
        }
    )
    changed = difference(json.loads(before.state), json.loads(whole.state))
    return whole.model_copy(
        update={
            "projection": projection,
            "state": json.dumps(changed, ensure_ascii=False),
            "changes": True,
            "tasks_gone": tuple(sorted(known_tasks.keys() - {task.key for task in now.tasks})),
            "deadlines_gone": tuple(
                sorted(known_clocks.keys() - {clock.key for clock in now.deadlines})
            ),
        }
    )
