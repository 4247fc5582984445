"""Campaign files: `load` one, `lint` one against the calendar, `diff` two (docs/campaigns.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from config.campaign_checks import contradictions, unstated
from config.campaign_findings import Finding
from config.campaign_grounds import Grounds
from config.campaign_identity import against_the_text
from config.campaign_model import Campaign, Notice
from config.campaign_quotes import (
    Texts,
    citations,
    dangling,
    misquoted,
    prefixes,
    renamed_citations,
    unused,
)
from config.campaign_schedule import doubts, last_posting
from config.campaign_words import against_its_words
from config.reading import FileError, explain, read_table
from workflows.rules.calendar import Calendar
from workflows.rules.policy import Policy, Sourced
from workflows.rules.readings import READING, Reading

CAMPAIGNS = Path(__file__).parent / "campaigns"

M = TypeVar("M", bound=BaseModel)
Plain = str | int | list[Any] | dict[str, Any] | None

STANDS_IN = {
    "notice": "BD 题头、LC 题头",
    "windows": "BD 三、LC 三",
    "chain_cutoff": Reading.CHAIN_CUTOFF,
    "fees": "BD 六(三)、LC 五(五)",
    "rules": "docs/campaigns.md",
    "corrections": "BD 四(二)3(3)、LC 四(二)4(1)",
    "annual_limit": "BD 一(五)1b、LC 四(二)2c",
    "admin_conflict": "BD 四(二)1c、LC 四(二)1b",
    "residency": "BD 四(一)3、LC 四(一)3",
    "freelancer": "BD 四(一)4、LC 四(一)4",
    "achievements": "BD 四(二)2b、LC 五(三)",
    "tenure": "BD 六(二)、LC 五(二)",
    "verifiers": "BD 六(一)、LC 五(一)",
    "professions": "BD 一(一)、LC 五(四)",
    "applicants": "BD 一(三)、LC 一(四)",
    "routes": "BD 四(一)、LC 四(一)",
    "self_evaluating": f"BD 四(二)3(2)b、{Reading.SELF_EVALUATING}",
    "publicity": "BD 四(二)3(1)h、LC 四(二)3(1)d",
    "payment": "BD 六(三)、LC 五(五)b",
    "committee": "BD 四(一)、LC 四(一)",
    "limits": f"BD 四(二)3(2)d、{Reading.HELD_AT_CUTOFF}",
    "clauses": "docs/campaigns.md",
}
"""Where the two notices, or a reading, say what a table holds: shown when it is missing."""


UNCOMPARED = (
    "campaign",
    "document",
    "notice.quotes",
    "notice.labels",
    "notice.cites",
    "notice.told",
    "notice.prefix",
)
"""What differs by nature, and says nothing of what is done."""


class CampaignFileError(FileError):
    """A campaign file cannot be used; `findings` have key, reason and clause."""

    def __init__(self, path: Path, findings: tuple[Finding, ...]) -> None:
        super().__init__(path, [str(finding) for finding in findings])
        self.findings = findings


class LintReport(NamedTuple):
    """What `lint` found; a file with errors cannot be published, warnings are for its author."""

    campaign: Campaign | None
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...] = ()
    assumed: tuple[Finding, ...] = ()
    """Every value the notice does not give, with the reading that stands in."""


class Difference(NamedTuple):
    """One value that differs between two campaigns, each with its clause or assumption."""

    key: str
    a: Plain
    b: Plain
    clause_a: str
    clause_b: str


class _Leaf(NamedTuple):
    value: Plain
    source: str


def load(path: Path) -> Campaign:
    """Read a campaign.

    Raises:
        CampaignFileError: incomplete, contradictory or without clauses; each finding names its key.
    """
    campaign, errors = _examine(path)
    if campaign is None or errors:
        raise CampaignFileError(path, errors)
    return campaign


def lint(path: Path, calendar: Calendar) -> LintReport:
    """Examine a campaign file and its schedule; never raises for what the file says."""
    campaign, errors = _examine(path)
    if campaign is None or errors:
        return LintReport(campaign=campaign, errors=errors)
    raw = read_table(path)
    own = Texts(campaign, path).own
    said = unused(campaign, raw, own) if own is not None else ()
    return LintReport(
        campaign=campaign,
        errors=(),
        warnings=(*doubts(campaign, calendar), *said),
        assumed=tuple(_assumptions(raw)),
    )


def diff(a: Campaign, b: Campaign) -> list[Difference]:
    """What differs from `a` to `b`, by dotted key, in the order of the models.

    Clause ids alone are no difference; a value that is stated in one and assumed in the other is,
    under the key `<table>.assumed`. A key that only one has is None in the other.
    """
    left, right = dict(_leaves(a, "")), dict(_leaves(b, ""))
    found: list[Difference] = []
    for key in [*left, *(key for key in right if key not in left)]:
        one = left.get(key) or _silent(left, key)
        other = right.get(key) or _silent(right, key)
        if _comparable(key, one) != _comparable(key, other):
            found.append(Difference(key, one.value, other.value, one.source, other.source))
    return found


def _examine(path: Path) -> tuple[Campaign | None, tuple[Finding, ...]]:
    try:
        raw = read_table(path)
    except FileError as err:
        return None, tuple(Finding("文件", problem) for problem in err.problems)
    campaign, errors = _build(raw)
    if campaign is None:
        return None, errors
    if renamed := (*prefixes(campaign), *renamed_citations(raw, campaign)):
        # Everything else would be told of each clause again.
        return campaign, (*_identity(campaign, path), *renamed)
    texts = Texts(campaign, path)
    found = [*errors, *_identity(campaign, path)]
    found += [*citations(raw, campaign), *dangling(raw, campaign), *unstated(raw, campaign)]
    found += [*contradictions(campaign), *misquoted(campaign, texts)]
    if texts.own is not None:
        grounds = Grounds(campaign, texts.own)
        found += [*against_the_text(grounds), *against_its_words(grounds)]
    return campaign, tuple(found)


def _build(raw: Mapping[str, Any]) -> tuple[Campaign | None, tuple[Finding, ...]]:
    rules = {key: value for key, value in raw.items() if key not in ("id", "notice")}
    name, letter_table = raw.get("id"), raw.get("notice")
    found: list[Finding] = []
    # These two are filled in below and have no place of their own in the file.
    found += [Finding(key, "没有这个键") for key in ("campaign", "document") if key in rules]
    if not isinstance(name, str) or not name:
        found.append(Finding("id", "缺少这一项" if name is None else "应为文字"))
    notice = policy = None
    if not isinstance(letter_table, Mapping):
        found.append(Finding("notice", "缺少这一项", _stands_in("notice", raw)))
    else:
        notice = _validate(Notice, letter_table, "notice", raw, found)
    document = notice.document if notice else "-"
    layers = {layer.prefix: layer.document for layer in notice.layers} if notice else {}
    filled = {**_by_document(rules, layers), "campaign": str(name), "document": document}
    policy = _validate(Policy, filled, "", raw, found)
    if notice is None or policy is None or found:
        return None, tuple(found)
    return Campaign(id=str(name), notice=notice, policy=policy), ()


def _by_document(value: Any, layers: Mapping[str, str]) -> Any:
    """Clauses of another layer as they travel and are read: `207号 三(二)` by its 文号."""
    if not layers:
        return value
    if isinstance(value, Mapping):
        return {key: _by_document(item, layers) for key, item in value.items()}
    if isinstance(value, str):
        prefix, space, rest = value.partition(" ")
        return f"{layers[prefix]}{space}{rest}" if space and prefix in layers else value
    return value


def _validate(
    model: type[M],
    table: Mapping[str, Any],
    prefix: str,
    raw: Mapping[str, Any],
    found: list[Finding],
) -> M | None:
    try:
        return model.model_validate(dict(table), extra="forbid")
    except ValidationError as err:
        for problem in explain(err):
            key, reason = problem.split("：", maxsplit=1)
            key = key.removesuffix(".[key]")
            full = f"{prefix}.{key}" if prefix else key
            found.append(Finding(full, _in_chinese(reason), _clause_near(raw, full)))
        return None


def _in_chinese(reason: str) -> str:
    if "exactly one" in reason:
        return "须写明且只写明 clause（条款）与 assumed（办理口径）之一"
    return reason


def _clause_near(raw: Mapping[str, Any], key: str) -> str:
    """The clause of the innermost table around a key, else where such a table stands by rule."""
    source, table = "", raw
    for part in key.split("."):
        below = table.get(part.split("[", maxsplit=1)[0])
        if not isinstance(below, Mapping):
            break
        table = below
        source = str(table.get("clause") or table.get("assumed") or source)
    return source or _stands_in(key.split(".", maxsplit=1)[0], raw)


def _stands_in(table: str, raw: Mapping[str, Any]) -> str:
    """Where such a table stands in the notice of this prefix; in both, for a notice of another."""
    notice = raw.get("notice")
    prefix = str(notice.get("prefix", "")) if isinstance(notice, Mapping) else ""
    known = STANDS_IN.get(table, "").split("、")
    own = [clause for clause in known if prefix and clause.startswith(f"{prefix} ")]
    return "、".join(own or known)


def _identity(campaign: Campaign, path: Path) -> Iterator[Finding]:
    if campaign.id != path.stem:
        yield Finding("id", f"应与文件名 {path.stem} 相同")


def _assumptions(table: Mapping[str, Any], key: str = "") -> Iterator[Finding]:
    for name, value in table.items():
        full = f"{key}.{name}" if key else name
        if isinstance(value, Mapping):
            yield from _assumptions(value, full)
        elif name in ("assumed", "length_assumed"):
            what = "长度按办理口径" if name == "length_assumed" else "整表按办理口径"
            yield Finding(key, what, str(value))
        elif isinstance(value, str) and value.startswith(READING):
            yield Finding(full, "依据为办理口径", value)


def _leaves(value: Any, key: str, source: str = "") -> Iterator[tuple[str, _Leaf]]:
    if isinstance(value, BaseModel):
        own = value.source if isinstance(value, Sourced) else source
        for name in type(value).model_fields:
            if name != "clause" and not (not key and name == "id"):
                yield from _below(getattr(value, name), key, name, own)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _below(item, key, str(name), source)
    elif isinstance(value, tuple) and value and hasattr(value[0], "key"):
        for item in value:
            yield from _below(item, key, item.key, source)
    else:
        yield key, _Leaf(_plain(value), source)


def _below(value: Any, key: str, name: str, source: str) -> Iterator[tuple[str, _Leaf]]:
    # The rules' keys stand at the top of a file; quotes and labels differ by nature.
    full = name if key in ("", "policy") else f"{key}.{name}"
    if full in UNCOMPARED or full.endswith(".key"):
        return
    if key == "clauses":
        yield full, _Leaf(value, value)
    else:
        yield from _leaves(value, full, source)


def _silent(leaves: Mapping[str, _Leaf], key: str) -> _Leaf:
    """A key one campaign lacks, with the source of the innermost table that could have had it."""
    above = key.rpartition(".")[0]
    while above and above not in ("notice", "clauses"):
        for name, leaf in leaves.items():
            if name.startswith(f"{above}."):
                return _Leaf(None, leaf.source)
        above = above.rpartition(".")[0]
    return _Leaf(None, "")


def _comparable(key: str, leaf: _Leaf) -> Plain:
    if leaf.value in ("", [], False, None):
        return None  # a table that is not there says as much as one with its defaults
    if key.startswith("clauses.") and isinstance(leaf.value, str):
        return leaf.value if leaf.value.startswith(READING) else "条款"
    return leaf.value


def _plain(value: Any) -> Plain:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude={"clause", "assumed"})
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value  # type: ignore[no-any-return]


__all__ = [
    "CAMPAIGNS",
    "Campaign",
    "CampaignFileError",
    "Difference",
    "Finding",
    "LintReport",
    "diff",
    "last_posting",
    "lint",
    "load",
]
