"""`docs/clauses.md` against the clause inventory, the code, the data and the tests it names."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest

from config.campaign_files import CAMPAIGNS as FILES
from config.campaign_files import load
from starter.cli import zhiping
from tests.builders import BD, LC, SUBMITTED, a_calendar, facts, places
from workflows.rules.eligibility import examine
from workflows.rules.evidence import ANY_OF, examine_achievements
from workflows.rules.facts import Facts, Standing
from workflows.rules.findings import Findings
from workflows.rules.policy import Policy

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "clauses.md"
SCENARIOS = {path.stem for path in (ROOT / "tests" / "scenarios").glob("*.toml")}
TESTS = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
CAMPAIGNS = (BD, LC)
STATUS = ("part", "not yet", "later", "information")

BD_CLAUSES = """题头 前言 一(一) 一(二)a 一(二)b 一(三) 一(四) 一(五)1a 一(五)1b 一(五)1c 一(五)2a 一(五)2b
一(五)3a 一(五)3b 一(五)3c 二(一) 二(二) 二(三) 二(四) 二(五) 二(六)a 二(六)b 二(六)c 二(六)d 二(六)e
二(七)a 二(七)b 三1 三2 三3 三4 四_前言a 四_前言b 四(一)0 四(一)1 四(一)2 四(一)3(1) 四(一)3(2)
四(一)3r-i 四(一)3r-ii 四(一)3r-iii 四(一)4a 四(一)4b 四(一)4c 四(一)5 四(二)1a 四(二)1b 四(二)1c
四(二)1d 四(二)2a 四(二)2b 四(二)2c 四(二)2d 四(二)2e 四(二)3(1)a 四(二)3(1)b 四(二)3(1)c 四(二)3(1)d
四(二)3(1)e 四(二)3(1)f 四(二)3(1)g 四(二)3(1)h 四(二)3(1)i 四(二)3(2)a 四(二)3(2)b 四(二)3(2)c
四(二)3(2)d 四(二)3(3)a 四(二)3(3)b 四(二)3(3)c 四(二)3(3)d 四(二)3(3)e 四(三)1 四(三)2a 四(三)2b
四(三)3a 四(三)3b 四(三)3c 四(三)3d 四(三)3e 四(三)3f 四(三)4a 四(三)4b 四(三)4c 四(三)4d 四(三)5
四(三)6a 四(三)6b 四(三)6c 四(三)6d 五 六(一)a 六(一)b 六(二) 六(三) 附件1-2 (absent)"""

LC_CLAUSES = """题头 前言 一(一) 一(二) 一(三) 一(四) 一(五) 二(一) 二(二) 二(三) 二(四) 二(五) 三(一) 三(二)
三(三) (absent) 四_前言 四(一)0 四(一)1 四(一)2 四(一)3(1) 四(一)3(2) 四(一)3r 四(一)4 四(一)5 四(二)1a
四(二)1b 四(二)1c 四(二)2a 四(二)2b 四(二)2c 四(二)2d 四(二)3(1)a 四(二)3(1)b 四(二)3(1)c 四(二)3(1)d
四(二)3(2) 四(二)3(3) 四(二)4(1)a 四(二)4(1)b 四(二)4(1)c 四(二)4(1)d 四(二)4(1)e 四(二)4(2) 四(二)5
四(二)6 五(一) 五(二) 五(三)0 五(三)1 五(三)2 五(三)3 五(三)4 五(三)5 五(三)6 五(三)7 五(四) 五(五)a
五(五)b 五(六) 落款 (absent)"""


def inventory() -> list[str]:
    """The clause ids of the two notices, in order; `(absent)` stands twice in LC."""
    return [
        f"{prefix} {name.replace('_', ' ')}"
        for prefix, names in (("BD", BD_CLAUSES), ("LC", LC_CLAUSES))
        for name in names.split()
    ]


def rows() -> list[tuple[str, str, str, str]]:
    """The rows of the page: clause, what we do, code, shown by."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith(("| BD ", "| LC ")):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            assert len(cells) == 4, line
            found.append((cells[0], cells[1], cells[2], cells[3]))
    return found


def quoted(cell: str) -> Iterator[str]:
    yield from re.findall(r"`([^`]+)`", cell)


@cache
def campaign(name: str) -> dict[str, Any]:
    path = ROOT / "config" / "campaigns" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_every_clause_has_a_row_and_no_row_is_invented() -> None:
    assert [row[0] for row in rows()] == inventory()


