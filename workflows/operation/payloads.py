"""What each operation states; read leniently, because it comes from files and from text.

Who is meant is never shown in an error: a directory and a register name people.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from workflows.rules.addresses import MaybeEmail
from workflows.rules.calendar import SATURDAY, CalendarYear
from workflows.rules.committee import Chair, Expert
from workflows.rules.committee_filing import FiledCommittee
from workflows.rules.covering import Lendable
from workflows.rules.days import Day, Moment, as_written
from workflows.rules.names import RegisterSubject, Rhythm
from workflows.rules.numbers import Fen, Whole, Year
from workflows.rules.papers import PaperKind
from workflows.rules.people import IdNumber, PersonName, Phone
from workflows.rules.policy import Policy
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, refuse
from workflows.rules.routes import OrganisationKind
from workflows.rules.text import Line, Prose, Stated

Role = Literal["member", "supervisor", "operations"]

ACCOUNT = r"^(?:[0-9A-Za-z][0-9A-Za-z-]{0,63})?$"
"""The office's account at the bank; empty where the bank's file does not name it."""
LOGIN = r"^[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff._@+-]{1,63}$"
"""A name to sign in with: letters, digits, Chinese characters, a phone number, an address."""
LONGEST_YEARS = 30
"""No text knows a longer bar; a longer one is a slip of the keyboard."""


def _moment(stated: object) -> object:
    """A text that is a day is one; pydantic would read its midnight, losing the last day."""
    written = as_written(stated)
    if isinstance(written, str) and len(written) == len("2023-10-07"):
        return date.fromisoformat(written)
    return stated


DayOrMoment = Annotated[Moment | Day, BeforeValidator(_moment)]


class StatedOrganisation(BaseModel):
    """One organisation of a directory file."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    id: Line = Field(min_length=1)
    name: Line
    kind: OrganisationKind
    level: Literal["city", "district", "outside"] = "city"
    district: Line = ""
    superior: Line = ""
    agency: Line = ""
    insured_district: Line = ""
    self_evaluating: bool = False
    address: Line = ""
    contact: Line = ""
    phone: Phone = ""
    email: MaybeEmail = ""


class StatedSpan(BaseModel):
    """A right from and to: days are inclusive, date-times are instants."""

    model_config = ConfigDict(extra="ignore", defer_build=True, populate_by_name=True)

    organisation: Line = ""
    from_: DayOrMoment | None = Field(
        default=None, validation_alias=AliasChoices("from", "from_", "starts_at")
    )
    to: DayOrMoment | None = Field(default=None, validation_alias=AliasChoices("to", "ends_at"))


class StatedMember(BaseModel):
    """One member of a directory file."""

    model_config = ConfigDict(extra="ignore", defer_build=True, hide_input_in_errors=True)

    id: Line = Field(min_length=1)
    name: PersonName
    organisation: Line
    supervisor: bool = False
    id_number: IdNumber = ""
    phone: Phone = ""
    email: MaybeEmail = ""
    grants: tuple[StatedSpan, ...] = ()


class StatedDirectory(BaseModel):
    """A directory file."""

    model_config = ConfigDict(extra="ignore", defer_build=True, hide_input_in_errors=True)

    organisations: tuple[StatedOrganisation, ...] = ()
    members: tuple[StatedMember, ...] = ()


class StatedGrant(StatedSpan):
    """A right for one person; without a role, a member's (an operations body's: operations)."""

    person: Line = Field(min_length=1, validation_alias=AliasChoices("person", "member"))
    organisation: Line = Field(min_length=1)
    role: Role | None = None
    supervisor: bool = False


class StatedCover(BaseModel):
    """Absence cover: who stands in for which supervisor of an organisation, on which days, for what.

    Both days are within it, by Beijing's calendar. `principal` is whoever asks where nobody is named;
    `acts` are all that can be lent where none is (`workflows.rules.covering`).
    """

    model_config = ConfigDict(extra="ignore", defer_build=True, populate_by_name=True)

    organisation: Line = Field(min_length=1)
    principal: Line = ""
    deputy: Line = Field(min_length=1)
    from_: Day = Field(validation_alias=AliasChoices("from", "from_", "starts_on"))
    to: Day = Field(validation_alias=AliasChoices("to", "ends_on"))
    acts: tuple[Lendable, ...] = ()
    reason: Prose = ""


class StatedCoverEnd(BaseModel):
    """Which cover is ended, by its id."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    cover: Line = Field(min_length=1)


class StatedCampaign(BaseModel):
    """A campaign as it is published: its rules, and everything else of its file beside them."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    policy: Policy
    content: dict[Line, Stated] = {}
    reason: Prose = ""
    realms: Line = ""
    """Other realms whose open cases an amendment reaches, apart from its own."""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, stated: Any) -> Any:
        """A bare policy is a campaign without content."""
        if isinstance(stated, dict) and "policy" not in stated:
            return {"policy": stated, **stated}
        return stated


