"""A notice as data: a file that contradicts its own quoted words is refused, value by value.

Each input is a sound file with one thing bent: what an author leaves standing who copies last
year's file, or mistypes. The third notice (`tests/notices`) is invented, as a third office writes.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from activities.wording import clause_zh
from config.calendar_files import published_calendar
from config.campaign_files import CAMPAIGNS, LintReport, diff, lint, load
from config.campaign_findings import Finding
from config.printed_values import amounts, days, lengths, number, ordinals
from starter.answers import Exit
from starter.cli import zhiping
from starter.desk.campaign_differences import sentences
from tests.builders import LC as LC_ID
from tests.builders import SUBMITTED, a_policy, facts
from workflows.rules.evidence import examine_statements
from workflows.rules.names import RuleName

BD, LC = CAMPAIGNS / "bd-2023.toml", CAMPAIGNS / "lc-2024.toml"
THIRD = Path(__file__).parents[1] / "notices" / "jz-2024.toml"
CALENDAR = published_calendar()


def bent(folder: Path, path: Path, *replaced: tuple[str, str]) -> LintReport:
    """What lint finds in a copy with these passages replaced; the texts beside it stay."""
    text = path.read_text(encoding="utf-8")
    for old, new in replaced:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / path.name).write_text(text, encoding="utf-8")
    for printed in path.parent.glob(f"{path.stem}*.txt"):
        words = printed.read_text(encoding="utf-8")
        (folder / printed.name).write_text(words, encoding="utf-8")
    return lint(folder / path.name, CALENDAR)


def found(report: LintReport, key: str) -> Finding:
    """The error about a key.

    Raises:
        AssertionError: there is none; with what was found.
    """
    for item in report.errors:
        if item.key == key:
            return item
    raise AssertionError([str(item) for item in report.errors])


BENT = [
    # dates and hours
    (BD, "starts_on = 2023-10-07", "starts_on = 2023-10-10", "windows.application.starts_on", "即 2023-10-07"),
    (BD, "ends_on = 2023-11-20", "ends_on = 2023-11-24", "windows.payment.ends_on", "即 2023-11-20"),
    (LC, "ends_on = 2024-10-29", "ends_on = 2024-10-31", "windows.application.ends_on", "10月29日"),
    (THIRD, "ends_on = 2024-08-05", "ends_on = 2024-08-02", "chain_cutoff.ends_on", "8月5日17:00"),
    (THIRD, "closes_at = 17:00:00", "closes_at = 18:00:00", "chain_cutoff.closes_at", "表中是 18:00"),
    (THIRD, "closes_at = 17:00:00\n", "", "chain_cutoff.closes_at", "表中没有钟点"),
    (THIRD, "ends_on = 2024-08-30\ncloses_at = 18:00:00", "ends_on = 2024-08-29\ncloses_at = 18:00:00", "windows.payment.ends_on", "八月三十日"),
    (BD, "ends_on = 2023-11-20", "ends_on = 2023-11-20\ncloses_at = 17:00:00", "windows.payment.closes_at", "没有写钟点"),
    (THIRD, "ends_on = 2024-08-20", "ends_on = 2024-08-21", "windows.review.ends_on", "即 2024-08-20"),
    (BD, 'clause = "BD 三1"\nstarts_on', 'clause = "BD 一(一)"\nstarts_on', "windows.application", "没有写日期"),
    (LC, "cutoff = 2024-12-31", "cutoff = 2024-11-30", "tenure.cutoff", "即 2024-12-31"),
    (LC, "signed_on = 2024-09-30", "signed_on = 2023-09-30", "notice.dates.signed_on", "没有 2023-09-30"),
    # money
    (BD, "deputy_senior = 420", "deputy_senior = 999", "fees.yuan.deputy_senior", "999 元，条款写的是 420 元"),
    (BD, "junior = 120, mid = 240", "junior = 240, mid = 120", "fees.yuan.mid", "条款写的是 240 元"),
    (THIRD, "mid = 200", "mid = 240", "fees.yuan.mid", "条款写的是 200 元"),
    (THIRD, "junior = 100, mid", "junior = 100, senior = 400, mid", "fees.yuan.senior", "条款只写了"),
    (BD, '[fees]\nclause = "BD 六(三)"', '[fees]\nclause = "BD 一(一)"', "fees", "没有写金额"),
    # counts
    (LC, "committee_max_submissions = 3", "committee_max_submissions = 5", "corrections.committee_max_submissions", "第3次"),
    (THIRD, "committee_max_submissions = 2", "committee_max_submissions = 3", "corrections.committee_max_submissions", "第2次"),
    (LC, "committee_max_submissions = 3\n", "", "corrections.committee_max_submissions", "没有这一项"),
    (BD, "allow_second_return", "committee_max_submissions = 3\nallow_second_return", "corrections.committee_max_submissions", "没有写第几次"),
    # lengths
    (BD, "3r-i\"\nmonths = 12", "3r-i\"\nmonths = 60", "residency.months", "“1年”（12 个月）"),
    (THIRD, "months = 6", "months = 12", "residency.months", "“半年”（6 个月）"),
    (BD, "length = 15\nreminders", "length = 10\nreminders", "rules.confirmation.length", "“15个工作日”"),
    (THIRD, "length = 20\n\n[rules.confirmation_reply]", "length = 15\n\n[rules.confirmation_reply]", "rules.confirmation.length", "“二十个工作日”"),
    (THIRD, 'unit = "day"\nlength = 10\nminimum = 1\nrolls = true', "length = 10\nminimum = 1", "rules.committee_correction.length", "表中是 10 个工作日，条款写的是“十日”"),
    (THIRD, 'unit = "day"\nlength = 10', 'unit = "day"\nlength = 15', "rules.committee_correction.length", "表中是 15 个自然日"),
    (THIRD, "length = 20\n\n[rules.confirmation_reply]", 'unit = "day"\nlength = 20\nrolls = true\n\n[rules.confirmation_reply]', "rules.confirmation.length", "“二十个工作日”"),
    (THIRD, "minimum = 1\nrolls = true", "minimum = 1", "rules.committee_correction", "rolls = true"),
    (THIRD, "length = 7\nminimum = 7", 'unit = "day"\nlength = 7\nminimum = 7', "rules.unit_publicity", "公示期按工作日计算"),
    (THIRD, "length = 7\nminimum = 7", "length = 5\nminimum = 5", "rules.unit_publicity.length", "“七个工作日”"),
    (THIRD, "length = 7\nminimum = 7", "length = 7\nminimum = 5", "rules.unit_publicity.minimum", "表中是 5 个工作日"),
    (THIRD, 'unit = "month"\nlength = 1\nrolls = true', "length = 1", "rules.recheck.length", "“一个月”"),
    (BD, 'clause = "BD 四(三)6c"\nkind', 'clause = "BD 四(三)6d"\nkind', "rules.recheck.length", "没有写长度"),
    (THIRD, 'clause = "JZ 四(四)2a"\nkind = "lapse"', 'clause = "JZ 四(四)2a"\nlength_assumed = "办理口径29"\nkind = "lapse"', "rules.committee_correction.length", "写明了长度"),
    (BD, "tibet = { deputy_senior = 2, senior = 1 }", "tibet = { deputy_senior = 3, senior = 1 }", "tenure.relaxations.tibet.deputy_senior", "可提前 3 年，条款写的是：2 年"),
    (BD, "tibet = { deputy_senior = 2, senior = 1 }", "tibet = { deputy_senior = 2 }", "tenure.relaxations.tibet.senior", "表中没有"),
    (THIRD, "rural = { mid = 1 }", "rural = { mid = 2 }", "tenure.relaxations.rural.mid", "条款写的是"),
    (LC, "service_months = 12", "service_months = 24", "notice.groups.poverty_alleviation.service_months", "12 个月"),
    # the notice itself
    (BD, 'document = "渝大数据发〔2023〕54号"', 'document = "渝经信职改办〔2024〕20号"', "notice.document", "原文的文号是 渝大数据发〔2023〕54号"),
    (BD, 'document = "渝大数据发〔2023〕54号"', 'document = "渝职改办〔2023〕212号"', "notice.document", "原文的文号是"),
    (LC, 'issuer = "重庆市经济和信息化委员会职称改革办公室"', 'issuer = "重庆市大数据应用发展管理局"', "notice.issuer", "原文 lc-2024.txt 没有"),
    (LC, 'title = "关于组织开展2024年', 'title = "关于组织开展2023年', "notice.title", "处原文作“4”"),
    (LC, "“渝才荟”职称申报评审服务（", "“巴渝荟”职称申报评审服务（", "notice.platform", "巴渝荟"),
    (LC, '"各区县（自治县）职改办", "市级', '"各区县（自治县）人力社保局", "市级', "notice.addressees[0]", "职改办"),
    (LC, 'phones = ["023-60332622"]', 'phones = ["023-60332611"]', "notice.contacts[0].phones", "023-60332611"),
    (BD, 'document = "渝人社发〔2019〕44号"', 'document = "渝人社发〔2018〕44号"', "notice.basis[7].document", "2018"),
    (LC, "toUserPage", "toUserpage", "notice.links[1].url", "toUserpage"),
    (BD, "text = \"具体缴费方式以评委会通知为准", "text = \"缴费方式以评委会的通知为准", "notice.pay_notice.text", "不一致"),
    (BD, 'clause = "BD 六(三)"\ntext', 'clause = "BD 六(二)"\ntext', "notice.pay_notice.text", "不在所引条款里"),
    (BD, "12月上旬，具体时间待定", "12月中旬，具体时间待定", "notice.meeting.text", "原文作“上”"),
    # names and words
    (LC, '[routes.district_unit]\nclause = "LC 四(一)2"\nchain = ["department", "district_office"]', '[routes.district_unit]\nclause = "LC 四(一)2"\nchain = ["department"]', "routes.district_unit.chain", "条款写的是 3 级"),
    (LC, '[routes.district_unit]\nclause = "LC 四(一)2"\nchain = ["department", "district_office"]', '[routes.district_unit]\nclause = "LC 四(一)2"\nchain = ["district_office", "department"]', "routes.district_unit.chain", "条款写的是“单位主管部门”"),
    (LC, "insured_unit_must_match = false", "insured_unit_must_match = true", "routes.private_archive_elsewhere.insured_unit_must_match", "没有写“与参保单位一致”"),
    (LC, '"current_title",', '"degree",', "verifiers.checks", "degree"),
    (BD, 'required_contacts = ["unit", "superior"]', 'required_contacts = ["unit"]', "publicity.required_contacts", "两级联系方式"),
    (LC, 'patent = ["patent_certificate"]\n', "", "achievements.kinds", "专利需提供专利证书"),
    (LC, 'paper = ["cover", "paper_pages", "index_certificate"]', 'paper = ["cover", "paper_pages"]', "achievements.kinds.paper", "论文检索证明"),
    (LC, "after_current_title = true", "after_current_title = false", "achievements.after_current_title", "只认取得现职称以后"),
    (LC, ', "节水测试", "节水技术研发"]', ', "节水测试"]', "professions.fields.节水工程类", "节水技术研发"),
    (LC, 'green = "only_if_failed"', 'green = "never"', "annual_limit.green", "only_if_failed"),
    (LC, 'scope = "any_while_held"', 'scope = "own_route"', "admin_conflict.scope", "any_while_held"),
    (THIRD, 'max_level = "mid"', 'max_level = "deputy_senior"', "committee.max_level", "是中级评委会"),
    (BD, 'name = "工程技术大数据智能化副高级评委会"', 'name = "建筑设计正高级评委会"', "committee.name", "原文没有"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "old", "new", "key", "reason"), BENT, ids=[f"{row[0].stem}-{row[3]}" for row in BENT]
)
def test_a_value_that_contradicts_its_words_is_refused(
    tmp_path: Path, *, path: Path, old: str, new: str, key: str, reason: str
) -> None:
    item = found(bent(tmp_path, path, (old, new)), key)

    assert reason in item.reason
    assert item.todo or item.clause  # what to do, or where to look


def test_days_that_another_clause_calls_working_days_are_counted_so(tmp_path: Path) -> None:
    """`十日内` beside `本通知所称“日”均为工作日`: cited, it is ten working days; a bare wish is none."""
    bare = ('unit = "day"\nlength = 10\nminimum = 1\nrolls = true', "length = 10\nminimum = 1")
    cites = "[notice.cites]\n"
    cited = f'{cites}"rules.committee_correction.unit" = ["JZ 四(五)1"]\n'
    wish = f'{cites}"rules.committee_correction.unit" = ["JZ 二(三)"]\n'

    about = "rules.committee_correction"
    assert not [
        item
        for item in bent(tmp_path, THIRD, bare, (cites, cited)).errors
        if item.key.startswith(about)
    ]
    assert "十日" in found(bent(tmp_path, THIRD, bare, (cites, wish)), f"{about}.length").reason


def test_the_third_notice_is_sound() -> None:
    report = lint(THIRD, CALENDAR)

    assert report.errors == ()
    assert not [item for item in report.warnings if item.key.startswith(("notice.quotes", "原文"))]


def test_a_value_against_its_words_names_both_and_the_clause(tmp_path: Path) -> None:
    item = found(
        bent(tmp_path, BD, ('3r-i"\nmonths = 12', '3r-i"\nmonths = 60')), "residency.months"
    )

    assert item.clause.startswith("BD 四(一)3r-i")
    assert "须有1年以上社保缴费记录" in item.quote
    assert str(item).startswith("residency.months：表中是 60 个月，条款写的是“1年”")


def test_a_renamed_prefix_is_one_line(tmp_path: Path) -> None:
    report = bent(tmp_path, BD, ('prefix = "BD"', 'prefix = "SZ"'))

    assert [item.key for item in report.errors] == ["notice.quotes"]
    assert re.search(r"\d{2} 条原文的编号以 BD 开头，本通知的前缀是 SZ", report.errors[0].reason)


def test_a_prefix_renamed_in_the_quotes_alone_is_one_line(tmp_path: Path) -> None:
    head, mark, quotes = BD.read_text(encoding="utf-8").partition("[notice.quotes]")
    copy = tmp_path / BD.name
    renamed = head.replace('prefix = "BD"', 'prefix = "SZ"') + mark + quotes.replace('"BD ', '"SZ ')
    copy.write_text(renamed, encoding="utf-8")
    printed = BD.with_suffix(".txt").read_text(encoding="utf-8")
    copy.with_suffix(".txt").write_text(printed, encoding="utf-8")
    errors = lint(copy, CALENDAR).errors

    assert len(errors) == 1, [str(item) for item in errors]
    assert "处依据以 BD 开头，本通知的条款以 SZ 开头" in errors[0].reason


def test_a_misquote_shows_where_it_differs_from_the_nearest_sentence(tmp_path: Path) -> None:
    report = bent(tmp_path, BD, ("申报人逾期未补充完善的，视为放弃申报", "申报人逾期不补充完善，视作放弃申报"))  # fmt: skip
    item = found(report, "notice.quotes.BD 四(二)3(1)c")

    assert "引文作“不”处原文作“未”" in item.reason
    assert "引文在“补充完善”之后缺“的”" in item.reason
    assert "原文为“申报人逾期未补充完善的，视为放弃申报”" in item.reason


def test_a_quote_of_nothing_says_that_nothing_is_near(tmp_path: Path) -> None:
    report = bent(tmp_path, LC, ('"LC 五(三)4" = "学术技术报告需提供邀请函"', '"LC 五(三)4" = "职工食堂每日供应三餐"'))  # fmt: skip

    assert (
        "没有与“职工食堂每日供应三餐”相近的语句" in found(report, "notice.quotes.LC 五(三)4").reason
    )


def test_a_quote_across_a_line_break_is_no_misquote(tmp_path: Path) -> None:
    """A text that was copied from a page breaks its lines anywhere."""
    copy = tmp_path / BD.name
    copy.write_text(BD.read_text(encoding="utf-8"), encoding="utf-8")
    printed = BD.with_suffix(".txt").read_text(encoding="utf-8")
    broken = printed.replace("不低于全市基本条件", "不低于全\n市基本 条件")
    assert broken != printed
    copy.with_suffix(".txt").write_text(broken, encoding="utf-8")

    assert lint(copy, CALENDAR).errors == ()


def test_evidence_kinds_deleted_with_their_clauses_are_still_missed(tmp_path: Path) -> None:
    """Kind, label, citation and quote are gone: the sentence of the text remains."""
    report = bent(
        tmp_path,
        LC,
        ('patent = ["patent_certificate"]\nsoftware_copyright = ["software_certificate"]\n', ""),
        ('"achievements.kinds.patent" = ["LC 五(三)6"]\n"achievements.kinds.software_copyright" = ["LC 五(三)6"]\n', ""),
        ('"LC 五(三)6" = "专利需提供专利证书，软件著作权需提供软件著作权登记证书"\n', ""),
        ('clause = "LC 五(三)6"\nkey = "patent_evidence"\nabout = ["achievement:patent"]\n', 'clause = "LC 五(三)7"\nkey = "patent_evidence"\n'),
        ('clause = "LC 五(三)6"\nkey = "software_evidence"\nabout = ["achievement:software_copyright"]\n', 'clause = "LC 五(三)7"\nkey = "software_evidence"\n'),
    )  # fmt: skip

    assert report.errors == ()
    assert any(
        item.key == "原文 lc-2024.txt" and item.quote.startswith("专利需提供专利证书")
        for item in report.warnings
    )


def test_a_usual_defect_of_a_kind_that_the_notice_does_not_have_is_refused(tmp_path: Path) -> None:
    """Three of the shipped ones were: nobody was ever offered them."""
    report = bent(
        tmp_path, LC, ('about = ["achievement:patent"]', 'about = ["achievement:brevet"]')
    )

    assert (
        "没有“brevet”这一类业绩成果" in found(report, "notice.defects.patent_evidence.about").reason
    )


def test_a_citation_of_a_value_that_was_deleted_is_refused(tmp_path: Path) -> None:
    report = bent(tmp_path, LC, ('standard = ["cover", "preface"]\n', ""))

    assert (
        "没有 achievements.kinds.standard 这一项"
        in found(report, 'notice.cites."achievements.kinds.standard"').reason
    )


def test_a_quote_that_nothing_rests_on_is_told(tmp_path: Path) -> None:
    report = bent(tmp_path, LC, ('"LC 四(二)2b", ', ""))

    assert report.errors == ()
    assert [item.key for item in report.warnings if item.key.startswith("notice.quotes")] == [
        "notice.quotes.LC 四(二)2b"
    ]


def test_a_sentence_with_a_term_that_nothing_quotes_is_told(tmp_path: Path) -> None:
    """A notice that says of its own chain when it closes, and a file that passes it over."""
    report = bent(
        tmp_path,
        THIRD,
        ('clause = "JZ 三(二)"\nends_on = 2024-08-05\ncloses_at = 17:00:00', 'assumed = "办理口径31"\nends_on = 2024-08-05'),
        ('clause = "JZ 三(二)"', 'assumed = "办理口径32"'),
        ('"JZ 三(二)" = "各级审核推荐机构应于8月5日17:00前报送评委会"\n', ""),
    )  # fmt: skip

    assert report.errors == ()
    told = [item for item in report.warnings if item.key == "原文 jz-2024.txt"]
    assert [item.quote for item in told] == ["各级审核推荐机构应于8月5日17:00前报送评委会。"]
    assert "其中写有日期" in told[0].reason


def test_a_document_of_another_layer_is_a_source_with_a_text_of_its_own(tmp_path: Path) -> None:
    campaign = load(THIRD)

    assert campaign.policy.rules[RuleName.RECHECK].clause == "江职改办〔2024〕7号 三a"
    assert campaign.quote("江职改办〔2024〕7号 三a").startswith("申报人对评审结果不服的")
    assert campaign.policy.clause("terminated") == "江职改办〔2024〕7号 二"

    misquoted = bent(tmp_path, THIRD, ("接到投诉举报且查证属实的", "接到举报且查证属实的"))
    assert "jz-2024.plan.txt 不一致" in found(misquoted, "notice.quotes.7号 二").reason


def test_a_layer_without_its_text_cannot_be_checked(tmp_path: Path) -> None:
    report = bent(tmp_path, THIRD, ("jz-2024.plan.txt", "plan.txt"))

    assert [item.reason for item in report.errors] == ["缺少原文 plan.txt，无法核对引文"]


def test_a_clause_of_an_unknown_layer_is_refused(tmp_path: Path) -> None:
    report = bent(tmp_path, THIRD, ('clause = "7号 三a"\nkind = "right"', 'clause = "9号 三"\nkind = "right"'))  # fmt: skip

    assert "没有原文" in found(report, "rules.recheck.clause").reason


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("十", 10),
        ("二十", 20),
        ("一百零五", 105),
        ("两", 2),
        ("二〇二四", 2024),
        ("１２", 12),
        ("一万二千", 12000),
        ("伍", 5),
        ("甲", None),
        ("", None),
    ],
)
def test_a_number_in_numerals_or_digits(words: str, value: int | None) -> None:
    assert number(words) == value


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("10月7日至10月31日", ["2024-10-07 None", "2024-10-31 None"]),
        ("2024年8月6日至20日", ["2024-08-06 None", "2024-08-20 None"]),
        ("8月5日（星期一）17：00前", ["2024-08-05 17:00:00"]),
        ("八月五日下午五时", ["2024-08-05 17:00:00"]),
        ("8月5日24时", ["2024-08-05 None"]),
        ("12月20日至1月5日", ["2024-12-20 None", "2025-01-05 None"]),
        ("12月上旬，具体时间待定", []),
        ("2月30日", []),
    ],
)
def test_a_day_and_its_hour(words: str, value: list[str]) -> None:
    assert [f"{item.day} {item.hour}" for item in days(words, 2024)] == value


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("5个工作日", [(5, "wd")]),
        ("二十日内", [(20, "day")]),
        ("1年以上", [(12, "month")]),
        ("六十个月", [(60, "month")]),
        ("半年", [(6, "month")]),
        ("2023年12月31日", []),
        ("一个年度内", []),
        ("第3次提交", []),
    ],
)
def test_a_length_and_its_unit(words: str, value: list[tuple[int, str]]) -> None:
    assert [(item.size, item.unit) for item in lengths(words)] == value


def test_amounts_and_counts() -> None:
    assert amounts("420元/人、二百四十元/人，1,200元") == [420, 240, 1200]
    assert ordinals("第3次提交；第三次") == [3, 3]


def test_the_command_names_file_key_quote_and_what_to_do(tmp_path: Path) -> None:
    bent(tmp_path, BD, ("deputy_senior = 420", "deputy_senior = 999"))
    said = CliRunner().invoke(zhiping, ["campaign", "lint", str(tmp_path / BD.name)])

    assert said.exit_code == Exit.REFUSED
    assert (
        "bd-2023.toml：fees.yuan.deputy_senior：表中副高级是 999 元，条款写的是 420 元"
        in said.output
    )
    assert "高、中、初级职称评审费" in said.output
    assert "下一步：请改为 420；条款引错了的，请改引。" in said.output


def test_a_clause_of_another_layer_is_read_by_its_document() -> None:
    policy = load(THIRD).policy

    assert (
        clause_zh(policy.terms(RuleName.RECHECK).source, policy.document)
        == "江职改办〔2024〕7号 三"
    )
    assert clause_zh("渝职改办〔2024〕207号 四(二)1a") == "渝职改办〔2024〕207号 四（二）1"


@pytest.mark.parametrize(
    ("pledged", "refused"),
    [
        ({"pledge_version": "lc-2024/1"}, False),
        ({"pledge_version": "lc-2024/2"}, False),
        ({"pledge_version": "bd-2023/1"}, True),
        ({"pledge_version": "lc-2023/1"}, True),
        ({"pledge_version": ""}, False),
        ({"pledge_version": "", "pledged_at": "2023-10-06T20:00:00+08:00"}, True),
    ],
)
def test_a_pledge_of_another_year_or_notice_is_none(
    pledged: dict[str, str], *, refused: bool
) -> None:
    policy = a_policy(LC_ID)
    found = examine_statements(facts("city_unit", LC_ID, **pledged), policy, SUBMITTED[LC_ID])

    assert [item.params["statement"] for item in found.refusals] == (
        ["other_notice"] if refused else []
    )


IDENTIFIER = re.compile(r"[a-z]{2,}[_.]?[a-z]*")


@pytest.mark.parametrize("other", [LC, THIRD], ids=["lc-2024", "jz-2024"])
def test_a_difference_is_a_sentence_without_keys(other: Path) -> None:
    one, two = load(BD), load(other)
    differences = diff(one, two)
    told = list(sentences(one, two, differences))

    assert len(told) == len(differences) > 100
    for sentence, difference in zip(told, differences, strict=True):
        name, _, change = sentence.partition("：")
        assert not IDENTIFIER.search(name), sentence
        assert sentence.endswith("。")
        if not difference.key.startswith(("committee.", "notice.links")):
            assert not IDENTIFIER.search(change), sentence


def test_a_difference_says_what_became_of_what_and_where_it_stands() -> None:
    one, two = load(BD), load(THIRD)
    told = list(sentences(one, two, diff(one, two)))

    assert (
        "网上申报的第一天：由“2023年10月7日（周六）”改为“2024年7月1日（周一）”"
        "（甲：渝大数据发〔2023〕54号 三1；乙：江建职改〔2024〕12号 三（一））。" in told
    )
    assert any(item.startswith("申请复查期限的长度：由“2个月”改为“1个月”") for item in told)
    assert any(item.startswith("中级评审费（元）：由“240”改为“200”") for item in told)
    assert any("到期前1个工作日提醒申报人" in item for item in told)


def test_a_clause_that_prints_several_spans_may_be_cited_for_each(tmp_path: Path) -> None:
    """三、 as one sentence: the window stated is the one that is looked for."""
    whole = "2024年7月1日至7月25日申报，8月6日至20日审核，8月21日至8月30日18:00缴费"
    text = THIRD.read_text(encoding="utf-8")
    for clause in ("JZ 三(一)", "JZ 三(三)", "JZ 三(四)"):
        text = re.sub(rf'(?m)^"{re.escape(clause)}" = .*\n', "", text)
        text = text.replace(f'"{clause}"', '"JZ 三"')
    text = text.replace("[notice.quotes]\n", f'[notice.quotes]\n"JZ 三" = "{whole}"\n')
    (tmp_path / THIRD.name).write_text(text, encoding="utf-8")
    for printed in THIRD.parent.glob("jz-2024*.txt"):
        words = printed.read_text(encoding="utf-8").replace(
            "三、时间安排", f"三、时间安排\n{whole}。"
        )
        (tmp_path / printed.name).write_text(words, encoding="utf-8")
    copy = tmp_path / THIRD.name

    assert lint(copy, CALENDAR).errors == ()
    copy.write_text(text.replace("starts_on = 2024-08-06", "starts_on = 2024-08-07"), "utf-8")
    assert found(lint(copy, CALENDAR), "windows.review.starts_on")


@pytest.mark.parametrize("brackets", ["[]", "［］", "【】", "（）"])
def test_a_number_in_other_brackets_is_the_same_number(tmp_path: Path, brackets: str) -> None:
    (tmp_path / BD.name).write_text(BD.read_text(encoding="utf-8"), encoding="utf-8")
    printed = BD.with_suffix(".txt").read_text(encoding="utf-8")
    head = printed.replace("〔2023〕54号", f"{brackets[0]}2023{brackets[1]}54号", 1)
    (tmp_path / BD.with_suffix(".txt").name).write_text(head, encoding="utf-8")

    assert lint(tmp_path / BD.name, CALENDAR).errors == ()
