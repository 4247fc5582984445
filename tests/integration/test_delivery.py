"""Delivery against hostile mail servers: each letter at most once, and every doubt to a person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.letters.delivery import LetterDelivery
from activities.letters.recipients import Recipients
from activities.letters.smtp import MailServer, Sender
from activities.reading import Reading
from activities.records import CaseRecords
from tests.builders import BD
from tests.integration.conftest import Office
from tests.integration.steps import (
    APPLICATION,
    AT,
    UNIT,
    a_letter,
    a_projection,
    a_step,
    an_application,
    following,
    opening,
)
from workflows.letter.messages import DeliverLetter, Delivery
from workflows.rules.names import LetterKind, Party
from workflows.writer.messages import LetterOrder

pytestmark = pytest.mark.integration

NOTICE = "n-cafe-live"
REMINDER = {"rule": "unit_duty", "deadline_key": "unit_duty", "deadline_on": "2023-10-17"}


class Postbox:
    """A mail server whose answer to the text of a message a test chooses, one after the other."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.answers: list[str] = []
        self.refused: set[str] = set()
        self.reached = asyncio.Event()
        self.hold: asyncio.Event | None = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return f"550 <{address}> unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.reached.set()
        if self.hold is not None:
            await self.hold.wait()
        answer = self.answers.pop(0) if self.answers else "250 taken as 1"
        if answer in ("drop", "mute") or answer.startswith("2"):
            self.mails.append(envelope)
        if answer == "drop":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        if answer == "mute":
            await asyncio.sleep(2)
        return answer

    def mail(self, index: int = 0) -> Mail:
        content = self.mails[index].content
        assert isinstance(content, bytes)
        return message_from_bytes(content)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
async def server(postbox: Postbox) -> AsyncIterator[MailServer]:
    listening = await asyncio.get_running_loop().create_server(
        lambda: SMTP(postbox, hostname="sink"), "127.0.0.1", 0
    )
    port: int = listening.sockets[0].getsockname()[1]
    yield MailServer(
        host="127.0.0.1", port=port, sender="职评 <zhiping@example.test>", timeout=1, session=3
    )
    listening.close()


@pytest.fixture
def deliverer(
    pool: Pool, identity: Identity, reading: Reading, server: MailServer
) -> LetterDelivery:
    return LetterDelivery(pool, reading, Recipients(pool, identity), Sender(server))


Deliver = Callable[..., Awaitable[Delivery]]


@pytest.fixture
def deliver(deliverer: LetterDelivery) -> Deliver:
    """One attempt of the activity; each is an attempt of its own."""

    async def attempt(letter: str = NOTICE) -> Delivery:
        environment = ActivityEnvironment()
        answer = await environment.run(deliverer.deliver_letter, DeliverLetter(letter=letter))
        assert isinstance(answer, Delivery)
        return answer

    return attempt


@pytest.fixture
async def case(published: Office, records: CaseRecords, intake: Intake) -> str:
    """A case that has told the applicant 申报已收到 (letter `n-cafe-live`)."""
    draft = await intake.store_draft("live", BD, an_application())
    await records.record_step(opening(draft))
    return APPLICATION


async def order(records: CaseRecords, *letters: LetterOrder, **more: Any) -> None:
    """Order letters in the case's second step."""
    await records.record_step(following(2, letters=letters, **more))


async def row(pool: Pool, letter: str = NOTICE) -> dict[str, Any]:
    found = await pool.fetchrow("SELECT * FROM letter WHERE id = $1", letter)
    assert found is not None
    return dict(found)


async def open_tasks(pool: Pool) -> list[dict[str, Any]]:
    found = await pool.fetch(
        "SELECT * FROM task WHERE key LIKE 'letter:%' AND closed_at IS NULL ORDER BY id"
    )
    return [dict(task) for task in found]


def plain(mail: Mail) -> str:
    """A letter's plain text."""
    part = mail.get_payload(0)
    assert isinstance(part, Mail)
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode()


