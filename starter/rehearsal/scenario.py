"""The scenario file: what people write to try a case, and what acceptance runs (docs/scenarios.md).

The loader refuses a file that cannot mean anything, naming the file, the step and the key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from config.reading import FileError, explain, read_table
from starter.rehearsal.expecting import Expect, ExpectMeeting, Part
from starter.rehearsal.proofreading import ALL, problems_of
from workflows.rules.message import local
from workflows.rules.names import Level, Route
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
    "record_integrity",
    "outside_application",
    "import_committee",
    "retire_expert",
    "import_payments",
]
"""What `operate` may name."""


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


class MeetingPart(Part):
    """One meeting of a committee."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    number: str = Field(min_length=1)
    """Its number in the realm, as 市职改办 and the papers name it."""
    committee: str = ""
    """Where it is not the committee of the campaign's own name."""
    campaign: str = ""
    """Where it is not the file's campaign."""


class Step(Part):
    """One line of the story: an act, an operation, a check, or an act with its check."""

    at: datetime
    say: str = ""
    """A sentence for the reader; nothing is done with it."""
    on: str | tuple[str, ...] = ""
    """The application's alias; several, or `all`, do the same one after the other, and `{on}` in
    a text of `with` is each one's alias. The only one where there is but one."""
    meeting: str = ""
    """The meeting's alias: the act, or the check, is the meeting's."""
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
    expect_meeting: ExpectMeeting | None = None

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
        if not (self.do or self.operate or self.expect or self.expect_meeting):
            raise ValueError("一步须有 do、operate 或 expect")
        if self.operate and self.meeting:
            raise ValueError("operate 不针对某个评审会")
        if self.expect_meeting and not self.meeting:
            raise ValueError("expect_meeting 须写明 meeting")
        if self.on and self.meeting and not self.expect:
            raise ValueError("评审会的一步，只有核对申报（expect）时才写 on")
        if self.refused and not (self.do or self.operate):
            raise ValueError("refused 只能与 do 或 operate 同用")
        return self

    def of_each(self, known: Iterable[str]) -> Iterator[Step]:
        """The step once for each application that it names."""
        if self.on == ALL or isinstance(self.on, tuple):
            for alias in known if self.on == ALL else self.on:
                stated = _with_alias(self.payload, alias)
                yield self.model_copy(update={"on": alias, "payload": stated})
        else:
            yield self

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
    meeting: tuple[MeetingPart, ...] = ()
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

    @property
    def steps(self) -> list[tuple[int, Step]]:
        """Each step with its number in the file, once for each application it names."""
        known = [part.id for part in self.application]
        return [
            (number, step)
            for number, stated in enumerate(self.step, start=1)
            for step in stated.of_each(known)
        ]

    def application_of(self, step: Step) -> ApplicationPart:
        """The application a step of `steps` is about."""
        alias = step.on or self.application[0].id
        return next(part for part in self.application if part.id == alias)

    def campaign_of(self, part: ApplicationPart | MeetingPart) -> str:
        """The campaign an application is made in, or a meeting is held for."""
        return part.campaign or self.campaign

    def meeting_of(self, step: Step) -> MeetingPart | None:
        """The meeting a step is about, if it is about one."""
        return next((part for part in self.meeting if part.id == step.meeting), None)


def _with_alias(value: Any, alias: str) -> Any:
    if isinstance(value, str):
        return value.replace("{on}", alias)
    if isinstance(value, Mapping):
        return {key: _with_alias(item, alias) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_alias(item, alias) for item in value]
    return value


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
    if problems := problems_of(scenario):
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
