"""What steps change in the rows of candidates: the list, the draw, recusals, the ballot, the seal."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from activities.covers import SQL as COVERS
from activities.database import Pool
from activities.identity import Identity
from activities.meeting_records import MeetingRecords
from activities.reading import Reading
from tests.builders import BD
from tests.integration.sittings import (
    COMMITTEE,
    DAY,
    EXPERTS,
    MEETING,
    NO,
    OFFICE,
    PRESENT,
    YES,
    Sitting,
    add_cases,
    add_pool,
    answer,
    application_id,
    codes,
    lines,
    row_of,
    seats,
)
from workflows.meeting import messages as m
from workflows.meeting.meeting import Phase
from workflows.rules.ballot import Totals
from workflows.rules.draw import DrawFault, draw_order, faults_of
from workflows.rules.message import start_of
from workflows.rules.recusal import Ground
from workflows.rules.refusals import Code
from workflows.writer.messages import Actor, Cover

pytestmark = pytest.mark.integration

OTHER = f"{MEETING[:-2]}bb"


@pytest.fixture
async def cases(pool: Pool, identity: Identity) -> list[str]:
    """Four who wait for a meeting."""
    return await add_cases(pool, identity, range(1, 5))


@pytest.fixture
def sitting(meetings: MeetingRecords) -> Sitting:
    """A meeting not planned yet."""
    return Sitting(meetings)


@pytest.fixture
async def opened(sitting: Sitting, cases: list[str], pool: Pool) -> Sitting:
    """A meeting with four on the ballot, each in review."""
    await sitting.plan()
    await sitting.open()
    await answer(pool)
    await sitting.settle()
    return sitting


async def everything(pool: Pool) -> list[Any]:
    """All rows a refused step must leave as they were."""
    tables = ("meeting", "meeting_step", "candidate", "recusal", "telling", "telling_line")
    return [await pool.fetch(f"SELECT * FROM {name} t ORDER BY t::text") for name in tables]  # noqa: S608


async def states(pool: Pool) -> dict[str, str]:
    """Candidates' states by application."""
    rows = await pool.fetch("SELECT application, state FROM candidate ORDER BY position")
    return {row["application"]: row["state"] for row in rows}


# --- the list


async def test_everybody_of_campaign_and_office_who_waits_is_listed(
    sitting: Sitting, cases: list[str], pool: Pool, identity: Identity
) -> None:
    await add_cases(pool, identity, [10], stage="awaiting_payment")
    await add_cases(pool, identity, [11], office="another-office")
    [ended, elsewhere] = await add_cases(pool, identity, [12, 13])
    await pool.execute("UPDATE application SET end_name = 'withdrawn' WHERE id = $1", ended)
    await pool.execute("UPDATE application SET campaign = 'lc-2024' WHERE id = $1", elsewhere)
    assert (await sitting.plan()).counted == 4
    assert await states(pool) == dict.fromkeys(cases, "listed")


async def test_each_one_named_who_cannot_be_listed_is_a_reason(
    sitting: Sitting, meetings: MeetingRecords, cases: list[str], pool: Pool, identity: Identity
) -> None:
    await Sitting(meetings, meeting=OTHER, number="2023-BD-00").plan(cases[:1])
    [early] = await add_cases(pool, identity, [10], stage="awaiting_payment")
    [ended] = await add_cases(pool, identity, [11])
    await pool.execute("UPDATE application SET end_name = 'withdrawn' WHERE id = $1", ended)
    [theirs] = await add_cases(pool, identity, [12], office="another-office")
    before = await everything(pool)
    refused = await sitting.plan([cases[1], cases[0], early, ended, theirs, "application-nobody"])
    assert [
        (item.code, item.params["application"], item.params.get("meeting", ""))
        for item in refused.refusals
    ] == [
        (Code.ALREADY_OPEN, cases[0], "2023-BD-00"),
        (Code.WRONG_STAGE, early, ""),
        (Code.ALREADY_DECIDED, ended, ""),
        (Code.NOT_FOUND, theirs, ""),
        (Code.NOT_FOUND, "application-nobody", ""),
    ]
    assert await everything(pool) == before


async def test_two_meetings_at_once_list_nobody_twice(
    meetings: MeetingRecords, cases: list[str], pool: Pool
) -> None:
    rooms = [
        Sitting(meetings, meeting=f"{MEETING}{place}", number=f"n-{place}") for place in range(4)
    ]
    answers = await asyncio.gather(*(room.plan() for room in rooms))
    assert sorted(answered.counted for answered in answers) == [0, 0, 0, 4]
    assert await pool.fetchval("SELECT count(*) FROM standing_candidate") == 4


