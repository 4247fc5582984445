"""Every value of a notice's data against the words it cites: a copied file cannot say otherwise.

A value whose table says `assumed` has no words of the notice and is not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from itertools import pairwise

from config.campaign_findings import Finding
from config.campaign_grounds import Ground, Grounds
from config.printed_values import (
    Printed,
    days,
    lengths,
    number,
    ordinals,
    placed_amounts,
    plain,
)
from workflows.rules.names import DeadlineKind, Level, Route
from workflows.rules.policy import RuleTerms, Sourced

HIGH = (Level.DEPUTY_SENIOR, Level.SENIOR)
LEVEL_WORDS: dict[str, tuple[Level, ...]] = {
    "正高": (Level.SENIOR,),
    "副高": (Level.DEPUTY_SENIOR,),
    "高": HIGH,
    "中": (Level.MID,),
    "初": (Level.JUNIOR,),
}
LEVEL_NAMES = {
    Level.SENIOR: "正高级",
    Level.DEPUTY_SENIOR: "副高级",
    Level.MID: "中级",
    Level.JUNIOR: "初级",
}
MEASURES = {"wd": "个工作日", "day": "个自然日", "month": "个月"}
FEWEST = 3
"""个人, somebody who recommends, 评委会: a shorter row of names is no route."""

_LEVEL = re.compile(r"正高|副高|(?<![提最])高(?=级|[、,/和])|中(?=级|[、,/和])|初(?=级|[、,/和])")
_EARLIER = re.compile(r"提前([0-9一二两三四五]+)年")
_NEEDS = re.compile(r"(?P<kind>[^,。;:\n]+?)[须需应]提供(?P<papers>[^,。;\n]+)")
_ARROWS = re.compile(r"-{1,2}>|[→➝]|[—―–-]{1,2}")
_AND = re.compile(r"[、及和]")
_AND_SO_ON = re.compile(r"等.*$")


def against_its_words(grounds: Grounds) -> Iterator[Finding]:
    """Every value that is not what its clause says, with the words."""
    for check in (
        _windows,
        _cutoff,
        _fees,
        _submissions,
        _terms,
        _residency,
        _tenure,
        _groups,
        _routes,
        _names,
        _evidence,
        _defects,
        _fields,
        _limits_of_a_person,
        _committee,
    ):
        yield from check(grounds)


# ---- dates ------------------------------------------------------------------------------------


def _windows(grounds: Grounds) -> Iterator[Finding]:
    policy = grounds.campaign.policy
    for name in ("application", "review", "payment"):
        window = getattr(policy.windows, name)
        ground = grounds.of(f"windows.{name}", window)
        if not ground:
            continue
        printed = days(ground.words, policy.year)
        if not printed:
            yield _nothing(ground, "日期")
            continue
        first, last = _span(printed, window.starts_on, window.ends_on)
        if len(printed) > 1:
            yield from _day(ground, "starts_on", window.starts_on, first, hour=False)
        yield from _day(ground, "ends_on", window.ends_on, last)
        yield from _hour(ground, window.closes_at, last)


def _cutoff(grounds: Grounds) -> Iterator[Finding]:
    policy = grounds.campaign.policy
    cutoff = policy.chain_cutoff
    ground = grounds.of("chain_cutoff", cutoff)
    if not ground:
        return
    printed = days(ground.words, policy.year)
    if not printed:
        yield _nothing(ground, "日期")
        return
    last = next((item for item in printed if item.day == cutoff.ends_on), printed[-1])
    yield from _day(ground, "ends_on", cutoff.ends_on, last)
    yield from _hour(ground, cutoff.closes_at, last)


def _span(printed: list[Printed], starts_on: date, ends_on: date) -> tuple[Printed, Printed]:
    """The printed span that is meant: the one stated, where a clause prints several."""
    for first, last in pairwise(printed):
        if (first.day, last.day) == (starts_on, ends_on):
            return first, last
    return printed[0], printed[-1]


def _day(
    ground: Ground, name: str, stated: date, printed: Printed, *, hour: bool = True
) -> Iterator[Finding]:
    if stated == printed.day:
        return
    told = printed.words if hour else printed.words.partition(":")[0]
    reason = f"表中是 {stated}，条款写的是“{told}”，即 {printed.day}"
    yield _at(ground, name).against(reason, f"请改为 {printed.day}；条款引错了的，请改引。")


def _hour(ground: Ground, stated: time | None, printed: Printed) -> Iterator[Finding]:
    if stated == printed.hour:
        return
    if printed.hour is None:
        reason = f"表中截止于 {stated:%H:%M}，条款没有写钟点"
        yield _at(ground, "closes_at").against(reason, "请删去 closes_at，即当日 24:00 截止。")
        return
    reason = f"条款写的是“{printed.words}”，表中" + (f"是 {stated:%H:%M}" if stated else "没有钟点")
    todo = f"请写 closes_at = {printed.hour:%H:%M:%S}。"
    yield _at(ground, "closes_at").against(reason, todo)


# ---- money, counts and lengths ----------------------------------------------------------------


def _fees(grounds: Grounds) -> Iterator[Finding]:
    fees = grounds.campaign.policy.fees
    ground = grounds.of("fees", fees)
    if not ground:
        return
    printed, amounts = _fees_printed(ground.words)
    if not amounts:
        yield _nothing(ground, "金额")
        return
    for level, yuan in fees.yuan.items():
        at = _at(ground, f"yuan.{level}")
        if level in printed and yuan != printed[level]:
            yield at.against(
                f"表中{LEVEL_NAMES[level]}是 {yuan} 元，条款写的是 {printed[level]} 元",
                f"请改为 {printed[level]}；条款引错了的，请改引。",
            )
        elif level not in printed and (printed or yuan not in amounts):
            told = "、".join(f"{item} 元" for item in amounts)
            yield at.against(f"表中{LEVEL_NAMES[level]}是 {yuan} 元，条款只写了 {told}")
    for level in printed:
        if level not in fees.yuan:
            yield _at(ground, f"yuan.{level}").against(
                f"条款写了{LEVEL_NAMES[level]} {printed[level]} 元，表中没有",
                f"请写 {level} = {printed[level]}。",
            )


def _fees_printed(words: str) -> tuple[dict[Level, int], list[int]]:
    """Level → yuan where levels and amounts stand in the same order, and all amounts."""
    found: dict[Level, int] = {}
    every: list[int] = []
    for sentence in re.split(r"[。;\n]", plain(words)):
        amounts = [amount for amount, _, _ in placed_amounts(sentence)]
        levels = [LEVEL_WORDS[match[0]] for match in _LEVEL.finditer(sentence)]
        every += amounts
        if len(levels) == len(amounts):
            for meant, amount in zip(levels, amounts, strict=True):
                found |= dict.fromkeys(meant, amount)
    return found, every


def _submissions(grounds: Grounds) -> Iterator[Finding]:
    corrections = grounds.campaign.policy.corrections
    name = "committee_max_submissions"
    ground = grounds.of("corrections", corrections, name)
    if not ground:
        return
    stated, printed = corrections.committee_max_submissions, ordinals(ground.words)
    if stated is not None and not printed:
        reason = f"表中是 {stated} 次，条款没有写第几次提交"
        yield ground.against(reason, "请改引写有次数的条款；通知没有规定的，请删去这一项。")
    elif printed and stated not in printed:
        told = "、".join(f"第{item}次" for item in printed)
        reason = f"条款写的是“{told}”，表中" + (f"是 {stated} 次" if stated else "没有这一项")
        yield ground.against(reason, f"请写 {name} = {printed[-1]}，首次提交计入。")


def _terms(grounds: Grounds) -> Iterator[Finding]:
    for rule, terms in grounds.campaign.policy.rules.items():
        ground = grounds.of(f"rules.{rule}", terms, "length")
        if not ground or terms.unit == "fixed" or terms.length is None:
            continue
        printed = lengths(ground.words)
        if terms.length_assumed:
            if printed:
                told = "、".join(item.words for item in printed)
                yield ground.against(
                    f"条款写明了长度“{told}”，不能再按 {terms.length_assumed}",
                    "请照条款写 length 和 unit，并删去 length_assumed。",
                )
            continue
        if not printed:
            todo = "请改引写有长度的条款；通知没有写长度的，请用 length_assumed 写明办理口径。"
            yield ground.against("所引条款没有写长度", todo)
            continue
        yield from _length(grounds, rule, terms, "length", terms.length)
        if terms.kind is DeadlineKind.FLOOR and terms.minimum not in (None, terms.length):
            yield from _length(grounds, rule, terms, "minimum", terms.minimum or 0)


def _length(
    grounds: Grounds, rule: str, terms: RuleTerms, name: str, stated: int
) -> Iterator[Finding]:
    ground = grounds.of(f"rules.{rule}", terms, name)
    printed = lengths(ground.words)
    if any((item.size, item.unit) == (stated, terms.unit) for item in printed):
        return
    in_days = [item for item in printed if item.unit == "day"]
    if terms.unit == "wd" and stated in {item.size for item in in_days}:
        if _days_are_working_days(grounds, rule, terms):
            return
        todo = (
            '照自然日计算的，请写 unit = "day" 和 rolls = true；'
            f'另有条款写明“日”为工作日的，请在 [notice.cites] 写 "rules.{rule}.unit"，引写明的条款。'
        )
    else:
        todo = "请照条款改 length 和 unit；条款引错了的，请改引。"
    told = "、".join(dict.fromkeys(f"“{item.words}”" for item in printed))
    yield ground.against(f"表中是 {stated} {MEASURES[terms.unit]}，条款写的是{told}", todo)


def _days_are_working_days(grounds: Grounds, rule: str, terms: RuleTerms) -> bool:
    """Whether another clause says that its days are working days (行政许可法 第82条)."""
    cited = grounds.campaign.notice.cites.get(f"rules.{rule}.unit", ())
    ground = grounds.of(f"rules.{rule}", terms, "unit")
    return bool(cited) and "工作日" in ground.words


def _months(ground: Ground, stated: int) -> Iterator[Finding]:
    printed = [item for item in lengths(ground.words) if item.unit == "month"]
    if not printed:
        yield _nothing(ground, "年限")
    elif stated not in {item.size for item in printed}:
        told = "、".join(dict.fromkeys(f"“{item.words}”（{item.size} 个月）" for item in printed))
        reason = f"表中是 {stated} 个月，条款写的是{told}"
        yield ground.against(reason, "请照条款改；条款引错了的，请改引。")


def _residency(grounds: Grounds) -> Iterator[Finding]:
    residency = grounds.campaign.policy.residency
    ground = grounds.of("residency", residency, "months")
    if ground:
        yield from _months(ground, residency.months)


def _tenure(grounds: Grounds) -> Iterator[Finding]:
    policy = grounds.campaign.policy
    tenure = policy.tenure
    ground = grounds.of("tenure", tenure, "cutoff")
    printed = days(ground.words, policy.year)
    if ground and not printed:
        yield _nothing(ground, "日期")
    elif ground and tenure.cutoff not in {item.day for item in printed}:
        yield from _day(grounds.of("tenure", tenure), "cutoff", tenure.cutoff, printed[-1])
    told = grounds.campaign.notice.cites.get("tenure.relaxation_months")
    if told:
        yield from _months(
            grounds.of("tenure", tenure, "relaxation_months"), tenure.relaxation_months
        )
    for kind, years in tenure.relaxations.items():
        if years:
            yield from _relaxation(grounds.of("tenure", tenure, f"relaxations.{kind}"), years)


def _relaxation(ground: Ground, years: Mapping[Level, int]) -> Iterator[Finding]:
    by_level: dict[Level, int] = {}
    for_all: set[int] = set()
    for sentence in re.split(r"[。;\n]", plain(ground.words)):
        earlier = [number(item) or 0 for item in _EARLIER.findall(sentence)]
        levels = [level for match in _LEVEL.finditer(sentence) for level in LEVEL_WORDS[match[0]]]
        if earlier and levels:
            by_level |= dict.fromkeys(levels, earlier[0])
        for_all |= set(earlier) if not levels else set()
    if not by_level and not for_all:
        todo = f'请在 [notice.cites] 写明 "{ground.key}" 依据哪一条。'
        yield ground.against("所引条款没有写可提前几年", todo)
        return
    for level, year in years.items():
        wanted = {by_level[level]} if level in by_level else for_all
        if year not in wanted:
            told = "、".join(f"{item} 年" for item in sorted(wanted)) or "没有写这一级别"
            name = LEVEL_NAMES[level]
            yield _at(ground, level).against(f"表中{name}可提前 {year} 年，条款写的是：{told}")
    for level, year in by_level.items():
        if level not in years:
            name = LEVEL_NAMES[level]
            yield _at(ground, level).against(f"条款写了{name}可提前 {year} 年，表中没有")


def _groups(grounds: Grounds) -> Iterator[Finding]:
    for group in grounds.campaign.notice.groups:
        own = grounds.of(f"notice.groups.{group.key}", group)
        ground = own._replace(words=f"{own.words}\n{group.text}")
        if group.service_months is not None:
            yield from _months(_at(ground, "service_months"), group.service_months)
        named = {
            "yearly_assessment": (group.yearly_assessment,),
            "by_documents": group.by_documents,
            "education": tuple(group.education.values()),
        }
        for name, stated in named.items():
            for word in stated:
                if word and word not in ground.words:
                    yield _at(ground, name).against(f"条款没有写“{word}”")


# ---- names and words --------------------------------------------------------------------------


def _routes(grounds: Grounds) -> Iterator[Finding]:
    label = grounds.campaign.label
    for route, given in grounds.campaign.policy.routes.items():
        ground = grounds.of(f"routes.{route}", given)
        if not ground:
            continue
        first = "agency" if route is Route.FREELANCER else "unit"
        expected = [label(kind) for kind in (first, *given.chain)]
        for words in plain(ground.words).split("。"):
            printed = _ARROWS.split(words)
            if len(printed) >= FEWEST:
                yield from _chain(_at(ground, "chain"), expected, printed[1:-1])
                break
        else:
            yield _nothing(_at(ground, "chain"), "申报路径（个人、单位、…、评委会）")
        yield from _named(grounds, _at(ground, "papers"), given.papers)
        printed_match = "参保单位一致" in ground.words
        if printed_match is not given.insured_unit_must_match:
            said = "写明" if printed_match else "没有写"
            yield _at(ground, "insured_unit_must_match").against(
                f"表中是 {str(given.insured_unit_must_match).lower()}，条款{said}“与参保单位一致”",
                f"请改为 {str(printed_match).lower()}。",
            )


def _chain(ground: Ground, expected: list[str], printed: list[str]) -> Iterator[Finding]:
    names = "、".join(printed)
    if len(expected) != len(printed):
        reason = f"表中经过 {len(expected)} 级（{'、'.join(expected)}），条款写的是 {len(printed)} 级：{names}"
        yield ground.against(reason, "请按条款逐级写 chain，单位一级不写。")
        return
    for stated, words in zip(expected, printed, strict=True):
        if not Ground("", "", words).says(plain(stated)):
            yield ground.against(f"表中的“{stated}”，条款写的是“{words}”")


def _names(grounds: Grounds) -> Iterator[Finding]:
    policy = grounds.campaign.policy
    listed: list[tuple[str, Sourced, str, tuple[str, ...]]] = [
        ("verifiers", policy.verifiers, "checks", policy.verifiers.checks),
        ("freelancer", policy.freelancer, "proofs", policy.freelancer.proofs),
        ("publicity", policy.publicity, "channels", policy.publicity.channels),
        ("payment", policy.payment, "channel", (policy.payment.channel,)),
    ]
    if policy.applicants:
        for kind, papers in policy.applicants.permits.items():
            listed.append(("applicants", policy.applicants, f"permits.{kind}", (kind, *papers)))
    for table, sourced, name, identifiers in listed:
        ground = grounds.of(table, sourced, name)
        if ground:
            yield from _named(grounds, ground, identifiers)
    contacts = policy.publicity
    ground = grounds.of("publicity", contacts, "required_contacts")
    two = "两级联系方式" in ground.words
    if ground and two is not ({"unit", "superior"} <= set(contacts.required_contacts)):
        said = "要求写明" if two else "没有要求写"
        reason = f"条款{said}本单位和上级主管部门两级联系方式"
        todo = (
            '请写 required_contacts = ["unit", "superior"]。' if two else "请删去多写的联系方式。"
        )
        yield ground.against(reason, todo)


def _named(grounds: Grounds, ground: Ground, identifiers: tuple[str, ...]) -> Iterator[Finding]:
    words = ground._replace(words=plain(ground.words))
    for identifier in identifiers:
        names = [grounds.campaign.label(part) for part in identifier.split("|")]
        if not any(words.says(plain(name)) for name in names):
            yield ground.against(f"表中的 {identifier}（{'或'.join(names)}），条款没有写")


def _evidence(grounds: Grounds) -> Iterator[Finding]:
    """`论文需提供封面、论文页及论文检索证明等` is a kind with three papers, nothing less."""
    achievements = grounds.campaign.policy.achievements
    ground = grounds.family("achievements", achievements)
    if not ground:
        return
    label = grounds.campaign.label
    kinds = {plain(label(kind)): kind for kind in achievements.kinds}
    printed = {
        match["kind"]: match["papers"]
        for line in plain_lines(ground.words)
        for match in _NEEDS.finditer(line)
    }
    for name, listed in printed.items():
        kind = kinds.get(name)
        if kind is None:
            yield _at(ground, "kinds").against(
                f"条款写明“{name}需提供{listed}”，表中没有这一类业绩成果",
                "请在 [achievements.kinds] 补上，并在 [notice.labels] 写它的中文名称。",
            )
            continue
        papers = [plain(label(paper)) for paper in achievements.kinds[kind]]
        for wanted in _AND.split(_AND_SO_ON.sub("", listed)):
            if not any(wanted in paper or paper in wanted for paper in papers):
                yield _at(ground, f"kinds.{kind}").against(f"条款要求提供“{wanted}”，表中没有")
    for name, kind in kinds.items():
        if name not in printed:
            yield _at(ground, f"kinds.{kind}").against(f"条款没有写“{name}需提供”什么")
    since = any(words in ground.words for words in ("取得现职称以后", "取得现职称后", "任现职"))
    if since is not achievements.after_current_title:
        said = "只认" if since else "没有说只认"
        yield _at(ground, "after_current_title").against(
            f"表中是 {str(achievements.after_current_title).lower()}，条款{said}取得现职称以后的业绩成果",
            f"请改为 {str(since).lower()}。",
        )


def _defects(grounds: Grounds) -> Iterator[Finding]:
    """A usual defect of a kind of achievement that the notice does not have is never offered."""
    kinds = grounds.campaign.policy.achievements.kinds
    for defect in grounds.campaign.notice.defects:
        own = grounds.of(f"notice.defects.{defect.key}", defect)
        for about in defect.about:
            of, _, kind = about.partition(":")
            if of == "achievement" and kind and kind not in kinds:
                yield _at(own, "about").against(
                    f"没有“{kind}”这一类业绩成果，这一常见问题永远不会列出",
                    f"请写 [achievements.kinds] 中的一类：{'、'.join(kinds)}。",
                )


def plain_lines(words: str) -> list[str]:
    """Each line of several quotes as `plain` has it."""
    return [plain(line) for line in words.splitlines()]


def _fields(grounds: Grounds) -> Iterator[Finding]:
    """`节能工程类：节能咨询、节能设计等专业` is a field with its professions."""
    professions = grounds.campaign.policy.professions
    text = plain(grounds.text.plain)
    for field, listed in professions.fields.items():
        ground = grounds.of("professions", professions, f"fields.{field}")
        found = re.search(re.escape(plain(field)) + r":([^。;]+)", text)
        if found is None:
            yield ground.against(f"原文没有“{field}：…”这一专业领域")
            continue
        printed = {_AND_SO_ON.sub("", item) for item in found[1].split("、")}
        stated = {plain(item) for item in listed}
        for item in sorted(stated - printed):
            yield ground.against(f"原文的{field}中没有“{item}”")
        for item in sorted(printed - stated):
            yield ground.against(f"原文的{field}有“{item}”，表中没有")


def _limits_of_a_person(grounds: Grounds) -> Iterator[Finding]:
    policy = grounds.campaign.policy
    ground = grounds.of("annual_limit", policy.annual_limit, "green")
    green = ""
    if "绿色通道" in ground.words:
        green = "only_if_failed" if "未通过的除外" in ground.words else "never"
    if ground and green and green != policy.annual_limit.green:
        yield ground.against(
            f"表中是 {policy.annual_limit.green}，条款的意思是 {green}", f'请写 green = "{green}"。'
        )
    elif ground and not green:
        yield ground.against("所引条款没有写“绿色通道”是否计入")
    conflict = policy.admin_conflict
    ground = grounds.of("admin_conflict", conflict, "scope")
    scope = "any_while_held" if "期间" in ground.words else "own_route"
    if ground and "管理员" not in ground.words:
        yield ground.against("所引条款没有写职称管理员权限")
    elif ground and scope != conflict.scope:
        reason = f"表中是 {conflict.scope}，条款的意思是 {scope}"
        yield ground.against(reason, f'请写 scope = "{scope}"。')


def _committee(grounds: Grounds) -> Iterator[Finding]:
    committee = grounds.campaign.policy.committee
    name = committee.name
    whole = Ground("committee.name", committee.source, grounds.text.plain)
    if not whole.says(name):
        reason = f"原文没有“{name}”"
        yield Finding("committee.name", reason, committee.source)
    own = re.search(r"(正高|副高|(?<![正副])高|中|初)级[^级]*评", name)
    if own and committee.max_level not in LEVEL_WORDS[own[1]]:
        reason = f"“{name}”是{own[1]}级评委会，表中最高受理{LEVEL_NAMES[committee.max_level]}"
        yield Finding("committee.max_level", reason, committee.source)


def _at(ground: Ground, name: str) -> Ground:
    return ground._replace(key=f"{ground.key}.{name}")


def _nothing(ground: Ground, what: str) -> Finding:
    return ground.against(f"所引条款没有写{what}", f"请改引写有{what}的条款。")
