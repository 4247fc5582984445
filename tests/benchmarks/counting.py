"""What a history costs: its events and billable actions by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

REHEARSALS_OWN = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
    }
)
"""Events that only moving a clock by hand makes."""

PREFIX = "EVENT_TYPE_"


@dataclass(frozen=True)
class Kind:
    """One kind of thing in a history: its events, which of them is billed, and how to have fewer."""

    name: str
    events: tuple[str, ...]
    billed: str
    cheaper: str


LOCAL = Kind(
    "local activity",
    ("MARKER_RECORDED",),
    "",
    "billed by workflow task: one action for all of a task's",
)

KINDS = (
    Kind(
        "workflow task",
        ("WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED"),
        "",
        "one a step, which the message or the timer begins and in which it is recorded",
    ),
    Kind(
        "activity",
        ("ACTIVITY_TASK_SCHEDULED", "ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_COMPLETED"),
        "ACTIVITY_TASK_SCHEDULED",
        "only the gateways' verification: it may take seconds",
    ),
    Kind(
        "update",
        ("WORKFLOW_EXECUTION_UPDATE_ACCEPTED", "WORKFLOW_EXECUTION_UPDATE_COMPLETED"),
        "WORKFLOW_EXECUTION_UPDATE_ACCEPTED",
        "a person's act; a batch may send signals (1 event, no answer)",
    ),
    Kind("signal", ("WORKFLOW_EXECUTION_SIGNALED",), "WORKFLOW_EXECUTION_SIGNALED", "none needed"),
    Kind(
        "timer",
        ("TIMER_STARTED", "TIMER_FIRED", "TIMER_CANCELED"),
        "TIMER_STARTED",
        "what is due next has changed: one is cancelled and another set",
    ),
    LOCAL,
    Kind(
        "start and end",
        (
            "WORKFLOW_EXECUTION_STARTED",
            "WORKFLOW_EXECUTION_COMPLETED",
            "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
        ),
        "WORKFLOW_EXECUTION_STARTED",
        "once a run",
    ),
)


@dataclass(frozen=True)
class Cost:
    """Events of one or several runs by type, without the rehearsal's own, and retried attempts."""

    counts: Counter[str]
    retries: int
    own: int
    noted: int
    """Workflow tasks that had local activities: all of one task's are one action."""

    @property
    def events(self) -> int:
        """All that count against the limits of a history."""
        return sum(self.counts.values())

    @property
    def actions(self) -> int:
        """What Temporal Cloud would bill."""
        billed = sum(self.counts[kind.billed] for kind in KINDS if kind.billed)
        return billed + self.retries + self.noted

    def number(self, *types: str) -> int:
        """How many events there are of some types."""
        return sum(self.counts[name] for name in types)

    def table(self) -> str:
        """One line for each kind of thing."""
        lines = [f"  {'kind':<18}{'number':>7}{'events':>8}{'share':>7}{'actions':>9}  cheaper by"]
        for kind in KINDS:
            events = self.number(*kind.events)
            if events:
                billed = self.counts[kind.billed] if kind.billed else 0
                if kind is LOCAL:
                    billed = self.noted
                number = self.counts[kind.events[0]]
                share = f"{events / self.events:.0%}"
                lines.append(
                    f"  {kind.name:<18}{number:>7}{events:>8}{share:>7}{billed:>9}  {kind.cheaper}"
                )
        known = {name for kind in KINDS for name in kind.events}
        if others := {name: n for name, n in self.counts.items() if name not in known}:
            lines.append(f"  {'other':<18}{'':>7}{sum(others.values()):>8}  {dict(others)}")
        return "\n".join(lines)


def cost_of(runs: Iterable[Sequence[HistoryEvent]]) -> Cost:
    """Count the events of all runs of one case."""
    counts: Counter[str] = Counter()
    retries = own = 0
    noted: set[tuple[int, int]] = set()
    for number, event in ((number, event) for number, run in enumerate(runs) for event in run):
        if event.event_type in REHEARSALS_OWN:
            own += 1
            continue
        counts[EventType.Name(event.event_type).removeprefix(PREFIX)] += 1
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED:
            task = event.marker_recorded_event_attributes.workflow_task_completed_event_id
            noted.add((number, task))
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            retries += event.activity_task_started_event_attributes.attempt - 1
    return Cost(counts, retries, own, len(noted))


def empty_alarms(events: Sequence[HistoryEvent]) -> int:
    """Timers that fired and whose workflow task started nothing: the case looked and slept on."""
    found, rang = 0, False
    for event in events:
        name = EventType.Name(event.event_type).removeprefix(PREFIX)
        if name == "TIMER_FIRED":
            rang = True
        elif name in ("MARKER_RECORDED", "ACTIVITY_TASK_SCHEDULED", "WORKFLOW_EXECUTION_UPDATE_ACCEPTED",
                      "WORKFLOW_EXECUTION_COMPLETED"):  # fmt: skip
            rang = False
        elif name == "TIMER_STARTED" and rang:
            found, rang = found + 1, False
    return found
