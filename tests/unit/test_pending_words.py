"""What a second person reads of what waits for him: names, words, and no whole ID number."""

from __future__ import annotations

from datetime import datetime

import pytest

from activities.second_person import RequestForSecond, Subject
from activities.wording import label
from starter.desk.pending_words import ended_zh, facts_of, people_in, without_numbers
from workflows.writer.messages import Actor

NUMBER = "990101197001010019"
STATED = {
    "person": "li",
    "id_number": NUMBER,
    "conduct": "title_by_fraud",
    "supervisor": True,
    "token_hash": "ab" * 32,
    "note": "",
    "members": [{"person": "wang", "id_number": NUMBER}, {"person": "zhao"}],
}


def test_an_id_number_is_told_by_its_end_at_any_depth() -> None:
    told = dict(facts_of(STATED, {"li": "李四", "wang": "王五"}))

    assert NUMBER not in str(told)
    assert NUMBER not in str(without_numbers(STATED))
    assert told["身份证号码"] == "…0019"


def test_people_have_names_and_values_words() -> None:
    told = dict(facts_of({"person": "li", "conduct": "title_by_fraud"}, {"li": "李四"}))

    assert told["人员"] == "李四（li）"
    assert told["行为"] != "title_by_fraud"
    assert people_in(STATED) == {"li", "wang", "zhao"}


def test_a_deputy_is_named_with_whom_and_for_what() -> None:
    stated = {
        "principal": "li",
        "deputy": "wang",
        "acts": ["override_return", "publish_campaign"],
        "from": "2023-10-09",
    }
    told = dict(facts_of(stated, {"li": "李四", "wang": "王五"}))

    assert told["被代理的负责人"] == "李四（li）"
    assert told["代理人"] == "王五（wang）"
    assert told["自"] == "2023年10月9日（周一）"
    assert label("acts", "override_return") in told["代理事项"]
    assert label("operations", "publish_campaign") in told["代理事项"]
    assert people_in(stated) == {"li", "wang"}


def test_what_says_nothing_is_left_out() -> None:
    told = list(facts_of(STATED, {}))

    assert "ab" * 32 not in str(told)
    assert all(value for _, value in told)


def test_one_act_on_many_cases_says_which_and_on_how_many() -> None:
    stated = {
        "bulk": "bulk-1",
        "action": "revoke",
        "count": 12,
        "weighty": True,
        "digest": "ab" * 32,
    }

    told = dict(facts_of(stated, {}))

    assert (told["事项"], told["件数"]) == (label("acts", "revoke"), "12")
    assert "ab" * 32 not in str(told)


AT = datetime.fromisoformat("2023-10-12T09:00:00+08:00")


@pytest.mark.parametrize(
    ("answer", "reason", "told"),
    [
        ("confirmed", "", "陈总 于 2023年10月12日（周四）09:00 确认，已办理"),
        ("declined", "还在核查", "陈总 于 2023年10月12日（周四）09:00 不同意，没有办理；理由：还在核查"),
        ("withdrawn", "", "陈总 于 2023年10月12日（周四）09:00 收回，没有办理"),
        (
            "expired",
            "",
            "到 2023年10月12日（周四）09:00 没有另一人确认，已经过期，没有办理；仍要办理的，请重新提出",
        ),
    ],
)  # fmt: skip
def test_what_became_of_a_request_is_told_with_who_and_why(
    answer: str, reason: str, told: str
) -> None:
    item = RequestForSecond(
        id="r",
        realm="live",
        subject_kind=Subject.OPERATION,
        subject="r",
        what="grant",
        payload={},
        by=Actor(person="chen"),
        asked_at=AT,
        expires_at=AT,
        human=b"",
        answer=answer,
        answered_at=AT,
    )

    assert ended_zh(item, "陈总", reason) == told
