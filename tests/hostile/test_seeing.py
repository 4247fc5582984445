"""What a person may read: one rule, asked by pages, lists and papers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from activities import wording
from activities.eyes import Eyes
from activities.papers.catalogue import PAPERS
from activities.seeing import SEEN_BY, Circle, Section, check_reader, concerning, sees
from activities.views import LetterView, TimelineEntry
from tests.integration.command_line import CommandLine, without_engine
from tests.unit.lives import CITY, CLERK, DEPARTMENT, STRANGER, UNIT, Life, moment
from workflows.rules.names import Party
from workflows.rules.papers import PaperKind
from workflows.rules.refusals import Refused
from workflows.writer.messages import Actor

SECRET, CONTACT = "举报的内容", "13800000000"
AT = "2024-10-12T10:00"
APPLICANT = Actor(person="zhang-san", role="applicant")
OPERATOR = Actor(person="ops", organisation="zhiping-operations", role="operations")
ELSEWHERE = Actor(person="wu", organisation="yubei-water-center", role="member")
CLERK_OF_THE_UNIT = "liu@liangjiang-data-group"


def objected(**stated: Any) -> Life:
    """A case under its unit's publicity, with an objection of a stranger."""
    from tests.unit.lives import submitted

    life = submitted()
    life.act("start_publicity", UNIT, "2024-10-11T09:00", place="大厅")
    life.act("raise_objection", STRANGER, AT, text=SECRET, contact=CONTACT, **stated)
    return life


def circle_of(life: Life) -> Circle:
    """Whom the case concerns."""
    case = life.case
    return Circle(
        office=case.office,
        city_office=case.policy.committee.city_office,
        applicants=(APPLICANT.person,),
        units=(case.unit,),
        chain=tuple(place.organisation for place in case.chain),
    )


def entry(name: str = "raise_objection", by: Actor = STRANGER, **changes: Any) -> TimelineEntry:
    """The step as the record has it."""
    stated: dict[str, Any] = {
        "seq": 3,
        "source": "act",
        "name": name,
        "request_id": "visitor-request",
        "actor": by.person,
        "actor_name": "李某",
        "acted_at": moment(AT),
        "recorded_at": moment(AT),
        "payload": {"text": SECRET, "contact": CONTACT, "against_unit": False},
    }
    return TimelineEntry.model_validate(stated | changes)


def seen(life: Life, actor: Actor, shown: TimelineEntry) -> str:
    """What of a step somebody gets to read, all in one."""
    return Eyes(actor, circle_of(life), life.case).trail([shown])[0].model_dump_json()


@pytest.mark.parametrize(
    ("actor", "reads"),
    [(UNIT, True), (DEPARTMENT, True), (CLERK, False), (CITY, False), (APPLICANT, False),
     (OPERATOR, False)],
)  # fmt: skip
def test_only_who_inquires_reads_an_objection(actor: Actor, reads: bool) -> None:
    """It reached whoever read the timeline: text, contact and author."""
    told = seen(objected(), actor, entry())
    words = (SECRET, CONTACT, STRANGER.person, "李某", "visitor-request")
    assert [word in told for word in words] == [reads] * len(words)
    assert "raise_objection" in told


def test_the_accused_unit_does_not_read_what_is_said_of_it() -> None:
    life = objected(against_unit=True)
    assert SECRET not in seen(life, UNIT, entry())
    assert SECRET in seen(life, DEPARTMENT, entry())


def test_an_objection_that_was_refused_is_read_by_nobody_of_the_case() -> None:
    refused = entry(source="refusal", acted_at=moment(AT) + timedelta(days=1))
    assert all(SECRET not in seen(objected(), who, refused) for who in (UNIT, CLERK, OPERATOR))


def test_the_answer_is_the_applicants_and_the_bodys() -> None:
    answer = entry("respond_to_inquiry", by=APPLICANT)
    life = objected()
    reads = [SECRET in seen(life, who, answer) for who in (APPLICANT, UNIT, CLERK, OPERATOR)]
    assert reads == [True, True, False, False]


@pytest.mark.parametrize("who", [ELSEWHERE, STRANGER, Actor(person="anyone", role="anyone")])
def test_a_case_is_not_for_whoever_asks(who: Actor) -> None:
    with pytest.raises(Refused) as caught:
        seen(objected(), who, entry("approve"))
    assert caught.value.first.code == "not_entitled"


@pytest.mark.parametrize("party", [Party.COMPLAINANT, Party.ACTOR])
def test_a_letter_does_not_tell_who_complained(party: Party) -> None:
    life = objected()
    letter = LetterView(
        id="l1", kind="inquiry_concluded", party=party, person=STRANGER.person, state="sent",
        ordered_at=moment(AT),
    )  # fmt: skip
    told = {
        name: Eyes(who, circle_of(life), life.case).letters([letter])[0].person
        for name, who in (("unit", UNIT), ("office", CLERK), ("applicant", APPLICANT))
    }
    assert told == {"unit": STRANGER.person, "office": "", "applicant": ""}


