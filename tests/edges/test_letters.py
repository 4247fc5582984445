"""Letters as whoever gets them reads them: the day first, then by when and whom to ask.

Ten kinds were printed and read; what their readers see first is written down here in full.
"""

from __future__ import annotations

from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import getaddresses
from typing import Any

import pytest

from activities.letters.smtp import MailServer, Sender
from activities.letters.writing import Written, write
from tests.unit.test_templates import AS_OF, ITEMS, SAMPLES, about
from workflows.letter.kinds import KINDS
from workflows.letter.letter import AboutEnd
from workflows.rules.names import LetterKind, Party

K, P = LetterKind, Party
OFFICE = "有疑问请联系：大数据评委会办公室，陈老师，电话023-00000002。"
UNIT = "有疑问请联系：两江数据集团，刘经理，电话023-00000005。"
UNTIL = {
    "deadline_on": "2023-11-01",
    "deadline_at": "2023-11-02T00:00:00+08:00",
    "clause": "BD 四(二)",
}
BACK = UNTIL | {"items": ITEMS, "number": "1"}

READ: dict[str, tuple[LetterKind, Party, dict[str, str], dict[str, str], str, list[str]]] = {
    "submitted": (
        K.RECEIVED,
        P.APPLICANT,
        UNTIL | {"rule": "unit_duty", "stage": "unit_review"},
        {"holder": "unit", "step_organisation": ""},
        "【职评】您的申报材料已提交",
        [
            "单位审核时限到2023年11月1日（周三）24:00为止，由两江数据集团完成审核并办理公示、退回或不予推荐。",
            UNIT,
        ],
    ),
    "work for the unit": (
        K.TASK,
        P.HOLDER,
        UNTIL | {"task": "unit_review", "stage": "unit_review", "rule": "unit_duty"},
        {"holder": "unit", "step_organisation": ""},
        "11月1日前【职评】待办：审核申报材料",
        ["请贵单位于2023年11月1日（周三）24:00前办理：审核申报材料。", OFFICE],
    ),
    "given back by the unit": (
        K.RETURNED,
        P.APPLICANT,
        BACK | {"rule": "unit_correction"},
        {"holder": "applicant", "step_organisation": "unit"},
        "11月1日前【职评】请补正申报材料",
        ["请您于2023年11月1日（周三）24:00前按退回意见补正并重新提交。", UNIT],
    ),
    "told all at once": (
        K.ONE_OFF_NOTICE,
        P.APPLICANT,
        BACK | {"rule": "committee_correction"},
        {"holder": "applicant", "step_organisation": "office"},
        "11月1日前【职评】一次性告知：请补正申报材料",
        ["请您于2023年11月1日（周三）24:00前按一次性告知的内容补正并重新提交。", OFFICE],
    ),
    "the same, to the unit": (
        K.ONE_OFF_NOTICE,
        P.UNIT,
        BACK | {"rule": "committee_correction"},
        {"holder": "applicant", "step_organisation": "office"},
        "【职评】一次性告知：申报材料已退回补正，截止2023年11月1日（周三）24:00",
        [
            "评委会退回补正期限到2023年11月1日（周三）24:00为止，由申报人按一次性告知的内容补正并重新提交。",
            OFFICE,
        ],
    ),
    "to pay": (
        K.FEE_DUE,
        P.APPLICANT,
        UNTIL
        | {"rule": "payment_window", "fee": "420", "deadline_at": "2023-11-01T18:00:00+08:00"},
        {"holder": "applicant", "step_organisation": "office"},
        "11月1日18:00前【职评】请缴纳评审费420元",
        ["请您于2023年11月1日（周三）18:00前缴清评审费420元。", OFFICE],
    ),
    "paid short": (
        K.FEE_RECEIVED,
        P.APPLICANT,
        {"paid": "240", "fee": "420", "short": "180", "deadline_on": "2023-11-20"},
        {"holder": "applicant", "step_organisation": ""},
        "11月20日前【职评】缴费不足，请补缴180元",
        ["请您于2023年11月20日（周一）24:00前补缴评审费180元。", OFFICE],
    ),
    "two days left": (
        K.REMINDER,
        P.HOLDER,
        UNTIL | {"rule": "unit_duty", "days": "2"},
        {"holder": "unit", "step_organisation": ""},
        "11月1日前【职评】提醒：单位审核时限",
        ["请贵单位于2023年11月1日（周三）24:00前完成审核并办理公示、退回或不予推荐。", OFFICE],
    ),
    "over the day": (
        K.REMINDER,
        P.HOLDER,
        {"rule": "unit_duty", "deadline_on": "2023-10-20", "overdue": "1"},
        {"holder": "unit", "step_organisation": ""},
        "10月20日已逾期【职评】单位审核时限，请立即办理",
        [
            "单位审核时限的最后一日为2023年10月20日（周五）24:00，现已逾期，请贵单位立即完成审核并办理公示、退回或不予推荐。",
            OFFICE,
        ],
    ),
    "to be heard": (
        K.OBJECTION_RECEIVED,
        P.APPLICANT,
        UNTIL | {"rule": "inquiry_response", "inquiry": "i-1"},
        {"holder": "unit", "step_organisation": ""},
        "11月1日前【职评】有人就您的申报反映问题，请陈述意见",
        ["请您于2023年11月1日（周三）24:00前提交陈述和申辩意见。", UNIT],
    ),
    "not accepted": (
        K.NOT_ACCEPTED,
        P.APPLICANT,
        {
            "end": "not_accepted",
            "reason": "text-1",
            "clause": "BD 四(二)",
            "closes_on": "2023-12-27",
        },
        {"holder": "", "step_organisation": "office"},
        "【职评】申报不予受理",
        ["如需申请恢复办理，请于2023年12月27日（周三）24:00前提出。", OFFICE],
    ),
    "the title": (
        K.CONFIRMED,
        P.APPLICANT,
        {
            "rule": "recheck",
            "deadline_on": "2024-03-12",
            "issued_on": "2024-01-12",
            "document": "渝职改〔2024〕1号",
            "result": "passed",
        },
        {"holder": "", "step_organisation": "city"},
        "【职评】职称资格已确认（渝职改〔2024〕1号）",
        [
            "申请复查期限到2024年3月12日（周二）24:00为止。",
            "有疑问请联系：市职改办，钱主任，电话023-00000001。",
        ],
    ),
}


