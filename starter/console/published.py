"""通知版本和日历：公布过的通知，一份的窗口、期限和费用，两版之间改了什么；公布了哪些年份的节假日。"""

from __future__ import annotations

from starlette.responses import Response

from activities.wording import clause_zh, label, last_moment_zh, length_zh
from starter.console import looks
from starter.console.pages import Page, Visit
from starter.console.sheets import Sheet, taken, wants_sheet
from starter.desk.publishing import differences, published_campaign
from workflows.rules.policy import Policy

NOTICES, CALENDAR = "/tongzhi", "/rili"
VERSIONS = ("通知", "版本", "年度", "公布时间", "公布人", "理由")
TERMS = ("期限", "性质", "长度", "依据")
DAYS = ("日期", "安排")
YEARS = ("年份", "出处", "放假天数", "调休上班天数")


async def notices(visit: Visit) -> Response:
    """公布过的通知，每一版。"""
    reading, realm = visit.house.office.reading, visit.me.realm.id
    found = await reading.campaigns(realm)
    texts = await reading.texts(item.reason for item in found if item.reason)
    documents = await reading.notice_numbers(realm)
    rows = [
        (
            documents.get(item.campaign, item.campaign),
            item.version,
            item.year,
            looks.moment(item.published_at),
            item.published_by_name,
            texts.get(item.reason, item.reason),
        )
        for item in found
    ]
    if wants_sheet(visit):
        return await taken(visit, Sheet("通知版本", VERSIONS, rows))
    return visit.page(
        "notices.html",
        rows=[
            (f"{NOTICES}/{item.campaign}/{item.version}", row)
            for item, row in zip(found, rows, strict=True)
        ],
        headings=VERSIONS,
    )


async def notice(visit: Visit) -> Response:
    """一份通知的一版：窗口、期限、费用，和上一版的不同。"""
    name, version = str(visit.request.path_params["campaign"]), _version(visit)
    realm = visit.me.realm.id
    policy = await visit.house.office.reading.policy(name, version, realm)
    if policy is None:
        visit.nothing()
    terms = [
        (
            label("rules", rule),
            label("deadline_kinds", item.kind),
            length_zh(item.length, item.unit),
            clause_zh(item.source, policy.document),
        )
        for rule, item in policy.rules.items()
    ]
    if wants_sheet(visit):
        return await taken(visit, Sheet("期限", TERMS, terms))
    return visit.page(
        "notice.html",
        title=f"{policy.document}，第 {version} 版",
        facts=_facts(policy),
        fees=[(label("levels", level), f"{yuan} 元") for level, yuan in policy.fees.yuan.items()],
        terms=terms,
        headings=TERMS,
        changes=await _changes(visit, name, version),
        version=version,
    )


async def calendar(visit: Visit) -> Response:
    """公布了节假日安排的年份。"""
    loaded = await visit.house.office.reading.calendar(realm=visit.me.realm.id)
    years = loaded.years.values() if loaded else ()
    rows = [
        (
            f"{CALENDAR}/{item.year}",
            (f"{item.year} 年", item.source, len(item.holidays), len(item.workdays)),
        )
        for item in sorted(years, key=lambda item: item.year)
    ]
    if wants_sheet(visit):
        return await taken(visit, Sheet("工作日历", YEARS, [row for _, row in rows]))
    return visit.page(
        "calendar.html",
        version=loaded.version if loaded else "",
        rows=rows,
        headings=YEARS,
    )


async def year(visit: Visit) -> Response:
    """一年的节假日和调休上班日。"""
    loaded = await visit.house.office.reading.calendar(realm=visit.me.realm.id)
    found = loaded.years.get(int(visit.request.path_params["year"])) if loaded else None
    if found is None:
        visit.nothing()
    arranged = {**found.holidays, **dict.fromkeys(found.workdays, "调休上班")}
    rows = [(looks.day(day), arranged[day]) for day in sorted(arranged)]
    if wants_sheet(visit):
        return await taken(visit, Sheet(f"{found.year}年日历", DAYS, rows))
    return visit.page("year.html", found=found, rows=rows, headings=DAYS)


def _facts(policy: Policy) -> list[tuple[str, str]]:
    windows = policy.windows
    spans = (("申报", windows.application), ("审核", windows.review), ("缴费", windows.payment))
    cutoff = policy.chain_cutoff
    return [
        *(
            (
                f"{name}时间",
                f"{looks.day(span.starts_on)}至{last_moment_zh(span.ends_on, span.hour)}，"
                f"{clause_zh(span.source, policy.document)}",
            )
            for name, span in spans
        ),
        ("逐级报送截止", last_moment_zh(cutoff.ends_on, cutoff.hour)),
    ]


async def _changes(visit: Visit, name: str, version: int) -> list[str] | None:
    """What a version changed, a sentence each; None for the first, or where one is a bare policy."""
    if version <= 1:
        return None
    office, realm = visit.house.office, visit.me.realm.id
    before = await published_campaign(office, realm, name, version - 1)
    now = await published_campaign(office, realm, name, version)
    if before is None or now is None:
        return None
    return list(differences(before, now))


def _version(visit: Visit) -> int:
    return int(visit.request.path_params["version"])


PAGES = (
    Page(NOTICES, notices),
    Page(f"{NOTICES}/{{campaign}}/{{version:number}}", notice),
    Page(CALENDAR, calendar),
    Page(f"{CALENDAR}/{{year:number}}", year),
)
