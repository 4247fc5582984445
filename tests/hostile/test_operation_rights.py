"""Operations ask the directory who may: every kind by everybody, and the doors that stood open."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.reading import Reading
from activities.records import CaseRecords
from tests.builders import BD, a_policy
from tests.integration.conftest import GAO, GAO_ER, OPENED, Office
from tests.integration.steps import APPLICATION, an_application, opening
from workflows.operation.catalogue import OPERATION_CATALOGUE, About, SecondPerson, Stands
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.writer.messages import Actor

pytestmark = pytest.mark.integration

SECURITY = Path(__file__).parents[2] / "docs" / "security.md"
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| (yes|no) \| (\w+) \|$", re.MULTILINE)
UNIT, UNIT_ABOVE = "liangjiang-data-group", "city-industry-department"
SOMEBODY = "990000198501019013"


def of(who: str, role: str = "member") -> Actor:
    """`PERSON@ORG`, or a person alone."""
    person, _, organisation = who.partition("@")
    return Actor(person=person, organisation=organisation, role=role)


PEOPLE: dict[str, tuple[Actor, frozenset[Stands]]] = {
    "operator": (GAO, frozenset({Stands.OPERATIONS})),
    "clerk of the unit": (of(f"liu@{UNIT}"), frozenset({Stands.OWN})),
    "clerk of another unit": (of("chu@xinghe-technology"), frozenset()),
    "the unit's superior": (of(f"zhou@{UNIT_ABOVE}"), frozenset({Stands.SUPERIOR})),
    "a district office": (of("wang@yubei-title-office"), frozenset()),
    "clerk of the office": (of("chen@bd-committee-office"), frozenset({Stands.OFFICE})),
    "head of the office": (
        of("chen-zong@bd-committee-office"),
        frozenset({Stands.OFFICE, Stands.OFFICE_SUPERVISOR}),
    ),
    "head of another office": (of("yang-zong@lc-committee-office", "supervisor"), frozenset()),
    "clerk of the city office": (
        of("qian-er@city-title-office"),
        frozenset({Stands.CITY_OFFICE, Stands.SUPERIOR}),
    ),
    "head of the city office": (
        of("qian@city-title-office"),
        frozenset({Stands.CITY_OFFICE, Stands.CITY_SUPERVISOR, Stands.SUPERIOR}),
    ),
    "an applicant": (of("zhao-yi", "applicant"), frozenset()),
    "anyone": (of("anyone", "anyone"), frozenset()),
    "who says he is an operator": (of("nobody@zhiping-operations", "operations"), frozenset()),
    "who says so without an office": (of("operations", "operations"), frozenset()),
    "who says he is the system": (of("system:operation", "system"), frozenset()),
    "who says he is of the office": (of("liu@bd-committee-office", "supervisor"), frozenset()),
}
"""Somebody → the actor as it is sent, and how he or she truly stands to what is stated below."""

BAR = {"id_number": SOMEBODY, "years": 3, "reason": "造假", "document": "文〔2023〕1号"}
LINE = {"transaction": "TX-0001", "fen": 30000, "paid_at": "2023-09-30T09:00:00+08:00"}
STATED: dict[str, dict[str, Any]] = {
    "publish_campaign": {"policy": a_policy(BD).model_dump(mode="json")},
    "amend_campaign": {"policy": a_policy(BD).model_dump(mode="json"), "reason": "更正"},
    "load_calendar": {"year": 2027, "source": "通知"},
    "amend_calendar": {"year": 2024, "holidays": {"2024-10-08": "放假"}, "reason": "放假"},
    "import_directory": {"organisations": [{"id": "new-unit", "name": "新单位", "kind": "unit"}]},
    "import_committee": {},
    "retire_expert": {"expert": "bd-expert-01", "reason": "调离"},
    "grant": {"person": "zhu", "organisation": UNIT},
    "revoke_grant": {"person": "you", "organisation": UNIT},
    "enter_bar": BAR,
    "lift_bar": BAR,
    "record_integrity": {
        "id_number": SOMEBODY,
        "subject": "applicant",
        "document": "文〔2023〕1号",
        "decided_by": "city-title-office",
        "decided_on": "2023-09-01",
        "years": 3,
        "reason": "造假",
    },
    "correct_integrity": {"what": "bar", "number": 1, "reason": "笔误"},
    "import_payments": {"lines": [LINE]},
    "settle_payments": {"answers": [{"transaction": "TX-0001", "answer": "told"}]},
    "resolve_payment": {"transaction": "TX-0001", "dismiss": True, "reason": "已退"},
    "record_outside_application": {
        "id_number": SOMEBODY,
        "year": 2023,
        "channel": "green",
        "state": "used",
    },
    "outside_application": {
        "id_number": SOMEBODY,
        "year": 2023,
        "channel": "green",
        "state": "used",
    },
    "resend_letter": {},
    "change_address": {"organisation": UNIT, "email": "new@example.test"},
    "change_person": {"person": "wei", "name": "魏新", "source": "户口簿"},
    "close_realm": {},
    "set_realm_time": {"now_at": OPENED.isoformat()},
}
ANY_OFFICE = {About.REGISTER, About.MONEY}
"""Whose register and money it is, is any committee's office."""


