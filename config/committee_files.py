"""A committee with its filing and its pool of experts as a file, and its lint (40号令 art 6-11).

`zhiping committee import` loads it. Names and ID numbers stand in the file in the clear: it belongs
to the committee's office, as the register it is written from.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.directory_files import DirectoryFile
from config.reading import FileError, Problem, explain, parse, read_table
from workflows.rules.committee import Chair, Expert
from workflows.rules.committee_filing import (
    ART_9_LEVELS,
    Defect,
    FiledCommittee,
    Finding,
    Slug,
    findings,
)
from workflows.rules.days import Day
from workflows.rules.people import IdNumber, PersonName, Phone
from workflows.rules.text import Line

COMMITTEES = Path(__file__).parent / "committees"


class ExpertEntry(BaseModel):
    """One term of one expert; a later term of the same person is another entry."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: Slug
    name: PersonName = Field(min_length=1)
    id_number: IdNumber = Field(min_length=1)
    """Recognises the expert as an applicant or a member of the directory; stored sealed."""
    unit: Line = Field(min_length=1)
    """An organisation of the directory: its applicants are not judged by this expert (art 25)."""
    professions: tuple[Line, ...] = Field(min_length=1)
    chair: Chair = ""
    phone: Phone = ""
    term_from: Day
    term_to: Day
    """The last day, inclusive; three years at most (art 10)."""

    def expert(self) -> Expert:
        """The expert as the rules read it, with the ID number for the person."""
        stated = self.model_dump(exclude={"name", "id_number", "phone"})
        return Expert(**stated, person=self.id_number)


class CommitteeFile(BaseModel):
    """A committee with its whole pool: whoever is not in it is in the pool no more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Line = Field(min_length=1)
    committee: FiledCommittee
    experts: tuple[ExpertEntry, ...]


class DrawnFrom(BaseModel):
    """What a draw can be repeated on: a committee file, or `committee show --pool --json`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    class Seating(BaseModel):
        """How many are drawn."""

        model_config = ConfigDict(frozen=True, extra="ignore")

        seats: int = Field(ge=1)
        spares: int = Field(ge=0)

    class Entry(BaseModel):
        """What a draw looks at; neither name nor ID number."""

        model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

        id: Line
        unit: Line = ""
        professions: tuple[Line, ...] = ()
        chair: Chair = ""
        term_from: Day
        term_to: Day

    committee: Seating
    experts: tuple[Entry, ...]

    def pool(self) -> tuple[Expert, ...]:
        """The pool; here an expert's own id stands for the person."""
        return tuple(Expert(**item.model_dump(), person=item.id) for item in self.experts)


def read(path: Path) -> CommitteeFile:
    """Read a committee file (TOML or JSON).

    Raises:
        FileError: with a Chinese sentence for each key that is missing, unknown or wrong.
    """
    return parse(CommitteeFile, read_table(path), path)


def read_pool(path: Path) -> DrawnFrom:
    """Read what a draw is repeated on; keys it does not need are passed over.

    Raises:
        FileError: with a Chinese sentence for each key that is missing or wrong.
    """
    table = read_table(path)
    try:
        return DrawnFrom.model_validate(dict(table))
    except ValidationError as err:
        raise FileError(path, explain(err, table.line_of)) from None


def read_sound(
    path: Path, directory: DirectoryFile | None = None, on: date | None = None
) -> CommitteeFile:
    """Read a committee file that `lint` finds sound.

    Raises:
        FileError: as `read`, or with every sentence of `lint` and its line.
    """
    table = read_table(path)
    stated = parse(CommitteeFile, table, path)
    if found := [item.placed(table.line_of) for item in _problems(stated, directory, on)]:
        raise FileError(path, found)
    return stated


def lint(
    stated: CommitteeFile, directory: DirectoryFile | None = None, on: date | None = None
) -> list[str]:
    """What is wrong with a committee though it can be read, as Chinese sentences; empty if sound.

    Args:
        directory: the organisations its office and its experts' units must be among.
        on: a day on which it is to meet: filing, pool and chair are looked at for that day.
    """
    return [problem.sentence for problem in _problems(stated, directory, on)]


