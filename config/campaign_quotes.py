"""The words of a notice by clause: word for word in its text, each under the notice's own prefix.

A document of another layer (`207号`, `40号令`) that the notice rests on has a prefix and a text of
its own, named in `[[notice.layers]]`; its clauses are quoted and checked like the notice's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from config.campaign_findings import Finding
from config.campaign_model import Campaign
from config.notice_text import NoticeText, read_text
from config.printed_values import amounts, days, lengths, ordinals
from workflows.rules.readings import READING, Reading

NO_SUCH_READING = "没有这一办理口径；已公开的见 zhiping readings"
CHOOSE_READING = "请从 zhiping readings 中选用一条，或者改引条款。"
QUOTE_IT = '请在 [notice.quotes] 写这一条的原文，如 "{clause}" = "…"；编号写错的请改正。'


class Texts:
    """The text of the notice, and one for each layer it rests on; what is missing is None."""

    def __init__(self, campaign: Campaign, path: Path) -> None:
        self._notice = campaign.notice
        self.own = read_text(path.with_suffix(".txt"))
        self.expected = path.with_suffix(".txt").name
        self.layers = {
            layer.prefix: read_text(path.parent / layer.text) for layer in campaign.notice.layers
        }

    def of(self, clause: str) -> NoticeText | None:
        """The text in which a clause stands."""
        prefix = clause.partition(" ")[0]
        return self.layers.get(prefix, self.own)

    def name_of(self, clause: str) -> str:
        """The file in which it should stand."""
        prefix = clause.partition(" ")[0]
        named = (layer.text for layer in self._notice.layers if layer.prefix == prefix)
        return next(named, self.expected)


# ---- prefixes ---------------------------------------------------------------------------------


def prefixes(campaign: Campaign) -> Iterator[Finding]:
    """Clause ids that begin with neither the notice's prefix nor a layer's: one line for each."""
    notice = campaign.notice
    known = {notice.prefix, *(layer.prefix for layer in notice.layers)}
    strange: dict[str, list[str]] = {}
    for clause in notice.quotes:
        prefix = clause.partition(" ")[0]
        if prefix not in known:
            strange.setdefault(prefix, []).append(clause)
    for prefix, clauses in strange.items():
        reason = (
            f"{len(clauses)} 条原文的编号以 {prefix} 开头，本通知的前缀是 {notice.prefix}"
            f"（如 {clauses[0]}）"
        )
        todo = (
            f"改了前缀的，请把文件中的“{prefix} ”全部替换为“{notice.prefix} ”；"
            f"依据另一份文件的，请在 [[notice.layers]] 写 prefix = “{prefix}”和它的原文。"
        )
        yield Finding("notice.quotes", reason, todo=todo)


def citations(table: Mapping[str, Any], campaign: Campaign) -> Iterator[Finding]:
    """Every `clause` must be quoted, every `assumed` must name a published reading, at any depth."""
    quotes = campaign.notice.quotes
    for key, clause in cited(table):
        if clause.startswith(READING) or key.endswith("assumed"):
            if clause not in set(Reading):
                yield Finding(key, NO_SUCH_READING, clause, todo=CHOOSE_READING)
        elif clause not in quotes:
            todo = QUOTE_IT.format(clause=clause)
            yield Finding(key, "所引条款没有原文，请写入 notice.quotes", clause, todo=todo)


def renamed_citations(table: Mapping[str, Any], campaign: Campaign) -> Iterator[Finding]:
    """Citations under a prefix that the quotes no longer have: one line for each prefix."""
    quotes, prefix = campaign.notice.quotes, campaign.notice.prefix
    renamed: dict[str, list[str]] = {}
    for key, clause in cited(table):
        other, _, rest = clause.partition(" ")
        if clause not in quotes and f"{prefix} {rest}" in quotes:
            renamed.setdefault(other, []).append(key)
    for other, keys in renamed.items():
        reason = (
            f"{len(keys)} 处依据以 {other} 开头，本通知的条款以 {prefix} 开头（如 {keys[0]} 一项）"
        )
        todo = f"请把文件中的“{other} ”全部替换为“{prefix} ”。"
        yield Finding("clause", reason, f"{other} …", todo=todo)


def cited(table: Mapping[str, Any], key: str = "") -> Iterator[tuple[str, str]]:
    """Every clause or reading that a file cites, by the dotted key where it stands."""
    for name, value in table.items():
        full = f"{key}.{name}" if key else name
        if full in ("notice.cites", "notice.told"):
            yield from _listed(full, value)
        elif isinstance(value, Mapping):
            yield from cited(value, full)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, Mapping):
                    yield from cited(item, f"{full}[{index}]")
        elif name in ("clause", "assumed", "length_assumed") or key == "clauses":
            yield full, str(value)


def _listed(key: str, value: Any) -> Iterator[tuple[str, str]]:
    items = value.items() if isinstance(value, Mapping) else [("", value)]
    for name, clauses in items:
        full = f'{key}."{name}"' if name else key
        if isinstance(clauses, list):
            yield from ((full, str(clause)) for clause in clauses)


def dangling(table: Mapping[str, Any], campaign: Campaign) -> Iterator[Finding]:
    """A key of `[notice.cites]` whose value is not in the file: it was deleted, or never there."""
    for key, clauses in campaign.notice.cites.items():
        if not _has(table, key):
            quote = campaign.quote(clauses[0]) if clauses else ""
            reason = f"文件中没有 {key} 这一项，而这里写明了它的依据"
            todo = "请补上这一项；通知确实没有规定的，请删去这一行。"
            where = f'notice.cites."{key}"'
            yield Finding(where, reason, "、".join(clauses), quote, todo=todo)


def _has(table: Any, key: str) -> bool:
    """Whether a dotted key is in a table; a key may itself have dots (`节能.工程类`)."""
    if not key:
        return True
    if isinstance(table, list):  # groups, by their `key`
        return any(
            _has(item, key.removeprefix(f"{item.get('key')}").removeprefix("."))
            for item in table
            if isinstance(item, Mapping) and key.startswith(str(item.get("key")))
        )
    if not isinstance(table, Mapping):
        return False
    return any(
        _has(table[name], key.removeprefix(name).removeprefix("."))
        for name in table
        if key == name or key.startswith(f"{name}.")
    )


# ---- words ------------------------------------------------------------------------------------


def misquoted(campaign: Campaign, texts: Texts) -> Iterator[Finding]:
    """Quotes must stand word for word in their text; a text that is missing is said once."""
    for name in dict.fromkeys(texts.name_of(clause) for clause in campaign.notice.quotes):
        if not any(
            text is not None and text.name == name for text in (texts.own, *texts.layers.values())
        ):
            reason = f"缺少原文 {name}，无法核对引文"
            todo = f"请把原文逐字存为 {name}，与通知文件放在一起。"
            yield Finding("notice.quotes", reason, todo=todo)
    for clause, words in campaign.notice.quotes.items():
        text = texts.of(clause)
        if text is None:
            continue
        key = f"notice.quotes.{clause}"
        if not words.strip():
            yield Finding(key, "没有写原文", clause)
        elif not text.has(words):
            reason = f"与原文 {text.name} 不一致：{text.nearest(words)}"
            todo = "请照原文改引文；确系原文有误的，请先核对原件。"
            yield Finding(key, reason, clause, words, todo)


def unused(campaign: Campaign, table: Mapping[str, Any], own: NoticeText) -> Iterator[Finding]:
    """What a notice says and nothing carries out: quotes that nothing cites, sentences unquoted."""
    used = {clause for _, clause in cited(table)}
    for clause, words in campaign.notice.quotes.items():
        if clause not in used:
            todo = (
                "请在依据它的一项写 clause，或者在 [notice.cites] 写明；"
                "只供人阅读的，请列入 notice.told。"
            )
            yield Finding(f"notice.quotes.{clause}", "没有任何一项依据这一条", clause, words, todo)
    stated = [*_stated(table)]
    for sentence in own.unquoted(campaign.notice.quotes.values(), stated):
        reason = "原文这一句没有引入 notice.quotes"
        values = _values(sentence, campaign.policy.year)
        if values:
            reason += f"，其中写有{values}"
        todo = "请核对它有没有规定须照办的事项；有的，请写入 notice.quotes 并引用。"
        yield Finding(f"原文 {own.name}", reason, quote=sentence, todo=todo)


def _values(sentence: str, year: int) -> str:
    found = {
        "日期": days(sentence, year),
        "金额": amounts(sentence),
        "期限": lengths(sentence),
        "次数": ordinals(sentence),
    }
    return "、".join(name for name, values in found.items() if values)


def _stated(value: Any, key: str = "") -> Iterator[str]:
    """The texts of a file beside quotes and labels, and the names of its fields."""
    if key in ("quotes", "labels"):
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _stated(item)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if not name.isascii():
                yield name
            yield from _stated(item, name)
