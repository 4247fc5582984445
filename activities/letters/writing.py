"""Letters: what a letter says, from its kind, its values and what the record knows of its case.

Pure: everything comes in with `Surroundings`. Which values each kind has is its model's
(`workflows.letter.kinds`), and a table in docs/letters.md; templates are given the model as `p`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from activities import wording
from activities.letters import heading
from activities.letters.layout import environment, tidy
from activities.letters.reading import LetterError
from activities.material import earlier_zh, subject_zh
from activities.wording.covers import acts_zh, days_zh
from workflows.letter.kinds import (
    AuditFailed,
    DatesChanged,
    Ended,
    FeeDue,
    FeeReceived,
    GivenBack,
    Lapsed,
    OfCover,
    Operator,
    PublicityStarted,
    Task,
)
from workflows.letter.letter import AboutEnd, Dated, Letter, OfMeeting
from workflows.rules.names import LetterKind, Party, RuleName
from workflows.rules.refusals import Refusal
from workflows.rules.text import shown_line, shown_prose

FULL_NAME = frozenset(Party) - {Party.COMPLAINANT, Party.OPERATIONS, Party.ACTOR}
"""Who reads the applicant's name; the others see the family name only."""

FOR_THEMSELVES = frozenset({Party.APPLICANT, Party.COMPLAINANT, Party.ACTOR})
"""Who is told as a person, and not for an organisation."""

SUBJECT = "职称"
"""What is applied for, where a campaign was published without its notice's words."""

_APPLICANTS_RULES = frozenset(
    {
        RuleName.APPLICATION_WINDOW,
        RuleName.UNIT_CORRECTION,
        RuleName.COMMITTEE_CORRECTION,
        RuleName.PAYMENT_WINDOW,
        RuleName.RECHECK,
        RuleName.INQUIRY_RESPONSE,
    }
)
_OFFICES_RULES = frozenset(
    {
        RuleName.REVIEW_WINDOW,
        RuleName.INTAKE_DUTY,
        RuleName.RESULT_REPORT,
        RuleName.RESULT_PUBLICITY,
        RuleName.CONFIRMATION,
        RuleName.CONFIRMATION_REPLY,
        RuleName.RECHECK_DUTY,
    }
)
_ON_ITS_WAY = frozenset({LetterKind.PASSED_UP, LetterKind.RECEIVED, LetterKind.REMINDER})
"""Letters about work that somebody has now, whoever did the step before."""
_DECIDED = frozenset(
    {
        LetterKind.RETURNED,
        LetterKind.ONE_OFF_NOTICE,
        LetterKind.NOT_ACCEPTED,
        LetterKind.AUDIT_FAILED,
        LetterKind.ENDED,
        LetterKind.DATES_CHANGED,
        LetterKind.INQUIRY_CONCLUDED,
    }
)
"""Letters about a decision: only who made it can explain it, to whomever it is told."""
_CHANCE_DEPENDS = frozenset({"withdrawn", "disqualified", "payment_missed", "terminated"})
"""Ends whose remedy does not say by itself whether the year's chance is used."""


class Place(NamedTuple):
    """An organisation as a letter names it."""

    id: str = ""
    name: str = ""
    contact: str = ""
    phone: str = ""


class Written(NamedTuple):
    """A letter ready to be sent."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Surroundings:
    """What the record knows around a letter; names only here, never in Temporal."""

    letter: str
    says: Letter
    party: Party
    organisation: str
    as_of: datetime
    recipient: str
    rehearsal: bool = False
    application: str = ""
    meeting: str = ""
    """The meeting's number, where the letter is about a meeting."""
    acceptance_number: str = ""
    applicant: str = ""
    own: bool = False
    """True where an actor is told about his or her own application."""
    level: str = ""
    subject: str = ""
    """What is applied for, as the notice has it: `2023年…专业职称`."""
    publicity_form: str = ""
    """What the notice calls the form that the unit posts."""
    document: str = ""
    subjects: Mapping[str, str] = field(default_factory=dict)
    """What items of a return can be about, by how they name it → its name."""
    defects: Mapping[str, str] = field(default_factory=dict)
    """Key of a usual defect → the notice's clause of it."""
    platform: str = ""
    holder: str = ""
    """Organisation id, or `applicant`."""
    step_organisation: str = ""
    forwarder: str = ""
    office: str = ""
    city_office: str = ""
    chance: str = ""
    """`kept`, `given_back`, or empty where the case has no claim on the year."""
    left_stage: str = ""
    under_cover: str = ""
    """Who did what is told in a supervisor's place, with both names; empty where nobody did."""
    places: Mapping[str, Place] = field(default_factory=dict)
    console: str = ""
    """Scheme and host of the console, where there is one: who works there gets a link."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Reference, id or key of a value → what people read for it."""

    @property
    def kind(self) -> LetterKind:
        """Of the letter."""
        return self.says.kind


