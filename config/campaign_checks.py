"""What makes a campaign file incomplete or contradictory: each check yields findings.

The checks know the clocks, the acts and the ends; values are the notice's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from config.campaign_findings import Finding
from config.campaign_model import Campaign
from workflows.application.clocks import ROWS
from workflows.rules.names import DeadlineKind, EndName, Level, Party, Route, RuleName
from workflows.rules.policy import RuleTerms, Window
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code

LARGEST = 8 * 1024
"""Bytes of policy a case may carry (design.md 2)."""
SUBJECT = "职称"
LEAST_SUBMISSIONS = 2
LEAST_PUBLICITY = 5
"""Working days; 40号令 art 16 and 26, both notices."""


KIND_OF = {row.rule: row.kind for row in ROWS} | {
    RuleName.APPLICATION_WINDOW: DeadlineKind.LAPSE,
    RuleName.BAR: DeadlineKind.BAR,
}
"""The kind of each clock, as its row has it; of the gates that have none, what they do."""
FIXED = frozenset(
    {
        RuleName.APPLICATION_WINDOW,
        RuleName.REVIEW_WINDOW,
        RuleName.CHAIN_CUTOFF,
        RuleName.PAYMENT_WINDOW,
        RuleName.INTAKE_DUTY,
    }
)

ACTS = frozenset(
    {
        "submit",
        "withdraw",
        "urge",
        "set_aside",
        "extend_deadline",
        "reinstate",
        "record_manual_check",
        "start_publicity",
        "restart_publicity",
        "finish_publicity",
        "decline_recommendation",
        "raise_objection",
        "return",
        "override_return",
        "resubmit",
        "declare_abandoned",
        "approve",
        "reject",
        "accept",
        "refuse",
        "fail_audit",
        "send_pay_notice",
        "record_payment",
        "assign_to_meeting",
        "open_review",
        "record_result",
        "report_results",
        "post_results",
        "send_for_confirmation",
        "reply_to_entrusting_unit",
        "file_for_record",
        "confirm",
        "send_back",
        "forward_confirmation",
        "confirm_printed",
        "confirm_archived",
        "request_recheck",
        "decide_recheck",
        "revoke",
        "file_complaint",
        "hold_review",
        "respond_to_inquiry",
        "conclude_inquiry",
        "disqualify",
        "amend",
    }
)
BD_ONLY, LC_ONLY = frozenset({"declare_abandoned"}), frozenset({"fail_audit", "audit_failed"})
"""One ends an uncured return where there is no last submission (A45), the other where there is."""
POINTS = frozenset(
    {
        "special_group",
        "in_service",
        "aux_to_main_series",
        "declassified",
        "post_vacancy",
        "profession",
        "result_inquiry",
        "wrong_route",
        "not_entitled",
        "check",
        "attestation",
        "inquiry",
        "hearing",
        "late_objection",
        "held_persons",
        "by_meeting",
        "chain_return",
        "chain_confirm",
        "correction_changes",
        "posting_day",
        "payment_counts",
        "stamp",
        "second_person",
        "calendar",
    }
)
"""Points of an act that rest on a ground of their own."""
REFUSED = frozenset(
    {
        Code.EXCLUDED_OFFICIAL,
        Code.EXCLUDED_RETIRED,
        Code.EXCLUDED_BAR,
        Code.EMPLOYER_MISMATCH,
        Code.PLEDGE_MISSING,
        Code.OUT_OF_SCOPE,
        Code.NOT_FOUND,
        Code.UNPUBLICISED_FILE,
        Code.NEW_DEFECT,
    }
)
"""Refusals that no table of the file gives a ground to."""
OPTIONAL = frozenset({"aux_to_main_series"})
"""A point that not every notice has."""
CLAUSE_KEYS = ACTS | POINTS | {end.value for end in EndName} | {code.value for code in Code}

LIMITS = {
    "urge_every_working_days": (1, 20),
    "late_delivery_working_days": (1, 10),
    "back_dating_working_days": (1, 60),
}
"""What no notice prints and a case cannot do without: with 0 somebody urges without end, with
thousands nobody ever may, or an act arrives years late."""
FURTHEST_REMINDER = 366

CHAIN_KINDS = frozenset({"department", "agency", "city_agency", "district_office", "resident_hq"})


def contradictions(campaign: Campaign) -> Iterator[Finding]:
    """Every error of a campaign whose keys and types are right."""
    for check in (
        _windows,
        _cutoffs,
        _fees,
        _committee,
        _rules,
        _corrections,
        _no_longer_than_the_terms,
        _limits,
        _routes,
        _tenure,
        _payment,
        _unknown_clauses,
        _labels,
        _names,
        _size,
    ):
        yield from check(campaign)


def _windows(campaign: Campaign) -> Iterator[Finding]:
    windows = campaign.policy.windows
    named: dict[str, Window] = {
        "application": windows.application,
        "review": windows.review,
        "payment": windows.payment,
    }
    for name, window in named.items():
        if window.ends_on < window.starts_on:
            reason = f"结束日 {window.ends_on} 早于开始日 {window.starts_on}"
            yield Finding(f"windows.{name}", reason, window.source)
    application, review, payment = named.values()
    if application.starts_on.year != campaign.policy.year:
        reason = f"网上申报不在 {campaign.policy.year} 年"
        yield Finding("windows.application", reason, application.source)
    if review.starts_on < application.starts_on or review.ends_on <= application.ends_on:
        yield Finding("windows.review", "审核时间不得早于网上申报时间", review.source)
    if payment.starts_on < review.starts_on or payment.ends_on < review.ends_on:
        yield Finding("windows.payment", "缴费时间不得早于审核时间", payment.source)


def _cutoffs(campaign: Campaign) -> Iterator[Finding]:
    policy = campaign.policy
    cutoff, review = policy.chain_cutoff, policy.windows.review
    opens_on = policy.windows.application.starts_on
    # Where the window is the committee's alone, the chain may have to be through before it opens.
    if not opens_on < cutoff.ends_on <= review.ends_on:
        reason = (
            f"{cutoff.ends_on} 不在网上申报开始的 {opens_on} 至审核结束的 {review.ends_on} 之间"
        )
        yield Finding("chain_cutoff.ends_on", reason, cutoff.source)
    if policy.tenure.cutoff.year != policy.year:
        reason = f"任职时间的截止日不在 {policy.year} 年"
        yield Finding("tenure.cutoff", reason, policy.tenure.source)


def _fees(campaign: Campaign) -> Iterator[Finding]:
    policy = campaign.policy
    ladder = list(Level)
    low = ladder.index(policy.committee.min_level)
    high = ladder.index(policy.committee.max_level)
    for level in ladder[low : high + 1]:
        if level not in policy.fees.yuan:
            yield Finding(f"fees.yuan.{level}", "评委会受理的级别没有收费标准", policy.fees.source)
    for level, yuan in policy.fees.yuan.items():
        if yuan <= 0:
            yield Finding(f"fees.yuan.{level}", "应为大于零的元数", policy.fees.source)


def _committee(campaign: Campaign) -> Iterator[Finding]:
    committee = campaign.policy.committee
    ladder = list(Level)
    if ladder.index(committee.min_level) > ladder.index(committee.max_level):
        yield Finding("committee.min_level", "最低级别高于最高级别", committee.source)
    for key in ("name", "office", "city_office"):
        if not getattr(committee, key):
            yield Finding(f"committee.{key}", "不能为空", committee.source)


def _rules(campaign: Campaign) -> Iterator[Finding]:
    given = campaign.policy.rules
    for rule in RuleName:
        if rule not in given:
            yield Finding(f"rules.{rule}", "缺少这一时限")
        else:
            for reason in _wrong_terms(rule, given[rule]):
                yield Finding(f"rules.{rule}", reason, given[rule].source)


def _wrong_terms(rule: RuleName, terms: RuleTerms) -> Iterator[str]:
    expected = KIND_OF.get(rule, DeadlineKind.DUTY)
    if terms.kind is not expected:
        yield f"kind 应为 {expected}"
    if (terms.unit == "fixed") is not (rule in FIXED):
        yield "只有印定日期的时限写 unit = fixed"
    elif terms.unit == "fixed":
        if terms.length is not None:
            yield "印定日期的时限没有 length"
    elif terms.length is None:
        yield "缺少 length"
    else:
        yield from _wrong_lengths(terms)
    if terms.rolls and terms.unit not in ("month", "day"):
        yield "只有按月或者按自然日计算的时限可以顺延（rolls）"
    if terms.unit == "day" and terms.kind is DeadlineKind.FLOOR:
        yield "公示期按工作日计算（不少于 5 个工作日），不能写 unit = day"
    elif terms.unit == "day" and not terms.rolls:
        yield f"按自然日计算的时限，末日遇休息日顺延（{Reading.MONTHS}），请写 rolls = true"
    if terms.kind is DeadlineKind.BAR and terms.rolls:
        yield f"影响期不顺延（{Reading.BARS}）"
    if terms.kind is DeadlineKind.FLOOR and (terms.minimum or 0) < LEAST_PUBLICITY:
        yield f"公示不少于 {LEAST_PUBLICITY} 个工作日，minimum 不得再小"
    if terms.count_first_day and terms.kind is not DeadlineKind.FLOOR:
        yield f"只有公示期可以计入首日（{Reading.PUBLICITY}）"
    yield from _wrong_reminders(terms)


def _wrong_lengths(terms: RuleTerms) -> Iterator[str]:
    low = terms.minimum or 1
    length = terms.length or 0
    if length < low or (terms.maximum is not None and length > terms.maximum):
        yield f"length {length} 超出 {low} 至 {terms.maximum or '不限'}"


def _wrong_reminders(terms: RuleTerms) -> Iterator[str]:
    if terms.reminders and terms.kind is DeadlineKind.FLOOR:
        yield "公示期不催办，没有 reminders"
    parties = {party.value for party in Party}
    if len(set(terms.reminders)) < len(terms.reminders):
        yield "有两条相同的提醒"
    for reminder in terms.reminders:
        if not reminder.to:
            yield "提醒没有写明发给谁（to）"
        if abs(reminder.before) > FURTHEST_REMINDER:
            yield f"提醒离到期日超过 {FURTHEST_REMINDER} 日，不会发出"
        unknown = [party for party in reminder.to if party not in parties]
        if unknown:
            yield f"提醒的收件方 {unknown[0]} 不存在"
        if reminder.repeat_every is not None and (
            reminder.before >= 0 or reminder.repeat_every < 1
        ):
            yield "只有到期之后的提醒（before 为负）可以重复，间隔至少 1 个工作日"


def _corrections(campaign: Campaign) -> Iterator[Finding]:
    corrections = campaign.policy.corrections
    most = corrections.committee_max_submissions
    key = "corrections.committee_max_submissions"
    if most is not None and most < LEAST_SUBMISSIONS:
        reason = "提交次数含首次提交，至少为 2，否则没有补正的机会"
        yield Finding(key, reason, corrections.source)
    if most is not None and most > LEAST_SUBMISSIONS and not corrections.allow_second_return:
        reason = "不允许再次退回时，提交次数不会超过 2"
        yield Finding("corrections.allow_second_return", reason, corrections.source)
    if corrections.min_full_working_days < 1:
        reason = f"退回至少留一个完整工作日（{Reading.CORRECTION_CAP}）"
        yield Finding("corrections.min_full_working_days", reason, corrections.source)


def _no_longer_than_the_terms(campaign: Campaign) -> Iterator[Finding]:
    """A return that has to leave more days than anybody is given could never be made."""
    corrections, rules = campaign.policy.corrections, campaign.policy.rules
    for rule in (
        RuleName.UNIT_CORRECTION,
        RuleName.CHAIN_CORRECTION,
        RuleName.COMMITTEE_CORRECTION,
    ):
        length = rules[rule].length if rule in rules else None
        if length is not None and corrections.min_full_working_days > length:
            reason = f"退回必须留足的工作日多于 rules.{rule} 的 {length} 日，将无法退回"
            yield Finding("corrections.min_full_working_days", reason, corrections.source)


def _limits(campaign: Campaign) -> Iterator[Finding]:
    limits = campaign.policy.limits
    for name, (low, high) in LIMITS.items():
        if not low <= getattr(limits, name) <= high:
            yield Finding(f"limits.{name}", f"应在 {low} 至 {high} 之间", limits.source)


def _routes(campaign: Campaign) -> Iterator[Finding]:
    for route in Route:
        given = campaign.policy.routes.get(route)
        if given is None:
            yield Finding(f"routes.{route}", "缺少这一申报路径", "四(一)")
            continue
        for chain in (given.chain, *given.alternatives):
            if not chain:
                yield Finding(f"routes.{route}.chain", "单位之后没有任何一级", given.source)
            unknown = sorted(set(chain) - CHAIN_KINDS)
            if unknown:
                known = "、".join(sorted(CHAIN_KINDS))
                reason = f"{unknown[0]} 不是机构类别，应为 {known} 之一"
                yield Finding(f"routes.{route}.chain", reason, given.source)


def _tenure(campaign: Campaign) -> Iterator[Finding]:
    tenure = campaign.policy.tenure
    groups = {group.key for group in campaign.notice.groups}
    for kind, years in tenure.relaxations.items():
        if kind not in groups:
            reason = "放宽的对象没有写入 notice.groups"
            yield Finding(f"tenure.relaxations.{kind}", reason, tenure.source)
        if any(year < 1 for year in years.values()):
            yield Finding(f"tenure.relaxations.{kind}", "提前年数应为正整数", tenure.source)


def _payment(campaign: Campaign) -> Iterator[Finding]:
    payment = campaign.policy.payment
    if payment.own_term < payment.min_full_working_days:
        reason = f"单独给出的缴费期限短于必须留足的工作日（{Reading.PAYMENT_MISSED}）"
        yield Finding("payment.own_term", reason, payment.source)


def unstated(table: Mapping[str, Any], campaign: Campaign) -> Iterator[Finding]:
    """Every act, end, point and refusal states its ground in the file, silent or not.

    What a case would fall back on (`workflows.rules.readings.STANDING`) is no excuse: the author
    must have asked whether this notice speaks.
    """
    stated = table.get("clauses")
    given = stated if isinstance(stated, Mapping) else {}
    bounded = campaign.policy.corrections.committee_max_submissions is not None
    needless = OPTIONAL | (BD_ONLY if bounded else LC_ONLY)
    wanted = ACTS | POINTS | {end.value for end in EndName} | {code.value for code in REFUSED}
    for key in sorted(wanted - needless):
        if key not in given and not any(name.startswith(f"{key}:") for name in given):
            yield Finding(f"clauses.{key}", "缺少这一事项所依据的条款或者办理口径")


def _unknown_clauses(campaign: Campaign) -> Iterator[Finding]:
    for name, clause in campaign.policy.clauses.items():
        if name.split(":", maxsplit=1)[0] not in CLAUSE_KEYS:
            yield Finding(f"clauses.{name}", "没有这个行为、结局或答复代码", clause)


def _labels(campaign: Campaign) -> Iterator[Finding]:
    for key, identifiers in _identifiers(campaign):
        for name in (part for identifier in identifiers for part in identifier.split("|")):
            if not campaign.notice.labels.get(name):
                yield Finding(f"notice.labels.{name}", f"{key} 使用的标识没有中文名称")


def _names(campaign: Campaign) -> Iterator[Finding]:
    """What letters and papers call the notice's subject and form is what the notice calls them."""
    notice = campaign.notice
    if not notice.subject.endswith(SUBJECT) or notice.subject == SUBJECT:
        reason = f"应写明申报什么职称，以“{SUBJECT}”结尾，如“2023年…专业{SUBJECT}”"
        yield Finding("notice.subject", reason, notice.source)
    # What stands between the words of a title (申报评审, 工作) may be left out, nothing added.
    rest = iter(notice.title)
    missing = next((char for char in notice.subject if char not in rest), "")
    if missing:
        reason = f"应依次取自通知标题（{notice.title}），标题中没有这样的“{missing}”"
        yield Finding("notice.subject", reason, notice.source)
    form = notice.publicity_form
    if form.clause and form.title not in campaign.quote(form.clause):
        yield Finding("notice.publicity_form.title", "所引条款没有提到这一名称的表", form.source)


def _identifiers(campaign: Campaign) -> Iterator[tuple[str, tuple[str, ...]]]:
    policy = campaign.policy
    for route, given in policy.routes.items():
        for chain in (given.chain, *given.alternatives, given.papers):
            yield f"routes.{route}", chain
    yield "freelancer.proofs", policy.freelancer.proofs
    yield "achievements.kinds", tuple(policy.achievements.kinds)
    for kind, documents in policy.achievements.kinds.items():
        yield f"achievements.kinds.{kind}", documents
    yield "verifiers.checks", policy.verifiers.checks
    yield "tenure.relaxations", tuple(policy.tenure.relaxations)
    if policy.applicants:
        for kind, papers in policy.applicants.permits.items():
            yield "applicants.permits", (kind, *papers)
    yield "publicity", (*policy.publicity.required_contacts, *policy.publicity.channels)
    yield "payment.channel", (policy.payment.channel,)


def _size(campaign: Campaign) -> Iterator[Finding]:
    for route in campaign.policy.routes:
        for level in Level:
            size = len(campaign.policy.for_case(route, level).model_dump_json().encode())
            if size > LARGEST:
                reason = f"一件申报随带 {size} 字节，超过 {LARGEST}"
                yield Finding("文件", reason)
                return
