"""What takes two is done by two humans: not by a name, nor by one human under two rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.lives import (
    CLERK,
    COLLEAGUE,
    DEPARTMENT,
    DISTRICT,
    ITEMS,
    STRANGER,
    SUPERVISOR,
    UNIT,
    Life,
    at_chain,
    at_committee,
    moment,
    paying,
    submitted,
)
from tests.workflow.season import APPLICANT, OFFICE
from workflows.application.acts.seconds import ASKING
from workflows.application.acts.undoing import STAYS
from workflows.application.catalogue import CATALOGUE
from workflows.application.decision import decide, may
from workflows.application.parties import relations
from workflows.application.projection import tasks
from workflows.application.recording import commit
from workflows.application.strikes import next_due
from workflows.rules.facts import OpenCheck
from workflows.rules.names import CautionCode, EndName, LetterKind, Party, Relation, Stage
from workflows.rules.refusals import Code
from workflows.writer.messages import Act, Actor

AT = "2024-10-22T12:00"


def _returned_twice() -> Life:
    life = at_committee()
    life.act("accept", CLERK, "2024-10-22T11:00")
    return life


def _barred() -> Life:
    life = at_committee()
    life.case.checks = [OpenCheck(key="bar:7", body="office", clause="一（五）")]
    return life


def _missed() -> Life:
    life = paying()
    life.until("2024-11-16T00:05")
    life.act("reinstate", CLERK, "2024-11-18T09:00", reason="text-1")
    return life


WEIGHTY: dict[str, tuple[Callable[[], Life], str, Actor, dict[str, Any]]] = {
    "set_aside": (
        _returned_twice,
        AT,
        COLLEAGUE,
        {"reason": "text-1", "second_person": "lc-committee-office-clerk"},
    ),
    "override_return": (
        at_committee,
        AT,
        SUPERVISOR,
        {"items": ITEMS, "days": 3, "reason": "text-1"},
    ),
    "extend_deadline": (
        at_committee,
        AT,
        SUPERVISOR,
        {"rule": "intake_duty", "ends_on": "2024-11-15", "reason": "text-1"},
    ),
    "record_manual_check": (
        _barred,
        AT,
        COLLEAGUE,
        {"check": "bar:7", "satisfied": True, "note": "text-1"},
    ),
    "send_pay_notice": (_missed, "2024-11-18T12:00", SUPERVISOR, {"ends_on": "2024-11-29"}),
}


def asked(name: str) -> tuple[Life, Actor, str]:
    """A case on which somebody asked for a weighty act: who, and when."""
    start, at, first, payload = WEIGHTY[name]
    life = start()
    before = life.case.model_dump(exclude=set(STAYS))
    move = life.act(name, first, at, **payload)
    assert move.action == ASKING
    assert life.case.model_dump(exclude=set(STAYS)) == before
    return life, first, at


def another_row(actor: Actor) -> Actor:
    """The same human in another row of the directory."""
    return actor.model_copy(update={"person": f"{actor.person}-b", "role": "member"})


@pytest.mark.parametrize("name", WEIGHTY)
def test_one_alone_only_asks_and_the_office_is_told(name: str) -> None:
    life, first, _ = asked(name)
    move = life.moves[-1]

    assert [item.by for item in life.case.asked] == [first]
    assert [item.code for item in move.warnings] == [CautionCode.SECOND_PERSON]
    told = [(order.kind, order.to, order.organisation) for order in move.letters]
    assert (LetterKind.TASK, Party.OFFICE, OFFICE) in told


@pytest.mark.parametrize("name", WEIGHTY)
def test_another_human_of_the_office_confirms_it_and_the_record_has_both(name: str) -> None:
    life, first, at = asked(name)

    move = life.act("confirm_request", CLERK if first == COLLEAGUE else COLLEAGUE, at)

    step = commit(move, life.case.seq).step
    assert step.name == name
    assert step.actor == first
    assert step.second is not None
    assert step.second.human not in ("", first.human)
    assert life.case.asked == []


@pytest.mark.parametrize("name", WEIGHTY)
def test_the_same_human_in_another_row_confirms_nothing(name: str) -> None:
    life, first, at = asked(name)

    for actor in (first, another_row(first)):
        assert life.refused("confirm_request", actor, at) is Code.SECOND_PERSON_REQUIRED


@pytest.mark.parametrize("name", WEIGHTY)
def test_whom_nobody_knows_neither_asks_nor_confirms(name: str) -> None:
    start, at, first, payload = WEIGHTY[name]
    nobody = first.model_copy(update={"human": ""})
    answer = start().refused(name, nobody, at, **payload)
    assert answer in (Code.IDENTITY_UNKNOWN, Code.NOT_ENTITLED)

    life, _, at = asked(name)
    unknown = COLLEAGUE.model_copy(update={"human": ""})
    assert life.refused("confirm_request", unknown, at) is Code.IDENTITY_UNKNOWN


@pytest.mark.parametrize("name", WEIGHTY)
@pytest.mark.parametrize("actor", [UNIT, DEPARTMENT, STRANGER, APPLICANT])
def test_nobody_from_outside_the_office_is_its_second_person(name: str, actor: Actor) -> None:
    life, _, at = asked(name)

    assert life.refused("confirm_request", actor, at) is Code.NOT_ENTITLED


@pytest.mark.parametrize("name", WEIGHTY)
def test_what_is_not_confirmed_in_time_must_be_asked_anew(name: str) -> None:
    life, first, _ = asked(name)
    until = life.case.asked[0].until
    second = CLERK if first == COLLEAGUE else COLLEAGUE

    late = may(life.case, "confirm_request", second, until)
    just = may(life.case, "confirm_request", second, until - timedelta(seconds=1))

    assert late is not None
    assert (late.code, just) == (Code.REQUEST_EXPIRED, None)


@pytest.mark.parametrize("name", WEIGHTY)
def test_what_nobody_confirmed_in_time_ends_for_everybody_to_see(name: str) -> None:
    """No task of it stays in the inbox, the record has the end, and the office hears of it."""
    life, _, _ = asked(name)
    until = life.case.asked[0].until
    life.until(f"{until + timedelta(seconds=59):%Y-%m-%dT%H:%M:%S}")
    assert [item.kind for item in tasks(life.case, ()) if item.key.startswith("second:")]
    before = life.case.undo

    life.until(f"{until + timedelta(seconds=60):%Y-%m-%dT%H:%M:%S}")

    assert life.case.asked == []
    assert not [item for item in tasks(life.case, ()) if item.key.startswith("second:")]
    over = next(move for move in life.moves if move.action == "request_expired")
    assert (over.source, over.at) == ("clock", until)
    assert over.clause
    assert life.case.undo == before
    assert [(order.to, order.params["task"]) for order in over.letters] == [
        (Party.OFFICE, "request_expired")
    ]


@pytest.mark.parametrize("name", WEIGHTY)
def test_a_second_person_may_say_no(name: str) -> None:
    life, first, at = asked(name)
    second = CLERK if first == COLLEAGUE else COLLEAGUE
    before = life.case.model_dump(exclude=set(STAYS))

    life.act("confirm_request", second, at, agree=False, reason="text-2")

    assert life.case.asked == []
    assert life.case.model_dump(exclude=set(STAYS)) == before


def test_what_was_asked_for_is_decided_on_the_case_as_it_then_is() -> None:
    """Meanwhile it was accepted: there is nothing to return any more."""
    life, _, _ = asked("override_return")
    life.act("accept", CLERK, "2024-10-22T12:01")

    assert life.refused("confirm_request", COLLEAGUE, "2024-10-22T12:02") is Code.WRONG_STAGE
    assert life.case.stage is Stage.AWAITING_PAYMENT


def test_asking_reopens_nothing_that_a_clock_ended() -> None:
    life = at_committee()
    life.act("return_for_correction", CLERK, "2024-10-22T11:00", items=ITEMS, days=2)
    life.until("2024-10-25T00:05")
    ended = life.case.end
    later = {"rule": "intake_duty", "ends_on": "2024-11-15", "reason": "text-1"}

    life.act("extend_deadline", SUPERVISOR, "2024-10-24T12:00", "2024-10-25T09:00", **later)

    assert ended is not None
    assert life.case.end == ended
    assert life.moves[-1].claim == "keep"


def test_a_name_in_a_payload_is_no_second_person() -> None:
    """It was all that was asked: any word would do."""
    life = _returned_twice()

    life.act("set_aside", COLLEAGUE, AT, reason="text-1", second_person="any word")

    assert life.case.stage is Stage.AWAITING_PAYMENT


def test_nobody_acts_under_the_name_of_asking() -> None:
    assert ASKING not in CATALOGUE
    assert at_committee().refused(ASKING, CLERK, AT) is Code.UNKNOWN_ACTION


def test_a_member_who_is_the_applicant_is_recognised_under_whatever_row() -> None:
    life = at_committee()
    life.case.human = "human-of-the-applicant"
    disguised = Actor(
        person="row-2", organisation=OFFICE, role="supervisor", human="human-of-the-applicant"
    )

    assert relations(life.case, disguised) == {Relation.APPLICANT, Relation.ANYONE}
    assert life.refused("accept", disguised, AT) is Code.NOT_ENTITLED


def test_a_supervisor_without_an_id_number_is_no_supervisor() -> None:
    life = at_committee()
    nobody = SUPERVISOR.model_copy(update={"human": ""})

    assert Relation.OFFICE_SUPERVISOR not in relations(life.case, nobody)


def test_a_request_that_is_repeated_waits_once() -> None:
    start, at, first, payload = WEIGHTY["override_return"]
    life = start()
    for request in ("r-1", "r-2"):
        act = Act(request_id=request, actor=first, acted_at=moment(at), payload=payload)
        life._take(decide(life.case, "override_return", act, moment(at)))

    assert len(life.case.asked) == 1


def test_a_request_survives_the_record_and_a_new_run() -> None:
    life, _, _ = asked("extend_deadline")

    again = type(life.case).model_validate_json(life.case.model_dump_json())

    assert again.asked == life.case.asked


def test_every_act_that_takes_two_is_tried_here() -> None:
    alone = {
        name
        for name, row in CATALOGUE.items()
        for rule in row.rules.values()
        if rule.second.__name__ != "_alone"
    }

    assert alone == set(WEIGHTY)
    assert submitted().case.asked == []


def _asked_back() -> Life:
    """The department's agreement is to be taken back; the office asks a second person for it."""
    life = at_chain()
    life.act("approve", DEPARTMENT, "2024-10-21T10:00")
    stated = {"reason": "text-1", "second_person": COLLEAGUE.person}
    life.act("set_aside", CLERK, "2024-10-21T11:00", **stated)
    return life