def _problems(
    stated: CommitteeFile, directory: DirectoryFile | None, on: date | None
) -> list[Problem]:
    committee = stated.committee
    experts = [entry.expert() for entry in stated.experts]
    problems = [_problem(stated, found) for found in findings(committee, experts, on)]
    if directory is not None:
        problems += _organisations(stated, directory)
    if on is not None and not committee.is_filed_on(on):
        told = (
            f"评委会：备案有效期为 {committee.filed_on} 至 {committee.valid_until}，"
            f"不含 {on}（valid_until，40号令 第8条）"
        )
        problems.append(Problem(("committee", "valid_until"), told))
    return problems


def _organisations(stated: CommitteeFile, directory: DirectoryFile) -> Iterator[Problem]:
    kinds = {entry.id: entry.kind for entry in directory.organisations}
    committee = stated.committee
    # A unit that evaluates its own people is its committee's office itself (A54).
    if kinds.get(committee.office) not in ("committee_office", "unit"):
        told = f"评委会：{committee.office} 不是名录中的评委会办公室（office）"
        yield Problem(("committee", "office"), told)
    confirming = kinds.get(committee.city_office)
    if confirming == "district_office" and committee.max_level in ART_9_LEVELS:
        told = (
            f"评委会：{committee.city_office} 是区县职改部门，只能确认中级、初级，"
            "高级职称由职改办确认（city_office）"
        )
        yield Problem(("committee", "city_office"), told)
    elif confirming not in ("city_office", "district_office"):
        told = f"评委会：{committee.city_office} 不是名录中的职改办或者区县职改部门（city_office）"
        yield Problem(("committee", "city_office"), told)
    for at, entry in enumerate(stated.experts):
        if entry.unit not in kinds:
            told = f"专家 {entry.id}：所在单位 {entry.unit} 不在名录中（unit）"
            yield Problem(("experts", at, "unit"), told)


def _problem(stated: CommitteeFile, found: Finding) -> Problem:
    told, key = _SENTENCES[found.defect]
    where = f"专家 {found.expert}" if found.expert else "评委会"
    sentence = f"{where}：{told.format(**found.values)}（{key}，{found.clause}）"
    ids = [entry.id for entry in stated.experts]
    if not found.expert:
        return Problem(("committee", key.partition("、")[0]), sentence)
    # Of an id that stands twice the last is the one too many.
    at = len(ids) - 1 - ids[::-1].index(found.expert)
    return Problem(("experts", at, key), sentence)


_SENTENCES = {
    Defect.EVEN_SEATS: ("组成人数 {seats} 不是单数", "seats"),
    Defect.TOO_FEW_SEATS: ("组成人数 {seats} 少于规定的 {minimum} 人", "seats"),
    Defect.BELOW_MINIMUM: (
        "规定人数 {minimum} 少于 {asked} 人，又未写明同意减少的文号",
        "minimum、consent",
    ),
    Defect.FILING_BACKWARDS: ("备案有效期的截止日早于备案日", "valid_until"),
    Defect.FILING_TOO_LONG: ("备案有效期超过3年，最晚到 {latest}", "valid_until"),
    Defect.TERM_BACKWARDS: ("任期的截止日早于起始日", "term_to"),
    Defect.TERM_TOO_LONG: ("任期超过3年，最晚到 {latest}", "term_to"),
    Defect.OUTSIDE_SCOPE: ("专业 {professions} 不在本评委会的专业范围内", "professions"),
    Defect.EXPERT_TWICE: ("id 重复", "experts"),
    Defect.PERSON_TWICE: ("与专家 {other} 是同一人，任期重叠", "id_number"),
    Defect.DIRECTOR_TWICE: ("与专家 {other} 同时任主任委员", "chair"),
    Defect.POOL_SHORT: ("专家库可抽取 {available} 人，正选加备选需要 {needed} 人", "experts"),
    Defect.NO_CHAIR: ("专家库中没有主任委员或副主任委员", "chair"),
}
"""By defect: the sentence, and the key it is about."""
