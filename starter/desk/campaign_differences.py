"""`campaign diff` as people say it: one sentence a difference, with what each notice rests on.

What the keys and their values are called stands in `campaign_names.toml`; identifiers of a notice
are told by its own labels.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any

from activities.wording import clause_zh, date_zh, label, length_zh
from config.campaign_files import Difference
from config.campaign_model import Campaign
from workflows.rules.policy import Reminder
from workflows.rules.readings import READING

NOTHING = "没有规定"
GROUPS = ("levels", "routes", "rules", "ends", "acts", "cautions", "refusals")
"""Where a part of a key is looked up, besides the notice's own labels."""


def sentences(one: Campaign, other: Campaign, found: list[Difference]) -> Iterator[str]:
    """Each difference from the first notice to the other."""
    for item in found:
        yield f"{name_of(item.key, one, other)}：{_told(item, one, other)}"


def name_of(key: str, *campaigns: Campaign) -> str:
    """What a dotted key is called in Chinese; the key itself where nobody named it."""
    plain = key.removesuffix(".assumed")
    for pattern, told in _read()["keys"].items():
        if plain.count(".") == pattern.count(".") and fnmatchcase(plain, pattern):
            wild = zip(plain.split("."), pattern.split("."), strict=True)
            return str(told.format(*(_part(part, campaigns) for part, kind in wild if kind == "*")))
    return key


def _told(item: Difference, one: Campaign, other: Campaign) -> str:
    if item.key.startswith("clauses."):
        return f"{_ground(item.a, one)}，改为{_ground(item.b, other)}。"
    if item.key.endswith("assumed"):
        return f"{_reading(item.a)}，改为{_reading(item.b)}。"
    before, after = _value(item.key, item.a, one), _value(item.key, item.b, other)
    grounds = "；".join(
        f"{which}{clause_zh(clause, campaign.notice.document)}"
        for which, clause, campaign in (
            ("甲：", item.clause_a, one),
            ("乙：", item.clause_b, other),
        )
        if clause
    )
    change = f"由“{before}”改为“{after}”"
    if before == NOTHING:
        change = f"原{NOTHING}，现为“{after}”"
    elif after == NOTHING:
        change = f"原为“{before}”，现{NOTHING}"
    return f"{change}{f'（{grounds}）' if grounds else ''}。"


def _ground(clause: Any, campaign: Campaign) -> str:
    return clause_zh(str(clause), campaign.notice.document) if clause else NOTHING


def _reading(value: Any) -> str:
    return clause_zh(str(value)) if value else "通知有规定"


def _value(key: str, value: Any, campaign: Campaign) -> str:
    match value:
        case None | "" | [] | {}:
            return NOTHING
        case bool():
            return "是" if value else "否"
        case list() | tuple():
            return "、".join(_value(key, item, campaign) for item in value)
        case Mapping():
            parts = [item for item in value.values() if isinstance(item, (str, list))]
            return " ".join(_value(key, item, campaign) for item in parts)
        case int() if key.startswith("rules."):
            return length_zh(value, _measure(key, campaign))
    return _one(key, str(value), campaign)


def _one(key: str, told: str, campaign: Campaign) -> str:
    if key.endswith(".about"):
        return _about(told, campaign)
    return _reminder(told) if key.endswith(".reminders") else _word(told, campaign)


def _measure(key: str, campaign: Campaign) -> str:
    rule = key.split(".")[1]
    units = {name.value: terms.unit for name, terms in campaign.policy.rules.items()}
    return units.get(rule, "wd")


def _reminder(text: str) -> str:
    stated = Reminder.model_validate(text)
    days = f"{abs(stated.before)}{'个工作日' if stated.unit == 'wd' else '日'}"
    when = "到期当日" if not stated.before else f"到期{'前' if stated.before > 0 else '后'}{days}"
    again = f"、此后每{stated.repeat_every}个工作日" if stated.repeat_every else ""
    return f"{when}{again}提醒{'和'.join(label('parties', party) for party in stated.to)}"


def _about(text: str, campaign: Campaign) -> str:
    kind, colon, one = text.partition(":")
    told = str(_read()["about"][kind])
    return f"{told}“{campaign.label(one)}”" if colon else told


def _word(text: str, campaign: Campaign) -> str:
    if text in _read()["values"]:
        return str(_read()["values"][text])
    if len(text) == len("2024-10-10") and text[4] == text[7] == "-":
        return date_zh(date.fromisoformat(text))
    if text.startswith(READING):
        return clause_zh(text)
    known = label("levels", text)
    return campaign.label(text) if known == text else known


def _part(part: str, campaigns: tuple[Campaign, ...]) -> str:
    """A part of a key: what the notice calls it, else what the product does."""
    for own in ("groups", "clauses"):
        if part in _read()[own]:
            return str(_read()[own][part])
    head, colon, detail = part.partition(":")
    for campaign in campaigns:
        for defect in campaign.notice.defects:
            if defect.key == part:
                return f"“{defect.text}”"
        if campaign.label(part) != part:
            return campaign.label(part)
    for group in GROUPS:
        told = _labelled(group, head)
        if told != head:
            return told + (f"（{_labelled('parties', detail)}）" if colon else "")
    return part


def _labelled(group: str, name: str) -> str:
    try:
        return label(group, name)
    except KeyError:
        return name


@cache
def _read() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("campaign_names.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
