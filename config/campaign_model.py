"""A notice as data: what it says beside the rules, and the rules themselves."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.defects import UsualDefect
from workflows.rules.days import Day
from workflows.rules.message import Message
from workflows.rules.names import Level
from workflows.rules.policy import Policy, Sourced
from workflows.rules.text import Prose

Words = Annotated[Prose, Field(min_length=1)]


class Basis(Sourced):
    """A document the notice rests on or refers to; `title` where the notice prints it."""

    document: Words
    title: Prose = ""


class Link(Sourced):
    """An entrance or manual; `url` is empty where the notice names a place without address."""

    label: Words
    url: Prose = ""


class Contact(Sourced):
    """Whom to ask; BD prints none."""

    name: Words
    phones: tuple[Prose, ...] = ()


class Attachment(Sourced):
    """An attachment the notice lists; `available` is false where its text was not published."""

    number: int
    title: Words
    available: bool = True


class Dates(Sourced):
    """When the notice was signed and printed, and whether it says 此件公开发布."""

    signed_on: Day | None = None
    printed_on: Day | None = None
    open_to_public: bool = False


class Wording(Sourced):
    """A sentence of the notice kept for the people who read it."""

    text: Words


class Conditions(Sourced):
    """Where the 申报条件 stand; their text is not part of the notice."""

    document: Words
    title: Words


class Discipline(Wording):
    """The discipline chapter and whose violations it covers."""

    subjects: tuple[Prose, ...]


class ReviewScope(Sourced):
    """Whose work the review window bounds: all levels (BD) or the committee (LC)."""

    bodies: tuple[Prose, ...]


class PostedForm(Sourced):
    """The form a unit posts before it recommends, as the notice calls it."""

    title: Words


class UnitRules(Wording):
    """Whether a unit may set conditions of its own (BD: not below the city's)."""

    allowed: bool


class Group(Wording):
    """A special group and what the notice grants it; years earlier stand in `tenure.relaxations`.

    `by_documents` names the texts that decide where the notice only refers to them.
    """

    key: Words
    service_months: int | None = None
    full_time: bool = False
    sent_by: tuple[Prose, ...] = ()
    yearly_assessment: Prose = ""
    prior_title: bool = False
    without_prior_title: bool = False
    waives: tuple[Prose, ...] = ()
    counts_as_done: tuple[Prose, ...] = ()
    substitutes: dict[Prose, tuple[Prose, ...]] = Field(default_factory=dict)
    education: dict[Level, Prose] = Field(default_factory=dict)
    relaxation_not_for: tuple[Prose, ...] = ()
    by_documents: tuple[Prose, ...] = ()


class Defect(UsualDefect, Sourced):
    """A usual defect of material that the notice itself speaks of, with its clause."""


class Layer(Message):
    """A document of another layer that the notice rests on (207号, 40号令), with its own text.

    Its clauses begin with `prefix`; `text` is a file beside the notice's. In a published policy,
    and to people, the prefix is the `document`.
    """

    prefix: Annotated[Prose, Field(pattern=r"^[^\s]{1,20}$")]
    document: Words
    title: Prose = ""
    text: Annotated[Prose, Field(pattern=r"^[^/\\]+\.txt$")]


class Notice(Sourced):
    """The notice itself: who says what to whom, on what basis, and its words by clause."""

    prefix: Words
    """What its clause ids begin with (`BD`)."""
    title: Words
    subject: Words
    """What is applied for, in the title's own words and ending with 职称: letters and papers say it."""
    document: Words
    issuer: Words
    addressees: tuple[Words, ...] = Field(min_length=1)
    platform: Words
    dates: Dates | None = None
    meeting: Wording | None = None
    """What it says of the 评审 date; None where it is silent (LC)."""
    scope: Wording
    annual_limit: Wording
    conditions: Conditions
    pay_notice: Wording
    publicity_form: PostedForm
    certificate_code: Annotated[Prose, Field(pattern=r"^[A-Z0-9]{1,8}$")] | None = None
    """What numbers of its certificates have between year and serial; the office's, in no clause."""
    review_scope: ReviewScope
    unit_rules: UnitRules | None = None
    discipline: Discipline | None = None
    basis: tuple[Basis, ...] = ()
    links: tuple[Link, ...] = Field(min_length=1)
    contacts: tuple[Contact, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    groups: tuple[Group, ...] = ()
    labels: dict[Prose, Prose] = Field(default_factory=dict)
    """Identifier → Chinese name, for every identifier the rules use."""
    quotes: dict[Prose, Prose]
    """Clause id → its words, as printed."""
    cites: dict[Prose, tuple[Prose, ...]] = Field(default_factory=dict)
    """Dotted key of a value → the clauses it rests on, where its table has another or further."""
    told: tuple[Prose, ...] = ()
    """Clauses that people read and no value carries out."""
    layers: tuple[Layer, ...] = ()
    defects: tuple[Defect, ...] = ()
    """Usual defects with the notice's own clause; the general ones stand in `config/defects.toml`."""


class Campaign(Message):
    """One campaign: a published notice with its rules."""

    id: Prose
    notice: Notice
    policy: Policy

    @property
    def title(self) -> str:
        """The notice's title."""
        return self.notice.title

    def quote(self, clause: str) -> str:
        """The notice's words of a clause, also as a policy carries it; empty for an assumption."""
        for layer in self.notice.layers:
            if clause.startswith(f"{layer.document} "):
                clause = layer.prefix + clause.removeprefix(layer.document)
        return self.notice.quotes.get(clause, "")

    def label(self, identifier: str) -> str:
        """The Chinese name of an identifier; alternatives (`a|b`) are joined with 或."""
        names = (self.notice.labels.get(part, part) for part in identifier.split("|"))
        return "或".join(names)