def write(about: Surroundings) -> Written:
    """Write the letter.

    Raises:
        LetterError: the template stumbles over what it is given.
    """
    try:
        return _written(about)
    except Exception as err:
        # Whatever a template stumbles over must reach a person, not a retry without end.
        raise LetterError(f"{about.kind}: {type(err).__name__}: {err}") from err


class Outline(NamedTuple):
    """What a letter says, for a table of several: each part on its own."""

    case: str
    """The number that people quote."""
    whose: str
    """The applicant, as whoever reads it may know the name; empty where it is about a meeting."""
    work: str
    """What is to be done, or what it is about."""
    doer: str
    """Who has to do it; empty where that is the reader."""
    term: heading.Term | None
    words: str
    """Its subject without the day."""
    body: str


def outline(about: Surroundings) -> Outline:
    """The parts of a letter that is told among others.

    Raises:
        LetterError: the template stumbles over what it is given.
    """
    try:
        values = _values(about)
        words, body = _rendered(about, values)
    except Exception as err:
        raise LetterError(f"{about.kind}: {type(err).__name__}: {err}") from err
    term: heading.Term | None = values["term"]
    ground = f"\n\n依据：{values['ground']}" if values["ground"] else ""
    return Outline(
        case=values["case"]["number"],
        whose="" if about.meeting else _applicant(about),
        work=_asked(about.says),
        doer="" if values["to"]["must_act"] else values["doer"].name,
        term=term,
        words=words,
        body=body + ground,
    )


def masked(name: str) -> str:
    """A name for those who need not know it: the family name (first character) only."""
    return f"{name[:1]}某" if name else "申报人"


def short_number(application: str) -> str:
    """The part of an application's id people quote; `zhiping show` finds the case by it."""
    return application[-12:]


def _written(about: Surroundings) -> Written:
    values = _values(about)
    words, body = _rendered(about, values)
    subject = shown_line(heading.subject(values["term"], words, rehearsal=about.rehearsal))
    text = environment().get_template("_letter.txt.j2").render(values | {"body": body})
    # What was kept before its door looked at it is cleaned here: a mail program shows what it gets.
    text = shown_prose(tidy(text))
    html = environment().get_template("_letter.html.j2")
    paragraphs = text.split("\n\n")
    said = "\n".join(values["first_lines"])
    first = paragraphs.index(said) if said in paragraphs else None
    return Written(
        subject,
        text + "\n",
        html.render(subject=subject, paragraphs=paragraphs, first=first, link=values["link"]),
    )


def _rendered(about: Surroundings, values: Mapping[str, Any]) -> tuple[str, str]:
    """The words of the subject, and the body."""
    rendered = environment().get_template(f"{about.kind}.txt.j2").render(values)
    words, _, body = rendered.strip().partition("\n")
    return words.strip(), tidy(body)


def _values(about: Surroundings) -> dict[str, Any]:
    says = about.says
    holds = about.holder == _whose(about)
    rule = says.rule if isinstance(says, Dated) else None
    must_act = _must_act(about, rule, holds=holds)
    doer = _place(about, _doer(about, rule))
    term = _term(about, asked=must_act)
    by = _by(says)
    return {
        "p": _in_words(about),
        "to": {
            "name": _addressee(about),
            "applicant": about.party is Party.APPLICANT,
            "complainant": about.party is Party.COMPLAINANT,
            "unit": about.party is Party.UNIT,
            "organisation": about.organisation,
            "holds": holds,
            "must_act": must_act,
        },
        "case": {
            "number": about.meeting
            or about.acceptance_number
            or short_number(about.application)
            or "无",
            "meeting": about.meeting,
            "title": _title(about),
            "of": _of(about),
        },
        "campaign": {
            "document": about.document,
            "platform": about.platform or "申报平台",
            "publicity_form": about.publicity_form or wording.label("papers", "publicity_form"),
        },
        "holder": _place(about, about.holder),
        "acting": _place(about, about.step_organisation or about.holder),
        "doer": doer,
        "office": _place(about, about.office),
        "responsible": _place(about, says.responsible if isinstance(says, Lapsed) else ""),
        "term": term,
        "first_lines": heading.first_lines(
            term,
            applicant=about.party is Party.APPLICANT,
            doer="" if must_act else doer.name,
            contact=_contact(about),
            reopens_until=_reopens_until(about),
        ),
        "by": by,
        "until": f"，截止{by}" if by and not (term and term.urgent) else "",
        "too_late": _too_late(about),
        "overdue": term is not None and term.overdue,
        "items": _items(about),
        "refusals": _refusals(about),
        "after_end": _after_end(about),
        "city_office": _city_office(about),
        "ground": wording.ground_zh(says.clause, about.document),
        "under_cover": about.under_cover,
        "lent": acts_zh(says.acts) if isinstance(says, OfCover) else "",
        "days": days_zh(says.starts_on, says.ends_on) if isinstance(says, OfCover) else "",
        "link": _link(about),
        "as_of": about.as_of,
        "rehearsal": about.rehearsal,
        "letter": about.letter,
    }