def cells() -> Iterator[tuple[str, str]]:
    """Every kind by everybody."""
    return ((kind, who) for kind in STATED for who in PEOPLE)


@pytest.fixture
async def ready(published: Office, intake: Intake, records: CaseRecords) -> Office:
    """A season with a committee and an application under way."""
    from config.committee_files import COMMITTEES, read

    STATED["import_committee"] = read(COMMITTEES / "bd-2023.toml").model_dump(mode="json")
    assert (await published("import_committee", STATED["import_committee"])).done
    draft = await intake.store_draft("live", BD, an_application(campaign=BD))
    await records.record_step(opening(draft))
    return published


def codes(outcome: OperationOutcome) -> set[str]:
    """Why not."""
    return {reason.code.value for reason in outcome.refusals}


async def tried(
    office: Office, intake: Intake, kind: str, actor: Actor, stated: dict[str, Any]
) -> OperationOutcome:
    """One operation, without anybody's confirmation."""
    return await office.carry_out(
        OperationRequest(
            kind=kind,
            actor=actor,
            as_of=OPENED,
            reference=await intake.store_input(stated),
        )
    )


async def test_every_kind_by_everybody_is_as_the_table_says(
    ready: Office, intake: Intake, reading: Reading
) -> None:
    STATED["resend_letter"] = {"letter": (await reading.letters(APPLICATION))[0].id}
    differences = []
    for kind, who in cells():
        row = OPERATION_CATALOGUE[kind]
        actor, stands = PEOPLE[who]
        if row.about in ANY_OFFICE and "another office" in who:
            stands = frozenset({Stands.OFFICE})
        outcome = await tried(ready, intake, kind, actor, STATED[kind])
        if ("not_entitled" not in codes(outcome)) != bool(stands & set(row.who)):
            differences.append((kind, who, outcome))
    assert not differences
    assert len(list(cells())) == (len(OPERATION_CATALOGUE) - 5) * len(PEOPLE)


def test_the_table_people_read_is_the_catalogue() -> None:
    rows = ROW.findall(SECURITY.read_text(encoding="utf-8"))
    told = {kind: (who.strip(), weighty == "yes", second) for kind, who, weighty, second in rows}
    answers = {
        "confirm_request": "as the operation requested",
        "decline_request": "as the operation requested",
        "withdraw_request": "whoever asked",
    }
    assert told == {
        row.kind: (
            answers.get(row.kind, ", ".join(stands.value for stands in row.who)),
            row.weighty,
            row.second.value,
        )
        for row in OPERATION_CATALOGUE.values()
    }


@pytest.mark.parametrize(
    ("stated", "who", "expected"),
    [
        # A right for oneself, whatever office one holds.
        ({"person": "zhou", "organisation": UNIT}, "the unit's superior", "not_entitled"),
        # A superior makes supervisors, an operator alone operators.
        (
            {"person": "zhu", "organisation": "zhiping-operations"},
            "head of the city office",
            "not_entitled",
        ),
        (
            {"person": "wei", "organisation": "xinghe-technology"},
            "clerk of the unit",
            "not_entitled",
        ),
    ],
)
async def test_rights_nobody_gives(
    published: Office, intake: Intake, stated: dict[str, Any], who: str, expected: str
) -> None:
    outcome = await tried(published, intake, "grant", PEOPLE[who][0], stated)
    assert codes(outcome) == {expected}


