"""A draw that pleases: foreseen from what a run shows, repeated until it fits, or made by one alone."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner

from starter.cli import zhiping
from tests.workflow.season import beijing, member, the_calendar, the_policy
from tests.workflow.sitting import CITY, COMMITTEE, OFFICE, the_pool
from workflows.meeting.decision import decide, let_strike, may
from workflows.meeting.meeting import Meeting, Phase
from workflows.meeting.messages import DrawSeats, MeetingStepRecorded, OrderDraw
from workflows.meeting.move import MeetingMove
from workflows.meeting.projection import tasks
from workflows.meeting.recording import adopt
from workflows.meeting.strikes import next_due
from workflows.rules.draw import (
    DrawFault,
    Drawn,
    DrawRecord,
    commitment_to,
    drawn_again,
    faults_of,
    fingerprint,
    pool_of,
    seed_of,
)
from workflows.rules.names import Party
from workflows.rules.refusals import Code, Refused
from workflows.writer.messages import Act, Actor

FIRST, SECOND = member(OFFICE, person="wang"), member(OFFICE, person="zhao")
CLERK = member(CITY, person="qian")
VALUE, OTHER = "a1" * 32, "b2" * 32
NOW = "2023-12-06T15:00"


class Table:
    """A planned meeting whose record answers a draw with this chance."""

    def __init__(self, chance: str = "c3" * 32) -> None:
        self.chance = chance
        self.moves: list[MeetingMove] = []
        self.meeting = Meeting(
            meeting="meeting-0190",
            number="2023-BD-01",
            committee=COMMITTEE,
            policy=the_policy("bd-2023"),
            calendar=the_calendar(),
            days=(date(2023, 12, 8),),
            phase=Phase.PLANNED,
        )

    def act(self, name: str, actor: Actor, at: str = NOW, **payload: Any) -> MeetingMove:
        said = Act(request_id="r", actor=actor, payload=payload)
        move = decide(self.meeting, name, said, beijing(f"{at}:00"))
        self.moves.append(move)
        self.meeting = adopt(move, self._answer(move))
        return move

    def refused(self, name: str, actor: Actor, at: str = NOW, **payload: Any) -> Code:
        with pytest.raises(Refused) as no:
            self.act(name, actor, at, **payload)
        return no.value.first.code

    def drawn(self, by: Actor = FIRST, value: str = VALUE) -> None:
        self.act("commit_draw", CLERK, commitment=commitment_to(value))
        self.act("draw", by)
        self.act("reveal_draw", CLERK, value=value)

    def redrawn(self, value: str = OTHER) -> None:
        self.act("request_redraw", FIRST, reason="text-1")
        self.drawn(SECOND, value)

    def _answer(self, move: MeetingMove) -> MeetingStepRecorded:
        match move.change:
            case OrderDraw() as order:
                made = Drawn(
                    number=order.number,
                    commitment=order.commitment,
                    random=self.chance,
                    on=order.on,
                    seats=order.seats,
                    spares=order.spares,
                    pool=fingerprint(the_pool()),
                )
                return MeetingStepRecorded(seq=0, drawn=made)
            case DrawSeats() as change:
                seats = drawn_again(change.drawn, pool_of(the_pool()))
                return MeetingStepRecorded(seq=0, drawn=change.drawn, seats=seats)
        return MeetingStepRecorded(seq=0)


def a_record(**more: Any) -> DrawRecord:
    """A draw as it is published."""
    random = "c3" * 32
    drawn = Drawn(
        number=1,
        commitment=commitment_to(VALUE),
        random=random,
        value=VALUE,
        seed=seed_of(random, VALUE),
        on=date(2023, 12, 8),
        seats=11,
        spares=3,
        pool=fingerprint(the_pool()),
    )
    seats = drawn_again(drawn, pool_of(the_pool()))
    stated = {"meeting": "meeting-0190", "drawn": drawn, "experts": pool_of(the_pool())}
    stated |= {"seats": tuple(seat.expert for seat in seats)}
    return DrawRecord.model_validate(stated | more)


def test_nothing_a_run_shows_before_the_reveal_tells_who_is_drawn() -> None:
    """The same order, the same chance: another value of the other office is another draw."""
    one, other = Table(), Table()
    for table, value in ((one, VALUE), (other, OTHER)):
        table.act("commit_draw", CLERK, commitment=commitment_to(value))
        table.act("draw", FIRST)
        assert table.meeting.seats == []
        assert table.meeting.phase is Phase.PLANNED
        assert VALUE not in table.meeting.model_dump_json()
    one.act("reveal_draw", CLERK, value=VALUE)
    other.act("reveal_draw", CLERK, value=OTHER)

    assert [seat.expert for seat in one.meeting.seats] != [s.expert for s in other.meeting.seats]


def test_the_value_alone_foresees_nothing_either() -> None:
    one, other = Table("c3" * 32), Table("d4" * 32)
    one.drawn()
    other.drawn()

    assert [seat.expert for seat in one.meeting.seats] != [s.expert for s in other.meeting.seats]


def test_the_workflow_brings_no_chance_of_its_own() -> None:
    """What `workflow.uuid4` gives follows from the run's id: no move asks for it."""
    table = Table()
    table.act("commit_draw", CLERK, commitment=commitment_to(VALUE))

    change = table.act("draw", FIRST).change

    assert isinstance(change, OrderDraw)
    assert {"seed", "random"} & set(type(change).model_fields) == set()


