"""How activities fail: what must never be retried is said here, everything else is retried."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

STEP_CONFLICT = "step_conflict"
STEP_GAP = "step_gap"
NOT_FOUND = "not_found"
BAD_INPUT = "bad_input"


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


def bad_input(reference: str) -> ApplicationError:
    """A stored input is not what the operation needs; never says what it was (it names people)."""
    return ApplicationError(
        f"stored input {reference} cannot be used", type=BAD_INPUT, non_retryable=True
    )
