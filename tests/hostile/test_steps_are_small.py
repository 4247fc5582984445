"""A step tells what changed: hundreds of inquiries cost no step more than the one it is about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.database import Pool
from activities.records import CaseRecords
from tests.unit.lives import CLERK, UNIT, Life, moment, posted, submitted
from tests.workflow.season import APPLICANT, whole_again
from workflows.application.changes import since
from workflows.application.messages import RecordStep
from workflows.application.recording import commit
from workflows.rules.difference import difference, patched
from workflows.rules.policy import Recall
from workflows.rules.refusals import Code
from workflows.writer.messages import Actor

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text("ab", max_size=3),
    lambda part: st.lists(part, max_size=5) | st.dictionaries(st.text("abc", max_size=2), part),
    max_leaves=20,
)
PUBLIC = Actor(person="visitor-1", role="public")
SMALL = 6_000
"""Bytes; a complaint's step with its two clocks is about four thousand."""


@given(JSON, JSON)
def test_what_changed_makes_the_later_value_of_the_earlier(before: Any, after: Any) -> None:
    told = json.loads(json.dumps(difference(before, after)))

    assert json.dumps(patched(before, told), sort_keys=True) == json.dumps(after, sort_keys=True)
    assert difference(before, before) == {}


class Recorded(Life):
    """A life whose steps are kept as they went to the record: whole, and as what changed."""

    def __init__(self, life: Life) -> None:
        super().__init__(life.case)
        first = commit(life.moves[0], life.case.seq)
        self.whole, self.sent = [first], [first]

    def _take(self, move: Any) -> Any:
        command = commit(move, self.case.seq + 1)
        self.sent.append(since(self.whole[-1], command))
        self.whole.append(command)
        self.moves.append(move)
        self.case = move.case
        return move


def many_complaints(count: int) -> Recorded:
    """So many complaints, a few a day, in a notice that lets them all in."""
    limits = Recall(assumed="test", inquiries_a_day=100, inquiry_letters_a_day=3)
    life = Recorded(submitted(limits=limits))
    at = moment("2024-10-10T09:30")
    for number in range(count):
        at += timedelta(minutes=5)
        stated = {"text": f"text-{number}"}
        life.act("file_complaint", PUBLIC, at.strftime("%Y-%m-%dT%H:%M"), **stated)
    return life


def test_a_step_among_hundreds_of_inquiries_is_as_small_as_the_first() -> None:
    life = many_complaints(99)
    life.act("start_publicity", UNIT, "2024-10-10T18:00")
    sizes = [len(step.model_dump_json()) for step in life.sent[1:]]

    assert len(life.case.inquiries) == 99
    assert max(sizes) < SMALL, sizes
    assert len(life.whole[-1].model_dump_json()) > 100_000, "carried whole it would not be"


def test_the_whole_is_made_again_of_what_was_told() -> None:
    life = many_complaints(12)
    life.act("start_publicity", UNIT, "2024-10-10T18:00")
    stated = {"inquiry": "3", "outcome": "unfounded", "reason": "text-9"}
    life.act("conclude_inquiry", CLERK, "2024-10-11T09:00", **stated)
    life.act("withdraw", APPLICANT, "2024-10-11T10:00", reason="text-9")
    made = life.whole[0]
    for told, whole in zip(life.sent[1:], life.whole[1:], strict=True):
        made = whole_again(made, told)
        assert json.loads(made.state) == json.loads(whole.state)
        assert _by_key(made) == _by_key(whole)
        assert (made.step, made.letters, made.checks) == (whole.step, whole.letters, whole.checks)


def _by_key(command: RecordStep) -> tuple[dict[str, Any], dict[str, Any]]:
    shown = command.projection
    return (
        {task.key: task for task in shown.tasks},
        {clock.key: clock for clock in shown.deadlines},
    )


def _renamed(commands: list[RecordStep], name: str) -> Iterator[RecordStep]:
    for command in commands:
        step = command.step.model_copy(update={"application": name, "realm": "live"})
        yield command.model_copy(update={"step": step, "draft": "", "claim": "keep", "letters": ()})


@pytest.mark.integration
async def test_the_record_is_the_same_whichever_way_it_is_told(
    pool: Pool, records: CaseRecords
) -> None:
    life = many_complaints(4)
    life.act("start_publicity", UNIT, "2024-10-10T18:00")
    life.until("2024-10-18T10:00")
    life.act("finish_publicity", UNIT, "2024-10-18T10:00")
    life.act("withdraw", APPLICANT, "2024-10-19T10:00", reason="text-9")
    for name, commands in (("whole", life.whole), ("told", life.sent)):
        for command in _renamed(commands, name):
            await records.record_step(command)

    for table, columns in (
        ("task", "key, kind, organisation, due_on, opened_at, closed_at, closed_seq, params"),
        ("deadline", "key, starts_on, ends_on, opened_seq, closed_seq, ended, struck_at, content"),
        ("application", "seq, stage, end_name, due_on, due_rule, holder, state"),
    ):
        of = "id" if table == "application" else "application"
        rows = {
            name: [
                tuple(row)
                for row in await pool.fetch(
                    f"SELECT {columns} FROM {table} WHERE {of} = $1 ORDER BY 1, 2, 3, 4, 5", name
                )
            ]
            for name in ("whole", "told")
        }
        assert rows["whole"] == rows["told"]
        assert rows["whole"]


def test_so_many_a_day_of_one_case_and_of_one_sender_and_three_letters() -> None:
    life = submitted()
    accuser = Actor(person="王五")
    for number in range(3):
        life.act("file_complaint", accuser, f"2024-10-10T10:0{number}", text="text-1")
    late = life.refused("file_complaint", accuser, "2024-10-10T10:10", text="text-1")
    for number in range(7):
        life.act("file_complaint", PUBLIC, f"2024-10-10T11:0{number}", text="text-1")
    full = life.refused("file_complaint", PUBLIC, "2024-10-10T12:00", text="text-1")
    stated_earlier = life.refused(
        "file_complaint", PUBLIC, "2024-10-09T12:00", came="2024-10-10T12:05", text="text-1"
    )
    letters = [order for move in life.moves for order in move.letters]
    to_office = [order for order in letters if order.to == "office"]

    assert (late, full, stated_earlier) == (Code.TOO_MANY_TODAY,) * 3
    assert len(life.case.inquiries) == 10
    assert len(to_office) == 3
    assert to_office[-1].params["last_today"] == "1"
    life.act("file_complaint", accuser, "2024-10-11T00:01", text="text-1")
    assert len(life.case.inquiries) == 11


def test_objections_are_limited_like_complaints() -> None:
    life = posted()
    for number in range(10):
        life.act("raise_objection", PUBLIC, f"2024-12-11T10:0{number}", text="text-1")

    full = life.refused("raise_objection", PUBLIC, "2024-12-11T11:00", text="text-1")
    assert full is Code.TOO_MANY_TODAY
