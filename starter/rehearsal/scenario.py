"""The scenario file: what people write to try a case, and what acceptance runs (docs/scenarios.md).

The loader refuses a file that cannot mean anything, naming the file, the step and the key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from config.reading import FileError, read_table, read_text
from starter.rehearsal.expecting import Expect, ExpectMeeting, Part, Sheet
from starter.rehearsal.misreading import misread
from starter.rehearsal.proofreading import ALL, problems_of
from workflows.rules.message import local
from workflows.rules.names import CautionCode, Level, Route, Stage
from workflows.rules.refusals import Code

if TYPE_CHECKING:
    from starter.rehearsal.leading import Led

_MINUTE = re.compile(r"(?<![\d\"'T:-])(\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(?![:\d])")

WITH_UNTIL = frozenset({"at", "on", "say", "until", "expect"})
"""Keys that a step with `until` may have."""

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
    """Its number in the realm, as 职改办 and the papers name it."""
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
    until: Stage | None = None
    """The story is led along the happy path to this stage, to be there by `at`."""
    by: str = ""
    payload: dict[str, Any] = Field(default={}, alias="with")
    raw: Any = None
    """Instead of `with`: sent as it stands, to show what a malformed message gets."""
    acted_at: datetime | None = None
    via: Literal["update", "signal"] = "update"
    request_id: str = ""
    refused: tuple[Code, ...] = ()
    one_of: str = ""
    """Steps of this name race: exactly one is done, the others are refused as they list."""
    warns: tuple[CautionCode, ...] | None = None
    """Codes of the warnings in the answer, exactly these; `[]` for none."""
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
        for wrong in self._contradictions():
            raise ValueError(wrong)
        return self

    def _contradictions(self) -> Iterator[str]:
        acts = bool(self.do or self.operate)
        if sum(map(bool, (self.do, self.operate, self.until))) > 1:
            yield "一步只能有 do、operate、until 之一"
        if not (acts or self.until or self.expect or self.expect_meeting):
            yield "一步须有 do、operate 或 expect，或者 until"
        if self.operate and self.meeting:
            yield "operate 不针对某个评审会"
        if self.expect_meeting and not self.meeting:
            yield "expect_meeting 须写明 meeting"
        if self.on and self.meeting and not self.expect:
            yield "评审会的一步，只有核对申报（expect）时才写 on"
        if self.refused and not acts:
            yield "refused 只能与 do 或 operate 同用"
        if self.until and self.model_fields_set - WITH_UNTIL:
            yield "until 的一步只能另有 at、on、say、expect"
        if self.warns is not None and (not self.do or self.refused or self.via == "signal"):
            yield 'warns 只能与 do 同用；被拒绝的（refused）和 via = "signal" 的没有提示'
        if self.one_of:
            yield from self._racing_alone()

    def _racing_alone(self) -> Iterator[str]:
        if not self.do or not self.refused:
            yield "one_of 的一步须有 do，并以 refused 列明未办成时可能的拒绝"
        if self.expect or self.expect_meeting or self.repeated or self.warns is not None:
            yield "one_of 的一步不能有 expect、warns、repeated，请在其后另写一步核对"
        if self.via == "signal":
            yield 'one_of 的一步须当场答复，不能用 via = "signal"'

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
    notice: str = ""
    """The campaign's file, from this file's folder, where it is not the product's own."""
    directory: str = ""
    """The directory's file; else `<notice>.directory.toml`, else the product's."""
    committee: str = ""
    """The committee's file; else `<notice>.committee.toml`."""
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
        return self.starts or self.steps[0][1].at

    @cached_property
    def led(self) -> Led:
        """The steps in order of time, those that `until` stands for among them."""
        from starter.rehearsal.leading import led  # noqa: PLC0415 - only now is the model complete

        return led(self)

    @property
    def steps(self) -> tuple[tuple[int, Step], ...]:
        """Each step with its number in the file, once for each application it names."""
        return self.led.steps

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


class ScenarioFilesError(FileError):
    """One or several files cannot be played; every problem names its file."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("", problems)

    def __str__(self) -> str:
        return "\n".join(self.problems)


def load(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        FileError: with a Chinese sentence for each step and key that is wrong.
    """
    return scenario_of(_read(path), path)


def load_all(paths: Iterable[Path]) -> list[Scenario]:
    """Read several files; what is wrong in any of them is told at once.

    Raises:
        ScenarioFilesError: with every problem of every file.
    """
    scenarios, problems = [], []
    for path in paths:
        try:
            scenarios.append(load(path))
        except FileError as err:
            problems += [f"{path}：{problem}" for problem in err.problems]
    if problems:
        raise ScenarioFilesError(problems)
    return scenarios


def _read(path: Path) -> dict[str, Any]:
    """The file's table; a time without seconds is understood, as TOML 1.1 allows."""
    if path.suffix != ".toml" or not path.is_file():
        table: dict[str, Any] = read_table(path)
    else:
        try:
            text = _MINUTE.sub(r"\1:00", read_text(path))
            table = tomllib.loads(text)
        except (ValueError, RecursionError):
            table = read_table(path)  # it says in Chinese what is wrong
    if not table:
        raise FileError(path, ["文件是空的，须有 title、campaign、[[application]] 和 [[step]]"])
    return table


def scenario_of(table: Mapping[str, Any], where: Path | str) -> Scenario:
    """The same for a table that is already read.

    Raises:
        FileError: as `load`.
    """
    if "file" in table:
        raise FileError(where, ["file：没有这个键"])
    try:
        scenario = Scenario.model_validate({**table, "file": str(where)})
    except ValidationError as err:
        raise FileError(where, misread(err, table, MODELS)) from None
    if problems := problems_of(scenario):
        raise FileError(where, problems)
    return scenario


MODELS: dict[str, type[Part]] = {
    "application": ApplicationPart,
    "meeting": MeetingPart,
    "step": Step,
    "expect": Expect,
    "expect_meeting": ExpectMeeting,
    "Sheet": Sheet,
}
"""The parts of a file by the key under which they stand."""
