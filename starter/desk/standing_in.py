"""Absence cover in words, for every face: who stands in for whom, on which days, for what, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from activities.covers import CoverView
from activities.wording import date_zh, label
from workflows.rules.covering import LENDABLE
from workflows.rules.message import local_date


def lent_zh(act: str) -> str:
    """What one act that is lent is called, be it on a case, in a meeting, or an operation."""
    return label("acts", act, "") or label("operations", act)


def acts_zh(acts: Sequence[str]) -> str:
    """What is lent, in words; all of it in one."""
    if set(acts) >= set(LENDABLE):
        return "负责人的全部事项"
    return "、".join(lent_zh(act) for act in acts)


def days_zh(starts_on: date, ends_on: date) -> str:
    """From which day to which."""
    if starts_on == ends_on:
        return date_zh(starts_on)
    return f"{date_zh(starts_on)}至{date_zh(ends_on)}"


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
