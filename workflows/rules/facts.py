"""What an application states, without identity: the rule-relevant facts that cross Temporal."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from workflows.rules.days import Day, Moment
from workflows.rules.message import Message, local_date
from workflows.rules.names import Level, Route
from workflows.rules.text import Line

Channel = Literal["normal", "special", "green"]
LONGEST_TENURE = 60
"""Years in a title: more is nobody's working life."""


class CurrentTitle(Message):
    """The title held now; None in `Facts` where the person has none (渝职改〔1998〕50号)."""

    level: Level
    obtained_on: Day
    source: Literal["review", "recognition", "military", "qualification", "skilled_worker"] = (
        "review"
    )


class Achievement(Message):
    """One achievement, by opaque id, with the kinds of evidence uploaded for it."""

    id: Line
    kind: Line
    achieved_on: Day
    evidence: tuple[Line, ...] = ()
    files: tuple[Line, ...] = ()
    """Hashes of the uploaded files; what is publicised is locked to these (BD 3(3)e)."""


class Relaxation(Message):
    """A claim to apply earlier (援藏, 乡村振兴 …), with its span of service."""

    kind: Line
    served_from: Day | None = None
    served_to: Day | None = None


class Residency(Message):
    """235号's facts: where work and archive are and since when the records run."""

    works_in_city: bool = True
    archive_in_city: bool = True
    insured_from: Day | None = None
    insured_gap: bool = False
    worked_from: Day | None = None
    archived_from: Day | None = None


class Facts(Message):
    """Everything the rules may look at; names, ID numbers and files stay in Postgres."""

    route: Route
    level: Level
    channel: Channel = "normal"
    self_evaluating: bool = False
    entrusted: bool = False
    applicant_kind: Literal[
        "staff", "freelancer", "military", "ex_civil_servant", "hk_macao_taiwan", "foreigner"
    ] = "staff"
    in_service: bool = True
    civil_servant: bool = False
    retirement_approved_on: Day | None = None
    through_real_employer: bool = True
    """False where the person applies through a unit that is not the employer (挂靠)."""
    employer: Line
    """Organisation id of the unit (freelancer: of the agency)."""
    insured_unit: Line = ""
    """Organisation id of the insured unit, `self` for individual insurance, empty if unknown."""
    archive_agency: Line = ""
    """Organisation id of the 人事代理机构 that keeps the archive; empty: the unit's own agency."""
    insured_district: Line = ""
    """District of the insurance record (参保地区); empty: where the unit is insured."""
    entrusting_unit: Line = ""
    """Organisation id of the unit whose 委托评审函 it is, and to which the 函复 goes."""
    profession_field: Line = ""
    profession: Line = ""
    current_title: CurrentTitle | None = None
    years_in_title: Annotated[int, Field(ge=0, le=LONGEST_TENURE)] | None = None
    """Full years in the current title, as stated."""
    annual_reason: Literal["", "aux_to_main_series"] = ""
    residency: Residency = Residency()
    papers: tuple[Line, ...] = ()
    achievements: tuple[Achievement, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    self_insured: bool = False
    tax_record: bool = False
    restricted_industry: bool = False
    post_vacancy: bool | None = None
    declassified: bool = True
    pledged_at: Moment | None = None
    pledge_version: Line = ""

    def grown_up_on(self) -> tuple[date | None, ...]:
        """Days on which the person did what nobody does as a child: held a title, signed."""
        title = self.current_title
        return (
            title.obtained_on if title else None,
            local_date(self.pledged_at) if self.pledged_at else None,
        )


class YearlyUse(Message):
    """One other application of the same person in the year, in this or another campaign."""

    application: Line
    campaign: Line
    channel: Channel = "normal"
    slot: Line = "normal"
    state: Literal["alive", "used", "green_passed", "green_pending", "green_failed", "special_used"]


class Bar(Message):
    """A 影响期: no application up to and including `ends_on` (BD 一(五)3, A56)."""

    ends_on: Day
    reason: Line = ""
    id: Line = ""
    """Its number in the register; empty where nobody needs to come back to it."""


class Standing(Message):
    """What the office's own records say of the person as of submission."""

    yearly: tuple[YearlyUse, ...] = ()
    bars: tuple[Bar, ...] = ()
    admin_of: tuple[Line, ...] = ()
    """Organisation ids in which the person holds an administrator's right at that instant."""


class CheckResult(Message):
    """The answer of one data-sharing check."""

    check: Line
    result: Literal["verified", "mismatch", "unverified"]
    note: Line = ""


class OpenCheck(Message):
    """A point a person has to decide (lifecycle T5): by the unit for its own, by the office for all."""

    key: Line
    body: Literal["unit", "office"]
    clause: Line = ""
    note: Line = ""


class Place(Message):
    """One organisation on the route: the unit first, then the chain (lifecycle T2)."""

    organisation: Line
    kind: Line
    """`unit`, `department`, `agency`, `district_office`, `city_agency`, `resident_hq`."""
    superior: Line = ""
    """Organisation id of its superior; empty where there is none."""
