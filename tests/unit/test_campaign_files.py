"""The two notices as data are complete, and a wrong file is refused by key, reason and clause."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from config.calendar_files import published_calendar, since
from config.campaign_checks import LARGEST
from config.campaign_files import (
    CAMPAIGNS,
    CampaignFileError,
    LintReport,
    diff,
    lint,
    load,
)
from config.campaign_findings import Finding
from config.notice_text import NoticeText
from workflows.rules.names import EndName, Level, Party, Route, RuleName
from workflows.rules.policy import Policy, Sourced

BD, LC = CAMPAIGNS / "bd-2023.toml", CAMPAIGNS / "lc-2024.toml"
SHIPPED = sorted(CAMPAIGNS.glob("*.toml"))
"""Every notice that the product comes with: whoever adds one has it examined."""
EACH = pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
CALENDAR = published_calendar()


def edited(
    tmp_path: Path, path: Path, old: str, new: str, printed: tuple[str, str] = ("", "")
) -> Path:
    """A copy of a campaign file (and its text) with one passage replaced.

    Args:
        printed: what the notice prints of it, and what it would print: in its text and its quotes.
    """
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    copy = tmp_path / path.name
    copy.write_text(text.replace(old, new, 1).replace(*printed), encoding="utf-8")
    words = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert printed[0] in words, printed
    copy.with_suffix(".txt").write_text(words.replace(*printed), encoding="utf-8")
    return copy


def sources(value: Any) -> Iterator[Sourced]:
    if isinstance(value, Sourced):
        yield value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from sources(getattr(value, name))
    elif isinstance(value, dict):
        for item in value.values():
            yield from sources(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from sources(item)


@EACH
def test_the_notice_is_complete(path: Path) -> None:
    campaign = load(path)
    policy = campaign.policy

    assert lint(path, CALENDAR).errors == ()
    assert campaign.id == policy.campaign == path.stem
    assert policy.document == campaign.notice.document
    assert set(policy.rules) == set(RuleName)
    assert set(policy.routes) == set(Route)
    parties = {party for terms in policy.rules.values() for r in terms.reminders for party in r.to}
    assert parties <= {party.value for party in Party}
    for end in set(EndName) - {EndName.AUDIT_FAILED}:
        assert policy.clause(end)


@EACH
def test_every_value_has_a_source_and_every_clause_its_words(path: Path) -> None:
    campaign = load(path)
    found = list(sources(campaign))
    printed = NoticeText(path.with_suffix(".txt").read_text(encoding="utf-8"))

    assert len(found) > 50
    for table in found:
        if table.clause:
            assert printed.has(campaign.quote(table.clause))
            assert campaign.quote(table.clause)
    assert campaign.quote("办理口径31") == ""


@EACH
@pytest.mark.parametrize("route", list(Route))
@pytest.mark.parametrize("level", list(Level))
def test_a_case_carries_at_most_8_kilobytes(path: Path, route: Route, level: Level) -> None:
    carried = load(path).policy.for_case(route, level)
    wire = carried.model_dump_json()

    assert len(wire.encode()) <= LARGEST
    assert Policy.model_validate_json(wire) == carried
    assert set(carried.routes) == {route}


def test_a_travelled_policy_takes_a_change_in_the_form_of_the_file() -> None:
    """A rehearsal lays `clauses.lapsed = …` over what was dumped."""
    dumped = load(BD).policy.model_dump(mode="json")
    dumped["clauses"]["lapsed"] = "办理口径32"
    changed = Policy.model_validate(dumped)

    assert changed.clause("lapsed") == "办理口径32"
    assert changed.clause("confirm") == "BD 四(三)3e"


def test_the_calendar_of_a_case_is_small() -> None:
    assert len(since(CALENDAR, 2023).model_dump_json().encode()) <= LARGEST


DIFFERENCES = {
    "committee.max_level": ("deputy_senior", "senior"),
    "committee.name": ("工程技术大数据智能化副高级评委会", "工程技术绿色低碳专业评委会"),
    "windows.application.starts_on": ("2023-10-07", "2024-10-10"),
    "windows.application.ends_on": ("2023-10-31", "2024-10-29"),
    "windows.review.starts_on": ("2023-11-01", "2024-10-21"),
    "windows.review.ends_on": ("2023-11-15", "2024-11-08"),
    "notice.review_scope.bodies": (["unit", "chain", "committee"], ["committee"]),
    "windows.payment.starts_on": ("2023-11-16", "2024-11-12"),
    "windows.payment.ends_on": ("2023-11-20", "2024-11-15"),
    "notice.meeting.text": ("12月上旬，具体时间待定", None),
    "tenure.cutoff": ("2023-12-31", "2024-12-31"),
    "corrections.committee_max_submissions": (None, 3),
    "clauses.return:committee:again": ("办理口径36", "LC 四(二)4(1)d"),
    "annual_limit.green": ("never", "only_if_failed"),
    "annual_limit.exceptions": (["aux_to_main_series", "special_or_normal"], []),
    "admin_conflict.scope": ("own_route", "any_while_held"),
    "routes.private_archive_elsewhere.insured_unit_must_match": (True, False),
    "freelancer.proofs": (["self_insured", "tax_record", "unrestricted_industry"], []),
    "achievements.after_current_title": (False, True),
    "achievements.kinds.patent": (None, ["patent_certificate"]),
    "tenure.relaxations.tibet.deputy_senior": (2, None),
    "tenure.relaxations.rural.mid": (1, None),
    "publicity.required_contacts": (["unit", "superior"], []),
    "notice.unit_rules.allowed": (True, None),
    "self_evaluating.assumed": ("", "办理口径22"),
    "limits.assumed": ("", "办理口径32"),
    "clauses.lapsed": ("BD 四(二)3(2)d", "办理口径32"),
    "routes.private_archive_here.alternatives": ([], [["city_agency"]]),
    "rules.result_report.assumed": ("", "办理口径52"),
    "rules.result_publicity.assumed": ("", "办理口径52"),
    "rules.confirmation.assumed": ("", "办理口径52"),
    "clauses.reply_to_entrusting_unit": ("BD 四(三)3f", "办理口径57"),
    "clauses.terminated": ("BD 四(三)2a", "办理口径46"),
    "rules.recheck.assumed": ("", "办理口径52"),
    "payment.channel": ("committee_notice", "portal_notice"),
    "notice.contacts": ([], [{"name": "杨老师", "phones": ["023-60332622"]}]),
    "notice.conditions.document": ("附件1", "渝人社发〔2022〕68号"),
    "notice.dates.printed_on": (None, "2024-10-08"),
}


@pytest.mark.parametrize("key", list(DIFFERENCES))
def test_every_difference_of_the_notices_is_data(key: str) -> None:
    """domain.md 2, row by row."""
    found = {item.key: (item.a, item.b) for item in diff(load(BD), load(LC))}

    assert found[key] == DIFFERENCES[key]


@pytest.mark.parametrize(
    "key",
    ["notice.links", "verifiers.checks", "notice.discipline.text", "professions.fields.节水工程类"],
)
def test_longer_differences_are_there_too(key: str) -> None:
    assert key in {item.key for item in diff(load(BD), load(LC))}


def test_what_both_notices_share_is_no_difference() -> None:
    found = {item.key for item in diff(load(BD), load(LC))}

    for key in ("fees.yuan.mid", "residency.months", "rules.forwarding.length", "routes.city_unit"):
        assert not any(name.startswith(key) for name in found)


def test_a_difference_names_both_clauses() -> None:
    found = {item.key: item for item in diff(load(BD), load(LC))}

    assert found["annual_limit.green"][3:] == ("BD 一(五)1b", "LC 四(二)2c")
    assert found["tenure.relaxations.tibet.senior"][3:] == ("BD 六(二)", "LC 五(二)")


@EACH
def test_a_campaign_does_not_differ_from_itself(path: Path) -> None:
    assert diff(load(path), load(path)) == []


def test_the_schedules_that_cannot_work_are_warned_of() -> None:
    bd, lc = (
        {(item.key, item.reason) for item in lint(path, CALENDAR).warnings} for path in (BD, LC)
    )

    def said(found: set[tuple[str, str]], key: str, words: str) -> bool:
        return any(where == key and words in reason for where, reason in found)

    assert said(bd, "windows.review.ends_on", "最迟须在 2023-11-07 张贴")
    assert said(lc, "windows.review.ends_on", "最迟须在 2024-10-31 张贴")
    assert said(bd, "windows.payment", "只有 3 个工作日")
    assert not said(lc, "windows.payment", "个工作日")
    assert said(lc, "windows.review.starts_on", "重叠 9 天")
    assert said(lc, "windows.payment.starts_on", "2024-11-09 至 2024-11-11")
    assert said(lc, "notice.meeting", "没有写评审时间")
    assert said(bd, "notice.meeting", "12月上旬")
    # 2023-10-07 is a Saturday that is worked: no warning.
    assert not any("休息日" in reason for _, reason in bd | lc)


def test_what_is_assumed_is_listed() -> None:
    found = {(item.key, item.clause) for item in lint(LC, CALENDAR).assumed}

    assert ("chain_cutoff", "办理口径31") in found
    assert ("rules.recheck", "办理口径52") in found
    assert ("rules.committee_correction", "办理口径29") in found
    assert ("clauses.lapsed", "办理口径32") in found


@pytest.mark.parametrize(
    ("old", "new", "printed", "key", "reason"),
    [
        (
            "2023-11-20",
            "2023-11-19",
            ("至11月20日", "至11月19日"),
            "windows.payment.ends_on",
            "休息日（周日）",
        ),
        (
            "starts_on = 2023-11-16",
            "starts_on = 2023-11-18",
            ("11月16日至", "11月18日至"),
            "windows.payment.starts_on",
            "周六",
        ),
        (
            "starts_on = 2023-11-16",
            "starts_on = 2023-11-14",
            ("11月16日至", "11月14日至"),
            "windows.payment.starts_on",
            "结束之前",
        ),
        (
            "starts_on = 2023-10-07\nends_on = 2023-10-31",
            "starts_on = 2023-10-07\nends_on = 2023-11-09",
            ("10月7日至10月31日", "10月7日至11月9日"),
            "windows.application.ends_on",
            "2023-11-07 之后首次提交的",
        ),
    ],
)
def test_other_schedules_are_warned_of(
    tmp_path: Path, *, old: str, new: str, printed: tuple[str, str], key: str, reason: str
) -> None:
    report = lint(edited(tmp_path, BD, old, new, printed), CALENDAR)

    assert report.errors == ()
    assert any(item.key == key and reason in item.reason for item in report.warnings)


def test_a_year_without_calendar_is_said_and_not_guessed() -> None:
    only_2021 = CALENDAR.model_copy(update={"years": {2021: CALENDAR.years[2021]}})
    report = lint(BD, only_2021)

    assert any("2023 年的工作日安排尚未载入" in item.reason for item in report.warnings)


ERRORS = [
    (BD, "[fees]\nclause", "[fee]\nclause", "fees", "缺少", "BD 六(三)"),
    (BD, "[fees]\nclause", "[fee]\nclause", "fee", "没有这个键", ""),
    (BD, 'clause = "BD 六(三)"\n# 高级', "# 高级", "fees", "clause（条款）", "BD 六(三)"),
    (BD, 'green = "never"', 'green = "always"', "annual_limit.green", "never", "BD 一(五)1b"),
    (BD, 'green = "never"\n', "", "annual_limit.green", "缺少", "BD 一(五)1b"),
    (BD, "insured_unit_must_match", "insured_unit_matches", "insured_unit_matches", "没有", "BD"),
    (BD, "[routes.freelancer]", "[routes.freelance]", "routes.freelance", "之一", ""),
    (BD, 'max_level = "deputy_senior"', 'max_level = "expert"', "max_level", "之一", "BD 四(一)1"),
    (BD, 'max_level = "deputy_senior"', 'max_level = "junior"\nx = 1', "committee.x", "没有", "BD"),
    (BD, "mid = 240, ", "", "fees.yuan.mid", "没有收费标准", "BD 六(三)"),
    (BD, "mid = 240, ", "mid = 0, ", "fees.yuan.mid", "大于零", "BD 六(三)"),
    (BD, "mid = 240, ", "middle = 240, ", "fees.yuan.middle", "之一", "BD 六(三)"),
    (BD, "ends_on = 2023-10-31", "ends_on = 2023-10-01", "windows.application", "早于", "BD 三1"),
    (BD, "starts_on = 2023-11-01", "starts_on = 2023-10-01", "windows.review", "早于", "BD 三2"),
    (BD, "starts_on = 2023-11-16", "starts_on = 2023-10-16", "windows.payment", "早于", "BD 三3"),
    (BD, "starts_on = 2023-10-07", "starts_on = 2022-10-07", "windows.application", "2023 年", ""),
    (BD, "starts_on = 2023-10-07\n", "", "windows.application.starts_on", "缺少", "BD 三1"),
    (BD, "starts_on = 2023-10-07", 'starts_on = "十月"', "starts_on", "不是日期", "BD 三1"),
    (
        BD,
        'assumed = "办理口径31"\nends_on = 2023-11-15',
        'assumed = "办理口径31"\nends_on = 2023-11-16',
        "chain_cutoff.ends_on",
        "不在网上申报开始的",
        "办理口径31",
    ),
    (
        BD,
        'assumed = "办理口径31"',
        'assumed = "办理口径99"',
        "chain_cutoff.assumed",
        "没有这一",
        "99",
    ),
    (
        BD,
        'assumed = "办理口径31"',
        'assumed = "办理口径31"\nclause = "BD 三2"',
        "chain_cutoff",
        "之一",
        "BD",
    ),
    (BD, 'clause = "BD 三2"', 'clause = "BD 三9"', "clause", "没有原文", "BD 三9"),
    (BD, 'submit = "BD 四(二)2a"', 'submit = "无"', "clauses.submit", "没有原文", "无"),
    (BD, 'submit = "BD 四(二)2a"\n', "", "clauses.submit", "缺少", ""),
    (BD, 'urge = "BD 四(二)2e"', 'urge = "办理口径99"', "clauses.urge", "没有这一", "99"),
    (BD, 'urge = "BD 四(二)2e"', 'urge = "推定 A1"', "clauses.urge", "没有原文", "A1"),
    (BD, 'hearing = "办理口径45"\n', "", "clauses.hearing", "缺少", ""),
    (BD, 'excluded_bar = "BD 一(五)3c"\n', "", "clauses.excluded_bar", "缺少", ""),
    (BD, "lapsed = ", "lapse = ", "clauses.lapse", "没有这个行为", "BD 四(二)3(2)d"),
    (BD, "[rules.unit_duty]", "[rules.unit_task]", "rules.unit_task", "之一", ""),
    (BD, "length = 15\nreminders", "reminders", "rules.confirmation", "缺少 length", "BD 四(三)3e"),
    (BD, 'kind = "floor"', 'kind = "duty"', "rules.unit_publicity", "kind 应为 floor", "BD"),
    (
        BD,
        "length = 5\nminimum = 5",
        "length = 4\nminimum = 4",
        "rules.unit_publicity",
        "不少于",
        "",
    ),
    (BD, "length = 3\nlength_assumed", "length = 9\nlength_assumed", "rules", "超出 1 至 5", ""),
    (BD, 'to = ["forwarder"]', 'to = ["postman"]', "rules.forwarding", "postman", "BD 四(三)4a"),
    (BD, "repeat_every = 3", "repeat_every = 0", "rules.review_window", "至少 1 个", ""),
    (BD, "rolls = false", "rolls = true", "rules.bar", "不顺延", "办理口径48"),
    (BD, 'unit = "fixed"', 'unit = "wd"', "rules.application_window", "fixed", "BD 三1"),
    (
        BD,
        'chain = ["department"]',
        'chain = ["ministry"]',
        "routes.city_unit.chain",
        "机构类别",
        "",
    ),
    (
        BD,
        'chain = ["department"]',
        "chain = []",
        "routes.city_unit.chain",
        "任何一级",
        "BD 四(一)1",
    ),
    (BD, "tibet = {", "polar = {", "tenure.relaxations.polar", "notice.groups", "BD 六(二)"),
    (BD, "cutoff = 2023-12-31", "cutoff = 2022-12-31", "tenure.cutoff", "2023 年", "BD 六(二)"),
    (BD, 'department = "单位主管部门"', "", "notice.labels.department", "中文名称", ""),
    (BD, "own_term = 3", "own_term = 1", "payment.own_term", "办理口径41", "BD 六(三)"),
    (BD, 'id = "bd-2023"', 'id = "bd"', "id", "文件名", ""),
    # What no notice prints: none of its words would contradict it.
    (
        BD,
        "urge_every_working_days = 2",
        "urge_every_working_days = 0",
        "limits.urge",
        "1 至 20",
        "",
    ),
    (
        BD,
        "late_delivery_working_days = 2",
        "late_delivery_working_days = 5000",
        "limits.late",
        "1 至 10",
        "",
    ),
    (
        LC,
        "min_full_working_days = 1",
        "min_full_working_days = 300",
        "corrections.min",
        "无法退回",
        "",
    ),
    (
        BD,
        'before = 3, to = ["holder", "superior"]',
        "before = 3, to = []",
        "rules.chain_cutoff",
        "没有写明发给谁",
        "",
    ),
    (
        BD,
        'before = 3, to = ["holder", "superior"]',
        'before = 9999, to = ["holder", "superior"]',
        "rules.chain_cutoff",
        "不会发出",
        "",
    ),
    (
        BD,
        'before = 1, to = ["holder", "superior"]',
        'before = 3, to = ["holder", "superior"]',
        "rules.chain_cutoff",
        "相同的提醒",
        "",
    ),
    (BD, 'id = "bd-2023"', "", "id", "缺少", ""),
    (BD, '[notice]\nclause = "BD 题头"', "[notice]", "notice", "clause（条款）", ""),
    (BD, 'issuer = "重庆市大数据应用发展管理局"', "", "notice.issuer", "缺少", "BD 题头"),
    # Last year's file, with what letters and papers call the notice left as it was.
    (BD, 'subject = "2023年', 'subject = "2022年', "notice.subject", "依次取自通知标题", "BD 题头"),
    (BD, '专业职称"\ndocument', '专业"\ndocument', "notice.subject", "以“职称”结尾", "BD 题头"),
    (
        LC,
        'title = "重庆市职称申报综合',
        'title = "江州市职称申报综合',
        "publicity_form.title",
        "没有提到",
        "LC 四(二)3(1)d",
    ),
    (BD, "申报人要认真履行", "申报人应认真履行", "notice.quotes", "不一致", "BD 一(五)1a"),
    (BD, "version = 1", 'version = "x"', "version", "应为整数", ""),
    (BD, "year = 2023", "year = 2023\ndocument = 'x'", "document", "没有这个键", ""),
    (BD, "year = 2023", "year 2023", "文件", "不是正确的 TOML", ""),
    (
        LC,
        "committee_max_submissions = 3",
        "committee_max_submissions = 1",
        "corrections",
        "为 2",
        "",
    ),
    (LC, "second_return = true", "second_return = false", "allow_second_return", "不会超过", ""),
    (LC, 'fail_audit = "LC 四(二)4(1)e"\n', "", "clauses.fail_audit", "缺少", ""),
    (
        LC,
        "min_full_working_days = 1",
        "min_full_working_days = 0",
        "corrections.min",
        "办理口径30",
        "",
    ),
]


@pytest.mark.parametrize(("path", "old", "new", "key", "reason", "clause"), ERRORS)
def test_a_wrong_file_is_refused_by_key_reason_and_clause(
    tmp_path: Path, *, path: Path, old: str, new: str, key: str, reason: str, clause: str
) -> None:
    copy = edited(tmp_path, path, old, new)
    report = lint(copy, CALENDAR)

    assert any(
        key in item.key and reason in item.reason and clause in item.clause
        for item in report.errors
    ), [str(item) for item in report.errors]
    with pytest.raises(CampaignFileError) as refused:
        load(copy)
    assert refused.value.findings == report.errors
    assert path.name in str(refused.value)


def test_a_missing_file_is_a_finding() -> None:
    report = lint(CAMPAIGNS / "none-2030.toml", CALENDAR)

    assert report == LintReport(None, (Finding("文件", "文件不存在"),))


def test_a_notice_without_its_text_cannot_be_checked(tmp_path: Path) -> None:
    copy = edited(tmp_path, BD, "version = 1", "version = 1")
    copy.with_suffix(".txt").unlink()

    assert [item.key for item in lint(copy, CALENDAR).errors] == ["notice.quotes"]


JUNK: tuple[Any, ...] = (None, 0, -1, "", "x", [], ["x"], {}, {"x": 1}, True, 1.5, [[]], [{"a": 1}])


def _paths(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, below in items:
        yield (*above, key)
        if isinstance(below, (dict, list)):
            yield from _paths(below, (*above, key))


@EACH
def test_no_damage_to_a_file_makes_a_traceback(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every key in turn is dropped or replaced by junk: a finding or a sound file, never a crash."""
    shuffled = random.Random(20231107)  # noqa: S311 - a seeded choice of junk, not a secret
    whole = path.read_text(encoding="utf-8")
    spots = [spot for spot in _paths(tomllib.loads(whole)) if spot[:2] != ("notice", "quotes")]
    damaged: dict[str, Any] = {}
    monkeypatch.setattr("config.campaign_files.read_table", lambda _: damaged["table"])
    for spot in shuffled.sample(spots, 400):
        table = tomllib.loads(whole)
        parent: Any = table
        for key in spot[:-1]:
            parent = parent[key]
        junk = shuffled.choice(JUNK)
        if junk is None:
            del parent[spot[-1]]
        else:
            parent[spot[-1]] = junk
        damaged["table"] = table
        report = lint(path, CALENDAR)

        assert all(item.key and item.reason for item in report.errors)
