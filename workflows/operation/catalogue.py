"""Every operation: what it states, who may by how they stand to what it is about, and how weighty it is.

The table is asked inside the operation itself, in its transaction, against the directory as the
record has it; the command line, a form and a program meet the same rows. How somebody stands to
what is stated is found in `activities/operation_rights.py`. The table in words: docs/security.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pydantic import BaseModel

from workflows.operation import payloads


class Stands(StrEnum):
    """How somebody stands to what an operation is about."""

    OPERATIONS = "operations"
    OFFICE = "office"
    """Of the committee's office that it concerns."""
    OFFICE_SUPERVISOR = "office_supervisor"
    CITY_OFFICE = "city_office"
    CITY_SUPERVISOR = "city_supervisor"
    SUPERIOR = "superior"
    """Of an organisation above the one it is about: its superiors, its agency's line, 市职改办."""
    OWN = "own"
    """Of the organisation it is about."""
    OWN_SUPERVISOR = "own_supervisor"
    SELF = "self"
    """The person it is about."""
    READER = "reader"
    """Whoever the paper concerns (`activities/seeing.py`)."""


class About(StrEnum):
    """What an operation is about: who it concerns is found there."""

    NOTHING = "nothing"
    CAMPAIGN = "campaign"
    COMMITTEE = "committee"
    EXPERT = "expert"
    RIGHT = "right"
    COVER = "cover"
    ADDRESS = "address"
    REGISTER = "register"
    MONEY = "money"
    LETTER = "letter"
    PAPER = "paper"
    ACCOUNT = "account"
    BULK = "bulk"
    REQUEST = "request"
    """A request that waits for its second person: who may is asked of the operation requested."""


class SecondPerson(StrEnum):
    """Whether another human has to confirm before anything is done."""

    NEVER = "never"
    ALWAYS = "always"
    WHERE_WEIGHTY = "where_weighty"
    """It depends on what is stated: a right of weight, another's address, a second directory."""


@dataclass(frozen=True)
class Operation:
    """One row: kind, payload, what it is about, who may, and what it needs besides.

    `weighty`: only a human whose ID number the directory has. `own_matter`: also in a matter of
    one's own. `within`: how long a request waits for its second person.
    """

    kind: str
    payload: type[BaseModel]
    about: About
    who: tuple[Stands, ...]
    weighty: bool = False
    second: SecondPerson = SecondPerson.NEVER
    own_matter: bool = False
    within: timedelta = timedelta(hours=48)


_PUBLISHERS = (Stands.OPERATIONS, Stands.OFFICE_SUPERVISOR, Stands.CITY_SUPERVISOR)
_KEEPERS = (Stands.OPERATIONS, Stands.OFFICE, Stands.CITY_OFFICE)
_ABOVE = (Stands.OPERATIONS, Stands.SUPERIOR, Stands.OWN_SUPERVISOR)
_MACHINE = (Stands.OPERATIONS,)
_CASHIERS = (Stands.OFFICE,)
_STOPPERS = (Stands.SELF, Stands.OWN, Stands.OPERATIONS)
_ANSWERERS: tuple[Stands, ...] = ()

