"""Which errors are the world's and tried again, and which are ours and answered."""

from __future__ import annotations

import asyncpg
import pytest

from activities.failures import of_ours


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.ConnectionDoesNotExistError("gone"),
        asyncpg.InterfaceError("connection is closed"),
        # What the driver says of a connection that the dying server had a last word for.
        asyncpg.InternalClientError(
            "cannot switch to state 12; another operation (2) is in progress"
        ),
        ConnectionRefusedError(),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_database_that_is_away_is_no_fault_of_ours(error: Exception) -> None:
    """Else an operation would be answered `needs_operator`, and a letter be given up, for a restart."""
    assert of_ours(error, 1) is None


def test_a_slip_of_our_own_is_told_and_not_tried_again() -> None:
    assert of_ours(KeyError("x"), 1) == "KeyError"
