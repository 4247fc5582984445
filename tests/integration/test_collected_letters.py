"""What an organisation has to do is told in one letter at an hour: nothing lost, nothing twice.

Played in a rehearsal, whose clock the tests move; the mailroom and the mail server are real.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.letters.mailroom import Mailroom
from activities.letters.rehearsing import RehearsalHours
from activities.letters.rhythms import rhythms
from activities.letters.smtp import MailServer, Sender
from activities.reading import Reading
from activities.records import CaseRecords
from tests.builders import BD
from tests.fixtures.record import Office, Rung
from tests.integration.postboxes import Postbox, open_tasks, plain, row
from tests.integration.steps import (
    APPLICATION,
    AT,
    UNIT,
    a_deadline,
    a_letter,
    a_projection,
    a_step,
    a_task,
    an_application,
    following,
    opening,
)
from workflows.letter.messages import REHEARSALS, MailroomShift
from workflows.rules.message import local
from workflows.rules.names import LetterKind, Party
from workflows.writer.messages import LetterOrder

pytestmark = pytest.mark.integration

TRY = "try"
SUPERIOR = "city-industry-department"
OWN = ["liangjiang-data-group@example.test", "liu@example.test", "zhang@example.test"]
WORK = {"task": "unit_review", "stage": "unit_review"}
TERM = {"rule": "unit_duty", "deadline_on": "2023-10-17"}
REMINDER = TERM | {"deadline_key": "unit_duty"}
NEXT = local(datetime.fromisoformat("2023-10-13T09:00:00+08:00"))
"""The first hour after the case was handed in, on the Thursday at ten."""
WAITING = rhythms().waiting


class Desk:
    """One case of a rehearsal, the mailroom, and the rehearsal's clock."""

    def __init__(
        self,
        pool: Pool,
        reading: Reading,
        server: MailServer,
        postbox: Postbox,
        records: CaseRecords,
    ) -> None:
        self.pool = pool
        self.reading = reading
        self.server = server
        self.postbox = postbox
        self.mailroom = Mailroom(pool, reading, Sender(server), rhythms(), linger=0)
        self.records = records
        self.hours = RehearsalHours(pool, Rung(), rhythms())
        self.seq = 1

    def patient(self) -> asyncio.Event:
        """Waits long for the server's answers, which it gives when the event is set."""
        sender = Sender(replace(self.server, timeout=60, session=120))
        self.mailroom = Mailroom(self.pool, self.reading, sender, rhythms(), linger=0)
        self.postbox.reached.clear()
        self.postbox.hold = asyncio.Event()
        return self.postbox.hold

    async def order(self, *letters: LetterOrder, at: datetime = AT, **projection: Any) -> None:
        """A step that orders letters."""
        self.seq += 1
        step = a_step(self.seq, realm=TRY, at=at)
        await self.records.record_step(
            following(self.seq, step=step, letters=letters, projection=a_projection(**projection))
        )

    async def shift(self) -> None:
        """One run of the activity."""
        order = MailroomShift(room=REHEARSALS)
        await ActivityEnvironment().run(self.mailroom.work_mailroom, order)

    async def until(self, at: datetime = NEXT) -> None:
        """The clock comes to an hour and what is gathered for it goes out."""
        await self.shift()
        await self.hours.reached(TRY, at + WAITING)
        await self.shift()

    async def state(self, letter: str) -> str:
        """What became of a letter."""
        return str((await row(self.pool, letter))["state"])

    async def collected(self) -> list[dict[str, Any]]:
        """The collected letters, in their order."""
        found = await self.pool.fetch(
            "SELECT * FROM letter WHERE kind = 'collected' ORDER BY ordered_at, person"
        )
        return [dict(item) for item in found]


def to_unit(letter: str, kind: LetterKind = LetterKind.TASK, **params: str) -> LetterOrder:
    """A letter to the unit."""
    stated = (WORK | TERM if kind is LetterKind.TASK else {}) | params
    return a_letter(letter, kind=kind, to=Party.HOLDER, organisation=UNIT, params=stated)


