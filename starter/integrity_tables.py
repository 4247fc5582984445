"""The integrity register as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from activities.integrity import BarView, RecordView
from activities.wording import label
from starter import tables
from starter.layout import Listing


def listings(bars: Iterable[BarView], records: Iterable[RecordView]) -> tuple[Listing, Listing]:
    """影响期, and the records."""
    return _bars(bars), _records(records)


def _bars(bars: Iterable[BarView]) -> Listing:
    return tables.listing(
        "影响期",
        ("编号", "姓名", "起", "止", "文号", "决定机构", "理由", "现状"),
        (
            (
                str(bar.number),
                bar.name,
                tables.brief_day(bar.starts_on),
                tables.brief_day(bar.ends_on),
                bar.document,
                bar.decided_by,
                bar.reason,
                f"已解除：{bar.lifted_why}" if bar.lifted else "",
            )
            for bar in bars
        ),
    )


def _records(records: Iterable[RecordView]) -> Listing:
    return tables.listing(
        "诚信档案记录",
        ("编号", "姓名", "类别", "行为", "文号", "决定机构", "决定日期", "保存到", "现状"),
        (
            (
                str(record.number),
                record.name,
                label("subjects", record.subject),
                label("conducts", record.conduct),
                record.document,
                record.decided_by,
                tables.brief_day(record.decided_on),
                tables.brief_day(record.keep_until),
                _standing(record),
            )
            for record in records
        ),
    )


def _standing(record: RecordView) -> str:
    if not record.ended:
        return ""
    how = f"已由第 {record.replaced_by} 号更正" if record.replaced_by else "已撤回"
    return f"{how}：{record.ended_why}"
