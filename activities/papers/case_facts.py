"""What the record knows of a case as of one step, brought together for its papers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from activities.database import Connection, Pool
from activities.identity import Identity
from activities.letters.writing import SUBJECT, short_number
from activities.papers.catalogue import Paper
from activities.reading import Reading
from activities.statements import statements
from activities.views import CaseView, OrganisationView, TimelineEntry
from activities.wording import label
from workflows.meeting.meeting import KeptMeeting
from workflows.rules.ballot import Totals
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local_date
from workflows.rules.names import RuleName
from workflows.rules.papers import PaperKind
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, refuse

SQL = statements("papers")
UNDO = "set_aside"


@dataclass(frozen=True)
class Applicant:
    """The person, in the clear: only here and on the paper."""

    name: str
    id_number: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Clock:
    """A deadline of the case and the steps between which it ran."""

    deadline: Deadline
    opened_seq: int
    closed_seq: int | None = None
    ended: str = ""


@dataclass(frozen=True)
class Ballot:
    """The totals on this candidate and what the group wrote; never who voted or wrote."""

    drawn: int
    present: int
    voters: int
    """Who could vote on this candidate: those present and not recused."""
    yes: int
    no: int
    abstain: int
    opinion: str = ""


@dataclass(frozen=True)
class CaseFacts:
    """A case as of the step its paper belongs to."""

    case: CaseView
    policy: Policy
    """The rules it was decided by."""
    notice: Mapping[str, Any]
    """The published notice's words: title, document, contacts, labels."""
    step: TimelineEntry
    entries: tuple[TimelineEntry, ...]
    """The trail up to the step, without what was set aside."""
    clocks: tuple[Clock, ...]
    applicant: Applicant
    titles: Mapping[str, str] = field(default_factory=dict)
    organisations: Mapping[str, OrganisationView] = field(default_factory=dict)
    ballot: Ballot | None = None

    @property
    def document(self) -> str:
        """The notice's document number."""
        return str(self.notice.get("document") or self.policy.document)

    @property
    def subject(self) -> str:
        """`2023年…专业职称（副高级）`."""
        return f"{self.notice.get('subject') or SUBJECT}（{self.level}）"

    @property
    def level(self) -> str:
        """The level applied for, in Chinese."""
        return label("levels", self.case.level)

    @property
    def profession(self) -> str:
        """The profession applied for, with its field where the notice has fields."""
        facts = self.case.facts
        if facts is None:
            return ""
        return "·".join(filter(None, (facts.profession_field, facts.profession)))

    @property
    def reference(self) -> str:
        """The number people quote."""
        number = self.case.acceptance_number
        return f"受理号 {number}" if number else f"申报编号 {short_number(self.case.application)}"

    @property
    def day(self) -> date:
        """The day of the step."""
        return local_date(self.step.acted_at)

    @property
    def unit(self) -> str:
        """The unit that recommends."""
        return self.case.places[0].organisation if self.case.places else ""

    @property
    def own_committee(self) -> bool:
        """Whether the unit's own committee reviews (40号令 art 26, A54)."""
        evaluates = bool(self.case.facts and self.case.facts.self_evaluating)
        return evaluates and self.policy.self_evaluating.destination == "own"

    @property
    def office(self) -> str:
        """组建单位's office: the campaign's, or the unit with a committee of its own."""
        return self.unit if self.own_committee else self.policy.committee.office

    @property
    def city_office(self) -> str:
        """市职改办."""
        return self.policy.committee.city_office

    @property
    def committee_name(self) -> str:
        """The committee's name; of a unit's own committee the unit's with it."""
        if self.own_committee:
            return f"{self.name_of(self.unit)}职称评审委员会"
        return self.policy.committee.name

    @property
    def route(self) -> str:
        """The way it goes up, as the notice calls it."""
        labels = self.notice.get("labels", {})
        return str(labels.get(self.case.route) or label("routes", self.case.route))

    def name_of(self, organisation: str) -> str:
        """An organisation's name; its id where the directory lost it."""
        found = self.organisations.get(organisation)
        return found.name if found else organisation

    def contact_of(self, organisation: str) -> str:
        """Whom to call there; the office's gaps are filled with the contacts the notice prints."""
        found = self.organisations.get(organisation)
        person, phone = (found.contact, found.phone) if found else ("", "")
        printed = self.notice.get("contacts", [])
        if organisation == self.office and not phone and printed:
            person = str(printed[0].get("name", person))
            phone = "、".join(printed[0].get("phones", []))
        return "，".join(filter(None, (person, phone)))

    def last(self, *names: str) -> TimelineEntry | None:
        """The last of these steps."""
        return next((item for item in reversed(self.entries) if item.name in names), None)

    def opened(self, rule: RuleName, seq: int | None = None) -> Deadline | None:
        """The deadline of a rule that a step opened; without a step the last one opened."""
        found = [
            clock.deadline
            for clock in self.clocks
            if clock.deadline.rule is rule and seq in (None, clock.opened_seq)
        ]
        return found[-1] if found else None


@dataclass(frozen=True)
class Ahead:
    """A step that was not done yet: what its paper would say."""

    step: TimelineEntry
    started: tuple[Deadline, ...] = ()
    """The deadlines that it would start."""