_ROWS = (
    Operation(
        "publish_campaign", payloads.StatedCampaign, About.CAMPAIGN, _PUBLISHERS, weighty=True
    ),
    Operation(
        "amend_campaign",
        payloads.StatedCampaign,
        About.CAMPAIGN,
        _PUBLISHERS,
        weighty=True,
        second=SecondPerson.ALWAYS,
    ),
    Operation("load_calendar", payloads.StatedYears, About.NOTHING, _MACHINE, weighty=True),
    Operation(
        "amend_calendar",
        payloads.StatedYears,
        About.NOTHING,
        _MACHINE,
        weighty=True,
        second=SecondPerson.ALWAYS,
    ),
    Operation(
        "import_directory",
        payloads.StatedDirectory,
        About.NOTHING,
        _MACHINE,
        weighty=True,
        second=SecondPerson.WHERE_WEIGHTY,
    ),
    Operation(
        "import_committee", payloads.StatedCommittee, About.COMMITTEE, _KEEPERS, weighty=True
    ),
    Operation("retire_expert", payloads.StatedRetirement, About.EXPERT, _KEEPERS, weighty=True),
    Operation(
        "grant",
        payloads.StatedGrant,
        About.RIGHT,
        _ABOVE,
        weighty=True,
        second=SecondPerson.WHERE_WEIGHTY,
    ),
    Operation(
        "revoke_grant",
        payloads.StatedGrant,
        About.RIGHT,
        (*_ABOVE, Stands.SELF),
        second=SecondPerson.WHERE_WEIGHTY,
        own_matter=True,
    ),
    # Who leads, or whoever is above, names the deputy, and another of them confirms it; whoever is named
    # does neither. It is ended at once by either of the two, and by who may name.
    Operation(
        "name_deputy",
        payloads.StatedCover,
        About.COVER,
        _ABOVE,
        weighty=True,
        second=SecondPerson.ALWAYS,
    ),
    Operation(
        "end_deputy",
        payloads.StatedCoverEnd,
        About.COVER,
        (*_ABOVE, Stands.SELF),
        own_matter=True,
    ),
    Operation("enter_bar", payloads.StatedBar, About.REGISTER, _KEEPERS, weighty=True),
    Operation(
        "lift_bar",
        payloads.StatedBar,
        About.REGISTER,
        _KEEPERS,
        weighty=True,
        second=SecondPerson.ALWAYS,
    ),
    Operation("record_integrity", payloads.StatedRecord, About.REGISTER, _KEEPERS, weighty=True),
    Operation(
        "correct_integrity",
        payloads.StatedCorrection,
        About.REGISTER,
        _KEEPERS,
        weighty=True,
        second=SecondPerson.ALWAYS,
    ),
    Operation("import_payments", payloads.StatedLines, About.MONEY, _CASHIERS),
    Operation("settle_payments", payloads.StatedAnswers, About.MONEY, _CASHIERS),
    Operation("resolve_payment", payloads.StatedResolution, About.MONEY, _CASHIERS, weighty=True),
    Operation(
        "record_outside_application",
        payloads.StatedOutside,
        About.REGISTER,
        _KEEPERS,
        weighty=True,
    ),
    # The shorter word of the scenario files.
    Operation(
        "outside_application", payloads.StatedOutside, About.REGISTER, _KEEPERS, weighty=True
    ),
    Operation(
        "resend_letter", payloads.StatedNotice, About.LETTER, (Stands.OPERATIONS, Stands.OFFICE)
    ),
    Operation(
        "change_address",
        payloads.StatedAddress,
        About.ADDRESS,
        (Stands.SELF, Stands.OWN, Stands.SUPERIOR, Stands.OPERATIONS),
        second=SecondPerson.WHERE_WEIGHTY,
        own_matter=True,
    ),
    Operation(
        "choose_letters",
        payloads.StatedRhythm,
        About.ADDRESS,
        (Stands.SELF, Stands.OWN, Stands.OPERATIONS),
        own_matter=True,
    ),
    Operation(
        "change_person",
        payloads.StatedPersonChange,
        About.REGISTER,
        _KEEPERS,
        weighty=True,
        second=SecondPerson.ALWAYS,
    ),
    Operation(
        "dismiss_failed_operation", payloads.StatedDismissal, About.NOTHING, _MACHINE, weighty=True
    ),
    # Whoever invites hands out the key to act as somebody: for a person of weight that takes two. One's
    # own too: of the first two operators each asks for himself, and the other confirms.
    Operation(
        "invite_account",
        payloads.StatedInvitation,
        About.ACCOUNT,
        _ABOVE,
        weighty=True,
        second=SecondPerson.WHERE_WEIGHTY,
        own_matter=True,
    ),
    Operation(
        "reset_account",
        payloads.StatedReset,
        About.ACCOUNT,
        _ABOVE,
        weighty=True,
        second=SecondPerson.WHERE_WEIGHTY,
        own_matter=True,
    ),
    # At once, and by oneself too: a lost key is taken back faster than two people meet.
    Operation(
        "disable_account",
        payloads.StatedAccount,
        About.ACCOUNT,
        (*_ABOVE, Stands.SELF),
        own_matter=True,
    ),
    # It goes on in the name of who prepared it, and by that person alone; the others of the
    # organisation confirm it, and stop it, as operators do.
    Operation(
        "start_bulk",
        payloads.StatedBulkStart,
        About.BULK,
        (Stands.SELF, Stands.OWN),
        second=SecondPerson.WHERE_WEIGHTY,
    ),
    Operation("pause_bulk", payloads.StatedBulk, About.BULK, _STOPPERS),
    Operation("resume_bulk", payloads.StatedBulk, About.BULK, (Stands.SELF,)),
    Operation("recall_bulk", payloads.StatedBulk, About.BULK, _STOPPERS),
    Operation("retry_bulk", payloads.StatedBulk, About.BULK, (Stands.SELF,)),
    Operation("close_realm", payloads.StatedNothing, About.NOTHING, _MACHINE),
    Operation("set_realm_time", payloads.StatedTime, About.NOTHING, _MACHINE),
    Operation("render_paper", payloads.StatedPaper, About.PAPER, (Stands.READER,), own_matter=True),
    Operation(
        "seal_withdrawals",
        payloads.StatedNothing,
        About.REGISTER,
        (Stands.CITY_OFFICE,),
        weighty=True,
    ),
    Operation("confirm_request", payloads.StatedReply, About.REQUEST, _ANSWERERS, weighty=True),
    Operation("decline_request", payloads.StatedReply, About.REQUEST, _ANSWERERS, weighty=True),
    Operation("withdraw_request", payloads.StatedReply, About.REQUEST, _ANSWERERS, weighty=True),
)

OPERATION_CATALOGUE: dict[str, Operation] = {row.kind: row for row in _ROWS}