def test_what_came_in_the_place_of_the_step_meant_is_not_taken_back_for_it() -> None:
    """Whoever confirms takes back what was asked for: not the rejection that came after."""
    life = _asked_back()
    life.act("reject", DISTRICT, "2024-10-21T11:05", reason="text-2")

    no = life.refused("confirm_request", COLLEAGUE, "2024-10-21T11:10")

    assert no is Code.NOTHING_TO_SET_ASIDE
    assert life.case.end is not None
    assert life.case.end.name is EndName.REJECTED_BY_CHAIN


def test_what_closes_a_case_leaves_nothing_to_confirm() -> None:
    life = _asked_back()
    life.act("reject", DISTRICT, "2024-10-21T11:05", reason="text-2")
    life.until("2024-10-21T11:16")

    assert life.case.end is not None
    assert (life.case.end.closes_at, len(life.case.asked)) == (None, 1)
    assert not [item for item in tasks(life.case, ()) if item.key.startswith("second:")]
    assert next_due(life.case, 60) is None


def test_the_step_that_was_meant_is_taken_back() -> None:
    life = _asked_back()
    life.act("urge", APPLICANT, "2024-10-21T11:05")

    life.act("confirm_request", COLLEAGUE, "2024-10-21T11:10")

    assert (life.case.stage, life.case.chain_index) == (Stage.CHAIN_REVIEW, 0)


def test_who_names_a_step_takes_back_no_other() -> None:
    life = at_chain()
    step = life.act("approve", DEPARTMENT, "2024-10-21T10:00").case.seq
    other: dict[str, Any] = {"reason": "text-1", "step": step - 1}

    no = life.refused("set_aside", DEPARTMENT, "2024-10-21T10:02", **other)
    life.act("set_aside", DEPARTMENT, "2024-10-21T10:03", reason="text-1", step=step)

    assert no is Code.NOTHING_TO_SET_ASIDE