async def test_a_signed_meeting_holds_nobody_from_the_next_list(
    opened: Sitting, meetings: MeetingRecords, cases: list[str]
) -> None:
    await opened.judged(dict.fromkeys(cases, YES))
    await opened.sign()
    next_one = Sitting(meetings, meeting=OTHER, number="2023-BD-02")
    assert (await next_one.plan(cases[:1])).counted == 1


@pytest.mark.parametrize(
    ("route", "facts", "own", "track"),
    [
        ("city_unit", {}, False, "confirm"),
        ("resident_branch", {}, False, "reply"),
        ("city_unit", {"entrusted": True, "entrusting_unit": "chengdu-bureau"}, False, "reply"),
        ("city_unit", {"self_evaluating": True}, False, "confirm"),
        ("city_unit", {"self_evaluating": True}, True, "file"),
    ],
)
async def test_the_track_follows_route_and_facts(
    sitting: Sitting,
    pool: Pool,
    owner: Pool,
    identity: Identity,
    published: object,
    route: str,
    facts: dict[str, Any],
    own: bool,
    track: str,
) -> None:
    if own:
        await owner.execute(
            "ALTER TABLE campaign_version DISABLE TRIGGER campaign_version_is_final"
        )
        await owner.execute(
            "UPDATE campaign_version SET policy = jsonb_set(policy,"
            " '{self_evaluating,destination}', '\"own\"')"
        )
    [one] = await add_cases(pool, identity, [1], route=route, **facts)
    await sitting.plan()
    row = await row_of(pool, one)
    assert (row["track"], row["unit"]) == (track, "xinghe-technology")
    assert row["entrusting"] == facts.get("entrusting_unit", row["entrusting"])


async def test_later_candidates_come_after_and_only_they_are_new(
    sitting: Sitting, cases: list[str], pool: Pool, identity: Identity
) -> None:
    await sitting.plan(cases[2:])
    order = sitting.order("assign_to_meeting", "new")
    change = m.ListCandidates(campaign=BD, office=OFFICE)
    added = await sitting("add_candidates", change, telling=order)
    assert (added.counted, added.lines) == (2, 2)
    assert await lines(pool, order.id) == cases[:2]
    assert list(await states(pool)) == [*cases[2:], *cases[:2]]
    again = await sitting("add_candidates", change, telling=sitting.order("x", "new"))
    assert codes(again) == [Code.NOT_FOUND]
    named = await sitting("add_candidates", change.model_copy(update={"applications": (cases[0],)}))
    assert codes(named) == [Code.ALREADY_OPEN]


async def test_a_deferred_candidate_may_be_listed_again_as_if_new(
    sitting: Sitting, cases: list[str], pool: Pool
) -> None:
    await sitting.plan()
    await sitting("defer", m.Defer(application=cases[0], why="deferred", free=True))
    assert (await row_of(pool, cases[0]))["why"] == "deferred"
    change = m.ListCandidates(campaign=BD, office=OFFICE, applications=(cases[0],))
    assert (await sitting("add_candidates", change)).counted == 1
    row = await row_of(pool, cases[0])
    assert (row["state"], row["why"], row["position"]) == ("listed", "", 5)


# --- the draw and recusals


async def drawn_by(
    sitting: Sitting, seed: str = "s-1", number: int = 1, **more: Any
) -> m.MeetingStepRecorded:
    """A draw of eleven and three, ordered, and made by a seed that is known here."""
    values = {
        "committee": COMMITTEE,
        "seats": 11,
        "spares": 3,
        "on": DAY,
        "commitment": "0" * 64,
        "most": 9,
    }
    change = m.OrderDraw.model_validate({"number": number} | values | more)
    ordered = await sitting("draw", change)
    if ordered.drawn is None:
        return ordered
    made = ordered.drawn.model_copy(update={"seed": seed})
    return await sitting("reveal_draw", m.DrawSeats(drawn=made))


async def recusals(pool: Pool) -> set[tuple[str, str, str]]:
    """Application, expert and ground of every recusal."""
    rows = await pool.fetch("SELECT application, expert, ground FROM recusal")
    return {(row["application"], row["expert"], row["ground"]) for row in rows}


