"""How an absence cover stands, for every face, and as one of the two reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from activities.covers import CoverView
from activities.wording import date_zh
from activities.wording.covers import acts_zh, days_zh
from workflows.rules.message import local_date


def standing_zh(cover: CoverView, at: datetime) -> str:
    """How a cover stands at a moment."""
    if cover.ended_at is not None and cover.ended_at <= at:
        return f"{date_zh(local_date(cover.ended_at))}终止"
    if cover.ends_on < local_date(at):
        return "已到期"
    if cover.holds:
        return "代理中"
    if cover.starts_on > local_date(at):
        return "尚未开始"
    return "已失效：一方失去相应权限"


def told(cover: CoverView, at: datetime) -> tuple[str, str, str]:
    """A cover in a list: on which days, for what, and how it stands."""
    days = days_zh(cover.starts_on, cover.ends_on)
    return days, acts_zh(cover.acts), standing_zh(cover, at)


def own_zh(cover: CoverView, person: str, place: str) -> str:
    """A cover as one of the two reads it."""
    until = f"至{date_zh(cover.ends_on)}"
    if cover.deputy == person:
        return f"您在{place}代理负责人{cover.principal_name}，{until}：{acts_zh(cover.acts)}。"
    return f"{cover.deputy_name}在{place}代理您，{until}：{acts_zh(cover.acts)}。"


def may_be_ended(cover: CoverView, at: datetime) -> bool:
    """Whether there is anything left of it to end."""
    return cover.ended_at is None and cover.ends_on >= local_date(at)


def people_in(covers: Iterable[CoverView]) -> set[str]:
    """The people of covers, by id."""
    return {person for cover in covers for person in (cover.principal, cover.deputy)}


def named(covers: Iterable[CoverView], names: Mapping[str, str]) -> tuple[CoverView, ...]:
    """The same with their people's names."""
    return tuple(
        cover.model_copy(
            update={
                "principal_name": names.get(cover.principal, cover.principal),
                "deputy_name": names.get(cover.deputy, cover.deputy),
            }
        )
        for cover in covers
    )
