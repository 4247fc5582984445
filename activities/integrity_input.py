"""What is stated to the integrity register; who is meant is never shown in an error."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from activities.integrity import Subject
from workflows.rules.days import Day
from workflows.rules.text import Line, Prose

LONGEST_YEARS = 30
"""No text knows a longer bar; a longer one is a slip of the keyboard."""


class StatedPerson(BaseModel):
    """Somebody meant by id, or by ID number where there is no row of the person yet."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    person: Line = ""
    id_number: Line = ""


class StatedBar(StatedPerson):
    """A 影响期: up to and including `ends_on`, or so many years.

    `number` names one to be lifted; without it all of the person are.
    """

    number: int | None = None
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

    subject: Subject
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

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    what: Literal["bar", "record"]
    number: int
    reason: Prose = ""
    withdrawn: bool = False
    starts_on: Day | None = None
    ends_on: Day | None = None
    subject: Subject | None = None
    conduct: Prose = ""
    organisation: Line = ""
    document: Line = ""
    decided_by: Prose = ""
    decided_on: Day | None = None
    keep_until: Day | None = None
