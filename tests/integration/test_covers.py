"""Absence cover in the register: who may be named, on which days it holds, and how it ends by itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from activities.covers import cover_of, covers_of, covers_of_person, deputy_of
from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.letters.facts import LetterFacts
from activities.letters.reading import read
from activities.letters.writing import Written, write
from activities.reading import Reading
from activities.records import CaseRecords
from activities.second_person import check_still_holds, side_of
from tests.builders import BD, a_policy
from tests.fixtures.record import GAO, GAO_ER, OPENED, Office, Rung
from tests.integration.steps import a_letter, an_application, opening
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.rules.covering import LENDABLE, MOST_DAYS
from workflows.rules.message import end_of, start_of
from workflows.rules.names import Party
from workflows.rules.refusals import Code, Refused
from workflows.writer.messages import Actor, Cover

pytestmark = pytest.mark.integration

AT, CITY = "bd-committee-office", "city-title-office"
HEAD = Actor(person="chen-zong", organisation=AT, role="supervisor")
CLERK = Actor(person="chen", organisation=AT, role="member")
CITY_HEAD = Actor(person="qian", organisation=CITY, role="supervisor")
CITY_CLERK = Actor(person="qian-er", organisation=CITY, role="member")
FIRST, LAST = date(2023, 10, 9), date(2023, 10, 13)
WITHIN = datetime.fromisoformat("2023-10-10T10:00:00+08:00")
STATED: dict[str, Any] = {
    "organisation": AT,
    "deputy": "chen",
    "from": FIRST.isoformat(),
    "to": LAST.isoformat(),
    "reason": "陈总外出参加会议",
}


async def asked(
    office: Office,
    intake: Intake,
    kind: str,
    stated: dict[str, Any],
    by: Actor = HEAD,
    at: datetime = OPENED,
    realm: str = "live",
) -> OperationOutcome:
    """One operation, without anybody's confirmation."""
    reference = await intake.store_input(stated)
    return await office.carry_out(
        OperationRequest(kind=kind, actor=by, as_of=at, reference=reference, realm=realm)
    )


async def named(office: Office, intake: Intake, **other: Any) -> str:
    """A cover that the head of the city office confirmed; its id."""
    waits = await asked(office, intake, "name_deputy", STATED | other)
    assert waits.waits_until is not None, waits
    done = await office.confirm(waits.operation, CITY_HEAD)
    assert done.done, done
    return done.params["cover"]


def reasons(outcome: OperationOutcome) -> list[tuple[str, str]]:
    """The codes of a no, each with its reason."""
    return [(item.code.value, item.params.get("reason", "")) for item in outcome.refusals]


async def holds(pool: Pool, identity: Identity, at: datetime) -> bool:
    """Whether the clerk stands in for the head at an instant."""
    found = await cover_of(pool, identity, "chen", AT, "live", at)
    assert found is None or found.principal == "chen-zong"
    return found is not None


async def test_a_deputy_is_named_by_who_leads_and_confirmed_by_who_is_above(
    published: Office, intake: Intake, pool: Pool, identity: Identity, reading: Reading
) -> None:
    waits = await asked(published, intake, "name_deputy", STATED)
    assert (waits.done, waits.waits_until is not None) == (False, True)
    assert not await holds(pool, identity, WITHIN)

    # Whoever is named neither asks for it nor confirms it, and who asked does not confirm it.
    assert reasons(await published.confirm(waits.operation, CLERK)) == [
        ("not_entitled", "own_matter")
    ]
    assert reasons(await published.confirm(waits.operation, HEAD)) == [
        ("second_person_required", "same_human")
    ]
    by_the_deputy = await asked(published, intake, "name_deputy", STATED, CLERK)
    assert reasons(by_the_deputy) == [("not_entitled", "own_matter")]
    assert (await published.confirm(waits.operation, CITY_CLERK)).done

    cover = await cover_of(pool, identity, "chen", AT, "live", WITHIN)
    human = await reading.human("chen-zong", "live")
    assert cover == Cover(principal="chen-zong", human=human, acts=LENDABLE)
    actor = await reading.as_actor("chen", AT, "live", WITHIN, "member")
    assert (actor.cover, actor.role) == (cover, "member")
    assert await deputy_of(pool, "chen-zong", AT, "live", WITHIN) == "chen"
    assert (await reading.as_actor("chen-zong", AT, "live", WITHIN, "supervisor")).cover is None
    [mine] = await covers_of_person(pool, "chen", "live", WITHIN)
    assert (mine.principal, mine.ends_on, mine.holds) == ("chen-zong", LAST, True)
    assert await reading.text(mine.reason) == STATED["reason"]


