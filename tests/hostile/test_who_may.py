"""Every actor at every door for every act in every stage, against one table of who may: no difference.

The table is restated from the law (`who_may.toml`), and so are the hats an actor wears
(`tests/lives/people.py`); neither is read from the catalogues.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload as Bytes

from tests.lives.people import WORDS, actor_of, hats
from tests.unit.lives import sample
from tests.unit.test_meeting_law import Table, posted, signed
from workflows.application.case import Case
from workflows.application.catalogue import CATALOGUE
from workflows.application.decision import decide, may
from workflows.application.messages import Published
from workflows.meeting import decision as meeting_decision
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.meeting import Meeting
from workflows.rules.refusals import Code, Refused
from workflows.writer.inbox import read_act
from workflows.writer.messages import Act, Actor
from workflows.writer.vouchers import SYSTEM_ROLES, Voucher

TABLE: dict[str, dict[str, dict[str, list[str]]]] = tomllib.loads(
    Path(__file__).with_name("who_may.toml").read_text(encoding="utf-8")
)
CASES = sample()
MEETINGS = {
    "drawn": Table().meeting,
    "signed": signed(passed=3).meeting,
    "posted": posted(passed=3).meeting,
}
STATED: dict[str, Any] = {"reason": "text-1", "text": "text-1", "outcome": "unfounded"}
"""What some acts are content with: an act that must not be done is tried in earnest."""


def outcome_on_case(case: Case, name: str, actor: Actor, at: datetime) -> set[str]:
    """How the page and the writer answer the act: `may`, `done`, or the codes."""
    published = Published(policy=case.policy, calendar=case.calendar)
    no = may(case, name, actor, at)
    found = {"may" if no is None else no.code.value}
    try:
        decide(case, name, through_the_door(name, actor, CATALOGUE), at, published=published)
    except Refused as error:
        return found | {error.first.code.value}
    return found | {"done"}


def outcome_in_meeting(meeting: Meeting, name: str, actor: Actor, at: datetime) -> set[str]:
    """The same in a meeting."""
    try:
        act = through_the_door(name, actor, MEETING_CATALOGUE)
        meeting_decision.decide(meeting, name, act, at)
    except Refused as error:
        return {error.first.code.value}
    return {"done"}


def through_the_door(name: str, actor: Actor, known: Any) -> Act:
    """As the message comes in, by the door that vouches for such an actor in live work."""
    fields = known[name].payload.model_fields
    stated = {key: value for key, value in STATED.items() if key in fields}
    act = Act(request_id="r-1", actor=actor, payload=stated)
    voucher = Voucher.WORKERS if actor.role in SYSTEM_ROLES else Voucher.GATEWAY
    return read_act(name, Bytes(data=act.model_dump_json().encode()), voucher, known, live=True)


def differences(
    worn: frozenset[str], rows: dict[str, dict[str, list[str]]], name: str, found: set[str]
) -> str:
    """What is not as the table says; empty where all is."""
    exact = name in rows["only"]
    allowed = set(rows["only"].get(name, rows["among"].get(name, [])))
    wears = "anyone" in allowed or bool(worn & allowed)
    if not wears and found & {"done", "may"}:
        return "done by whom the table does not name"
    if exact and wears and Code.NOT_ENTITLED.value in found:
        return "not entitled, though the table names him"
    return ""


def people_of(case: Case) -> Iterator[tuple[str, Actor, frozenset[str]]]:
    """Everybody there is, and some who only look like it."""
    for word in WORDS:
        actor = actor_of(case, word)
        yield word, actor, hats(case, actor)
    office = case.policy.committee.office
    for name, actor in {
        "supervisor elsewhere": Actor(person="x", organisation="elsewhere", role="supervisor"),
        "operations' word without its body": Actor(person="x", organisation="operations"),
        "an office's name as a person": Actor(person=office),
        "an office's name as a role": Actor(person="x", role=office),
        "a meeting's name as a person": Actor(person=f"meeting:{case.meeting}"),
        "nobody": Actor(person=""),
        "applicant at the office": Actor(
            person=case.person, organisation=office, role="supervisor"
        ),
    }.items():
        yield name, actor, hats(case, actor)


def moment_of(case: Case) -> datetime:
    times = [at for at in (case.arrived_at, case.end.at if case.end else None) if at is not None]
    return max(times) + timedelta(minutes=5)


def test_the_table_names_every_act() -> None:
    for rows, known in ((TABLE["case"], CATALOGUE), (TABLE["meeting"], MEETING_CATALOGUE)):
        named = [name for kind in rows.values() for name in kind]
        assert sorted(named) == sorted(known)


@pytest.mark.parametrize("stage", list(CASES))
def test_on_a_case_only_whom_the_table_names(stage: str) -> None:
    case, rows = CASES[stage], TABLE["case"]
    at = moment_of(case)

    found = [
        (word, name, difference, sorted(answers))
        for word, actor, worn in people_of(case)
        for name in CATALOGUE
        if (answers := outcome_on_case(case, name, actor, at))
        and (difference := differences(worn, rows, name, answers))
    ]

    assert found == []


@pytest.mark.parametrize("phase", list(MEETINGS))
def test_in_a_meeting_only_whom_the_table_names(phase: str) -> None:
    meeting, rows = MEETINGS[phase], {"among": {}, **TABLE["meeting"]}
    at = datetime.fromisoformat("2023-12-15T10:00:00+08:00")
    office, city = meeting.committee.office, meeting.committee.city_office
    people: dict[Actor, frozenset[str]] = {}
    for role in ("", "member", "supervisor"):
        worn = {"office", "supervisor"} if role == "supervisor" else {"office"}
        people[Actor(person="clerk", organisation=office, role=role)] = frozenset(worn)
        people[Actor(person="clerk", organisation=city, role=role)] = frozenset({"city"})
        people[Actor(person="clerk", organisation="elsewhere", role=role)] = frozenset()
    for role in ("operations", "system"):
        people[Actor(person="x", role=role)] = frozenset({role})
    people |= {
        Actor(person="anyone", role="anyone"): frozenset(),
        Actor(person=office): frozenset(),
        Actor(person=meeting.seats[0].person): frozenset(),
        Actor(person=f"meeting:{meeting.meeting}", role="meeting"): frozenset(),
    }

    found = [
        (actor, name, difference, sorted(answers))
        for actor, worn in people.items()
        for name in MEETING_CATALOGUE
        if (answers := outcome_in_meeting(meeting, name, actor, at))
        and (difference := differences(worn, rows, name, answers))
    ]

    assert found == []
