"""What people read as a ground: their own notice or a published reading, never a number of ours."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from activities import wording
from activities.letters.writing import write
from activities.papers.case_facts import Clock
from activities.papers.making import CASE_DATA
from activities.views import EndView, TimelineEntry
from config.calendar_files import published_calendar
from config.campaign_files import CAMPAIGNS, Campaign, lint, load
from starter import tables
from starter.case_page import page_json, page_parts
from starter.desk.case_page import CasePage
from tests.paper_samples import APPLICATION, at, case_of
from tests.unit.test_templates import SAMPLES, about
from tests.unit.test_wording import variants
from workflows.application.messages import ActionView
from workflows.rules.deadlines import Deadline, compute, fixed
from workflows.rules.names import EndName, LetterKind, Party, Relation, RuleName, Stage
from workflows.rules.papers import PaperKind
from workflows.rules.policy import Sourced
from workflows.rules.readings import STANDING, Reading
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import Actor

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = re.compile(r"(?<![A-Za-z0-9])([ACT]\d{1,2}|3[AC]|design)(?![A-Za-z0-9])")
"""Working numbers of the people who wrote this, of which no reader knows anything."""
IN_CODE = re.compile(r"(?<![A-Za-z0-9-])([ACT]\d{1,2}|3[AC]|design \d+|design\.md)(?![A-Za-z0-9-])")
OF_A_NOTICE = re.compile(r"\b(BD|LC) \S|\b(BD|LC)\b.*/")

EXAMPLES_FOR_AUTHORS = frozenset({"config/campaign_files.py"})
"""Says to whoever writes a notice where the known notices have a table that is missing."""


@dataclass(frozen=True)
class Reader:
    """A notice, and what its people must never read."""

    name: str
    strange: re.Pattern[str]

    @property
    def campaign(self) -> Campaign:
        """The notice as data."""
        return _campaign(self.name)

    @property
    def document(self) -> str:
        """The notice's number."""
        return self.campaign.notice.document

    def check(self, text: str) -> None:
        """Nothing of ours, and nothing of another notice."""
        assert not NOT_OURS.search(text), text
        assert not self.strange.search(text), text


@cache
def _campaign(name: str) -> Campaign:
    return load(CAMPAIGNS / f"{name}.toml")


READERS = (
    Reader("bd-2023", re.compile(r"\bLC\b|渝经信职改办〔2024〕20号")),
    Reader("lc-2024", re.compile(r"\bBD\b|渝大数据发〔2023〕54号")),
)
EACH_READER = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)


