"""One act on many cases: each asked once, stopped in time, and nothing lost of what nobody knows."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.bulks.carrying import Answer, BulkCarrying, Vouched
from activities.bulks.entering import Bulk, Prepared, bulk_id, prepare, request_of
from activities.bulks.reading import BulkReading
from activities.database import Pool
from activities.identity import Identity
from activities.reading import Reading
from config.signing_keys import TrustRing
from config.vouching import vouched_by
from starter.desk.bulk_words import why_zh
from tests.fixtures.record import GAO_ER, OPENED, Office, Rung
from tests.integration.sittings import add_cases
from tests.vouching import GATEWAY, RING
from workflows.bulk.messages import BulkShift, BulkShiftEnded
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import Act, Actor
from workflows.writer.vouching import text_of

pytestmark = pytest.mark.integration

LIU = Actor(person="liu", organisation="liangjiang-data-group", role="member")
CHEN = Actor(person="chen", organisation="bd-committee-office", role="member")
LATER = OPENED + timedelta(hours=5)
CHEN_ZONG = Actor(person="chen-zong", organisation="bd-committee-office", role="supervisor")
BUSY = Refusal(code=Code.WRONG_STAGE, params={"action": "start_publicity"})


class Cases:
    """A fake of the cases: carries out each request once, as a case does, and counts how often it is asked."""

    def __init__(self, ring: TrustRing) -> None:
        self._ring = ring
        self.acts: dict[str, Act] = {}
        self.asked: Counter[str] = Counter()
        self.tries: list[int] = []
        self.answers: dict[str, list[Answer]] = {}
        self.at_once = self.most_at_once = 0
        self.held_after = 0
        self.reached = asyncio.Event()
        self.release = asyncio.Event()

    async def carry(
        self,
        application: str,
        vouched: Vouched,
        request_id: str,
        *,
        tries: int,
        realm: str,
        shift_seconds: float,
    ) -> Answer:
        """Answer what is prepared, else that it is done; only what a gateway's key vouches for."""
        assert (realm, shift_seconds) == ("live", 0.0)
        text = text_of(vouched.action, application, vouched.payload)
        assert self._ring.voucher(vouched.key, vouched.signature, text, OPENED) == "gateway"
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(0)
            if self.held_after and sum(self.asked.values()) >= self.held_after:
                self.reached.set()
                await self.release.wait()
        finally:
            self.at_once -= 1
        self.asked[application] += 1
        self.tries.append(tries)
        prepared = self.answers.get(application, [])
        answer = prepared.pop(0) if prepared else Answer("done", seq=7)
        if answer.state == "done":
            act = Act.model_validate_json(vouched.payload)
            assert act.request_id == request_id
            assert self.acts.setdefault(application, act) == act
        return answer


@pytest.fixture
def cases() -> Cases:
    return Cases(RING)


@pytest.fixture
def carrying(pool: Pool, cases: Cases) -> BulkCarrying:
    return BulkCarrying(pool, cases)


class Season:
    """Cases of the unit, and what its person asks of all of them."""

    def __init__(self, pool: Pool, identity: Identity, office: Office) -> None:
        self.pool = pool
        self.identity = identity
        self.office = office
        self.reading = BulkReading(pool, identity)
        self.bulk = ""

    async def prepared(
        self,
        number: int,
        *,
        actor: Actor = LIU,
        action: str = "start_publicity",
        weighty: bool = False,
        stop_after: int = 5,
        left_out: int = 0,
    ) -> Bulk:
        """Cases, and an act on each of them vouched for by a door."""
        ids = await add_cases(self.pool, self.identity, range(1, number + 1))
        self.bulk = bulk_id("live", actor, action)
        lines = [Prepared(one, left_out=(BUSY,)) for one in ids[:left_out]]
        for one in ids[left_out:]:
            act = Act(request_id=request_of(self.bulk, one), actor=actor, payload={"place": "大厅"})
            said = vouched_by(GATEWAY, action, one, act)
            lines.append(Prepared(one, said.stated, said.key, said.signature))
        asked = Bulk(
            id=self.bulk,
            realm="live",
            action=action,
            actor=actor,
            payload={"place": "大厅"},
            weighty=weighty,
            stop_after=stop_after,
            prepared_at=OPENED,
            lines=lines,
        )
        await prepare(self.pool, asked)
        return asked

    async def start(self, asked: Bulk, **differences: str) -> OperationOutcome:
        """Begin it, as its person asks."""
        return await self.office.carry_out(_start_of(asked, **differences))

    async def operate(self, kind: str, actor: Actor = LIU) -> OperationOutcome:
        """One of the other operations on it."""
        return await self.office(kind, {"bulk": self.bulk}, actor=actor)

    async def counts(self) -> dict[str, Any]:
        """How many lines stand how."""
        found = await self.reading.bulk(self.bulk)
        assert found is not None
        return {"state": found.state, **{str(key): number for key, number in found.tally.items()}}


