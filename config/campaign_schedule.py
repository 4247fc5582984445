"""Schedules that cannot work: a published calendar laid over a campaign's printed dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from config.campaign_findings import Finding
from config.campaign_model import Campaign
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import compute
from workflows.rules.names import RuleName
from workflows.rules.policy import Policy
from workflows.rules.readings import Reading
from workflows.rules.refusals import Refused

FEW_PAYMENT_DAYS = 3
"""Working days; BD has no more."""
DAY = timedelta(days=1)


def last_posting(policy: Policy, calendar: Calendar) -> date:
    """The last day on which a unit can post and still report up in time (A17).

    The publicity must end one working day before the review window (or the chain's own cutoff)
    closes, so that the levels above have that day.

    Raises:
        Refused: `calendar_missing` where a year of these dates is not published.
    """
    closes_on = min(policy.windows.review.ends_on, policy.chain_cutoff.ends_on)
    latest_end = calendar.add_working_days(closes_on, -1)
    terms = policy.terms(RuleName.UNIT_PUBLICITY)
    day = latest_end
    while compute(RuleName.UNIT_PUBLICITY, terms, calendar, day).ends_on > latest_end:
        day -= DAY
    return day


def doubts(campaign: Campaign, calendar: Calendar) -> Iterator[Finding]:
    """Every warning: what is allowed and yet will not work, or was left open by the notice."""
    yield from _order(campaign)
    yield from _left_open(campaign)
    try:
        yield from _rest_days(campaign, calendar)
        yield from _last_posting(campaign, calendar)
        yield from _payment_days(campaign, calendar)
    except Refused as err:
        year = err.first.params.get("year", "")
        reason = (
            f"{year} 年的工作日安排尚未载入，无法核对日程；请先载入 config/calendars/{year}.toml"
        )
        yield Finding("windows", reason, Reading.WORKING_DAYS)


def _order(campaign: Campaign) -> Iterator[Finding]:
    windows = campaign.policy.windows
    application, review, payment = windows.application, windows.review, windows.payment
    if review.starts_on <= application.ends_on:
        days = (application.ends_on - review.starts_on).days + 1
        reason = f"审核时间与网上申报时间重叠 {days} 天，先到的先审"
        yield Finding("windows.review.starts_on", reason, review.source)
    for key, before, after in (
        ("windows.review.starts_on", application, review),
        ("windows.payment.starts_on", review, payment),
    ):
        if (after.starts_on - before.ends_on).days > 1:
            first, last = before.ends_on + DAY, after.starts_on - DAY
            yield Finding(key, f"{first} 至 {last} 不在任何时间段内", after.source)
    if payment.starts_on <= review.ends_on:
        reason = "缴费在审核结束之前开始，先受理的先缴费"
        yield Finding("windows.payment.starts_on", reason, payment.source)


def _left_open(campaign: Campaign) -> Iterator[Finding]:
    notice, policy = campaign.notice, campaign.policy
    if notice.meeting is None:
        yield Finding("notice.meeting", "通知没有写评审时间，定下后须另行告知申报人")
    else:
        reason = f"评审时间未定（{notice.meeting.text}），定下后须另行告知申报人"
        yield Finding("notice.meeting", reason, notice.meeting.source)
    if not notice.contacts:
        yield Finding("notice.contacts", "通知没有写联系人和电话，申报人无从询问")
    printed = notice.dates.printed_on if notice.dates else None
    opens_on = policy.windows.application.starts_on
    if printed is None:
        yield Finding("notice.dates", "通知没有写印发日期")
    elif printed >= opens_on:
        reason = f"{printed} 印发，不早于网上申报开始的 {opens_on}"
        yield Finding("notice.dates.printed_on", reason, policy.windows.application.source)
    if not policy.tenure.required_years:
        reason = "申报年限在申报条件中，通知未附，年限由人核对"
        yield Finding("tenure.required_years", reason, notice.conditions.source)
    for kind, years in policy.tenure.relaxations.items():
        if not years:
            reason = f"{campaign.label(kind)}可提前的年数未写，由人核定"
            yield Finding(f"tenure.relaxations.{kind}", reason, policy.tenure.source)
    for attachment in notice.attachments:
        if not attachment.available:
            reason = f"附件{attachment.number}《{attachment.title}》未随通知公布"
            yield Finding("notice.attachments", reason, attachment.source)


def _rest_days(campaign: Campaign, calendar: Calendar) -> Iterator[Finding]:
    windows = campaign.policy.windows
    for name, window in (
        ("application", windows.application),
        ("review", windows.review),
        ("payment", windows.payment),
    ):
        for key, day, which in (
            ("starts_on", window.starts_on, "第一天"),
            ("ends_on", window.ends_on, "最后一天"),
        ):
            why = calendar.why_rest(day)
            if why:
                reason = (
                    f"{which} {day} 是休息日（{why}），印定日期不顺延（{Reading.PRINTED_DATES}）"
                )
                yield Finding(f"windows.{name}.{key}", reason, window.source)


def _last_posting(campaign: Campaign, calendar: Calendar) -> Iterator[Finding]:
    policy = campaign.policy
    latest, application = last_posting(policy, calendar), policy.windows.application
    source = policy.terms(RuleName.UNIT_PUBLICITY).source
    closes_on = min(policy.windows.review.ends_on, policy.chain_cutoff.ends_on)
    reason = (
        f"单位公示最迟须在 {latest} 张贴，之后张贴的，"
        f"公示期满到 {closes_on} 截止不足一个工作日（{Reading.CHAIN_CUTOFF}）"
    )
    yield Finding("windows.review.ends_on", reason, source)
    if latest < application.ends_on:
        reason = f"{latest} 之后首次提交的，单位公示来不及在截止前结束"
        yield Finding("windows.application.ends_on", reason, application.source)


def _payment_days(campaign: Campaign, calendar: Calendar) -> Iterator[Finding]:
    window = campaign.policy.windows.payment
    days = calendar.working_days_between(window.starts_on - DAY, window.ends_on)
    if days <= FEW_PAYMENT_DAYS:
        reason = f"缴费时间只有 {days} 个工作日，后受理的应单独给出期限（{Reading.PAYMENT_MISSED}）"
        yield Finding("windows.payment", reason, window.source)