async def test_the_draw_follows_its_seed_and_notes_conflicts(
    sitting: Sitting, cases: list[str], pool: Pool, identity: Identity, reading: Reading
) -> None:
    await add_pool(pool, identity)
    first = draw_order("s-1", EXPERTS)
    [colleague] = await add_cases(pool, identity, [10], unit=f"institute-{first[0]}")
    [insured] = await add_cases(pool, identity, [11], insured_unit=f"institute-{first[1]}")
    [himself] = await add_cases(pool, identity, [12])
    await pool.execute(
        "UPDATE application SET person = $2 WHERE id = $1", himself, f"person-{first[2]}"
    )
    await sitting.plan()
    drawn = await drawn_by(sitting)
    able = [name for name in first if name != first[2]]  # nobody judges whom he competes with
    assert [seat.expert for seat in drawn.seats if not seat.spare][:10] == able[:10]
    assert len(drawn.seats) == 14
    assert drawn.drawn is not None
    assert drawn.drawn.barred == (first[2],)
    [record] = await reading.draws(MEETING)
    assert (record.drawn.seed, record.seats) == (
        "s-1",
        tuple(seat.expert for seat in drawn.seats),
    )
    expected = {(colleague, first[0], "same_unit"), (insured, first[1], "same_unit")}
    assert await recusals(pool) == expected
    sitting.state.seats = list(drawn.seats)
    await drawn_by(sitting, "s-2", 2)
    second = [name for name in draw_order("s-2", EXPERTS) if name != first[2]][:14]
    assert await recusals(pool) == {item for item in expected if item[1] in second}
    await pool.execute("UPDATE expert SET term_to = term_to - 1 WHERE id = $1", first[3])
    # The pool of that day was kept: what became of it since bends no draw made again.
    records = await reading.draws(MEETING)
    made_up = (DrawFault.COMMITMENT, DrawFault.SEED)
    assert [(item.drawn.seed, faults_of(item)) for item in records] == [
        ("s-1", made_up),
        ("s-2", made_up),
    ]


async def test_an_expert_with_another_row_of_the_same_number_is_the_candidate(
    sitting: Sitting, cases: list[str], pool: Pool, identity: Identity
) -> None:
    await add_pool(pool, identity)
    await pool.execute(
        "UPDATE person SET id_hash = (SELECT id_hash FROM person WHERE id = 'person-1')"
        " WHERE id = ANY ($1::text[])",
        [f"person-{expert}" for expert in EXPERTS[:1]],
    )
    await sitting.plan()
    await sitting.seated()
    seat = seats(EXPERTS[:1])[0]
    await sitting("replace", m.SeatSpare(seat=seat))
    assert await recusals(pool) == {(cases[0], EXPERTS[0], "same_person")}


async def test_who_is_barred_or_out_of_term_is_not_drawn(
    sitting: Sitting, cases: list[str], pool: Pool, identity: Identity
) -> None:
    await add_pool(pool, identity)
    first = draw_order("s-1", EXPERTS)
    await pool.execute(
        "INSERT INTO bar (realm, number, id_hash, starts_on, ends_on, entered_by, entered_at)"
        " SELECT 'live', 1, id_hash, $2, $3, 'gao', now() FROM person WHERE id = $1",
        f"person-{first[0]}",
        DAY,
        DAY,
    )
    await pool.execute("UPDATE expert SET term_to = $2 WHERE id = $1", first[1], date(2023, 12, 3))
    await sitting.plan()
    drawn = await drawn_by(sitting)
    assert not {seat.expert for seat in drawn.seats} & set(first[:2])
    short = await drawn_by(sitting, number=2, seats=17, spares=2)
    assert codes(short) == [Code.POOL_TOO_SMALL]
    assert short.refusals[0].params == {"available": "18", "needed": "19"}


