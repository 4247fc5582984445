"""Who covers a supervisor has what is lent and nothing else, and is one side with him or her."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload as Bytes

from tests.hostile.test_two_humans import WEIGHTY
from tests.hostile.test_who_may import CASES, MEETINGS, moment_of
from tests.unit.lives import CLERK, COLLEAGUE, ITEMS, SUPERVISOR, at_committee, moment
from tests.unit.test_meeting_law import Table
from workflows.application.acts.seconds import ASKING
from workflows.application.case import Case
from workflows.application.catalogue import CATALOGUE
from workflows.application.clocks import CLOCKS, By
from workflows.application.decision import may
from workflows.application.parties import relations
from workflows.application.recording import commit, refusal_step
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.decision import may as may_in_meeting
from workflows.meeting.messages import NoteRecusal
from workflows.meeting.move import relations_to
from workflows.operation.catalogue import OPERATION_CATALOGUE, Stands
from workflows.rules.covering import CASE_ACTS, LENDABLE, MEETING_ACTS, OPERATIONS
from workflows.rules.names import Relation
from workflows.rules.refusals import Code, Refusal, Refused
from workflows.writer.inbox import read_act
from workflows.writer.messages import Act, Actor, Cover
from workflows.writer.vouchers import Voucher

AT = "2024-10-22T12:00"
OVERRIDE: dict[str, Any] = {"items": ITEMS, "days": 3, "reason": "text-1"}
PRINCIPAL = Cover(principal=SUPERVISOR.person, human=SUPERVISOR.human, acts=LENDABLE)


def covering(actor: Actor, acts: tuple[str, ...] = LENDABLE, **differences: Any) -> Actor:
    """A deputy of the supervisor."""
    cover = PRINCIPAL.model_copy(update={"acts": acts, **differences})
    return actor.model_copy(update={"cover": cover})


DEPUTY = covering(CLERK)


def lending(name: str) -> Iterator[tuple[str, ...]]:
    """All there is; and of what can be lent also nothing, this act alone, and all but this act."""
    yield LENDABLE
    if name in LENDABLE:
        yield from ((), (name,), tuple(act for act in LENDABLE if act != name))


def interests(case: Case, deputy: Actor) -> Iterator[tuple[Actor, bool]]:
    """The deputy with and without an interest on either side, and whether there is one."""
    yield deputy, False
    if deputy.organisation != case.policy.committee.office:
        return
    yield covering(deputy, deputy.cover.acts if deputy.cover else (), principal=case.person), True
    if case.human:
        acts = deputy.cover.acts if deputy.cover else ()
        yield covering(deputy, acts, human=case.human), True
    yield covering(deputy, deputy.cover.acts if deputy.cover else (), human=""), True
    yield deputy.model_copy(update={"person": case.person}), True
    yield deputy.model_copy(update={"human": ""}), True


@pytest.mark.parametrize("stage", list(CASES))
def test_on_a_case_a_deputy_may_what_the_two_may_together_and_never_where_one_is_interested(
    stage: str,
) -> None:
    case = CASES[stage].model_copy(update={"human": "the-applicants-human"})
    at, office = moment_of(case), case.policy.committee.office
    leading = SUPERVISOR.model_copy(update={"organisation": office})
    places = [place.organisation for place in case.places]
    organisations = {office, case.policy.committee.city_office, *places, "elsewhere", ""}
    wrong: list[object] = []
    tried = 0
    for name in CATALOGUE:
        supervisor = may(case, name, leading, at) is None
        for organisation in organisations:
            own = CLERK.model_copy(update={"organisation": organisation})
            for acts in lending(name):
                for deputy, interested in interests(case, covering(own, acts)):
                    lent = name in acts and organisation == office and not interested
                    plain = may(case, name, deputy.model_copy(update={"cover": None}), at) is None
                    found = may(case, name, deputy, at) is None
                    tried += 1
                    if found is not (plain or (lent and supervisor)):
                        wrong.append((name, organisation, acts, deputy, found))
                    stands = Relation.OFFICE_SUPERVISOR in relations(case, deputy, name)
                    if stands is not lent:
                        wrong.append((name, organisation, acts, deputy, stands))
    assert wrong == []
    assert tried > 500


@pytest.mark.parametrize("phase", list(MEETINGS))
def test_in_a_meeting_a_deputy_stands_as_the_supervisor_for_what_is_lent_alone(phase: str) -> None:
    meeting = MEETINGS[phase]
    at = datetime.fromisoformat("2023-12-15T10:00:00+08:00")
    for name in MEETING_CATALOGUE:
        for organisation in (meeting.office, meeting.committee.city_office, "elsewhere"):
            own = CLERK.model_copy(update={"organisation": organisation})
            for acts in lending(name):
                deputy = covering(own, acts)
                stands = Relation.OFFICE_SUPERVISOR in relations_to(meeting, deputy, name)
                assert stands is (name in acts and organisation == meeting.office)
                assert may_in_meeting(meeting, name, deputy, at) == may_in_meeting(
                    meeting, name, own, at
                )


def test_what_can_be_lent_is_all_that_a_supervisor_alone_may() -> None:
    alone = {
        name
        for name, row in CATALOGUE.items()
        if Relation.OFFICE_SUPERVISOR in row.by and Relation.OFFICE not in row.by
    }
    moved_by_a_supervisor = {
        "extend_deadline" for row in CLOCKS.values() if row.extended_by is By.SUPERVISOR
    }
    assert alone | moved_by_a_supervisor | {"send_pay_notice"} == set(CASE_ACTS)
    leading = {Stands.OFFICE_SUPERVISOR, Stands.CITY_SUPERVISOR}
    assert {kind for kind, row in OPERATION_CATALOGUE.items() if leading & set(row.who)} == set(
        OPERATIONS
    )
    assert set(MEETING_ACTS) <= MEETING_CATALOGUE.keys()


@pytest.mark.parametrize("name", CASE_ACTS)
def test_an_act_under_cover_names_both_and_the_same_without_cover_is_refused(name: str) -> None:
    start, at, first, payload = WEIGHTY[name]
    assert first == SUPERVISOR

    assert start().refused(name, CLERK, at, **payload) is Code.NOT_ENTITLED
    assert start().refused(name, covering(CLERK, ()), at, **payload) is Code.NOT_ENTITLED
    life = start()
    life.act(name, DEPUTY, at, **payload)
    move = life.act("confirm_request", COLLEAGUE, at)

    step = commit(move, life.case.seq + 1).step
    assert step.actor is not None
    assert (step.actor.person, step.actor.principal) == (CLERK.person, SUPERVISOR.person)
    assert step.actor.cover is not None
    assert step.actor.cover.acts == (name,)
    assert step.second is not None
    assert (step.second.person, step.second.principal) == (COLLEAGUE.person, "")


def test_what_a_deputy_may_anyway_is_done_in_the_own_right() -> None:
    life = at_committee()
    move = life.act("accept", DEPUTY, AT)
    assert move.actor is not None
    assert (move.actor.person, move.actor.principal) == (CLERK.person, "")
    life = at_committee()
    life.act("return_for_correction", CLERK, "2024-10-22T11:00", items=ITEMS, days=2)
    later = {"rule": "committee_correction", "ends_on": "2024-10-29", "reason": "text-1"}
    move = life.act("extend_deadline", DEPUTY, AT, **later)
    assert move.action == "extend_deadline"
    assert move.actor is not None
    assert move.actor.principal == ""


@pytest.mark.parametrize("asks", ["deputy", "deputy in the own right", "principal"])
def test_neither_is_the_second_person_to_the_other(asks: str) -> None:
    life = at_committee()
    if asks == "deputy in the own right":
        life = at_committee()
        life.act("accept", COLLEAGUE, "2024-10-22T11:00")
        named = {"reason": "text-1", "second_person": COLLEAGUE.person}
        life.act("set_aside", DEPUTY, AT, **named)
    else:
        life.act("override_return", SUPERVISOR if asks == "principal" else DEPUTY, AT, **OVERRIDE)
    assert life.moves[-1].action == ASKING
    other = DEPUTY if asks == "principal" else SUPERVISOR

    assert life.refused("confirm_request", other, AT) is Code.SECOND_PERSON_REQUIRED
    on_the_page = may(life.case, "confirm_request", other, moment(AT))
    assert on_the_page is not None
    assert on_the_page.code is Code.SECOND_PERSON_REQUIRED
    assert life.refused("confirm_request", covering(COLLEAGUE), AT) is Code.SECOND_PERSON_REQUIRED
    if asks != "principal":
        # Also when the days are over: what was asked was asked in the supervisor's place.
        plain = SUPERVISOR.model_copy(update={"person": "another-row"})
        assert life.refused("confirm_request", plain, AT) is Code.SECOND_PERSON_REQUIRED
    life.act("confirm_request", COLLEAGUE, AT)
    assert life.moves[-1].action != ASKING


def test_of_several_requests_a_deputy_confirms_none_of_the_principals() -> None:
    life = at_committee()
    life.act("accept", CLERK, "2024-10-22T11:00")
    named = {"reason": "text-1", "second_person": "somebody"}
    for who in (SUPERVISOR, COLLEAGUE):
        life.act("set_aside", who, AT, **named)
    first, second = (item.id for item in life.case.asked)

    refused = life.refused("confirm_request", DEPUTY, AT, request=first)

    assert refused is Code.SECOND_PERSON_REQUIRED
    assert life.act("confirm_request", DEPUTY, AT, request=second).action == "set_aside"


def test_who_is_named_to_take_back_is_not_the_principal() -> None:
    life = at_committee()
    life.act("accept", COLLEAGUE, "2024-10-22T11:00")
    named = {"reason": "text-1", "second_person": SUPERVISOR.person}
    assert life.refused("set_aside", DEPUTY, AT, **named) is Code.SECOND_PERSON_REQUIRED


def test_the_two_do_not_draw_against_one_another() -> None:
    table = Table(phase="planned", seats=())
    city = table.meeting.committee.city_office
    committed = covering(CLERK.model_copy(update={"organisation": city}))
    table.say("commit_draw", "2023-12-01T09:00", committed, commitment="0" * 64)
    principal = SUPERVISOR.model_copy(update={"organisation": table.meeting.office})

    refused = table.refused("draw", "2023-12-01T10:00", principal)

    assert refused is Code.SECOND_PERSON_REQUIRED


def test_a_recusal_that_fells_a_count_is_the_supervisors_or_the_deputys() -> None:
    table = Table()
    clerk = CLERK.model_copy(update={"organisation": table.meeting.office})
    stated: dict[str, Any] = {
        "expert": table.meeting.members[0].expert,
        "applications": ["application-1"],
        "ground": "kin",
        "reason": "text-1",
    }
    for actor, supervised in (
        (clerk, False),
        (covering(clerk), True),
        (covering(clerk, ()), False),
    ):
        move = table.say("recuse", "2023-12-08T10:00", actor, **stated)
        assert isinstance(move.change, NoteRecusal)
        assert move.change.supervised is supervised
        assert move.actor is not None
        assert bool(move.actor.principal) is supervised


@pytest.mark.parametrize(
    "actor", [DEPUTY, CLERK, Actor(person="system", role="system", cover=DEPUTY.cover)]
)
@pytest.mark.parametrize("live", [True, False])
def test_only_a_persons_door_vouches_for_a_person_and_for_a_cover(actor: Actor, live: bool) -> None:
    stated = Bytes(data=Act(request_id="r-1", actor=actor).model_dump_json().encode())
    with pytest.raises(Refused) as error:
        read_act("accept", stated, Voucher.WORKERS, CATALOGUE, live=live)
    assert error.value.first.code is Code.NOT_VOUCHED
    if actor.role != "system":
        assert read_act("accept", stated, Voucher.GATEWAY, CATALOGUE, live=live).actor == actor


def test_an_actor_without_cover_is_written_as_before_there_were_any() -> None:
    plain = CLERK.model_dump(mode="json")
    assert "cover" not in plain
    assert Actor.model_validate_json(DEPUTY.model_dump_json()) == DEPUTY


def test_a_refused_act_names_both_only_where_it_was_lent() -> None:
    case = at_committee().case
    assert case.arrived_at is not None
    refusals = (Refusal(code=Code.WRONG_STAGE),)
    for name, principal in (("override_return", SUPERVISOR.person), ("accept", "")):
        act = Act(request_id="r-9", actor=DEPUTY)
        step = refusal_step(case, name, act, refusals, case.arrived_at).step
        assert step.actor is not None
        assert step.actor.principal == principal