@pytest.fixture
def season(pool: Pool, identity: Identity, published: Office) -> Season:
    return Season(pool, identity, published)


async def carry_on(carrying: BulkCarrying, bulk: str) -> BulkShiftEnded:
    """One shift."""
    ended = await ActivityEnvironment().run(carrying.carry_on_bulk, BulkShift(bulk=bulk))
    assert isinstance(ended, BulkShiftEnded)
    return ended


async def test_each_case_is_asked_once_in_the_name_of_who_asked(
    season: Season, carrying: BulkCarrying, cases: Cases, rung: Rung
) -> None:
    asked = await season.prepared(40, left_out=2)
    outcome = await season.start(asked)
    assert (outcome.done, outcome.count, rung.rooms[-1]) == (True, 38, asked.id)

    assert await carry_on(carrying, asked.id) == BulkShiftEnded(bulk=asked.id, asked=38)

    assert await season.counts() == {"state": "done", "done": 38, "left_out": 2}
    assert set(cases.acts) == set(asked.asked)
    assert set(cases.asked.values()) == {1}
    assert {(act.actor, act.acted_at) for act in cases.acts.values()} == {(LIU, None)}
    assert cases.most_at_once == 16
    assert (await carry_on(carrying, asked.id)).asked == 0


async def test_a_worker_that_dies_midway_doubles_nothing_and_loses_nothing(
    season: Season, carrying: BulkCarrying, cases: Cases
) -> None:
    asked = await season.prepared(100)
    await season.start(asked)
    cases.held_after = 50
    environment = ActivityEnvironment()
    attempt = asyncio.create_task(environment.run(carrying.carry_on_bulk, BulkShift(bulk=asked.id)))
    await cases.reached.wait()
    environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attempt
    # As after `kill -9`: the cases have it, the record has not heard of the last ones.
    await season.pool.execute(
        "UPDATE bulk_line SET state = 'asked' WHERE position BETWEEN 41 AND 50"
    )
    cases.held_after = 0
    before = set(cases.acts)

    await carry_on(carrying, asked.id)

    assert await season.counts() == {"state": "done", "done": 100}
    assert len(cases.acts) == 100
    assert len(before) >= 50
    assert max(cases.asked.values()) == 2  # asked again under the same id, which the case knows


async def test_it_stops_when_so_many_failed_and_goes_on_when_told_to(
    season: Season, carrying: BulkCarrying, cases: Cases
) -> None:
    asked = await season.prepared(60, stop_after=3)
    await season.start(asked)
    for one in asked.asked[10:40]:
        cases.answers[one] = [Answer("refused", (BUSY,))]

    await carry_on(carrying, asked.id)

    stopped = await season.counts()
    assert stopped["state"] == "stopped"
    assert stopped["refused"] >= 3
    assert stopped["open"] >= 60 - 3 - 16 - 16  # those at once were asked already
    found = await season.reading.bulk(asked.id)
    assert found is not None
    assert found.why == "failures"
    assert sum(cases.asked.values()) == 60 - stopped["open"]

    await season.operate("resume_bulk")
    await carry_on(carrying, asked.id)
    assert (await season.counts())["state"] == "stopped"  # the next handful failed too