def subject(mail: Mail) -> str:
    """What a list of mails shows."""
    return str(make_header(decode_header(mail["Subject"])))


def html(mail: Mail) -> str:
    """The mail as a page."""
    part = mail.get_payload(1)
    assert isinstance(part, Mail)
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode()


@pytest.fixture
async def desk(
    published: Office,
    pool: Pool,
    reading: Reading,
    server: MailServer,
    records: CaseRecords,
    intake: Intake,
    postbox: Postbox,
) -> Desk:
    await intake.open_realm(TRY, AT)
    draft = await intake.store_draft(TRY, BD, an_application())
    await records.record_step(opening(draft, realm=TRY))
    desk = Desk(pool, reading, server, postbox, records)
    await desk.shift()
    assert [mail.rcpt_tos for mail in postbox.mails] == [["applicant-001@example.test"]]
    postbox.mails.clear()
    return desk


async def test_what_an_organisation_has_to_do_is_one_letter_at_the_hour(
    desk: Desk, postbox: Postbox
) -> None:
    await desk.order(
        to_unit("n-2"),
        to_unit("n-3", LetterKind.REMINDER, **REMINDER),
        to_unit("n-4", LetterKind.URGED, stage="unit_review"),
    )
    await desk.shift()
    assert postbox.mails == []
    assert [await desk.state(name) for name in ("n-2", "n-3", "n-4")] == ["gathered"] * 3

    await desk.hours.reached(TRY, NEXT + WAITING - timedelta(seconds=1))
    await desk.shift()
    assert postbox.mails == []

    await desk.until()
    await desk.shift()
    assert [sorted(mail.rcpt_tos) for mail in postbox.mails] == [OWN]
    mail = postbox.mail()
    assert parsedate_to_datetime(mail["Date"]) == NEXT + WAITING
    told = [await row(desk.pool, name) for name in ("n-2", "n-3", "n-4")]
    assert {(item["state"], item["message_id"]) for item in told} == {("sent", mail["Message-ID"])}
    [collected] = await desk.collected()
    assert (collected["state"], collected["organisation"]) == ("sent", UNIT)


async def test_the_letter_is_a_table_with_each_case_its_holder_and_its_day(
    desk: Desk, postbox: Postbox
) -> None:
    await desk.order(to_unit("n-2"), to_unit("n-3", LetterKind.REMINDER, **REMINDER))
    await desk.until()

    mail = postbox.mail()
    assert subject(mail) == "【演练】【职评】10月13日待办汇总（共1件）"
    for words in (plain(mail), html(mail)):
        told = words.replace('<span style="white-space:nowrap">', "").replace("</span>", "")
        for part in (
            "有1件事项：新到1件",
            "一、新到（1件）",
            "1. 审核申报材料",
            "张三（示例）",
            "2023年10月17日（周二）24:00",
            "贵单位",
            "请核对申报材料原件和复印件",
            "演练",
        ):
            assert part in told, part


async def test_what_has_effect_or_is_an_applicants_goes_at_once(
    desk: Desk, postbox: Postbox
) -> None:
    returned = {
        "items": '[{"id": "1.1", "text": "缺页"}]',
        "number": "1",
        "rule": "unit_correction",
        "deadline_on": "2023-10-17",
        "clause": "BD 四(二)3(1)b",
    }
    await desk.order(
        a_letter("n-2", kind=LetterKind.RETURNED, params=returned),
        a_letter(
            "n-3", kind=LetterKind.RETURNED, to=Party.UNIT, organisation=UNIT, params=returned
        ),
        a_letter("n-4", kind=LetterKind.REMINDER, params=REMINDER),
        to_unit("n-5"),
    )
    await desk.shift()

    states = [await desk.state(f"n-{number}") for number in range(2, 6)]
    assert states == ["sent", "sent", "sent", "gathered"]


