"""Delivery against hostile mail servers: each letter at most once, and every doubt to a person."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from temporalio.testing import ActivityEnvironment

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.letters.mailroom import Mailroom
from activities.letters.smtp import MailServer, Sender
from activities.reading import Reading
from activities.records import CaseRecords
from activities.views import TaskView
from starter.console.next_task import subject_path
from starter.desk.steps import task_subject
from tests.builders import BD
from tests.fixtures.record import Office
from tests.integration.postboxes import EACH_AT_ONCE, Postbox, Server, open_tasks, plain, row
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
from workflows.letter.messages import MailroomShift, ShiftEnded, room_of
from workflows.rules.names import LetterKind, Party
from workflows.writer.messages import LetterOrder

pytestmark = pytest.mark.integration

NOTICE = "n-cafe-live"
ROOM = room_of("live", APPLICATION)
REMINDER = {"rule": "unit_duty", "deadline_key": "unit_duty", "deadline_on": "2023-10-17"}


@pytest.fixture
def mailroom(pool: Pool, reading: Reading, server: MailServer) -> Mailroom:
    return Mailroom(pool, reading, Sender(server), EACH_AT_ONCE, linger=0)


Deliver = Callable[..., Awaitable[str]]


@pytest.fixture
def deliver(mailroom: Mailroom, pool: Pool) -> Deliver:
    """A shift in which one letter is due; answers the state it is in then."""

    async def attempt(letter: str = NOTICE) -> str:
        await only(pool, letter)
        await a_shift(mailroom)
        return str((await row(pool, letter))["state"])

    return attempt


async def only(pool: Pool, *letters: str) -> None:
    """These are due now, no other is."""
    await pool.execute(
        "UPDATE letter SET due_at = CASE WHEN id = ANY ($1) THEN now() ELSE now() + interval '1 day' END"
        " WHERE state = 'queued'",
        list(letters),
    )


async def a_shift(mailroom: Mailroom, away: int = 0) -> ShiftEnded:
    """One run of the activity."""
    order = MailroomShift(room=ROOM, away=away)
    ended = await ActivityEnvironment().run(mailroom.work_mailroom, order)
    assert isinstance(ended, ShiftEnded)
    return ended


@pytest.fixture
async def case(published: Office, records: CaseRecords, intake: Intake) -> str:
    """A case that has told the applicant 申报已收到 (letter `n-cafe-live`)."""
    draft = await intake.store_draft("live", BD, an_application())
    await records.record_step(opening(draft))
    return APPLICATION


async def order(records: CaseRecords, *letters: LetterOrder, **more: Any) -> None:
    """Order letters in the case's second step."""
    await records.record_step(following(2, letters=letters, **more))