async def test_only_what_failed_is_tried_again_and_each_under_its_own_request(
    season: Season, carrying: BulkCarrying, cases: Cases
) -> None:
    asked = await season.prepared(20)
    await season.start(asked)
    refused, silent, lost = asked.asked[3], asked.asked[5], asked.asked[7]
    cases.answers = {
        refused: [Answer("refused", (BUSY,))],
        silent: [Answer("silent"), Answer("silent")],
        lost: [Answer("silent")],
    }
    await carry_on(carrying, asked.id)
    assert await season.counts() == {"state": "done", "done": 18, "refused": 1, "unanswered": 1}
    lines, _ = await season.reading.lines(asked.id, "refused")
    assert [(line.subject, line.refusals) for line in lines] == [(refused, (BUSY,))]

    assert (await season.operate("retry_bulk")).count == 2
    cases.tries.clear()
    await carry_on(carrying, asked.id)

    assert await season.counts() == {"state": "done", "done": 20}
    assert cases.tries == [2, 2]
    assert len(cases.acts) == 20
    nothing = await season.operate("retry_bulk")
    assert nothing.refusals[0].code is Code.ALREADY_DECIDED


async def test_what_closed_the_case_and_gave_no_answer_is_found_in_the_record(
    season: Season, carrying: BulkCarrying, cases: Cases
) -> None:
    asked = await season.prepared(2)
    await season.start(asked)
    one = asked.asked[0]
    cases.answers[one] = [Answer("refused", (Refusal(code=Code.ALREADY_DECIDED),))]
    await season.pool.execute(
        "INSERT INTO step (application, seq, realm, source, name, acted_at, recorded_at, content,"
        " content_hash) VALUES ($1, 9, 'live', 'act', 'start_publicity', now(), now(),"
        " jsonb_build_object('request_id', $2::text), '')",
        one,
        request_of(asked.id, one),
    )

    await carry_on(carrying, asked.id)

    assert await season.counts() == {"state": "done", "done": 2}


async def test_a_pause_lets_nobody_else_be_asked_and_a_recall_takes_the_rest_back(
    season: Season, carrying: BulkCarrying, cases: Cases
) -> None:
    asked = await season.prepared(60)
    await season.start(asked)
    cases.held_after = 20
    shift = asyncio.create_task(carry_on(carrying, asked.id))
    await cases.reached.wait()
    await season.operate("pause_bulk")
    cases.release.set()
    await shift
    paused = await season.counts()
    assert (paused["state"], paused["done"] + paused["open"]) == ("paused", 60)
    assert 20 <= paused["done"] <= 36

    assert (await season.operate("recall_bulk")).count == paused["open"]
    await carry_on(carrying, asked.id)
    assert await season.counts() == {
        "state": "recalled", "done": paused["done"], "recalled": paused["open"],
    }  # fmt: skip
    assert (await season.operate("resume_bulk")).refusals[0].code is Code.ALREADY_DECIDED


async def test_a_right_that_ended_ends_what_is_done_by_it(
    season: Season, carrying: BulkCarrying, cases: Cases
) -> None:
    asked = await season.prepared(10)
    await season.start(asked)
    await season.pool.execute(
        "UPDATE access_grant SET ends_at = starts_at + interval '1 second' WHERE person = 'liu'"
    )

    await carry_on(carrying, asked.id)

    assert await season.counts() == {"state": "stopped", "open": 10}
    assert not cases.asked


