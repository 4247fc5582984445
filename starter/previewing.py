"""What an act would do, as a person reads it before doing it: decided on a copy, without a trace."""

from __future__ import annotations

from collections.abc import Mapping

from activities.wording import caution_zh, date_zh, label, last_moment_zh
from starter import tables
from starter.tables import Part
from workflows.application.messages import Moved, Preview, ToldTo
from workflows.rules.deadlines import Deadline


def organisations_in(shown: Preview) -> set[str]:
    """Ids in a preview that may be organisations': whom letters go to, and what warnings name."""
    said = {str(value) for warning in shown.warnings for value in warning.params.values()}
    return said | {letter.organisation for letter in shown.letters}


def parts(shown: Preview, action: str, names: Mapping[str, str]) -> list[Part]:
    """The preview of an act that would be done."""
    after = (
        label("ends", shown.end)
        if shown.end
        else label("stages", shown.stage_after)
        if shown.stage_after
        else ""
    )
    before = label("stages", shown.stage_before) if shown.stage_before else ""
    found: list[Part] = [
        tables.facts(
            f"预览：{label('acts', action)}（尚未办理）",
            (
                ("现在", before),
                ("办理之后", after),
                *(("请注意", caution_zh(item, names)) for item in shown.warnings),
            ),
        )
    ]
    clocks = [_clock(item) for item in shown.clocks if _changes(item)]
    if clocks:
        found.append(tables.listing("期限", ("期限", "现在", "办理之后"), clocks))
    if shown.letters:
        letters = (_letter(item, names) for item in shown.letters)
        found.append(tables.listing("将发出的通知", ("通知", "发给", "写明的最后一日"), letters))
    return found


def _changes(item: Moved) -> bool:
    was = item.before.ends_on if item.before else None
    now = item.after.ends_on if item.after else None
    return was != now


def _clock(item: Moved) -> tuple[str, str, str]:
    rule = item.key.partition(":")[0]
    return label("rules", rule), _end(item.before), _end(item.after)


def _end(clock: Deadline | None) -> str:
    return last_moment_zh(clock.ends_on, clock.ends_at) if clock else "—"


def _letter(item: ToldTo, names: Mapping[str, str]) -> tuple[str, str, str]:
    to = names.get(item.organisation, item.organisation)
    party = label("parties", item.to)
    told = f"{party}（{to}）" if to and to != party else party
    return label("letters", item.kind), told, date_zh(item.deadline_on) if item.deadline_on else ""