def paragraphs(letter: Written) -> list[str]:
    return letter.text.split("\n\n")


@pytest.mark.parametrize(
    ("kind", "party", "params", "stands", "subject", "first"), READ.values(), ids=READ
)
def test_what_its_reader_sees_first(
    kind: LetterKind,
    party: Party,
    params: dict[str, str],
    stands: dict[str, Any],
    subject: str,
    first: list[str],
) -> None:
    letter = write(about(kind, party, params, **stands))

    assert letter.subject == subject
    assert paragraphs(letter)[1].splitlines() == first


@pytest.mark.parametrize("party", [P.APPLICANT, P.UNIT])
@pytest.mark.parametrize("kind", list(K))
def test_every_letter_names_whom_to_ask_and_its_day_in_the_first_lines(
    kind: LetterKind, party: Party
) -> None:
    for params in SAMPLES[kind]:
        letter = write(about(kind, party, params))
        first = paragraphs(letter)[1]

        assert "有疑问请联系：" in first
        assert letter.html.count(";font-weight:600") == 1
        named = params.get("deadline_on") or params.get("new_on", "")
        if named and not issubclass(KINDS[kind], AboutEnd):
            _, month, day = named.split("-")
            assert f"{int(month)}月{int(day)}日" in first or params.get("overdue")


@pytest.mark.parametrize("kind", [K.RETURNED, K.REMINDER, K.FEE_DUE])
def test_a_day_of_another_year_is_told_with_its_year(kind: LetterKind) -> None:
    params = SAMPLES[kind][0] | {"deadline_on": "2024-01-05", "deadline_at": ""}
    letter = write(about(kind, P.APPLICANT, params))

    assert letter.subject.startswith("2024年1月5日前【职评】")