@pytest.mark.parametrize("named_by", [GAO, CITY_CLERK])
async def test_whoever_is_above_names_one_for_a_head_who_is_away(
    published: Office, intake: Intake, pool: Pool, identity: Identity, named_by: Actor
) -> None:
    waits = await asked(
        published, intake, "name_deputy", STATED | {"principal": "chen-zong"}, named_by
    )
    assert (await published.confirm(waits.operation, GAO_ER)).done
    assert await holds(pool, identity, WITHIN)


async def test_it_holds_on_its_days_by_beijings_calendar_and_no_others(
    published: Office, intake: Intake, pool: Pool, identity: Identity
) -> None:
    await named(published, intake)
    second = timedelta(seconds=1)
    edges = {
        start_of(FIRST) - second: False,
        start_of(FIRST): True,
        WITHIN: True,
        end_of(LAST) - second: True,
        end_of(LAST): False,
    }
    assert {at: await holds(pool, identity, at) for at in edges} == edges
    # Nobody else, nowhere else, in no other way.
    for person, organisation in (("chen", CITY), ("chen-zong", AT), ("qian-er", AT)):
        assert await cover_of(pool, identity, person, organisation, "live", WITHIN) is None


@pytest.mark.parametrize("who", [HEAD, CLERK, CITY_CLERK, GAO])
async def test_it_is_ended_at_once_by_either_and_by_who_is_above(
    published: Office, intake: Intake, pool: Pool, identity: Identity, who: Actor
) -> None:
    cover = await named(published, intake)
    ended = await asked(published, intake, "end_deputy", {"cover": cover}, who, WITHIN)
    assert ended.done, ended
    assert await holds(pool, identity, WITHIN - timedelta(seconds=1))
    assert not await holds(pool, identity, WITHIN)
    again = await asked(published, intake, "end_deputy", {"cover": cover}, who, WITHIN)
    assert [item.code for item in again.refusals] == [Code.ALREADY_DECIDED]
    [line], _ = await covers_of(pool, AT, WITHIN)
    assert (line.holds, line.ended_by) == (False, f"{who.person}@{who.organisation}")


async def test_nobody_else_ends_it(published: Office, intake: Intake) -> None:
    cover = await named(published, intake)
    stranger = Actor(person="liu", organisation="liangjiang-data-group", role="member")
    for who in (stranger, CLERK.model_copy(update={"organisation": ""})):
        no = await asked(published, intake, "end_deputy", {"cover": cover}, who, WITHIN)
        assert [item.code for item in no.refusals] == [Code.NOT_ENTITLED]
    nothing = await asked(published, intake, "end_deputy", {"cover": "none"}, HEAD, WITHIN)
    assert [item.code for item in nothing.refusals] == [Code.NOT_FOUND]


@pytest.mark.parametrize("person", ["chen", "chen-zong"])
async def test_it_ends_by_itself_where_either_has_lost_the_role_also_when_it_is_given_anew(
    published: Office, intake: Intake, pool: Pool, identity: Identity, person: str
) -> None:
    await named(published, intake)
    right = {"person": person, "organisation": AT}
    lost = WITHIN + timedelta(hours=1)
    assert (await published("revoke_grant", right, at=lost)).done

    assert await holds(pool, identity, WITHIN)
    assert not await holds(pool, identity, lost)
    anew = right | {"from": lost.isoformat(), "supervisor": person == "chen-zong"}
    assert (await published("grant", anew, at=lost)).done
    assert not await holds(pool, identity, lost + timedelta(hours=1))


