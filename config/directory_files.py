"""The directory of organisations, contacts and members as a file (BD 附件2), and its lint.

`zhiping directory import` loads it; who may act for an organisation is a grant with its days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from config.reading import FileError, Problem, parse, read_table
from workflows.rules.addresses import MaybeEmail
from workflows.rules.days import Day
from workflows.rules.people import IdNumber, PersonName, Phone
from workflows.rules.routes import OrganisationKind, OrganisationRef
from workflows.rules.text import Line

DIRECTORY = Path(__file__).parent / "directory"

Slug = Field(pattern=r"^[a-z][a-z0-9-]{1,62}$")


class OrganisationEntry(BaseModel):
    """One organisation with its contact: what 我的申请书 shows of whoever holds a case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Line = Slug
    name: Line = Field(min_length=1)
    kind: OrganisationKind
    level: Literal["city", "district", "outside"]
    district: Line = ""
    superior: Line = ""
    agency: Line = ""
    insured_district: Line = ""
    self_evaluating: bool = False
    contact: Line = ""
    phone: Phone = ""
    email: MaybeEmail = ""

    def reference(self) -> OrganisationRef:
        """What the rules need of it: no name, no contact."""
        return OrganisationRef(
            id=self.id,
            kind=self.kind,
            level=self.level,
            district=self.district,
            superior=self.superior,
            agency=self.agency,
            insured_district=self.insured_district,
            self_evaluating=self.self_evaluating,
        )


class Grant(BaseModel):
    """A 职称管理员 right in an organisation, both days inclusive; open-ended without `to`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    organisation: Line = ""
    """Empty: the member's own organisation."""
    from_: Day = Field(alias="from")
    to: Day | None = None


class Member(BaseModel):
    """Someone who may act for an organisation, by the slug of `--as PERSON@ORG`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: Line = Slug
    name: PersonName = Field(min_length=1)
    organisation: Line
    supervisor: bool = False
    """May override a return and be the second person of `set_aside`."""
    id_number: IdNumber = ""
    """Tells which human it is: for the administrator rule, and for a second person. Stored as a hash;
    a supervisor and whoever works for operations needs one."""
    email: MaybeEmail = ""
    grants: tuple[Grant, ...] = ()


class DirectoryFile(BaseModel):
    """A whole directory: organisations and their members."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Line = Field(min_length=1)
    organisations: tuple[OrganisationEntry, ...]
    members: tuple[Member, ...] = ()

    def references(self) -> dict[str, OrganisationRef]:
        """The organisations as the rules read them, by id."""
        return {entry.id: entry.reference() for entry in self.organisations}


def shipped() -> list[Path]:
    """The directories that come with the product."""
    return sorted(DIRECTORY.glob("*.toml"))


def holding(organisation: str) -> Path | None:
    """The directory of the product that has this organisation; None where none has."""
    return next((path for path in shipped() if organisation in read(path).references()), None)


def read(path: Path) -> DirectoryFile:
    """Read a directory file (TOML or JSON).

    Raises:
        FileError: with a Chinese sentence for each key that is missing, unknown or wrong.
    """
    return parse(DirectoryFile, read_table(path), path)


def read_sound(path: Path) -> DirectoryFile:
    """Read a directory file that `lint` finds sound.

    Raises:
        FileError: as `read`, or with every sentence of `lint` and its line.
    """
    table = read_table(path)
    directory = parse(DirectoryFile, table, path)
    if found := [problem.placed(table.line_of) for problem in _problems(directory)]:
        raise FileError(path, found)
    return directory


def lint(directory: DirectoryFile) -> list[str]:
    """What is wrong with a directory though it can be read, as Chinese sentences; empty if sound."""
    return [problem.sentence for problem in _problems(directory)]


def _problems(directory: DirectoryFile) -> list[Problem]:
    known = directory.references()
    organisations = list(enumerate(directory.organisations))
    return [
        *_repeated("机构", "organisations", [entry.id for entry in directory.organisations]),
        *_repeated("人员", "members", [member.id for member in directory.members]),
        *(problem for at, entry in organisations for problem in _lint_entry(at, entry, known)),
        *_cycles(directory, known),
        *_district_offices(directory),
        *(
            problem
            for at, member in enumerate(directory.members)
            for problem in _lint_member(at, member, known)
        ),
        *_unattended(directory),
    ]