async def test_an_accepted_notice_is_sent_once(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    first, second = await deliver(), await deliver()

    assert first == second == "sent"
    assert len(postbox.mails) == 1
    stored = await row(pool, NOTICE)
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

    assert await deliver("n-2") == "sent"
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

    assert await deliver("n-3") == "sent"
    assert "chen@example.test" not in postbox.mails[0].rcpt_tos
    assert "chen：550 <…@example.test> unknown" in (await row(pool, "n-3"))["error"]
    [task] = await open_tasks(pool)
    assert (task["kind"], json.loads(task["params"])["who"]) == ("partly_sent_letter", "chen")


async def test_4xx_waits_and_then_sends_once_under_the_same_id(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    postbox.answers = ["451 busy with zhang@example.test", "451 still busy"]
    delays = []
    for _ in range(2):
        assert await deliver() == "queued"
        assert "zhang" not in (await row(pool, NOTICE))["error"]
        delays.append(
            await pool.fetchval("SELECT round(extract(epoch FROM due_at - now())) FROM letter")
        )

    assert await deliver() == "sent"
    assert delays == [5, 10]
    assert [mail.rcpt_tos for mail in postbox.mails] == [["applicant-001@example.test"]]
    assert (await row(pool, NOTICE))["attempts"] == 3


async def test_5xx_bounces_and_asks_a_person(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    postbox.answers = ["554 no"]

    assert await deliver() == "bounced"
    assert await deliver() == "bounced"
    assert postbox.mails == []
    assert (await row(pool, NOTICE))["error"] == "554 no"
    [task] = await open_tasks(pool)
    assert (task["kind"], task["organisation"]) == ("bounced_letter", "zhiping-operations")


def of(encoding: str, answer: str) -> str:
    """An answer as a server's bytes in that encoding."""
    return answer.encode(encoding).decode("utf-8", "surrogateescape")


ANSWERED = {
    "gbk": of("gbk", "{code} 邮箱<zhang@example.test>正忙"),
    "gb18030 on two lines": of("gb18030", "{code}-第一行\r\n{code} 邮箱𠮷<zhang@example.test>"),
    "controls": "{code} \0NUL\0 and \x1b[31mred\x1b[0m",
    "written backwards": "{code} \u202e反过来",
    "utf-8": "{code} 邮箱正忙",
    "no text at all": "{code} " + b"\xff\xfe\x80".decode("utf-8", "surrogateescape"),
    "nothing said": "{code}",
}


@pytest.mark.parametrize("answer", ANSWERED.values(), ids=ANSWERED)
async def test_the_code_decides_in_whatever_encoding_a_server_speaks(
    answer: str, case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    """QQ, NetEase and older Exchange servers answer in GBK; a 250 is a 250."""
    postbox.answers = [answer.format(code=code) for code in (451, 250)]

    assert await deliver() == "queued"
    told = (await row(pool, NOTICE))["error"]
    assert "zhang" not in told
    assert told.isprintable() or "\ufffd" in told
    assert await deliver() == "sent"
    assert (await row(pool, NOTICE))["error"].startswith("250")
    assert len(postbox.mails) == 1
    assert await open_tasks(pool) == []


@pytest.mark.parametrize("answer", ANSWERED.values(), ids=ANSWERED)
async def test_a_550_bounces_in_whatever_encoding(
    answer: str, case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    postbox.answers = [answer.format(code=550)]

    assert await deliver() == "bounced"
    [task] = await open_tasks(pool)
    assert task["kind"] == "bounced_letter"


async def test_the_words_of_a_server_stay_readable(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    postbox.answers = [of("gbk", "550-收件人邮箱已满\r\n550 请与 zhang@example.test 联系")]

    await deliver()

    assert (await row(pool, NOTICE))["error"] == "550 收件人邮箱已满 请与 …@example.test 联系"


@pytest.mark.parametrize("answer", ["550 spf check failed", of("gbk", "553 发件人不对")])
async def test_a_no_to_the_sender_is_waited_out(
    answer: str, case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    """It is about our login or settings: mending them sends every letter, none has bounced."""
    postbox.to_sender = answer
    assert await deliver() == "queued"

    postbox.to_sender = "250 OK"
    assert await deliver() == "sent"


async def test_a_no_to_the_login_is_waited_out(
    case: str, postbox: Postbox, pool: Pool, reading: Reading
) -> None:
    """A wrong password is a 535; it must not bounce what lies ready."""
    listening = await asyncio.get_running_loop().create_server(
        lambda: Server(
            postbox,
            hostname="sink",
            auth_require_tls=False,
            authenticator=lambda *_: AuthResult(success=False, handled=False),
        ),
        "127.0.0.1",
        0,
    )
    port: int = listening.sockets[0].getsockname()[1]
    sender = Sender(MailServer(host="127.0.0.1", port=port, user="u", password="p", timeout=1))

    ended = await a_shift(Mailroom(pool, reading, sender, EACH_AT_ONCE, linger=0))

    listening.close()
    assert (ended.away, ended.wait_seconds) == (1, 5)
    assert (await row(pool, NOTICE))["state"] == "queued"
    assert (await pool.fetchval("SELECT trouble FROM mailroom"))[:3] == "535"
    assert await open_tasks(pool) == []


KEPT = {
    "applicant-001@example.test.": "applicant-001@example.test",
    "<applicant-001@example.test>": "applicant-001@example.test",
    "applicant-001＠example.test": "applicant-001@example.test",
    "张三 <applicant-001@example.test>": "applicant-001@example.test",
    "applicant-001@例子.测试": "applicant-001@xn--fsqu00a.xn--0zwm56d",
}
"""Addresses as they were kept before the doors looked at them, and where the mail goes."""


@pytest.mark.parametrize(("kept", "sent_to"), KEPT.items())
async def test_an_address_that_can_be_read_is_sent_to(
    kept: str,
    sent_to: str,
    case: str,
    deliver: Deliver,
    postbox: Postbox,
    owner: Pool,
    identity: Identity,
) -> None:
    await owner.execute("UPDATE draft SET email = $1", identity.seal(kept, "person.email"))

    assert await deliver() == "sent"
    assert postbox.mails[0].rcpt_tos == [sent_to]
    assert postbox.mail()["To"].endswith(f"<{sent_to}>")
    assert postbox.mails[0].smtp_utf8 is False


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ("a@b.cn,c@d.cn", "写了不止一个地址"),
        ("张三@example.test", "“@”前面只能用英文字母"),
        ("a b@example.test", "地址中间有空格"),
        (f"{'a' * 65}@example.test", "地址过长"),
        ("a@example.test\r\nBcc: x@example.test", "写了不止一个地址"),
        ("a@example", "不是正确的域名"),
    ],
)
async def test_what_cannot_be_addressed_is_told_to_a_person_in_chinese(
    kept: str,
    why: str,
    case: str,
    deliver: Deliver,
    postbox: Postbox,
    pool: Pool,
    owner: Pool,
    identity: Identity,
) -> None:
    await owner.execute("UPDATE draft SET email = $1", identity.seal(kept, "person.email"))

    assert await deliver() == "no_address"
    assert postbox.mails == []
    told = (await row(pool, NOTICE))["error"]
    assert "电子邮箱不能使用" in told
    assert why in told
    assert kept not in told
    [task] = await open_tasks(pool)
    assert task["kind"] == "unaddressed_letter"
    assert why in task["params"]


async def test_a_member_who_cannot_be_addressed_does_not_hold_up_the_shared_letter(
    case: str,
    deliver: Deliver,
    postbox: Postbox,
    records: CaseRecords,
    pool: Pool,
    owner: Pool,
    identity: Identity,
    published: Office,
) -> None:
    bad = identity.seal("chen@example.test,chen@example.org", "person.email")
    await owner.execute("UPDATE person SET email = $1 WHERE id = 'chen'", bad)
    task = {"kind": LetterKind.TASK, "to": Party.OFFICE, "organisation": "bd-committee-office"}
    letters = [a_letter(id_, params={"task": "committee_intake"}, **task) for id_ in ("n-2", "n-3")]
    await order(records, *letters)

    assert await deliver("n-2") == await deliver("n-3") == "sent"
    assert [sorted(mail.rcpt_tos) for mail in postbox.mails] == 2 * [
        ["bd-committee-office@example.test", "chen-zong@example.test"]
    ]
    assert "chen：电子邮箱不能使用，写了不止一个地址" in (await row(pool, "n-2"))["error"]
    # One open task says it, however many letters there are.
    [told] = await open_tasks(pool)
    assert (told["kind"], told["key"]) == ("partly_sent_letter", "letter:n-2")
    assert json.loads(told["params"])["who"] == "chen"

    good = {"person": "chen", "email": "<chen@example.test>。", "source": "来函"}
    assert (await published("change_address", good)).done
    again = await published("resend_letter", {"letter": "n-2"})
    assert await deliver(again.params["letter"]) == "sent"
    assert "chen@example.test" in postbox.mails[-1].rcpt_tos
    assert await open_tasks(pool) == []


async def test_sending_again_what_bounced_closes_its_task(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool, published: Office
) -> None:
    postbox.answers = ["550 no such user", "550 still none"]
    assert await deliver() == "bounced"
    second = (await published("resend_letter", {"letter": NOTICE})).params["letter"]
    assert await deliver(second) == "bounced"
    third = (await published("resend_letter", {"letter": second})).params["letter"]
    assert len(await open_tasks(pool)) == 2

    assert await deliver(third) == "sent"
    assert await open_tasks(pool) == []


async def test_what_nobody_foresaw_before_sending_bounces_with_a_task(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool, owner: Pool
) -> None:
    """A letter never waits without an attempt: sealed under another key, it cannot be addressed."""
    other = Identity(b"another key of thirty-two bytes!")
    await owner.execute("UPDATE draft SET email = $1", other.seal("a@b.cn", "person.email"))

    assert await deliver() == "bounced"
    assert (await row(pool, NOTICE))["error"].startswith("通知不能写成：程序出错（")
    assert [task["kind"] for task in await open_tasks(pool)] == ["bounced_letter"]


async def test_a_name_with_what_drives_a_header_is_cleaned(
    case: str, deliver: Deliver, postbox: Postbox, owner: Pool, identity: Identity
) -> None:
    """Kept before the doors looked at it; the letter goes out, and its header is one line."""
    bad = "张三\r\nBcc: x@example.test\x1b[31m\u202e"
    await owner.execute("UPDATE draft SET name = $1", identity.seal(bad, "person.name"))

    assert await deliver() == "sent"
    mail = postbox.mail()
    assert mail["Bcc"] is None
    assert postbox.mails[0].rcpt_tos == ["applicant-001@example.test"]
    for words in (str(make_header(decode_header(mail["To"]))), plain(mail)):
        assert not {"\x1b", "\u202e", "\0"} & set(words)


async def test_a_number_that_looks_like_a_reference_opens_nobodys_words(
    case: str,
    deliver: Deliver,
    postbox: Postbox,
    records: CaseRecords,
    intake: Intake,
) -> None:
    """Who numbers a confirmation so would have an objection printed in the applicant's letter."""
    secret = await intake.store_text("举报的内容")
    await order(records, a_letter("n-2", kind=LetterKind.FORWARDED, params={"document": secret}))

    assert await deliver("n-2") == "sent"
    assert "举报的内容" not in plain(postbox.mail())
    assert secret in plain(postbox.mail())


async def test_a_refused_address_bounces_without_any_text_sent(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    postbox.refused = {"applicant-001@example.test"}

    assert await deliver() == "bounced"
    assert "applicant-001" not in (await row(pool, NOTICE))["error"]


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

    assert await deliver("n-2") == "bounced"
    [task] = await open_tasks(pool)
    assert task["organisation"] == UNIT


@pytest.mark.parametrize("answer", ["drop", "mute"])
async def test_an_answer_lost_after_data_is_unknown_and_never_sent_again(
    answer: str, case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    postbox.answers = [answer]

    assert await deliver() == "unknown"
    assert await deliver() == "unknown"
    assert len(postbox.mails) == 1
    [task] = await open_tasks(pool)
    assert task["kind"] == "unknown_letter"


async def test_an_attempt_that_died_mid_send_is_unknown_and_not_resent(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    await pool.execute("UPDATE letter SET state = 'claimed', claimed_by = 'a dead worker'")

    assert await deliver() == "unknown"
    assert postbox.mails == []
    assert [task["kind"] for task in await open_tasks(pool)] == ["unknown_letter"]


async def test_an_attempt_given_up_too_early_still_settles_its_own_claim(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool
) -> None:
    postbox.hold = asyncio.Event()
    first = asyncio.ensure_future(deliver())
    await postbox.reached.wait()

    assert await deliver() == "unknown"
    postbox.hold.set()
    assert (await first) == "sent"
    assert (await row(pool, NOTICE))["state"] == "sent"
    assert await open_tasks(pool) == []
    assert len(postbox.mails) == 1


async def test_a_server_that_is_away_delays(case: str, pool: Pool, reading: Reading) -> None:
    """The room rests, longer each time; no letter was tried, and nobody need wake it meanwhile."""
    nobody = Mailroom(
        pool,
        reading,
        Sender(MailServer(host="127.0.0.1", port=9, timeout=1)),
        EACH_AT_ONCE,
        linger=0,
    )

    ended = [await a_shift(nobody, away) for away in (0, 1, 20)]

    assert [(found.away, found.wait_seconds) for found in ended] == [(1, 5), (2, 10), (21, 900)]
    stored = await row(pool, NOTICE)
    assert (stored["state"], stored["attempts"]) == ("queued", 0)
    assert await pool.fetchval("SELECT awake_until > now() + interval '800 s' FROM mailroom")


async def test_one_of_several_that_is_busy_is_tried_again_alone(
    case: str, deliver: Deliver, postbox: Postbox, records: CaseRecords, pool: Pool
) -> None:
    """The others get it once, at once; whoever is busy gets it later under the same Message-ID."""
    told = {"kind": LetterKind.TASK, "to": Party.OFFICE, "organisation": "bd-committee-office"}
    await order(records, a_letter("n-2", params={"task": "committee_intake"}, **told))
    postbox.busy = {"chen@example.test"}
    postbox.refused = {"chen-zong@example.test"}

    assert await deliver("n-2") == "queued"
    assert await deliver("n-2") == "queued"
    postbox.busy = set()
    assert await deliver("n-2") == "sent"

    others, chen = [mail.rcpt_tos for mail in postbox.mails]
    assert (others, chen) == (["bd-committee-office@example.test"], ["chen@example.test"])
    assert postbox.mail(0)["Message-ID"] == postbox.mail(1)["Message-ID"]
    [task] = await open_tasks(pool)
    assert (task["kind"], json.loads(task["params"])["who"]) == ("partly_sent_letter", "chen-zong")


async def test_a_slow_domain_does_not_hold_up_the_others(
    case: str,
    mailroom: Mailroom,
    postbox: Postbox,
    records: CaseRecords,
    pool: Pool,
    published: Office,
) -> None:
    """A hundred letters to a domain that takes a while for each came first."""
    slow = a_letter("n-2", kind=LetterKind.OPERATOR, to=Party.OPERATIONS, params={"reason": "慢"})
    letters = [slow.model_copy(update={"id": f"slow-{number:03}"}) for number in range(100)]
    await order(records, *letters)
    address = {"organisation": "zhiping-operations", "email": "slow@slow.test"}
    assert (await published("change_address", address)).done
    await records.record_step(
        following(3, step=a_step(3), letters=[a_letter("quick", kind=LetterKind.RECEIVED)])
    )
    postbox.slow = {"slow@slow.test": 0.3}
    await only(pool, "quick", *(letter.id for letter in letters))

    await a_shift(mailroom)

    order_of = [mail.rcpt_tos[0] for mail in postbox.mails]
    assert len(order_of) == 101
    assert order_of.index("applicant-001@example.test") < 10
    assert postbox.sessions < 20


async def test_two_attempts_at_once_send_one_mail(
    case: str, deliver: Deliver, postbox: Postbox
) -> None:
    await asyncio.gather(deliver(), deliver(), return_exceptions=True)

    assert len(postbox.mails) == 1


async def test_no_address_asks_a_person(
    case: str, deliver: Deliver, postbox: Postbox, pool: Pool, owner: Pool
) -> None:
    await owner.execute("UPDATE draft SET email = NULL")

    assert await deliver() == "no_address"
    assert postbox.mails == []
    assert [task["kind"] for task in await open_tasks(pool)] == ["unaddressed_letter"]


async def test_who_complains_without_an_address_makes_no_letter_that_failed(
    case: str, deliver: Deliver, postbox: Postbox, records: CaseRecords, pool: Pool
) -> None:
    params = {"outcome": "unfounded"}
    told = a_letter(
        "n-2", kind=LetterKind.INQUIRY_CONCLUDED, to=Party.COMPLAINANT, person="x", params=params
    )
    await order(records, told)

    assert await deliver("n-2") == "cancelled"
    assert postbox.mails == []
    assert await open_tasks(pool) == []


async def test_a_notice_nobody_can_write_goes_to_a_person_not_into_a_loop(
    case: str, deliver: Deliver, postbox: Postbox, records: CaseRecords, pool: Pool
) -> None:
    await order(records, a_letter("n-2", kind=LetterKind.FEE_DUE))

    assert await deliver("n-2") == "bounced"
    assert (await row(pool, "n-2"))["error"] == "通知不能写成：fee_due 缺少 deadline_on、rule、fee"


async def test_a_reminder_of_an_open_duty_is_sent(
    case: str, deliver: Deliver, postbox: Postbox, records: CaseRecords
) -> None:
    await order(
        records,
        a_letter(
            "n-2", kind=LetterKind.REMINDER, to=Party.HOLDER, organisation=UNIT, params=REMINDER
        ),
    )

    assert await deliver("n-2") == "sent"


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

    assert await deliver("n-2") == "cancelled"
    assert postbox.mails == []


async def test_urging_who_no_longer_holds_it_is_cancelled(
    case: str, deliver: Deliver, records: CaseRecords
) -> None:
    await order(
        records,
        a_letter("n-2", kind=LetterKind.URGED, to=Party.HOLDER, organisation=UNIT),
        projection=a_projection(holder="bd-committee-office"),
    )

    assert await deliver("n-2") == "cancelled"


async def test_a_letter_of_absence_cover_that_nobody_gets_is_operations_task(
    published: Office, deliver: Deliver, postbox: Postbox, pool: Pool, owner: Pool
) -> None:
    told = {
        "cover": "operation-cover",
        "organisation": "bd-committee-office",
        "principal": "chen-zong",
        "deputy": "chen",
        "starts_on": "2023-10-16",
        "ends_on": "2023-10-20",
        "acts": '["override_return"]',
    }
    await pool.execute(
        "INSERT INTO operation (id, kind, realm, actor, as_of, params, outcome, asked)"
        " VALUES ('operation-cover', 'name_deputy', 'live', '{}', $1, '{}', '{}', '')",
        AT,
    )
    await pool.execute(
        "INSERT INTO letter (id, realm, kind, party, person, params, ordered_at, room)"
        " VALUES ($1, 'live', 'cover_named', 'actor', 'chen', $2, $3, $4)",
        *(NOTICE, json.dumps(told), AT, ROOM),
    )
    postbox.answers = ["554 no"]

    assert await deliver() == "bounced"
    [task] = await open_tasks(pool)
    assert (task["kind"], task["operation"], task["organisation"]) == (
        "bounced_letter",
        "operation-cover",
        "zhiping-operations",
    )
    view = TaskView.model_validate(
        {key: task[key] for key in ("operation", "key", "kind", "opened_at")}
        | {"params": json.loads(task["params"])}
    )
    assert task_subject(view) == "代理通知"
    assert subject_path(view, None, "") == f"/youjian/{NOTICE}"