async def test_a_deputy_who_comes_to_lead_needs_no_cover(
    published: Office, intake: Intake, pool: Pool, identity: Identity
) -> None:
    await named(published, intake)
    leads = {"person": "chen", "organisation": AT, "from": WITHIN.isoformat(), "supervisor": True}
    assert (await published("grant", leads, at=OPENED)).done
    assert await holds(pool, identity, WITHIN - timedelta(seconds=1))
    assert not await holds(pool, identity, WITHIN)


async def test_a_rehearsal_ends_one_of_the_live_office_for_itself_alone(
    published: Office, intake: Intake, pool: Pool, identity: Identity
) -> None:
    cover = await named(published, intake)
    await pool.execute(
        "INSERT INTO realm (id, kind, title, opens_at) VALUES ('try', 'rehearsal', '', $1)", OPENED
    )
    await asked(published, intake, "end_deputy", {"cover": cover}, HEAD, WITHIN, "try")
    assert await cover_of(pool, identity, "chen", AT, "try", WITHIN) is None
    assert await holds(pool, identity, WITHIN)


IMPOSSIBLE: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "a clerk is covered": (
        {"principal": "chen", "deputy": "chen-zong"},
        ("cover_not_possible", "not_supervisor"),
    ),
    "of another organisation": ({"deputy": "liu"}, ("cover_not_possible", "not_member")),
    "nobody": ({"deputy": "nobody"}, ("not_found", "")),
    "nowhere": ({"organisation": "nowhere"}, ("not_found", "")),
    "the head of elsewhere": ({"principal": "qian"}, ("cover_not_possible", "not_supervisor")),
    "backwards": ({"to": "2023-10-08"}, ("date_not_allowed", "ends_before_it_starts")),
    "days that are past": ({"from": "2023-09-30"}, ("date_not_allowed", "past")),
    "too long": (
        {"to": (FIRST + timedelta(days=MOST_DAYS)).isoformat()},
        ("date_not_allowed", "cover_too_long"),
    ),
}


@pytest.mark.parametrize("why", IMPOSSIBLE)
async def test_what_cannot_be_is_refused_before_a_second_person_is_asked(
    published: Office, intake: Intake, why: str
) -> None:
    other, expected = IMPOSSIBLE[why]
    outcome = await asked(
        published, intake, "name_deputy", STATED | {"principal": "chen-zong"} | other, GAO
    )
    assert reasons(outcome) == [expected]
    assert outcome.waits_until is None


async def test_the_longest_is_allowed_and_an_act_that_is_not_lent_is_not(
    published: Office, intake: Intake
) -> None:
    longest = (FIRST + timedelta(days=MOST_DAYS - 1)).isoformat()
    await named(published, intake, to=longest, acts=["override_return"])
    for act in ("accept", "grant", "name_deputy"):
        no = await asked(published, intake, "name_deputy", STATED | {"acts": [act]})
        assert [item.code for item in no.refusals] == [Code.MALFORMED_PAYLOAD]


async def test_one_day_has_one_deputy_and_nothing_is_lent_on(
    published: Office, intake: Intake, pool: Pool, identity: Identity
) -> None:
    for person, supervisor in (("qian-er", False), ("zhou", True)):
        right = {"person": person, "organisation": AT, "supervisor": supervisor}
        assert (await published("grant", right)).done
    cover = await named(published, intake)
    last = {"from": LAST.isoformat(), "to": LAST.isoformat()}
    taken = [("cover_not_possible", "taken")]
    # A second deputy of the head, a second head of the deputy, the head as a deputy's deputy.
    second = {"principal": "chen-zong", "deputy": "qian-er"}
    other_head = {"principal": "zhou", "deputy": "chen"}
    for other in (second, other_head):
        no = await asked(published, intake, "name_deputy", STATED | last | other, GAO)
        assert reasons(no) == taken
    by_the_deputy = {"principal": "chen", "deputy": "qian-er"}
    no = await asked(published, intake, "name_deputy", STATED | by_the_deputy, GAO)
    assert reasons(no) == [("cover_not_possible", "not_supervisor")]
    # Free again as soon as it is ended.
    await asked(published, intake, "end_deputy", {"cover": cover}, HEAD)
    waits = await asked(published, intake, "name_deputy", STATED | last | second, GAO)
    assert (await published.confirm(waits.operation, GAO_ER)).done