class StatedYear(BaseModel):
    """A year of a calendar: whole with its source, or without one what changes in it."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    year: Year
    source: Line = ""
    holidays: dict[Day, Line] = {}
    workdays: tuple[Day, ...] = ()

    def laid_over(self, known: CalendarYear | None) -> CalendarYear:
        """The whole year: as stated, or the known one with these days changed.

        Raises:
            Refused: `calendar_missing` for a change to a year that was never published.
        """
        if self.source:
            return CalendarYear.model_validate(self.model_dump())
        if known is None:
            raise refuse(Code.CALENDAR_MISSING, Reading.WORKING_DAYS, year=self.year)
        holidays = {day: why for day, why in known.holidays.items() if day not in self.workdays}
        worked = {day for day in self.workdays if day.weekday() >= SATURDAY}
        workdays = (set(known.workdays) | worked) - self.holidays.keys()
        return known.model_copy(
            update={"holidays": holidays | self.holidays, "workdays": tuple(sorted(workdays))}
        )


class StatedYears(BaseModel):
    """Years of a calendar, as a list or by year."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    years: list[StatedYear]
    reason: Prose = ""
    realms: Line = ""

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, stated: Any) -> Any:
        """`{years: [...]}`, `{years: {"2024": …}}`, or one bare year."""
        if not isinstance(stated, dict):
            return stated
        years = stated.get("years", [stated])
        return {**stated, "years": list(years.values()) if isinstance(years, dict) else years}


class StatedPerson(BaseModel):
    """Somebody meant by id, or by ID number where there is no row of the person yet."""

    model_config = ConfigDict(extra="ignore", defer_build=True, hide_input_in_errors=True)

    person: Line = ""
    id_number: IdNumber = ""


class StatedBar(StatedPerson):
    """A 影响期: up to and including `ends_on`, or so many years.

    `number` names one to be lifted; without it all of the person are.
    """

    number: Whole | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    years: int | None = Field(default=None, gt=0, le=LONGEST_YEARS)
    document: Line = ""
    decided_by: Prose = ""
    reason: Prose = ""


class StatedRecord(StatedPerson):
    """A record: who, as what, what was found by whom in which document, kept how long.

    `years` counts from `decided_on`; what 40号令 art 39 says is data of the caller.
    """

    subject: RegisterSubject
    conduct: Prose = Field(default="title_by_fraud", min_length=1)
    organisation: Line = ""
    application: Line = ""
    document: Line = Field(min_length=1)
    decided_by: Prose = Field(min_length=1)
    decided_on: Day
    keep_until: Day | None = None
    years: int | None = Field(default=None, gt=0, le=LONGEST_YEARS)
    reason: Prose = ""


class StatedCorrection(BaseModel):
    """What of an entry was wrong; what is not stated stays. `withdrawn` ends it altogether."""

    model_config = ConfigDict(extra="ignore", defer_build=True, hide_input_in_errors=True)

    what: Literal["bar", "record"]
    number: Whole
    reason: Prose = ""
    withdrawn: bool = False
    starts_on: Day | None = None
    ends_on: Day | None = None
    subject: RegisterSubject | None = None
    conduct: Prose = ""
    organisation: Line = ""
    document: Line = ""
    decided_by: Prose = ""
    decided_on: Day | None = None
    keep_until: Day | None = None


class StatedOutside(StatedPerson):
    """An application of the year that this system did not carry out."""

    year: Year
    campaign: Line = ""
    channel: Literal["normal", "special", "green"]
    slot: Line = "normal"
    state: Literal["alive", "used", "green_passed", "green_pending", "green_failed", "special_used"]


class StatedPersonChange(StatedPerson):
    """What became of somebody since: another name or employer, and the document that shows it.

    An employer is noted and decides nothing: the route of a case stays as it was submitted (A44).
    """

    person: Line = Field(min_length=1)
    name: PersonName = ""
    employer: Line = ""
    source: Prose = ""


class StatedAddress(BaseModel):
    """New contacts of a person or an organisation; what is empty stays.

    `source`: whence it is known, where it is not the person who says so.
    """

    model_config = ConfigDict(extra="ignore", defer_build=True, hide_input_in_errors=True)

    source: Prose = ""

    person: Line = ""
    organisation: Line = ""
    phone: Phone = ""
    email: MaybeEmail = ""
    address: Line = ""
    contact: Line = ""


class StatedRhythm(BaseModel):
    """How an organisation, or a person as a member of one, wants to be told what there is to do.

    `usual` takes a choice back.
    """

    model_config = ConfigDict(extra="ignore", defer_build=True, hide_input_in_errors=True)

    person: Line = ""
    organisation: Line = ""
    rhythm: Rhythm | Literal["usual"]

    @model_validator(mode="after")
    def _of_one(self) -> StatedRhythm:
        if bool(self.person) == bool(self.organisation):
            raise ValueError("person or organisation")
        return self