def test_every_quoted_clause_of_the_campaign_files_is_in_the_inventory() -> None:
    known = set(inventory())
    for name in CAMPAIGNS:
        strange = set(campaign(name)["notice"]["quotes"]) - known
        assert not strange, strange


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_what_a_row_names_is_there(row: tuple[str, str, str, str]) -> None:
    clause, _, code, shown = row
    named = list(quoted(code))
    assert named, f"{clause}: names no code"
    for item in named:
        where, _, name = item.partition(":")
        if where in CAMPAIGNS:
            assert _has_key(campaign(where), name), f"{clause}: no {item}"
            continue
        path = ROOT / where
        assert path.is_file(), f"{clause}: no file {where}"
        assert name, f"{clause}: {where} names nothing in it"
        assert name in path.read_text(encoding="utf-8"), f"{clause}: no {name} in {where}"
    for item in quoted(shown):
        assert item in SCENARIOS | TESTS, f"{clause}: no scenario or test {item}"
    assert shown == "–" or list(quoted(shown)), clause


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_what_carries_nothing_out_says_so(row: tuple[str, str, str, str]) -> None:
    clause, what, _, shown = row
    status = re.match(r"\*\*([^*]+)\*\*", what)
    assert status is None or status[1] in STATUS, clause
    if status is not None and status[1] == "not yet":
        assert shown == "–", f"{clause}: nothing carries it out, yet a test shows it"


def test_every_clause_nothing_carries_out_is_in_the_list_at_the_end() -> None:
    ending = PAGE.read_text(encoding="utf-8").rsplit("Nothing carries out:", 1)[1].split("\n")[0]
    for clause, what, _, _ in rows():
        if what.startswith("**not yet**"):
            paragraph = clause.rstrip("abcdefghi")
            assert paragraph in ending, clause


def test_every_page_names_files_that_exist() -> None:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    tops = ("workflows/", "activities/", "config/", "workers/", "starter/", "tests/", "docs/")
    for page in pages:
        for item in quoted(page.read_text(encoding="utf-8")):
            where = item.partition(":")[0]
            if where.startswith(tops) and not re.search(r"[<>*…{} ]", where):
                assert (ROOT / where).exists(), f"{page.name}: no {where}"


def test_every_command_the_pages_name_exists() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))

    assert set(re.findall(r"[`\n]make ([a-z-]+)", text)) <= targets
    for line in set(re.findall(r"[`\n]zhiping ([a-z][a-z -]*)", text)):
        found: click.Command = zhiping
        for word in line.split():
            if not isinstance(found, click.Group):
                break
            assert word in found.commands, f"zhiping {line}"
            found = found.commands[word]


# ---- clauses that no other test shows ------------------------------------------------------------


@cache
def policy(name: str) -> Policy:
    return load(FILES / f"{name}.toml").policy


def examined(stated: Facts, name: str) -> Findings:
    rules, at = policy(name), SUBMITTED[name]
    return examine(stated, Standing(), places(stated, rules), rules, a_calendar(), at)


@pytest.mark.parametrize("name", CAMPAIGNS)
@pytest.mark.parametrize("source", ["military", "qualification", "skilled_worker"])
def test_a_title_of_another_source_is_the_ground_for_the_next(source: str, name: str) -> None:
    """BD 一(二)b, 二(四), 二(五); LC 一(二), 二(四): no 确认手续, no other certificate."""
    assert examined(facts("city_unit", name, current_title={"source": source}), name) == Findings()


@pytest.mark.parametrize("name", CAMPAIGNS)
@pytest.mark.parametrize("kind", ["military", "ex_civil_servant", "hk_macao_taiwan"])
def test_these_applicants_apply_as_anybody(kind: str, name: str) -> None:
    """BD 一(二)a, 一(三), 一(四); LC 一(二) to 一(四)."""
    assert examined(facts("city_unit", name, applicant_kind=kind), name) == Findings()


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_without_a_title_the_level_is_applied_for_directly(name: str) -> None:
    """BD 一(四), LC 一(三)."""
    stated = facts("city_unit", name, applicant_kind="ex_civil_servant", current_title=None)

    assert examined(stated, name) == Findings()


@pytest.mark.parametrize("kind", sorted(policy(LC).achievements.kinds))
def test_each_kind_of_achievement_needs_each_of_its_documents(kind: str) -> None:
    """LC 五(三)1 to 7; of alternatives any one is enough."""
    rules = policy(LC)
    wanted = rules.achievements.kinds[kind]
    whole = [document.split(ANY_OF)[-1] for document in wanted]

    assert examine_achievements(_with(kind, whole), rules) == Findings()
    for missing in wanted:
        rest = [document for document in whole if document not in missing.split(ANY_OF)]
        found = examine_achievements(_with(kind, [*rest, "other"]), rules)
        assert [refusal.params["document"] for refusal in found.refusals] == [missing]


def _with(kind: str, evidence: list[str]) -> Facts:
    return facts("city_unit", LC, achievements={"a2": {"kind": kind, "evidence": evidence}})


def _has_key(table: dict[str, Any], key: str) -> bool:
    found: Any = table
    for part in key.split("."):
        if not isinstance(found, dict) or part not in found:
            return False
        found = found[part]
    return True