async def test_two_that_were_asked_for_at_once_are_one(published: Office, intake: Intake) -> None:
    first = await asked(published, intake, "name_deputy", STATED)
    second = await asked(published, intake, "name_deputy", STATED)
    assert (await published.confirm(first.operation, CITY_HEAD)).done
    no = await published.confirm(second.operation, CITY_HEAD)
    assert reasons(no) == [("cover_not_possible", "taken")]


async def test_an_operation_under_cover_names_both_and_the_head_is_not_its_second(
    published: Office, intake: Intake, pool: Pool, reading: Reading
) -> None:
    policy = a_policy(BD).model_dump(mode="json")
    policy["fees"]["yuan"]["deputy_senior"] += 1
    stated = {"policy": policy, "reason": "更正收费"}
    before = await asked(published, intake, "amend_campaign", stated, CLERK, WITHIN)
    assert [item.code for item in before.refusals] == [Code.NOT_ENTITLED]
    await named(published, intake)

    waits = await asked(published, intake, "amend_campaign", stated, CLERK, WITHIN)
    assert waits.waits_until is not None
    by_the_head = await published.confirm(waits.operation, HEAD, at=WITHIN)
    assert reasons(by_the_head) == [("second_person_required", "same_human")]
    # Also when the days are over, as long as it waits.
    after = end_of(LAST)
    late = await asked(
        published, intake, "amend_campaign", stated, CLERK, after - timedelta(hours=1)
    )
    by_the_head = await published.confirm(late.operation, HEAD, at=after)
    assert reasons(by_the_head) == [("second_person_required", "same_human")]
    # And then the deputy's right to have asked is gone.
    no = await published.confirm(late.operation, CITY_HEAD, at=after)
    assert [item.code for item in no.refusals] == [Code.NOT_ENTITLED]
    assert (await published.confirm(waits.operation, CITY_HEAD, at=WITHIN)).done
    kept = await pool.fetchval("SELECT actor FROM operation WHERE id = $1", waits.operation)
    actor = Actor.model_validate_json(kept)
    assert (actor.person, actor.role, actor.principal) == ("chen", "member", "chen-zong")
    *_, version = [item for item in await reading.campaigns() if item.campaign == BD]
    assert version.published_by == f"chen@{AT} chen-zong"
    assert (
        version.published_by_name
        == "工程技术大数据智能化副高级评委会办公室（示例） 陈老师（代陈总）"
    )
    # What the head asks for, the deputy does not confirm.
    waits = await asked(published, intake, "amend_campaign", stated, HEAD, WITHIN)
    by_the_deputy = await published.confirm(waits.operation, CLERK, at=WITHIN)
    assert by_the_deputy.refusals
    assert not by_the_deputy.done


async def test_a_cover_that_a_sender_states_is_not_believed_and_not_kept(
    published: Office, intake: Intake, pool: Pool, reading: Reading
) -> None:
    forged = CLERK.model_copy(
        update={
            "cover": Cover(
                principal="chen-zong",
                human=await reading.human("chen-zong", "live"),
                acts=LENDABLE,
            )
        }
    )
    stated = {"policy": a_policy(BD).model_dump(mode="json"), "reason": "更正"}
    no = await asked(published, intake, "amend_campaign", stated, forged, WITHIN)
    assert [item.code for item in no.refusals] == [Code.NOT_ENTITLED]
    kept = await pool.fetchval("SELECT actor FROM operation WHERE id = $1", no.operation)
    assert Actor.model_validate_json(kept).cover is None