async def case_facts(
    connection: Connection,
    identity: Identity,
    application: str,
    paper: Paper,
    seq: int | None,
    ahead: Ahead | None = None,
) -> CaseFacts:
    """Gather a case for a paper, inside the transaction that makes it.

    Args:
        seq: the step it belongs to; None: the last after which the paper is due.
        ahead: a step to take for done; its paper is looked at and not made.

    Raises:
        Refused: `not_found` for an unknown case or step, `paper_not_due` before its step.
    """
    # A connection answers as a pool does; reading through it keeps all of it one snapshot.
    reading = Reading(cast("Pool", connection), identity)
    case = await reading.case(application)
    if case is None:
        raise refuse(Code.NOT_FOUND, what="application", application=application)
    trail = await reading.timeline(application)
    clocks = await _clocks(connection, application, trail[-1].seq if trail else 0)
    if ahead is not None:
        trail = (*trail, ahead.step)
        clocks += tuple(Clock(item, ahead.step.seq) for item in ahead.started)
    step = _step(paper, standing(trail), clocks, seq)
    version = step.policy_version or case.policy_version or None
    policy = await reading.policy(case.campaign, version, case.realm)
    content = await reading.campaign_content(case.campaign, version, case.realm)
    if policy is None:
        raise refuse(Code.NOT_FOUND, what="campaign", campaign=case.campaign)
    organisations = await reading.these(_organisations(case, policy, trail), case.realm)
    return CaseFacts(
        case=case,
        policy=policy,
        notice=(content or {}).get("notice", {}),
        step=step,
        entries=tuple(item for item in standing(trail) if item.seq <= step.seq),
        clocks=tuple(clock for clock in clocks if clock.opened_seq <= step.seq),
        applicant=await _applicant(connection, identity, case),
        titles=await reading.achievement_titles(application),
        organisations=organisations,
        ballot=await ballot_of(connection, reading, case),
    )


def _organisations(case: CaseView, policy: Policy, trail: Iterable[TimelineEntry]) -> set[str]:
    """Every organisation a paper of the case may name or say how to reach."""
    facts = case.facts
    found = {policy.committee.office, policy.committee.city_office}
    found |= {item for place in case.places for item in (place.organisation, place.superior)}
    found |= {entry.organisation for entry in trail}
    return found | ({facts.employer, facts.entrusting_unit} if facts else set())


def standing(trail: Iterable[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    """The steps that stand: acts and clocks, without refusals and what was set aside."""
    kept: list[TimelineEntry] = []
    for entry in trail:
        if entry.source not in ("act", "clock"):
            continue
        if entry.name == UNDO and kept:
            kept.pop()
            continue
        kept.append(entry)
    return tuple(kept)


def _step(
    paper: Paper, entries: tuple[TimelineEntry, ...], clocks: Iterable[Clock], seq: int | None
) -> TimelineEntry:
    """The step a paper belongs to.

    Raises:
        Refused: `paper_not_due`.
    """
    due = [entry for entry in entries if is_due(paper, entry, clocks)]
    found = [entry for entry in due if seq in (None, entry.seq)]
    if not found:
        raise refuse(Code.PAPER_NOT_DUE, paper_kind=paper.kind, after=",".join(paper.steps))
    return found[-1]


def is_due(paper: Paper, entry: TimelineEntry, clocks: Iterable[Clock]) -> bool:
    """Whether a paper belongs to a step."""
    if paper.kind is PaperKind.PAYMENT_NOTICE:
        # It may come with an acceptance or by itself: what tells it is the term it opened.
        return any(
            clock.deadline.rule is RuleName.PAYMENT_WINDOW and clock.opened_seq == entry.seq
            for clock in clocks
        )
    if paper.steps and entry.name not in paper.steps:
        return False
    return not paper.stages or entry.stage_after in paper.stages


async def _clocks(connection: Connection, application: str, seq: int) -> tuple[Clock, ...]:
    rows = await connection.fetch(SQL["deadlines_as_of"], application, seq)
    return tuple(
        Clock(
            Deadline.model_validate_json(row["content"]),
            row["opened_seq"],
            row["closed_seq"],
            row["ended"] or "",
        )
        for row in rows
    )


async def _applicant(connection: Connection, identity: Identity, case: CaseView) -> Applicant:
    row = await connection.fetchrow(SQL["identity_of"], case.application)
    if row is None or row["name"] is None:
        return Applicant(case.applicant)
    return Applicant(
        name=identity.open(row["name"], "person.name"),
        id_number=identity.open_optional(row["id_number"], "person.id_number"),
        phone=identity.open_optional(row["phone"], "person.phone"),
    )


async def ballot_of(connection: Connection, reading: Reading, case: CaseView) -> Ballot | None:
    """The ballot of the meeting that judged a case; None where no meeting of ours did."""
    row = await connection.fetchrow(
        SQL["ballot_of"], case.application, case.realm, case.meeting or ""
    )
    if row is None:
        return None
    totals = Totals.model_validate_json(row["ballot"])
    meeting = KeptMeeting.model_validate_json(row["state"])
    opinion = await reading.text(row["opinion"]) if row["opinion"] else ""
    return Ballot(
        drawn=len(meeting.members),
        present=len(meeting.present),
        voters=totals.accounted,
        yes=totals.yes,
        no=totals.no,
        abstain=totals.abstain,
        opinion=opinion or "",
    )