def _link(about: Surroundings) -> str:
    """Where whoever works there finds the case; who is told of it for himself has no page there. Of an
    absence cover where it is ended."""
    if about.console and isinstance(about.says, OfCover):
        return f"{about.console}/minglu/{about.says.organisation}/daili"
    at_work = about.organisation and about.party not in FOR_THEMSELVES
    return (
        f"{about.console}/anjuan/{about.application}"
        if (about.console and about.application and at_work)
        else ""
    )


def _in_words(about: Surroundings) -> Letter:
    """The letter with references and ids in words."""
    stated = {name: value for name, value in about.says if type(value) is str}
    words = {name: about.texts[value] for name, value in stated.items() if value in about.texts}
    return about.says.model_copy(update=words)


def _items(about: Surroundings) -> list[dict[str, str]]:
    says = about.says
    return [
        {
            "id": item.id,
            "subject": subject_zh(item.subject, item.refers_to, about.subjects),
            "text": about.texts.get(item.text, item.text),
            "refers_to": earlier_zh(item.refers_to),
            "ground": wording.ground_zh(about.defects.get(item.defect, ""), about.document),
        }
        for item in (says.items if isinstance(says, (GivenBack, AuditFailed)) else ())
    ]


def _whose(about: Surroundings) -> str:
    return "applicant" if about.party is Party.APPLICANT else about.organisation


def _addressee(about: Surroundings) -> str:
    if about.party is Party.APPLICANT:
        return about.recipient or about.applicant
    return about.recipient or wording.label("parties", about.party)


def _of(about: Surroundings) -> str:
    if about.meeting:
        return _of_meeting(about)
    if not about.application:
        return "有关事项"
    if about.party is Party.APPLICANT or about.own:
        return f"您申报的{_title(about)}"
    return f"{_applicant(about)}申报的{_title(about)}"


def _applicant(about: Surroundings) -> str:
    name = about.applicant if about.party in FULL_NAME else masked(about.applicant)
    return name or "申报人"


def _of_meeting(about: Surroundings) -> str:
    batch = about.says.batch if isinstance(about.says, OfMeeting) else None
    results = f"第{batch}批评审结果" if batch else ""
    return f"{about.subject or SUBJECT}评审会（{about.meeting}）{results}"


def _title(about: Surroundings) -> str:
    what = about.subject or SUBJECT
    level = wording.label("levels", about.level) if about.level else ""
    return f"{what}（{level}）" if level else what


def _place(about: Surroundings, organisation: str) -> Place:
    if organisation == "applicant":
        return Place(name="您" if about.party is Party.APPLICANT else "申报人")
    if not organisation:
        return Place(name="")
    return about.places.get(organisation, Place(id=organisation, name="有关单位"))


def _city_office(about: Surroundings) -> str:
    """Who confirms titles, by its name in the directory."""
    known = about.places.get(about.city_office)
    return known.name if known else wording.label("organisations", "city_office")


def _doer(about: Surroundings, rule: RuleName | None) -> str:
    if rule in _APPLICANTS_RULES:
        return "applicant"
    if rule == RuleName.FORWARDING:
        return about.forwarder
    if rule in _OFFICES_RULES:
        return about.office
    return about.city_office if rule == RuleName.CITY_CONFIRMATION else about.holder


def _must_act(about: Surroundings, rule: RuleName | None, *, holds: bool) -> bool:
    if about.party is Party.HOLDER or about.kind is LetterKind.TASK:
        return True
    return _doer(about, rule) == _whose(about) if rule else holds


