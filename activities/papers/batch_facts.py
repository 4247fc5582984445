"""What the record knows of one batch of results, brought together for its papers.

A batch's papers name those to whom the meeting's word was told: the list posted stays the list
posted, although somebody on it moves to a supplementary batch later. No expert is read here, only
how many sat, came and voted (40号令 art 24).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from asyncpg import Record

from activities.database import Connection, Pool
from activities.identity import Identity
from activities.letters.writing import SUBJECT
from activities.reading import Reading
from activities.statements import statements
from activities.views import OrganisationView
from activities.wording import length_zh
from workflows.meeting.meeting import Batch, Draw, KeptMeeting
from workflows.rules.ballot import quorum
from workflows.rules.message import local_date
from workflows.rules.names import Level, Result, RuleName
from workflows.rules.papers import PaperKind
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, refuse

SQL = statements("papers")
WORDS: dict[PaperKind, tuple[str, ...]] = {
    PaperKind.RESULT_LIST: ("post_results", "restart_publicity"),
    PaperKind.REVIEW_REPORT: ("report_results",),
    PaperKind.DRAFT_CONFIRMATION: ("send_for_confirmation",),
    PaperKind.CONFIRMATION: ("confirm",),
    PaperKind.REPLY: ("reply_to_entrusting_unit",),
}
"""The words a meeting tells its cases → the paper that says the same to everybody else."""
LEVELS = [Level.SENIOR, Level.DEPUTY_SENIOR, Level.MID, Level.JUNIOR]
"""The order of a list."""


@dataclass(frozen=True)
class BatchRow:
    """One candidate of a batch, with totals only."""

    application: str
    name: str
    id_number: str
    unit: str
    """The employer's name."""
    profession: str
    level: Level
    outcome: Result
    yes: int = 0
    no: int = 0
    abstain: int = 0
    track: str = "confirm"
    entrusting: str = ""
    route: tuple[str, ...] = ()
    """The organisations of the route, by id."""
    document: str = ""
    issued_on: date | None = None

    @property
    def passed(self) -> bool:
        """Whether the candidate passed."""
        return self.outcome is Result.PASSED


@dataclass(frozen=True)
class BatchFacts:
    """A batch as one of its words told it."""

    realm: str
    meeting: str
    number: str
    """The meeting's number."""
    batch: Batch
    seq: int
    """Which telling of the paper's word it was, the first being 1."""
    told_on: date
    subject: str
    """`2023年…专业职称`, as the notice has it."""
    document: str
    committee: str
    office: str
    city_office: str
    days: tuple[date, ...]
    ended_on: date | None
    drawn: int
    present: int
    rows: tuple[BatchRow, ...]
    draws: tuple[Draw, ...] = ()
    """Every draw of the meeting's experts that was ordered."""
    earlier_draws: int = 0
    """Draws of meetings that were cancelled before they opened."""
    organisations: Mapping[str, OrganisationView] = field(default_factory=dict)
    contact: str = ""
    forward_within: str = ""
    """How long 呈报单位 has to forward, as the notice has it: `1个月`."""
    recheck_within: str = ""
    """How long a candidate may ask for 复查: `2个月`."""
    deferred: int = 0
    held: int = 0

    @property
    def quorum(self) -> int:
        """How many had to come."""
        return quorum(self.drawn)

    def name_of(self, organisation: str) -> str:
        """An organisation's name; its id where the directory lost it."""
        found = self.organisations.get(organisation)
        return found.name if found else organisation

    def of_level(self, level: Level) -> tuple[BatchRow, ...]:
        """The rows of one level."""
        return tuple(row for row in self.rows if row.level is level)


