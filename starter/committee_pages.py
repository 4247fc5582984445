"""How `zhiping committee` shows a committee, its pool and a draw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from activities.wording import label
from starter import tables

if TYPE_CHECKING:
    from activities.views import Contact
    from starter.layout import Facts, Listing
    from workflows.rules.committee import Expert, Seat
    from workflows.rules.committee_filing import FiledCommittee


def entries(pool: Iterable[Expert], contacts: dict[str, Contact]) -> list[dict[str, Any]]:
    """The pool as `verify-draw` reads it, with the names; person ids are nobody's business."""
    return [
        {
            **item.model_dump(mode="json", exclude={"person"}),
            "name": contacts[item.id].name if item.id in contacts else "",
            "phone": contacts[item.id].phone if item.id in contacts else "",
        }
        for item in pool
    ]


def page(found: FiledCommittee, counts: dict[str, Any]) -> Facts:
    """A committee's filing, and its pool in numbers."""
    by_profession = "、".join(f"{name} {count}" for name, count in counts["professions"].items())
    rows = (
        ("名称", found.name),
        ("办公室", found.office),
        ("备案", f"{found.filing}（{found.city_office}）"),
        ("有效期", f"{tables.day(found.filed_on)}至{tables.day(found.valid_until)}"),
        ("系列", f"{found.series}，{label('organised_by', found.organised_by)}"),
        ("最高级别", label("levels", found.max_level)),
        ("组成", f"{found.seats} 人，备选 {found.spares} 人（规定不少于 {found.minimum} 人）"),
        ("专家库", f"现任 {counts['serving']} 人，其中正副主任委员 {counts['chairs']} 人"),
        ("专业", by_profession),
    )
    return tables.facts(f"评委会 {found.id}", rows)


def pool_table(pool: Iterable[Expert], contacts: dict[str, Contact]) -> Listing:
    """The pool with names, for who must know them."""
    headings = ("编号", "姓名", "单位", "专业", "职务", "任期自", "至", "电话")
    rows = (
        (
            item.id,
            contacts[item.id].name if item.id in contacts else "",
            item.unit,
            "、".join(item.professions),
            label("chairs", item.chair) if item.chair else "",
            item.term_from.isoformat(),
            item.term_to.isoformat(),
            contacts[item.id].phone if item.id in contacts else "",
        )
        for item in pool
    )
    return tables.listing("评审专家库（不得外传）", headings, rows)


def draw_table(found: Iterable[Seat]) -> Listing:
    """Members and spares in the order drawn."""
    rows = (
        (
            str(item.rank),
            item.expert,
            "备选" if item.spare else "正选",
            label("chairs", item.chair) if item.chair else "",
        )
        for item in found
    )
    return tables.listing("抽取结果", ("顺序", "专家", "", "职务"), rows)