async def test_another_human_confirms_what_is_weighty(
    season: Season, carrying: BulkCarrying, cases: Cases, owner: Pool
) -> None:
    """Stated or not: by the list of acts too. Nothing is asked of any case before."""
    asked = await season.prepared(3, actor=CHEN, action="fail_audit")
    waits = await season.office.carry_out(_start_of(asked, weighty="false"))
    assert waits.waits_until is not None
    # The realm is live: what was asked for in 2023 is brought to now.
    await owner.execute("UPDATE bulk SET confirm_until = now() + interval '1 hour'")
    assert (await carry_on(carrying, asked.id)).asked == 0
    by_himself = await season.office.confirm(waits.operation, CHEN)
    assert by_himself.refusals[0].code is Code.SECOND_PERSON_REQUIRED
    of_another_house = await season.office.confirm(waits.operation, GAO_ER)
    assert of_another_house.refusals[0].code is Code.NOT_ENTITLED

    done = await season.office.confirm(waits.operation, CHEN_ZONG)

    assert (done.done, done.count) == (True, 3), done
    await carry_on(carrying, asked.id)
    assert {act.actor for act in cases.acts.values()} == {CHEN}


@pytest.mark.parametrize(
    ("kind", "by", "why"),
    [("decline_request", CHEN_ZONG, "declined"), ("withdraw_request", CHEN, "withdrawn")],
)
async def test_a_bulk_that_is_not_confirmed_is_over_with_who_and_why(
    season: Season, carrying: BulkCarrying, cases: Cases, kind: str, by: Actor, why: str
) -> None:
    """Nothing of it stays 尚未开始, and nobody begins it afterwards."""
    asked = await season.prepared(3, actor=CHEN, action="fail_audit")
    waits = await season.office.carry_out(_start_of(asked))
    stated = {"request": waits.operation, "reason": "其中一件还在核查"}
    no = OperationRequest(kind=kind, actor=by, as_of=OPENED, params=stated)

    assert (await season.office.carry_out(no)).done

    found = await season.reading.bulk(asked.id)
    assert found is not None
    assert (found.state, found.why, found.changed_by) == (
        "not_confirmed",
        why,
        f"{by.person}@{by.organisation}",
    )
    texts = await Reading(season.pool, season.identity).texts([found.reason])
    assert texts[found.reason] == "其中一件还在核查"
    for again in ("resume_bulk", "recall_bulk", "retry_bulk"):
        outcome = await season.operate(again, CHEN)
        assert outcome.refusals[0].code is Code.ALREADY_DECIDED
    assert (await carry_on(carrying, asked.id)).asked == 0
    assert not cases.asked


async def test_a_bulk_that_nobody_confirms_in_time_is_over_and_says_so(
    season: Season, carrying: BulkCarrying, cases: Cases, rung: Rung, owner: Pool
) -> None:
    """Rung at when it is asked for, it says how long it waits; after that it is 未批准 with what to do next."""
    asked = await season.prepared(3, actor=CHEN, action="fail_audit", weighty=True)
    waits = await season.office.carry_out(_start_of(asked))
    assert waits.waits_until is not None
    assert rung.rooms[-1] == asked.id
    # The realm is live: what was asked for in 2023 is brought to now.
    await owner.execute("UPDATE bulk SET confirm_until = now() + interval '1 hour'")

    waiting = await carry_on(carrying, asked.id)

    assert 3600 < waiting.wait_seconds <= 3660  # a word on its way has a minute more
    assert await season.counts() == {"state": "prepared", "open": 3}
    await owner.execute("UPDATE bulk SET confirm_until = now() - interval '59 seconds'")
    assert (await carry_on(carrying, asked.id)).wait_seconds > 0
    await owner.execute("UPDATE bulk SET confirm_until = now() - interval '61 seconds'")

    over = await carry_on(carrying, asked.id)

    assert (over.wait_seconds, over.asked, over.more) == (0.0, 0, False)
    found = await season.reading.bulk(asked.id)
    assert found is not None
    assert (found.state, found.why, found.changed_at) == (
        "not_confirmed",
        "expired",
        found.confirm_until,
    )
    assert "没有另一人确认" in why_zh(found)
    late = await season.office.confirm(waits.operation, CHEN_ZONG)
    assert late.refusals[0].code is Code.ALREADY_DECIDED
    again = await season.operate("retry_bulk", CHEN)
    assert again.refusals[0].code is Code.ALREADY_DECIDED
    assert not cases.asked