def _by(says: Letter) -> str:
    if not isinstance(says, Dated) or says.deadline_on is None:
        return ""
    return wording.last_moment_zh(says.deadline_on, says.deadline_at)


def _term(about: Surroundings, *, asked: bool) -> heading.Term | None:
    """The day that the letter is about; what tells an end is about none that is still to come."""
    says = about.says
    if not isinstance(says, Dated) or isinstance(says, AboutEnd):
        return None
    if isinstance(says, PublicityStarted) and says.cutoff_on and says.too_late:
        ask = f"与{_place(about, about.office).name}联系，申请延长逐级上报的期限"
        at = says.cutoff_at
        return heading.Term(says.cutoff_on, at, None, about.as_of, asked=True, work=ask)
    moved = says.new_on if isinstance(says, DatesChanged) else None
    ends_on = moved or says.deadline_on
    if ends_on is None:
        return None
    return heading.Term(ends_on, says.deadline_at, says.rule, about.as_of, asked, _work(says))


def _too_late(about: Surroundings) -> bool:
    """A publicity that leaves no day to report up: then only more time helps."""
    return isinstance(about.says, PublicityStarted) and about.says.too_late


def _work(says: Letter) -> str:
    """What a letter itself names as to be done; elsewhere it is what its clock demands."""
    match says:
        case Task():
            return f"办理：{wording.label('tasks', says.task)}"
        case FeeDue():
            return f"缴清评审费{says.fee}元"
        case FeeReceived() if says.short:
            return f"补缴评审费{says.short}元"
        case _:
            return ""


def _asked(says: Letter) -> str:
    """What a table says of a letter: the work, what a clock demands, or what it is about."""
    if isinstance(says, Task):
        return wording.label("tasks", says.task)
    if isinstance(says, Dated) and says.rule:
        return wording.label("rule_acts", says.rule)
    return wording.label("letters", says.kind)


def refusals_of(says: Letter) -> tuple[Refusal, ...]:
    """Every no that a letter tells."""
    if isinstance(says, Ended):
        if says.refusals or says.refusal is not None:
            return says.refusals or tuple(filter(None, (says.refusal,)))
        return (Refusal(code=says.code, clause=says.clause),) if says.code else ()
    if isinstance(says, Operator) and says.code:
        return (Refusal(code=says.code, clause=says.clause, params=says.values),)
    return ()


def _refusals(about: Surroundings) -> list[wording.Said]:
    return [
        wording.sentence(item, about.texts, document=about.document)
        for item in refusals_of(about.says)
    ]


def _after_end(about: Surroundings) -> str:
    """What the person can still do, and whether the year's chance is used (A20)."""
    says = about.says
    if about.party is not Party.APPLICANT or not isinstance(says, AboutEnd):
        return ""
    if isinstance(says, Ended) and says.code:
        return ""
    end = says.end or about.kind.value
    lines = [wording.remedy(end, says.stage or about.left_stage)]
    if about.chance and end in _CHANCE_DEPENDS:
        lines.append(f"本年度申报机会：{'已使用' if about.chance == 'kept' else '未占用'}。")
    stated = "\n  ".join(line for line in lines if line)
    return f"\n您还可以这样做：\n  {stated}" if stated else ""


def _reopens_until(about: Surroundings) -> date | None:
    """Until when the applicant may ask that an ended case goes on."""
    says = about.says
    mine = about.party is Party.APPLICANT and isinstance(says, AboutEnd)
    return says.closes_on if mine and isinstance(says, AboutEnd) else None


def _contact(about: Surroundings) -> str:
    """Whom to ask: who decided, of what was decided; else who holds it, or the office."""
    mine = about.party is Party.APPLICANT
    decided = about.kind in _DECIDED or (mine and about.kind not in _ON_ITS_WAY)
    wanted = (
        about.office if _too_late(about) else "",
        about.step_organisation if decided else "",
        about.holder if mine else "",
        about.office,
        about.city_office,
    )
    for organisation in wanted:
        place = about.places.get(organisation)
        if place is not None and organisation != about.organisation:
            return _how_to_reach(place)
    return ""


def _how_to_reach(place: Place) -> str:
    person = f"，{place.contact}" if place.contact else ""
    phone = f"，电话{place.phone}" if place.phone else "（电话请登录平台查看）"
    return f"{place.name}{person}{phone}"
