"""What one campaign's notice lays down, as data: each table cites its clause or says `assumed`."""

from __future__ import annotations

from datetime import datetime, time
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)

from workflows.rules.days import Day
from workflows.rules.message import BEIJING, Message
from workflows.rules.names import DeadlineKind, Level, Route, RuleName
from workflows.rules.numbers import Shift, Span, Whole, Year
from workflows.rules.readings import BESIDES, STANDING
from workflows.rules.text import Prose


class Compact(Message):
    """A part of a policy: what stands at its default does not travel (≤ 8 KB a case)."""

    @model_serializer(mode="wrap")
    def _without_defaults(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        defaults = _defaults(type(self))
        return {
            key: value
            for key, value in dump(self).items()
            if key not in defaults or getattr(self, key) != defaults[key]
        }


@cache
def _defaults(part: type[Compact]) -> dict[str, Any]:
    """What each field of a part is where nothing is stated; those that must be stated are not in it."""
    return {
        key: field.get_default(call_default_factory=True)
        for key, field in part.model_fields.items()
        if not field.is_required()
    }


class Sourced(Compact):
    """A value with its source: a clause of the notice, or the reading where it is silent."""

    clause: Prose = ""
    assumed: Prose = ""

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if bool(self.clause) == bool(self.assumed):
            raise ValueError("give exactly one of `clause` and `assumed`")
        return self

    @property
    def source(self) -> str:
        """The clause, or the published reading (`办理口径16`): what a step or a refusal cites."""
        return self.clause or self.assumed


class Closing(Sourced):
    """A printed last day, never rolled (A57), and the hour of it where one is printed."""

    ends_on: Day
    closes_at: time | None = None
    """Hour of the last day at which it closes; None means 24:00 (A6)."""

    @property
    def hour(self) -> datetime | None:
        """The instant of its printed hour; None where the whole day counts."""
        return datetime.combine(self.ends_on, self.closes_at, BEIJING) if self.closes_at else None


class Window(Closing):
    """A printed span of days, both inclusive."""

    starts_on: Day


class Windows(Message):
    """The three windows of 三."""

    application: Window
    review: Window
    payment: Window


class Cutoff(Closing):
    """The last day for unit and chain (A16)."""


class Reminder(Message):
    """One reminder: so many working or calendar days before (positive) or after (negative) the end.

    `to` are parties; `repeat_every` (working days) repeats an after-the-end reminder while open.
    Travels as one short text: `-3 wd office,city_office 3`.
    """

    before: Shift
    unit: Literal["wd", "day"] = "wd"
    to: tuple[Prose, ...] = ("holder",)
    repeat_every: Span | None = None

    @model_serializer(mode="plain", when_used="json")
    def _as_text(self) -> str:
        repeat = "" if self.repeat_every is None else f" {self.repeat_every}"
        return f"{self.before} {self.unit} {','.join(self.to)}{repeat}"

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        before, unit, to, *repeat = given.split(" ")
        return {
            "before": before,
            "unit": unit,
            "to": tuple(to.split(",")),
            "repeat_every": repeat[0] if repeat else None,
        }


Measure = Literal["wd", "day", "month", "fixed"]
"""What a term is counted in: working days, days of the calendar (`二十日内`), months; a printed or
decided last day is not counted."""


class RuleTerms(Sourced):
    """One clock of domain.md 3C: its kind, length and reminders."""

    kind: DeadlineKind
    length: Span | None = None
    length_assumed: Prose = ""
    """The reading that sets the length where the clause demands the act but gives no length."""
    unit: Measure = "wd"
    minimum: Span | None = None
    maximum: Span | None = None
    count_first_day: bool = False
    rolls: bool = False
    reminders: tuple[Reminder, ...] = ()

    @property
    def source(self) -> str:
        """The clause or reading, and the reading of the length beside it."""
        return BESIDES.join(part for part in (super().source, self.length_assumed) if part)


class Fees(Sourced):
    """The fee of each level, in yuan."""

    yuan: dict[Level, Whole]


class Corrections(Sourced):
    """How the committee returns an application."""

    committee_max_submissions: Span | None = None
    """LC: 3, the first submission included (A1); None where the notice has no such end (BD)."""
    allow_second_return: bool = True
    correction_path: Literal["direct", "chain_confirm"] = "direct"
    min_full_working_days: Span = 1
    """A return must leave at least so many full working days (A14)."""


class AnnualLimit(Sourced):
    """Once a year through the normal channel, and who is excepted."""

    green: Literal["never", "only_if_failed"]
    exceptions: tuple[Literal["aux_to_main_series", "special_or_normal"], ...] = ()


class AdminConflict(Sourced):
    """Who may not apply while holding an administrator's right."""

    scope: Literal["own_route", "any_while_held"]


class Residency(Sourced):
    """235号: months of record needed in each of its three cases."""

    months: Span = 12
    as_of: Literal["submit", "cutoff"] = "submit"
    """Records count as of submission; work time may be reached by the cutoff (A25)."""


class Freelancer(Sourced):
    """The proofs a 自由职业者 must bring."""

    proofs: tuple[Prose, ...] = ()


class Achievements(Sourced):
    """What each achievement needs."""

    evidence_required: bool = True
    after_current_title: bool = False
    kinds: dict[Prose, tuple[Prose, ...]] = {}
    """Achievement kind → the document kinds of which each must be there."""


class Tenure(Sourced):
    """Years counted to the cutoff day; relaxations are alternatives, never added up (A39)."""

    cutoff: Day
    required_years: dict[Level, Whole] = {}
    relaxations: dict[Prose, dict[Level, Whole]] = {}
    """Relaxation kind → years earlier by level."""
    relaxation_months: Span = 12
    """Months of full-time service a relaxation needs (1年及以上)."""


class Verifiers(Sourced):
    """The data-sharing checks (BD 六(一), LC 五(一))."""

    checks: tuple[Prose, ...]


class Professions(Sourced):
    """Fields and their sub-professions; empty where the scope clause limits none."""

    fields: dict[Prose, tuple[Prose, ...]] = {}


class Applicants(Sourced):
    """Papers that a kind of applicant must bring, whatever the route."""

    permits: dict[Prose, tuple[Prose, ...]] = {}
    """Applicant kind → papers of which any one is enough (foreigner: 永久居留证 or 居住证)."""


class RoutePolicy(Sourced):
    """One route: kinds of the organisations after the unit, and the papers it needs."""

    chain: tuple[Prose, ...]
    alternatives: tuple[tuple[Prose, ...], ...] = ()
    """Other chains the notice allows, e.g. LC's 市级人事代理机构 alone (A28)."""
    papers: tuple[Prose, ...] = ()
    insured_unit_must_match: bool = False


class SelfEvaluating(Sourced):
    """自主评审: no chain; the committee is the campaign's, or the unit's own (A54)."""

    destination: Literal["campaign", "own"] = "campaign"
    routes: tuple[Route, ...] = (Route.CITY_UNIT, Route.DISTRICT_UNIT)


class PublicityDuties(Sourced):
    """Where the 公示表 hangs and whose contacts it must show."""

    required_contacts: tuple[Prose, ...] = ()
    channels: tuple[Prose, ...] = ("public_place",)


class Payment(Sourced):
    """How payment is asked for, and the own end of a case noticed late (A18), in working days."""

    channel: Prose
    url: Prose = ""
    min_full_working_days: Span = 2
    own_term: Span = 3
    reopen_days: Span = 30


class CommitteePolicy(Sourced):
    """The committee, its office (组建单位) and 市职改办, by organisation id."""

    name: Prose
    office: Prose
    city_office: Prose
    max_level: Level = Level.DEPUTY_SENIOR
    min_level: Level = Level.JUNIOR


class Recall(Sourced):
    """Limits the notices leave open: recall window (minutes) and others, all assumed."""

    set_aside_minutes: Span = 10
    second_person_hours: Span = 48
    """How long a request for a second person may be confirmed (办理口径10)."""
    urge_every_working_days: Span = 2
    late_delivery_working_days: Span = 2
    """How long an act may take to arrive; older stamps are refused (design.md 4)."""
    back_dating_working_days: Span = 30
    """How far back a payload's outside date may lie."""
    complaint_terminates: bool = True
    lapse_on_chain_delay: bool = True
    draws: Annotated[int, Field(ge=1, le=9)] = 3
    """How many draws of experts one meeting may have, those given up counted (40号令 art 11)."""
    inquiries_a_day: Annotated[int, Field(ge=1, le=100)] = 10
    """How many objections and complaints about one application are registered on one Beijing day."""
    inquiries_by_sender_a_day: Annotated[int, Field(ge=1, le=100)] = 3
    """The same of one person who is known; whoever stays anonymous cannot be told from others."""
    inquiry_letters_a_day: Annotated[int, Field(ge=1, le=100)] = 3
    """How many of them are told by a letter each, of which the last sums up what follows."""


class Policy(Message):
    """One published version of a campaign's rules; travels with the case (design.md 2)."""

    campaign: Prose
    version: Whole
    digest: Prose = ""
    """Of what was published under this version; set where it is loaded, never stated."""
    year: Year
    document: Prose
    """The notice's document number, for texts."""
    windows: Windows
    chain_cutoff: Cutoff
    fees: Fees
    rules: dict[RuleName, RuleTerms]
    corrections: Corrections
    annual_limit: AnnualLimit
    admin_conflict: AdminConflict
    residency: Residency
    freelancer: Freelancer
    achievements: Achievements
    tenure: Tenure
    verifiers: Verifiers
    professions: Professions
    applicants: Applicants | None = None
    routes: dict[Route, RoutePolicy]
    self_evaluating: SelfEvaluating
    publicity: PublicityDuties
    payment: Payment
    committee: CommitteePolicy
    limits: Recall
    clauses: dict[Prose, Prose] = dict(STANDING)
    """Act, end or refusal → what it rests on in this notice (`abandoned:committee` …)."""

    @field_serializer("clauses", when_used="json")
    def _clauses_by_clause(self, clauses: dict[str, str]) -> dict[str, list[str]]:
        # A hundred keys rest on thirty clauses: each clause travels once, and what every silent
        # notice rests on does not travel at all.
        keys: dict[str, list[str]] = {}
        for key, clause in clauses.items():
            if STANDING.get(key) != clause:
                keys.setdefault(clause, []).append(key)
        return keys

    @field_validator("clauses", mode="before")
    @classmethod
    def _clauses_by_key(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        # Both forms at once: a scenario lays its own keys over a policy that has travelled.
        travelled = {
            key: clause
            for clause, keys in given.items()
            if isinstance(keys, (list, tuple))
            for key in keys
            if isinstance(key, str)
        }
        own = {
            key: clause for key, clause in given.items() if not isinstance(clause, (list, tuple))
        }
        return dict(STANDING) | travelled | own

    def terms(self, rule: RuleName) -> RuleTerms:
        """The terms of one clock; every published policy has them all."""
        return self.rules[rule]

    def clause(self, key: str, default: str = "") -> str:
        """What an act, end or refusal rests on: this notice's clause, or the reading."""
        return self.clauses.get(key, default)

    def for_case(self, route: Route, level: Level) -> Policy:
        """The part a case of this route and level needs, so that it travels light (≤ 8 KB)."""
        return self.model_copy(
            update={
                "routes": {route: self.routes[route]} if route in self.routes else {},
                "fees": self.fees.model_copy(
                    update={"yuan": {k: v for k, v in self.fees.yuan.items() if k == level}}
                ),
            }
        )