async def test_what_was_done_meanwhile_drops_out(desk: Desk, postbox: Postbox) -> None:
    """At the moment of sending; what is left is told, and of nothing no letter is sent."""
    await desk.order(to_unit("n-2"), to_unit("n-3", LetterKind.URGED))
    await desk.shift()
    later = AT + timedelta(hours=2)
    await desk.order(to_unit("n-4", task="attestation", check="a"), at=later, tasks=())
    await desk.until()

    assert await desk.state("n-2") == "cancelled"
    assert [await desk.state(name) for name in ("n-3", "n-4")] == ["sent", "sent"]
    assert "审核申报材料" not in plain(postbox.mail())

    await desk.order(to_unit("n-5"), at=NEXT + timedelta(hours=1))
    await desk.shift()
    await desk.order(at=NEXT + timedelta(hours=2), tasks=())
    await desk.until(NEXT + timedelta(days=3))
    assert await desk.state("n-5") == "cancelled"
    assert [item["state"] for item in await desk.collected()] == ["sent", "cancelled"]
    assert len(postbox.mails) == 1


async def test_in_a_rehearsal_done_is_what_was_done_by_the_hour(
    desk: Desk, postbox: Postbox
) -> None:
    """Its cases may be a month ahead when the mailroom comes to it."""
    await desk.order(to_unit("n-2"), to_unit("n-3", LetterKind.REMINDER, **REMINDER))
    await desk.order(at=NEXT + timedelta(days=30), tasks=(), deadlines=())
    await desk.until(NEXT + timedelta(days=31))

    assert [await desk.state(name) for name in ("n-2", "n-3")] == ["sent", "sent"]
    assert parsedate_to_datetime(postbox.mail()["Date"]) == NEXT + WAITING


async def test_an_escalation_joins_its_own_recipients_letter(desk: Desk, postbox: Postbox) -> None:
    """And says who has to do it."""
    escalated = a_letter(
        "n-3", kind=LetterKind.REMINDER, to=Party.SUPERIOR, organisation=SUPERIOR, params=REMINDER
    )
    await desk.order(to_unit("n-2"), escalated)
    await desk.until()

    assert sorted(len(mail.rcpt_tos) for mail in postbox.mails) == [2, 3]
    [mail] = [
        postbox.mail(index)
        for index, sent in enumerate(postbox.mails)
        if f"{SUPERIOR}@example.test" in sent.rcpt_tos
    ]
    assert "办理：两江数据集团（示例市属国企）" in plain(mail)


async def test_what_falls_due_today_is_told_once_more_while_it_can_still_be_done(
    desk: Desk, postbox: Postbox
) -> None:
    """Also what an earlier letter told; and not where it was done in the morning."""
    due: dict[str, Any] = {
        "deadlines": (a_deadline(ends_on=NEXT.date()),),
        "tasks": (a_task(due_on=NEXT.date()),),
    }
    await desk.order(to_unit("n-2", rule="unit_duty", deadline_on="2023-10-13"), **due)
    await desk.until()
    assert subject(postbox.mail()) == "【演练】今日到期1件【职评】10月13日待办汇总（共1件）"

    await desk.until(NEXT + timedelta(hours=5))
    assert len(postbox.mails) == 2
    assert parsedate_to_datetime(postbox.mail(1)["Date"]) == NEXT + timedelta(hours=5) + WAITING
    assert "审核申报材料" in plain(postbox.mail(1))
    await desk.until(NEXT + timedelta(hours=10))
    assert len(postbox.mails) == 2


async def test_a_reminder_of_the_very_hour_joins_its_letter(desk: Desk, postbox: Postbox) -> None:
    """Reminders come at nine, and so does the letter."""
    await desk.order(to_unit("n-2"))
    await desk.order(to_unit("n-3", LetterKind.REMINDER, **REMINDER), at=NEXT)
    await desk.until()

    assert [await desk.state(name) for name in ("n-2", "n-3")] == ["sent", "sent"]
    assert len(await desk.collected()) == len(postbox.mails) == 1


async def test_what_was_due_today_and_is_done_is_not_told_again(
    desk: Desk, postbox: Postbox
) -> None:
    due: dict[str, Any] = {
        "deadlines": (a_deadline(ends_on=NEXT.date()),),
        "tasks": (a_task(due_on=NEXT.date()),),
    }
    await desk.order(to_unit("n-2", rule="unit_duty", deadline_on="2023-10-13"), **due)
    await desk.until()
    await desk.order(at=NEXT + timedelta(hours=1), tasks=(), deadlines=())
    await desk.until(NEXT + timedelta(hours=5))

    assert [item["state"] for item in await desk.collected()] == ["sent", "cancelled"]
    assert len(postbox.mails) == 1