@pytest.mark.parametrize("named", [True, False])
async def test_who_sits_in_the_meeting_is_not_listed_after_the_draw(
    sitting: Sitting, cases: list[str], pool: Pool, identity: Identity, named: bool
) -> None:
    await add_pool(pool, identity)
    await sitting.plan(cases[:2])
    sitting.state.seats = seats(EXPERTS[:11], spares=EXPERTS[11:12])
    sitting.state.seats[1] = sitting.state.seats[1].model_copy(update={"standing": "declined"})
    sits, declined, spare = await add_cases(pool, identity, [10, 11, 12])
    for application, expert in ((sits, 0), (declined, 1), (spare, 11)):
        # The expert applies under another row of the same ID number.
        await pool.execute(
            "UPDATE person SET id_hash = (SELECT id_hash FROM person WHERE id = $2)"
            " WHERE id = (SELECT person FROM application WHERE id = $1)",
            application,
            f"person-{EXPERTS[expert]}",
        )
    before = await everything(pool)
    applications = (sits, declined, spare) if named else ()
    change = m.ListCandidates(campaign=BD, office=OFFICE, applications=applications)
    refused = await sitting("add_candidates", change)
    assert [
        (item.code, item.params["application"], item.params["expert"]) for item in refused.refusals
    ] == [(Code.RECUSED, sits, EXPERTS[0]), (Code.RECUSED, spare, EXPERTS[11])]
    assert await everything(pool) == before
    change = change.model_copy(update={"applications": (declined,)})
    assert (await sitting("add_candidates", change)).counted == 1


async def test_a_candidate_beyond_the_committees_level_is_not_listed(
    sitting: Sitting, cases: list[str], pool: Pool
) -> None:
    await pool.execute("UPDATE application SET level = 'senior' WHERE id = $1", cases[0])
    change = m.ListCandidates(campaign=BD, office=OFFICE, levels=("junior", "mid", "deputy_senior"))
    named = change.model_copy(update={"applications": (cases[1], cases[0])})
    refused = await sitting("plan", named, opens=True)
    assert [item.code for item in refused.refusals] == [Code.LEVEL_NOT_HANDLED]
    assert refused.refusals[0].params == {
        "application": cases[0],
        "level": "senior",
        "reason": "committee",
    }
    assert (await sitting("plan", change, opens=True)).counted == 3
    assert list(await states(pool)) == cases[1:]
    change = change.model_copy(update={"levels": ()})
    assert (await sitting("add_candidates", change)).counted == 1


async def test_who_is_listed_after_the_draw_is_compared_with_the_seats(
    sitting: Sitting, cases: list[str], pool: Pool, identity: Identity
) -> None:
    await sitting.plan(cases[:2])
    await sitting.seated()
    [late] = await add_cases(pool, identity, [10], unit=f"institute-{EXPERTS[4]}")
    change = m.ListCandidates(campaign=BD, office=OFFICE)
    await sitting("add_candidates", change)
    assert await recusals(pool) == {(late, EXPERTS[4], "same_unit")}


def a_recusal(
    *applications: str, expert: str = EXPERTS[0], supervised: bool = True
) -> m.NoteRecusal:
    """A recusal that a supervisor states."""
    return m.NoteRecusal(
        expert=expert,
        applications=applications,
        ground=Ground.KIN,
        reason="text-1",
        supervised=supervised,
    )


async def test_a_recusal_is_entered_by_whom_and_only_for_those_on_the_list(
    sitting: Sitting, cases: list[str], pool: Pool
) -> None:
    await sitting.plan(cases[:2])
    assert (await sitting("recuse", a_recusal(*cases[:2]))).counted == 2
    await sitting("recuse", a_recusal(cases[0]))
    assert await recusals(pool) == {(item, EXPERTS[0], "kin") for item in cases[:2]}
    assert await pool.fetchval("SELECT DISTINCT entered_by FROM recusal") == "wang"
    before = await everything(pool)
    refused = await sitting("recuse", a_recusal(*cases))
    assert [item.params["application"] for item in refused.refusals] == cases[2:]
    assert codes(refused) == [Code.NOT_ON_LIST] * 2
    assert await everything(pool) == before


async def test_a_declared_recusal_outlives_another_draw(
    sitting: Sitting, cases: list[str], pool: Pool, identity: Identity
) -> None:
    await add_pool(pool, identity)
    await sitting.plan()
    await drawn_by(sitting)
    await sitting("recuse", a_recusal(cases[0]))
    await drawn_by(sitting, "s-2", 2)
    assert await recusals(pool) == {(cases[0], EXPERTS[0], "kin")}


