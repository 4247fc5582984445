"""Every kind of letter, to every party: complete, in Chinese, with its last day and a contact."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from activities.letters.writing import REQUIRED, LetterError, Place, Surroundings, masked, write
from workflows.rules.names import LetterKind, Party
from workflows.rules.refusals import Code, Refusal

ROOT = Path(__file__).parents[2]
K = LetterKind
BD_TITLE = "关于开展2023年重庆市工程技术大数据智能化专业职称申报评审工作的通知"
AS_OF = datetime.fromisoformat("2023-10-27T09:00:00+08:00")
PLACES = {
    "unit": Place("unit", "两江数据集团", "刘经理", "023-00000005"),
    "department": Place("department", "市某主管部门", "周科长", "023-00000006"),
    "office": Place("office", "大数据评委会办公室", "陈老师", "023-00000002"),
    "city": Place("city", "市职改办", "钱主任", "023-00000001"),
}
ITEMS = json.dumps(
    [
        {"id": "1.1", "subject": "achievement:a1", "text": "text-1", "refers_to": ""},
        {"id": "1.2", "subject": "paper:tax_record", "text": "不清楚", "refers_to": "1.1"},
    ]
)
TERM = {
    "rule": "committee_correction",
    "deadline_on": "2023-11-01",
    "deadline_at": "2023-11-02T00:00:00+08:00",
    "clause": "BD 四(二)3(3)c",
}
REFUSAL = Refusal(
    code=Code.RECHECK_TOO_LATE, clause="BD 四(三)6c", params={"ends_on": "2024-03-12"}
)
RETURN = {"items": ITEMS, "number": "1"} | TERM
ENDED = TERM | {"end": "abandoned", "stage": "committee_correction"}
SAMPLES: dict[LetterKind, list[dict[str, str]]] = {
    K.RECEIVED: [{"stage": "unit_review", "cutoff_on": "2023-11-15"}, {}],
    K.TASK: [
        {"task": "committee_intake", "stage": "committee_intake", "number": "2"} | TERM,
        {"task": "overpaid", "paid": "500", "fee": "420"},
        {"task": "attestation", "check": "attestation"},
        {"task": "draft_sent_back", "reason": "text-1"},
    ],
    K.RETURNED: [RETURN | {"rule": "unit_correction"}, RETURN | {"rule": "chain_correction"}],
    K.ONE_OFF_NOTICE: [RETURN],
    K.REMINDER: [
        TERM | {"days": "2"},
        TERM | {"rule": "chain_duty", "overdue": "1", "deadline_on": "2023-10-20"},
        TERM | {"rule": "forwarding"},
    ],
    K.ABANDONED: [ENDED, {"clause": "BD 四(二)3(3)d", "reason": "text-1"}],
    K.LAPSED: [ENDED | {"rule": "chain_cutoff", "end": "lapsed", "responsible": "unit"}],
    K.PUBLICITY_STARTED: [
        TERM | {"posted_on": "2023-10-25", "rule": "unit_publicity", "cutoff_on": "2023-11-15"}
    ],
    K.OBJECTION_RECEIVED: [
        TERM | {"rule": "inquiry_response", "inquiry": "i-1", "text": "text-1"},
        TERM | {"rule": "inquiry_duty", "inquiry": "i-1"},
        {},
    ],
    K.INQUIRY_CONCLUDED: [
        {"outcome": outcome, "reason": "text-1", "inquiry": "i-1"}
        for outcome in ("substantiated", "unfounded", "not_handled")
    ],
    K.PASSED_UP: [{"stage": "committee_intake", "number": "1"}, {"stage": "chain_review"}],
    K.ACCEPTED: [{"number": "2023-001", "fee": "420"}, {"number": "2023-001"}],
    K.NOT_ACCEPTED: [
        {"end": "not_accepted", "clause": "BD 四(二)3(3)b", "reason": "text-1"},
        {"reason": "text-1", "clause": "BD 四(二)3(3)b", "ground": "out_of_scope"},
    ],
    K.AUDIT_FAILED: [{"clause": "LC 四(二)4(1)e", "number": "3", "items": ITEMS}],
    K.FEE_DUE: [
        TERM | {"rule": "payment_window", "fee": "420", "url": "https://example.test/pay"},
        TERM | {"rule": "payment_window", "fee": "420"},
    ],
    K.FEE_RECEIVED: [
        {"paid": "420", "fee": "420"},
        {"paid": "240", "fee": "420", "short": "180", "deadline_on": "2023-11-20"},
        {"paid": "500", "fee": "420"},
    ],
    K.PAYMENT_MISSED: [TERM | {"rule": "payment_window", "fee": "420", "end": "payment_missed"}],
    K.MEETING_SET: [
        {"meeting_on": "2023-12-08"},
        {"meeting_on": "2023-12-09", "old_on": "2023-12-08"},
        {"result": "deferred"},
    ],
    K.RESULT_TOLD: [{"result": "not_passed"}, {"result": "passed"}],
    K.PUBLICITY_RESULT: [
        TERM | {"rule": "result_publicity", "result": "passed", "posted_on": "2023-12-15"}
    ],
    K.CONFIRMED: [
        TERM | {"rule": rule, "issued_on": "2024-01-12", "document": "渝职改〔2024〕1号"} | more
        for rule, more in (
            ("recheck", {"result": "passed"}),
            ("recheck", {"result": "not_passed"}),
            ("forwarding", {"result": "passed"}),
        )
    ],
    K.REPLIED: [TERM | {"rule": "recheck", "issued_on": "2024-01-12", "document": "函〔2024〕1号"}],
    K.FILED: [TERM | {"rule": "recheck", "issued_on": "2024-01-12", "document": "备〔2024〕1号"}],
    K.FORWARDED: [{"document": "渝职改〔2024〕1号"}, {}],
    K.RECHECK_RECEIVED: [TERM | {"rule": "recheck_duty", "reason": "text-1"}, {}],
    K.RECHECK_DECIDED: [
        {"decision": decision, "reason": "text-1"} for decision in ("upheld", "reassess")
    ],
    K.ENDED: [
        {"end": "withdrawn"},
        {"end": "terminated", "reason": "text-1", "clause": "BD 四(三)2a"},
        {"end": "ineligible", "refusals": f"[{REFUSAL.model_dump_json()}]"},
        {"code": REFUSAL.code.value, "refusal": REFUSAL.model_dump_json(), "action": "resubmit"},
    ],
    K.DATES_CHANGED: [
        {
            "rule": "review_window",
            "old_on": "2023-11-15",
            "new_on": "2023-11-17",
            "reason": "text-1",
        },
        {"action": "correction_over"},
        {"action": "reinstate", "stage": "awaiting_payment", "reason": "text-1"},
        {"action": "return_for_correction", "stage": "unit_review", "reason": "text-1"},
    ],
    K.URGED: [{"stage": "chain_review"}, TERM | {"rule": "chain_duty", "days": "4"}],
    K.OPERATOR: [
        {"code": "calendar_missing", "year": "2027"},
        {"task": "operator"},
        {"reason": "x"},
    ],
}
EVERY = [
    pytest.param(kind, party, params, id=f"{kind}-{party}-{index}")
    for kind, samples in SAMPLES.items()
    for index, params in enumerate(samples)
    for party in Party
]
ORGANISATIONS = {
    Party.UNIT: "unit",
    Party.HOLDER: "unit",
    Party.SUPERIOR: "department",
    Party.OFFICE: "office",
    Party.OFFICE_SUPERIOR: "city",
    Party.CITY_OFFICE: "city",
    Party.FORWARDER: "department",
}


def about(kind: LetterKind, party: Party, params: dict[str, str], **more: Any) -> Surroundings:
    organisation = ORGANISATIONS.get(party, "")
    place = PLACES.get(organisation)
    values: dict[str, Any] = {
        "letter": "letter-1",
        "kind": kind,
        "party": party,
        "organisation": organisation,
        "params": params,
        "as_of": AS_OF,
        "recipient": place.name if place else "张三" if party is Party.APPLICANT else "",
        "application": "application-018bcfe5-0000-7000-8000-00000000cafe",
        "applicant": "张三",
        "level": "deputy_senior",
        "title": BD_TITLE,
        "document": "渝大数据发〔2023〕54号",
        "platform": "重庆市专业技术服务平台",
        "holder": "applicant" if party is Party.APPLICANT else "unit",
        "step_organisation": "office",
        "forwarder": "department",
        "office": "office",
        "city_office": "city",
        "chance": "given_back",
        "places": PLACES,
        "texts": {"a1": "碳核查平台", "text-1": "缺少合同首页"},
    }
    return Surroundings(**values | more)


def orders_in_the_core() -> list[tuple[str, LetterKind, set[str]]]:
    """Every `tell(LetterKind.…, …)` that states its values by name: where, the kind, the values.

    Values that are handed over as a table count where the table is written out beside the call.
    """
    found = []
    for path in sorted((ROOT / "workflows").rglob("*.py")):
        of_a_case = "application" in path.parts  # a meeting's third argument is an organisation
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                tables = _tables(function)
                found += [
                    (f"{path.name}:{node.lineno}", kind, names)
                    for node in ast.walk(function)
                    if isinstance(node, ast.Call)
                    for kind, names in _order(node, tables if of_a_case else None)
                ]
    return found


def _tables(function: ast.FunctionDef) -> dict[str, set[str]]:
    """The keys of each table that is written out and given a name in a function."""
    found = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            keys = {
                key.value
                for table in ast.walk(node.value)
                if isinstance(table, ast.Dict)
                for key in table.keys
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            }
            if isinstance(target, ast.Name) and keys:
                found[target.id] = keys
    return found


def _order(
    node: ast.Call, tables: dict[str, set[str]] | None
) -> Iterator[tuple[LetterKind, set[str]]]:
    names = {keyword.arg for keyword in node.keywords}
    first = node.args[0] if node.args else None
    told = node.func.attr == "tell" if isinstance(node.func, ast.Attribute) else False
    if not told or None in names or not isinstance(first, ast.Attribute):
        return
    stated = {name for name in names if name}
    for table in node.args[2:] if tables is not None else ():
        known = (tables or {}).get(table.id) if isinstance(table, ast.Name) else None
        if known is None:
            return
        stated |= known
    yield LetterKind[first.attr], stated


def test_the_core_states_what_each_kind_needs() -> None:
    orders = orders_in_the_core()
    lacking = [
        (where, kind.value, wanted)
        for where, kind, names in orders
        for wanted in REQUIRED[kind]
        if names.isdisjoint(wanted.split("|"))
    ]

    assert len(orders) > 15
    assert lacking == []


def test_every_kind_has_a_sample() -> None:
    assert set(SAMPLES) == set(LetterKind) == set(REQUIRED)


@pytest.mark.parametrize(("kind", "party", "params"), EVERY)
def test_a_letter_is_complete(kind: LetterKind, party: Party, params: dict[str, str]) -> None:
    letter = write(about(kind, party, params))

    for text in (letter.subject, letter.text):
        assert not re.search(
            r"None|Undefined|text-\d|[{}]|（）|“”|。。|，。|[a-z]+_[a-z]+", text
        ), text
    assert letter.subject.startswith("【职评】")
    assert "\n" not in letter.subject
    assert "\n\n\n" not in letter.text
    assert "2023年10月27日（周五）" in letter.text
    assert "联系：" in letter.text
    assert letter.text.count("\n\n") >= 3
    assert f'<h1 style="margin:0 0 24px;font-size:20px;line-height:1.5">{letter.subject}</h1>' in (
        letter.html
    )


@pytest.mark.parametrize(("kind", "party", "params"), EVERY)
def test_a_letter_states_ground_and_reason(
    kind: LetterKind, party: Party, params: dict[str, str]
) -> None:
    letter = write(about(kind, party, params))

    if "clause" in params:
        assert "依据：渝大数据发〔2023〕54号 四（" in letter.text
    if params.get("reason") == "text-1" and kind is not K.RECHECK_RECEIVED:
        assert ("缺少合同首页" in letter.text) is (
            party is not Party.COMPLAINANT or kind is not K.INQUIRY_CONCLUDED
        )


@pytest.mark.parametrize(
    ("kind", "party"),
    [
        (K.RETURNED, Party.APPLICANT),
        (K.RETURNED, Party.UNIT),
        (K.ONE_OFF_NOTICE, Party.APPLICANT),
        (K.REMINDER, Party.APPLICANT),
        (K.REMINDER, Party.HOLDER),
        (K.REMINDER, Party.SUPERIOR),
        (K.FEE_DUE, Party.APPLICANT),
        (K.PAYMENT_MISSED, Party.APPLICANT),
        (K.ABANDONED, Party.UNIT),
        (K.LAPSED, Party.SUPERIOR),
        (K.PUBLICITY_STARTED, Party.APPLICANT),
        (K.PUBLICITY_RESULT, Party.APPLICANT),
        (K.CONFIRMED, Party.APPLICANT),
        (K.OBJECTION_RECEIVED, Party.APPLICANT),
    ],
)
def test_a_letter_with_a_term_says_its_last_moment(kind: LetterKind, party: Party) -> None:
    letter = write(about(kind, party, SAMPLES[kind][0]))

    assert "2023年11月1日（周三）24:00" in letter.text


def test_an_hour_that_closes_earlier_is_told() -> None:
    params = SAMPLES[K.FEE_DUE][0] | {"deadline_at": "2023-11-01T18:00:00+08:00"}

    assert (
        "2023年11月1日（周三）18:00前缴清" in write(about(K.FEE_DUE, Party.APPLICANT, params)).text
    )


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if REQUIRED[kind]])
def test_a_letter_without_a_required_value_is_refused(kind: LetterKind) -> None:
    for wanted in REQUIRED[kind]:
        names = wanted.split("|")
        params = {key: value for key, value in SAMPLES[kind][0].items() if key not in names}

        with pytest.raises(LetterError, match=re.escape(wanted)):
            write(about(kind, Party.APPLICANT, params))


def test_a_value_nobody_can_read_is_refused() -> None:
    with pytest.raises(LetterError, match="one_off_notice"):
        write(about(K.ONE_OFF_NOTICE, Party.APPLICANT, RETURN | {"deadline_on": "soon"}))


def test_items_are_listed_with_their_subjects() -> None:
    text = write(about(K.ONE_OFF_NOTICE, Party.APPLICANT, RETURN)).text

    assert "1.1　业绩成果“碳核查平台”：缺少合同首页\n" in text
    assert "1.2　个人纳税申报记录：不清楚（对应此前告知的第1.1项）" in text


def test_the_lapsed_applicant_is_told_who_answers_and_never_blamed() -> None:
    text = write(about(K.LAPSED, Party.APPLICANT, SAMPLES[K.LAPSED][0])).text

    assert "由两江数据集团承担责任，不是您的原因" in text
    assert "责任自负" not in text


def test_a_complainant_does_not_read_the_applicants_name() -> None:
    text = write(
        about(K.INQUIRY_CONCLUDED, Party.COMPLAINANT, SAMPLES[K.INQUIRY_CONCLUDED][0])
    ).text

    assert "张三" not in text
    assert masked("张三") == "张某"


def test_an_actor_on_the_own_case_is_spoken_to() -> None:
    letter = write(about(K.ENDED, Party.ACTOR, SAMPLES[K.ENDED][3], own=True))

    assert letter.subject == "【职评】未予办理：补正后重新提交"
    assert "您申报的2023年重庆市工程技术大数据智能化专业职称（副高级）" in letter.text
    assert "逾期申请复查，不予受理" in letter.text


def test_rehearsal_mail_says_that_it_has_no_effect() -> None:
    letter = write(about(K.RECEIVED, Party.APPLICANT, {}, rehearsal=True))

    assert letter.subject.startswith("【演练】")
    assert letter.text.startswith("【演练】本邮件由演练产生，不具有任何效力。")


def test_html_escapes_what_people_wrote() -> None:
    texts = {"text-1": "<script>alert(1)</script>"}

    html = write(
        about(K.NOT_ACCEPTED, Party.APPLICANT, SAMPLES[K.NOT_ACCEPTED][0], texts=texts)
    ).html

    assert "<script>" not in html


def test_a_notice_without_a_case_can_be_written() -> None:
    letter = write(about(K.OPERATOR, Party.OPERATIONS, {"reason": "磁盘已满"}, application=""))

    assert "有关事项，需要人工处理。" in letter.text
