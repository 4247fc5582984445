"""How activities fail: what must never be retried is said here, everything else is retried."""

from __future__ import annotations

import asyncpg
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.database import AWAY, CONTENT
from workflows.calls import DOES_NOT_FOLLOW, NEVER_TAKEN

STEP_GAP, STEP_CONFLICT = DOES_NOT_FOLLOW
NOT_FOUND = "not_found"


def step_conflict(application: str, seq: int) -> ApplicationError:
    """The record has another step under this number: a person must look (design.md 7)."""
    return ApplicationError(
        f"{application} has another step {seq}", type=STEP_CONFLICT, non_retryable=True
    )


def step_gap(application: str, seq: int, last: int) -> ApplicationError:
    """A step is missing between the record's last and this one."""
    return ApplicationError(
        f"{application} stands at step {last}, cannot record {seq}",
        type=STEP_GAP,
        non_retryable=True,
    )


def not_found(what: str, name: str) -> ApplicationError:
    """Something named does not exist, and asking again will not make it."""
    return ApplicationError(
        f"no {what} {name}",
        {"what": what, "name": name},
        type=NOT_FOUND,
        non_retryable=True,
        category=ApplicationErrorCategory.BENIGN,
    )


TAKEN_ALREADY = (asyncpg.UniqueViolationError, asyncpg.ExclusionViolationError)
"""Somebody was first: the next attempt finds what is there, unless the content itself is in its way."""
ATTEMPTS_WHEN_TAKEN = 3


def never_taken(error: BaseException, attempt: int) -> ApplicationError | None:
    """The failure of an attempt whose repetition changes nothing; None where it may.

    The message names the kind and the rule of the database, never a value: values name people.

    Args:
        attempt: the number of this attempt, 1 for the first.
    """
    content = isinstance(error, CONTENT) or _before_it_was_asked(error)
    if not content and not (isinstance(error, TAKEN_ALREADY) and attempt >= ATTEMPTS_WHEN_TAKEN):
        return None
    rule = getattr(error, "constraint_name", None) or ""
    told = f"{type(error).__name__} {rule}".strip()
    return ApplicationError(told, {"error": told}, type=NEVER_TAKEN, non_retryable=True)


def of_ours(error: Exception, attempt: int) -> str | None:
    """The kind of an error that is nobody's but ours: no repetition of it changes anything.

    None for what the world does (a database or a disk that is away): that is tried again.
    """
    taken = never_taken(error, attempt)
    if taken is not None:
        return taken.message
    away = isinstance(error, (*AWAY, TimeoutError))
    return None if away else type(error).__name__


def _before_it_was_asked(error: BaseException) -> bool:
    """The driver's own no to a value; it shares its kind with what is wrong about an address."""
    stated = isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)
    return stated and not isinstance(error, asyncpg.ClientConfigurationError)