def sources(value: Any) -> Iterator[str]:
    """Every ground of a campaign: its tables', and those of acts, ends and refusals."""
    if isinstance(value, Sourced):
        yield value.source
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from sources(getattr(value, name))
    elif isinstance(value, dict):
        for item in value.values():
            yield from sources(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from sources(item)


def grounds(reader: Reader) -> list[str]:
    """The same with the points that are cited by a key, each once."""
    found = [*sources(reader.campaign), *reader.campaign.policy.clauses.values(), *Reading]
    return sorted(set(map(str, found)))


# ---- what the code hands on ----------------------------------------------------------------------


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module that are values: no docstring, no comment."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def modules() -> Iterator[Path]:
    for room in ("workflows", "activities", "config", "starter", "workers"):
        yield from sorted((ROOT / room).rglob("*.py"))


def test_no_module_cites_a_working_number_or_the_clause_of_one_notice() -> None:
    found: dict[str, list[str]] = {}
    for path in modules():
        name = path.relative_to(ROOT).as_posix()
        for line, text in literals(path):
            of_one = OF_A_NOTICE.search(text) and name not in EXAMPLES_FOR_AUTHORS
            if IN_CODE.search(text) or of_one:
                found.setdefault(name, []).append(f"{line}: {text}")

    assert found == {}


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from strings(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from strings(item)


@pytest.mark.parametrize(
    "path",
    [
        *(ROOT / "activities").rglob("*.toml"),
        *(ROOT / "config").glob("campaigns/*.toml"),
        *(ROOT / "config").glob("registers/*.toml"),
        *(ROOT / "config").glob("samples/*.toml"),
    ],
    ids=lambda path: path.name,
)
def test_no_data_holds_a_working_number(path: Path) -> None:
    for text in strings(tomllib.loads(path.read_text(encoding="utf-8"))):
        assert not IN_CODE.search(text), text


def test_no_scenario_is_titled_with_a_working_number() -> None:
    """The demo and a rehearsal print the titles; labels of applications may be A1, A2."""
    for path in (ROOT / "tests" / "scenarios").glob("*.toml"):
        title = re.search(r"^title = .*$", path.read_text(encoding="utf-8"), re.M)
        assert title, path.name
        assert not NOT_OURS.search(title[0]), title[0]


@pytest.mark.parametrize(
    "path",
    [p for p in sorted((ROOT / "activities" / "templates").rglob("*")) if p.suffix != ".toml"],
    ids=lambda path: path.name,
)
def test_no_template_holds_a_working_number(path: Path) -> None:
    if not path.is_file():
        return
    text = re.sub(r"\{#.*?#\}|^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.S | re.M)

    assert not NOT_OURS.search(text)
    assert not re.search(r"\b(BD|LC)\b", text)


def cited_keys() -> set[str]:
    """The keys by which the core asks a policy for a ground, where the key is written out."""
    found = set()
    for path in (ROOT / "workflows").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                first = node.args[0] if node.func.attr == "clause" and node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


@EACH_READER
def test_every_ground_the_core_asks_for_is_there(reader: Reader) -> None:
    policy = reader.campaign.policy
    keys = cited_keys() | set(STANDING)

    assert len(keys) > 40
    # Where the notice has no last submission there is no 审核不通过; the code has a ground for it.
    assert {key for key in keys if not policy.clause(key)} <= {"audit_failed"}


@pytest.mark.parametrize(
    ("key", "bd", "lc"),
    [
        ("not_entitled", "BD 四(一)0", "LC 四(一)0"),
        ("check", "BD 六(一)b", "LC 五(一)"),
        ("resubmit", "BD 四(二)3(3)c", "LC 四(二)4(1)b"),
        ("correction_changes", "BD 四(二)3(3)e", "LC 四(二)4(1)c"),
        ("urge", "BD 四(二)2e", Reading.URGING),
        ("lapsed", "BD 四(二)3(2)d", Reading.HELD_AT_CUTOFF),
        ("hearing", Reading.HEARING, Reading.HEARING),
        ("by_meeting", Reading.BY_MEETING, Reading.BY_MEETING),
    ],
)
def test_a_ground_is_the_notices_own_where_it_speaks(key: str, bd: str, lc: str) -> None:
    assert [reader.campaign.policy.clause(key) for reader in READERS] == [bd, lc]


# ---- what people read ----------------------------------------------------------------------------


@EACH_READER
def test_every_ground_of_a_notice_can_be_looked_up(reader: Reader) -> None:
    for ground in grounds(reader):
        for text in (
            wording.clause_zh(ground, reader.document),
            wording.ground_zh(ground, reader.document),
        ):
            assert text, ground
            reader.check(text)
            assert reader.document in text or "办理口径" in text


@EACH_READER
def test_the_grounds_that_travel_can_be_read_by_themselves(reader: Reader) -> None:
    for ground in grounds(reader):
        reader.check(ground)


@EACH_READER
def test_what_lint_says_holds_no_working_number(reader: Reader) -> None:
    report = lint(CAMPAIGNS / f"{reader.name}.toml", published_calendar())

    for finding in (*report.errors, *report.warnings, *report.assumed):
        reader.check(str(finding))


@EACH_READER
@pytest.mark.parametrize(("code", "stated", "text"), variants())
def test_a_refusal_names_nothing_of_ours(
    reader: Reader, code: Code, stated: dict[str, str], text: str
) -> None:
    params = {name: "7" for name in re.findall(r"\{(\w+)\}", text)} | stated
    policy = reader.campaign.policy
    own = policy.clause(code.value) or policy.clause(stated.get("reason", "")) or "办理口径1"
    for clause in (own, policy.clause("not_entitled")):
        said = wording.sentence(
            Refusal(code=code, clause=clause, params=params), document=reader.document
        )
        reader.check("\n".join(said))


@EACH_READER
@pytest.mark.parametrize("kind", list(LetterKind))
def test_a_letter_names_nothing_of_ours(reader: Reader, kind: LetterKind) -> None:
    campaign = reader.campaign
    for sample in SAMPLES[kind]:
        rule = sample.get("rule", "")
        own = (
            campaign.policy.terms(RuleName(rule)).source
            if rule in list(RuleName)
            else campaign.policy.clause(sample.get("end", kind.value)) or "办理口径1"
        )
        for party in Party:
            letter = write(
                about(
                    kind,
                    party,
                    sample | {"clause": own},
                    subject=campaign.notice.subject,
                    document=reader.document,
                    platform=campaign.notice.platform,
                )
            )
            reader.check(letter.subject + letter.text)
            assert "依据：" in letter.text


def test_a_letter_says_that_the_notice_is_silent() -> None:
    reader = READERS[1]
    params = SAMPLES[LetterKind.LAPSED][0] | {"clause": reader.campaign.policy.clause("lapsed")}

    text = write(about(LetterKind.LAPSED, Party.APPLICANT, params, document=reader.document)).text

    assert (
        "依据：通知未作明确规定的，按办理口径32（上报截止时材料在谁手中）办理：截止时材料在" in text
    )


def deadline(reader: Reader, rule: RuleName) -> Deadline:
    day, calendar = date(reader.campaign.policy.year, 10, 12), published_calendar()
    terms = reader.campaign.policy.terms(rule)
    if terms.unit == "fixed":
        return fixed(rule, terms, calendar, starts_on=day, ends_on=day)
    return compute(rule, terms, calendar, day)


def page(reader: Reader) -> CasePage:
    """A case to which everything happened on every ground its notice knows."""
    case = case_of(PaperKind.DEADLINE_SHEET).case.model_copy(
        update={
            "campaign": reader.name,
            "end": EndName.LAPSED,
            "end_details": EndView(
                name=EndName.LAPSED, clause=reader.campaign.policy.clause("lapsed")
            ),
        }
    )
    entries = [
        TimelineEntry(
            seq=seq,
            source="act",
            name="approve",
            acted_at=at("2023-10-12"),
            recorded_at=at("2023-10-12"),
            stage_after=Stage.CHAIN_REVIEW,
            clause=ground,
            refusals=(Refusal(code=Code.NOT_ENTITLED, clause=ground),),
        )
        for seq, ground in enumerate(grounds(reader), 1)
    ]
    return CasePage(
        case=case.model_copy(
            update={"deadlines": tuple(deadline(reader, rule) for rule in RuleName)}
        ),
        closed=False,
        held_by=None,
        now=None,
        entries=entries,
        reason="",
        names={},
        actor=Actor(person="liu"),
    )


@EACH_READER
def test_the_page_of_a_case_names_nothing_of_ours(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = page(reader)
    tables.show(*page_parts(shown))
    for item in shown.case.deadlines:
        tables.show(tables.deadline_facts(item))

    reader.check(capsys.readouterr().out.replace(APPLICATION, ""))
    actions = [
        ActionView(
            action="approve",
            relations=(Relation.HOLDER,),
            allowed=False,
            refusal=Refusal(code=Code.NOT_ENTITLED, clause=ground),
        )
        for ground in grounds(reader)
    ]
    told = page_json(shown) | {"actions": [view.model_dump(mode="json") for view in actions]}
    reader.check(json.dumps(told, ensure_ascii=False, default=str).replace(APPLICATION, ""))


@EACH_READER
@pytest.mark.parametrize("kind", [kind for kind in CASE_DATA if kind is not PaperKind.CERTIFICATE])
def test_a_paper_names_nothing_of_ours(reader: Reader, kind: PaperKind) -> None:
    campaign = reader.campaign
    facts = case_of(kind)
    step = facts.step.model_copy(update={"clause": campaign.policy.clause("return:committee")})
    facts = replace(
        facts,
        policy=campaign.policy,
        notice=campaign.model_dump(mode="json", exclude={"policy"})["notice"],
        step=step,
        entries=(*facts.entries[:-1], step),
        clocks=tuple(
            Clock(deadline(reader, item.deadline.rule), item.opened_seq) for item in facts.clocks
        ),
    )

    for text in strings(CASE_DATA[kind](facts)):
        if "大数据智能化" not in text:  # the sample's own profession
            reader.check(text)