async def test_a_weighty_right_is_given_when_another_human_confirms(
    published: Office, intake: Intake, reading: Reading
) -> None:
    stated = {"person": "liu", "organisation": UNIT, "supervisor": True}
    asked = await tried(published, intake, "grant", GAO, stated)
    assert (asked.done, asked.waits_until is not None) == (False, True)
    assert await reading.actor("liu", UNIT, "live", OPENED) == "member"

    alone = await published.confirm(asked.operation, GAO)
    stranger = await published.confirm(asked.operation, of("chu@xinghe-technology"))
    assert (codes(alone), codes(stranger)) == ({"second_person_required"}, {"not_entitled"})
    done = await published.confirm(asked.operation)
    assert (done.done, done.kind, done.operation) == (True, "grant", asked.operation)
    assert await reading.actor("liu", UNIT, "live", OPENED) == "supervisor"
    assert codes(await published.confirm(asked.operation)) == {"already_decided"}


async def test_what_was_declined_or_taken_back_is_not_done(
    published: Office, intake: Intake, reading: Reading
) -> None:
    stated = {"person": "liu", "organisation": UNIT, "supervisor": True}
    for kind, by in (("decline_request", GAO_ER), ("withdraw_request", GAO)):
        asked = await tried(published, intake, "grant", GAO, stated)
        said = await published(kind, {"request": asked.operation}, actor=by)
        assert said.done
        assert codes(await published.confirm(asked.operation)) == {"already_decided"}
    assert await reading.actor("liu", UNIT, "live", OPENED) == "member"


async def test_the_first_ones_right_is_asked_again_at_confirmation(
    published: Office, intake: Intake, reading: Reading
) -> None:
    stated = {"person": "liu", "organisation": UNIT, "supervisor": True}
    asked = await tried(published, intake, "grant", of(f"zhou@{UNIT_ABOVE}"), stated)
    assert asked.waits_until is not None
    await published("revoke_grant", {"person": "zhou", "organisation": UNIT_ABOVE})

    assert codes(await published.confirm(asked.operation)) == {"not_entitled"}
    assert await reading.actor("liu", UNIT, "live", OPENED) == "member"


async def test_an_operator_whose_right_ended_is_none(published: Office, intake: Intake) -> None:
    ended = await published("revoke_grant", {"person": "gao-er", "organisation": GAO.organisation})
    # The one whose right would end cannot confirm it against himself, and there is no third.
    assert ended.done or codes(ended)
    await published(
        "revoke_grant", {"person": "gao-er", "organisation": GAO.organisation}, actor=GAO_ER
    )
    outcome = await tried(published, intake, "load_calendar", GAO_ER, STATED["load_calendar"])
    assert codes(outcome) == {"not_entitled"}


async def test_nobody_lifts_a_bar_of_his_own(
    published: Office, intake: Intake, reading: Reading
) -> None:
    member = await reading.member("chen")
    assert member is not None
    bar = {"person": "chen", "years": 3, "reason": "造假", "document": "文〔2023〕1号"}
    assert (await published("enter_bar", bar)).done
    by_himself = await tried(published, intake, "lift_bar", PEOPLE["clerk of the office"][0], bar)
    by_number = await tried(
        published,
        intake,
        "correct_integrity",
        PEOPLE["clerk of the office"][0],
        {"what": "bar", "number": 1, "withdrawn": True, "reason": "撤回"},
    )
    assert codes(by_himself) == codes(by_number) == {"not_entitled"}


async def test_another_directory_about_who_is_there_takes_two(
    published: Office, intake: Intake, reading: Reading
) -> None:
    liu = {"id": "liu", "name": "刘经理", "organisation": UNIT}
    for stated in (
        {"members": [liu | {"email": "stranger@example.test"}]},
        {"members": [liu | {"name": "别人"}]},
        {"members": [liu | {"supervisor": True, "grants": [{"from": "2023-01-01"}]}]},
        {"organisations": [{"id": UNIT, "name": "别的单位", "kind": "unit"}]},
    ):
        outcome = await tried(published, intake, "import_directory", GAO, stated)
        assert outcome.waits_until is not None, stated
    contact = await reading.person_contact("liu")
    assert contact is not None
    assert (contact.name, contact.email) == ("刘经理", "liu@example.test")