NAMES = (
    "张三",
    "张三,李四；王五 <x@example.test>",
    'the "unit" (重庆) \\ O\'Brien',
    "长" * 60,
    "示例公司；某某部门，经办人：王五、" * 4,
    "𠮷" * 40,
    "",
)


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
@pytest.mark.parametrize("readers", [1, 5])
def test_a_header_bears_any_name_and_each_address(name: str, readers: int) -> None:
    """Read back as bytes: every encoded word short, the addresses those that were given."""
    to = [(name, f"reader-{number}@example.test") for number in range(readers)]
    wire = composed(to, subject=f"11月1日前【职评】{name * 3}")
    head = wire.partition(b"\r\n\r\n")[0]
    mail = message_from_bytes(wire)

    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    found = getaddresses([mail["To"]])
    assert [address for _, address in found] == [address for _, address in to]
    told = {str(make_header(decode_header(shown))) for shown, _ in found}
    assert told == {name}
    assert str(make_header(decode_header(mail["Subject"]))) == f"11月1日前【职评】{name * 3}"


def test_words_that_read_as_encoded_stay_as_they_were_written() -> None:
    """`=?utf-8?b?…?=` in a name would be decoded by whoever reads it: another name than is kept."""
    mail = message_from_bytes(
        composed([("=?utf-8?b?5byg?=", "a@example.test")], "=?utf-8?b?5byg?=")
    )

    assert "张" not in str(make_header(decode_header(mail["To"])))
    assert "张" not in str(make_header(decode_header(mail["Subject"])))


def composed(to: list[tuple[str, str]], subject: str) -> bytes:
    sender = Sender(MailServer(host="nowhere", sender="职评 <zhiping@example.test>"))
    return sender.compose(
        to=to, subject=subject, text="t", html="h", message_id="<n@example.test>", sent_at=AS_OF
    )


def late(party: Party, publicity: str, cutoff: str = "2023-11-15") -> Written:
    params = {
        "posted_on": "2023-11-09",
        "rule": "unit_publicity",
        "deadline_on": publicity,
        "clause": "BD 四(二)3(1)f",
        "cutoff_on": cutoff,
    }
    return write(about(K.PUBLICITY_STARTED, party, params, holder="unit", step_organisation="unit"))


@pytest.mark.parametrize("ends_on", ["2023-11-15", "2023-11-16"])
@pytest.mark.parametrize(
    ("party", "asked"),
    [
        (P.APPLICANT, "请立即与单位和大数据评委会办公室联系"),
        (P.SUPERIOR, "请督促申报单位立即与大数据评委会办公室联系"),
        (P.UNIT, "请立即与大数据评委会办公室联系，说明贴出公示较晚的原因"),
    ],
)
def test_a_publicity_posted_too_late_says_so_and_what_to_do(
    party: Party, asked: str, ends_on: str
) -> None:
    """On the last day itself it is too late, too: reporting up begins on the day after."""
    letter = late(party, ends_on)

    assert letter.subject == "11月15日前【职评】单位公示期满时已来不及上报，请申请延期"
    reader = "您" if party is P.APPLICANT else "贵单位"
    assert paragraphs(letter)[1].splitlines() == [
        f"请{reader}于2023年11月15日（周三）24:00前与大数据评委会办公室联系，申请延长逐级上报的期限。",
        OFFICE,
    ]
    assert "已经来不及上报" in letter.text
    assert asked in letter.text
    assert "申请延长逐级上报的期限" in letter.text
    assert "剩余时间" not in letter.text


def test_a_publicity_with_a_day_to_spare_names_the_last_day_and_warns_of_nothing() -> None:
    letter = late(P.APPLICANT, "2023-11-14")

    assert "上报到2023年11月15日（周三）24:00截止" in letter.text
    assert "来不及" not in letter.subject + letter.text
