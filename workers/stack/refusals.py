"""Why a stack does not start, in words for the person who typed the command."""

from __future__ import annotations

EXIT_REFUSED, EXIT_UNAVAILABLE = 3, 5


class StackRefusedError(Exception):
    """The stack will not start as it is; ``str()`` is Chinese: what, why, what next.

    Attributes:
        code: stable snake_case: ``stack_running``, ``keys_missing``, ``port_taken``,
            ``replay_broken``, ``no_plain_user``.
    """

    exit_code = EXIT_REFUSED

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class StackFailedError(StackRefusedError):
    """A part did not come up or keeps dying (``part_failed``); the folder takes nothing (``folder_unusable``)."""

    exit_code = EXIT_UNAVAILABLE
