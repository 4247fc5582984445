"""Every name and every refusal has its Chinese words, and no gap ever shows."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import pytest

from activities import wording
from workflows.application.catalogue import CATALOGUE
from workflows.rules.names import (
    DeadlineKind,
    EndName,
    InquiryBody,
    InquiryKind,
    InquiryOutcome,
    LetterKind,
    Level,
    Party,
    Relation,
    Result,
    Route,
    RuleName,
    Stage,
)
from workflows.rules.papers import PaperKind
from workflows.rules.refusals import Code, Refusal

ROOT = Path(__file__).parents[2]
FOLDER = Path(wording.__file__).parent
REFUSALS = tomllib.loads((FOLDER / "refusals.toml").read_text(encoding="utf-8"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
DAYS = ("on", "date", "today", "since", "until", "present", "earliest", "last")

GROUPS: list[tuple[str, type[StrEnum]]] = [
    ("levels", Level),
    ("routes", Route),
    ("stages", Stage),
    ("ends", EndName),
    ("remedies", EndName),
    ("rules", RuleName),
    ("rule_acts", RuleName),
    ("deadline_kinds", DeadlineKind),
    ("relations", Relation),
    ("parties", Party),
    ("letters", LetterKind),
    ("results", Result),
    ("inquiries", InquiryKind),
    ("inquiry_bodies", InquiryBody),
    ("outcomes", InquiryOutcome),
    ("papers", PaperKind),
]


def fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def variants() -> list[tuple[Code, dict[str, str], str]]:
    """Each code, plainly and for each value it has a sentence of its own for, with its text."""
    found: list[tuple[Code, dict[str, str], str]] = []
    for code in Code:
        entry = REFUSALS[code.value]
        plain = "".join(entry[part] for part in wording.PARTS)
        found.append((code, {}, plain))
        for param, values in entry.get("by", {}).items():
            for value, lines in values.items():
                found.append((code, {param: value}, plain + "".join(lines.values())))
    return found


@pytest.mark.parametrize(("group", "names"), GROUPS)
def test_every_name_has_a_chinese_label(group: str, names: type[StrEnum]) -> None:
    labels = wording.labels(group)

    assert [name for name in names if not CHINESE.search(labels.get(name.value, ""))] == []


def test_every_act_has_a_label_and_one_sentence() -> None:
    for name in CATALOGUE:
        told = wording.help_text("acts", name)

        assert CHINESE.search(wording.label("acts", name, "")), name
        assert told.endswith("。"), name
        assert told.count("。") == 1, name


def test_every_task_the_core_opens_has_a_label_and_help() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "workflows").rglob("*.py")
    )
    kinds = set(re.findall(r'task="(\w+)"', source)) | {stage.value for stage in Stage}
    kinds |= set(re.findall(r'tell_task\(move, "(\w+)"\)', source))
    kinds |= set(re.findall(r'TaskItem\([^)]*?kind="(\w+)"', source))

    missing = [kind for kind in kinds if not wording.help_text("tasks", kind)]

    assert len(kinds) > len(Stage)

    assert missing == []


def test_every_code_has_what_why_and_next() -> None:
    assert set(REFUSALS) == {code.value for code in Code}
    for entry in REFUSALS.values():
        assert all(CHINESE.search(entry[part]) for part in wording.PARTS)


@pytest.mark.parametrize(("code", "stated", "text"), variants())
@pytest.mark.parametrize("full", [True, False])
def test_a_refusal_reads_well_with_and_without_its_values(
    code: Code, stated: dict[str, str], text: str, full: bool
) -> None:
    values = {name: "2023-11-01" if name.endswith(DAYS) else "7" for name in fields(text)}
    params = (values | stated) if full else stated

    said = wording.sentence(Refusal(code=code, clause="BD 四(二)3(1)c", params=params))

    told = said.message + said.next
    assert not re.search(r"[{}\[\]|]|None|（）|“”|未注明|。。|，。|：。", told), told
    assert said.message.endswith("。")
    assert said.next.endswith("。")


def test_a_refusal_tells_its_values_in_words() -> None:
    refusal = Refusal(
        code=Code.EVIDENCE_KIND_MISSING,
        clause="LC 五(三)1",
        params={"achievement": "a1", "kind": "work", "document": "contract|agreement"},
    )

    said = wording.sentence(refusal, {"a1": "碳核查平台"}, document="渝经信职改办〔2024〕20号")

    assert said.message.startswith("工作业绩类业绩成果“碳核查平台”缺少佐证材料：合同或协议。")
    assert said.clause == "渝经信职改办〔2024〕20号 五（三）1"


def test_the_reason_chooses_the_sentence() -> None:
    said = wording.sentence(
        Refusal(
            code=Code.DATE_NOT_ALLOWED,
            params={"reason": "floor_back_dated", "date": "2023-10-09", "today": "2023-10-10"},
        )
    )

    assert "不能倒填日期（今天是2023年10月10日（周二））" in said.message


@pytest.mark.parametrize(
    ("clause", "shown"),
    [
        ("BD 四(二)3(1)c", "申报通知 四（二）3（1）"),
        ("LC 四(一)3r-i", "申报通知 四（一）3"),
        ("四（一）", "申报通知 四（一）"),
        ("BD 四 前言b", "申报通知 四 前言"),
        ("办理口径30", "办理口径30（补正期限不越过截止日）"),
        ("BD 四(二)3(1)c；办理口径29", "申报通知 四（二）3（1）；办理口径29（补正期限的长短）"),
        # Records from before the readings had numbers.
        ("推定 A14", "通知未作明确规定，按办理口径办理"),
        ("A5", "通知未作明确规定，按办理口径办理"),
        ("40号令 第26条", "《职称评审管理暂行规定》（人力资源社会保障部令第40号）第26条"),
        ("design 12", ""),
        ("", ""),
    ],
)
def test_a_clause_is_shown_as_people_can_look_it_up(clause: str, shown: str) -> None:
    assert wording.clause_zh(clause) == shown


def test_a_decision_says_that_the_notice_is_silent_and_which_rule_was_applied() -> None:
    said = wording.sentence(Refusal(code=Code.CALENDAR_MISSING, clause="办理口径1"))

    assert said.clause.startswith("通知未作明确规定的，按办理口径1（工作日的计算）办理：工作日按")
    assert wording.ground_zh("LC 五(一)", "渝某〔2024〕1号") == "渝某〔2024〕1号 五（一）"


def test_dates_carry_their_weekday_and_the_end_of_the_day() -> None:
    late = datetime.fromisoformat("2023-11-15T18:00:00+08:00")
    midnight = datetime.fromisoformat("2023-11-15T16:00:00+00:00")

    assert wording.date_zh(date(2023, 11, 1)) == "2023年11月1日（周三）"
    assert wording.datetime_zh(midnight) == "2023年11月16日（周四）00:00"
    assert wording.last_moment_zh(date(2023, 11, 15)) == "2023年11月15日（周三）24:00"
    assert wording.last_moment_zh(date(2023, 11, 15), midnight) == "2023年11月15日（周三）24:00"
    assert wording.last_moment_zh(date(2023, 11, 15), late) == "2023年11月15日（周三）18:00"


def test_the_remedy_of_a_lapse_never_blames_the_applicant() -> None:
    assert "责任自负" not in wording.remedy("lapsed")
    assert wording.remedy("abandoned", "committee_correction") != wording.remedy("abandoned")


def test_an_unknown_name_is_shown_as_it_is() -> None:
    assert wording.label("stages", "later_stage") == "later_stage"
    assert wording.help_text("acts", "later_act") == ""


@pytest.mark.parametrize(
    "looks", ["2024-02-30", "9999-12-31T23:59:59-14:00", "2024-10-10T24:61", "0000-00-00"]
)
def test_an_id_that_looks_like_a_day_breaks_no_sentence(looks: str) -> None:
    """A request of this id was answered by a traceback."""
    said = wording.sentence(
        Refusal(code=Code.NOT_FOUND, params={"what": "request", "request": looks})
    )
    assert said.message
    assert wording.value_zh("request", looks) == looks


def test_every_group_of_labels_that_is_asked_for_is_there() -> None:
    """A list of letters asked for states that nobody had put into words, and failed for everybody."""
    known = tomllib.loads((FOLDER / "labels.toml").read_text(encoding="utf-8"))
    asked = {
        (file.name, group)
        for room in ("activities", "starter", "workers", "config")
        for file in (ROOT / room).rglob("*.py")
        for group in re.findall(r"\blabels?\(\s*[\"']([a-z_]+)[\"']", file.read_text("utf-8"))
    }
    assert len(asked) > 30
    assert {item for item in asked if item[1] not in known} == set()


def test_every_state_of_a_letter_has_its_words() -> None:
    migrations = sorted((ROOT / "activities/sql/migrations").glob("*.sql"))
    applied = [
        path.read_text(encoding="utf-8").partition("-- migrate: rollback")[0] for path in migrations
    ]
    *_, states = re.finditer(r"state IN\s+\(('queued'[^)]*)\)", "\n".join(applied))
    known = tomllib.loads((FOLDER / "labels.toml").read_text(encoding="utf-8"))["letter_states"]
    assert set(known) == set(re.findall(r"'(\w+)'", states[1]))