async def test_an_accepted_notice_is_sent_once(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    first, second = await deliver(), await deliver()

    assert first == second == Delivery(letter=NOTICE, state="sent")
    assert len(postbox.mails) == 1
    stored = await row(pool)
    assert (stored["state"], stored["attempts"]) == ("sent", 1)
    assert stored["error"].startswith("250 taken as 1")
    assert stored["message_id"] == f"<{NOTICE}@example.test>"


async def test_the_mail_says_who_what_and_when(
    case: str, deliver: Deliver, postbox: Postbox
) -> None:
    await deliver()

    mail = postbox.mail()
    text = plain(mail)
    assert postbox.mails[0].rcpt_tos == ["applicant-001@example.test"]
    assert str(make_header(decode_header(mail["Subject"]))) == "【职评】您的申报材料已提交"
    assert parsedate_to_datetime(mail["Date"]) == AT
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "张三（示例）：" in text
    assert "两江数据集团（示例市属国企）" in text
    assert "电话023-00000005" in text


async def test_an_organisations_notice_goes_to_its_members_too(
    case: str, deliver: Deliver, postbox: Postbox, records: CaseRecords
) -> None:
    task = a_letter(
        "n-2",
        kind=LetterKind.TASK,
        to=Party.OFFICE,
        organisation="bd-committee-office",
        params={"task": "committee_intake", "stage": "committee_intake"},
    )
    await order(records, task)

    assert (await deliver("n-2")).state == "sent"
    assert len(postbox.mails) == 1
    assert sorted(postbox.mails[0].rcpt_tos) == [
        "bd-committee-office@example.test",
        "chen-zong@example.test",
        "chen@example.test",
    ]


async def test_a_letter_to_the_unit_says_how_to_reach_the_committees_office(
    case: str, deliver: Deliver, postbox: Postbox, records: CaseRecords
) -> None:
    await order(records, a_letter("n-2", kind=LetterKind.URGED, to=Party.HOLDER, organisation=UNIT))

    await deliver("n-2")

    assert "电话023-00000002" in plain(postbox.mail())


async def test_a_refused_member_does_not_keep_the_others_from_reading(
    case: str, deliver: Deliver, postbox: Postbox, records: CaseRecords, pool: Pool
) -> None:
    postbox.refused = {"chen@example.test"}
    urged = a_letter("n-2", kind=LetterKind.URGED, to=Party.HOLDER, organisation=UNIT)
    told = a_letter(
        "n-3",
        kind=LetterKind.TASK,
        to=Party.OFFICE,
        organisation="bd-committee-office",
        params={"task": "committee_intake"},
    )
    await order(records, urged, told)

    assert (await deliver("n-3")).state == "sent"
    assert "chen@example.test" not in postbox.mails[0].rcpt_tos
    assert "550 <…@example.test> unknown" in (await row(pool, "n-3"))["error"]


async def test_4xx_waits_and_then_sends_once_under_the_same_id(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    postbox.answers = ["451 busy with zhang@example.test", "451 still busy"]
    delays = []
    for _ in range(2):
        with pytest.raises(ApplicationError) as caught:
            await deliver()
        assert not caught.value.non_retryable
        assert "zhang" not in str(caught.value)
        assert (await row(pool))["state"] == "queued"
        delays.append(caught.value.next_retry_delay)

    assert (await deliver()).state == "sent"
    assert delays == [timedelta(seconds=5), timedelta(seconds=10)]
    assert [mail.rcpt_tos for mail in postbox.mails] == [["applicant-001@example.test"]]
    assert (await row(pool))["attempts"] == 3


async def test_5xx_bounces_and_asks_a_person(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    postbox.answers = ["554 no"]

    assert (await deliver()).state == "bounced"
    assert (await deliver()).state == "bounced"
    assert postbox.mails == []
    assert (await row(pool))["error"] == "554 no"
    [task] = await open_tasks(pool)
    assert (task["kind"], task["organisation"]) == ("bounced_letter", "zhiping-operations")


async def test_a_refused_address_bounces_without_any_text_sent(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    postbox.refused = {"applicant-001@example.test"}

    assert (await deliver()).state == "bounced"
    assert "applicant-001" not in (await row(pool))["error"]


async def test_a_bounced_return_is_the_task_of_who_set_the_term(
    case: str, deliver: Deliver, postbox: Postbox, records: CaseRecords, pool: Pool
) -> None:
    params = {
        "items": '[{"id": "1.1", "text": "缺页"}]',
        "number": "1",
        "rule": "unit_correction",
        "deadline_on": "2023-10-17",
        "clause": "BD 四(二)3(1)b",
    }
    await order(records, a_letter("n-2", kind=LetterKind.RETURNED, params=params))
    postbox.answers = ["550 no such user"]

    assert (await deliver("n-2")).state == "bounced"
    [task] = await open_tasks(pool)
    assert task["organisation"] == UNIT


@pytest.mark.parametrize("answer", ["drop", "mute"])
async def test_an_answer_lost_after_data_is_unknown_and_never_sent_again(
    answer: str, case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    postbox.answers = [answer]

    assert (await deliver()).state == "unknown"
    assert (await deliver()).state == "unknown"
    assert len(postbox.mails) == 1
    [task] = await open_tasks(pool)
    assert task["kind"] == "unknown_letter"


async def test_an_attempt_that_died_mid_send_is_unknown_and_not_resent(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    await pool.execute("UPDATE letter SET state = 'claimed', claimed_by = 'a dead worker'")

    assert (await deliver()).state == "unknown"
    assert postbox.mails == []
    assert [task["kind"] for task in await open_tasks(pool)] == ["unknown_letter"]


async def test_an_attempt_given_up_too_early_still_settles_its_own_claim(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    postbox.hold = asyncio.Event()
    first = asyncio.ensure_future(deliver())
    await postbox.reached.wait()

    assert (await deliver()).state == "unknown"
    postbox.hold.set()
    assert (await first).state == "sent"
    assert (await row(pool))["state"] == "sent"
    assert await open_tasks(pool) == []
    assert len(postbox.mails) == 1


async def test_a_server_that_is_away_delays(
    case: str, pool: Pool, identity: Identity, reading: Reading
) -> None:
    nobody = MailServer(host="127.0.0.1", port=9, timeout=1)
    deliverer = LetterDelivery(pool, reading, Recipients(pool, identity), Sender(nobody))

    with pytest.raises(ApplicationError) as caught:
        await ActivityEnvironment().run(deliverer.deliver_letter, DeliverLetter(letter=NOTICE))

    assert (caught.value.type, caught.value.non_retryable) == ("mail_unavailable", False)
    assert (await row(pool))["state"] == "queued"


async def test_two_attempts_at_once_send_one_mail(
    case: str, deliver: Deliver, postbox: Postbox
) -> None:
    await asyncio.gather(deliver(), deliver(), return_exceptions=True)

    assert len(postbox.mails) == 1


async def test_no_address_asks_a_person(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool, owner: Pool
) -> None:
    await owner.execute("UPDATE draft SET email = NULL")

    assert (await deliver()).state == "no_address"
    assert postbox.mails == []
    assert [task["kind"] for task in await open_tasks(pool)] == ["unaddressed_letter"]


async def test_a_notice_nobody_can_write_goes_to_a_person_not_into_a_loop(
    case: str, deliver: Deliver, postbox: Postbox, records: CaseRecords, pool: Pool
) -> None:
    await order(records, a_letter("n-2", kind=LetterKind.FEE_DUE))

    assert (await deliver("n-2")).state == "bounced"
    assert (await row(pool, "n-2"))["error"] == "unwritable: fee_due lacks deadline_on, rule, fee"


async def test_an_unknown_notice_is_not_retried(case: str, deliver: Deliver) -> None:
    with pytest.raises(ApplicationError) as caught:
        await deliver("n-none")

    assert caught.value.non_retryable


async def test_a_reminder_of_an_open_duty_is_sent(
    case: str, deliver: Deliver, postbox: Postbox, records: CaseRecords
) -> None:
    await order(
        records,
        a_letter(
            "n-2", kind=LetterKind.REMINDER, to=Party.HOLDER, organisation=UNIT, params=REMINDER
        ),
    )

    assert (await deliver("n-2")).state == "sent"


@pytest.mark.parametrize(
    "changed",
    [
        {"deadlines": ()},
        {"deadlines": "moved"},
    ],
)
async def test_a_reminder_of_a_finished_step_is_cancelled(
    changed: dict[str, Any], case: str, deliver: Deliver, postbox: Postbox, records: CaseRecords
) -> None:
    await order(
        records,
        a_letter(
            "n-2", kind=LetterKind.REMINDER, to=Party.HOLDER, organisation=UNIT, params=REMINDER
        ),
    )
    if changed["deadlines"] == "moved":
        known = a_projection().deadlines[0]
        changed = {"deadlines": (known.model_copy(update={"ends_on": date(2023, 10, 20)}),)}
    await records.record_step(following(3, step=a_step(3), projection=a_projection(**changed)))

    assert (await deliver("n-2")).state == "cancelled"
    assert postbox.mails == []


async def test_urging_who_no_longer_holds_it_is_cancelled(
    case: str, deliver: Deliver, records: CaseRecords
) -> None:
    await order(
        records,
        a_letter("n-2", kind=LetterKind.URGED, to=Party.HOLDER, organisation=UNIT),
        projection=a_projection(holder="bd-committee-office"),
    )

    assert (await deliver("n-2")).state == "cancelled"
