"""`docs/glossary.md` against the enums, the catalogue and the labels people read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from activities.wording import label
from workflows.application.catalogue import CATALOGUE
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.meeting import BatchPhase, Phase, Track
from workflows.rules import names
from workflows.rules.papers import PaperKind
from workflows.rules.recusal import Ground

PAGE = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
GROUPS: dict[type[StrEnum], str] = {
    names.Level: "levels",
    names.Route: "routes",
    names.Stage: "stages",
    names.EndName: "ends",
    names.RuleName: "rules",
    names.DeadlineKind: "deadline_kinds",
    names.Relation: "relations",
    names.Party: "parties",
    names.LetterKind: "letters",
    names.Rhythm: "rhythms",
    names.InquiryKind: "inquiries",
    names.InquiryBody: "inquiry_bodies",
    names.InquiryOutcome: "outcomes",
    names.CautionCode: "cautions",
    names.Result: "results",
    Phase: "phases",
    BatchPhase: "batch_phases",
    Track: "tracks",
    Ground: "recusal_grounds",
    PaperKind: "papers",
}


def section(name: str) -> dict[str, str]:
    """The rows under the heading that carries this name: name in code to Chinese."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"^## [^\n]*`{re.escape(name)}`[^\n]*\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"no section for {name}"
    rows = re.findall(r"^\| ([^|]+) \| `([^`]+)` \|", found[1], re.M)
    assert len(rows) == len({code for _, code in rows}), f"{name}: a name stands twice"
    return {code: chinese for chinese, code in rows}


def test_no_enum_of_names_is_missing_here() -> None:
    enums = {
        value
        for value in vars(names).values()
        if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum
    }

    assert enums == {enum for enum in GROUPS if enum.__module__ == names.__name__}


@pytest.mark.parametrize(("enum", "group"), GROUPS.items(), ids=str)
def test_every_value_has_its_chinese(enum: type[StrEnum], group: str) -> None:
    expected = {member.value: label(group, member.value) for member in enum}

    assert section(enum.__name__) == expected


@pytest.mark.parametrize(
    ("where", "catalogue"),
    [
        ("workflows/application/catalogue.py", CATALOGUE),
        ("workflows/meeting/catalogue.py", MEETING_CATALOGUE),
    ],
)
def test_every_act_has_its_chinese_and_who_may(where: str, catalogue: Mapping[str, Any]) -> None:
    rows = section(where)
    text = PAGE.read_text(encoding="utf-8")

    assert rows == {name: label("acts", name) for name in catalogue}
    for name, row in catalogue.items():
        who = ", ".join(relation.value for relation in row.by)
        assert f"| `{name}` | {who} |" in text, name