async def test_what_falls_due_today_does_not_wait_for_tomorrow(
    desk: Desk, postbox: Postbox
) -> None:
    await desk.order(to_unit("n-2", rule="unit_duty", deadline_on="2023-10-12"))
    late = AT + timedelta(hours=5)
    await desk.order(to_unit("n-3", rule="unit_duty", deadline_on="2023-10-12"), at=late)
    await desk.shift()

    assert [await desk.state(name) for name in ("n-2", "n-3")] == ["gathered", "sent"]
    [collected] = await desk.collected()
    assert local(collected["ordered_at"]) == AT + timedelta(hours=4)


async def choose(office: Office, rhythm: str, **whose: str) -> None:
    """As operations."""
    assert (await office("choose_letters", {"rhythm": rhythm, **whose}, realm=TRY)).done


async def test_a_member_may_choose_otherwise(
    desk: Desk, postbox: Postbox, published: Office
) -> None:
    """One at once, another weekly, the organisation daily: each is told once."""
    await choose(published, "at_once", person="liu")
    await choose(published, "weekly", person="zhang")
    await desk.order(to_unit("n-2", deadline_on="2023-11-17"))
    await desk.shift()
    assert [mail.rcpt_tos for mail in postbox.mails] == [["liu@example.test"]]
    assert postbox.mail()["Message-ID"] == "<n-2@example.test>"

    await desk.until()
    await desk.until(NEXT + timedelta(days=7))
    assert [mail.rcpt_tos for mail in postbox.mails[1:]] == [
        ["liangjiang-data-group@example.test"],
        ["zhang@example.test"],
    ]
    hours = [local(item["ordered_at"]).date() for item in await desk.collected()]
    assert hours == [date(2023, 10, 13), date(2023, 10, 16)]


async def test_an_organisation_may_choose_and_take_it_back(
    desk: Desk, postbox: Postbox, published: Office
) -> None:
    await choose(published, "at_once", organisation=UNIT)
    await desk.order(to_unit("n-2"))
    await desk.shift()
    assert [sorted(mail.rcpt_tos) for mail in postbox.mails] == [OWN]

    await choose(published, "usual", organisation=UNIT)
    await desk.order(to_unit("n-3"))
    await desk.shift()
    assert await desk.state("n-3") == "gathered"


async def test_who_chooses_anew_is_told_at_once_what_waited(
    desk: Desk, postbox: Postbox, published: Office
) -> None:
    """And a member who leaves the organisation's letter is told by the last one still."""
    await desk.order(to_unit("n-2"))
    await desk.shift()
    await choose(published, "weekly", person="liu")
    await desk.shift()
    assert postbox.mails == []

    await choose(published, "at_once", organisation=UNIT)
    await desk.shift()
    assert [sorted(mail.rcpt_tos) for mail in postbox.mails] == [OWN]
    assert await desk.state("n-2") == "sent"


async def test_4xx_waits_and_what_comes_meanwhile_is_another_letter(
    desk: Desk, postbox: Postbox
) -> None:
    postbox.answers = ["451 busy"]
    await desk.order(to_unit("n-2"))
    await desk.until()
    assert (await desk.state("n-2"), postbox.mails) == ("gathered", [])

    await desk.order(to_unit("n-3"))  # ordered for the hour that is over
    await desk.shift()
    await desk.pool.execute("UPDATE letter SET due_at = now() WHERE state = 'queued'")
    await desk.shift()

    assert [await desk.state(name) for name in ("n-2", "n-3")] == ["sent", "sent"]
    assert len({(await row(desk.pool, name))["message_id"] for name in ("n-2", "n-3")}) == 2
    assert len(postbox.mails) == 2


