"""The payload of each act on a meeting: what a person states beyond who and when."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workflows.rules.ballot import Totals
from workflows.rules.days import Day
from workflows.rules.draw import Digest
from workflows.rules.recusal import Ground
from workflows.writer.payloads import Key, Name, Payload, Sheet, Text

Number = Annotated[int, Field(ge=1, le=9999)]


class PlanMeeting(Payload):
    """A meeting of a committee on one day or several; without a list, all who wait for one."""

    number: Annotated[Name, Field(max_length=190)]
    """The meeting's own number, unique in its realm: `2023-BD-01`; a batch's key adds to it."""
    committee: Name
    campaign: Name
    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=30)]
    place: Text = ""
    applications: tuple[Key, ...] = ()
    note: Text = ""


class MoveMeeting(Payload):
    """Other days for a meeting that has not opened; everybody listed is told again."""

    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=30)]
    reason: Text = ""


class AddCandidates(Payload):
    """More candidates for a meeting that has not opened; all who wait where none are named."""

    applications: tuple[Key, ...] = ()


class DeferCandidate(Payload):
    """A candidate who is not judged at this meeting."""

    application: Name
    reason: Text = ""


class CommitDraw(Payload):
    """The supervising office commits itself to a value, by its hash, before the draw."""

    commitment: Digest
    """SHA-256 of the value, which is itself 64 hexadecimal digits."""
    reason: Text = ""
    """Why a commitment that stands, or a draw that waits for its value, is given up."""


class RequestRedraw(Payload):
    """One person of the office asks for another draw; a second one makes it."""

    reason: Text = ""


class DrawExperts(Payload):
    """Draw members and spares from the pool; again only on another person's request with a reason."""

    professions: tuple[Key, ...] = ()
    """Of the candidates' professions those that should be represented; all where none are named."""
    reason: Text = ""
    """What is to be said of it; a second draw bears the reason of its request."""


class RevealDraw(Payload):
    """The supervising office reveals the value that it committed itself to: the draw is made."""

    value: Digest


class ReplaceExpert(Payload):
    """A drawn expert cannot come: the next spare takes the seat."""

    expert: Name
    reason: Text = ""


class Recuse(Payload):
    """An expert must not judge these candidates (40号令 art 25)."""

    expert: Name
    applications: Annotated[tuple[Key, ...], Field(min_length=1)]
    ground: Ground = Ground.DECLARED
    reason: Text = ""


class OpenMeeting(Payload):
    """The members who are there; the quorum is two thirds of those drawn."""

    present: Annotated[tuple[Key, ...], Field(min_length=1, max_length=199)]


class Opinion(Payload):
    """A group's written opinion on one candidate (40号令 art 21)."""

    application: Name
    text: Text
    group: Number = 1
    experts: Annotated[tuple[Key, ...], Field(max_length=199)] = ()
    """The group's experts where they differ from the sheet's."""


class RecordOpinions(Sheet):
    """A sheet of opinions by one group of three experts or more."""

    ROWS: ClassVar[str] = "opinions"

    experts: Annotated[tuple[Key, ...], Field(max_length=199)] = ()
    group: Number = 1
    opinions: tuple[Opinion, ...] = ()


class Tally(Payload):
    """The counted votes on one candidate."""

    application: Name
    yes: Annotated[int, Field(ge=0, le=999)]
    no: Annotated[int, Field(ge=0, le=999)] = 0
    abstain: Annotated[int, Field(ge=0, le=999)] = 0
    uncast: Annotated[int, Field(ge=0, le=999)] = 0
    """Voters who handed in no vote, or a void one."""

    @property
    def totals(self) -> Totals:
        """The votes alone."""
        return Totals(yes=self.yes, no=self.no, abstain=self.abstain, uncast=self.uncast)


class EnterBallots(Sheet):
    """A counting sheet; the same again by another person makes each total count."""

    ROWS: ClassVar[str] = "tallies"

    tallies: tuple[Tally, ...] = ()


class SignResults(Payload):
    """The chair signs; day 0 of the five working days is the last meeting day (A7)."""

    chair: Name
    ended_on: Day


class ReportBatch(Payload):
    """评审情况 of a batch goes to 市职改办."""

    batch: Number = 1
    reported_on: Day | None = None


class PublishBatch(Payload):
    """The results of a batch are posted (passed) and told (not passed)."""

    batch: Number = 1
    posted_on: Day | None = None
    reason: Text = ""


class DraftBatch(Payload):
    """The 代拟 职称资格确认通知 of a batch goes to 市职改办."""

    batch: Number = 1
    note: Text = ""


class SendBackBatch(Payload):
    """市职改办 gives the draft back."""

    batch: Number = 1
    reason: Text = ""


class IssueForBatch(Payload):
    """A document that brings the results of a batch into effect: its number and day."""

    batch: Number = 1
    issued_on: Day
    number: Name
    entrusting: Key = ""
    """函复: only for the candidates of this entrusting unit; for all where empty."""


class OpenSupplement(Payload):
    """A supplementary batch of those whom an inquiry held back and who are clear now (A9)."""

    note: Text = ""


class CancelMeeting(Payload):
    """A meeting that will not take place; everybody listed waits for another."""

    reason: Text = ""


class NoteCase(Payload):
    """What a case tells its meeting by itself."""

    application: Name
    news: Literal["held", "released", "gone"]
    on: Day
    end: Key = ""
