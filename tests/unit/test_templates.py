"""Every kind of letter, to every party: complete, in Chinese, with its last day and a contact."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import pytest
from jinja2 import BaseLoader, DictLoader, nodes
from pydantic import ValidationError

from activities import wording
from activities.letters import writing
from activities.letters.layout import environment
from activities.letters.reading import LetterError, read
from activities.letters.writing import Place, Surroundings, masked, write
from workflows.letter.kinds import KINDS, FeeDue, FeeReceived, Task, Urged, Work
from workflows.letter.letter import Letter
from workflows.rules.covering import LENDABLE
from workflows.rules.names import LetterKind, Party, Result, RuleName, Stage
from workflows.rules.refusals import Code, Refusal

ROOT = Path(__file__).parents[2]
K = LetterKind
BD_SUBJECT = "2023年重庆市工程技术大数据智能化专业职称"
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
COVER = {
    "cover": "operation-1",
    "organisation": "大数据评委会办公室",
    "principal": "王某",
    "deputy": "李某",
    "starts_on": "2023-10-28",
    "ends_on": "2023-11-03",
    "acts": json.dumps(LENDABLE, separators=(",", ":")),
    "clause": "BD 四(二)",
}
SAMPLES: dict[LetterKind, list[dict[str, str]]] = {
    K.RECEIVED: [
        {"stage": "unit_review", "cutoff_on": "2023-11-15"},
        {"cutoff_on": "2023-11-15", "cutoff_at": "2023-11-15T17:00:00+08:00"},
        {},
    ],
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
    K.COVER_NAMED: [COVER, COVER | {"acts": '["override_return","recuse"]'}],
    K.COVER_ENDED: [
        COVER | {"ended_on": "2023-10-30", "ended_by": "王某"},
        COVER | {"ended_on": "2023-10-27", "ended_by": "李某"},
        COVER | {"ended_on": "2023-10-30"},
    ],
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
        "party": party,
        "organisation": organisation,
        "says": read(kind, params),
        "as_of": AS_OF,
        "recipient": place.name if place else "张三" if party is Party.APPLICANT else "",
        "application": "application-018bcfe5-0000-7000-8000-00000000cafe",
        "applicant": "张三",
        "level": "deputy_senior",
        "subject": BD_SUBJECT,
        "document": "渝大数据发〔2023〕54号",
        "platform": "重庆市专业技术服务平台",
        "holder": "applicant" if party is Party.APPLICANT else "unit",
        "step_organisation": "office",
        "forwarder": "department",
        "office": "office",
        "city_office": "city",
        "chance": "given_back",
        "places": PLACES,
        "subjects": {"achievement:a1": "业绩成果“碳核查平台”"},
        "texts": {"text-1": "缺少合同首页"},
    }
    return Surroundings(**values | more)


def required(model: type[Letter]) -> list[str]:
    """What the core must supply; `a|b` is met by either."""
    fields = [name for name, item in model.model_fields.items() if item.is_required()]
    return fields + (["|".join(model.one_of)] if model.one_of else [])


def table_of_the_docs() -> dict[str, tuple[set[str], set[str]]]:
    """Kind → what is required, and what else is used; from the table in docs/letters.md."""
    text = (ROOT / "docs" / "letters.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| (`[^|]+`) \| ([^|]+) \| ([^|]+) \|$", text, re.M)
    rows: dict[str, tuple[set[str], set[str]]] = {}
    for kinds, wanted, used in lines:
        choice = re.match(r"one of `([^`]+)`", wanted)
        words = {"|".join(choice[1].split())} if choice else set(wanted.strip("`–").split())
        others = set(" ".join(re.findall(r"`([^`]+)`", used)).split())
        rows |= {kind: (words, others) for kind in re.findall(r"`(\w+)`", kinds)}
    return rows


def test_the_docs_say_what_each_kind_needs() -> None:
    stated = {kind: wanted for kind, (wanted, _) in table_of_the_docs().items()}

    assert stated == {kind.value: set(required(model)) for kind, model in KINDS.items()}


def test_the_docs_name_nothing_that_a_kind_does_not_have() -> None:
    said_of_them = {*RuleName, *Result}
    for kind, (_, used) in table_of_the_docs().items():
        assert used - said_of_them <= set(KINDS[LetterKind(kind)].model_fields), kind


def test_a_misspelt_name_fails_the_type_checker_and_the_model() -> None:
    """mypy refuses an ignore that is not needed: each line proves that it would have spoken."""
    day = date(2023, 11, 1)
    with pytest.raises(ValidationError, match="inquiri"):
        Task(task="inquiry", inquiri="1")  # type: ignore[call-arg]
    with pytest.raises(ValidationError, match="task"):
        Task(task="inquirie")  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="rule"):
        FeeDue(fee=420, deadline_on=day)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        _ = Task(task="inquiry").inquiri  # type: ignore[attr-defined]


def attributes_of_p(template: str) -> set[str]:
    """Every `p.name` of a template, in whichever branch."""
    source, _, _ = _loader().get_source(environment(), template)
    tree = environment().parse(source)
    return {
        node.attr
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "p"
    }


def _loader() -> BaseLoader:
    loader = environment().loader
    assert loader is not None
    return loader


@pytest.mark.parametrize("kind", list(LetterKind))
def test_a_template_names_only_what_its_kind_has(kind: LetterKind) -> None:
    assert attributes_of_p(f"{kind}.txt.j2") <= set(KINDS[kind].model_fields)


def test_only_the_letters_own_templates_read_its_model() -> None:
    own = {f"{kind}.txt.j2" for kind in LetterKind}

    assert {name for name in _loader().list_templates() if attributes_of_p(name)} <= own


@pytest.mark.parametrize(
    "line",
    [
        "{{ p.deadlin_on }}",
        "{{ p.deadlin_on | day }}",
        "{{ p.deadlin_on | label('rules') }}",
        "{{ p.deadlin_on | effect }}",
        "{% if p.deadlin_on %}x{% endif %}",
        "{% if not p.deadlin_on %}x{% endif %}",
        "{% if p.deadlin_on == 'x' %}x{% endif %}",
        "{% for x in p.deadlin_on %}x{% endfor %}",
    ],
)
@pytest.mark.parametrize("kind", list(LetterKind))
def test_a_misspelt_name_in_a_template_raises(
    kind: LetterKind, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"{kind}.txt.j2"
    source, _, _ = _loader().get_source(environment(), name)
    changed = environment().overlay(loader=DictLoader({name: source + line}))
    monkeypatch.setattr(writing, "environment", lambda: changed)

    with pytest.raises(LetterError, match="deadlin_on"):
        write(about(kind, Party.APPLICANT, SAMPLES[kind][0]))


SET: dict[str, Any] = {
    "acts": COVER["acts"],
    "items": ITEMS,
    "refusals": f"[{REFUSAL.model_dump_json()}]",
    "refusal": REFUSAL.model_dump_json(),
    "deadline_at": "2023-11-01T18:00:00+08:00",
    "cutoff_at": "2023-11-15T17:00:00+08:00",
    "code": REFUSAL.code.value,
    "number": "2",
    "batch": "1",
    "values": "",
}


def every_field_set(kind: LetterKind) -> dict[str, str]:
    """A letter of the kind that leaves nothing out."""
    stated: dict[str, str] = {}
    for name, item in KINDS[kind].model_fields.items():
        stated[name] = SET[name] if name in SET else _some(item.annotation)
    return stated


def _some(annotation: Any) -> str:
    """Some value of a type, as it is kept."""
    options = [item for item in get_args(annotation) or (annotation,) if item is not type(None)]
    of_type = options[0]
    if get_args(of_type):
        return _some(of_type)
    if isinstance(of_type, str):
        return next(item for item in map(str, options) if item)
    if of_type is date:
        return "2023-11-01"
    if of_type in (int, bool):
        return "1"
    return str(next(iter(of_type))) if issubclass(of_type, StrEnum) else "所述"


@pytest.mark.parametrize("party", list(Party))
@pytest.mark.parametrize("kind", list(LetterKind))
def test_a_letter_with_everything_and_with_nothing_more_than_it_needs(
    kind: LetterKind, party: Party
) -> None:
    full = every_field_set(kind)
    choices = [[name] for name in KINDS[kind].one_of] or [[]]
    bare = [
        {name: full[name] for name in required(KINDS[kind]) if "|" not in name}
        | {name: full[name] for name in choice}
        for choice in choices
    ]

    assert set(read(kind, full).model_fields_set) >= set(full) - {"values"}
    for params in (full, *bare):
        letter = write(about(kind, party, params))

        assert not re.search(r"None|Undefined|[{}]|（）|“”", letter.subject + letter.text)


@pytest.mark.parametrize(("kind", "party", "params"), EVERY)
def test_what_is_kept_is_what_was_read(
    kind: LetterKind, party: Party, params: dict[str, str]
) -> None:
    says = read(kind, params)

    assert read(kind, says.params) == says
    assert set(says.params) == set(params)
    assert {name: says.params[name] for name in set(params) - {"items", "refusal", "refusals"}} == {
        name: value
        for name, value in params.items()
        if name not in ("items", "refusal", "refusals")
    }


def test_what_a_later_version_states_is_left_out() -> None:
    assert read(K.URGED, {"stage": "chain_review", "later": "x"}) == Urged(stage=Stage.CHAIN_REVIEW)


def test_nought_is_an_amount() -> None:
    says = FeeReceived(paid=0, fee=420)

    assert says.params == {"paid": "0", "fee": "420"}
    assert read(K.FEE_RECEIVED, says.params) == says


def test_a_draft_that_was_kept_as_a_number_is_read() -> None:
    assert read(K.TASK, {"task": "confirm", "number": "2023-1/1"}) == Task(
        task="confirm", draft="2023-1/1"
    )
    assert read(K.TASK, {"task": "confirm", "number": "2"}) == Task(task="confirm", number=2)


def test_every_work_a_letter_may_name_has_its_words() -> None:
    for work in (*Stage, *get_args(get_args(Work)[1])):
        assert wording.label("tasks", work) != work
        assert wording.help_text("tasks", work), work


def test_every_kind_has_a_sample() -> None:
    assert set(SAMPLES) == set(LetterKind) == set(KINDS)


@pytest.mark.parametrize(("kind", "party", "params"), EVERY)
def test_a_letter_is_complete(kind: LetterKind, party: Party, params: dict[str, str]) -> None:
    letter = write(about(kind, party, params))

    for text in (letter.subject, letter.text):
        assert not re.search(
            r"None|Undefined|text-\d|[{}]|（）|“”|。。|，。|[a-z]+_[a-z]+", text
        ), text
    assert re.match(r"(?:(?:\d{4}年)?\d+月\d+日(?:前|已逾期))?【职评】\S", letter.subject)
    assert "\n" not in letter.subject
    assert "\n\n\n" not in letter.text
    assert "2023年10月27日（周五）" in letter.text
    assert "联系：" in letter.text
    assert letter.text.count("\n\n") >= 3
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", letter.html)
    assert heading is not None
    assert re.sub(r"</?span[^>]*>", "", heading[1]) == letter.subject


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


def test_the_hour_of_a_cutoff_is_told_and_never_24() -> None:
    params = {"cutoff_on": "2023-11-15", "cutoff_at": "2023-11-15T17:00:00+08:00"}
    text = write(about(K.RECEIVED, Party.APPLICANT, params)).text

    assert "逐级上报到2023年11月15日（周三）17:00截止" in text


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if required(KINDS[kind])])
def test_a_letter_without_a_required_value_is_refused(kind: LetterKind) -> None:
    for wanted in required(KINDS[kind]):
        names = wanted.split("|")
        params = {key: value for key, value in SAMPLES[kind][0].items() if key not in names}

        with pytest.raises(LetterError, match=re.escape(wanted)):
            write(about(kind, Party.APPLICANT, params))


def test_a_value_nobody_can_read_is_refused() -> None:
    with pytest.raises(LetterError, match="one_off_notice"):
        write(about(K.ONE_OFF_NOTICE, Party.APPLICANT, RETURN | {"deadline_on": "soon"}))


def test_who_did_it_in_a_supervisors_place_is_named_with_both_names_and_nobody_else() -> None:
    told = about(K.ONE_OFF_NOTICE, Party.APPLICANT, RETURN)
    both = "李某（代王某）"

    assert f"经办：{both}\n" in write(replace(told, under_cover=both)).text
    assert both in write(replace(told, under_cover=both)).html
    assert "经办" not in write(told).text


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

    assert letter.subject.startswith("【演练】【职评】")
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


CONSOLE = "https://title.example.test"


@pytest.mark.parametrize("party", [Party.UNIT, Party.HOLDER, Party.OFFICE])
def test_who_works_on_a_case_gets_a_link_to_it(party: Party) -> None:
    told = about(K.TASK, party, SAMPLES[K.TASK][0])
    linked = write(about(K.TASK, party, SAMPLES[K.TASK][0], console=CONSOLE))

    assert f"办理：{CONSOLE}/anjuan/{told.application}\n" in linked.text
    assert f'<a href="{CONSOLE}/anjuan/{told.application}"' in linked.html
    assert "anjuan" not in write(told).text


@pytest.mark.parametrize("party", [Party.APPLICANT, Party.COMPLAINANT])
def test_who_is_told_for_himself_gets_none(party: Party) -> None:
    told = about(K.RETURNED, party, SAMPLES[K.RETURNED][0], console=CONSOLE)

    assert "anjuan" not in write(told).text
