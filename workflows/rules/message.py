"""The base of every value that crosses Temporal, and the product's one time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Asia/Shanghai as a fixed offset: no daylight saving since 1991, and no zone file to read."""


T = TypeVar("T")


class Message(BaseModel):
    """A frozen value; unknown fields are ignored so that old and new code can both read it.

    What reads and writes a model is made when the model is first used: a command line imports two
    hundred and uses ten. A worker makes all of them ready at its start (`make_ready`).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class State(BaseModel):
    """A part of a case's state: mutable, so that a rule can move a copy of it."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


def make_ready() -> None:
    """Make what reads and writes every model that is there, so that no workflow waits for it."""
    waiting: list[type[BaseModel]] = [Message, State]
    while waiting:
        model = waiting.pop(0)  # as they were written: a part before what has it
        waiting += model.__subclasses__()
        if not model.__pydantic_complete__:
            model.model_rebuild()


def copy_of(value: T) -> T:
    """A copy to work on: what can change is copied; values are frozen and shared."""
    copied: Any = value
    if isinstance(value, State):
        parts = {name: copy_of(part) for name, part in value.__dict__.items()}
        copied = value.model_copy(update=parts)
    elif isinstance(value, list):
        copied = [copy_of(part) for part in value]
    elif isinstance(value, dict):
        copied = {key: copy_of(part) for key, part in value.items()}
    elif isinstance(value, set):
        copied = set(value)
    return cast("T", copied)


def local(moment: datetime) -> datetime:
    """The same instant on Beijing's clock; a naive date-time is taken as Beijing time."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=BEIJING)
    return moment.astimezone(BEIJING)


def local_date(moment: datetime) -> date:
    """The Beijing calendar day of an instant."""
    return local(moment).date()


def start_of(day: date) -> datetime:
    """00:00 Beijing time of a day."""
    return datetime.combine(day, time(0), BEIJING)


def end_of(day: date) -> datetime:
    """24:00 Beijing time of a day, which is 00:00 of the next."""
    return start_of(day + timedelta(days=1))