async def batch_facts(
    connection: Connection,
    identity: Identity,
    meeting: str,
    number: int,
    kind: PaperKind,
    seq: int | None,
) -> BatchFacts:
    """Gather a batch for a paper, inside the transaction that makes it.

    Args:
        seq: which telling of the paper's word; None: the last.

    Raises:
        Refused: `not_found` for an unknown meeting or batch; `paper_not_due` while its word was
            not told, or not to everybody yet.
    """
    row = await connection.fetchrow(SQL["meeting_of"], meeting)
    if row is None or row["state"] is None:
        raise refuse(Code.NOT_FOUND, what="meeting", meeting=meeting)
    state = KeptMeeting.model_validate_json(row["state"])
    batch = state.batch(number)
    if batch is None:
        raise refuse(Code.NOT_FOUND, what="meeting", meeting=meeting, batch=number)
    words = await connection.fetch(SQL["words_told"], meeting, number, list(WORDS[kind]))
    which = len(words) if seq is None else seq
    if not 1 <= which <= len(words):
        raise refuse(Code.PAPER_NOT_DUE, paper_kind=kind, after=",".join(WORDS[kind][:1]))
    # Each entrusting unit may be answered on its own day: all answers of a batch belong together.
    told = words if kind is PaperKind.REPLY else words[which - 1 : which]
    lines = await connection.fetch(
        SQL["candidates_told"], [word["id"] for word in told], [level.value for level in LEVELS]
    )
    left_out = await connection.fetchrow(SQL["left_out"], meeting)
    reading = Reading(cast("Pool", connection), identity)
    realm = row["realm"]
    policy = await reading.policy(row["campaign"], None, realm)
    if policy is None:
        raise refuse(Code.NOT_FOUND, what="campaign", campaign=row["campaign"])
    named = {line[who] for line in lines for who in ("employer", "entrusting")}
    organisations = await reading.these({row["office"], row["city_office"], *named}, realm)
    content = await reading.campaign_content(row["campaign"], None, realm) or {}
    notice = content.get("notice", {})
    return BatchFacts(
        realm=realm,
        meeting=meeting,
        number=row["number"],
        batch=batch,
        seq=1 if kind is PaperKind.REPLY else which,
        told_on=local_date(words[which - 1]["acted_at"]),
        subject=str(notice.get("subject") or SUBJECT),
        document=str(notice.get("document") or policy.document),
        committee=row["committee_name"] or policy.committee.name,
        office=row["office"],
        city_office=row["city_office"],
        days=state.days,
        ended_on=state.ended_on,
        drawn=len(state.members),
        present=len(state.present),
        draws=await _draws(reading, state),
        earlier_draws=await reading.earlier_draws(meeting),
        rows=tuple(_row(line, identity, organisations) for line in lines if _counts(line)),
        organisations=organisations,
        contact=_contact(organisations.get(row["office"]), notice),
        forward_within=_length(policy, RuleName.FORWARDING),
        recheck_within=_length(policy, RuleName.RECHECK),
        deferred=left_out["deferred"] if left_out else 0,
        held=left_out["held"] if left_out else 0,
    )


async def _draws(reading: Reading, state: KeptMeeting) -> tuple[Draw, ...]:
    """The draws with their reasons in words."""
    said = [text for draw in state.draws for text in (draw.reason, draw.given_up) if text]
    texts = await reading.texts(said)
    return tuple(
        draw.model_copy(
            update={
                "reason": texts.get(draw.reason, draw.reason),
                "given_up": texts.get(draw.given_up, draw.given_up),
            }
        )
        for draw in state.draws
    )


def _counts(line: Record) -> bool:
    """Whether the case took the word: who was held or gone is not on the paper."""
    return line["state"] == "done" and line["outcome"] in (Result.PASSED, Result.NOT_PASSED)


def _row(
    line: Record, identity: Identity, organisations: Mapping[str, OrganisationView]
) -> BatchRow:
    payload, totals = json.loads(line["payload"]), json.loads(line["ballot"] or "{}")
    employer = organisations.get(line["employer"])
    issued_on = payload.get("issued_on")
    return BatchRow(
        application=line["application"],
        name=identity.open_optional(line["sealed_name"], "person.name"),
        id_number=identity.open_optional(line["sealed_id_number"], "person.id_number"),
        unit=employer.name if employer else line["employer"],
        profession=line["profession"],
        level=Level(line["level"]),
        outcome=Result(line["outcome"]),
        yes=totals.get("yes", 0),
        no=totals.get("no", 0),
        abstain=totals.get("abstain", 0),
        track=line["track"],
        entrusting=line["entrusting"],
        route=tuple(place["organisation"] for place in json.loads(line["places"] or "[]")),
        document=str(payload.get("number", "")),
        issued_on=date.fromisoformat(issued_on) if issued_on else None,
    )


def _length(policy: Policy, rule: RuleName) -> str:
    terms = policy.terms(rule)
    return length_zh(terms.length, terms.unit)


def _contact(office: OrganisationView | None, notice: Mapping[str, Any]) -> str:
    printed = notice.get("contacts", [])
    if office is not None and (office.phone or not printed):
        return "，".join(filter(None, (office.contact, office.phone)))
    if not printed:
        return ""
    return "，".join(
        filter(None, (printed[0].get("name", ""), "、".join(printed[0].get("phones", []))))
    )