async def test_5xx_asks_one_person_and_sending_it_again_tells_everything(
    desk: Desk, postbox: Postbox, published: Office
) -> None:
    postbox.answers = ["554 no"]
    await desk.order(to_unit("n-2"), to_unit("n-3", LetterKind.URGED))
    await desk.until()

    assert [await desk.state(name) for name in ("n-2", "n-3")] == ["bounced", "bounced"]
    [task] = await open_tasks(desk.pool)
    [collected] = await desk.collected()
    assert (task["kind"], task["key"]) == ("bounced_letter", f"letter:{collected['id']}")
    assert task["application"] == APPLICATION

    again = await published("resend_letter", {"letter": collected["id"]}, realm=TRY)
    assert again.done
    await desk.shift()
    assert await open_tasks(desk.pool) == []
    told = [await row(desk.pool, name) for name in ("n-2", "n-3")]
    assert {item["message_id"] for item in told} == {postbox.mail()["Message-ID"]}
    assert {item["state"] for item in told} == {"sent"}
    assert "审核申报材料" in plain(postbox.mail())


@pytest.mark.parametrize("answer", ["drop", "mute"])
async def test_an_answer_that_is_lost_is_unknown_for_all_that_it_tells(
    answer: str, desk: Desk, postbox: Postbox
) -> None:
    postbox.answers = [answer]
    await desk.order(to_unit("n-2"), to_unit("n-3", LetterKind.URGED))
    await desk.until()
    await desk.shift()

    assert [await desk.state(name) for name in ("n-2", "n-3")] == ["unknown", "unknown"]
    assert len(postbox.mails) == 1
    assert [task["kind"] for task in await open_tasks(desk.pool)] == ["unknown_letter"]


async def test_an_attempt_that_died_is_unknown_and_not_sent_again(
    desk: Desk, postbox: Postbox
) -> None:
    await desk.order(to_unit("n-2"))
    await desk.shift()
    await desk.pool.execute(
        "UPDATE letter SET state = 'claimed', claimed_by = 'dead' WHERE kind = 'collected'"
    )
    await desk.until()

    assert postbox.mails == []
    assert await desk.state("n-2") == "unknown"
    assert [task["kind"] for task in await open_tasks(desk.pool)] == ["unknown_letter"]


async def test_an_attempt_given_up_too_early_still_settles_what_it_told(
    desk: Desk, postbox: Postbox
) -> None:
    await desk.order(to_unit("n-2"))
    await desk.shift()
    hold = desk.patient()
    await desk.hours.reached(TRY, NEXT + WAITING)
    first = asyncio.ensure_future(desk.shift())
    await postbox.reached.wait()
    await desk.shift()
    assert await desk.state("n-2") == "unknown"

    hold.set()
    await first
    assert await desk.state("n-2") == "sent"
    assert await open_tasks(desk.pool) == []
    assert len(postbox.mails) == 1


async def test_what_comes_when_it_is_written_already_is_told_by_the_next(
    desk: Desk, postbox: Postbox
) -> None:
    await desk.order(to_unit("n-2"))
    await desk.shift()
    hold = desk.patient()
    await desk.hours.reached(TRY, NEXT + WAITING)
    first = asyncio.ensure_future(desk.shift())
    await postbox.reached.wait()
    [collected] = await desk.collected()
    await desk.order(to_unit("n-3", LetterKind.URGED))
    # As if it had come to it between its writing and its claim.
    await desk.pool.execute(
        "UPDATE letter SET state = 'gathered', carried_by = ARRAY[$1] WHERE id = 'n-3'",
        collected["id"],
    )
    hold.set()
    await first
    assert (await row(desk.pool, "n-3"))["carried_by"] != [collected["id"]]
    assert await desk.state("n-3") != "sent"

    await desk.shift()
    await desk.pool.execute("UPDATE letter SET due_at = now() WHERE state = 'queued'")
    await desk.shift()
    assert await desk.state("n-3") == "sent"
    assert len(postbox.mails) == 2


async def test_shifts_that_gather_at_once_gather_into_one_letter(
    desk: Desk, postbox: Postbox
) -> None:
    await desk.order(*(to_unit(f"n-{number}", LetterKind.URGED) for number in range(2, 12)))
    await asyncio.gather(*(desk.shift() for _ in range(3)))
    await desk.until()

    assert len(await desk.collected()) == len(postbox.mails) == 1
    assert {await desk.state(f"n-{number}") for number in range(2, 12)} == {"sent"}