def test_no_draw_before_the_other_office_has_committed_itself() -> None:
    table = Table()

    assert table.refused("draw", FIRST) is Code.DRAW_NOT_COMMITTED
    assert table.refused("commit_draw", FIRST, commitment="0" * 64) is Code.NOT_ENTITLED
    assert table.refused("commit_draw", CLERK, commitment="short") is Code.MALFORMED_PAYLOAD


def test_a_value_is_not_chosen_after_chance_was_taken() -> None:
    table = Table()
    table.act("commit_draw", CLERK, commitment=commitment_to(VALUE))
    table.act("draw", FIRST)

    assert table.refused("reveal_draw", CLERK, value=OTHER) is Code.COMMITMENT_BROKEN
    assert table.refused("reveal_draw", FIRST, value=VALUE) is Code.NOT_ENTITLED


def test_nobody_plays_both_offices() -> None:
    both = member(CITY, person="wang")
    table = Table()
    table.act("commit_draw", both, commitment=commitment_to(VALUE))
    assert table.refused("draw", FIRST) is Code.SECOND_PERSON_REQUIRED
    table.act("draw", SECOND)
    as_zhao = CLERK.model_copy(update={"human": SECOND.human})
    assert table.refused("reveal_draw", as_zhao, value=VALUE) is Code.SECOND_PERSON_REQUIRED


def test_what_a_draw_depends_on_stands_still_until_the_reveal() -> None:
    table = Table()
    table.act("commit_draw", CLERK, commitment=commitment_to(VALUE))
    table.act("draw", FIRST)

    assert table.refused("move_meeting", FIRST, days=["2023-12-11"], reason="t") is Code.DRAW_OPEN
    assert table.refused("add_candidates", FIRST) is Code.DRAW_OPEN
    assert table.refused("draw", SECOND) is Code.DRAW_OPEN
    assert table.refused("open", FIRST, present=["expert-1"]) is Code.WRONG_STAGE


def test_a_second_draw_is_one_persons_request_and_anothers_act() -> None:
    table = Table()
    table.drawn()
    table.act("commit_draw", CLERK, commitment=commitment_to(OTHER))

    assert table.refused("draw", FIRST) is Code.REASON_REQUIRED
    assert table.refused("draw", FIRST, reason="text-1") is Code.SECOND_PERSON_REQUIRED
    assert table.refused("request_redraw", FIRST) is Code.REASON_REQUIRED
    table.act("request_redraw", FIRST, reason="text-1")
    assert table.refused("draw", FIRST, reason="text-1") is Code.SECOND_PERSON_REQUIRED
    late = "2023-12-08T15:00"  # two days later, to the minute
    assert table.refused("draw", SECOND, late, reason="t") is Code.SECOND_PERSON_REQUIRED
    again = SECOND.model_copy(update={"human": FIRST.human})
    assert table.refused("draw", again) is Code.SECOND_PERSON_REQUIRED
    nobody = SECOND.model_copy(update={"human": ""})
    assert table.refused("draw", nobody) is Code.IDENTITY_UNKNOWN
    table.act("draw", SECOND)

    last = table.meeting.draws[-1]
    assert last.asked_by is not None
    assert (last.number, last.asked_by.person, last.ordered_by.person, last.reason) == (
        2,
        "wang",
        "zhao",
        "text-1",
    )


def test_a_request_for_another_draw_that_nobody_carried_out_ends_for_everybody_to_see() -> None:
    table = Table()
    table.drawn()
    table.act("request_redraw", FIRST, reason="text-1")

    due = next_due(table.meeting)
    assert due is not None
    assert (due.what, due.at) == ("redraw_expired", beijing("2023-12-08T15:00:00"))
    move = let_strike(table.meeting, due, due.at)

    assert move.meeting.redraw is None
    assert next_due(move.meeting) is None
    assert (move.action, move.source) == ("redraw_expired", "clock")
    assert [(order.to, order.params["task"]) for order in move.letters] == [
        (Party.OFFICE, "request_expired")
    ]