def _repeated(what: str, table: str, ids: list[str]) -> list[Problem]:
    return [
        Problem((table, len(ids) - 1 - ids[::-1].index(name), "id"), f"{what} {name}：id 重复")
        for name, count in Counter(ids).items()
        if count > 1
    ]


def _lint_entry(
    at: int, entry: OrganisationEntry, known: dict[str, OrganisationRef]
) -> Iterator[Problem]:
    def told(key: str, what: str) -> Problem:
        return Problem(("organisations", at, key), f"机构 {entry.id}：{what}")

    if entry.superior and entry.superior not in known:
        yield told("superior", f"上级 {entry.superior} 不在名录中（superior）")
    if entry.agency and (entry.agency not in known or known[entry.agency].kind != "agency"):
        yield told("agency", f"{entry.agency} 不是名录中的人事代理机构（agency）")
    if not entry.phone:
        yield told("phone", "缺少联系电话（phone），申报人须能查到当前审核单位的电话")
    if not entry.contact:
        yield told("contact", "缺少联系人（contact）")
    if not entry.email:
        yield told("email", "缺少电子邮箱（email），通知无法送达")
    if entry.kind in ("agency", "district_office") and not entry.district:
        yield told("district", "缺少所在区县（district），无法确定区县职改部门")


def _cycles(directory: DirectoryFile, known: dict[str, OrganisationRef]) -> Iterator[Problem]:
    ids = [entry.id for entry in directory.organisations]
    for start, entry in known.items():
        seen, name = [start], entry.superior
        while name in known and name not in seen:
            seen.append(name)
            name = known[name].superior
        # Each member of a cycle finds it; the smallest id reports it once.
        if name == start and start == min(seen):
            key = ("organisations", ids.index(start), "superior")
            yield Problem(key, "上级关系成环：" + " → ".join([*seen, start]))


def _district_offices(directory: DirectoryFile) -> Iterator[Problem]:
    offices = {
        at: entry
        for at, entry in enumerate(directory.organisations)
        if entry.kind == "district_office"
    }
    for district, count in Counter(entry.district for entry in offices.values()).items():
        if district and count > 1:
            last = max(at for at, entry in offices.items() if entry.district == district)
            sentence = f"区县 {district}：职改办有 {count} 个，应只有一个"
            yield Problem(("organisations", last, "district"), sentence)
    served = {entry.district for entry in offices.values()}
    for at, entry in enumerate(directory.organisations):
        if entry.kind == "agency" and entry.district and entry.district not in served:
            sentence = f"机构 {entry.id}：所在区县 {entry.district} 没有职改办"
            yield Problem(("organisations", at, "district"), sentence)


def _lint_member(at: int, member: Member, known: dict[str, OrganisationRef]) -> Iterator[Problem]:
    def told(what: str, *key: str | int) -> Problem:
        return Problem(("members", at, *key), f"人员 {member.id}：{what}")

    if member.organisation not in known:
        named = member.organisation or "（空）"
        yield told(f"所在机构 {named} 不在名录中（organisation）", "organisation")
    if not member.id_number and member.grants and _is_weighty(member, known):
        yield told("负责人和运行人员须有身份证号码（id_number）", "id_number")
    for number, grant in enumerate(member.grants):
        if grant.organisation and grant.organisation not in known:
            told_of = f"授权机构 {grant.organisation} 不在名录中（grants）"
            yield told(told_of, "grants", number, "organisation")
        if grant.to is not None and grant.to < grant.from_:
            yield told("授权的截止日早于起始日（grants）", "grants", number, "to")


def _is_weighty(member: Member, known: dict[str, OrganisationRef]) -> bool:
    of = {grant.organisation or member.organisation for grant in member.grants}
    return member.supervisor or any(
        name in known and known[name].kind == "operations" for name in of
    )


def _unattended(directory: DirectoryFile) -> Iterator[Problem]:
    """Organisations nobody may act for: a case that reaches one would stand still."""
    granted = {
        grant.organisation or member.organisation
        for member in directory.members
        for grant in member.grants
    }
    for at, entry in enumerate(directory.organisations):
        if entry.id not in granted and entry.kind != "entrusting_unit":
            sentence = f"机构 {entry.id}：没有任何人员获得授权（grants）"
            yield Problem(("organisations", at), sentence)
