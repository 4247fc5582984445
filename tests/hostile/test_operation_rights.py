"""Operations ask the directory who may: every kind by everybody, and the doors that stood open."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.papers.catalogue import PAPERS
from activities.reading import Reading
from activities.seeing import Circle, Section, check_reader, sees
from tests.fixtures.record import GAO, GAO_ER, OPENED, Office
from tests.hostile.operating import (
    ALLOWED,
    ANSWERS,
    BAR,
    BEFOREHAND,
    PEOPLE,
    SECOND,
    SOMEBODY,
    TABLE,
    UNIT,
    UNIT_ABOVE,
    anew,
    honest,
    of,
)
from tests.integration.steps import APPLICATION
from workflows.operation.catalogue import OPERATION_CATALOGUE, SecondPerson
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.rules.papers import PaperKind
from workflows.rules.refusals import Refused
from workflows.writer.messages import Actor

pytestmark = pytest.mark.integration

SECURITY = Path(__file__).parents[2] / "docs" / "security.md"
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| (yes|no) \| (\w+) \|$", re.MULTILINE)
OF_THE_INQUIRY = frozenset({"inquirer", "author"})
"""Stands to one statement, not to a case: `test_seeing.py` asks it of the statement."""
CIRCLE = Circle(
    office="office",
    city_office="city",
    applicants=("applicant",),
    units=("unit",),
    chain=("chain",),
    entrusting=("entrusting",),
    own=("own",),
)
READERS: dict[str, tuple[Actor, frozenset[str]]] = {
    "the applicant": (of("applicant", "applicant"), frozenset({"applicant", "own"})),
    "the applicant, of the office": (of("applicant@office"), frozenset({"applicant", "own"})),
    "of the unit": (of("x@unit"), frozenset({"unit"})),
    "of the chain": (of("x@chain", "supervisor"), frozenset({"chain"})),
    "of the entrusting unit": (of("x@entrusting"), frozenset({"entrusting_unit"})),
    "of the office": (of("x@office"), frozenset({"office"})),
    "of the city office": (of("x@city"), frozenset({"city_office"})),
    "of the organisation itself": (of("x@own"), frozenset({"own"})),
    "who comes for himself": (of("own", "applicant"), frozenset({"own"})),
    "an operator": (of("x@zhiping-operations", "operations"), frozenset({"operations"})),
    "an operator's word alone": (of("x", "operations"), frozenset()),
    "without a role": (of("x@office", ""), frozenset()),
    "a role of one's own making": (of("x@office", "office"), frozenset()),
    "the office as a person": (of("office", "member"), frozenset()),
    "of elsewhere": (of("x@elsewhere", "supervisor"), frozenset()),
    "of nowhere": (of("x@"), frozenset()),
    "anyone": (of("anyone", "anyone"), frozenset()),
}
"""Everybody who may stand to a subject, and who only looks like it."""


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


def test_the_table_names_every_kind_and_every_reading() -> None:
    """A row that is missing here is an operation, a section or a paper that nobody looked at."""
    assert sorted([*ALLOWED, *ANSWERS]) == sorted(OPERATION_CATALOGUE)
    assert sorted([*honest()]) == sorted(OPERATION_CATALOGUE)
    assert sorted(TABLE["section"]) == sorted(Section)
    assert sorted(TABLE["paper"]) == sorted(PaperKind)
    assert sorted(TABLE["afterwards"]) == sorted(
        kind for kind, paper in PAPERS.items() if paper.public
    )


async def test_every_kind_by_everybody_is_as_the_table_says(
    ready: Office, intake: Intake, reading: Reading
) -> None:
    known = honest(letter=(await reading.letters(APPLICATION))[0].id)
    case = await reading.case(APPLICATION)
    assert case is not None
    people = PEOPLE | {
        "whose case it is": (of(case.person, "applicant"), frozenset({"reader"})),
    }
    differences, tried_in_all = [], 0
    for kind, allowed in ALLOWED.items():
        for who, (actor, stands) in people.items():
            outcome = await tried(ready, intake, kind, actor, known[kind])
            tried_in_all += 1
            if ("not_entitled" not in codes(outcome)) != bool(stands & set(allowed)):
                differences.append((kind, who, outcome))
            if not stands & set(allowed) and (outcome.done or outcome.waits_until):
                differences.append((kind, who, outcome))
    assert not differences
    assert tried_in_all == (len(OPERATION_CATALOGUE) - 3) * len(people)


async def test_a_second_persons_word_is_whose_the_table_says(ready: Office, intake: Intake) -> None:
    """Confirmed or declined by another human who may ask for it, taken back by whoever asked."""
    differences, asked_for = [], 0
    # Whose bulk it is, is its own asker's: `tests/integration/test_bulks.py`.
    weighing = [kind for kind in TABLE["second"]["where_weighty"] if kind != "start_bulk"]
    for kind in (*TABLE["second"]["always"], *weighing):
        about = SECOND.get(kind, honest()[kind])
        for answer in ANSWERS:
            waits = ""
            for who, (actor, stands) in PEOPLE.items():
                if not waits:
                    for what, beforehand in BEFOREHAND.get(kind, (("enter_bar", BAR),)):
                        before = await ready(what, anew(beforehand))
                        assert before.done, (kind, what, before)
                    about = anew(about)
                    if kind == "correct_integrity":
                        about = about | {"number": int(before.params["bar"])}
                    asked = await tried(ready, intake, kind, GAO, about)
                    assert asked.waits_until is not None, (kind, asked)
                    waits = asked.operation
                said = await tried(ready, intake, answer, actor, {"request": waits})
                asked_for += 1
                told = codes(said) or {"done" if said.done else "nothing"}
                if not told <= expected_word(answer, who, bool(stands & set(ALLOWED[kind]))):
                    differences.append((kind, answer, who, said))
                waits = "" if said.done else waits
    assert not differences
    assert asked_for == 12 * 3 * len(PEOPLE)


def expected_word(answer: str, who: str, may_ask: bool) -> set[str]:
    """What somebody is told who answers what an operator asked for."""
    asker = who == "operator"
    if answer == "withdraw_request":
        return {"done"} if asker else {"not_entitled", "identity_unknown"}
    if not may_ask:
        return {"not_entitled"}
    return {"second_person_required"} if asker else {"done"}


def test_what_takes_two_and_what_is_weighty_is_as_the_table_says() -> None:
    second, weightless = TABLE["second"], set(TABLE["weighty"]["not"])
    for kind, row in OPERATION_CATALOGUE.items():
        wanted = next((how for how in second if kind in second[how]), "never")
        assert (row.second, row.weighty) == (wanted, kind not in weightless), kind


@pytest.mark.parametrize("section", TABLE["section"])
def test_every_section_is_read_by_whom_the_table_names(section: str) -> None:
    allowed = set(TABLE["section"][section])
    found = {
        name: sees(Section(section), actor, CIRCLE) or bool(OF_THE_INQUIRY & allowed & stands)
        for name, (actor, stands) in READERS.items()
    }
    wanted = {name: bool((stands | {"anyone"}) & allowed) for name, (_, stands) in READERS.items()}
    assert found == wanted


@pytest.mark.parametrize("kind", TABLE["paper"])
def test_every_paper_is_read_by_whom_the_table_names(kind: str) -> None:
    paper = PAPERS[PaperKind(kind)]
    for public_until, rows in ((None, "paper"), (OPENED, "afterwards")):
        allowed = set(TABLE[rows].get(kind, TABLE["paper"][kind]))
        for name, (actor, stands) in READERS.items():
            try:
                check_reader(paper, actor, CIRCLE, public_until, OPENED)
                may = True
            except Refused:
                may = False
            assert may == bool((stands | {"anyone"}) & allowed), (name, rows)


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
    outcome = await tried(published, intake, "load_calendar", GAO_ER, honest()["load_calendar"])
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
        "load_calendar", honest()["load_calendar"], operation="r1", actor=of("anyone", "anyone")
    )
    owner = await published("load_calendar", honest()["load_calendar"], operation="r1")
    assert (codes(stranger), owner.done) == ({"not_entitled"}, True)


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


async def test_a_reason_that_looks_like_a_reference_opens_nobodys_words(
    published: Office, intake: Intake, pool: Pool, reading: Reading
) -> None:
    """Whoever keeps the registers could read an objection so, by the name its text has in a history."""
    secret = await intake.store_text("举报的内容")
    outcome = await tried(published, intake, "enter_bar", GAO, BAR | {"reason": secret})
    kept = await pool.fetchval("SELECT reason FROM bar")

    assert outcome.done
    assert kept != secret
    assert await reading.text(kept) == secret
