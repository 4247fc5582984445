"""What a notice's data says of the notice itself, against its text: number, issuer, title, words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.campaign_findings import Finding
from config.campaign_grounds import Grounds
from config.campaign_model import Wording
from config.notice_text import parts_of
from config.printed_values import days, plain

_YEAR = re.compile(r"([0-9]{4})年")
_PUNCTUATION = re.compile(r"[“”‘’\"'（）()]")
_DASHES = re.compile(r"[-—–―－\s]+")


def against_the_text(grounds: Grounds) -> Iterator[Finding]:
    """Everything in `[notice]` that the text does not have."""
    yield from _number(grounds)
    yield from _head(grounds)
    yield from _year(grounds)
    yield from _wordings(grounds)
    yield from _references(grounds)
    yield from _people(grounds)
    yield from _dates(grounds)


def _number(grounds: Grounds) -> Iterator[Finding]:
    notice, text = grounds.campaign.notice, grounds.text
    if text.number and notice.document != text.number:
        reason = f"表中的文号是 {notice.document}，原文的文号是 {text.number}"
        yield Finding("notice.document", reason, notice.source, todo=f"请改为 {text.number}。")
    elif not text.number and notice.document not in text.plain:
        reason = f"原文 {text.name} 没有文号 {notice.document}"
        yield Finding("notice.document", reason, notice.source)


def _head(grounds: Grounds) -> Iterator[Finding]:
    notice, text = grounds.campaign.notice, grounds.text
    for key, words in (
        ("title", notice.title),
        ("issuer", notice.issuer),
        *((f"addressees[{index}]", words) for index, words in enumerate(notice.addressees)),
    ):
        if not text.has(words):
            reason = f"原文 {text.name} 没有“{words}”：{text.nearest(words)}"
            yield Finding(f"notice.{key}", reason, notice.source)
    names = [part for part in _PUNCTUATION.split(notice.platform) if part]
    for name in names:
        if not text.has(name):
            yield Finding("notice.platform", f"原文没有“{name}”", notice.source)


def _year(grounds: Grounds) -> Iterator[Finding]:
    campaign = grounds.campaign
    years = {int(year) for year in _YEAR.findall(campaign.notice.title)}
    if years and campaign.policy.year not in years:
        reason = f"表中的年度是 {campaign.policy.year}，标题写的是 {min(years)} 年"
        yield Finding("year", reason, campaign.notice.source)


def _wordings(grounds: Grounds) -> Iterator[Finding]:
    """A `text` is the notice's own words, and those of the clause it names."""
    notice = grounds.campaign.notice
    texts: dict[str, Wording | None] = {
        "scope": notice.scope,
        "annual_limit": notice.annual_limit,
        "pay_notice": notice.pay_notice,
        "meeting": notice.meeting,
        "unit_rules": notice.unit_rules,
        "discipline": notice.discipline,
    }
    texts |= {f"groups.{group.key}": group for group in notice.groups}
    for name, wording in texts.items():
        if wording is None or not wording.clause:
            continue
        ground = grounds.of(f"notice.{name}", wording)
        at = ground._replace(key=f"notice.{name}.text")
        if not grounds.text.has(wording.text):
            reason = f"与原文 {grounds.text.name} 不一致：{grounds.text.nearest(wording.text)}"
            todo = "请照原文抄写，略去的部分写作“……”。"
            yield Finding(at.key, reason, at.clause, todo=todo)
        elif ground and not any(_shares(piece, ground.words) for piece in parts_of(wording.text)):
            yield at.against("这段话不在所引条款里", "请改引写有这段话的条款。")


def _shares(piece: str, words: str) -> bool:
    plain_words = "".join(words.split())
    return piece in plain_words or any(line and line in piece for line in words.split("\n"))


def _references(grounds: Grounds) -> Iterator[Finding]:
    notice, text = grounds.campaign.notice, grounds.text
    wanted = [(f"notice.basis[{i}].document", b.document, b.source) for i, b in enumerate(notice.basis)]  # fmt: skip
    wanted += [(f"notice.basis[{i}].title", b.title, b.source) for i, b in enumerate(notice.basis)]
    wanted += [(f"notice.links[{i}].url", link.url, link.source) for i, link in enumerate(notice.links)]  # fmt: skip
    wanted += [
        (f"notice.attachments[{i}].title", item.title, item.source)
        for i, item in enumerate(notice.attachments)
    ]
    wanted += [
        ("notice.conditions.document", notice.conditions.document, notice.conditions.source),
        ("notice.conditions.title", notice.conditions.title, notice.conditions.source),
    ]
    for key, words, clause in wanted:
        if words and not text.has(words):
            reason = f"原文 {text.name} 没有“{words}”：{text.nearest(words)}"
            yield Finding(key, reason, clause)


def _people(grounds: Grounds) -> Iterator[Finding]:
    folded = _DASHES.sub("-", plain(grounds.text.plain))
    for index, contact in enumerate(grounds.campaign.notice.contacts):
        for key, words in (("name", contact.name), *(("phones", it) for it in contact.phones)):
            if _DASHES.sub("-", plain(words)) not in folded:
                reason = f"原文 {grounds.text.name} 没有“{words}”"
                yield Finding(f"notice.contacts[{index}].{key}", reason, contact.source)


def _dates(grounds: Grounds) -> Iterator[Finding]:
    dates = grounds.campaign.notice.dates
    if dates is None or not dates.clause:
        return
    printed = {item.day for item in days(grounds.text.plain, grounds.campaign.policy.year)}
    for name in ("signed_on", "printed_on"):
        day = getattr(dates, name)
        if day is not None and day not in printed:
            yield Finding(f"notice.dates.{name}", f"原文没有 {day} 这一天", dates.source)
    if dates.open_to_public and not grounds.text.has("此件公开发布"):
        yield Finding("notice.dates.open_to_public", "原文没有“此件公开发布”", dates.source)