async def test_a_pool_of_experts_changes_nobody_who_is_known(
    published: Office, intake: Intake, reading: Reading
) -> None:
    """A clerk's file with an expert under somebody's ID number moved that person's name and phone."""
    from config.committee_files import COMMITTEES, read
    from config.directory_files import DIRECTORY
    from config.directory_files import read as read_directory

    members = read_directory(DIRECTORY / "chongqing.toml").members
    number = next(member.id_number for member in members if member.id == "liu")
    stated = read(COMMITTEES / "bd-2023.toml").model_dump(mode="json")
    stated["experts"][0] |= {"id_number": number, "name": "别人", "phone": "13800000000"}
    clerk = PEOPLE["clerk of the office"][0]
    assert (await tried(published, intake, "import_committee", clerk, stated)).done

    contact = await reading.person_contact("liu")
    assert contact is not None
    assert (contact.name, contact.phone) == ("刘经理", "")


async def test_ones_own_address_is_ones_own_and_anothers_takes_two(
    published: Office, intake: Intake, reading: Reading
) -> None:
    mail = {"person": "liu", "email": "new@example.test", "source": "来函"}
    others = await tried(published, intake, "change_address", GAO, mail)
    stranger = await tried(published, intake, "change_address", of("anyone", "anyone"), mail)
    assert (others.waits_until is not None, codes(stranger)) == (True, {"not_entitled"})
    own = await tried(published, intake, "change_address", of("liu", "applicant"), mail)
    assert own.done


async def test_one_id_is_one_request_of_its_sender(
    published: Office, intake: Intake, pool: Pool
) -> None:
    """Lifting a bar under the id of the barring was told 已解除, and the bar stood."""
    clerk = PEOPLE["clerk of the office"][0]
    barred = await published("enter_bar", BAR, operation="r1", actor=clerk)
    again = await published("enter_bar", BAR, operation="r1", actor=clerk)
    lifted = await published("lift_bar", BAR, operation="r1", actor=clerk)
    assert barred == again
    assert codes(lifted) == {"duplicate_conflict"}
    assert await pool.fetchval("SELECT count(*) FROM bar WHERE lifted_at IS NULL") == 1


async def test_nobody_takes_anothers_request_id(published: Office) -> None:
    stranger = await published(
        "load_calendar", STATED["load_calendar"], operation="r1", actor=of("anyone", "anyone")
    )
    honest = await published("load_calendar", STATED["load_calendar"], operation="r1")
    assert (codes(stranger), honest.done) == ({"not_entitled"}, True)


async def test_what_waits_is_sealed(published: Office, intake: Intake, pool: Pool) -> None:
    await tried(published, intake, "lift_bar", GAO, BAR | {"reason": "秘密的理由"})
    row = await pool.fetchrow("SELECT * FROM request_for_second")
    assert row is not None
    text = json.dumps({key: str(value) for key, value in row.items()}, ensure_ascii=False)
    assert SOMEBODY not in text
    assert "秘密的理由" not in text


async def test_an_installation_happens_once_and_takes_two_humans(
    pool: Pool, identity: Identity
) -> None:
    from activities.installation import install
    from workflows.operation.payloads import FirstOperator
    from workflows.rules.refusals import Refused

    one = FirstOperator(id="eve", name="某人", id_number="990000197102019011")
    same = one.model_copy(update={"id": "eve-er"})
    other = FirstOperator(id="eve-san", name="另一人", id_number="990000197103019013")
    for stated, code in (
        ([one], "second_person_required"),
        ([one, same], "second_person_required"),
        ([one, other], "already_decided"),
    ):
        with pytest.raises(Refused) as caught:
            await install(pool, identity, stated, OPENED)
        assert caught.value.first.code == code


def test_whatever_waits_for_a_second_person_is_weighty_or_about_another() -> None:
    """A request needs to know which human asks."""
    for row in OPERATION_CATALOGUE.values():
        if row.second is SecondPerson.ALWAYS:
            assert row.weighty, row.kind