async def test_a_recusal_during_the_meeting_drops_what_was_judged_with_that_expert(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await opened.opinions(cases[:2])
    await opened.count("wang", dict.fromkeys(cases[:2], YES))
    await opened("recuse", a_recusal(cases[0], expert=PRESENT[0]))
    row, other = await row_of(pool, cases[0]), await row_of(pool, cases[1])
    assert (row["opinion"], row["first"], row["first_by"]) == ("", None, "")
    assert (other["opinion"], other["first_by"]) == ("text-opinion", "wang")
    eight = {cases[0]: Totals(yes=6, no=2)}
    await opened.count("wang", eight)
    assert (await opened.count("zhao", eight)).counted == 1


async def test_only_a_supervisor_makes_an_agreed_count_fall_by_a_recusal(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await opened.judged(dict.fromkeys(cases, YES))
    before = await everything(pool)

    clerk = a_recusal(cases[0], expert=PRESENT[0], supervised=False)
    refused = await opened("recuse", clerk)

    assert codes(refused) == [Code.NOT_ENTITLED]
    assert await everything(pool) == before


UNDER_COVER = Actor(
    person="zhao",
    organisation=OFFICE,
    role="member",
    human="human of zhao",
    cover=Cover(principal="wang", human="human of wang", acts=("recuse",)),
)
SAME_HUMAN = "UPDATE person SET id_hash = (SELECT id_hash FROM person WHERE id = $1) WHERE id = $2"


async def covered(pool: Pool) -> None:
    """Zhao covers wang, who leads the office, on the day of the meeting."""
    for person, role in (("wang", "supervisor"), ("zhao", "member"), ("qian", "member")):
        await pool.execute(
            "INSERT INTO access_grant (person, organisation, role, starts_at, granted_by,"
            " granted_at) VALUES ($1, $2, $3, $4, 'gao', $4)",
            *(person, OFFICE, role, start_of(DAY)),
        )
    last = await pool.fetchval(COVERS["last_grant"])
    named = ("cover-1", "", OFFICE, "wang", "zhao", DAY, DAY, ["recuse"], "", last, "wang")
    await pool.execute(COVERS["add_cover"], *named, start_of(DAY))


async def test_an_agreed_count_falls_by_a_deputys_word_too(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await opened.judged(dict.fromkeys(cases, YES))
    said = await opened("recuse", a_recusal(cases[0], expert=PRESENT[0]), actor=UNDER_COVER)
    assert not said.refusals
    assert (await row_of(pool, cases[0]))["state"] == "on_ballot"


@pytest.mark.parametrize("interested", ["zhao", "wang"])
@pytest.mark.parametrize("as_what", ["candidate", "expert"])
async def test_but_not_where_the_deputy_or_who_is_covered_judges_or_is_judged(
    opened: Sitting,
    cases: list[str],
    pool: Pool,
    identity: Identity,
    interested: str,
    as_what: str,
) -> None:
    await add_pool(pool, identity)
    await opened.judged(dict.fromkeys(cases, YES))
    whose = await pool.fetchval("SELECT person FROM application WHERE id = $1", cases[3])
    other = whose if as_what == "candidate" else opened.state.seats[2].person
    await pool.execute(SAME_HUMAN, other, interested)
    before = await everything(pool)
    said = await opened("recuse", a_recusal(cases[0], expert=PRESENT[0]), actor=UNDER_COVER)
    assert codes(said) == [Code.NOT_ENTITLED]
    assert await everything(pool) == before


async def test_a_deputy_does_not_count_the_votes_of_whom_he_covers_again(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await covered(pool)
    for first, second in (("wang", "zhao"), ("zhao", "wang")):
        case = cases[first == "wang"]
        await opened.count(first, {case: YES})
        again = await opened.count(second, {case: YES})
        assert codes(again) == [Code.SECOND_PERSON_REQUIRED]
        assert (await opened.count("qian", {case: YES})).counted == 1


async def test_a_recusal_after_the_count_puts_the_candidate_back_on_the_ballot(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await opened.judged(dict.fromkeys(cases, YES))
    await opened("recuse", a_recusal(cases[0], expert=PRESENT[0]))
    await opened("recuse", a_recusal(cases[1], expert=PRESENT[8]))
    first, second = await row_of(pool, cases[0]), await row_of(pool, cases[1])
    for row in (first, second):
        assert row["state"] == "on_ballot"
        assert (row["first"], row["ballot"], row["outcome"]) == (None, None, None)
        assert (row["first_by"], row["second_by"]) == ("", "")
    assert (first["opinion"], second["opinion"]) == ("", "text-opinion")
    assert (await row_of(pool, cases[2]))["state"] == "balloted"
    assert codes(await opened.sign()) == [Code.BALLOT_OPEN]
    again = await opened("recuse", a_recusal(cases[2], expert=PRESENT[0]))
    assert again.refusals == ()
    await opened.opinions([cases[0], cases[2]], PRESENT[3:6])
    eight = dict.fromkeys(cases[:3], Totals(yes=6, no=2))
    await opened.count("wang", eight)
    assert (await opened.count("zhao", eight)).counted == 3
    before = await row_of(pool, cases[0])
    await opened("recuse", a_recusal(cases[0], expert=PRESENT[0]))  # known already: no new count
    assert await row_of(pool, cases[0]) == before
    assert (await opened.sign()).counted == 4


async def test_a_recusal_after_the_signature_comes_too_late(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await opened.judged(dict.fromkeys(cases, YES))
    await opened.sign()
    before = await everything(pool)
    assert codes(await opened("recuse", a_recusal(cases[0]))) == [Code.NOT_ON_LIST]
    assert await everything(pool) == before


# --- the meeting


async def test_too_few_voters_are_left_for_a_candidate(
    sitting: Sitting, cases: list[str], pool: Pool
) -> None:
    await sitting.plan()
    for expert in PRESENT[:2]:
        await sitting("recuse", a_recusal(cases[0], expert=expert))
    await sitting("recuse", a_recusal(cases[1], expert=PRESENT[0]))
    answered = await sitting.open()
    assert (answered.counted, answered.lines, answered.to_free) == (3, 3, 1)
    row = await row_of(pool, cases[0])
    assert (row["state"], row["why"]) == ("deferred", "quorum")


async def test_a_meeting_without_candidates_to_vote_on_does_not_open(
    sitting: Sitting, cases: list[str], pool: Pool
) -> None:
    await sitting.plan(cases[:1])
    for expert in PRESENT[:2]:
        await sitting("recuse", a_recusal(cases[0], expert=expert))
    before = await everything(pool)
    assert codes(await sitting.open()) == [Code.NOT_FOUND]
    assert await everything(pool) == before


async def test_a_sheet_of_opinions_is_refused_whole_with_all_reasons(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await opened("recuse", a_recusal(cases[0], expert=PRESENT[0]))
    before = await everything(pool)
    sheet = [*cases[:2], application_id(99)]
    refused = await opened.opinions(sheet, PRESENT[:3])
    assert [(item.code, item.params["application"]) for item in refused.refusals] == [
        (Code.RECUSED, cases[0]),
        (Code.NOT_ON_LIST, application_id(99)),
    ]
    small = await opened.opinions(cases[:1], PRESENT[1:3])
    assert codes(small) == [Code.GROUP_TOO_SMALL]
    away = await opened.opinions(cases[:1], (*PRESENT[1:3], EXPERTS[10]))
    assert codes(away) == [Code.NOT_A_MEMBER]
    assert await everything(pool) == before


async def test_a_total_counts_when_two_people_entered_the_same(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    six, five = Totals(yes=6, no=3), Totals(yes=5, no=3, abstain=1)
    sheet = {cases[0]: six, cases[1]: five}
    assert (await opened.count("wang", sheet)).counted == 0
    assert (await opened.count("zhao", sheet)).counted == 2
    first, second = await row_of(pool, cases[0]), await row_of(pool, cases[1])
    assert (first["state"], first["outcome"], second["outcome"]) == (
        "balloted",
        "passed",
        "not_passed",
    )
    assert (first["first_by"], first["second_by"]) == ("wang", "zhao")
    assert Totals.model_validate_json(first["ballot"]) == six
    third = await opened.count("qian", {cases[0]: six})
    assert codes(third) == [Code.ALREADY_DECIDED]


async def test_one_person_alone_makes_no_total_count(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await opened.count("wang", {cases[0]: YES})
    again = await opened.count("wang", {cases[0]: YES})
    assert codes(again) == [Code.SECOND_PERSON_REQUIRED]
    corrected = await opened.count("wang", {cases[0]: NO})
    assert (corrected.counted, corrected.refusals) == (0, ())
    assert (await opened.count("zhao", {cases[0]: NO})).counted == 1
    assert (await row_of(pool, cases[0]))["outcome"] == "not_passed"


async def test_one_human_under_two_rows_makes_no_total_count(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await opened.count("wang", {cases[0]: YES})
    again = await opened.count("wang-b", {cases[0]: YES})
    assert codes(again) == [Code.SECOND_PERSON_REQUIRED]
    assert (await row_of(pool, cases[0]))["state"] == "on_ballot"


async def test_nobody_knows_which_human_counts_without_an_id_number(
    opened: Sitting, cases: list[str]
) -> None:
    assert codes(await opened.count("somebody", {cases[0]: YES})) == [Code.IDENTITY_UNKNOWN]


async def test_a_candidate_counts_no_votes_on_the_own_application(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await pool.execute(
        "UPDATE person SET id_hash = (SELECT p.id_hash FROM person p JOIN application a"
        " ON a.person = p.id WHERE a.id = $1 LIMIT 1) WHERE id = 'wang-b'",
        cases[0],
    )
    assert codes(await opened.count("wang-b", {cases[0]: YES})) == [Code.NOT_ENTITLED]
    assert not (await opened.count("wang-b", {cases[1]: YES})).refusals


async def test_entries_that_disagree_say_where_and_not_what(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await opened.count("wang", dict.fromkeys(cases[:3], YES))
    before = await everything(pool)
    sheet = {cases[0]: YES, cases[1]: Totals(yes=6, no=2, abstain=1), cases[2]: YES}
    refused = await opened.count("zhao", sheet)
    assert [(item.code, item.params) for item in refused.refusals] == [
        (Code.BALLOT_DISAGREES, {"application": cases[1], "differs": "yes、abstain"})
    ]
    assert await everything(pool) == before


@pytest.mark.parametrize(
    ("totals", "code"),
    [
        (Totals(yes=10), Code.BALLOT_OUT_OF_RANGE),
        (Totals(yes=8), Code.BALLOT_OUT_OF_RANGE),
        (Totals(yes=9, no=9), Code.BALLOT_OUT_OF_RANGE),
    ],
)
async def test_more_or_fewer_votes_than_voters_are_refused(
    opened: Sitting, cases: list[str], pool: Pool, totals: Totals, code: Code
) -> None:
    before = await everything(pool)
    refused = await opened.count("wang", {cases[0]: YES, cases[1]: totals})
    assert codes(refused) == [code]
    assert refused.refusals[0].params["application"] == cases[1]
    assert await everything(pool) == before


async def test_a_ballot_without_its_quorum_is_refused(opened: Sitting, cases: list[str]) -> None:
    for expert in PRESENT[:2]:
        await opened("recuse", a_recusal(cases[0], expert=expert))
    refused = await opened.count("wang", {cases[0]: Totals(yes=7)})
    assert codes(refused) == [Code.QUORUM_SHORT]


async def test_a_deferred_candidate_loses_what_was_counted(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await opened.judged({cases[0]: YES})
    assert (await opened("defer", m.Defer(application=cases[0], why="deferred"))).counted == 1
    row = await row_of(pool, cases[0])
    assert (row["state"], row["ballot"], row["outcome"], row["first"]) == (
        "deferred",
        None,
        None,
        None,
    )
    again = await opened("defer", m.Defer(application=cases[0], why="deferred"))
    assert codes(again) == [Code.NOT_ON_LIST]
    stranger = await opened("defer", m.Defer(application="application-nobody"))
    assert codes(stranger) == [Code.NOT_ON_LIST]


async def test_who_was_deferred_stays_left_until_the_case_was_given_back(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await opened.judged({cases[0]: YES})
    for item in cases[1:]:
        await opened("defer", m.Defer(application=item, why="deferred"))
    assert opened.state.left == 3
    assert (await opened.sign()).left == 4
    await answer(pool, {cases[1]: ("refused", "inquiry_open"), cases[2]: ("gone", "x")})
    assert (await opened.settle()).left == 2  # the one with a result, and the one held
    await opened.say("record_result", "named_outcome", 1, application=cases[1])
    await answer(pool)
    assert (await opened.settle()).left == 1


async def test_who_is_deferred_out_of_review_stays_left_until_freed(
    sitting: Sitting, cases: list[str], pool: Pool
) -> None:
    await sitting.plan()
    change = m.Defer(application=cases[0], why="deferred", free=True)
    freed = await sitting("defer", change, telling=sitting.order("leave_meeting", "to_free"))
    assert (freed.left, freed.to_free) == (1, 1)
    await answer(pool)
    settled = await sitting.settle()
    assert (settled.left, settled.to_free) == (0, 0)


async def test_the_seal_waits_for_every_count_and_opinion(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await opened.judged({cases[0]: YES})
    await opened.count("wang", {cases[1]: YES})
    await opened.count("zhao", {cases[1]: YES})
    before = await everything(pool)
    refused = await opened.sign()
    assert [(item.code, item.params) for item in refused.refusals] == [
        (
            Code.BALLOT_OPEN,
            {"reason": "count", "number": "2", "examples": "、".join(cases[2:])},
        ),
        (Code.BALLOT_OPEN, {"reason": "opinion", "number": "1", "examples": cases[1]}),
    ]
    assert await everything(pool) == before


async def test_the_seal_tells_each_case_its_own_result(
    opened: Sitting, cases: list[str], pool: Pool
) -> None:
    await opened.judged({cases[0]: YES, cases[1]: NO})
    for item in cases[2:]:
        await opened("defer", m.Defer(application=item, why="deferred"))
    order = opened.order(
        "record_result", "outcomes", 1, payload={"meeting_ended_on": "2023-12-04", "result": "x"}
    )
    signed = await opened("sign", m.SealResults(batch=1), batch=1, telling=order)
    # The two deferred hang in the meeting until their cases have it; nothing is posted untold.
    assert (signed.counted, signed.lines, signed.left) == (2, 4, 4)
    assert signed.batches == {1: m.BatchCounts(rows=2, tracks={"confirm": 2})}
    rows = await pool.fetch(
        "SELECT payload ->> 'result' AS result FROM telling_line ORDER BY position"
        " OFFSET 4"  # after those told that the review is open
    )
    told = await pool.fetch(
        "SELECT application, payload ->> 'result' AS result, payload ->> 'meeting_ended_on' AS day"
        " FROM telling_line WHERE telling = $1 ORDER BY position",
        order.id,
    )
    assert len(rows) == 4
    assert [tuple(row) for row in told] == [
        (cases[0], "passed", "2023-12-04"),
        (cases[1], "not_passed", "2023-12-04"),
        (cases[2], "deferred", "2023-12-04"),
        (cases[3], "deferred", "2023-12-04"),
    ]


async def test_a_meeting_nobody_was_judged_in_is_not_signed(
    sitting: Sitting, cases: list[str], pool: Pool
) -> None:
    await sitting.plan()
    await sitting.open()
    await answer(pool, default="gone")
    await sitting.settle()
    before = await everything(pool)
    assert codes(await sitting.sign()) == [Code.NOT_FOUND]
    assert await everything(pool) == before


async def test_cancelling_an_opened_meeting_defers_who_is_in_review_and_frees_the_others(
    sitting: Sitting, cases: list[str], pool: Pool
) -> None:
    await sitting.plan()
    await sitting.open()
    await answer(pool, {cases[3]: ("refused", "check_open")})
    await sitting.settle()
    await sitting.judged({cases[0]: YES})
    await sitting.count("wang", {cases[1]: YES})
    await sitting("defer", m.Defer(application=cases[2], why="deferred"))
    sitting.phase = Phase.CANCELLED
    order = sitting.order("record_result", "outcomes")
    cancelled = await sitting("cancel", m.FreeAll(), telling=order)
    assert (cancelled.counted, cancelled.lines) == (2, 3)
    assert (cancelled.left, cancelled.to_free) == (4, 1)
    told = await pool.fetch(
        "SELECT application, payload ->> 'result' AS result FROM telling_line"
        " WHERE telling = $1 ORDER BY position",
        order.id,
    )
    assert [tuple(row) for row in told] == [(item, "deferred") for item in cases[:3]]
    row = await row_of(pool, cases[0])
    assert (row["state"], row["why"], row["ballot"], row["first"], row["second_by"]) == (
        "deferred",
        "cancelled",
        None,
        None,
        "",
    )
    assert (await row_of(pool, cases[2]))["why"] == "deferred"
    await answer(pool)
    assert (await sitting.settle()).left == 1
    last = sitting.order("leave_meeting", "to_free")
    await sitting("leave", telling=last)
    assert await lines(pool, last.id) == [cases[3]]
    await answer(pool)
    settled = await sitting.settle(last)
    assert (settled.left, settled.to_free) == (0, 0)


async def test_cancelling_frees_everybody(sitting: Sitting, cases: list[str], pool: Pool) -> None:
    await sitting.plan()
    sitting.phase = Phase.CANCELLED
    order = sitting.order("leave_meeting", "to_free")
    cancelled = await sitting("cancel", m.FreeAll(), telling=order)
    assert (cancelled.counted, cancelled.lines, cancelled.to_free) == (4, 4, 4)
    await answer(pool)
    assert (await sitting.settle()).to_free == 0