async def test_what_was_asked_under_cover_is_confirmed_only_while_it_holds(
    published: Office, intake: Intake, pool: Pool, reading: Reading
) -> None:
    await named(published, intake, acts=["override_return"])
    actor = await reading.as_actor("chen", AT, "live", WITHIN, "member")
    lent = actor.for_act("override_return")
    assert lent.principal == "chen-zong"
    async with pool.acquire() as connection:
        await check_still_holds(connection, lent, "live", WITHIN, "")
        own = actor.for_act("accept")
        await check_still_holds(connection, own, "live", end_of(LAST), "")
        with pytest.raises(Refused) as error:
            await check_still_holds(connection, lent, "live", end_of(LAST), "")
        assert error.value.first.code is Code.NOT_ENTITLED
        # The two count one sheet of votes, not two.
        head = await side_of(connection, "chen-zong", AT, "live", WITHIN)
        clerk = await side_of(connection, "chen", AT, "live", WITHIN)
        assert head & clerk
        assert not head & await side_of(connection, "chen", AT, "live", end_of(LAST))


async def test_what_was_named_stays(
    published: Office, intake: Intake, owner: Pool, pool: Pool
) -> None:
    cover = await named(published, intake)
    await asked(published, intake, "end_deputy", {"cover": cover})
    for statement in (
        "UPDATE deputy_cover SET deputy = 'liu'",
        "DELETE FROM deputy_cover_end",
        "UPDATE deputy_cover_end SET ended_at = now()",
    ):
        with pytest.raises(asyncpg.PostgresError):
            await owner.execute(statement)
    kept = await pool.fetchval(
        "SELECT count(*) FROM chain_entry WHERE source LIKE 'deputy_cover%' AND subject LIKE '%' || $1",
        cover,
    )
    assert kept == 2


async def test_what_is_sent_to_the_head_is_sent_to_the_deputy_too_unless_he_is_its_applicant(
    published: Office,
    intake: Intake,
    pool: Pool,
    owner: Pool,
    reading: Reading,
    records: CaseRecords,
) -> None:
    await named(published, intake)
    letter = a_letter("n-head").model_copy(
        update={"to": Party.ACTOR, "organisation": AT, "person": "chen-zong"}
    )
    draft = await intake.store_draft("live", BD, an_application(campaign=BD))
    await records.record_step(opening(draft, letters=(letter,)))
    await owner.execute("UPDATE letter SET ordered_at = $1", WITHIN)
    facts = LetterFacts(pool, reading)

    async def readers() -> list[str]:
        [ordered] = await facts.ordered(["n-head"])
        return [reader.id for reader in (await facts.reach(ordered, facts.sweep())).readers]

    assert await readers() == ["chen-zong", "chen"]
    await owner.execute(
        "UPDATE person SET id_hash = (SELECT p.id_hash FROM person p JOIN application a"
        " ON a.person = p.id LIMIT 1) WHERE id = 'chen'"
    )
    assert await readers() == ["chen-zong"]


async def told(pool: Pool, reading: Reading, kind: str) -> dict[str, Written]:
    """What letters of a kind wait, by the one person who gets each."""
    facts, found = LetterFacts(pool, reading, "https://zhiping.example"), {}
    ids = [row["id"] for row in await pool.fetch("SELECT id FROM letter WHERE kind = $1", kind)]
    for letter in await facts.ordered(ids):
        known = facts.sweep()
        assert letter.kind is not None
        reach = await facts.reach(letter, known)
        [reader] = reach.readers
        says = read(letter.kind, letter.params)
        found[reader.id] = write(await facts.surroundings(letter, says, reach.recipient, known))
    assert len(found) == len(ids)
    return found