class StatedNotice(BaseModel):
    """The letter to send again."""

    letter: Line = Field(min_length=1)


class StatedDismissal(BaseModel):
    """The failed operation whose task is closed, and why nobody has to ask for it again."""

    operation: Line = Field(min_length=1)
    reason: Prose = ""


class StatedTime(BaseModel):
    """Where a rehearsal's clock stands."""

    now_at: Moment


class StatedLine(BaseModel):
    """One line of a bank file, as `config.payment_files.BankLine` states it."""

    model_config = ConfigDict(extra="ignore", defer_build=True, hide_input_in_errors=True)

    line: Whole = 0
    account: Line = Field(default="", pattern=ACCOUNT)
    transaction: Line = Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$")
    fen: Fen
    paid_at: Moment
    numbers: tuple[Line, ...] = ()
    remark: Prose = ""
    payer: Line = ""


class StatedLines(BaseModel):
    """A bank file that was understood; `campaign` limits which applications it may mean."""

    model_config = ConfigDict(extra="ignore", defer_build=True, hide_input_in_errors=True)

    campaign: Line = ""
    lines: tuple[StatedLine, ...] = Field(min_length=1)


class StatedAnswer(BaseModel):
    """What a case said to one line."""

    account: Line = ""
    transaction: Line
    answer: Literal["told", "refused"]
    code: Line = ""


class StatedAnswers(BaseModel):
    """What the cases said."""

    answers: tuple[StatedAnswer, ...]


class StatedResolution(BaseModel):
    """What a person decides of a line: whose money it is, or that it is dealt with otherwise.

    `account`: where two accounts of the office have a line of this number.
    """

    transaction: Line = Field(min_length=1)
    account: Line = ""
    application: Line = ""
    dismiss: bool = False
    reason: Prose = ""


class StatedExpert(BaseModel):
    """One expert of a committee file."""

    model_config = ConfigDict(extra="ignore", defer_build=True, hide_input_in_errors=True)

    id: Line = Field(min_length=1)
    name: PersonName = Field(min_length=1)
    id_number: IdNumber = Field(min_length=1)
    unit: Line
    professions: tuple[Line, ...] = ()
    chair: Chair = ""
    phone: Phone = ""
    term_from: Day
    term_to: Day

    def of(self, person: str) -> Expert:
        """The expert without name and ID number, as this person."""
        kept = self.model_dump(exclude={"name", "id_number", "phone"})
        return Expert(**kept, person=person)


class StatedCommittee(BaseModel):
    """A committee file: the committee and its whole pool."""

    model_config = ConfigDict(extra="ignore", defer_build=True, hide_input_in_errors=True)

    committee: FiledCommittee
    experts: tuple[StatedExpert, ...]


class StatedRetirement(BaseModel):
    """An expert who leaves the pool; `to` is the last day of service."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    expert: Line = Field(min_length=1)
    to: Day | None = None
    reason: Prose = ""


class StatedPaper(BaseModel):
    """The paper asked for: of a case, or of a batch of a meeting."""

    paper: PaperKind = Field(alias="kind")
    application: Line = ""
    meeting: Line = ""
    batch: Whole = 1
    seq: Whole | None = None
    detail: Line = ""
    """期限计算书: a rule; 函复: the entrusting unit. Empty: all of them, the only one."""


class StatedReply(BaseModel):
    """What a second person answers, to which request, and, where it is a no, why."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    request: Line = Field(min_length=1)
    reason: Prose = ""


class StatedAccount(BaseModel):
    """Whose account is meant."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    person: Line = Field(min_length=1)


class StatedReset(StatedAccount):
    """A link by which a new password is set: the hash of its token, which whoever asks made.

    The token itself is in no message and no record; it is handed to the person.
    """

    token_hash: Line = Field(pattern=r"^[0-9a-f]{64}$")


class StatedInvitation(StatedReset):
    """Who is to have an account, and the name to sign in with."""

    login: Line = Field(pattern=LOGIN)


class StatedBulk(BaseModel):
    """One act on many cases, by its id."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    bulk: Line = Field(min_length=1)


class StatedBulkStart(StatedBulk):
    """What is begun: how many cases are asked for which act, and the digest of exactly that.

    `weighty`: another human has to confirm it.
    """

    action: Line = Field(min_length=1)
    count: Whole
    weighty: bool
    digest: Line = Field(pattern=r"^[0-9a-f]{64}$")


class StatedNothing(BaseModel):
    """Nothing but the realm, which the request itself names."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


class FirstOperator(BaseModel):
    """One of the first operators of an installation."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True
    )

    id: Line = Field(pattern=r"^[a-z][a-z0-9-]{1,62}$")
    name: PersonName = Field(min_length=1)
    id_number: IdNumber = Field(min_length=1)
    email: MaybeEmail = ""
    phone: Phone = ""