def test_draws_are_counted_and_end_those_given_up_too() -> None:
    table = Table()
    most = table.meeting.policy.limits.draws
    table.act("commit_draw", CLERK, commitment=commitment_to(VALUE))
    table.act("draw", FIRST)
    assert table.refused("commit_draw", CLERK, commitment="0" * 64) is Code.REASON_REQUIRED
    table.act("commit_draw", CLERK, commitment="0" * 64, reason="text-1")
    assert table.meeting.draws[0].given_up == "text-1"
    for _ in range(most - 1):
        table.act("request_redraw", FIRST, reason="text-2")
        table.act("commit_draw", CLERK, commitment=commitment_to(OTHER), reason="text-1")
        table.act("draw", SECOND)
        table.act("reveal_draw", CLERK, value=OTHER)

    table.act("commit_draw", CLERK, commitment=commitment_to(VALUE))

    assert len(table.meeting.draws) == most
    assert table.refused("draw", SECOND) is Code.DRAWS_USED_UP
    assert table.refused("request_redraw", FIRST, reason="text-1") is Code.DRAWS_USED_UP
    no = may(table.meeting, "draw", SECOND, beijing(f"{NOW}:00"))
    assert no is not None
    assert no.code is Code.DRAWS_USED_UP


def test_who_cannot_come_is_replaced_by_the_next_spare_of_the_same_draw() -> None:
    table = Table()
    table.drawn()
    order = [seat.expert for seat in table.meeting.seats]
    leaving = next(seat.expert for seat in table.meeting.seats if not seat.spare and not seat.chair)

    table.act("replace_expert", FIRST, expert=leaving, reason="text-1")

    sits = [seat.expert for seat in table.meeting.members]
    assert order[COMMITTEE.seats] in sits
    assert leaving not in sits
    assert len(table.meeting.draws) == 1


def test_each_office_sees_its_part_as_work() -> None:
    table = Table()

    def open_work() -> set[tuple[str, str]]:
        return {(task.kind, task.organisation) for task in tasks(table.meeting, ())}

    assert open_work() == {("draw_experts", OFFICE), ("commit_draw", CITY)}
    table.act("commit_draw", CLERK, commitment=commitment_to(VALUE))
    assert open_work() == {("draw_experts", OFFICE)}
    table.act("draw", FIRST)
    assert open_work() == {("reveal_draw", CITY)}
    table.act("reveal_draw", CLERK, value=VALUE)
    assert open_work() == {("open_meeting", OFFICE)}


def test_the_documented_arithmetic_repeats_a_published_draw_with_nothing_of_ours() -> None:
    record = a_record()
    drawn = record.drawn

    assert hashlib.sha256(drawn.value.encode()).hexdigest() == drawn.commitment
    seed = hashlib.sha256(f"{drawn.random}\n{drawn.value}".encode()).hexdigest()
    assert seed == drawn.seed
    tickets = {
        item.id: hashlib.sha256(f"{seed}\n{item.id}".encode()).hexdigest()
        for item in record.experts
    }
    order = sorted(tickets, key=lambda name: tickets[name])
    chairs = {item.id for item in record.experts if item.chair}
    plain = [name for name in record.seats[:11] if name not in chairs]
    assert plain == [name for name in order if name in plain]
    assert faults_of(record) == ()


def test_whatever_is_changed_in_a_published_draw_is_found() -> None:
    sound = a_record()
    seats = sound.seats

    def faults(**changes: Any) -> tuple[DrawFault, ...]:
        drawn = sound.drawn.model_copy(update=changes)
        return faults_of(sound.model_copy(update={"drawn": drawn}))

    assert DrawFault.COMMITMENT in faults(value=OTHER)
    assert DrawFault.SEED in faults(seed="0" * 64)
    assert DrawFault.SEED in faults(random="0" * 64)
    assert DrawFault.POOL in faults(barred=(seats[0],))
    another = sound.model_copy(update={"seats": (seats[1], seats[0], *seats[2:])})
    assert faults_of(another) == (DrawFault.SEATS,)
    fewer = sound.model_copy(update={"experts": sound.experts[1:]})
    assert DrawFault.POOL in faults_of(fewer)


def test_verify_draw_repeats_it_offline(tmp_path: Any) -> None:
    file = tmp_path / "draw.json"
    file.write_text(a_record().model_dump_json(), encoding="utf-8")

    sound = CliRunner().invoke(zhiping, ["meeting", "verify-draw", str(file)])
    seats = a_record().seats
    file.write_text(a_record(seats=seats[::-1]).model_dump_json(), encoding="utf-8")
    bent = CliRunner().invoke(zhiping, ["meeting", "verify-draw", str(file)])
    file.write_text("{}", encoding="utf-8")
    none = CliRunner().invoke(zhiping, ["meeting", "verify-draw", str(file)])

    assert (sound.exit_code, bent.exit_code, none.exit_code) == (0, 3, 3)
    assert "一致" in sound.output
    assert "重新抽取的不是所记录的专家" in bent.output
