"""Short references people type: a part of an id, a number, and what they may mean."""

from __future__ import annotations


class AmbiguousReferenceError(Exception):
    """A short reference fits several cases or meetings; `candidates` are their ids."""

    def __init__(self, reference: str, candidates: tuple[str, ...]) -> None:
        super().__init__(reference)
        self.candidates = candidates


def the_one(reference: str, ids: tuple[str, ...]) -> str | None:
    """The id that is meant: the exact one, or the only one that fits; None where none does.

    Raises:
        AmbiguousReferenceError: several fit, and none exactly.
    """
    if len(ids) > 1 and ids[0] != reference:
        raise AmbiguousReferenceError(reference, ids)
    return ids[0] if ids else None
