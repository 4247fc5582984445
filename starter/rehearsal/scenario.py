"""The scenario file: what people write to try a case, and what acceptance runs (docs/scenarios.md).

The loader refuses a file that cannot mean anything, naming the file, the step and the key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from config.reading import FileError, explain, read_table
from config.submission_files import VARIANTS
from workflows.rules.message import local
from workflows.rules.names import EndName, Level, NoticeKind, Party, Route, RuleName, Stage
from workflows.rules.refusals import Code

_MINUTE = re.compile(r"(?<![\d\"'T:-])(\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(?![:\d])")

MAIN = "main"
"""The alias of an application that gives none."""

Operation = Literal[
    "",
    "amend_calendar",
    "amend_campaign",
    "grant",
    "revoke_grant",
    "enter_bar",
    "lift_bar",
    "outside_application",
]
"""What `operate` may name."""


class Part(BaseModel):
    """Base of everything in the file: an unknown key is refused, because a typo must not pass."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ApplicationPart(Part):
    """One application: the sound sample of its route, and what differs from it."""

    id: str = Field(default=MAIN, pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    route: Route
    variant: Literal["self_evaluating", "entrusted"] | None = None
    level: Level = Level.DEPUTY_SENIOR
    channel: Literal["normal", "special", "green"] = "normal"
    campaign: str = ""
    """Where it is not the file's campaign."""
    person: str = ""
    """The alias of another application by the same person."""
    identity: dict[str, Any] = {}
    """Differences of the identity, e.g. the ID number of a member of the directory."""
    facts: dict[str, Any] = {}
    """Differences of the facts; tables merge, `"absent"` takes a key away."""


class Sheet(Part):
    """What is expected of one running deadline beyond its last day."""

    ends_on: date | None = None
    ends_at: datetime | None = None
    starts_on: date | None = None
    nominal_on: date | None = None
    uncapped_on: date | None = None
    capped_by: RuleName | None = None
    kind: Literal["lapse", "floor", "duty", "right", "bar"] | None = None
    counted: int | None = None
    """How many working days were counted."""
    skipped: tuple[date, ...] | None = None
    """Days that must be among those passed over (day 0 aside)."""
    includes: tuple[date, ...] | None = None
    """Days that must be among those counted."""
    clause: str | None = None
    """A part of the clause."""

    @field_validator("ends_at")
    @classmethod
    def _beijing(cls, value: datetime | None) -> datetime | None:
        return local(value) if value else None


class Expect(Part):
    """What must hold at that instant; a key that is not given is not looked at."""

    stage: Stage | Literal["none"] | None = None
    end: EndName | Literal["none"] | None = None
    end_clause: str | None = None
    """A part of the clause of the end."""
    end_at: datetime | None = None
    end_responsible: str | None = None
    closed: bool | None = None
    holder: str | None = None
    deadline: date | None = None
    """The last day of the deadline that is due next."""
    deadline_rule: RuleName | None = None
    deadlines: dict[RuleName, date | Literal[False] | Sheet] = {}
    """Rule → last day, `false` where none of that rule runs, or a table (`Sheet`)."""
    struck: tuple[RuleName, ...] = ()
    """Rules that must have struck by now."""
    submissions: int | None = None
    notices: dict[str, int | Literal["some"]] = {}
    """`kind` or `kind:party` → how many were sent so far in this case, or `some`."""
    tasks: dict[str, tuple[str, ...] | int] = {}
    """Holder → kinds of its open tasks (each must be there), or how many it has."""
    claim: Literal["taken", "released", "none"] | None = None
    may: tuple[str, ...] = ()
    may_not: tuple[str, ...] = ()
    inquiries: int | None = None
    """How many inquiries are open."""
    checks: tuple[str, ...] | None = None
    """Keys of the open checks, exactly these."""
    route: tuple[str, ...] | None = None
    """The kinds of the places, the unit first."""
    refused: tuple[Code, ...] = ()
    """Codes of refusals that must be in the record (of signals, or with legal weight)."""
    done: tuple[str, ...] = ()
    """Names of steps that must be in the record."""
    not_done: tuple[str, ...] = ()

    @field_validator("end_at")
    @classmethod
    def _beijing(cls, value: datetime | None) -> datetime | None:
        return local(value) if value else None

    @field_validator("notices")
    @classmethod
    def _known_kinds(
        cls, value: dict[str, int | Literal["some"]]
    ) -> dict[str, int | Literal["some"]]:
        for key in value:
            kind, _, party = key.partition(":")
            if kind not in list(NoticeKind) or (party and party not in list(Party)):
                raise ValueError(f"没有 {key} 这种通知或这种对象")
        return value


class Step(Part):
    """One line of the story: an act, an operation, a check, or an act with its check."""

    at: datetime
    say: str = ""
    """A sentence for the reader; nothing is done with it."""
    on: str = ""
    """The application's alias; the only one where there is but one."""
    do: str = ""
    operate: Operation = ""
    by: str = ""
    payload: dict[str, Any] = Field(default={}, alias="with")
    raw: Any = None
    """Instead of `with`: sent as it stands, to show what a malformed message gets."""
    acted_at: datetime | None = None
    via: Literal["update", "signal"] = "update"
    request_id: str = ""
    refused: tuple[Code, ...] = ()
    repeated: bool = False
    """The answer must say that the same request had been answered before."""
    expect: Expect | None = None

    @field_validator("at", "acted_at")
    @classmethod
    def _beijing(cls, value: datetime | None) -> datetime | None:
        return local(value) if value else None

    @field_validator("refused", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if self.do and self.operate:
            raise ValueError("一步只能有 do 与 operate 之一")
        if not (self.do or self.operate or self.expect):
            raise ValueError("一步须有 do、operate 或 expect")
        if self.refused and not (self.do or self.operate):
            raise ValueError("refused 只能与 do 或 operate 同用")
        return self

    @property
    def stamped(self) -> datetime:
        """When the person acted: `acted_at`, else the step's own instant."""
        return self.acted_at or self.at


class Scenario(Part):
    """A whole scenario file."""

    title: str = Field(min_length=1)
    campaign: str = Field(min_length=1)
    demands: tuple[str, ...] = ()
    """Which demands it serves (SC05 …), for the reader and the coverage test."""
    starts: datetime | None = None
    changes: dict[str, Any] = {}
    """Differences of the campaign's rules, valid in this rehearsal only."""
    without_calendar: tuple[int, ...] = ()
    """Calendar years that are not loaded in this rehearsal."""
    application: tuple[ApplicationPart, ...] = Field(min_length=1)
    step: tuple[Step, ...] = Field(min_length=1)
    file: str = ""

    @field_validator("starts")
    @classmethod
    def _beijing(cls, value: datetime | None) -> datetime | None:
        return local(value) if value else None

    @property
    def opens_at(self) -> datetime:
        """The local time at which the realm opens."""
        return self.starts or self.step[0].at

    def application_of(self, step: Step) -> ApplicationPart:
        """The application a step is about."""
        alias = step.on or self.application[0].id
        return next(part for part in self.application if part.id == alias)

    def campaign_of(self, part: ApplicationPart) -> str:
        """The campaign an application is made in."""
        return part.campaign or self.campaign


def load(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        FileError: with a Chinese sentence for each step and key that is wrong.
    """
    return scenario_of(_read(path), path)


def _read(path: Path) -> dict[str, Any]:
    """The file's table; a time without seconds is understood, as TOML 1.1 allows."""
    if path.suffix != ".toml" or not path.is_file():
        return read_table(path)
    try:
        text = _MINUTE.sub(r"\1:00", path.read_text(encoding="utf-8"))
        return tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return read_table(path)  # it says in Chinese what is wrong


def scenario_of(table: Mapping[str, Any], where: Path | str) -> Scenario:
    """The same for a table that is already read.

    Raises:
        FileError: as `load`.
    """
    try:
        scenario = Scenario.model_validate({**table, "file": str(where)})
    except ValidationError as err:
        raise FileError(where, [_by_number(problem, table) for problem in explain(err)]) from None
    problems = [*_aliases(scenario), *_order(scenario), *_names(scenario)]
    if problems:
        raise FileError(where, problems)
    return scenario


def _by_number(problem: str, table: Mapping[str, Any]) -> str:
    """`step[3].at：…` as people count: `第 4 步（2023-10-27T10:00）at：…`."""
    key, _, rest = problem.partition("：")
    for name, word in (("step", "步"), ("application", "份申报")):
        if key.startswith(f"{name}["):
            index, _, tail = key[len(name) + 1 :].partition("]")
            parts = table.get(name)
            part = parts[int(index)] if isinstance(parts, list) else {}
            when = f"（{part['at']}）" if isinstance(part, Mapping) and "at" in part else ""
            return f"第 {int(index) + 1} {word}{when}{tail.lstrip('.')}：{rest}"
    return problem


def _aliases(scenario: Scenario) -> list[str]:
    known = [part.id for part in scenario.application]
    problems = [f"申报 {name} 的 id 重复" for name in sorted(known) if known.count(name) > 1]
    for part in scenario.application:
        if part.person and part.person not in known:
            problems.append(f"申报 {part.id} 的 person：没有 id 为 {part.person} 的申报")
        if part.variant and part.variant not in VARIANTS:
            problems.append(f"申报 {part.id} 的 variant：没有示例 {part.variant}")
    for number, step in enumerate(scenario.step, start=1):
        if step.on and step.on not in known:
            problems.append(f"第 {number} 步（{step.at:%Y-%m-%d %H:%M}）on：没有申报 {step.on}")
        if not step.on and len(known) > 1 and not step.operate:
            problems.append(
                f"第 {number} 步（{step.at:%Y-%m-%d %H:%M}）on：有多份申报，须写明是哪一份"
            )
    return problems


def _order(scenario: Scenario) -> list[str]:
    problems = []
    before = scenario.opens_at
    for number, step in enumerate(scenario.step, start=1):
        if step.at < before:
            problems.append(f"第 {number} 步（{step.at:%Y-%m-%d %H:%M}）at：早于上一步或开始时间")
        before = max(before, step.at)
    return problems


def _names(scenario: Scenario) -> list[str]:
    """Acts by names the catalogue has; a wrong one may be tried on purpose, with `refused`."""
    from workflows.catalogue import CATALOGUE  # late: it pulls in every rule

    return [
        f"第 {number} 步（{step.at:%Y-%m-%d %H:%M}）do：没有 {step.do} 这个操作"
        for number, step in enumerate(scenario.step, start=1)
        if step.do and step.do not in CATALOGUE and Code.UNKNOWN_ACTION not in step.refused
    ]