async def test_an_address_that_is_gone_by_the_hour_asks_one_person(
    desk: Desk, postbox: Postbox, owner: Pool
) -> None:
    await desk.order(to_unit("n-2"), to_unit("n-3", LetterKind.URGED))
    await desk.shift()
    await owner.execute("UPDATE organisation SET email = '' WHERE id = $1", UNIT)
    await owner.execute("UPDATE person SET email = NULL")
    await desk.until()

    assert [await desk.state(name) for name in ("n-2", "n-3")] == ["no_address", "no_address"]
    assert [task["kind"] for task in await open_tasks(desk.pool)] == ["unaddressed_letter"]


async def test_a_member_who_cannot_be_addressed_is_told_of_once(
    desk: Desk, postbox: Postbox, owner: Pool, identity: Identity
) -> None:
    bad = identity.seal("a@b.cn,c@d.cn", "person.email")
    await owner.execute("UPDATE person SET email = $1 WHERE id = 'zhang'", bad)
    await desk.order(to_unit("n-2"), to_unit("n-3", LetterKind.URGED))
    await desk.until()

    assert [sorted(mail.rcpt_tos) for mail in postbox.mails] == [OWN[:2]]
    [task] = await open_tasks(desk.pool)
    assert (task["kind"], json.loads(task["params"])["who"]) == ("partly_sent_letter", "zhang")
    assert await desk.state("n-2") == "sent"


async def test_a_mail_server_that_is_away_at_the_hour_delays(
    desk: Desk, postbox: Postbox, reading: Reading, server: MailServer
) -> None:
    await desk.order(to_unit("n-2"))
    nobody = MailServer(host="127.0.0.1", port=9, timeout=1)
    there, desk.mailroom = (
        desk.mailroom,
        Mailroom(desk.pool, reading, Sender(nobody), rhythms(), linger=0),
    )
    await desk.until()
    assert await desk.state("n-2") == "gathered"
    [collected] = await desk.collected()
    assert (collected["state"], collected["attempts"]) == ("queued", 0)

    desk.mailroom = there
    await desk.shift()
    assert await desk.state("n-2") == "sent"
    assert len(postbox.mails) == 1


async def test_who_looks_at_a_rehearsals_letters_is_shown_them(
    desk: Desk, postbox: Postbox
) -> None:
    """The hour is the one in which he looks."""
    await desk.order(to_unit("n-2"))
    await desk.shift()
    await desk.hours.reached(TRY, AT + timedelta(hours=1))
    await desk.hours.looked_at(APPLICATION)
    await desk.shift()

    assert await desk.state("n-2") == "sent"
    assert parsedate_to_datetime(postbox.mail()["Date"]) == AT + timedelta(hours=1)


async def test_in_the_live_office_the_hour_is_the_clocks(
    published: Office, records: CaseRecords, intake: Intake, desk: Desk
) -> None:
    """A letter of now waits for the next hour, and nobody can say that it has come."""
    draft = await intake.store_draft("live", BD, an_application())
    name = "application-018bcfe5-0000-7000-8000-00000000beef"
    await records.record_step(opening(draft, application=name))
    now = local(datetime.now().astimezone())
    step = a_step(2, application=name, at=now)
    await records.record_step(
        following(2, step=step, letters=[to_unit("n-2", deadline_on=f"{now.year + 1}-01-31")])
    )
    order = MailroomShift(room=(await row(desk.pool, "n-2"))["room"])
    await ActivityEnvironment().run(desk.mailroom.work_mailroom, order)

    [collected] = await desk.collected()
    assert collected["realm"] == "live"
    assert collected["due_at"] - collected["ordered_at"] - WAITING < timedelta(seconds=60)
    assert collected["ordered_at"] > now
    await desk.hours.reached("live", now + timedelta(days=9))
    assert (await desk.collected())[0]["due_at"] == collected["due_at"]