def test_a_result_list_is_anybodys_while_it_hangs_and_no_longer() -> None:
    """It stayed readable for ever."""
    paper, circle = PAPERS[PaperKind.RESULT_LIST], Circle(office="bd", city_office="city")
    anyone = Actor(person="anyone", role="anyone")
    ends = moment("2023-12-20T00:00")
    check_reader(paper, anyone, circle, ends, ends - timedelta(seconds=1))
    check_reader(paper, anyone, circle, None, ends)
    with pytest.raises(Refused):
        check_reader(paper, anyone, circle, ends, ends)
    office = Actor(person="chen", organisation="bd", role="member")
    check_reader(paper, office, circle, ends, ends + timedelta(days=900))


def test_the_posted_form_of_a_unit_comes_down_too() -> None:
    paper = PAPERS[PaperKind.PUBLICITY_FORM]
    ends = moment("2023-10-17T00:00")
    with pytest.raises(Refused):
        check_reader(paper, Actor(person="anyone", role="anyone"), Circle(), ends, ends)


def test_a_list_has_whose_cases_one_may_see() -> None:
    assert concerning(OPERATOR).everybody
    assert concerning(UNIT).organisation == UNIT.organisation
    assert concerning(APPLICANT).person == APPLICANT.person
    assert not concerning(Actor(person="x", organisation="y", role="")).organisation


def test_every_section_has_its_readers_and_its_name() -> None:
    assert set(SEEN_BY) == set(Section)
    assert set(wording.labels("sections")) == {section.value for section in Section}
    circle = Circle(office="o", city_office="c")
    told_to_all = {section for section in Section if sees(section, STRANGER, circle)}
    assert told_to_all == {Section.MEETINGS}  # when a committee meets, and nothing of a case


@pytest.mark.integration
async def test_the_command_line_asks_the_rule(zhiping: CommandLine, material: str) -> None:
    receipt = await zhiping.json(
        "submit", material, "--campaign", "bd-2023", "--realm", "seeing",
        "--at", "2023-10-09T10:00",
    )  # fmt: skip
    case = str(receipt["application"])
    posted = '{"place": "一楼大厅", "contacts": ["023-00000005"]}'
    await zhiping("act", case, "start_publicity", "--as", CLERK_OF_THE_UNIT, "--with", posted)
    said = f'{{"text": "{SECRET}", "contact": "{CONTACT}"}}'
    await zhiping("act", case, "raise_objection", "--as", "anyone", "--with", said)

    readers = (CLERK_OF_THE_UNIT, "zhou@city-industry-department", "applicant",
               "chen@bd-committee-office", "operations@zhiping")  # fmt: skip
    pages = [(await zhiping("show", case, "--as", who, "--json")).out for who in readers]
    assert [SECRET in page for page in pages] == [True, True, False, False, False]
    for words in (
        ("show", case, "--as", "anyone"),
        ("show", case, "--as", "chu@xinghe-technology"),
        ("watch", case, "--once", "--as", "anyone"),
        ("notices", "list", case, "--as", "anyone"),
        ("inbox", "liangjiang-data-group", "--as", "chu@xinghe-technology"),
        ("integrity", "list", "--as", CLERK_OF_THE_UNIT),
        ("payments", "list", "--as", CLERK_OF_THE_UNIT),
    ):
        assert (await zhiping.json(*words, code=3))["code"] == "not_entitled", words
    for who, found in ((CLERK_OF_THE_UNIT, 1), ("chu@xinghe-technology", 0), ("anyone", 0)):
        listed = await zhiping.json("cases", "--realm", "seeing", "--as", who)
        assert listed["total"] == found, who


COMMANDS = (
    ("show", "x"),
    ("watch", "x", "--once"),
    ("cases",),
    ("inbox", "liangjiang-data-group"),
    ("notices", "list", "x"),
    ("notices", "show", "x"),
    ("batch", "show", "x"),
    ("directory", "grant", "liu@liangjiang-data-group"),
    ("resume", "x"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
async def test_outside_the_embedded_stack_whoever_reads_or_acts_is_named(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    """Without `--as` everything was read as operations, whoever sat at the keyboard."""
    database = "postgresql://zhiping@127.0.0.1:9/zhiping"
    said = await without_engine(database, bytes(32), tmp_path, *words, code=2)
    assert "--as 人员@机构" in said.err
    named = await without_engine(
        database, bytes(32), tmp_path, *words, "--as", "gao@zhiping", code=5
    )
    assert "数据库" in named.err


async def test_who_may_act_for_an_organisation_is_told_to_its_own(zhiping: CommandLine) -> None:
    """Its address and contact are the notice's, and anybody's; its people's names are not."""
    shown = {
        who: await zhiping.json("directory", "show", "liangjiang-data-group", "--as", who)
        for who in (
            CLERK_OF_THE_UNIT,
            "zhou@city-industry-department",
            "qian@city-title-office",
            "operations@zhiping",
            "chu@xinghe-technology",
            "chen@bd-committee-office",
            "anyone",
        )
    }

    assert [who for who, page in shown.items() if "people" not in page] == [
        "chu@xinghe-technology",
        "chen@bd-committee-office",
        "anyone",
    ]
    assert all(page["organisation"]["name"] for page in shown.values())
    nobody = ("directory", "show", "--as", "nobody@liangjiang-data-group")
    assert (await zhiping.whatever(*nobody)).code == 3
    assert (await zhiping.whatever("meeting", "list", *nobody[2:])).code == 3