async def test_the_time_to_confirm_a_bulk_is_that_of_its_request(season: Season) -> None:
    asked = await season.prepared(3, actor=CHEN, action="fail_audit")
    before = await season.reading.bulk(asked.id)
    waits = await season.office.carry_out(_start_of(asked).model_copy(update={"as_of": LATER}))
    found = await season.reading.bulk(asked.id)
    assert before is not None
    assert found is not None
    assert before.confirm_until == OPENED + timedelta(hours=48)  # also where nobody begins it
    assert found.confirm_until == waits.waits_until == LATER + timedelta(hours=48)


async def test_whoever_ends_a_bulk_wakes_its_workflow(season: Season, rung: Rung) -> None:
    asked = await season.prepared(3, actor=CHEN, action="fail_audit")
    waits = await season.office.carry_out(_start_of(asked))
    rung.rooms.clear()
    stated = {"request": waits.operation}
    no = OperationRequest(kind="decline_request", actor=CHEN_ZONG, as_of=OPENED, params=stated)

    await season.office.carry_out(no)

    assert rung.rooms == [asked.id]


async def test_a_rehearsals_clock_wakes_what_waited_in_vain(
    season: Season, office: Office, owner: Pool, rung: Rung
) -> None:
    asked = await season.prepared(3, actor=CHEN, action="fail_audit")
    await owner.execute(
        "INSERT INTO realm (id, kind, title, opens_at, shift_seconds, now_at)"
        " VALUES ('try', 'rehearsal', '演练', $1, 0, $1)",
        OPENED,
    )
    await owner.execute("UPDATE bulk SET realm = 'try' WHERE id = $1", asked.id)
    until = OPENED + timedelta(hours=48)
    for passed, woken in ((timedelta(0), []), (timedelta(minutes=1), [asked.id])):
        rung.rooms.clear()
        now = {"now_at": (until + passed).isoformat()}
        done = await office("set_realm_time", now, realm="try", at=until)
        assert (done.done, rung.rooms) == (True, woken), done


def _start_of(asked: Bulk, **differences: str) -> OperationRequest:
    """What begins a bulk, in words."""
    stated = {
        "bulk": asked.id,
        "action": asked.action,
        "count": str(len(asked.asked)),
        "weighty": str(asked.weighty),
        "digest": asked.digest.hex(),
    }
    return OperationRequest(
        kind="start_bulk",
        actor=asked.actor,
        as_of=OPENED,
        params=stated | differences,
    )


@pytest.mark.parametrize(
    "differs", [{"count": "4"}, {"action": "approve"}, {"digest": "0" * 64}, {"bulk": "bulk-0"}]
)
async def test_what_begins_is_what_was_prepared(season: Season, differs: dict[str, str]) -> None:
    asked = await season.prepared(3)
    outcome = await season.start(asked, **differs)
    assert outcome.refusals[0].code in (Code.DUPLICATE_CONFLICT, Code.NOT_FOUND)
    assert (await season.counts())["state"] == "prepared"


async def test_nobody_lets_anothers_act_go_on(season: Season) -> None:
    asked = await season.prepared(3)
    stranger = Actor(person="zhou", organisation="city-industry-department", role="member")
    for kind in ("pause_bulk", "resume_bulk", "recall_bulk", "retry_bulk"):
        outcome = await season.operate(kind, stranger)
        assert outcome.refusals[0].code is Code.NOT_ENTITLED, kind
    await season.start(asked)
    for kind in ("resume_bulk", "retry_bulk"):
        outcome = await season.operate(kind, GAO_ER)
        assert outcome.refusals[0].code is Code.NOT_ENTITLED, kind
    assert (await season.operate("pause_bulk", GAO_ER)).done  # who operates may stop it
    assert (await season.operate("recall_bulk", GAO_ER)).done


async def test_the_same_again_is_the_same_bulk_and_another_is_a_conflict(season: Season) -> None:
    asked = await season.prepared(3)
    await prepare(season.pool, asked)
    assert (await season.counts())["open"] == 3
    first = await season.start(asked)
    again = await season.start(asked)
    assert first.done
    assert again.refusals[0].code is Code.ALREADY_DECIDED