async def test_both_are_told_once_it_is_confirmed_who_when_where_for_what_and_how_to_end_it(
    published: Office, intake: Intake, pool: Pool, reading: Reading, rung: Rung
) -> None:
    acts = ["override_return", "recuse"]
    waits = await asked(published, intake, "name_deputy", STATED | {"acts": acts})
    assert await told(pool, reading, "cover_named") == {}
    assert rung.rooms == []
    done = await published.confirm(waits.operation, CITY_HEAD)
    assert rung.rooms == [done.params["room"]]

    letters = await told(pool, reading, "cover_named")
    assert set(letters) == {"chen", "chen-zong"}
    for person, name in (("chen", "陈老师"), ("chen-zong", "陈总")):
        letter = letters[person]
        assert (
            letter.subject
            == "【职评】陈老师代理陈总：2023年10月9日（周一）至2023年10月13日（周五）"
        )
        assert letter.text.startswith(f"{name}：\n")
        for words in (
            "工程技术大数据智能化副高级评委会办公室（示例）负责人陈总",
            "自：2023年10月9日（周一）零时起",
            "至：2023年10月13日（周五）24:00止",
            "事项：负责人特批退回",
            "登记回避",
            "陈老师（代陈总）",
            "按“终止”",
            f"https://zhiping.example/minglu/{AT}/daili",
            "办理口径63",
        ):
            assert words in letter.text, words
        assert "申报编号" not in letter.text
    for row in await pool.fetch("SELECT * FROM letter"):
        assert STATED["reason"] not in row["params"]


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (WITHIN, "已于2023年10月10日（周二）由陈老师终止"),
        (OPENED, "由陈老师撤回，没有开始"),
    ],
)
async def test_both_are_told_of_an_early_end_and_of_a_withdrawal_and_by_whom(
    published: Office,
    intake: Intake,
    pool: Pool,
    reading: Reading,
    rung: Rung,
    at: datetime,
    words: str,
) -> None:
    cover = await named(published, intake)
    rung.rooms.clear()
    ended = await asked(published, intake, "end_deputy", {"cover": cover}, CLERK, at)
    assert rung.rooms == [ended.params["room"]]
    letters = await told(pool, reading, "cover_ended")
    assert set(letters) == {"chen", "chen-zong"}
    for letter in letters.values():
        assert words in letter.text
        assert "不再具有" not in letter.text
        assert ("还在等待另一人确认" in letter.text) is (at == WITHIN)
    # Nobody is told twice, and nobody of a no.
    await asked(published, intake, "end_deputy", {"cover": cover}, HEAD, at)
    assert len(await told(pool, reading, "cover_ended")) == 2


@pytest.mark.parametrize("loses", ["revoked", "revoked later", "comes to lead", "after its days"])
async def test_both_are_told_where_it_ends_by_itself(
    published: Office, intake: Intake, pool: Pool, reading: Reading, rung: Rung, loses: str
) -> None:
    await named(published, intake)
    rung.rooms.clear()
    right: dict[str, Any] = {"person": "chen", "organisation": AT}
    cases: dict[str, tuple[str, dict[str, Any], datetime, str]] = {
        "revoked": ("revoke_grant", {}, WITHIN, "10月10日"),
        "revoked later": ("revoke_grant", {"to": "2023-10-10"}, OPENED, "10月11日"),
        "comes to lead": ("grant", {"from": "2023-10-11", "supervisor": True}, OPENED, "10月11日"),
        "after its days": ("revoke_grant", {"to": "2023-10-13"}, WITHIN, ""),
    }
    kind, more, at, day = cases[loses]
    done = await published(kind, right | more, at=at)
    assert done.done, done
    letters = await told(pool, reading, "cover_ended")
    assert set(letters) == ({"chen", "chen-zong"} if day else set())
    assert rung.rooms == ([done.params["room"]] if day else [])
    for letter in letters.values():
        assert f"2023年{day}" in letter.text
        assert "其中一人不再具有代理所依据的权限" in letter.text


async def test_a_right_that_touches_no_cover_tells_nobody(
    published: Office, intake: Intake, pool: Pool, reading: Reading, rung: Rung
) -> None:
    await named(published, intake)
    rung.rooms.clear()
    for person, organisation in (("qian-er", CITY), ("qian-er", AT)):
        right = {"person": person, "organisation": organisation}
        assert (await published("grant", right)).done
        assert (await published("revoke_grant", right, at=WITHIN)).done
    assert await told(pool, reading, "cover_ended") == {}
    assert rung.rooms == []
