"""Lives of applications as rows: decided by the core itself, then told a million times over.

Whatever differs from case to case is a mark in them; the seeding puts a case's own in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tests.unit import lives
from tests.unit.lives import CLERK, DEPARTMENT, DISTRICT, ITEMS, UNIT, Life
from workflows.application.messages import RecordStep
from workflows.application.recording import commit
from workflows.rules.deadlines import Deadline

CASE, PERSON, DRAFT, CAMPAIGN, NUMBER, MEETING = "@A@", "@P@", "@T@", "@C@", "@N@", "@M@"
PLACES = {"unit": "@U@", "department": "@D@", "district": "@O@", "lc-committee-office": "@F@"}
DUE, SUBMITTED = "@Q@", "@S@"
YEAR, NEXT = "@Y@", "@Z@"
CLOCKS_KEPT, LETTERS_KEPT, TASKS_KEPT = 5, 6, 6
"""Of each case: enough that a list has to look for its rows among many."""

NAMED = re.compile(
    r'("(?:organisation|superior|employer|insured_unit|holder|responsible)":\s?)"'
    f'({"|".join(PLACES)})"'
)

STEP = (
    "application seq realm source name acted_at recorded_at stage_before stage_after end_after"
    " holder_after organisation content content_hash"
)
APPLICATION = (
    "id realm person draft seq campaign route level channel stage end_name end_clause end_reason"
    " end_remedy end_responsible holder submissions due_on due_rule places checks submitted_at"
    " closed version policy_version calendar_version state updated_at"
)
TASK = "application realm key kind organisation person due_on params opened_at closed_at closed_seq"
DEADLINE = (
    "application realm key rule kind starts_on ends_on ends_at clause content holder opened_at"
    " opened_seq struck_at closed_at closed_seq ended campaign"
)
LETTER = (
    "id application realm seq kind party organisation person params state message_id attempts"
    " ordered_at settled_at"
)
DRAFT_COLUMNS = "id realm person campaign facts content_hash application name name_hash"
STAY = "application seq realm campaign holder since until"
CASE_OF = "application organisation realm due submitted closed"
COLUMNS = {
    "application": APPLICATION,
    "step": STEP,
    "task": TASK,
    "deadline": DEADLINE,
    "letter": LETTER,
    "draft": DRAFT_COLUMNS,
    "stay": STAY,
    "case_of": CASE_OF,
}


Row = tuple[str | None, ...]
"""The columns of a row as PostgreSQL reads them."""


@dataclass(frozen=True)
class Lines:
    """One life as rows of text, by table, with marks in them."""

    name: str
    rows: Mapping[str, tuple[Row, ...]]

    def in_season(self, campaign: str, year: int, office: str) -> dict[str, tuple[Row, ...]]:
        """The same life in a campaign; left are the marks that differ from case to case."""
        said = ((YEAR, str(year)), (NEXT, str(year + 1)), (CAMPAIGN, campaign), ("@F@", office))
        return {
            table: tuple(tuple(text and _put(text, said) for text in row) for row in rows)
            for table, rows in self.rows.items()
        }


def _put(text: str, said: Iterable[tuple[str, str]]) -> str:
    for mark, value in said:
        text = text.replace(mark, value)
    return text


def ended_lives() -> list[tuple[int, Lines]]:
    """Ways to an end, each with its share of a hundred."""
    completed = lives.confirmed()
    completed.until("2025-03-10T00:05")
    abandoned = lives.submitted()
    abandoned.act("return_for_correction", UNIT, "2024-10-10T10:00", items=ITEMS, days=2)
    abandoned.until("2024-10-20T00:05")
    refused = lives.at_chain()
    refused.act("reject", DEPARTMENT, "2024-10-18T11:00", reason="text-1")
    refused.until("2024-11-20T00:05")
    return [
        (88, _lines("completed", completed)),
        (6, _lines("abandoned", abandoned)),
        (6, _lines("rejected", refused)),
    ]


def open_lives() -> list[tuple[int, Lines]]:
    """Cases on their way, each with its share of a hundred."""
    returned: dict[str, Any] = {"items": ITEMS, "days": 2}

    def unit_publicity() -> Life:
        life = lives.submitted()
        life.act("start_publicity", UNIT, "2024-10-10T10:00")
        return life

    def unit_correction() -> Life:
        life = lives.submitted()
        life.act("return_for_correction", UNIT, "2024-10-10T10:00", **returned)
        return life

    def district_review() -> Life:
        life = lives.at_chain()
        life.act("approve", DEPARTMENT, "2024-10-18T11:00")
        return life

    def committee_correction() -> Life:
        life = lives.at_committee()
        life.act("return_for_correction", CLERK, "2024-10-22T11:00", **returned)
        return life

    made: list[tuple[int, str, Callable[[], Life]]] = [
        (20, "unit_review", lives.submitted),
        (12, "unit_publicity", unit_publicity),
        (6, "unit_correction", unit_correction),
        (14, "chain_review", lives.at_chain),
        (12, "district_review", district_review),
        (12, "committee_intake", lives.at_committee),
        (4, "committee_correction", committee_correction),
        (6, "awaiting_payment", lives.paying),
        (6, "in_review", lives.in_review),
        (4, "result_publicity", lives.posted),
        (4, "recheck_window", lives.confirmed),
    ]
    assert DISTRICT.organisation in PLACES
    return [(share, _lines(name, make())) for share, name, make in made]


def _lines(name: str, life: Life) -> Lines:
    steps = [commit(move, number) for number, move in enumerate(life.moves, 1)]
    found = {
        "application": [_application(steps)],
        "step": map(_step, steps),
        "task": _tasks(steps),
        "deadline": _deadlines(steps),
        "letter": _letters(steps),
        "draft": [_draft(steps[-1])],
        "stay": _stays(steps),
        "case_of": _concerned(steps[-1]),
    }
    rows = {
        table: tuple(
            tuple(_said(values.get(column), column) for column in COLUMNS[table].split())
            for values in of_table
        )
        for table, of_table in found.items()
    }
    return Lines(name, rows)


def _application(steps: list[RecordStep]) -> dict[str, Any]:
    last = steps[-1]
    now = last.projection
    return now.model_dump(mode="json", include=set(APPLICATION.split())) | {
        "id": CASE,
        "realm": "live",
        "person": PERSON,
        "draft": DRAFT,
        "seq": last.step.seq,
        "channel": "normal",
        "end_name": now.end,
        "due_on": DUE if now.due_on else None,
        "submitted_at": SUBMITTED,
        "policy_version": 1,
        "calendar_version": last.step.calendar_version,
        "state": last.state,
        "checks": [],
        "updated_at": last.step.recorded_at,
    }


def _step(command: RecordStep) -> dict[str, Any]:
    step = command.step
    return step.model_dump(mode="json", include=set(STEP.split())) | {
        "acted_at": step.acted_at,
        "recorded_at": step.recorded_at,
        "holder_after": command.projection.holder,
        "organisation": step.actor.organisation if step.actor else "",
        "content": step.model_dump_json(exclude_defaults=True),
        "content_hash": "\\x00",
    }


def _tasks(steps: list[RecordStep]) -> list[dict[str, Any]]:
    found: dict[tuple[str, int], dict[str, Any]] = {}
    running: dict[str, tuple[str, int]] = {}
    for command in steps:
        at, seq = command.step.recorded_at, command.step.seq
        wanted = {task.key: task for task in command.projection.tasks}
        for key in running.keys() - wanted.keys():
            found[running.pop(key)].update(closed_at=at, closed_seq=seq)
        for key in wanted.keys() - running.keys():
            running[key] = (key, seq)
            task = wanted[key].model_dump(mode="json")
            found[key, seq] = task | {"application": CASE, "realm": "live", "opened_at": at}
    for name in running.values():
        if found[name].get("due_on"):
            found[name]["due_on"] = DUE
    closed = [task for task in found.values() if "closed_at" in task]
    ended = steps[-1].projection.closed  # what is left to print and to file fell away by then
    return closed[:TASKS_KEPT] + ([] if ended else [found[name] for name in running.values()])


def _deadlines(steps: list[RecordStep]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    running: dict[str, dict[str, Any]] = {}
    for command in steps:
        step = command.step
        wanted = {clock.key: clock for clock in command.projection.deadlines}
        for key in running.keys() - wanted.keys():
            struck = step.source == "clock" and step.name == key
            running.pop(key).update(
                closed_at=step.recorded_at,
                closed_seq=step.seq,
                ended="struck" if struck else "met",
                struck_at=step.acted_at if struck else None,
                campaign=CAMPAIGN if struck else None,
            )
        for key in wanted.keys() - running.keys():
            running[key] = _deadline(wanted[key], command)
            found.append(running[key])
    late = [clock for clock in found if clock.get("ended") == "struck"]
    others = [clock for clock in found if clock not in late and clock not in running.values()]
    # One that struck is one that somebody missed: of who came to the end there is none.
    missed = late if steps[-1].step.end_after == "abandoned" or len(steps) < CLOCKS_KEPT else []
    return (missed + others)[:CLOCKS_KEPT] + list(running.values())


def _deadline(clock: Deadline, command: RecordStep) -> dict[str, Any]:
    return clock.model_dump(mode="json", include=set(DEADLINE.split())) | {
        "application": CASE,
        "realm": "live",
        "content": clock.model_dump_json(),
        "holder": command.projection.holder,
        "opened_at": command.step.acted_at,
        "opened_seq": command.step.seq,
    }


def _letters(steps: list[RecordStep]) -> list[dict[str, Any]]:
    found = [
        {
            "id": "",
            "application": CASE,
            "realm": "live",
            "seq": command.step.seq,
            "kind": letter.kind,
            "party": letter.to,
            "organisation": letter.organisation,
            "person": letter.person,
            "params": letter.params,
            "state": "sent",
            "message_id": f"<{CASE}.{number}@example.test>",
            "attempts": 1,
            "ordered_at": command.step.recorded_at,
            "settled_at": command.step.recorded_at,
        }
        for command in steps
        for number, letter in enumerate(command.letters)
    ]
    for number, letter in enumerate(found[:LETTERS_KEPT]):
        letter["id"] = f"{CASE}/{number}"
    return found[:LETTERS_KEPT]


def _stays(steps: list[RecordStep]) -> list[dict[str, Any]]:
    """What a trigger keeps of each case: how long each holder had it."""
    found: list[dict[str, Any]] = []
    held = ""
    for command in steps:
        step, holder = command.step, command.projection.holder
        if holder == held:
            continue
        if held:
            found[-1]["until"] = step.acted_at
        if holder:
            of_case = {"application": CASE, "realm": "live", "campaign": CAMPAIGN}
            found.append(of_case | {"seq": step.seq, "holder": holder, "since": step.acted_at})
        held = holder
    return found


def _concerned(last: RecordStep) -> list[dict[str, Any]]:
    """The same: whom a case concerns by its route."""
    now = last.projection
    return [
        {
            "application": CASE,
            "organisation": place.organisation,
            "realm": "live",
            "due": DUE if now.due_on else "infinity",
            "submitted": SUBMITTED,
            "closed": now.closed,
        }
        for place in now.places
    ]


def _draft(last: RecordStep) -> dict[str, Any]:
    return {
        "id": DRAFT,
        "realm": "live",
        "person": PERSON,
        "campaign": CAMPAIGN,
        "facts": json.dumps(json.loads(last.state)["facts"], ensure_ascii=False),
        "content_hash": "@H@",
        "application": CASE,
        "name": "@X@",
        "name_hash": "@K@",
    }


def _said(value: Any, column: str) -> str | None:
    """A value as PostgreSQL reads it, with marks where cases differ."""
    match value:
        case None:
            return None
        case bool():
            return "t" if value else "f"
        case dict() | list() | tuple():
            value = json.dumps(value, ensure_ascii=False)
        case datetime() | date():
            value = value.isoformat()
        case _:
            value = str(value)
    text: str = value
    if column in ("organisation", "holder", "holder_after"):
        text = PLACES.get(text, text)
    text = NAMED.sub(lambda found: f'{found[1]}"{PLACES[found[2]]}"', text)
    said = (
        ("application-1", CASE),
        ("person-1", PERSON),
        ("draft-1", DRAFT),
        ("lc-2024", CAMPAIGN),
    )
    text = _put(text, (*said, ("2024-pplication-1", NUMBER), ("2025-", f"{NEXT}-")))
    text = text.replace('"meeting":"m"', f'"meeting":"{MEETING}"')
    # What was achieved before stays where it was; only the season moves.
    return re.sub(r"2024-(?=\d\d-\d\d)", f"{YEAR}-", text)
